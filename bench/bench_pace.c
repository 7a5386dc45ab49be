/*
 * How fast the core is at this moment. Another hyperthread of a busy host
 * takes no CPU time from us that anybody would report, but up to half the
 * speed, for a second or for a minute: a loop that keeps every adder busy
 * shows it. What it does with branch prediction and with store bypass (IBRS,
 * STIBP, SSBD: in its kernel, or always) can hold for the whole core, and each
 * call takes two or three times as long: a loop of calls shows that. Cores have
 * different neighbours: so a run has the CPU that is at full speed, if one is.
 */
#define _GNU_SOURCE
#include "bench.h"

#include <sched.h>
#include <time.h>
#include <x86intrin.h>

#define LAPS 20000  /* some 20 us */
#define SLOW 1.15   /* of the fastest pace so far */
#define PATIENCE_NS 1200000000 /* a round, for waiting and repeating together */
#define NAP_NS 5000000

_Static_assert(BENCH_CPUS == CPU_SETSIZE, "");

static uint64_t patience;

static void add(void)
{
	for (int i = 0; i < LAPS; i++)
		__asm__ volatile("add $1, %%rax; add $1, %%rcx; add $1, %%rdx; add $1, %%rsi\n"
				 "add $1, %%rdi; add $1, %%r8; add $1, %%r9; add $1, %%r10"
				 : : : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "cc");
}

__attribute__((noinline)) static void leaf(void)
{
	__asm__ volatile("");
}

static void call(void)
{
	for (int i = 0; i < LAPS; i++)
		leaf();
}

/* The least of a few laps, because an interrupt is no pace, against the least ever. */
static bool slower(void (*lap)(void), uint64_t *fastest)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < 5; i++) {
		uint64_t start = __rdtsc(), t;

		lap();
		t = __rdtsc() - start;
		least = t < least ? t : least;
	}
	*fastest = least < *fastest ? least : *fastest;
	return (double)least > SLOW * (double)*fastest;
}

static bool slow(void)
{
	static uint64_t fastest_add = UINT64_MAX, fastest_call = UINT64_MAX;

	return slower(add, &fastest_add) | slower(call, &fastest_call);
}

void bench_pace_round(void)
{
	patience += PATIENCE_NS;
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

/* Is there a CPU at full speed? We are on it then. */
static bool find_fast(void)
{
	if (!slow())
		return true;
	for (int cpu = 0; cpu < BENCH_CPUS; cpu++)
		if (CPU_ISSET(cpu, &offered) && cpu != sched_getcpu() && move_to(cpu) && !slow())
			return true;
	return false;
}

void bench_await_pace(void)
{
	const struct timespec nap = { 0, NAP_NS };

	for (; !find_fast() && patience > NAP_NS; patience -= NAP_NS)
		nanosleep(&nap, NULL);
	CPU_SET(sched_getcpu(), &used);
}

bool bench_was_slow(uint64_t spent)
{
	if (patience < spent || !slow())
		return false;
	patience -= spent;
	return true;
}
