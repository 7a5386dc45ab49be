/* none: succeeds: secret; keys: succeeds: secret; full: fails "EACCES" */
#define ATTACK_OPENS
#include "attack.h"

/* The same of memory without a name; the second mapping gets its rights by mprotect. */
int main(void)
{
	int fd = memfd_create("code", 0);
	char *code, *alias;

	if (fd < 0 || ftruncate(fd, (off_t)PAGE))
		return 2;
	alias = map(1, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	alias[0] = (char)0xc3;
	code = map(1, PROT_READ, MAP_SHARED, fd);
	protect(code, 1, PROT_READ | PROT_EXEC);
	((void (*)(void))code)();
	memcpy(alias, open_all, OPEN_ALL_SIZE);
	steal_after(code, 0);
	return 0;
}
