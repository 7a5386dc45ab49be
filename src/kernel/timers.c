/* A process's timers: alarm(2) and setitimer(2), by time and by CPU time, and timer_create(2). */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "kernel/ktimer.h"
#include "kernel/signal_parts.h"
#include "kernel/syscall.h"
#include "machine/host.h"

#define SECOND 1000000000ul
#define MICROSECOND 1000ul
#define KINDS 3              /* ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF */
#define LOOK_AGAIN 1000000ul /* ns; how seldom, at least, a process's CPU time is looked at, */
#define LOOK_SELDOM (64 * LOOK_AGAIN) /* while it gets none: thousands that wait are not to take others' time */
#define CREATED_MOST 4096
#define TIMER_ABSTIME_FLAG 1

/* setitimer(2)'s. By CPU time, `due` is in terms of that, and the kernel's timer comes when it may be there at the earliest. */
struct itimer {
	struct ktimer timer;
	struct proc *proc;
	int kind;
	uint64_t due, interval; /* due 0: not armed */
	uint64_t seen, pause;   /* CPU time when it was last looked at, and how long not to */
};

/* timer_create(2)'s */
struct created {
	struct queued signal; /* first: what is queued is this */
	struct ktimer timer;
	struct proc *proc;
	struct created *next;
	int id, clock, notify, thread;
	int overrun_told;
};

struct timers {
	struct itimer interval[KINDS];
	struct created *created;
	int next_id, count;
};

static uint64_t after(uint64_t ns)
{
	uint64_t now = clock_now();

	return ns < INT64_MAX - now ? now + ns : INT64_MAX;
}

/* ---- setitimer --------------------------------------------------------- */

static uint64_t cpu_used(const struct itimer *t)
{
	struct cpu_time used = cpu_time(t->proc);

	return t->kind == ITIMER_VIRTUAL ? used.user : used.user + used.kernel;
}

static void time_is_up(struct ktimer *k)
{
	struct itimer *t = (struct itimer *)k;

	signal_send(t->proc, SIGALRM, SI_KERNEL);
}

void timer_alarm_taken(struct proc *p)
{
	if (p->timers)
		ktimer_go_on(&p->timers->interval[ITIMER_REAL].timer);
}

static void look_at_cpu(struct ktimer *k)
{
	struct itimer *t = (struct itimer *)k;
	uint64_t used = cpu_used(t), left;

	if (used >= t->due) {
		signal_send(t->proc, t->kind == ITIMER_PROF ? SIGPROF : SIGVTALRM, SI_KERNEL);
		t->due = t->interval ? t->due + ((used - t->due) / t->interval + 1) * t->interval : 0;
	}
	if (!t->due)
		return;
	t->pause = used != t->seen || !t->pause ? LOOK_AGAIN : t->pause < LOOK_SELDOM ? 2 * t->pause : LOOK_SELDOM;
	t->seen = used;
	left = t->due - used;
	ktimer_arm(&t->timer, after(left > t->pause ? left : t->pause), 0);
}

static struct timers *timers_of(struct proc *p)
{
	if (p->timers)
		return p->timers;
	p->timers = calloc(1, sizeof *p->timers);
	if (!p->timers)
		return NULL;
	for (int kind = 0; kind < KINDS; kind++)
		p->timers->interval[kind] = (struct itimer){
			.timer.expired = kind == ITIMER_REAL ? time_is_up : look_at_cpu, .proc = p, .kind = kind };
	return p->timers;
}

static uint64_t left_of(const struct itimer *t)
{
	uint64_t now, due = t->timer.at;

	if (!t->timer.armed)
		return 0;
	if (t->kind == ITIMER_REAL) {
		now = clock_now();
	} else {
		now = cpu_used(t);
		due = t->due;
	}
	return due > now + MICROSECOND ? due - now : MICROSECOND; /* what is armed has some time left */
}

static void set(struct itimer *t, uint64_t value, uint64_t interval)
{
	ktimer_cancel(&t->timer);
	t->interval = value || t->kind != ITIMER_REAL ? interval : 0; /* as Linux tells it */
	t->due = 0;
	if (!value)
		return;
	if (t->kind == ITIMER_REAL) {
		ktimer_arm(&t->timer, after(value), interval);
	} else {
		t->due = cpu_used(t) + value;
		ktimer_arm(&t->timer, after(value), 0);
	}
}

static struct timeval timeval_of(uint64_t ns)
{
	return (struct timeval){ (time_t)(ns / SECOND), (suseconds_t)(ns % SECOND / MICROSECOND) };
}

