/* poll and select: waiting for any of several files. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/personality.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"

#define FOR_EVER UINT64_MAX
#define WORD_BITS 64u
#define READABLE (POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR | POLLNVAL)
#define WRITABLE (POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR | POLLNVAL)
#define URGENT (POLLPRI | POLLNVAL)

/* A file to wait for; `care` is which answers are one, all of them but for select. */
struct wanted {
	struct pollfd *fds;
	unsigned n;
	const short *care; /* NULL: for all */
};

/* How many are ready now, with revents filled in. */
static int look(const struct wanted *w)
{
	int ready = 0;

	for (unsigned i = 0; i < w->n; i++) {
		struct pollfd *p = &w->fds[i];
		struct file *f = file_get(p->fd);

		p->revents = p->fd < 0 ? 0 : f ? file_poll(f, p->events) : POLLNVAL;
		if (w->care)
			p->revents &= w->care[i];
		ready += p->revents != 0;
	}
	return ready;
}

/* One who polls watches the channels of each file, so that he is woken by these alone. */
struct watched {
	struct watcher in, out;
};

static void woken(struct watcher *w)
{
	sched_wakeup(w->owner);
}

static void watch(struct watcher *w, struct file *f, short events, const struct watched *owner)
{
	*w = (struct watcher){ .channel = f->ops->channel(f, events), .woken = woken, .owner = (void *)owner };
	sched_watch(w);
}

/* For writing alone only if nothing else is asked: whatever ends wakes both. */
static void watch_file(struct watched *to, struct file *f, short events, const struct watched *owner)
{
	const short writing = events & (POLLOUT | POLLWRNORM | POLLWRBAND);

	if (writing)
		watch(&to->out, f, writing | POLLOUT, owner);
	if (!writing || events & ~writing)
		watch(&to->in, f, events & ~writing, owner);
}

/* 0 or -ETIMEDOUT: look again; -EINTR, -ENOMEM. */
static int wait_for_any(const struct wanted *w, uint64_t until)
{
	struct watched *list = calloc(w->n + 1, sizeof *list);
	int error;

	if (!list)
		return -ENOMEM;
	for (unsigned i = 0; i < w->n; i++) {
		struct file *f = file_get(w->fds[i].fd);

		if (f && f->ops->channel)
			watch_file(&list[i], f, w->fds[i].events, list);
	}
	error = sched_block(list, until);
	for (unsigned i = 0; i < w->n; i++) {
		if (list[i].in.channel)
			sched_unwatch(&list[i].in);
		if (list[i].out.channel)
			sched_unwatch(&list[i].out);
	}
	free(list);
	return error;
}

/* Until one is ready or the time has come: how many are, or -errno. */
static int look_until(const struct wanted *w, uint64_t until)
{
	int ready, error;

	while ((ready = look(w)) == 0 && clock_now() < until) {
		error = wait_for_any(w, until);
		if (error && error != -ETIMEDOUT)
			return error;
	}
	return ready;
}

/* ---- Times and masks --------------------------------------------------- */

/* A wait's end, and where and how what is left of it is told afterwards. */
struct limit {
	uint64_t until;
	uintptr_t at; /* 0: nowhere */
	bool microseconds;
};

static uint64_t after(uint64_t ns)
{
	uint64_t now = clock_now();

	return ns < INT64_MAX - now ? now + ns : FOR_EVER;
}

/* A struct timeval may have as many microseconds as it likes. */
static long timeval_in(struct timespec *t, uintptr_t from)
{
	struct timeval tv;

	if (copy_in(&tv, from, sizeof tv) != 0)
		return -EFAULT;
	if (tv.tv_sec < 0 || tv.tv_usec < 0)
		return -EINVAL;
	t->tv_nsec = tv.tv_usec % 1000000 * 1000;
	if (__builtin_add_overflow(tv.tv_sec, tv.tv_usec / 1000000, &t->tv_sec))
		return -EINVAL;
	return 0;
}

static long limit_in(struct limit *l, uintptr_t at, bool microseconds)
{
	struct timespec t;
	long error;

	*l = (struct limit){ FOR_EVER, at, microseconds };
	if (!at)
		return 0;
	error = microseconds ? timeval_in(&t, at) : timespec_in(&t, at);
	if (error)
		return error;
	if (t.tv_sec == 0 && t.tv_nsec == 0)
		l->at = 0; /* as Linux: nothing is told */
	l->until = after(timespec_ns(&t));
	return 0;
}

/* What is left, where the guest gave its time; that it cannot be written there is no error. */
static void limit_out(const struct limit *l)
{
	uint64_t now = clock_now(), left = l->until > now ? l->until - now : 0;
	const struct timespec t = { (time_t)(left / 1000000000), (long)(left % 1000000000) / (l->microseconds ? 1000 : 1) };

	if (l->at && !(current_proc()->facts.personality & STICKY_TIMEOUTS))
		copy_out(l->at, &t, sizeof t);
}

/* Puts a guest's mask in force, if it gave one, until signal_mask_return. */
static long mask_in(uintptr_t from, uint64_t size)
{
	uint64_t mask;
	long error = signals_mask_in(from, size, &mask);

	if (from && !error)
		signal_mask_lend(mask);
	return error;
}

/* ---- poll -------------------------------------------------------------- */

