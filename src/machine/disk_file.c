/* The host's files by descriptor. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "machine/disk.h"
#include "machine/hw.h"

void disk_close(int fd)
{
	close(fd);
}

/* The timer interrupts slow file systems, network's for one: then again, as if nothing had been. */
ssize_t disk_readv(int fd, const struct iovec *iov, int count, int64_t offset)
{
	ssize_t n;

	do
		n = offset < 0 ? readv(fd, iov, count) : preadv(fd, iov, count, offset);
	while (n < 0 && errno == EINTR);
	return or_errno(n);
}

ssize_t disk_readv_cached(int fd, const struct iovec *iov, int count, int64_t offset)
{
	return or_errno(preadv2(fd, iov, count, offset, RWF_NOWAIT));
}

ssize_t disk_writev(int fd, const struct iovec *iov, int count, int64_t offset)
{
	ssize_t n;

	do
		n = offset < 0 ? writev(fd, iov, count) : pwritev(fd, iov, count, offset);
	while (n < 0 && errno == EINTR);
	return or_errno(n);
}

ssize_t disk_read(int fd, void *buffer, size_t length, uint64_t offset)
{
	size_t done = 0;

	while (done < length) {
		struct iovec rest = { (char *)buffer + done, length - done };
		ssize_t n = disk_readv(fd, &rest, 1, (int64_t)(offset + done));

		if (n < 0)
			return n;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int64_t disk_seek(int fd, int64_t offset, int whence)
{
	return or_errno(lseek(fd, offset, whence));
}

int disk_fstat(int fd, struct statx *st)
{
	return (int)or_errno(statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, st));
}

ssize_t disk_entries(int fd, void *buffer, size_t room)
{
	size_t done = 0;
	ssize_t n;

	do {
		n = getdents64(fd, (char *)buffer + done, room - done);
		done += n > 0 ? (size_t)n : 0;
	} while (n > 0 && cpu_pending); /* Linux cuts the list short where a signal comes: the timer's is none of the guest's */
	return done ? (ssize_t)done : or_errno(n);
}

int disk_truncate(int fd, uint64_t length)
{
	return length > INT64_MAX ? -EINVAL : (int)or_errno(ftruncate(fd, (off_t)length));
}

int disk_allocate(int fd, int mode, uint64_t offset, uint64_t length)
{
	return (int)or_errno(fallocate(fd, mode, (off_t)offset, (off_t)length));
}

int disk_sync(int fd, bool data_only)
{
	return (int)or_errno(data_only ? fdatasync(fd) : fsync(fd));
}

int disk_sync_all(int fd)
{
	if (fd >= 0)
		return (int)or_errno(syncfs(fd));
	sync();
	return 0;
}

int disk_lock(int fd, struct flock *lock, bool ask)
{
	lock->l_pid = 0; /* what open file descriptions' locks want */
	return (int)or_errno(fcntl(fd, ask ? F_OFD_GETLK : F_OFD_SETLK, lock));
}

int disk_flock(int fd, int operation)
{
	return (int)or_errno(flock(fd, operation | LOCK_NB));
}

int disk_memory(const char *name, unsigned flags)
{
	int fd = memfd_create(name, flags | MFD_CLOEXEC);

	return fd < 0 ? errno == EMFILE ? -ENFILE : -errno : fd;
}

int disk_seals(int fd, int add)
{
	return (int)or_errno(add < 0 ? fcntl(fd, F_GET_SEALS) : fcntl(fd, F_ADD_SEALS, add));
}

int disk_flags(int fd)
{
	return (int)or_errno(fcntl(fd, F_GETFL));
}

int disk_set_flags(int fd, int flags)
{
	return (int)or_errno(fcntl(fd, F_SETFL, flags & ~O_ASYNC)); /* signals of the host's are not for guests */
}
