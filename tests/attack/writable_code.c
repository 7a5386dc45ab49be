/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: WRPKRU" */
#define ATTACK_OPENS
#include "attack.h"

/* As a JIT compiler does: all rights at once. */
int main(void)
{
	char *p = map(1, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	memcpy(p, open_all, OPEN_ALL_SIZE);
	steal_after(p, 0);
	return 0;
}
