/* sleeper: sleeps MS milliseconds, prints a line, TIMES times. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* A count in TEXT, or -1. */
static long count(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	return end == text || *end || n < 0 || n > 1000000000 ? -1 : n;
}

int main(int argc, char **argv)
{
	long ms = argc > 1 ? count(argv[1]) : 100;
	long times = argc > 2 ? count(argv[2]) : 3;
	char line[64];

	if (argc > 3 || ms < 0 || times < 1) {
		dprintf(STDERR_FILENO, "usage: sleeper [MS [TIMES]]\n");
		return 2;
	}
	for (long k = 1; k <= times; k++) {
		struct timespec left = {ms / 1000, ms % 1000 * 1000000};
		int n = snprintf(line, sizeof line, "sleeper %ld/%ld\n", k, times);

		while (nanosleep(&left, &left))
			if (errno != EINTR)
				return 1;
		if (write(STDOUT_FILENO, line, (size_t)n) != n)
			return 1;
	}
}
