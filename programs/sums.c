/* sums: adds up in integer, SSE and x87 registers, yields in between, checks the totals. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { STEPS = 10000, BATCHES = 10 };

/* One round of multiples of STEP, exact in every type; says what came out wrong, or NULL. */
static const char *wrong_in_round(long step)
{
	const long all = STEPS * BATCHES, expected = all * (all + 1) / 2 * step;
	long double x87 = 0;
	double sse = 0;
	long i = 0;

	errno = (int)step;
	for (long k = 1; k <= all; k++) {
		i += k * step, sse += 0.5 * (double)(k * step), x87 += 0.25L * (long double)(k * step);
		if (k % STEPS == 0)
			sched_yield();
	}
	return i != expected ? "integer sum" : sse * 2 != (double)expected ? "SSE sum" :
	       x87 * 4 != (long double)expected ? "x87 sum" : errno != step ? "errno" : NULL;
}

int main(int argc, char **argv)
{
	char *end = "";
	long rounds = argc > 1 ? strtol(argv[1], &end, 10) : 100;

	if (argc > 2 || *end || rounds < 1)
		return dprintf(STDERR_FILENO, "usage: sums [ROUNDS]\n"), 2;
	for (const char *wrong; rounds > 0; rounds--)
		if ((wrong = wrong_in_round(getpid() % 100 + 1))) /* neighbours add other numbers */
			return dprintf(STDERR_FILENO, "sums: wrong %s\n", wrong), 1;
	return write(STDOUT_FILENO, "sums: ok\n", 9) == 9 ? 0 : 1;
}
