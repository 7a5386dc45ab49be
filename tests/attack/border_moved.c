/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: WRPKRU" */
#define ATTACK_OPENS
#include "attack.h"

/* The same of two pages that are executable already, and are moved side by side. */
int main(void)
{
	char *p = map(6, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1), *far = p + 4 * PAGE, *code = p + PAGE - OPENS_FROM;

	memcpy(code, open_all, OPENS_FROM);
	memcpy(far, open_all + OPENS_FROM, OPEN_ALL_SIZE - OPENS_FROM);
	protect(p, 1, PROT_READ | PROT_EXEC);
	protect(far, 1, PROT_READ | PROT_EXEC);
	if (mremap(far, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + PAGE) == MAP_FAILED)
		return say("mremap: %s\n", strerrorname_np(errno)), 0;
	steal_after(code, 0);
	return 0;
}
