/* eventfd: a counter that one can wait for. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "kernel/anonymous.h"
#include "kernel/pieces.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"

#define FULL (UINT64_MAX - 1) /* the most that it counts to */

struct event_counter {
	uint64_t count;
	bool semaphore; /* a read takes one, not all */
	char added;     /* who waits for it to be more than 0 sleeps on this; for less, on `count` */
};

static struct event_counter *of(const struct file *f)
{
	return f->data;
}

static ssize_t event_read(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	struct event_counter *e = of(f);
	struct cursor c = { iov, count, 0 };
	uint64_t value = e->semaphore ? 1 : e->count;

	(void)offset;
	if (pieces_total(iov, count) < sizeof value)
		return -EINVAL;
	if (!e->count)
		return -EAGAIN;
	if (!pieces_move(&c, (char *)&value, sizeof value, false))
		return -EFAULT;
	e->count -= value;
	sched_wakeup(&e->count);
	return sizeof value;
}

static ssize_t event_write(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	struct event_counter *e = of(f);
	struct cursor c = { iov, count, 0 };
	uint64_t value;

	(void)offset;
	if (pieces_total(iov, count) != sizeof value)
		return -EINVAL;
	if (!pieces_move(&c, (char *)&value, sizeof value, true))
		return -EFAULT;
	if (value > FULL)
		return -EINVAL;
	if (value > FULL - e->count)
		return -EAGAIN;
	e->count += value;
	sched_wakeup(&e->added);
	return sizeof value;
}

static short event_poll(struct file *f, short events)
{
	const struct event_counter *e = of(f);

	return ((e->count ? POLLIN : 0) | (e->count < FULL ? POLLOUT : 0)) & events;
}

static const void *event_channel(struct file *f, short events)
{
	return events & POLLOUT ? (const void *)&of(f)->count : &of(f)->added;
}

static void event_close(struct file *f)
{
	free(f->data);
}

static const struct file_ops event_ops = {
	.read = event_read, .write = event_write, .poll = event_poll, .channel = event_channel, .stat = anonymous_stat,
	.close = event_close, .label = "[eventfd]"
};

static long make(unsigned value, int flags)
{
	struct event_counter *e;

	if (flags & ~(EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE))
		return -EINVAL;
	e = calloc(1, sizeof *e);
	if (e)
		*e = (struct event_counter){ .count = value, .semaphore = flags & EFD_SEMAPHORE };
	return anonymous_install(&event_ops, O_RDWR | (flags & (EFD_CLOEXEC | EFD_NONBLOCK)), e);
}

long sys_eventfd(const uint64_t *a)
{
	return make((unsigned)a[0], 0);
}

long sys_eventfd2(const uint64_t *a)
{
	return make((unsigned)a[0], (int)a[1]);
}
