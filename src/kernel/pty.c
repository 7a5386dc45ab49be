/*
 * Pseudo-terminals: a master, which plays the person and the screen, and slaves,
 * which are the terminal that programs see; a line discipline (tty_line.h) lies
 * between. All of it is uos's own.
 */
#define _GNU_SOURCE
#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/pty.h"
#include "machine/host.h"
#include "machine/mapping.h"

#define CHUNK 512u
#define TURN (64l << 10) /* bytes, before others have theirs */
#define PTY_MOST 4096 /* at once, as Linux's default */
#define TENTH_NS 100000000ul

static struct pty *ptys; /* by number, the lowest first */

struct pty *pty_find(int number)
{
	struct pty *p = ptys;

	while (p && p->number != number)
		p = p->next;
	return p && p->has_master ? p : NULL;
}

int pty_next(int number)
{
	for (const struct pty *p = ptys; p; p = p->next)
		if (p->number >= number && p->has_master)
			return p->number;
	return -1;
}

static struct pty *of(const struct file *f)
{
	return f->data;
}

static bool is_master(const struct file *f)
{
	return f->ops == &pty_master_file;
}

/* A slave that was opened before the last hang-up. */
static bool is_hung_up(const struct file *f)
{
	return !is_master(f) && f->offset != of(f)->hang_ups;
}

/* Something came for either side, or there is room again; signals that were typed go out. */
void pty_tell(struct pty *p)
{
	for (int signal = 1; p->line.signals; signal++)
		if (p->line.signals >> signal & 1) {
			p->line.signals &= ~(1ul << signal);
			if (p->tty.foreground)
				tty_signal(&p->tty, signal);
		}
	sched_wakeup(p);
}

/* ---- Bytes ------------------------------------------------------------- */

/* What the pieces hold, to one who takes as much as it can, others in turn. How much it took; -EAGAIN: nothing; -EFAULT. */
static ssize_t put(struct pty *p, const struct iovec *iov, int count, size_t (*take)(struct line *, const void *, size_t))
{
	unsigned char bytes[CHUNK];
	ssize_t done = 0, rested = 0;

	for (int i = 0; i < count; i++)
		for (size_t at = 0, n, taken; at < iov[i].iov_len; at += n) {
			n = iov[i].iov_len - at < sizeof bytes ? iov[i].iov_len - at : sizeof bytes;
			if (!copy_guarded(bytes, (char *)iov[i].iov_base + at, n))
				return done ? done : -EFAULT;
			taken = take(&p->line, bytes, n);
			done += (ssize_t)taken;
			if (taken < n)
				return done ? done : -EAGAIN;
			if (done - rested < TURN)
				continue;
			rested = done;
			if (sched_block(p, clock_now()) == -EINTR)
				return done;
		}
	return done;
}

/* Into the pieces, `at` bytes on. */
static bool scatter(const struct iovec *iov, int count, size_t at, const unsigned char *bytes, size_t n)
{
	for (int i = 0; i < count && n > 0; i++) {
		size_t part;

		if (at >= iov[i].iov_len) {
			at -= iov[i].iov_len;
			continue;
		}
		part = iov[i].iov_len - at < n ? iov[i].iov_len - at : n;
		if (!copy_guarded((char *)iov[i].iov_base + at, bytes, part))
			return false;
		bytes += part;
		n -= part;
		at = 0;
	}
	return true;
}

static size_t total(const struct iovec *iov, int count)
{
	size_t sum = 0;

	for (int i = 0; i < count; i++)
		sum += iov[i].iov_len;
	return sum;
}

/* ---- The master -------------------------------------------------------- */

static ssize_t master_read(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	struct pty *p = of(f);
	unsigned char bytes[CHUNK];
	size_t wanted = total(iov, count), done = 0, n;

	(void)offset;
	while ((n = wanted - done < CHUNK ? wanted - done : CHUNK) > 0 && (n = line_show(&p->line, bytes, n)) > 0) {
		if (!scatter(iov, count, done, bytes, n))
			return -EFAULT;
		done += n;
	}
	if (done || !wanted) {
		pty_tell(p);
		return (ssize_t)done;
	}
	return p->was_opened && !p->slaves ? -EIO : -EAGAIN;
}