static bool timeval_is_good(const struct timeval *t)
{
	return t->tv_sec >= 0 && t->tv_usec >= 0 && t->tv_usec < 1000000;
}

static uint64_t timeval_ns(const struct timeval *t)
{
	return timespec_ns(&(struct timespec){ t->tv_sec, t->tv_usec * (long)MICROSECOND });
}

static long tell(uintptr_t to, const struct itimer *t)
{
	const struct itimerval now = { timeval_of(t->interval), timeval_of(left_of(t)) };

	return copy_out(to, &now, sizeof now);
}

long sys_getitimer(const uint64_t *a)
{
	struct timers *timers = timers_of(current_proc());

	if ((int)a[0] < 0 || (int)a[0] >= KINDS)
		return -EINVAL;
	return timers ? tell(a[1], &timers->interval[(int)a[0]]) : -ENOMEM;
}

/* Without a new value it is as with zeros: disarmed. */
long sys_setitimer(const uint64_t *a)
{
	struct timers *timers = timers_of(current_proc());
	struct itimerval new = { 0 };
	struct itimer *t, old;

	if (!timers)
		return -ENOMEM;
	if (a[1] && copy_in(&new, a[1], sizeof new) != 0)
		return -EFAULT;
	if (!timeval_is_good(&new.it_value) || !timeval_is_good(&new.it_interval) || (int)a[0] < 0 || (int)a[0] >= KINDS)
		return -EINVAL;
	t = &timers->interval[(int)a[0]];
	old = *t;
	if (a[2] && tell(a[2], &old) != 0)
		return -EFAULT;
	set(t, timeval_ns(&new.it_value), timeval_ns(&new.it_interval));
	return 0;
}

/* To the nearest second, but for what is left of the last one. */
long sys_alarm(const uint64_t *a)
{
	struct timers *timers = timers_of(current_proc());
	struct itimer *t;
	uint64_t left;

	if (!timers)
		return -ENOMEM;
	t = &timers->interval[ITIMER_REAL];
	left = left_of(t);
	set(t, (unsigned)a[0] * SECOND, 0);
	return left && left < SECOND ? 1 : (long)((left + SECOND / 2) / SECOND);
}

/* ---- timer_create ------------------------------------------------------ */

static struct created *find(int id)
{
	struct created *t = current_proc()->timers ? current_proc()->timers->created : NULL;

	while (t && t->id != id)
		t = t->next;
	return t;
}

static void created_expired(struct ktimer *k)
{
	struct created *t = (struct created *)((char *)k - offsetof(struct created, timer));
	struct thread *target = t->thread ? thread_find(t->thread) : NULL;

	if (!t->thread || (target && target->proc == t->proc))
		signal_post_queued(t->proc, target, &t->signal);
}

/* Of the times that it has expired until now, this signal tells of one. */
void timer_signal_taken(struct queued *q, siginfo_t *info)
{
	struct created *t = (struct created *)q;
	uint64_t missed;

	ktimer_go_on(&t->timer);
	missed = t->timer.times - 1;
	t->timer.times = 0;
	info->si_overrun = t->overrun_told = missed < INT_MAX ? (int)missed : INT_MAX;
}

/* What has expired while nobody wanted its signal tells now. */
void timers_heeded(struct proc *p, int signal)
{
	for (struct created *t = p->timers ? p->timers->created : NULL; t; t = t->next)
		if (t->signal.info.si_signo == signal && t->timer.rests && !t->signal.waits && t->notify != SIGEV_NONE)
			created_expired(&t->timer);
}

/* Linux's own words for clocks that it knows, but makes no timers of; those of CPU time are docs/limits.md's. */
static long check_clock(int clock)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_TAI:
		return 0;
	default:
		return clock >= 0 && clock <= CLOCK_TAI ? -EOPNOTSUPP : -EINVAL;
	}
}

static long check_event(const struct sigevent *e)
{
	const struct thread *t;

	switch (e->sigev_notify) {
	case SIGEV_NONE:
		return 0;
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
		break;
	case SIGEV_THREAD_ID:
		t = thread_find(e->_sigev_un._tid);
		if (!t || t->proc != current_proc())
			return -EINVAL;
		break;
	default:
		return -EINVAL;
	}
	return e->sigev_signo < 1 || e->sigev_signo > SIGNALS ? -EINVAL : 0;
}

static void destroy(struct created *t)
{
	struct created **link = &t->proc->timers->created;

	while (*link != t)
		link = &(*link)->next;
	*link = t->next;
	t->proc->timers->count--;
	ktimer_cancel(&t->timer);
	signal_unqueue(t->proc, &t->signal);
	free(t);
}

