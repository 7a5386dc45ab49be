/* signalfd(2): signals that are read. Whoever reads or polls sees his own, not those of whoever made the descriptor. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

#include "kernel/anonymous.h"
#include "kernel/pieces.h"
#include "kernel/signal_parts.h"
#include "kernel/syscall.h"

static const char readers; /* who waits for any */
static unsigned open_files;

static uint64_t *set_of(const struct file *f)
{
	return f->data;
}

static void record_of(struct signalfd_siginfo *out, const siginfo_t *info)
{
	memset(out, 0, sizeof *out);
	out->ssi_signo = (uint32_t)info->si_signo;
	out->ssi_code = info->si_code;
	out->ssi_errno = info->si_errno;
	out->ssi_pid = (uint32_t)info->si_pid; /* a timer's number has the same place */
	out->ssi_uid = info->si_uid;
	if (info->si_code == SI_TIMER) {
		out->ssi_pid = out->ssi_uid = 0;
		out->ssi_tid = (uint32_t)info->si_timerid;
		out->ssi_overrun = (uint32_t)info->si_overrun;
	}
	if (info->si_signo == SIGCHLD && info->si_code > 0) {
		out->ssi_status = info->si_status;
		out->ssi_utime = (uint64_t)info->si_utime;
		out->ssi_stime = (uint64_t)info->si_stime;
	} else {
		out->ssi_int = info->si_value.sival_int;
		out->ssi_ptr = (uint64_t)info->si_value.sival_ptr;
	}
}

static ssize_t signalfd_read(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	struct cursor cursor = { iov, count, 0 };
	struct signalfd_siginfo record;
	size_t room = pieces_total(iov, count), done = 0;
	siginfo_t info;

	(void)offset;
	if (room < sizeof record)
		return -EINVAL;
	while (done + sizeof record <= room && signal_take(*set_of(f), &info)) {
		record_of(&record, &info);
		if (!pieces_move(&cursor, (char *)&record, sizeof record, false))
			return done ? (ssize_t)done : -EFAULT;
		done += sizeof record;
	}
	return done ? (ssize_t)done : -EAGAIN;
}

static short signalfd_poll(struct file *f, short events)
{
	return signal_waiting() & *set_of(f) ? events & (POLLIN | POLLRDNORM) : 0;
}

static const void *signalfd_channel(struct file *f, short events)
{
	(void)f, (void)events;
	return &readers;
}

static void signalfd_close(struct file *f)
{
	free(f->data);
	open_files--;
}

static const struct file_ops signalfd_ops = {
	.read = signalfd_read, .poll = signalfd_poll, .channel = signalfd_channel, .stat = anonymous_stat, .close = signalfd_close,
	.label = "[signalfd]"
};

void signalfd_wake(const struct proc *p, uint64_t set)
{
	(void)p, (void)set;
	if (!open_files)
		return;
	sched_wakeup(&readers);
}

static long make(uint64_t set, int flags)
{
	uint64_t *own = malloc(sizeof *own);

	if (!own)
		return -ENOMEM;
	*own = set;
	open_files++;
	return anonymous_install(&signalfd_ops, O_RDWR | flags, own);
}

static long change(int fd, uint64_t set)
{
	struct file *f = file_get(fd);

	if (!f)
		return -EBADF;
	if (f->ops != &signalfd_ops)
		return -EINVAL;
	*set_of(f) = set;
	signalfd_wake(current_proc(), set);
	return fd;
}

static long make_or_change(int fd, uintptr_t from, uint64_t size, int flags)
{
	uint64_t set;

	if (size != sizeof set)
		return -EINVAL;
	if (copy_in(&set, from, sizeof set) != 0)
		return -EFAULT;
	if (flags & ~(SFD_CLOEXEC | SFD_NONBLOCK))
		return -EINVAL;
	set &= ~(UNMASKABLE);
	return fd == -1 ? make(set, flags) : change(fd, set);
}

long sys_signalfd(const uint64_t *a)
{
	return make_or_change((int)a[0], a[1], a[2], 0);
}

long sys_signalfd4(const uint64_t *a)
{
	return make_or_change((int)a[0], a[1], a[2], (int)a[3]);
}
