/* read, write, and the ten others that do the same of buffers in pieces, at an offset, or with flags. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "kernel/disk_wait.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"

#define VECTOR_MAX 1024u    /* buffers of one call, as Linux; and pieces that the machine takes at once */
#define PIECES 16
#define USER_END 0x7ffffffff000ul

/* What is to be transferred, as far as it has not been. */
struct transfer {
	struct file *f;
	bool write;
	int64_t offset;       /* -1: the file's own */
	struct iovec *buffer; /* the guest's, one after the other */
	unsigned buffers;
	size_t left;          /* at most */
	struct iovec *pieces; /* room for */
	int room;
};

/* The file, if the guest may read it, or write to it. */
static long file_for(uint64_t fd, bool write, struct file **out)
{
	struct file *f = *out = file_get((int)fd);

	if (!f || !(write ? file_may_write(f) : file_may_read(f)))
		return -EBADF;
	return (write ? f->ops->write != NULL : f->ops->read != NULL) ? 0 : -EINVAL;
}

/* The next of the buffers as pieces of kernel memory: how many, 0 at the end, -EFAULT if the first byte is not there. */
static int gather(struct transfer *t, size_t *length)
{
	int count = 0;

	*length = 0;
	while (t->buffers && t->left && count < t->room) {
		struct iovec *b = t->buffer;
		size_t wanted = b->iov_len < t->left ? b->iov_len : t->left, got = 0;
		int n = wanted ? user_pieces((uintptr_t)b->iov_base, wanted, t->write ? PROT_READ : PROT_WRITE,
					     t->pieces + count, t->room - count) : 0;

		if (n < 0)
			return count ? count : n;
		while (n-- > 0)
			got += t->pieces[count++].iov_len;
		*length += got;
		t->left -= got;
		b->iov_base = (char *)b->iov_base + got;
		b->iov_len -= got;
		if (got < wanted)
			break; /* no more room, or the next byte is not there */
		t->buffer++;
		t->buffers--;
	}
	return count;
}

/* Where nothing is left to be read, nobody looks at the buffer. */
static bool at_end(struct transfer *t)
{
	struct iovec byte = { &(char){ 0 }, 1 };
	int64_t at = t->offset >= 0 || !t->f->ops->seek ? t->offset : t->f->ops->seek(t->f, 0, SEEK_CUR);

	return !t->write && at >= 0 && t->f->ops->read(t->f, &byte, 1, at) == 0;
}

/* A read that has something does not wait for more. */
static long transfer_all(struct transfer *t)
{
	long done = 0, n;
	size_t length;
	int count;

	while ((count = gather(t, &length)) > 0 && (!done || t->write || file_poll(t->f, POLLIN))) {
		n = t->write ? file_write(t->f, t->pieces, count, t->offset) : file_read(t->f, t->pieces, count, t->offset);
		if (n < 0)
			return done ? done : n;
		done += n;
		if (t->offset >= 0)
			t->offset += n;
		if ((size_t)n < length)
			return done;
	}
	return done || count >= 0 || at_end(t) ? done : count;
}

/* Another thread may close the descriptor while this one waits. */
static long transfer(struct transfer *t)
{
	long done;

	t->f->uses++;
	done = transfer_all(t);
	file_release(t->f);
	return done;
}

/* One buffer. */
static long simple(uint64_t fd, uintptr_t va, size_t length, bool write, int64_t offset)
{
	struct iovec pieces[PIECES], buffer = { (void *)va, length };
	struct transfer t = { .write = write, .offset = offset, .buffer = &buffer, .buffers = 1,
			      .left = length < FILE_RW_MAX ? length : FILE_RW_MAX, .pieces = pieces, .room = PIECES };
	long error = file_for(fd, write, &t.f);

	if (error)
		return error;
	if (length > USER_END || va > USER_END - length)
		return -EFAULT; /* before anything is looked at, as Linux */
	if (offset > 0 && offset > INT64_MAX - (int64_t)t.left)
		return -EINVAL;
	return length == 0 && t.f->ops->entries ? -EISDIR : transfer(&t);
}

long sys_read(const uint64_t *a)
{
	return simple(a[0], a[1], a[2], false, -1);
}

long sys_write(const uint64_t *a)
{
	return simple(a[0], a[1], a[2], true, -1);
}

