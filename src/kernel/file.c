/* Descriptors. Yet only those that uos itself was started with: 0, 1 and 2. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/uio.h>

#include "kernel/file.h"
#include "kernel/proc.h"

static uint64_t open_count;
const char file_poll_channel;
static const char device_channels[FD_MAX]; /* the address is what a thread waits for */

void files_open_standard(struct proc *p)
{
	for (int i = 0; i < FD_MAX; i++)
		p->descriptors[i] = -1;
	for (int i = 0; i < 3; i++)
		if (machine_info.standard_fd[i]) {
			p->descriptors[i] = i;
			open_count++;
		}
}

int file_host(int fd)
{
	return fd >= 0 && fd < FD_MAX ? current_proc()->descriptors[fd] : -1;
}

int file_close(int fd)
{
	if (file_host(fd) < 0)
		return -EBADF;
	current_proc()->descriptors[fd] = -1;
	open_count--;
	return 0;
}

void files_close(struct proc *p)
{
	for (int i = 0; i < FD_MAX; i++)
		if (p->descriptors[i] >= 0) {
			p->descriptors[i] = -1;
			open_count--;
		}
}

uint64_t files_count(void)
{
	return open_count;
}

int file_duplicate_to(int fd, int to, bool cloexec)
{
	struct proc *p = current_proc();
	int host = file_host(fd);

	if (host < 0 || to < 0 || to >= FD_MAX)
		return -EBADF;
	if (p->descriptors[to] < 0)
		open_count++;
	p->descriptors[to] = host;
	p->cloexec[to] = cloexec;
	return to;
}

int file_duplicate(int fd, int lowest, bool cloexec)
{
	if (file_host(fd) < 0)
		return -EBADF;
	if (lowest < 0 || lowest >= FD_MAX)
		return -EINVAL;
	for (int to = lowest; to < FD_MAX; to++)
		if (file_host(to) < 0)
			return file_duplicate_to(fd, to, cloexec);
	return -EMFILE;
}

void files_device_ready(void)
{
	for (int fd; (fd = device_next()) >= 0;)
		sched_wakeup(&device_channels[fd]);
	sched_wakeup(&file_poll_channel);
}

int file_wait(int host, bool write, uint64_t until)
{
	device_watch(host, write ? POLLOUT : POLLIN);
	return sched_block(&device_channels[host], until);
}

static bool may_wait(int host)
{
	return !(device_fcntl_flags(host) & 04000 /* O_NONBLOCK, set by whoever opened it */);
}

ssize_t file_read(int host, const struct iovec *iov, int count)
{
	ssize_t n;

	while ((n = device_read(host, iov, count)) == -EAGAIN && may_wait(host))
		if (file_wait(host, false, UINT64_MAX) == -EINTR)
			return -EINTR;
	return n;
}

/* Advances the pieces past what was written. */
static void consume(struct iovec **iov, int *count, size_t n)
{
	while (*count > 0 && n >= (*iov)->iov_len) {
		n -= (*iov)->iov_len;
		++*iov;
		--*count;
	}
	if (*count > 0) {
		(*iov)->iov_base = (char *)(*iov)->iov_base + n;
		(*iov)->iov_len -= n;
	}
}

/* All of it, as a write that blocks does; changes the pieces. */
ssize_t file_write(int host, struct iovec *iov, int count)
{
	ssize_t done = 0, n = 0;

	while (count > 0) {
		n = device_write(host, iov, count);
		if (n == -EAGAIN && may_wait(host))
			n = file_wait(host, true, UINT64_MAX) == -EINTR ? -EINTR : 0;
		if (n < 0)
			break;
		done += n;
		consume(&iov, &count, (size_t)n);
	}
	if (n == -EPIPE && !signal_ignored(current_proc(), SIGPIPE))
		proc_kill(current_proc(), SIGPIPE);
	if (n == -EFBIG && !signal_ignored(current_proc(), SIGXFSZ))
		proc_kill(current_proc(), SIGXFSZ);
	return done ? done : n;
}
