/*
 * What uos was started with as files: a terminal, a pipe, a redirection. The
 * open file of the host is shared with whoever started uos, so its flags are
 * left as they are, and it is never closed.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "kernel/disk_wait.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/tty.h"
#include "machine/device.h"
#include "machine/disk.h"

static const char channels[DEVICE_MAX]; /* the address is what a thread waits for */

void files_device_ready(void)
{
	for (int fd; (fd = device_next()) >= 0;)
		sched_wakeup(&channels[fd]);
}

static const void *device_channel(struct file *f, short events)
{
	device_watch(f->host, events);
	return &channels[f->host];
}

const void *device_line(int fd)
{
	device_watch(fd, POLLIN);
	return &channels[fd];
}

static short device_ready(struct file *f, short events)
{
	return device_poll(f->host, events);
}

static int64_t device_seek(struct file *f, int64_t offset, int whence)
{
	disk_wait_turn(f);
	return disk_seek(f->host, offset, whence);
}

/* At an offset only where there are offsets, and then nothing waits. */
static ssize_t device_file_read(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	long error = console_may(f, SIGTTIN);

	if (error)
		return error;
	if (offset >= 0 && device_seek(f, 0, SEEK_CUR) < 0)
		return -ESPIPE;
	if (offset >= 0 || device_is_file(f->host))
		return disk_wait_read(f, iov, count, offset);
	return device_read(f->host, iov, count);
}

static ssize_t device_file_write(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	long error = console_may_write(f);

	if (error)
		return error;
	disk_wait_turn(f);
	if (offset < 0)
		return device_write(f->host, iov, count);
	return device_seek(f, 0, SEEK_CUR) < 0 ? -ESPIPE : disk_writev(f->host, iov, count, offset);
}

static int device_stat(struct file *f, struct statx *st)
{
	int error = disk_fstat(f->host, st);

	if (!error && S_ISCHR(st->stx_mode) && device_in_foreground(f->host) >= 0)
		dev_stat_terminal(st);
	return error;
}

const struct file_ops device_file = {
	.read = device_file_read, .write = device_file_write, .seek = device_seek, .stat = device_stat,
	.poll = device_ready, .channel = device_channel, .ioctl = console_ioctl
};
