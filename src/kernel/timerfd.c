/* timerfd: a timer's expiries, counted and read from a descriptor. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>

#include "kernel/anonymous.h"
#include "kernel/ktimer.h"
#include "kernel/pieces.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/host.h"

#define SECOND 1000000000ul
#define TOO_FAR (INT64_MAX / 2) /* ns: nobody waits that long, and sums do not overflow */

struct timer_file {
	struct ktimer timer; /* first: expired() has nothing else. Who waits sleeps on this */
	int clock;
};

static struct timer_file *of(const struct file *f)
{
	return f->data;
}

static void expired(struct ktimer *t)
{
	sched_wakeup(t);
}

static ssize_t timer_read(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	struct ktimer *t = &of(f)->timer;
	struct cursor c = { iov, count, 0 };

	(void)offset;
	if (pieces_total(iov, count) < sizeof t->times)
		return -EINVAL;
	ktimer_go_on(t);
	if (!t->times)
		return -EAGAIN;
	if (!pieces_move(&c, (char *)&t->times, sizeof t->times, false))
		return -EFAULT;
	t->times = 0;
	return sizeof t->times;
}

static short timer_poll(struct file *f, short events)
{
	return of(f)->timer.times ? events & POLLIN : 0;
}

static const void *timer_channel(struct file *f, short events)
{
	(void)events;
	return &of(f)->timer;
}

static void timer_close(struct file *f)
{
	ktimer_cancel(&of(f)->timer);
	free(f->data);
}

static const struct file_ops timer_ops = {
	.read = timer_read, .poll = timer_poll, .channel = timer_channel, .stat = anonymous_stat, .close = timer_close,
	.label = "[timerfd]"
};

long sys_timerfd_create(const uint64_t *a)
{
	int clock = (int)a[0], flags = (int)a[1];
	struct timer_file *t;

	if (flags & ~(TFD_CLOEXEC | TFD_NONBLOCK))
		return -EINVAL;
	if (clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM)
		return -EPERM; /* nothing here wakes the host up */
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME)
		return -EINVAL;
	t = calloc(1, sizeof *t);
	if (t)
		*t = (struct timer_file){ .timer.expired = expired, .clock = clock };
	return anonymous_install(&timer_ops, O_RDWR | flags, t);
}

static int timer_get(int fd, struct timer_file **out)
{
	struct file *f = file_get(fd);

	if (!f)
		return -EBADF;
	*out = f->data;
	return f->ops == &timer_ops ? 0 : -EINVAL;
}

static struct itimerspec setting(const struct ktimer *t)
{
	uint64_t left = ktimer_left(t);

	return (struct itimerspec){
		.it_value = { (time_t)(left / SECOND), (long)(left % SECOND) },
		.it_interval = { (time_t)(t->interval / SECOND), (long)(t->interval % SECOND) }
	};
}

static bool valid(const struct timespec *t)
{
	return t->tv_sec >= 0 && t->tv_nsec >= 0 && t->tv_nsec < (long)SECOND;
}

static uint64_t near(uint64_t ns)
{
	return ns < TOO_FAR ? ns : TOO_FAR;
}

/* What has come is due now, and not only when somebody next looks at the time. */
static void set(struct timer_file *t, const struct itimerspec *new, int flags)
{
	uint64_t wait = near(timespec_ns(&new->it_value)), now;
	struct timespec here;

	ktimer_cancel(&t->timer);
	t->timer.times = 0;
	t->timer.interval = near(timespec_ns(&new->it_interval));
	if (!wait)
		return;
	if (flags & TFD_TIMER_ABSTIME) {
		host_clock(t->clock, &here);
		now = timespec_ns(&here);
		wait = wait > now ? wait - now : 0;
	}
	ktimer_arm(&t->timer, clock_now() + wait, t->timer.interval);
	ktimers_run(clock_now());
}

long sys_timerfd_settime(const uint64_t *a)
{
	const int known = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
	struct itimerspec new, old;
	struct timer_file *t;
	long error;

	if (copy_in(&new, a[2], sizeof new) != 0)
		return -EFAULT;
	if ((int)a[1] & ~known || !valid(&new.it_value) || !valid(&new.it_interval))
		return -EINVAL;
	error = timer_get((int)a[0], &t);
	if (error)
		return error;
	old = setting(&t->timer);
	set(t, &new, (int)a[1]);
	return a[3] ? copy_out(a[3], &old, sizeof old) : 0;
}

long sys_timerfd_gettime(const uint64_t *a)
{
	struct itimerspec now;
	struct timer_file *t;
	long error = timer_get((int)a[0], &t);

	if (error)
		return error;
	ktimer_go_on(&t->timer);
	now = setting(&t->timer);
	return copy_out(a[1], &now, sizeof now);
}
