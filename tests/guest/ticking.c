/*
 * A handler of SIGALRM, a thousand times a second, that uses every kind of register, in a program that computes with all of
 * them: is the result the same as undisturbed? ticking N: so many times. Ends when there were ticks enough.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#define ROUNDS 2000000
#define LANES 8
#define TICKS_LEAST 30

static volatile unsigned ticks;
static volatile double seen;
static volatile long double seen_long;

typedef double vector __attribute__((vector_size(32)));

#define KINDS __attribute__((target_clones("default", "avx2", "arch=skylake-avx512"), noinline))

KINDS static double disturb(double from)
{
	vector v[LANES];
	double sum = 0;

	for (int i = 0; i < LANES; i++)
		v[i] = (vector){ from, from + i, from * i, 1 } * 3.25;
	for (int i = 0; i < LANES; i++)
		sum += v[i][i % 4];
	return sum;
}

static void on_alarm(int signal)
{
	(void)signal;
	ticks++;
	seen = disturb(ticks);
	seen_long = (long double)ticks * 1.5L;
}

KINDS static uint64_t work(void)
{
	vector v[LANES];
	long double x = 1;
	uint64_t hash = 0, word;
	double rounded;

	for (int i = 0; i < LANES; i++)
		v[i] = (vector){ i + 1, i + 2, i + 3, i + 4 };
	for (long n = 0; n < ROUNDS; n++) {
		for (int i = 0; i < LANES; i++)
			v[i] = v[i] * 0.999999 + 0.5;
		x = x * 0.9999L + 1;
	}
	for (int i = 0; i < LANES; i++)
		for (int j = 0; j < 4; j++) {
			memcpy(&word, (char *)&v[i] + j * sizeof word, sizeof word);
			hash = hash * 31 + word;
		}
	rounded = (double)x;
	memcpy(&word, &rounded, sizeof word);
	return hash ^ word;
}

int main(int argc, char **argv)
{
	struct sigaction a = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct itimerval every_ms = { { 0, 1000 }, { 0, 1000 } };
	int times = argc > 1 ? atoi(argv[1]) : 1;
	uint64_t wanted = work();

	sigaction(SIGALRM, &a, NULL);
	setitimer(ITIMER_REAL, &every_ms, NULL);
	for (int i = 0; i < times || ticks < TICKS_LEAST; i++)
		if (work() != wanted) {
			dprintf(1, "another result after %u ticks\n", ticks);
			return 1;
		}
	dprintf(1, "the result is %lx\n", wanted);
	return 0;
}
