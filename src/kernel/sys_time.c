/* System calls on time. */
#include <errno.h>
#include <sys/time.h>
#include <time.h>

#include "kernel/proc.h"
#include "kernel/syscall.h"

#define SECOND 1000000000ul
#define TIMER_ABSTIME_FLAG 1

long sys_clock_gettime(const uint64_t *a)
{
	struct timespec t;
	int error = host_clock((int)a[0], &t);

	return error ? error : copy_out(a[1], &t, sizeof t);
}

long sys_clock_getres(const uint64_t *a)
{
	struct timespec t;
	int error = host_clock_resolution((int)a[0], &t);

	if (error)
		return error;
	return a[1] ? copy_out(a[1], &t, sizeof t) : 0;
}

long sys_gettimeofday(const uint64_t *a)
{
	static const struct timezone utc;
	struct timespec t;
	struct timeval tv;

	host_clock(CLOCK_REALTIME, &t);
	tv = (struct timeval){ t.tv_sec, t.tv_nsec / 1000 };
	if (a[0] && copy_out(a[0], &tv, sizeof tv) != 0)
		return -EFAULT;
	return a[1] ? copy_out(a[1], &utc, sizeof utc) : 0;
}

long sys_time(const uint64_t *a)
{
	struct timespec t;

	host_clock(CLOCK_REALTIME, &t);
	return a[0] && copy_out(a[0], &t.tv_sec, sizeof t.tv_sec) != 0 ? -EFAULT : t.tv_sec;
}

static uint64_t nanoseconds(const struct timespec *t)
{
	return (uint64_t)t->tv_sec > INT64_MAX / SECOND ? INT64_MAX : (uint64_t)t->tv_sec * SECOND + (uint64_t)t->tv_nsec;
}

/* Until clock_now() reaches `until`; what is left goes to `rest` if it ends before. */
static long sleep_until(uint64_t until, uintptr_t rest)
{
	uint64_t now;
	struct timespec left;

	while ((now = clock_now()) < until) {
		if (sched_block(&until, until) != -EINTR)
			continue;
		now = clock_now();
		left = (struct timespec){ (time_t)((until - now) / SECOND), (long)((until - now) % SECOND) };
		if (rest && copy_out(rest, &left, sizeof left) != 0)
			return -EFAULT;
		return -EINTR;
	}
	return 0;
}

static long timespec_in(struct timespec *t, uintptr_t from)
{
	if (copy_in(t, from, sizeof *t) != 0)
		return -EFAULT;
	return t->tv_sec < 0 || t->tv_nsec < 0 || t->tv_nsec >= (long)SECOND ? -EINVAL : 0;
}

long sys_nanosleep(const uint64_t *a)
{
	struct timespec t;
	long error = timespec_in(&t, a[0]);

	return error ? error : sleep_until(clock_now() + nanoseconds(&t), a[1]);
}

long sys_clock_nanosleep(const uint64_t *a)
{
	struct timespec t, now;
	int clock = (int)a[0];
	uint64_t wait;
	long error;

	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME && clock != CLOCK_TAI)
		return clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_MONOTONIC_RAW ? -EOPNOTSUPP : -EINVAL;
	error = timespec_in(&t, a[2]);
	if (error)
		return error;
	wait = nanoseconds(&t);
	if (a[1] & TIMER_ABSTIME_FLAG) {
		host_clock(clock, &now);
		wait = wait > nanoseconds(&now) ? wait - nanoseconds(&now) : 0;
	}
	return sleep_until(clock_now() + wait, a[1] & TIMER_ABSTIME_FLAG ? 0 : a[3]);
}
