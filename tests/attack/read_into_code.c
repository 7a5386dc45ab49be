/* none: succeeds: secret; keys: succeeds: secret; full: ends "killed: WRPKRU" */
#define ATTACK_OPENS
#include "attack.h"

/* The kernel itself is asked to write into memory that is being executed: by read(2). */
int main(void)
{
	char *p = map(1, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	int fd = file_with(open_all, OPEN_ALL_SIZE);

	p[0] = (char)0xc3;
	((void (*)(void))p)();
	if (pread(fd, p, OPEN_ALL_SIZE, 0) != OPEN_ALL_SIZE)
		return say("pread: %s\n", strerrorname_np(errno)), 0;
	steal_after(p, 0);
	return 0;
}
