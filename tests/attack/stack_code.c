/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: WRPKRU" */
#define ATTACK_OPENS
#include "attack.h"

int main(void)
{
	static char *page;
	char here[2 * PAGE];

	page = (char *)(((uintptr_t)here + PAGE - 1) & -PAGE);
	memcpy(page, open_all, OPEN_ALL_SIZE);
	protect(page, 1, PROT_READ | PROT_WRITE | PROT_EXEC);
	steal_after(page, 0);
	return 0;
}
