/*
 * Measuring one thing in a batch: how every program here that is not a guest
 * does it. Costs are in TSC cycles; `uos bench` knows what a cycle is.
 */
#ifndef UOS_BENCH_MEASURE_H
#define UOS_BENCH_MEASURE_H

#include <stdint.h>
#include <sys/types.h>

/* The TSC when all before is done and nothing after has begun (Intel SDM vol. 2, RDTSC). */
static inline uint64_t measure_tsc(void)
{
	uint32_t low, high;

	__asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/*
 * Does about n operations and returns how many it did. What it does beside
 * them (a loop's end, a call) is measured, too.
 */
typedef long batch(long n);

/* These processes' CPU time is part of the work: others than them and our children are the disturbance. */
void measure_partners(const pid_t *pids, int n);

/*
 * Runs `b` in batches of about a millisecond until enough were undisturbed and
 * prints their median, cycles an operation, then "disturbed K of N".
 */
void measure(batch *b);

/* The median of `enough` undisturbed batches of n operations, or of what there is after 40; prints nothing. */
double measure_quiet(batch *b, long n, int enough);
void measure_print_noise(void); /* "disturbed K of N", of all batches until now */

/* For what measures itself: a number with a name, or with NULL the item's own. */
void measure_print(const char *name, double value);
void measure_print_disturbed(int disturbed, int of);

/* Nanoseconds that this process, all its threads together, did not have the CPU until now. */
uint64_t measure_taken(void);

double measure_median(double *v, int n); /* sorts v */

/* Cycles in a millisecond, by the clock, good to a thousandth: for lengths, never for results. */
uint64_t measure_ms(void);

_Noreturn void measure_fail(const char *what); /* with errno's text; status 1 */
void *measure_shared(size_t bytes);            /* zeroed memory that children share */
pid_t measure_fork(void);                      /* a child that dies with us */

#endif
