/* none: fails "no slot"; keys: fails "no slot"; full: fails "mremap: EPERM" */
#include "slots.h"

/* Code of its own moved to the slots: to where the check of an XRSTOR is, if that lies on the next page. */
int main(void)
{
	unsigned char *slots = slots_of(map_text(free_room())), *border, *xrstor, *mine = map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	if (!slots)
		return say("no slot\n"), 0;
	xrstor = across(slots, &border);
	if (xrstor)
		put_behind(mine, xrstor, border);
	protect(mine, 1, PROT_READ | PROT_EXEC);
	if (mremap(mine, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, border) == MAP_FAILED)
		return say("mremap: %s\n", strerrorname_np(errno)), 0;
	if (xrstor)
		steal_across(xrstor, border);
	return say("moved\n"), 0;
}
