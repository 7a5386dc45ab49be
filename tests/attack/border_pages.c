/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: WRPKRU" */
#define ATTACK_OPENS
#include "attack.h"

/* WRPKRU begins on one page and ends on the next, which becomes executable first, by a request of its own. */
int main(void)
{
	char *p = map(2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1), *code = p + PAGE - OPENS_FROM;

	memcpy(code, open_all, OPEN_ALL_SIZE);
	protect(p + PAGE, 1, PROT_READ | PROT_EXEC);
	protect(p, 1, PROT_READ | PROT_EXEC);
	steal_after(code, 0);
	return 0;
}
