/*
 * pingpong yield|futex|pipe|stream threads|processes [N]: Linux, or uos, whose
 * guest this may be, switches between N (2) threads or processes that share one CPU. yield: sched_yield, by the
 * number of switches that took place (a yield need not be one); futex: wake
 * the other, wait; pipe: write a byte, read one. The cost is one way. stream: 64 KiB into a
 * pipe, as the other reads them; the cost is that of 64 KiB.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "measure.h"

static struct shared {
	volatile int last;          /* who ran last */
	volatile long switches;
	volatile int ready;         /* how many have begun */
	int turn;                   /* futex */
} *shared;
static int to[2], from[2];          /* pipes */

static void yield(int me)
{
	if (shared->last != me) {
		shared->last = me;
		shared->switches++;
	}
	sched_yield();
}

static void futex(int me)
{
	__atomic_store_n(&shared->turn, !me, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &shared->turn, FUTEX_WAKE, 1, NULL, NULL, 0);
	while (__atomic_load_n(&shared->turn, __ATOMIC_SEQ_CST) != me)
		syscall(SYS_futex, &shared->turn, FUTEX_WAIT, !me, NULL, NULL, 0);
}

static void byte(int write_to, int read_from)
{
	char c = 0;

	if (write(write_to, &c, 1) != 1 || read(read_from, &c, 1) != 1)
		measure_fail("pipe");
}

static long yields(long n)
{
	long before = shared->switches;

	while (shared->switches - before < n)
		yield(0);
	return shared->switches - before;
}

static long futexes(long n)
{
	for (long i = 0; i < n; i += 2)
		futex(0);
	return n + n % 2;
}

static long pipes(long n)
{
	for (long i = 0; i < n; i += 2)
		byte(to[1], from[0]);
	return n + n % 2;
}

static char block[65536];

static long streams(long n)
{
	char c;

	for (long i = 0; i < n; i++)
		if (write(to[1], block, sizeof block) != sizeof block || read(from[0], &c, 1) != 1)
			measure_fail("stream");
	return n;
}

/* Takes a block and says so, for ever. */
static void take_blocks(void)
{
	static char taken[sizeof block];

	for (;;) {
		size_t left = sizeof taken;

		while (left > 0) {
			ssize_t n = read(to[0], taken, left);

			if (n <= 0)
				return;
			left -= (size_t)n;
		}
		if (write(from[1], taken, 1) != 1)
			return;
	}
}

static const struct kind {
	const char *name;
	batch *measured;
} kinds[] = { { "yield", yields }, { "futex", futexes }, { "pipe", pipes }, { "stream", streams } };
static const struct kind *kind;

/* Everybody else, for ever: exits with the measuring process. */
static void *partner(void *number)
{
	int me = (int)(long)number;
	char c;

	shared->ready++; /* one CPU, and nobody is preempted within one instruction */
	while (kind->measured == yields)
		yield(me);
	while (kind->measured == pipes && read(to[0], &c, 1) == 1 && write(from[1], &c, 1) == 1)
		;
	if (kind->measured == streams)
		take_blocks();
	while (__atomic_load_n(&shared->turn, __ATOMIC_SEQ_CST) != 1)
		syscall(SYS_futex, &shared->turn, FUTEX_WAIT, 0, NULL, NULL, 0);
	while (kind->measured == futexes)
		futex(1);
	return number;
}

int main(int argc, char **argv)
{
	int n = argc > 3 ? atoi(argv[3]) : 2, threads = argc > 2 && !strcmp(argv[2], "threads");
	pid_t pids[128];
	pthread_t thread;

	for (size_t i = 0; argc > 1 && i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(argv[1], kinds[i].name))
			kind = &kinds[i];
	if (!kind || n < 2 || n > 128 || pipe(to) != 0 || pipe(from) != 0)
		return 2;
	shared = measure_shared(sizeof *shared);
	for (long i = 1; i < n; i++)
		if (threads) {
			if (pthread_create(&thread, NULL, partner, (void *)i) != 0)
				measure_fail("pthread_create");
		} else if ((pids[i - 1] = measure_fork()) == 0) {
			partner((void *)i);
		}
	while (shared->ready < n - 1)
		sched_yield();
	if (!threads)
		measure_partners(pids, n - 1);
	measure(kind->measured);
	return 0; /* PR_SET_PDEATHSIG ends the others */
}
