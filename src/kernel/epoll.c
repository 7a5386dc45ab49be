/*
 * epoll: files that somebody watches, and of these the ones that may be ready.
 * An item watches the channels of its file, as who waits for the file sleeps on
 * them; a wake-up puts it into the queue of those to be looked at. That is what
 * edge-triggered means, and why it takes no time to have many that are idle.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#include "kernel/anonymous.h"
#include "kernel/epoll.h"
#include "kernel/proc.h"

#define NESTED_MOST 4 /* epolls within epolls, as Linux */
#define ALWAYS (EPOLLERR | EPOLLHUP)
#define HOW (EPOLLET | EPOLLONESHOT | EPOLLEXCLUSIVE | EPOLLWAKEUP) /* not events */
#define WRITING (EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND)
#define MEMORY_MAJOR 1 /* /dev/null and its like, */
#define RANDOM_MINOR 8 /* of which only this one can be waited for */

struct item {
	struct watcher in, out; /* of the file's channels; one has no channel if that says nothing about `events` */
	struct epoll *of;
	struct file *file;      /* not a use: epoll_file_gone */
	int fd;
	uint32_t events;
	uint64_t data;
	bool queued;
	struct item *next, *next_of_file, *next_queued;
};

struct epoll {
	struct item *items;
	struct item *queue, *last;  /* the queue, oldest first; its last */
	const struct file *self;
	char ready;                 /* who waits for it sleeps on this */
};

static void epoll_close(struct file *f);
static short epoll_poll(struct file *f, short events);

static const void *epoll_channel(struct file *f, short events)
{
	(void)events;
	return &((struct epoll *)f->data)->ready;
}

const struct file_ops epoll_ops = {
	.poll = epoll_poll, .channel = epoll_channel, .stat = anonymous_stat, .close = epoll_close, .label = "[eventpoll]"
};

bool epoll_is(const struct file *f)
{
	return f->ops == &epoll_ops;
}

/* ---- The queue ---------------------------------------------------------- */

static void append(struct epoll *e, struct item *i)
{
	*(e->queue ? &e->last->next_queued : &e->queue) = i;
	e->last = i;
	i->next_queued = NULL;
	i->queued = true;
}

static void unqueue(struct item *i)
{
	struct item **link = &i->of->queue, *before = NULL;

	if (!i->queued)
		return;
	for (; *link != i; link = &before->next_queued)
		before = *link;
	*link = i->next_queued;
	if (i->of->last == i)
		i->of->last = before;
	i->queued = false;
}

static void to_be_looked_at(struct item *i)
{
	if (!i->queued)
		append(i->of, i);
	sched_wakeup(&i->of->ready);
}

static void woken(struct watcher *w)
{
	struct item *i = w->owner;

	if (i->events & ~HOW)
		to_be_looked_at(i);
}

static uint32_t events_now(const struct item *i)
{
	return i->events & ~HOW ? (uint16_t)file_poll(i->file, (short)i->events) & (i->events | ALWAYS) : 0;
}

/* ---- Items -------------------------------------------------------------- */

static void watch(struct watcher *w, struct item *i, bool wanted, short events)
{
	*w = (struct watcher){ .owner = i, .woken = woken };
	if (wanted)
		w->channel = i->file->ops->channel(i->file, events);
	if (w->channel)
		sched_watch(w);
}

static void watch_both(struct item *i)
{
	bool writing = i->events & WRITING, reading = !writing || i->events & ~(WRITING | ALWAYS | HOW);

	watch(&i->in, i, reading, POLLIN);
	watch(&i->out, i, writing, POLLOUT);
}

static void unwatch_both(struct item *i)
{
	if (i->in.channel)
		sched_unwatch(&i->in);
	if (i->out.channel)
		sched_unwatch(&i->out);
}

static void destroy(struct item *i)
{
	struct item **link;

	unwatch_both(i);
	unqueue(i);
	for (link = &i->of->items; *link != i; link = &(*link)->next)
		;
	*link = i->next;
	for (link = &i->file->watched; *link != i; link = &(*link)->next_of_file)
		;
	*link = i->next_of_file;
	free(i);
}

void epoll_file_gone(struct file *f)
{
	while (f->watched)
		destroy(f->watched);
}

static void epoll_close(struct file *f)
{
	struct epoll *e = f->data;

	while (e->items)
		destroy(e->items);
	free(e);
}

static struct item *find(const struct epoll *e, const struct file *f, int fd)
{
	struct item *i = e->items;

	while (i && (i->file != f || i->fd != fd))
		i = i->next;
	return i;
}

/* How deep epolls lie within this one. */
static int depth_below(const struct epoll *e, int limit)
{
	int deepest = 0;

	for (const struct item *i = e->items; i && limit > 0; i = i->next)
		if (epoll_is(i->file)) {
			int depth = 1 + depth_below(i->file->data, limit - 1);

			if (depth > deepest)
				deepest = depth;
		}
	return deepest;
}

/* And in how many others this one lies. */
static int depth_above(const struct file *f, int limit)
{
	int highest = 0;

	for (const struct item *i = f->watched; i && limit > 0; i = i->next_of_file) {
		int height = 1 + depth_above(i->of->self, limit - 1);

		if (height > highest)
			highest = height;
	}
	return highest;
}

static bool is_within(const struct epoll *e, const struct epoll *outer)
{
	if (e == outer)
		return true;
	for (const struct item *i = outer->items; i; i = i->next)
		if (epoll_is(i->file) && is_within(e, i->file->data))
			return true;
	return false;
}

