/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: WRPKRU" */
#define ATTACK_OPENS
#include "attack.h"

/* Linked with -z execstack: the stack may be executed from the beginning. */
int main(void)
{
	unsigned char code[64];

	memcpy(code, open_all, OPEN_ALL_SIZE);
	steal_after(code, 0);
	return 0;
}
