/*
 * ring LAPS BATCHES PROCESSES: one of a ring of processes that yield to one
 * another by the gate. The first (pid 2) measures; the others do as many laps.
 */
#include "guest.h"

static void laps(long n)
{
	while (n--)
		gate(SYS_sched_yield, 0, 0, 0);
}

int guest_main(int argc, char **argv)
{
	long n;

	if (argc < 4)
		return 2;
	n = (long)parse(argv[1]);
	if (gate(SYS_getpid, 0, 0, 0) == 2)
		guest_measure(laps, n, (uint64_t)n * parse(argv[3]), (int)parse(argv[2]), argc > 4 ? (int)parse(argv[4]) : 50);
	else
		laps(n * (long)(parse(argv[2]) + 1));
	return 0;
}