static long poll_user(uintptr_t at, unsigned n, uint64_t until)
{
	size_t size = n * sizeof(struct pollfd);
	struct pollfd *fds;
	long ready;

	if (n > current_proc()->facts.limits[RLIMIT_NOFILE].rlim_cur)
		return -EINVAL;
	fds = malloc(size + 1);
	if (!fds)
		return -ENOMEM;
	ready = copy_in(fds, at, size) ? -EFAULT : look_until(&(struct wanted){ fds, n, NULL }, until);
	if (ready >= 0 && copy_out(at, fds, size) != 0)
		ready = -EFAULT;
	free(fds);
	return ready;
}

long sys_poll(const uint64_t *a)
{
	int ms = (int)a[2];
	uint64_t until = signal_deadline(NR_poll, ms < 0 ? FOR_EVER : after((uint64_t)ms * 1000000));
	long answer = poll_user(a[0], (unsigned)a[1], until);

	if (answer == -EINTR)
		signal_keep_deadline(NR_poll, until);
	return answer;
}

long sys_ppoll(const uint64_t *a)
{
	struct limit limit;
	long answer = limit_in(&limit, a[2], false);

	if (!answer)
		answer = mask_in(a[3], a[4]);
	if (answer)
		return answer;
	answer = poll_user(a[0], (unsigned)a[1], limit.until);
	signal_mask_return(answer);
	limit_out(&limit);
	return answer;
}

/* ---- select ------------------------------------------------------------ */

/* Three sets of bits: to read, to write, exceptional; and the same as a list for poll. */
struct sets {
	uintptr_t at[3]; /* the guest's; 0: empty */
	unsigned n;
	size_t size;     /* of each, in bytes */
	uint64_t bits[3][FD_MAX / WORD_BITS], answer[3][FD_MAX / WORD_BITS];
	unsigned count;
	struct pollfd list[FD_MAX];
	short care[FD_MAX];
};

static const short set_events[3] = { POLLIN | POLLRDNORM | POLLRDBAND, POLLOUT | POLLWRNORM | POLLWRBAND, POLLPRI };
static const short set_answers[3] = { READABLE, WRITABLE, URGENT };

static long sets_in(struct sets *s, const uint64_t *a)
{
	if ((int)a[0] < 0)
		return -EINVAL;
	s->n = (unsigned)a[0] < FD_MAX ? (unsigned)a[0] : FD_MAX;
	s->size = (s->n + WORD_BITS - 1) / WORD_BITS * sizeof(uint64_t);
	for (int i = 0; i < 3; i++) {
		s->at[i] = a[i + 1];
		if (s->at[i] && copy_in(s->bits[i], s->at[i], s->size) != 0)
			return -EFAULT;
	}
	return 0;
}

static bool has(const struct sets *s, int set, unsigned fd)
{
	return s->bits[set][fd / WORD_BITS] >> fd % WORD_BITS & 1;
}

static long make_list(struct sets *s)
{
	for (unsigned fd = 0; fd < s->n; fd++) {
		short events = 0;

		for (int i = 0; i < 3; i++)
			if (has(s, i, fd)) {
				events |= set_events[i];
				s->care[s->count] |= set_answers[i];
			}
		if (events && !file_get_any((int)fd))
			return -EBADF;
		if (events)
			s->list[s->count++] = (struct pollfd){ (int)fd, events, 0 };
	}
	return 0;
}

/* The list's answers as sets: how many bits they have. */
static long sets_out(struct sets *s)
{
	long ready = 0;

	for (unsigned k = 0; k < s->count; k++) {
		unsigned fd = (unsigned)s->list[k].fd;

		for (int i = 0; i < 3; i++)
			if (has(s, i, fd) && s->list[k].revents & set_answers[i]) {
				s->answer[i][fd / WORD_BITS] |= 1ul << fd % WORD_BITS;
				ready++;
			}
	}
	for (int i = 0; i < 3; i++)
		if (s->at[i] && copy_out(s->at[i], s->answer[i], s->size) != 0)
			return -EFAULT;
	return ready;
}

static long select_user(const uint64_t *a, uint64_t until)
{
	struct sets *s = calloc(1, sizeof *s);
	long answer = s ? sets_in(s, a) : -ENOMEM;

	if (!answer)
		answer = make_list(s);
	if (!answer)
		answer = look_until(&(struct wanted){ s->list, s->count, s->care }, until);
	if (answer >= 0)
		answer = sets_out(s);
	free(s);
	return answer;
}

long sys_select(const uint64_t *a)
{
	struct limit limit;
	long answer = limit_in(&limit, a[4], true);

	if (answer)
		return answer;
	answer = select_user(a, limit.until);
	limit_out(&limit);
	return answer;
}

long sys_pselect6(const uint64_t *a)
{
	uint64_t given[2] = { 0, 0 }; /* where the mask is, and its size */
	struct limit limit;
	long answer;

	if (a[5] && copy_in(given, a[5], sizeof given) != 0)
		return -EFAULT;
	answer = limit_in(&limit, a[4], false);
	if (!answer)
		answer = mask_in(given[0], given[1]);
	if (answer)
		return answer;
	answer = select_user(a, limit.until);
	signal_mask_return(answer);
	limit_out(&limit);
	return answer;
}
