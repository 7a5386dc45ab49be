/* System calls that change what a file is like: mode, owner, times, length. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <utime.h>

#include "kernel/names.h"
#include "kernel/pipe.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/disk.h"

long sys_umask(const uint64_t *a)
{
	unsigned old = current_proc()->umask;

	current_proc()->umask = (unsigned)a[0] & 0777;
	return old;
}

/* Other flags than these are refused. */
static int walk(int dirfd, uintptr_t name, int flags, struct place *at)
{
	return flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) ? -EINVAL : name_walk(dirfd, name, flags, at);
}

/* ---- Mode and owner --------------------------------------------------- */

static long change_mode(const struct place *at, unsigned mode)
{
	const char *name;
	int root = name_to_change(at, &name);

	return root < 0 ? root : disk_chmod(root, name, mode & 07777);
}

static long mode_by_name(int dirfd, uintptr_t name, unsigned mode, int flags)
{
	struct place at;
	int error = walk(dirfd, name, flags, &at);

	return error ? error : change_mode(&at, mode);
}

long sys_chmod(const uint64_t *a)
{
	return mode_by_name(AT_FDCWD, a[0], (unsigned)a[1], 0);
}

long sys_fchmodat(const uint64_t *a)
{
	return mode_by_name((int)a[0], a[1], (unsigned)a[2], 0);
}

long sys_fchmodat2(const uint64_t *a)
{
	return mode_by_name((int)a[0], a[1], (unsigned)a[2], (int)a[3]);
}

long sys_fchmod(const uint64_t *a)
{
	struct place at;
	int error = name_of_descriptor((int)a[0], &at);

	return error ? error : change_mode(&at, (unsigned)a[1]);
}

static long change_owner(const struct place *at, const uint64_t *owner)
{
	const char *name;
	int root = name_to_change(at, &name);

	return root < 0 ? root : disk_chown(root, name, (unsigned)owner[0], (unsigned)owner[1]);
}

static long owner_by_name(int dirfd, uintptr_t name, const uint64_t *owner, int flags)
{
	struct place at;
	int error = walk(dirfd, name, flags, &at);

	return error ? error : change_owner(&at, owner);
}

long sys_chown(const uint64_t *a)
{
	return owner_by_name(AT_FDCWD, a[0], a + 1, 0);
}

long sys_lchown(const uint64_t *a)
{
	return owner_by_name(AT_FDCWD, a[0], a + 1, AT_SYMLINK_NOFOLLOW);
}

long sys_fchownat(const uint64_t *a)
{
	return owner_by_name((int)a[0], a[1], a + 2, (int)a[4]);
}

long sys_fchown(const uint64_t *a)
{
	struct place at;
	int error = name_of_descriptor((int)a[0], &at);

	return error ? error : change_owner(&at, a + 1);
}

/* ---- Times ------------------------------------------------------------ */

static bool is_time(const struct timespec *t)
{
	return t->tv_nsec == UTIME_NOW || t->tv_nsec == UTIME_OMIT || (t->tv_nsec >= 0 && t->tv_nsec < 1000000000);
}

/* `times` NULL: now. */
static long change_times(const struct place *at, const struct timespec *times)
{
	const char *name;
	int root;

	if (times && !(is_time(&times[0]) && is_time(&times[1])))
		return -EINVAL;
	root = name_to_change(at, &name);
	return root < 0 ? root : disk_utimes(root, name, times);
}

static long times_by_name(int dirfd, uintptr_t name, const struct timespec *times, int flags)
{
	struct place at;
	int error = walk(dirfd, name, flags, &at);

	return error ? error : change_times(&at, times);
}

static long times_by_descriptor(int fd, const struct timespec *times, int flags)
{
	struct place at;
	int error = flags ? -EINVAL : name_of_descriptor(fd, &at);

	return error ? error : change_times(&at, times);
}