static struct created *create(struct timers *timers, int clock, const struct sigevent *e)
{
	struct created *t = timers->count < CREATED_MOST ? calloc(1, sizeof *t) : NULL;

	if (!t)
		return NULL;
	while (find(timers->next_id))
		timers->next_id = timers->next_id < INT32_MAX ? timers->next_id + 1 : 0;
	t->id = timers->next_id++;
	t->proc = current_proc();
	t->clock = clock;
	t->notify = e->sigev_notify;
	t->thread = e->sigev_notify == SIGEV_THREAD_ID ? e->_sigev_un._tid : 0;
	t->timer.expired = created_expired;
	t->signal.of_timer = true;
	t->signal.info.si_signo = e->sigev_signo;
	t->signal.info.si_code = SI_TIMER;
	t->signal.info.si_timerid = t->id;
	t->signal.info.si_value = e->sigev_value;
	t->next = timers->created;
	timers->created = t;
	timers->count++;
	return t;
}

long sys_timer_create(const uint64_t *a)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
	struct timers *timers = timers_of(current_proc());
	struct created *t;
	long error = check_clock((int)a[0]);

	if (a[1] && copy_in(&event, a[1], sizeof event) != 0)
		return -EFAULT;
	if (!error)
		error = check_event(&event);
	if (error)
		return error;
	t = timers ? create(timers, (int)a[0], &event) : NULL;
	if (!t)
		return -EAGAIN;
	if (!a[1])
		t->signal.info.si_value.sival_int = t->id;
	if (copy_out(a[2], &t->id, sizeof t->id) == 0)
		return 0;
	destroy(t);
	return -EFAULT;
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){ (time_t)(ns / SECOND), (long)(ns % SECOND) };
}

static bool timespec_is_good(const struct timespec *t)
{
	return t->tv_sec >= 0 && t->tv_nsec >= 0 && t->tv_nsec < (long)SECOND;
}

static struct itimerspec state_of(const struct created *t)
{
	return (struct itimerspec){ timespec_of(t->timer.interval), timespec_of(ktimer_left(&t->timer)) };
}

static void arm(struct created *t, const struct itimerspec *new, bool absolute)
{
	uint64_t value = timespec_ns(&new->it_value), passed = 0, at;
	struct timespec now;

	ktimer_cancel(&t->timer);
	signal_unqueue(t->proc, &t->signal);
	t->overrun_told = 0;
	t->timer.interval = 0;
	if (!value)
		return;
	if (absolute) {
		host_clock(t->clock, &now);
		passed = timespec_ns(&now);
	}
	at = after(value > passed ? value - passed : 0);
	if (t->notify == SIGEV_NONE)
		ktimer_count(&t->timer, at, timespec_ns(&new->it_interval));
	else
		ktimer_arm(&t->timer, at, timespec_ns(&new->it_interval));
}

long sys_timer_settime(const uint64_t *a)
{
	struct created *t = find((int)a[0]);
	struct itimerspec new, old;

	if (!a[2])
		return -EINVAL;
	if (copy_in(&new, a[2], sizeof new) != 0)
		return -EFAULT;
	if (!timespec_is_good(&new.it_value) || !timespec_is_good(&new.it_interval) || !t)
		return -EINVAL;
	old = state_of(t);
	arm(t, &new, a[1] & TIMER_ABSTIME_FLAG);
	return a[3] ? copy_out(a[3], &old, sizeof old) : 0;
}

long sys_timer_gettime(const uint64_t *a)
{
	const struct created *t = find((int)a[0]);
	struct itimerspec now;

	if (!t)
		return -EINVAL;
	now = state_of(t);
	return copy_out(a[1], &now, sizeof now);
}

long sys_timer_getoverrun(const uint64_t *a)
{
	const struct created *t = find((int)a[0]);

	return t ? t->overrun_told : -EINVAL;
}

long sys_timer_delete(const uint64_t *a)
{
	struct created *t = find((int)a[0]);

	if (!t)
		return -EINVAL;
	destroy(t);
	return 0;
}

/* ---- The process's end, and another program ---------------------------- */

void timers_exec(struct proc *p)
{
	while (p->timers && p->timers->created)
		destroy(p->timers->created);
}

void timers_end(struct proc *p)
{
	timers_exec(p);
	for (int kind = 0; p->timers && kind < KINDS; kind++)
		ktimer_cancel(&p->timers->interval[kind].timer);
	free(p->timers);
	p->timers = NULL;
}
