/* none: succeeds: secret; keys: succeeds: secret; full: ends "SIGTRAP" */
#define ATTACK_OPENS
#include "attack.h"

/* The host's own C library has a function that writes PKRU: pkey_set(0, 0), all rights for key 0, the kernel's. */
int main(void)
{
	steal_called((void *)at("libc_pkey_set"), 0, NULL);
	return 0;
}
