/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: WRPKRU" */
#define ATTACK_OPENS
#include "attack.h"

/* Executed while it is innocent, and changed then. */
int main(void)
{
	char *p = map(1, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	p[0] = (char)0xc3;
	((void (*)(void))p)();
	memcpy(p, open_all, OPEN_ALL_SIZE);
	steal_after(p, 0);
	return 0;
}
