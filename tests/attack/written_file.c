/* none: succeeds: secret; keys: succeeds: secret; full: ends "read of kernel memory" */
#define ATTACK_OPENS
#include "attack.h"

/* write(2) to a file that is mapped executable, and was innocent then. */
int main(void)
{
	int fd = file_with(open_all + OPEN_ALL_SIZE - 1, 1);
	char *p = map(1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd);

	((void (*)(void))p)();
	if (pwrite(fd, open_all, OPEN_ALL_SIZE, 0) != OPEN_ALL_SIZE)
		return say("pwrite: %s\n", strerrorname_np(errno)), 0;
	steal_after(p, 0);
	return 0;
}
