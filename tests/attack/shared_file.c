/* none: succeeds: secret; keys: succeeds: secret; full: fails "EACCES" */
#define ATTACK_OPENS
#include "attack.h"

/* One file, mapped twice: here to be executed, there to be written to. */
int main(void)
{
	int fd = file_with(open_all + OPEN_ALL_SIZE - 1, 1);
	char *code = map(1, PROT_READ | PROT_EXEC, MAP_SHARED, fd), *alias = map(1, PROT_READ | PROT_WRITE, MAP_SHARED, fd);

	((void (*)(void))code)();
	memcpy(alias, open_all, OPEN_ALL_SIZE);
	steal_after(code, 0);
	return 0;
}
