/* The clock (TSC) and the one-shot interval timer. */
#include <errno.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <x86intrin.h>

#include "machine/hw.h"

#define CALIBRATION_NS 2000000

static uint64_t tsc_at_boot, ns_per_tsc_32; /* ns = cycles * this >> 32 */
static uint64_t armed_until = UINT64_MAX;   /* when the pending interrupt comes */

static uint64_t monotonic_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Against the host's clock over two milliseconds: good to some 30 parts in a million. */
void timer_boot(void)
{
	uint64_t start = monotonic_ns(), now;

	tsc_at_boot = __rdtsc();
	do
		now = monotonic_ns();
	while (now - start < CALIBRATION_NS);
	ns_per_tsc_32 = (uint64_t)((unsigned __int128)(now - start) << 32) / (__rdtsc() - tsc_at_boot);
}

uint64_t clock_of(uint64_t tsc)
{
	return (uint64_t)((unsigned __int128)(tsc - tsc_at_boot) * ns_per_tsc_32 >> 32);
}

uint64_t clock_now(void)
{
	return clock_of(__rdtsc());
}

void timer_arm(uint64_t at)
{
	uint64_t now = clock_now();
	uint64_t us = at > now ? (at - now + 999) / 1000 : 1;
	struct itimerval it = { .it_value = { (time_t)(us / 1000000), (suseconds_t)(us % 1000000) } };

	armed_until = at;
	if (setitimer(ITIMER_REAL, &it, NULL) != 0)
		machine_panic("setitimer: %s", strerror(errno));
}

void timer_stop(void)
{
	static const struct itimerval never;

	armed_until = UINT64_MAX;
	if (setitimer(ITIMER_REAL, &never, NULL) != 0)
		machine_panic("setitimer: %s", strerror(errno));
}

void timer_expired(void)
{
	armed_until = UINT64_MAX;
}

bool timer_armed_by(uint64_t at)
{
	return armed_until <= at;
}
