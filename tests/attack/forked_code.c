/* none: succeeds: secret; keys: ends "read of kernel memory"; full: ends "read of kernel memory" */
#define ATTACK_OPENS
#include "attack.h"

/* A child writes to what it has in common with its parent since fork(2): the parent's code is not to change. */
int main(void)
{
	char *code = map(32, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	int status;

	memset(code, 0xc3, 32 * PAGE);
	((void (*)(void))code)();
	if (fork() == 0) {
		memcpy(code, open_all, OPEN_ALL_SIZE);
		protect(code, 32, PROT_READ | PROT_WRITE);
		memcpy(code + 8 * PAGE, open_all, OPEN_ALL_SIZE);
		_exit(0);
	}
	wait(&status);
	((void (*)(void))(code + 8 * PAGE))();
	steal_after(code, 0);
	return 0;
}
