/* sendfile and copy_file_range: from one file to another, past the guest. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"

#define CHUNK (64ul << 10)
#define COPY_MOST (32ul << 20) /* bytes a call, which may copy less than was asked for: nobody else runs meanwhile */

static int64_t position(struct file *f)
{
	return f->ops->seek ? f->ops->seek(f, 0, SEEK_CUR) : -ESPIPE;
}

/* The file's own position, or the guest's at `at`. */
static long position_in(struct file *f, uintptr_t at, int64_t *offset)
{
	if (at)
		return copy_in(offset, at, sizeof *offset);
	*offset = position(f);
	return 0;
}

static long position_out(struct file *f, uintptr_t at, int64_t offset)
{
	if (at)
		return copy_out(at, &offset, sizeof offset);
	f->ops->seek(f, offset, SEEK_SET);
	return 0;
}

/* At most `length` bytes, until the end of `in`; `to` -1: the file's own position. How many, or -errno if none. */
static long copy(struct file *in, int64_t from, struct file *out, int64_t to, size_t length)
{
	char *buffer = malloc(CHUNK);
	long done = 0, n = 1;

	if (!buffer)
		return -ENOMEM;
	while ((size_t)done < length && n > 0) {
		size_t left = length - (size_t)done;
		struct iovec piece = { buffer, left < CHUNK ? left : CHUNK };
		ssize_t got = n = file_read(in, &piece, 1, from + done);

		if (n <= 0)
			break;
		piece.iov_len = (size_t)got;
		n = file_write(out, &piece, 1, to < 0 ? -1 : to + done);
		if (n > 0)
			done += n;
		if (n < got)
			break;
	}
	free(buffer);
	return done ? done : n < 0 ? n : 0;
}

/* What can be sent is what can be read anywhere: no pipe, no terminal. */
static long check_sending(struct file *in, struct file *out)
{
	if (position(in) < 0 || !in->ops->read || in->ops->entries)
		return -EINVAL;
	return out->flags & O_APPEND || !out->ops->write ? -EINVAL : 0;
}

long sys_sendfile(const uint64_t *a)
{
	struct file *out = file_get((int)a[0]), *in = file_get((int)a[1]);
	int64_t from;
	long done;

	if (a[2] && copy_in(&from, a[2], sizeof from) != 0)
		return -EFAULT;
	if (!in || !file_may_read(in))
		return -EBADF;
	if (a[2] && position(in) < 0)
		return -ESPIPE;
	if (a[2] && from < 0)
		return -EINVAL;
	if (!out || !file_may_write(out))
		return -EBADF;
	done = check_sending(in, out);
	if (done)
		return done;
	from = a[2] ? from : position(in);
	in->uses++; /* another thread may close them while this one waits */
	out->uses++;
	done = copy(in, from, out, -1, a[3] < COPY_MOST ? a[3] : COPY_MOST);
	if (position_out(in, a[2], from + (done > 0 ? done : 0)) != 0)
		done = -EFAULT;
	file_release(in);
	file_release(out);
	return done;
}

/* Are both ordinary files, and may they be used so? */
static long check_pair(struct file *in, const struct statx *from, struct file *out, const struct statx *to)
{
	if (S_ISDIR(from->stx_mode) || S_ISDIR(to->stx_mode))
		return -EISDIR;
	if (!S_ISREG(from->stx_mode) || !S_ISREG(to->stx_mode))
		return -EINVAL;
	return file_may_read(in) && file_may_write(out) && !(out->flags & O_APPEND) ? 0 : -EBADF;
}

static bool same_disk(const struct statx *a, const struct statx *b)
{
	return a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}

static long copy_range(struct file *in, int64_t from, struct file *out, int64_t to, size_t length)
{
	struct statx source, target;
	size_t there;
	long error;

	if (in->ops->stat(in, &source) != 0 || out->ops->stat(out, &target) != 0)
		return -EINVAL;
	error = check_pair(in, &source, out, &target);
	if (error)
		return error;
	if (!same_disk(&source, &target))
		return -EXDEV;
	if ((uint64_t)from + length < length || (uint64_t)to + length < length)
		return -EOVERFLOW;
	if (from < 0 || to < 0)
		return -EINVAL;
	there = (uint64_t)from < source.stx_size ? source.stx_size - (uint64_t)from : 0;
	if (length > there)
		length = there;
	if (source.stx_ino == target.stx_ino && to + (int64_t)length > from && to < from + (int64_t)length)
		return -EINVAL;
	return copy(in, from, out, to, length < COPY_MOST ? length : COPY_MOST);
}

long sys_copy_file_range(const uint64_t *a)
{
	struct file *in = file_get((int)a[0]), *out = file_get((int)a[2]);
	int64_t from, to;
	long done;

	if (!in || !out)
		return -EBADF;
	if (position_in(in, a[1], &from) != 0 || position_in(out, a[3], &to) != 0)
		return -EFAULT;
	if ((unsigned)a[5])
		return -EINVAL;
	in->uses++; /* another thread may close them while this one waits for the disk */
	out->uses++;
	done = copy_range(in, from, out, to, a[4]);
	if (done > 0 && (position_out(in, a[1], from + done) || position_out(out, a[3], to + done)))
		done = -EFAULT;
	file_release(in);
	file_release(out);
	return done;
}
