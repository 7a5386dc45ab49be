/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: WRPKRU" */
#define ATTACK_OPENS
#include "attack.h"

/* Executable memory that grows over what was written elsewhere: a file, whose second page was not looked at when the first was mapped. */
int main(void)
{
	int fd = file_with(open_all + OPEN_ALL_SIZE - 1, 1);
	char *p, *q;

	if (pwrite(fd, open_all, OPEN_ALL_SIZE, PAGE) != OPEN_ALL_SIZE)
		return 2;
	p = map(1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd);
	((void (*)(void))p)();
	q = mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE);
	if (q == MAP_FAILED)
		return say("mremap: %s\n", strerrorname_np(errno)), 0;
	steal_after(q + PAGE, 0);
	return 0;
}