long sys_utimensat(const uint64_t *a)
{
	struct timespec times[2], *given = a[2] ? times : NULL;

	if (given && copy_in(times, a[2], sizeof times) != 0)
		return -EFAULT;
	if (given && times[0].tv_nsec == UTIME_OMIT && times[1].tv_nsec == UTIME_OMIT)
		return 0; /* whatever the name */
	if (!a[1] && (int)a[0] != AT_FDCWD)
		return times_by_descriptor((int)a[0], given, (int)a[3]);
	return times_by_name((int)a[0], a[1], given, (int)a[3]);
}

static long microseconds(int dirfd, uintptr_t name, uintptr_t from)
{
	struct timespec times[2];
	struct timeval given[2];

	if (from && copy_in(given, from, sizeof given) != 0)
		return -EFAULT;
	for (int i = 0; from && i < 2; i++) {
		if (given[i].tv_usec < 0 || given[i].tv_usec >= 1000000)
			return -EINVAL;
		times[i] = (struct timespec){ given[i].tv_sec, given[i].tv_usec * 1000 };
	}
	if (!name && dirfd != AT_FDCWD)
		return times_by_descriptor(dirfd, from ? times : NULL, 0);
	return times_by_name(dirfd, name, from ? times : NULL, 0);
}

long sys_utimes(const uint64_t *a)
{
	return microseconds(AT_FDCWD, a[0], a[1]);
}

long sys_futimesat(const uint64_t *a)
{
	return microseconds((int)a[0], a[1], a[2]);
}

long sys_utime(const uint64_t *a)
{
	struct timespec times[2] = { { 0, 0 }, { 0, 0 } };
	struct utimbuf given;

	if (a[1]) {
		if (copy_in(&given, a[1], sizeof given) != 0)
			return -EFAULT;
		times[0].tv_sec = given.actime;
		times[1].tv_sec = given.modtime;
	}
	return times_by_name(AT_FDCWD, a[0], a[1] ? times : NULL, 0);
}

/* ---- Length ----------------------------------------------------------- */

static long set_length(const struct place *at, uint64_t length)
{
	const char *name;
	int root = name_to_change(at, &name), fd = root < 0 ? root : disk_open(root, name, O_WRONLY, 0), error;

	if (fd < 0)
		return fd;
	error = disk_truncate(fd, length);
	disk_close(fd);
	return error;
}

long sys_truncate(const uint64_t *a)
{
	struct place at;
	struct statx st;
	int error;

	if ((int64_t)a[1] < 0)
		return -EINVAL;
	error = name_walk(AT_FDCWD, a[0], 0, &at);
	if (!error)
		error = place_stat(&at, &st);
	if (error)
		return error;
	if (!S_ISREG(st.stx_mode))
		return S_ISDIR(st.stx_mode) ? -EISDIR : -EINVAL;
	return set_length(&at, a[1]);
}

/* An open file of the host's that may be written; what it refuses otherwise is the caller's. */
static bool writes_to_host(const struct file *f)
{
	return f->host >= 0 && file_may_write(f) && !pipe_is(f);
}

long sys_ftruncate(const uint64_t *a)
{
	struct file *f = file_get((int)a[0]);
	long answer;

	if ((int64_t)a[1] < 0)
		return -EINVAL;
	if (!f)
		return -EBADF;
	if (!writes_to_host(f))
		return -EINVAL;
	answer = disk_truncate(f->host, a[1]);
	memfd_count(f);
	return answer;
}

long sys_fallocate(const uint64_t *a)
{
	struct file *f = file_get((int)a[0]);
	struct statx st;
	long answer;

	if (!f)
		return -EBADF;
	if ((int64_t)a[2] < 0 || (int64_t)a[3] <= 0)
		return -EINVAL;
	if (writes_to_host(f)) {
		answer = (int)a[1] & FALLOC_FL_PUNCH_HOLE ? 0 : memfd_reserve(f, a[3]);
		answer = answer ? answer : disk_allocate(f->host, (int)a[1], a[2], a[3]);
		memfd_count(f);
		return answer;
	}
	if (!file_may_write(f))
		return -EBADF;
	return f->ops->stat && f->ops->stat(f, &st) == 0 && S_ISFIFO(st.stx_mode) ? -ESPIPE : -ENODEV;
}