static ssize_t master_write(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	ssize_t n = put(of(f), iov, count, line_type);

	(void)offset;
	pty_tell(of(f));
	return n;
}

static short master_poll(struct file *f, short events)
{
	const struct pty *p = of(f);
	short ready = POLLOUT | POLLWRNORM;

	if (line_can_show(&p->line))
		ready |= POLLIN | POLLRDNORM;
	if (p->was_opened && !p->slaves)
		ready |= POLLHUP;
	return ready & (events | POLLHUP);
}

/* ---- A slave ----------------------------------------------------------- */

/* In raw mode with VMIN: so many bytes together, with VTIME they come one by one. */
static unsigned least(const struct line *l, size_t wanted)
{
	unsigned min = l->modes.c_cc[VTIME] ? 1 : l->modes.c_cc[VMIN];

	return min < wanted ? min : (unsigned)wanted;
}

/* Does it wait no longer than VTIME says? With VMIN 0 as well, not at all. */
static bool is_timed(const struct file *f, const struct line *l)
{
	const unsigned char *cc = l->modes.c_cc;

	return !(l->modes.c_lflag & ICANON) && (cc[VTIME] ? !(f->flags & O_NONBLOCK) : !cc[VMIN]);
}

/* VTIME: for the first byte if VMIN is 0, else between bytes until there are VMIN. 0, -EAGAIN: for ever, -EINTR. */
static long wait_timed(struct file *f, size_t wanted)
{
	struct pty *p = of(f);
	const unsigned char *cc = p->line.modes.c_cc;
	unsigned min = cc[VMIN] < wanted ? cc[VMIN] : (unsigned)wanted, had = 0;
	uint64_t until = clock_now() + cc[VTIME] * TENTH_NS;

	while (p->line.count < (min ? min : 1) && !is_hung_up(f)) {
		if (min && !p->line.count)
			return -EAGAIN; /* the clock runs from the first byte on */
		if (min && p->line.count != had)
			until = clock_now() + cc[VTIME] * TENTH_NS;
		had = p->line.count;
		if (clock_now() >= until)
			break;
		if (sched_block(p, until) == -EINTR)
			return -EINTR;
	}
	return 0;
}

static ssize_t read_line(struct file *f, const struct iovec *iov, int count)
{
	struct pty *p = of(f);
	unsigned char bytes[LINE_TYPED];
	size_t wanted = total(iov, count);
	ssize_t n = line_read(&p->line, bytes, wanted < sizeof bytes ? wanted : sizeof bytes);

	if (n > 0 && !scatter(iov, count, 0, bytes, (size_t)n))
		return -EFAULT;
	if (n >= 0)
		pty_tell(p); /* there is room to type */
	return n;
}

static ssize_t slave_read(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	struct pty *p = of(f);
	long error;

	(void)offset;
	if (is_hung_up(f))
		return 0;
	error = tty_may(&p->tty, SIGTTIN);
	if (!error && is_timed(f, &p->line)) {
		error = wait_timed(f, total(iov, count));
		if (!error && !p->line.count)
			return 0; /* the time is over */
	} else if (!error && !line_readable(&p->line, f->flags & O_NONBLOCK ? 1 : least(&p->line, total(iov, count)))) {
		error = -EAGAIN;
	}
	return error ? error : read_line(f, iov, count);
}

static ssize_t slave_write(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	struct pty *p = of(f);
	ssize_t n = is_hung_up(f) ? -EIO : p->line.modes.c_lflag & TOSTOP ? tty_may(&p->tty, SIGTTOU) : 0;

	(void)offset;
	if (n)
		return n;
	n = put(p, iov, count, line_write);
	if (n > 0)
		pty_tell(p);
	return n;
}

static short slave_poll(struct file *f, short events)
{
	const struct pty *p = of(f);
	short ready = 0;

	if (is_hung_up(f))
		return (events & (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM)) | POLLERR | POLLHUP;
	if (line_readable(&p->line, least(&p->line, LINE_TYPED)))
		ready |= POLLIN | POLLRDNORM;
	if (line_writable(&p->line))
		ready |= POLLOUT | POLLWRNORM;
	return ready & events;
}

/* ---- Both -------------------------------------------------------------- */