/* Can the file be waited for? What uos was started with may be anything. */
static bool can_wait(struct file *f)
{
	struct statx st;

	if (!f->ops->poll || !f->ops->channel)
		return false;
	if (f->ops != &device_file || f->ops->stat(f, &st) != 0)
		return true;
	return !S_ISREG(st.stx_mode) && !S_ISDIR(st.stx_mode) &&
	       !(S_ISCHR(st.stx_mode) && st.stx_rdev_major == MEMORY_MAJOR && st.stx_rdev_minor != RANDOM_MINOR);
}

static int add(struct epoll *e, struct file *f, int fd, const struct epoll_event *event)
{
	struct item *i;

	if (epoll_is(f) && (is_within(e, f->data) ||
			    depth_below(f->data, NESTED_MOST) + 1 + depth_above(e->self, NESTED_MOST) > NESTED_MOST))
		return -ELOOP;
	if (find(e, f, fd))
		return -EEXIST;
	i = calloc(1, sizeof *i);
	if (!i)
		return -ENOMEM;
	*i = (struct item){ .of = e, .file = f, .fd = fd, .events = event->events | ALWAYS, .data = event->data.u64,
			    .next = e->items, .next_of_file = f->watched };
	e->items = f->watched = i;
	watch_both(i);
	if (events_now(i))
		to_be_looked_at(i);
	return 0;
}

static int modify(struct item *i, const struct epoll_event *event)
{
	if (i->events & EPOLLEXCLUSIVE)
		return -EINVAL;
	unwatch_both(i);
	i->events = event->events | ALWAYS;
	i->data = event->data.u64;
	watch_both(i);
	if (events_now(i))
		to_be_looked_at(i);
	return 0;
}

int epoll_control(struct file *epoll, int op, struct file *f, int fd, const struct epoll_event *event)
{
	const uint32_t exclusive = EPOLLIN | EPOLLOUT | ALWAYS | EPOLLWAKEUP | EPOLLET | EPOLLEXCLUSIVE;
	struct epoll *e = epoll->data;
	struct item *i;

	if (!can_wait(f))
		return -EPERM;
	if (f == epoll || !epoll_is(epoll))
		return -EINVAL;
	if (op != EPOLL_CTL_DEL && event->events & EPOLLEXCLUSIVE &&
	    (op == EPOLL_CTL_MOD || epoll_is(f) || event->events & ~exclusive))
		return -EINVAL;
	if (op == EPOLL_CTL_ADD)
		return add(e, f, fd, event);
	if (op != EPOLL_CTL_MOD && op != EPOLL_CTL_DEL)
		return -EINVAL;
	i = find(e, f, fd);
	if (!i)
		return -ENOENT;
	if (op == EPOLL_CTL_MOD)
		return modify(i, event);
	destroy(i);
	return 0;
}

/* ---- What is ready ------------------------------------------------------ */

/* Those in the queue that are not ready after all leave it. */
static short epoll_poll(struct file *f, short events)
{
	struct epoll *e = f->data;

	while (e->queue) {
		if (events_now(e->queue))
			return events & (POLLIN | POLLRDNORM);
		unqueue(e->queue);
	}
	return 0;
}

/* Puts back what was not looked at, before those that were queued again meanwhile. */
static void put_back(struct epoll *e, struct item *rest)
{
	struct item *last = rest;

	if (!rest)
		return;
	while (last->next_queued)
		last = last->next_queued;
	last->next_queued = e->queue;
	if (!e->queue)
		e->last = last;
	e->queue = rest;
}

/* One event to the guest: 1, 0 if the item is not ready, -EFAULT. */
static int tell(struct item *i, uintptr_t to)
{
	struct epoll_event event = { .events = events_now(i), .data.u64 = i->data };

	if (!event.events)
		return 0;
	if (copy_out(to, &event, sizeof event) != 0)
		return -EFAULT;
	if (i->events & EPOLLONESHOT)
		i->events &= HOW;
	return 1;
}

/* Items that stay ready go to the end, so that all have their turn. */
static int harvest(struct epoll *e, uintptr_t to, int most)
{
	struct item *rest = e->queue, *i;
	int count = 0, told = 0;

	e->queue = NULL;
	while ((i = rest) && count < most) {
		told = tell(i, to + (size_t)count * sizeof(struct epoll_event));
		if (told < 0)
			break;
		rest = i->next_queued;
		i->queued = false;
		count += told;
		if (told && !(i->events & (EPOLLET | EPOLLONESHOT)))
			append(e, i);
	}
	put_back(e, rest);
	return count || told >= 0 ? count : told;
}

/*
 * A file that must be told that somebody waits (the host's devices) is told by
 * asking for its channel. Not if it is ready and that has been reported: it would wake us at once.
 */
static void arm(struct epoll *e)
{
	for (struct item *i = e->items; i; i = i->next)
		if (i->events & ~HOW && i->file->ops == &device_file && !events_now(i))
			i->file->ops->channel(i->file, (short)i->events);
}

int epoll_wait_until(struct file *f, uintptr_t to, int most, uint64_t until)
{
	struct epoll *e = f->data;
	int count;

	while ((count = harvest(e, to, most)) == 0 && clock_now() < until) {
		arm(e);
		if (sched_block(&e->ready, until) == -EINTR)
			return -EINTR;
	}
	return count;
}

long epoll_install(int flags)
{
	struct epoll *e = calloc(1, sizeof *e);
	long fd = anonymous_install(&epoll_ops, O_RDWR | flags, e);

	if (fd >= 0)
		e->self = file_get((int)fd);
	return fd;
}
