/* sites N: each kind of system call's surroundings N times (sites_code.S), says which came out right; then waits in some. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

typedef long site(long a, void *b, long c);

site site_before, site_behind, site_looped, site_looped_behind, site_red_zone, site_flags, site_relative_before, site_relative_behind,
	site_branch_behind, site_jump_behind, site_return_behind, site_call_behind, site_table, site_entered, site_enters,
	site_page_end, site_page_end_behind;

#define LOOP 10
#define FLAGS 0xad7 /* carry, parity, adjust, zero, sign, interrupt (always), overflow; and bit 1 */

static int wrong;

static void say(const char *name, int right)
{
	dprintf(1, "%s: %s\n", name, right ? "right" : "wrong");
	wrong |= !right;
}

static int repeat(site *s, long a, long wanted, int times)
{
	int right = 1;

	while (times-- > 0)
		right &= s(a, NULL, 0) == wanted;
	return right;
}

static int reads(int times)
{
	int pipes[2], right = pipe(pipes) == 0;
	char c;

	for (int i = 0; i < times; i++) {
		char out = (char)i;

		right &= write(pipes[1], &out, 1) == 1 && site_behind(pipes[0], &c, 1) == 1 && c == out;
	}
	close(pipes[1]);
	right &= site_behind(pipes[0], &c, 1) == 0;
	close(pipes[0]);
	return right & (site_behind(pipes[0], &c, 1) == EBADF);
}

/* ---- In the call while it is rewritten -------------------------------- */

static int held[2];
static volatile long before_it;

static void *wait_in_it(void *result)
{
	char c = 0;

	before_it = 1;
	*(long *)result = site_behind(held[0], &c, 1) == 1 && c == 'x';
	return NULL;
}

static int threads_wait(int times)
{
	long results[4] = { 0 };
	pthread_t threads[4];
	int right = pipe(held) == 0;

	for (int i = 0; i < 4; i++)
		right &= pthread_create(&threads[i], NULL, wait_in_it, &results[i]) == 0;
	right &= reads(times);
	right &= write(held[1], "xxxx", 4) == 4;
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		right &= (int)results[i];
	}
	return right;
}

/* ---- Signals at every instruction --------------------------------------- */

static volatile long handled, in_handler;

static void handler(int signal)
{
	(void)signal; /* it comes to any of the threads, and each may be interrupted here by another's */
	__atomic_fetch_add(&handled, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&in_handler, getppid() > 0, __ATOMIC_RELAXED);
}

static void interrupt_often(int on)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
	struct itimerval often = { { 0, on ? 200 : 0 }, { 0, on ? 200 : 0 } };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

/* Blocks until a signal comes, which the call returns for: the first that comes while it waits, not one before. */
static int interrupted_reads(void)
{
	const struct itimerval often = { { 0, 200 }, { 0, 200 } }, never = { { 0, 0 }, { 0, 0 } };
	struct sigaction action = { .sa_handler = handler };
	int pipes[2], right = pipe(pipes) == 0;
	char c;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < 40; i++)
		right &= site_behind(pipes[0], &c, 1) == EINTR;
	setitimer(ITIMER_REAL, &never, NULL);
	close(pipes[0]);
	close(pipes[1]);
	return right;
}

int main(int argc, char **argv)
{
	int n = argc > 1 ? atoi(argv[1]) : 100;
	long parent = getppid();

	interrupt_often(argc > 2);

	say("waiting in it", threads_wait(n)); /* first: nothing is rewritten yet */
	say("before", repeat(site_before, 0, parent, n));
	say("behind", reads(n));
	say("looped", repeat(site_looped, LOOP, LOOP * parent, n));
	say("looped behind", repeat(site_looped_behind, LOOP, LOOP * parent, n));
	say("red zone", repeat(site_red_zone, 0, 0, n));
	say("flags set", repeat(site_flags, FLAGS, FLAGS, n));
	say("flags clear", repeat(site_flags, 0x202, 0x202, n));
	say("relative behind", repeat(site_relative_behind, 0, parent, n));
	say("branch behind", repeat(site_branch_behind, 0, parent, n));
	say("jump behind", repeat(site_jump_behind, 0, parent, n));
	say("return behind", repeat(site_return_behind, 0, parent, n));
	say("call behind", repeat(site_call_behind, 0, parent, n));
	say("table", repeat(site_table, 0, parent, n));
	say("entered", repeat(site_entered, 0, parent, n) & repeat(site_enters, 7, 7, n));
	say("page end", repeat(site_page_end, 0, parent, n));
	say("page end behind", repeat(site_page_end_behind, 0, parent, n));
	say("relative before", repeat(site_relative_before, 0, 5, n > 100 ? 100 : n));
	interrupt_often(0);
	say("interrupted reads", interrupted_reads());
	say("handlers", handled >= 40 && in_handler == handled);
	return wrong;
}
