/* none: fails "no slot"; keys: fails "no slot"; full: fails "brk: refused" */
#include "slots.h"

#define HEAP (4ul << 20)

/* Slots that lie in the heap, which then becomes smaller: code of its own comes to where the check of an XRSTOR was. */
int main(void)
{
	char *heap = (char *)raw(SYS_brk, 0, 0, 0, 0, 0, 0);
	unsigned char *slots, *border, *xrstor, *mine, copy[PAGE];

	raw(SYS_brk, (long)heap + (long)HEAP, 0, 0, 0, 0, 0);
	heap = (char *)(((uintptr_t)heap + PAGE - 1) & -PAGE);
	munmap(heap + PAGE, HEAP - 2 * PAGE);
	slots = slots_of(map_text(heap + HEAP / 4));
	if (!slots)
		return say("no slot\n"), 0;
	xrstor = across(slots, &border);
	if (xrstor)
		put_behind(copy, xrstor, border);
	if (raw(SYS_brk, (long)border, 0, 0, 0, 0, 0) != (long)border)
		return say("brk: refused\n"), 0;
	mine = mmap(border, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	if (mine != border || !xrstor)
		return say("cut, %s\n", strerrorname_np(errno)), 0;
	memcpy(mine, copy, sizeof copy);
	protect(mine, 1, PROT_READ | PROT_EXEC);
	steal_across(xrstor, border);
	return 0;
}
