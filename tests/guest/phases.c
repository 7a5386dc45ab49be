/*
 * phases STEP...: does each in turn. cN: computes, N million turns of a loop. sN: sleeps N ms. mN: touches N MiB and
 * gives them back. y: yields. wTEXT: writes TEXT on a line.
 */
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

static void compute(long millions)
{
	for (long i = 0; i < millions * 1000000; i++)
		__asm__ volatile("");
}

static int touch(long megabytes)
{
	size_t length = (size_t)megabytes << 20;
	char *p = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -1;
	memset(p, 1, length);
	return munmap(p, length);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		long n = atol(argv[i] + 1);
		struct timespec time = { n / 1000, n % 1000 * 1000000 };

		if (*argv[i] == 'c')
			compute(n);
		else if (*argv[i] == 's')
			nanosleep(&time, NULL);
		else if (*argv[i] == 'y')
			sched_yield();
		else if (*argv[i] == 'w')
			dprintf(1, "%s\n", argv[i] + 1);
		else if (*argv[i] != 'm' || touch(n) != 0)
			return 1;
	}
	return 0;
}
