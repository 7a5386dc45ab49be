/* nap MS NAME: says that it falls asleep, sleeps, says that it is awake. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv)
{
	long ms = argc > 1 ? atol(argv[1]) : 100;
	const char *name = argc > 2 ? argv[2] : "nap";
	struct timespec length = {ms / 1000, ms % 1000 * 1000000};

	dprintf(1, "%s asleep\n", name);
	if (nanosleep(&length, NULL)) {
		perror(name);
		return 1;
	}
	dprintf(1, "%s awake\n", name);
	return 0;
}
