/* yield: prints a line, gives the CPU away, N times. The letter is the process: A is pid 2. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char *end = "", line[64];
	long times = argc > 1 ? strtol(argv[1], &end, 10) : 3;
	int letter = 'A' + (getpid() + 24) % 26;

	if (argc > 2 || *end || times < 1) {
		dprintf(STDERR_FILENO, "usage: yield [N]\n");
		return 2;
	}
	for (long k = 1; k <= times; k++) {
		int n = snprintf(line, sizeof line, "%c %ld\n", letter, k);

		if (write(STDOUT_FILENO, line, (size_t)n) != n)
			return 1;
		sched_yield();
	}
}
