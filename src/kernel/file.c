/*
 * Descriptors, open files, and waiting for them. Files that the kernel waits
 * for are those that somebody else fills or empties: a terminal or a pipe that
 * uos was started with, a pipe between guests.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "kernel/anonymous.h"
#include "kernel/file.h"
#include "kernel/lock.h"
#include "kernel/proc.h"
#include "kernel/socket.h"
#include "machine/device.h"
#include "machine/disk.h"

static uint64_t open_count; /* struct files; the descriptors are among their uses */

/* ---- Open files ------------------------------------------------------- */

#define OPENING_ONLY (O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)

struct file *file_new(const struct file_ops *ops, int flags)
{
	struct file *f = calloc(1, sizeof *f);

	if (!f)
		return NULL;
	*f = (struct file){ .ops = ops, .uses = 1, .host = -1 };
	f->flags = flags & O_PATH ? flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW) : (flags & ~OPENING_ONLY) | FILE_LARGE;
	open_count++;
	return f;
}

static void close_file(struct file *f)
{
	if (f->watched)
		epoll_file_gone(f);
	if (f->ops && f->ops->close)
		f->ops->close(f);
	free(f->at);
	free(f);
	open_count--;
}

/*
 * Closing a socket closes the files in the messages that wait there, sockets
 * with messages among them, as deep as a guest likes: those wait here, not on
 * the kernel stack. No close() sleeps, so nobody sees one that waits.
 */
void file_release(struct file *f)
{
	static struct file *unused;
	static bool closing;

	if (--f->uses > 0)
		return;
	f->next_unused = unused;
	unused = f;
	if (closing)
		return;
	closing = true;
	while ((f = unused)) {
		unused = f->next_unused;
		close_file(f);
	}
	closing = false;
}

void files_release(struct file **files, int count)
{
	while (count > 0)
		file_release(files[--count]);
}

uint64_t files_count(void)
{
	return open_count;
}

int file_place(struct file *f, struct place *out)
{
	ssize_t n;

	if (!f->at)
		return -ENOENT;
	*out = *f->at;
	if (out->mount->fs != &fs_host)
		return 0;
	n = disk_name(out->mount->root, f->host, out->name, sizeof out->name);
	return n < 0 ? (int)n : 0;
}

int file_where(struct file *f, struct place *out)
{
	return f->ops->entries ? file_place(f, out) : -ENOTDIR;
}

/* ---- Descriptors ------------------------------------------------------ */

struct file *file_get_any(int fd)
{
	return fd >= 0 && fd < FD_MAX ? current_proc()->files[fd] : NULL;
}

struct file *file_get(int fd)
{
	struct file *f = file_get_any(fd);

	return f && !(f->flags & O_PATH) ? f : NULL;
}

int file_close(int fd)
{
	struct file *f = file_get_any(fd);

	if (!f)
		return -EBADF;
	current_proc()->files[fd] = NULL;
	locks_file_closed(current_proc(), f);
	file_release(f);
	return 0;
}

/* What a process begins with: what uos was started with. 0 or -errno. */
int files_open_standard(struct proc *p)
{
	for (int fd = 0; fd < 3; fd++) {
		if (!machine_info.standard_fd[fd])
			continue;
		p->files[fd] = file_new(&device_file, device_flags(fd));
		if (!p->files[fd])
			return -ENOMEM;
		p->files[fd]->host = fd;
	}
	p->umask = mounts_umask();
	return file_open(p, AT_FDCWD, mounts_start(), O_PATH | O_DIRECTORY, 0, &p->cwd);
}

void files_close(struct proc *p)
{
	for (int fd = 0; fd < FD_MAX; fd++)
		if (p->files[fd])
			file_release(p->files[fd]);
	memset(p->files, 0, sizeof p->files);
	locks_end(p);
	if (p->cwd)
		file_release(p->cwd);
	if (p->exe)
		file_release(p->exe);
	p->cwd = p->exe = NULL;
	sockets_collect();
}

/* What the process has been told, or has said itself, that it may have. */
static int descriptors_most(void)
{
	rlim_t limit = current_proc()->facts.limits[RLIMIT_NOFILE].rlim_cur;

	return limit < FD_MAX ? (int)limit : FD_MAX;
}

int file_vacant(int lowest)
{
	struct proc *p = current_proc();

	for (int fd = lowest; fd < descriptors_most(); fd++)
		if (!p->files[fd])
			return fd;
	return -EMFILE;
}

int file_install(struct file *f, int lowest, bool cloexec)
{
	struct proc *p = current_proc();
	int fd = file_vacant(lowest);

	if (fd < 0) {
		file_release(f);
		return fd;
	}
	p->files[fd] = f;
	p->cloexec[fd] = cloexec;
	return fd;
}

int file_duplicate_to(int fd, int to, bool cloexec)
{
	struct proc *p = current_proc();
	struct file *f = file_get_any(fd);

	if (!f || to < 0 || to >= descriptors_most())
		return -EBADF;
	f->uses++;
	if (p->files[to])
		file_close(to);
	p->files[to] = f;
	p->cloexec[to] = cloexec;
	return to;
}

int file_duplicate(int fd, int lowest, bool cloexec)
{
	struct file *f = file_get_any(fd);

	if (!f)
		return -EBADF;
	if (lowest < 0 || lowest >= descriptors_most())
		return -EINVAL;
	f->uses++;
	return file_install(f, lowest, cloexec);
}

/* ---- Reading, writing, waiting ---------------------------------------- */

short file_poll(struct file *f, short events)
{
	return f->ops->poll ? f->ops->poll(f, events) : events & (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
}

int file_wait(struct file *f, short events, uint64_t until)
{
	return sched_block(f->ops->channel(f, events), until);
}

/* -EAGAIN, from whom one can wait for. */
static bool must_wait(struct file *f, ssize_t result)
{
	return result == -EAGAIN && f->ops->channel && !(f->flags & O_NONBLOCK);
}

ssize_t file_read(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	ssize_t n;

	if (!f->ops->read)
		return -EINVAL;
	if (offset >= 0 && !f->ops->seek)
		return -ESPIPE;
	if (!count && f->ops->channel)
		return 0; /* nothing is there at once */
	while (must_wait(f, n = f->ops->read(f, iov, count, offset)))
		if (file_wait(f, POLLIN, UINT64_MAX) == -EINTR)
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

/* Sockets that keep messages apart fail without a signal, as on Linux. */
static void signal_failure(const struct file *f, ssize_t error)
{
	const struct socket *s = socket_of(f);
	int signal = error == -EPIPE && (!s || s->type == SOCK_STREAM) ? SIGPIPE : error == -EFBIG ? SIGXFSZ : 0;

	if (signal)
		signal_send_self(signal);
}

/* All of it, as a write that blocks does; changes the pieces. */
ssize_t file_write(struct file *f, struct iovec *iov, int count, int64_t offset)
{
	ssize_t done = 0, n = 0;

	if (!f->ops->write)
		return -EINVAL;
	if (offset >= 0 && !f->ops->seek)
		return -ESPIPE;
	while (count > 0) {
		n = f->ops->write(f, iov, count, offset < 0 ? -1 : offset + done);
		if (must_wait(f, n) && (n = file_wait(f, POLLOUT, UINT64_MAX)) != -EINTR)
			continue;
		if (n <= 0)
			break;
		done += n;
		consume(&iov, &count, (size_t)n);
	}
	signal_failure(f, n);
	return done ? done : n;
}
