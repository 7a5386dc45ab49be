/*
 * peer_st: State Threads, two threads that hand over to each other by condition variables (st_cond_signal, st_cond_wait:
 * 1.9 has no yield).
 */
#include <st.h>

#include "measure.h"

static st_cond_t mine, others;

static void *other(void *nothing)
{
	for (;;) {
		st_cond_signal(mine);
		st_cond_wait(others);
	}
	return nothing;
}

static long handovers(long n)
{
	for (long i = 0; i < n; i += 2) {
		st_cond_signal(others);
		st_cond_wait(mine); /* the other runs and signals back: two switches */
	}
	return n + n % 2;
}

int main(void)
{
	if (st_init() != 0 || !(mine = st_cond_new()) || !(others = st_cond_new()) ||
	    !st_thread_create(other, NULL, 0, 0))
		measure_fail("State Threads");
	measure(handovers);
	return 0;
}
