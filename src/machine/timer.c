/* The clock (TSC), the one-shot interval timer, and the host's own count of our time. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "machine/hw.h"

#define CALIBRATION_NS 2000000
#define CALIBRATION_TRIES 20

static uint64_t tsc_at_boot, ns_per_tsc_32; /* ns = cycles * this >> 32 */
static uint64_t armed_until = UINT64_MAX;   /* when the pending interrupt comes */

static int schedstat = -1;
static uint64_t stolen_at_boot, thread_cpu_at_boot;
static struct host_times times_at_boot;

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t cpu_ns(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return (uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000000u +
	       (uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1000u;
}

/* "RUN WAIT SLICES": the second number. A host without schedstat has stolen nothing that we know of. */
static uint64_t waited_ns(void)
{
	char text[64];
	ssize_t n = pread(schedstat, text, sizeof text - 1, 0), i = 0;
	uint64_t ns = 0;

	while (i < n && text[i] != ' ')
		i++;
	while (++i < n && text[i] >= '0' && text[i] <= '9')
		ns = ns * 10 + (uint64_t)(text[i] - '0');
	return ns;
}

uint64_t host_stolen(void)
{
	return waited_ns() - stolen_at_boot;
}

uint64_t host_thread_cpu(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID) - thread_cpu_at_boot;
}

struct host_times host_times(void)
{
	return (struct host_times){ clock_ns(CLOCK_MONOTONIC) - times_at_boot.elapsed, cpu_ns() - times_at_boot.cpu };
}

/* One moment by both clocks: of several tries the one that the host interrupted least. */
static void moment(uint64_t *ns, uint64_t *tsc)
{
	uint64_t narrowest = UINT64_MAX;

	for (int i = 0; i < CALIBRATION_TRIES; i++) {
		uint64_t before = __rdtsc(), t = clock_ns(CLOCK_MONOTONIC), width = __rdtsc() - before;

		if (width < narrowest) {
			narrowest = width;
			*ns = t;
			*tsc = before + width / 2;
		}
	}
}

/* Against the host's clock over two milliseconds: good to some 30 parts in a million. */
void timer_boot(void)
{
	uint64_t start, now, tsc;

	moment(&start, &tsc_at_boot);
	times_at_boot = (struct host_times){ start, cpu_ns() };
	schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
	stolen_at_boot = waited_ns();
	thread_cpu_at_boot = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	do
		moment(&now, &tsc);
	while (now - start < CALIBRATION_NS);
	ns_per_tsc_32 = (uint64_t)((unsigned __int128)(now - start) << 32) / (tsc - tsc_at_boot);
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

	if (setitimer(ITIMER_REAL, &never, NULL) != 0)
		machine_panic("setitimer: %s", strerror(errno));
	armed_until = UINT64_MAX;
	if (__atomic_fetch_and(&cpu_pending, ~(1u << VECTOR_TIMER), __ATOMIC_SEQ_CST) >> VECTOR_TIMER & 1)
		trap_counts.ticks--; /* nobody will take it */
}

void timer_expired(void)
{
	armed_until = UINT64_MAX;
}

bool timer_armed_by(uint64_t at)
{
	return armed_until <= at;
}