/* Can it be read or written anywhere? 0, -EINVAL, -EBADF, -ESPIPE. */
static long check_offset(uint64_t fd, int64_t offset)
{
	struct file *f = file_get((int)fd);

	if (offset < 0)
		return -EINVAL;
	if (!f)
		return -EBADF;
	return f->ops->seek && f->ops->seek(f, 0, SEEK_CUR) >= 0 ? 0 : -ESPIPE;
}

long sys_pread64(const uint64_t *a)
{
	long error = check_offset(a[0], (int64_t)a[3]);

	return error ? error : simple(a[0], a[1], a[2], false, (int64_t)a[3]);
}

long sys_pwrite64(const uint64_t *a)
{
	long error = check_offset(a[0], (int64_t)a[3]);

	return error ? error : simple(a[0], a[1], a[2], true, (int64_t)a[3]);
}

/* The guest's array, checked as Linux does: how many bytes in all, or -errno. */
static long buffers_in(uintptr_t va, unsigned count, struct iovec *out)
{
	size_t total = 0;

	if (copy_in(out, va, count * sizeof *out) != 0)
		return -EFAULT;
	for (unsigned i = 0; i < count; i++) {
		if ((ssize_t)out[i].iov_len < 0)
			return -EINVAL;
		if (out[i].iov_len > FILE_RW_MAX - total)
			out[i].iov_len = FILE_RW_MAX - total;
		total += out[i].iov_len;
	}
	return (long)total;
}

static long vector(uint64_t fd, uintptr_t va, uint64_t count, bool write, int64_t offset)
{
	struct transfer t = { .write = write, .offset = offset, .buffers = (unsigned)count, .room = VECTOR_MAX };
	long answer = file_for(fd, write, &t.f);
	struct iovec *both;

	if (answer)
		return answer;
	if (count > VECTOR_MAX)
		return -EINVAL;
	both = malloc(2 * VECTOR_MAX * sizeof *both); /* others may come here while we wait */
	if (!both)
		return -ENOMEM;
	t.buffer = both;
	t.pieces = both + VECTOR_MAX;
	answer = buffers_in(va, t.buffers, t.buffer);
	if (answer > 0) {
		t.left = (size_t)answer;
		answer = transfer(&t);
	}
	free(both);
	return answer;
}

long sys_readv(const uint64_t *a)
{
	return vector(a[0], a[1], a[2], false, -1);
}

long sys_writev(const uint64_t *a)
{
	return vector(a[0], a[1], a[2], true, -1);
}

/* The offset is one word here; the other is of 32-bit systems. */
long sys_preadv(const uint64_t *a)
{
	long error = check_offset(a[0], (int64_t)a[3]);

	return error ? error : vector(a[0], a[1], a[2], false, (int64_t)a[3]);
}

long sys_pwritev(const uint64_t *a)
{
	long error = check_offset(a[0], (int64_t)a[3]);

	return error ? error : vector(a[0], a[1], a[2], true, (int64_t)a[3]);
}

/* Offset -1 is the file's own. */
static long with_flags(const uint64_t *a, bool write)
{
	int64_t offset = (int64_t)a[3];
	unsigned flags = (unsigned)a[5];
	struct file *f;
	long answer = offset == -1 ? 0 : check_offset(a[0], offset);

	if (!answer)
		answer = file_for(a[0], write, &f);
	if (answer)
		return answer;
	if (flags & ~(unsigned)(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT))
		return -EOPNOTSUPP;
	if (flags & RWF_NOWAIT && !file_poll(f, write ? POLLOUT : POLLIN))
		return -EAGAIN;
	if (flags & RWF_NOWAIT && !write && (answer = disk_wait_not(f, offset)))
		return answer;
	f->uses++; /* another thread may close it meanwhile */
	answer = vector(a[0], a[1], a[2], write, offset);
	if (answer > 0 && write && flags & (RWF_DSYNC | RWF_SYNC) && f->host >= 0)
		disk_wait_sync(f->host, !(flags & RWF_SYNC));
	file_release(f);
	return answer;
}

long sys_preadv2(const uint64_t *a)
{
	return with_flags(a, false);
}

long sys_pwritev2(const uint64_t *a)
{
	return with_flags(a, true);
}
