/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: WRPKRU" */
#define ATTACK_OPENS
#include "attack.h"

int main(void)
{
	char *p = map(1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	memcpy(p, open_all, OPEN_ALL_SIZE);
	protect(p, 1, PROT_EXEC);
	steal_after(p, 0);
	return 0;
}
