/* splice, tee, vmsplice: from or to a pipe, past the guest. Linux moves pages, this copies: what arrives is the same. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "kernel/file.h"
#include "kernel/pipe.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"

#define CHUNK (64ul << 10) /* what a pipe holds: one call moves no more, which it need not */
#define KNOWN (SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT)
#define BUFFERS_MOST 1024

struct splice {
	struct file *in, *out;
	int64_t from, to; /* -1: the file's own position */
	size_t length;
	bool impatient;   /* does not wait for a pipe */
	char *buffer;     /* of CHUNK bytes */
};

/* Something to read (1) or the end (0); room to write (1) or nobody who would read (-EPIPE); -EAGAIN, -EINTR. */
static int wait_for(struct file *pipe, short events, bool impatient)
{
	for (;;) {
		short ready = file_poll(pipe, events);

		if (ready & POLLERR) {
			signal_send(current_proc(), SIGPIPE, SI_KERNEL);
			return -EPIPE;
		}
		if (ready & events)
			return 1;
		if (ready & POLLHUP)
			return 0;
		if (impatient || pipe->flags & O_NONBLOCK)
			return -EAGAIN;
		if (file_wait(pipe, events, UINT64_MAX) == -EINTR)
			return -EINTR;
	}
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Both must be ready at once: while this waits for the one, others use the other. */
static long between_pipes(const struct splice *s, bool keep)
{
	struct iovec piece = { s->buffer, 0 };
	ssize_t n;
	int ready;

	do {
		ready = wait_for(s->in, POLLIN, s->impatient);
		if (ready > 0)
			ready = wait_for(s->out, POLLOUT, s->impatient);
		if (ready <= 0)
			return ready;
		piece.iov_len = pipe_peek(s->in, s->buffer, least(least(s->length, CHUNK), pipe_room(s->out)));
	} while (!piece.iov_len);
	n = s->out->ops->write(s->out, &piece, 1, -1);
	if (n > 0 && !keep)
		pipe_skip(s->in, (size_t)n);
	return n;
}

/* What could not be written stays in the pipe. */
static long from_pipe(const struct splice *s)
{
	size_t done = 0;
	long n = 0;

	while (done < s->length) {
		struct iovec piece = { s->buffer, 0 };

		n = wait_for(s->in, POLLIN, s->impatient || done);
		if (n <= 0)
			break;
		piece.iov_len = pipe_peek(s->in, s->buffer, least(s->length - done, CHUNK));
		n = s->out->ops->write(s->out, &piece, 1, s->to < 0 ? -1 : s->to + (int64_t)done);
		if (n == -EAGAIN && !done && s->out->ops->channel && !(s->out->flags & O_NONBLOCK) &&
		    file_wait(s->out, POLLOUT, UINT64_MAX) != -EINTR)
			continue;
		if (n <= 0)
			break;
		pipe_skip(s->in, (size_t)n);
		done += (size_t)n;
	}
	if (n == -EPIPE && !done)
		signal_send(current_proc(), SIGPIPE, SI_KERNEL);
	return done ? (long)done : n;
}

static long to_pipe(const struct splice *s)
{
	struct iovec piece = { s->buffer, 0 };
	long got, n = wait_for(s->out, POLLOUT, s->impatient);

	if (n <= 0)
		return n;
	piece.iov_len = least(least(s->length, CHUNK), pipe_room(s->out));
	n = file_read(s->in, &piece, 1, s->from);
	if (n <= 0)
		return n;
	got = n;
	piece.iov_len = (size_t)got;
	n = file_write(s->out, &piece, 1, -1);
	if (s->from < 0 && n < got && s->in->ops->seek) /* the disk was slow, others filled the pipe, and nobody waits for it */
		s->in->ops->seek(s->in, (n > 0 ? n : 0) - got, SEEK_CUR);
	return n;
}

static bool has_positions(struct file *f)
{
	return f->ops->seek && f->ops->seek(f, 0, SEEK_CUR) >= 0;
}

/* An offset of the guest's, for a file that has them. */
static long offset_in(struct file *f, uintptr_t at, bool is_pipe, int64_t *offset)
{
	*offset = -1;
	if (!at)
		return 0;
	if (is_pipe)
		return -ESPIPE;
	if (copy_in(offset, at, sizeof *offset) != 0)
		return -EFAULT;
	return has_positions(f) && *offset >= 0 ? 0 : -EINVAL;
}

static long move(struct splice *s)
{
	bool in = pipe_is(s->in), out = pipe_is(s->out);

	if (in && out)
		return pipe_same(s->in, s->out) ? -EINVAL : between_pipes(s, false);
	if (in)
		return s->out->flags & O_APPEND || !s->out->ops->write ? -EINVAL : from_pipe(s);
	return !s->in->ops->read || s->in->ops->entries ? -EINVAL : to_pipe(s);
}

/* With memory to copy through; other threads may close both meanwhile. */
static long with_buffer(struct splice *s, long (*call)(struct splice *))
{
	long n;

	s->buffer = malloc(CHUNK);
	if (!s->buffer)
		return -ENOMEM;
	s->in->uses++;
	s->out->uses++;
	n = call(s);
	file_release(s->in);
	file_release(s->out);
	free(s->buffer);
	return n;
}

/* Where the files' offsets are the guest's, they are told. */
static long offset_out(uintptr_t at, int64_t offset, long n)
{
	offset += n;
	return at && n > 0 && copy_out(at, &offset, sizeof offset) != 0 ? -EFAULT : n;
}

long sys_splice(const uint64_t *a)
{
	struct splice s = { .in = file_get((int)a[0]), .out = file_get((int)a[2]), .length = a[4],
			    .impatient = a[5] & SPLICE_F_NONBLOCK };
	long n;

	if (!a[4])
		return 0;
	if ((unsigned)a[5] & ~KNOWN)
		return -EINVAL;
	if (!s.in || !s.out || !file_may_read(s.in) || !file_may_write(s.out))
		return -EBADF;
	if (!pipe_is(s.in) && !pipe_is(s.out))
		return -EINVAL;
	s.length = least(s.length, FILE_RW_MAX);
	n = offset_in(s.in, a[1], pipe_is(s.in), &s.from);
	if (!n)
		n = offset_in(s.out, a[3], pipe_is(s.out), &s.to);
	if (!n)
		n = with_buffer(&s, move);
	n = offset_out(a[1], s.from, n);
	return offset_out(a[3], s.to, n);
}

static long copy(struct splice *s)
{
	return between_pipes(s, true);
}

long sys_tee(const uint64_t *a)
{
	struct splice s = { .in = file_get((int)a[0]), .out = file_get((int)a[1]), .length = a[2],
			    .impatient = a[3] & SPLICE_F_NONBLOCK };

	if ((unsigned)a[3] & ~KNOWN)
		return -EINVAL;
	if (!a[2])
		return 0;
	if (!s.in || !s.out || !file_may_read(s.in) || !file_may_write(s.out))
		return -EBADF;
	if (!pipe_is(s.in) || !pipe_is(s.out) || pipe_same(s.in, s.out))
		return -EINVAL;
	return with_buffer(&s, copy);
}

/* As readv and writev of the pipe; who does not wait for it says so here, not by the open file's flags. */
long sys_vmsplice(const uint64_t *a)
{
	struct file *f = file_get((int)a[0]);
	unsigned flags = (unsigned)a[3];
	int before;
	long n;

	if (flags & ~KNOWN)
		return -EINVAL;
	if (!f || !pipe_is(f))
		return -EBADF;
	if (a[2] > BUFFERS_MOST)
		return -EINVAL;
	before = f->flags;
	f->uses++;
	if (flags & SPLICE_F_NONBLOCK)
		f->flags |= O_NONBLOCK; /* then nobody else runs before it is taken back */
	n = file_may_write(f) ? sys_writev(a) : sys_readv(a);
	if (flags & SPLICE_F_NONBLOCK)
		f->flags = before;
	file_release(f);
	return n;
}
