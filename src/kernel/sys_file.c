/* System calls on descriptors (section 2 of the manual has each). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/device.h"

#define RW_MAX 0x7ffff000ul /* what Linux transfers at most */
#define PIECES 16
#define VECTOR_MAX 1024u /* buffers of one readv or writev, as Linux */

/* The file behind a descriptor if it was opened for that, else NULL. */
static struct file *opened_for(uint64_t fd, bool write)
{
	struct file *f = file_get((int)fd);

	return f && (f->flags & O_ACCMODE) != (write ? O_RDONLY : O_WRONLY) ? f : NULL;
}

/* One guest buffer. Short if it lies in more pieces than fit, as a signal would make it. */
static long transfer(uint64_t fd, uintptr_t va, size_t length, bool write)
{
	struct file *f = opened_for(fd, write);
	struct iovec pieces[PIECES];
	int n;

	if (!f)
		return -EBADF;
	if (length > RW_MAX)
		length = RW_MAX;
	n = user_pieces(va, length, write ? PROT_READ : PROT_WRITE, pieces, PIECES);
	if (n < 0)
		return n;
	return write ? file_write(f, pieces, n, -1) : file_read(f, pieces, n, -1);
}

long sys_read(const uint64_t *a)
{
	return transfer(a[0], a[1], a[2], false);
}

long sys_write(const uint64_t *a)
{
	return transfer(a[0], a[1], a[2], true);
}

/* The guest's array, checked as Linux does: lengths are not negative and do not overflow together. */
static long iovec_in(uintptr_t va, uint64_t count, struct iovec *out)
{
	size_t total = 0;

	if (count > VECTOR_MAX)
		return -EINVAL;
	if (copy_in(out, va, count * sizeof *out) != 0)
		return -EFAULT;
	for (uint64_t i = 0; i < count; i++) {
		if (out[i].iov_len > SSIZE_MAX - total)
			return -EINVAL;
		total += out[i].iov_len;
	}
	return 0;
}

/* One buffer after the other, until one is short. */
static long transfer_vector(const uint64_t *a, bool write)
{
	uint64_t count = a[2] <= VECTOR_MAX ? a[2] : 0;
	struct iovec *own = malloc((count + 1) * sizeof *own); /* others may come here while we wait */
	long done, n;

	if (!own)
		return -ENOMEM;
	done = !opened_for(a[0], write) ? -EBADF : iovec_in(a[1], a[2], own);
	for (uint64_t i = 0; i < count && done >= 0; i++) {
		if (own[i].iov_len == 0)
			continue;
		n = transfer(a[0], (uintptr_t)own[i].iov_base, own[i].iov_len, write);
		if (n < 0 && done == 0)
			done = n;
		if (n < 0)
			break;
		done += n;
		if ((size_t)n < own[i].iov_len)
			break;
		if (!write && !file_poll(file_get((int)a[0]), POLLIN))
			break; /* a read that has something does not wait for more */
	}
	free(own);
	return done;
}

long sys_readv(const uint64_t *a)
{
	return transfer_vector(a, false);
}

long sys_writev(const uint64_t *a)
{
	return transfer_vector(a, true);
}

long sys_close(const uint64_t *a)
{
	return file_close((int)a[0]);
}

long sys_lseek(const uint64_t *a)
{
	struct file *f = file_get((int)a[0]);

	if (!f)
		return -EBADF;
	return f->ops->seek ? f->ops->seek(f, (int64_t)a[1], (int)a[2]) : -ESPIPE;
}

long sys_ioctl(const uint64_t *a)
{
	struct file *f = file_get((int)a[0]);

	if (!f)
		return -EBADF;
	return f->ops->ioctl ? f->ops->ioctl(f, (unsigned)a[1], a[2]) : -ENOTTY;
}

long sys_dup(const uint64_t *a)
{
	return file_duplicate((int)a[0], 0, false);
}

long sys_dup2(const uint64_t *a)
{
	if ((int)a[0] == (int)a[1])
		return file_get_any((int)a[0]) ? (long)(int)a[1] : -EBADF;
	return file_duplicate_to((int)a[0], (int)a[1], false);
}

long sys_dup3(const uint64_t *a)
{
	if ((int)a[0] == (int)a[1] || (int)a[2] & ~O_CLOEXEC)
		return -EINVAL;
	return file_duplicate_to((int)a[0], (int)a[1], (int)a[2]);
}

long sys_fcntl(const uint64_t *a)
{
	int fd = (int)a[0], command = (int)a[1]; /* 32 bits, whatever the registers' upper halves hold */
	struct file *f = file_get_any(fd);
	struct proc *p = current_proc();

	if (!f)
		return -EBADF;
	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return file_duplicate(fd, (int)a[2], command == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return p->cloexec[fd] ? FD_CLOEXEC : 0;
	case F_SETFD:
		p->cloexec[fd] = a[2] & FD_CLOEXEC;
		return 0;
	case F_GETFL:
		return f->ops == &device_file ? device_flags(f->host) : f->flags;
	case F_SETFL: /* the open file is shared with whoever started uos */
		return -EPERM;
	default:
		return -EINVAL;
	}
}

/* How many are ready now, with revents filled in. */
static int poll_once(struct pollfd *fds, unsigned n)
{
	int ready = 0;

	for (unsigned i = 0; i < n; i++) {
		struct file *f = file_get(fds[i].fd);

		fds[i].revents = 0;
		if (fds[i].fd >= 0)
			fds[i].revents = f ? file_poll(f, fds[i].events) : POLLNVAL;
		ready += fds[i].revents != 0;
	}
	return ready;
}

/* Any file may be the one: whoever polls is woken by each, and looks again. */
static int poll_wait(const struct pollfd *fds, unsigned n, uint64_t until)
{
	for (unsigned i = 0; i < n; i++) {
		struct file *f = file_get(fds[i].fd);

		if (f && f->ops->channel)
			f->ops->channel(f, fds[i].events);
	}
	return sched_block(&file_poll_channel, until);
}

long sys_poll(const uint64_t *a)
{
	unsigned n = (unsigned)a[1];
	int64_t ms = (int)a[2];
	uint64_t until = ms < 0 ? UINT64_MAX : clock_now() + (uint64_t)ms * 1000000;
	struct pollfd fds[FD_MAX];
	int ready;

	if (n > FD_MAX)
		return -EINVAL;
	if (copy_in(fds, a[0], n * sizeof *fds) != 0)
		return -EFAULT;
	while ((ready = poll_once(fds, n)) == 0 && clock_now() < until)
		if (poll_wait(fds, n, until) == -EINTR)
			return -EINTR;
	return copy_out(a[0], fds, n * sizeof *fds) ? -EFAULT : ready;
}