static const void *channel(struct file *f, short events)
{
	(void)events;
	return of(f);
}

static int pty_stat(struct file *f, struct statx *st)
{
	const struct pty *p = of(f);

	pty_describe(p, st);
	if (is_master(f)) {
		st->stx_ino = PTMX_INODE;
		st->stx_rdev_major = PTMX_MAJOR;
		st->stx_rdev_minor = PTMX_MINOR;
		st->stx_mode = S_IFCHR | 0666;
	}
	return 0;
}

void pty_describe(const struct pty *p, struct statx *st)
{
	const struct statx_timestamp made = { .tv_sec = p->made.tv_sec, .tv_nsec = (unsigned)p->made.tv_nsec };

	*st = (struct statx){ .stx_mask = STATX_BASIC_STATS, .stx_blksize = 1024, .stx_nlink = 1,
			      .stx_mode = (uint16_t)(S_IFCHR | p->mode), .stx_ino = (uint64_t)p->number + FIRST_SLAVE_INODE,
			      .stx_rdev_major = SLAVE_MAJOR, .stx_rdev_minor = (unsigned)p->number,
			      .stx_dev_minor = PTS_DEVICE, .stx_uid = p->uid, .stx_gid = p->gid,
			      .stx_atime = made, .stx_mtime = made, .stx_ctime = made };
}

static void end(struct pty *p)
{
	struct pty **link = &ptys;

	while (*link != p)
		link = &(*link)->next;
	*link = p->next;
	free(p);
}

/* Whoever has a slave open has nothing in his hands. */
static void hang_up(struct pty *p)
{
	p->hang_ups++;
	p->slaves = 0;
	tty_abandon(&p->tty);
	line_forget_typed(&p->line);
	pty_tell(p);
}

static void slave_close(struct file *f)
{
	struct pty *p = of(f);

	p->files--;
	if (!is_hung_up(f))
		p->slaves--;
	pty_tell(p);
	if (!p->files)
		end(p);
}

static void master_close(struct file *f)
{
	struct pty *p = of(f);

	p->has_master = false;
	hang_up(p);
	if (!--p->files)
		end(p);
}

static long master_ioctl(struct file *f, unsigned command, uintptr_t argument)
{
	return pty_ioctl(of(f), command, argument, true);
}

static long slave_ioctl(struct file *f, unsigned command, uintptr_t argument)
{
	return is_hung_up(f) ? -EIO : pty_ioctl(of(f), command, argument, false);
}

const struct file_ops pty_master_file = { .read = master_read, .write = master_write, .stat = pty_stat, .poll = master_poll,
					  .channel = channel, .ioctl = master_ioctl, .close = master_close };
static const struct file_ops slave_file = { .read = slave_read, .write = slave_write, .stat = pty_stat, .poll = slave_poll,
					    .channel = channel, .ioctl = slave_ioctl, .close = slave_close };

/* ---- Opening ----------------------------------------------------------- */

int pty_open_master(struct file *f)
{
	struct pty *p = calloc(1, sizeof *p), **link = &ptys;
	int number = 0;

	if (!p)
		return -ENOMEM;
	for (; *link && (*link)->number == number; link = &(*link)->next)
		number++;
	if (number == PTY_MOST) {
		free(p);
		return -ENOSPC;
	}
	line_init(&p->line);
	p->number = number;
	p->has_master = p->is_locked = true;
	p->files = 1;
	p->mode = 0600;
	p->uid = current_proc()->facts.uid[OF_FILES];
	p->gid = current_proc()->facts.gid[OF_FILES];
	host_clock(CLOCK_REALTIME, &p->made);
	p->next = *link;
	*link = p;
	f->ops = &pty_master_file;
	f->data = p;
	return 0;
}

int pty_open_slave(struct file *f, struct pty *p, int flags)
{
	if (!p->has_master || p->is_locked)
		return -EIO;
	f->ops = &slave_file;
	f->data = p;
	f->offset = p->hang_ups;
	p->files++;
	p->slaves++;
	p->was_opened = true;
	if (!(flags & O_NOCTTY))
		tty_adopt(&p->tty);
	return 0;
}

int pty_open_controlling(struct file *f, struct tty *t)
{
	return pty_open_slave(f, (struct pty *)t, O_NOCTTY);
}
