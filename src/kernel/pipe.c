/*
 * Pipes. As on Linux a pipe is a ring of pages, not of bytes: a write goes on in
 * the last page if what it has beyond whole pages fits there, and fills new ones
 * with the rest. So PIPE_BUF bytes (a page) are written together or not at all,
 * and a pipe is full, to the byte, when Linux's is.
 */
#define _GNU_SOURCE
#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

#include "kernel/file.h"
#include "kernel/pieces.h"
#include "kernel/pipe.h"
#include "kernel/pipe_parts.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/disk.h"
#include "machine/host.h"

#define SLOTS 16u            /* 64 KiB */
#define SLOTS_IF_SCARCE 2u
#define PIPE_DEVICE 15       /* Linux's number of that file system is as arbitrary */

static unsigned long last_number;
unsigned pipe_slots_together;

static bool reads(int flags)
{
	return (flags & O_ACCMODE) != O_WRONLY;
}

static bool writes(int flags)
{
	return (flags & O_ACCMODE) != O_RDONLY;
}

/* ---- Bytes ------------------------------------------------------------ */

static ssize_t pipe_read(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	struct pipe *p = of(f);
	struct cursor c = { iov, count, 0 };
	size_t wanted = pieces_total(iov, count), done = 0;
	unsigned before = p->used;

	(void)offset;
	while (done < wanted && p->used) {
		char *page;
		struct slot *s = slot_at(p, 0, &page);
		size_t n = s->length < wanted - done ? s->length : wanted - done;

		if (!pieces_move(&c, page + s->offset, n, false))
			break;
		s->offset += (unsigned)n;
		s->length -= (unsigned)n;
		done += n;
		if (s->packet) {
			s->length = 0;
			wanted = done;
		}
		if (!s->length) {
			p->first = (p->first + 1) % p->slots;
			p->used--;
		}
	}
	if (before == p->slots && p->used < before)
		sched_wakeup(&p->writers);
	if (done || !wanted)
		return (ssize_t)done;
	if (p->used)
		return -EFAULT;
	return p->writers ? -EAGAIN : 0;
}

/* Behind what is in the last page, if the part beyond whole pages fits there: its length, 0, or -EFAULT. */
static ssize_t append(struct pipe *p, struct cursor *c, size_t wanted)
{
	size_t part = wanted % PAGE_SIZE;
	char *page;
	struct slot *s;

	if (!part || !p->used)
		return 0;
	s = slot_at(p, p->used - 1, &page);
	if (s->packet || s->offset + s->length + part > PAGE_SIZE)
		return 0;
	if (!pieces_move(c, page + s->offset + s->length, part, true))
		return -EFAULT;
	s->length += (unsigned)part;
	return (ssize_t)part;
}

static ssize_t fill(struct pipe *p, struct cursor *c, size_t wanted, bool packets)
{
	ssize_t done = packets ? 0 : append(p, c, wanted);

	while (done >= 0 && (size_t)done < wanted && p->used < p->slots) {
		size_t n = wanted - (size_t)done < PAGE_SIZE ? wanted - (size_t)done : PAGE_SIZE;
		char *page;
		struct slot *s = slot_at(p, p->used, &page);

		if (!pieces_move(c, page, n, true))
			return done ? done : -EFAULT;
		*s = (struct slot){ 0, (unsigned)n, packets };
		p->used++;
		done += (ssize_t)n;
	}
	return done;
}

static ssize_t pipe_write(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	struct pipe *p = of(f);
	struct cursor c = { iov, count, 0 };
	size_t wanted = pieces_total(iov, count);
	ssize_t done;

	(void)offset;
	if (!wanted)
		return 0;
	if (!p->readers)
		return -EPIPE;
	done = fill(p, &c, wanted, f->flags & O_DIRECT);
	if (done > 0)
		sched_wakeup(&p->readers);
	return done ? done : -EAGAIN;
}

static short pipe_poll(struct file *f, short events)
{
	struct pipe *p = of(f);
	short ready = 0;

	if (reads(f->flags)) {
		if (p->used)
			ready |= POLLIN | POLLRDNORM;
		if (!p->writers && f->offset != p->writers_came)
			ready |= POLLHUP;
	}
	if (writes(f->flags)) {
		if (p->used < p->slots)
			ready |= POLLOUT | POLLWRNORM;
		if (!p->readers)
			ready |= POLLERR;
	}
	return ready & (events | POLLERR | POLLHUP);
}

static const void *pipe_channel(struct file *f, short events)
{
	if (!writes(f->flags) || (reads(f->flags) && !(events & POLLOUT)))
		return &of(f)->readers;
	return &of(f)->writers;
}

static int stat_nameless(const struct pipe *p, struct statx *st)
{
	const struct statx_timestamp made = { .tv_sec = p->made.tv_sec, .tv_nsec = (unsigned)p->made.tv_nsec };

	*st = (struct statx){ .stx_mask = STATX_BASIC_STATS, .stx_blksize = PAGE_SIZE, .stx_nlink = 1, .stx_ino = p->number,
			      .stx_mode = S_IFIFO | 0600, .stx_dev_minor = PIPE_DEVICE, .stx_atime = made,
			      .stx_mtime = made, .stx_ctime = made };
	st->stx_uid = current_proc()->facts.uid[OF_FILES];
	st->stx_gid = current_proc()->facts.gid[OF_FILES];
	return 0;
}

