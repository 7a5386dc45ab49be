/* spin: computes without a system call, so only a timer can take the CPU from it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) != (ssize_t)strlen(text))
		_exit(1);
}

/* About 0.3 s at 3 GHz: each step waits 4 cycles for the one before; none can be skipped. */
static void compute(void)
{
	static volatile uint64_t result = 1;
	register uint64_t x = result;

	for (register long i = 0; i < 225 * 1000 * 1000; i++)
		x = x * 6364136223846793005u ^ x >> 32;
	result = x;
}

int main(int argc, char **argv)
{
	char *end = "", line[64];
	long times = argc > 1 ? strtol(argv[1], &end, 10) : 3;

	if (argc == 2 && !strcmp(argv[1], "forever"))
		for (say("spin forever\n");;)
			compute();
	if (argc > 2 || *end || times < 1)
		return dprintf(STDERR_FILENO, "usage: spin [N | forever]\n"), 2;
	for (long k = 1; k <= times; k++) {
		snprintf(line, sizeof line, "spin %ld/%ld\n", k, times);
		say(line);
		compute();
	}
}
