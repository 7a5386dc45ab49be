/* none: succeeds: secret; keys: succeeds: secret; full: ends "read of kernel memory" */
#define ATTACK_OPENS
#include <sys/stat.h>

#include "attack.h"

/* A program that writes to the file which it runs from: a copy of this one, so that it may. */
__asm__(".pushsection .text\n.balign 64\nvictim_code:\tret\n.skip 63, 0x90\n.popsection");
extern const char victim_code[];
extern const char __executable_start[];

static int copy_and_run(char **argv)
{
	static char bytes[2 << 20];
	int from = open("/proc/self/exe", O_RDONLY), to = open("copy", O_WRONLY | O_CREAT | O_TRUNC, 0700);
	ssize_t n = read(from, bytes, sizeof bytes);

	if (n <= 0 || write(to, bytes, (size_t)n) != n)
		return 2;
	close(to);
	setenv("copied", "1", 1);
	execv("copy", argv);
	return 2;
}

int main(int argc, char **argv)
{
	int fd;

	(void)argc;
	if (!getenv("copied"))
		return copy_and_run(argv);
	((void (*)(void))victim_code)();
	fd = open("copy", O_RDWR);
	if (pwrite(fd, open_all, OPEN_ALL_SIZE, victim_code - __executable_start) != OPEN_ALL_SIZE)
		return say("pwrite: %s\n", strerrorname_np(errno)), 0;
	steal_after(victim_code, 0);
	return 0;
}