static int pipe_stat(struct file *f, struct statx *st)
{
	const struct pipe *p = of(f);

	return f->host >= 0 ? disk_fstat(f->host, st) : stat_nameless(p, st);
}

static long pipe_ioctl(struct file *f, unsigned command, uintptr_t argument)
{
	const struct pipe *p = of(f);
	unsigned held = 0;
	char *page;

	if (command != FIONREAD)
		return -ENOTTY;
	for (unsigned i = 0; i < p->used; i++)
		held += slot_at(p, i, &page)->length;
	return copy_out(argument, &held, sizeof held);
}

/* ---- Birth and death -------------------------------------------------- */

static void pipe_free(struct pipe *p)
{
	if (p->named)
		*p->named = NULL;
	pipe_slots_together -= p->slots;
	free(p->slot);
	free(p->pages);
	free(p);
}

static void pipe_close(struct file *f)
{
	struct pipe *p = of(f);

	p->readers -= reads(f->flags);
	p->writers -= writes(f->flags);
	sched_wakeup(&p->readers);
	sched_wakeup(&p->writers);
	if (f->host >= 0)
		disk_close(f->host);
	if (!p->readers && !p->writers)
		pipe_free(p);
}

static const struct file_ops pipe_ops = {
	.read = pipe_read,
	.write = pipe_write,
	.stat = pipe_stat,
	.poll = pipe_poll,
	.channel = pipe_channel,
	.ioctl = pipe_ioctl,
	.close = pipe_close,
};

bool pipe_is(const struct file *f)
{
	return f->ops == &pipe_ops;
}

static void attach(struct pipe *p, struct file *f)
{
	f->data = p;
	f->offset = UINT64_MAX;
	p->readers += reads(f->flags);
	p->writers += writes(f->flags);
	p->readers_came += reads(f->flags);
	p->writers_came += writes(f->flags);
}

static struct file *open_end(struct pipe *p, int flags)
{
	struct file *f = file_new(&pipe_ops, flags & (O_ACCMODE | O_NONBLOCK | O_DIRECT));

	if (f)
		attach(p, f);
	return f;
}

int pipe_open(const struct file *f, int flags, struct file **out)
{
	if (!reads(flags) && !of(f)->readers)
		return -ENXIO;
	*out = open_end(of(f), flags);
	return *out ? 0 : -ENFILE;
}

/* The ring of `slots` pages, empty. False: no memory. */
bool pipe_ring(struct pipe *p, unsigned slots)
{
	p->slot = calloc(slots, sizeof *p->slot);
	p->pages = malloc(slots * PAGE_SIZE); /* what is never touched costs nothing */
	if (p->slot && p->pages) {
		p->slots = slots;
		p->first = p->used = 0;
		return true;
	}
	free(p->slot);
	free(p->pages);
	return false;
}

static struct pipe *pipe_create(void)
{
	struct pipe *p = calloc(1, sizeof *p);

	if (!p || !pipe_ring(p, pipe_slots_together < SLOTS_TOGETHER ? SLOTS : SLOTS_IF_SCARCE)) {
		free(p);
		return NULL;
	}
	pipe_slots_together += p->slots;
	p->number = ++last_number;
	host_clock(CLOCK_REALTIME, &p->made);
	return p;
}

/* ---- By a name on the disk ----------------------------------------------- */

/* Until the other side has come, be it gone again since. */
static int wait_for_partner(struct pipe *p, const unsigned *came)
{
	unsigned before = *came;
	int error = 0;

	while (!error && *came == before)
		error = sched_block(&p->slots, UINT64_MAX);
	return error;
}

/*
 * As open(2) of a FIFO: one that only reads waits for one who writes, and the
 * other way round. Who would not wait reads nothing, and is not told of a hangup
 * before there was anybody; or may not write.
 */
int pipe_open_named(struct pipe **named, struct file *f)
{
	struct pipe *p = *named ? *named : pipe_create();
	bool patient = !(f->flags & O_NONBLOCK);

	if (!p)
		return -ENOMEM;
	*named = p;
	p->named = named;
	if (!reads(f->flags) && !patient && !p->readers) {
		if (!p->writers)
			pipe_free(p);
		return -ENXIO;
	}
	f->ops = &pipe_ops;
	attach(p, f);
	sched_wakeup(&p->slots);
	sched_wakeup(&p->readers);
	if (reads(f->flags) && writes(f->flags))
		return 0;
	if (reads(f->flags) && !p->writers && !patient)
		f->offset = p->writers_came;
	else if (reads(f->flags) && !p->writers)
		return wait_for_partner(p, &p->writers_came);
	else if (writes(f->flags) && !p->readers)
		return wait_for_partner(p, &p->readers_came);
	return 0;
}

/* ---- Without a name ------------------------------------------------------- */

int pipe_make(int flags, struct file *ends[2])
{
	struct pipe *p = pipe_create();

	if (!p)
		return -ENOMEM;
	ends[0] = open_end(p, O_RDONLY | flags);
	if (!ends[0]) {
		pipe_free(p);
		return -ENFILE;
	}
	ends[1] = open_end(p, O_WRONLY | flags);
	if (!ends[1]) {
		file_release(ends[0]);
		return -ENFILE;
	}
	for (int i = 0; i < 2; i++)
		ends[i]->flags &= O_ACCMODE | O_NONBLOCK | O_DIRECT; /* no O_LARGEFILE, as on Linux */
	return 0;
}
