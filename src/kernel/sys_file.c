/* System calls on descriptors (section 2 of the manual has each); ioctl where it is about any kind of file. */
#define _GNU_SOURCE
#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "kernel/file.h"
#include "kernel/lock.h"
#include "kernel/pipe.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/disk.h"

#define CHANGEABLE (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

long sys_close(const uint64_t *a)
{
	return file_close((int)a[0]);
}

long sys_lseek(const uint64_t *a)
{
	struct file *f = file_get((int)a[0]);

	if (!f)
		return -EBADF;
	if (!f->ops->seek)
		return f->ops->label ? 0 : -ESPIPE; /* eventfd and the like say yes to anything, and nothing happens */
	return f->ops->seek(f, (int64_t)a[1], (int)a[2]);
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

/*
 * What uos was started with is shared with whoever started it. That it does not
 * wait is a matter between the guest and the kernel, which never lets the host
 * wait; the rest would be changed for the others, too.
 */
static long set_flags(struct file *f, int flags)
{
	int new = (f->flags & ~CHANGEABLE) | (flags & CHANGEABLE);
	int changed = (new ^ f->flags) & ~O_NONBLOCK;
	long error = 0;

	if (changed && f->ops == &device_file)
		return -EPERM;
	if (pipe_is(f))
		error = 0; /* a FIFO's node on the disk has nothing to do with it */
	else if (changed && f->host >= 0)
		error = disk_set_flags(f->host, new & CHANGEABLE);
	else if (changed & O_DIRECT)
		error = -EINVAL;
	if (!error)
		f->flags = new;
	return error;
}

static long on_descriptor(int fd, int command, uint64_t argument)
{
	struct proc *p = current_proc();

	switch (command) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return file_duplicate(fd, (int)argument, command == F_DUPFD_CLOEXEC);
	case F_GETFD:
		return p->cloexec[fd] ? FD_CLOEXEC : 0;
	case F_SETFD:
		p->cloexec[fd] = argument & FD_CLOEXEC;
		return 0;
	case F_GETFL:
		return file_get_any(fd)->flags;
	default:
		return file_get(fd) ? 1 : -EBADF; /* not about the descriptor */
	}
}

long sys_fcntl(const uint64_t *a)
{
	int fd = (int)a[0], command = (int)a[1]; /* 32 bits, whatever the registers' upper halves hold */
	struct file *f = file_get(fd);
	long answer = file_get_any(fd) ? on_descriptor(fd, command, a[2]) : -EBADF;

	if (command == F_DUPFD || command == F_DUPFD_CLOEXEC || command == F_GETFD || command == F_GETFL || answer <= 0)
		return answer;
	switch (command) {
	case F_SETFL:
		return set_flags(f, (int)a[2]);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return lock_fcntl(f, command, a[2]);
	case F_ADD_SEALS:
		return !file_may_write(f) ? -EPERM : f->ops != &host_file ? -EINVAL : disk_seals(f->host, (int)a[2] & INT_MAX);
	case F_GET_SEALS:
		return f->ops == &host_file ? disk_seals(f->host, -1) : -EINVAL;
	case F_GETPIPE_SZ:
		return pipe_is(f) ? pipe_size(f) : -EBADF;
	case F_SETPIPE_SZ:
		return pipe_is(f) ? pipe_resize(f, (unsigned)a[2]) : -EBADF;
	default:
		return -EINVAL;
	}
}

static long set_nonblocking(struct file *f, uintptr_t at)
{
	int on;

	if (copy_in(&on, at, sizeof on) != 0)
		return -EFAULT;
	f->flags = on ? f->flags | O_NONBLOCK : f->flags & ~O_NONBLOCK;
	return 0;
}

/* Nobody is told by a signal that a file is ready. */
static long set_asynchronous(uintptr_t at)
{
	int on;

	if (copy_in(&on, at, sizeof on) != 0)
		return -EFAULT;
	return on ? -ENOTTY : 0;
}

/* From where the file is to its end. */
static long tell_rest(struct file *f, uintptr_t at)
{
	struct statx st;
	int rest;

	if (f->ops->stat(f, &st) != 0 || !S_ISREG(st.stx_mode))
		return -ENOTTY;
	rest = (int)((int64_t)st.stx_size - f->ops->seek(f, 0, SEEK_CUR));
	return copy_out(at, &rest, sizeof rest);
}

long sys_ioctl(const uint64_t *a)
{
	unsigned command = (unsigned)a[1];
	struct file *f = file_get((int)a[0]);

	if (!f)
		return -EBADF;
	switch (command) {
	case FIOCLEX:
	case FIONCLEX:
		current_proc()->cloexec[(int)a[0]] = command == FIOCLEX;
		return 0;
	case FIONBIO:
		return set_nonblocking(f, a[2]);
	case FIOASYNC:
		return set_asynchronous(a[2]);
	default:
		if (command == FIONREAD && f->ops == &host_file)
			return tell_rest(f, a[2]);
		return f->ops->ioctl ? f->ops->ioctl(f, command, a[2]) : -ENOTTY;
	}
}
