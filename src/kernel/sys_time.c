/* System calls on time. */
#include <errno.h>
#include <sys/time.h>
#include <time.h>

#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/host.h"

#define SECOND 1000000000ul
#define TIMER_ABSTIME_FLAG 1
#define PER_THREAD 4

/*
 * Whose CPU time a clock tells, NULL: nobody's, it is one of the host's; *thread:
 * that one's alone. A negative one is a process's or a thread's: ~id << 3, and in the
 * lowest bits which, and what it counts (clock_getcpuclockid(3)). -EINVAL: no clock at all.
 */
static int cpu_clock(int clock, struct proc **whose, struct thread **thread)
{
	int id = clock < 0 ? ~(clock >> 3) : 0;
	struct thread *t = id ? thread_find(id) : current;

	*whose = NULL;
	*thread = NULL;
	if (clock >= 0 && clock != CLOCK_PROCESS_CPUTIME_ID && clock != CLOCK_THREAD_CPUTIME_ID)
		return 0;
	if (clock >= 0 ? clock == CLOCK_PROCESS_CPUTIME_ID : !(clock & PER_THREAD))
		*whose = id ? proc_find(id) : current_proc();
	else if (t && t->proc == current_proc())
		*whose = (*thread = t)->proc;
	return (clock < 0 && (clock & 3) == 3) || !*whose ? -EINVAL : 0;
}

static uint64_t time_used(struct proc *p, const struct thread *t)
{
	struct cpu_time used = cpu_time(p);

	sched_settle(); /* until now */
	return t ? t->policy.ran : used.user + used.kernel;
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){ (time_t)(ns / SECOND), (long)(ns % SECOND) };
}

long sys_clock_gettime(const uint64_t *a)
{
	struct timespec t;
	struct thread *thread;
	struct proc *whose;
	int error = cpu_clock((int)a[0], &whose, &thread);

	if (!error && whose)
		t = timespec_of(time_used(whose, thread));
	else if (!error)
		error = host_clock((int)a[0], &t);
	return error ? error : copy_out(a[1], &t, sizeof t);
}

long sys_clock_getres(const uint64_t *a)
{
	struct timespec t = { 0, 1 };
	struct thread *thread;
	struct proc *whose;
	int error = cpu_clock((int)a[0], &whose, &thread);

	if (!error && !whose)
		error = host_clock_resolution((int)a[0], &t);
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

uint64_t timespec_ns(const struct timespec *t)
{
	return (uint64_t)t->tv_sec > INT64_MAX / SECOND ? INT64_MAX : (uint64_t)t->tv_sec * SECOND + (uint64_t)t->tv_nsec;
}

/* For the call: until clock_now() reaches `until`; what is left goes to `rest` if it ends before. */
static long sleep_until(int call, uint64_t until, uintptr_t rest)
{
	uint64_t now;
	struct timespec left;

	until = signal_deadline(call, until);
	while ((now = clock_now()) < until) {
		if (sched_block(&until, until) != -EINTR)
			continue;
		now = clock_now();
		left = timespec_of(until > now ? until - now : 0);
		signal_keep_deadline(call, until);
		if (rest && copy_out(rest, &left, sizeof left) != 0)
			return -EFAULT;
		return -EINTR;
	}
	return 0;
}

long timespec_in(struct timespec *t, uintptr_t from)
{
	if (copy_in(t, from, sizeof *t) != 0)
		return -EFAULT;
	return t->tv_sec < 0 || t->tv_nsec < 0 || t->tv_nsec >= (long)SECOND ? -EINVAL : 0;
}

long sys_nanosleep(const uint64_t *a)
{
	struct timespec t;
	long error = timespec_in(&t, a[0]);

	return error ? error : sleep_until(NR_nanosleep, clock_now() + timespec_ns(&t), a[1]);
}

long sys_clock_nanosleep(const uint64_t *a)
{
	struct timespec t, now;
	int clock = (int)a[0];
	uint64_t wait;
	long error;

	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME && clock != CLOCK_TAI)
		return clock >= CLOCK_PROCESS_CPUTIME_ID && clock <= CLOCK_MONOTONIC_COARSE ? -EOPNOTSUPP : -EINVAL;
	error = timespec_in(&t, a[2]);
	if (error)
		return error;
	wait = timespec_ns(&t);
	if (a[1] & TIMER_ABSTIME_FLAG) {
		host_clock(clock, &now);
		wait = wait > timespec_ns(&now) ? wait - timespec_ns(&now) : 0;
	}
	return sleep_until(NR_clock_nanosleep, clock_now() + wait, a[1] & TIMER_ABSTIME_FLAG ? 0 : a[3]);
}
