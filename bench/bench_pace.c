/*
 * Is the core ours alone at this moment? Another hyperthread of a busy host
 * takes no CPU time from us that anybody would report, but up to half the
 * speed: a loop that keeps every adder busy shows it. All else may change with
 * it, in either direction (a core of a host with IBRS: alone, a null call takes
 * 715 ns, 820 to 1,000 with a neighbour; a predicted indirect call 11 ns, and 2
 * with a neighbour), so that rows measured now so and now so cannot be compared.
 * Cores have different neighbours: a run has the CPU that is ours alone, if one is.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <sched.h>
#include <time.h>
#include <x86intrin.h>

#define LAPS 20000  /* some 20 us */
#define SLOW 1.15   /* of the fastest pace so far */
#define NAP_NS 1000000

_Static_assert(BENCH_CPUS == CPU_SETSIZE, "");

static void add(void)
{
	for (int i = 0; i < LAPS; i++)
		__asm__ volatile("add $1, %%rax; add $1, %%rcx; add $1, %%rdx; add $1, %%rsi\n"
				 "add $1, %%rdi; add $1, %%r8; add $1, %%r9; add $1, %%r10"
				 : : : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "cc");
}

/* The least of a few laps, because an interrupt is no pace, against the least ever. */
bool bench_is_alone(void)
{
	static uint64_t fastest = UINT64_MAX;
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < 5; i++) {
		uint64_t start = __rdtsc(), t;

		add();
		t = __rdtsc() - start;
		least = t < least ? t : least;
	}
	fastest = least < fastest ? least : fastest;
	return (double)least <= SLOW * (double)fastest;
}

/* The CPUs that we may have, and those that runs were given. */
static cpu_set_t offered, used;

static bool move_to(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	return sched_setaffinity(0, sizeof one, &one) == 0;
}

bool bench_pin(void)
{
	return sched_getaffinity(0, sizeof offered, &offered) == 0 && move_to(sched_getcpu());
}

bool bench_used(int cpu)
{
	return CPU_ISSET(cpu, &used);
}

/* Is there a CPU that is ours alone? We are on it then. */
static bool find_alone(void)
{
	if (bench_is_alone())
		return true;
	for (int cpu = 0; cpu < BENCH_CPUS; cpu++)
		if (CPU_ISSET(cpu, &offered) && cpu != sched_getcpu() && move_to(cpu) && bench_is_alone())
			return true;
	return false;
}

void bench_await_alone(uint64_t *patience)
{
	const struct timespec nap = { 0, NAP_NS };

	for (; !find_alone() && *patience > NAP_NS; *patience -= NAP_NS)
		nanosleep(&nap, NULL);
	CPU_SET(sched_getcpu(), &used);
}
