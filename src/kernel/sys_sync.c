/* What is written reaches the disk; and advice on what will be read, which is the host's to take. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "kernel/disk_wait.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/disk.h"

#define SYNC_FILE_RANGE_FLAGS 7u

static unsigned type_of(struct file *f)
{
	struct statx st;

	return f->ops->stat && f->ops->stat(f, &st) == 0 ? st.stx_mode & S_IFMT : 0;
}

static long sync_one(uint64_t fd, bool data_only)
{
	struct file *f = file_get((int)fd);
	unsigned type;
	int error;

	if (!f)
		return -EBADF;
	type = type_of(f);
	if (f->host < 0 || (type != S_IFREG && type != S_IFDIR && type != S_IFBLK))
		return -EINVAL;
	f->uses++; /* another thread may close it meanwhile */
	error = disk_wait_sync(f->host, data_only);
	file_release(f);
	return error;
}

long sys_fsync(const uint64_t *a)
{
	return sync_one(a[0], false);
}

long sys_fdatasync(const uint64_t *a)
{
	return sync_one(a[0], true);
}

long sys_sync(const uint64_t *a)
{
	(void)a;
	disk_sync_all(-1);
	return 0;
}

long sys_syncfs(const uint64_t *a)
{
	struct file *f = file_get((int)a[0]);

	if (!f)
		return -EBADF;
	return f->host < 0 ? 0 : disk_sync_all(f->host);
}

long sys_sync_file_range(const uint64_t *a)
{
	struct file *f = file_get((int)a[0]);
	int64_t offset = (int64_t)a[1], length = (int64_t)a[2], end;
	unsigned type;

	if (!f)
		return -EBADF;
	if ((unsigned)a[3] & ~SYNC_FILE_RANGE_FLAGS || offset < 0 || length < 0 ||
	    __builtin_add_overflow(offset, length, &end))
		return -EINVAL;
	type = type_of(f);
	if (type != S_IFREG && type != S_IFBLK && type != S_IFDIR)
		return -ESPIPE;
	return a[3] && f->host >= 0 ? sync_one(a[0], true) : 0;
}

long sys_readahead(const uint64_t *a)
{
	struct file *f = file_get((int)a[0]);

	if (!f || !file_may_read(f))
		return -EBADF;
	return type_of(f) == S_IFREG ? 0 : -EINVAL;
}

long sys_fadvise64(const uint64_t *a)
{
	struct file *f = file_get((int)a[0]);

	if (!f)
		return -EBADF;
	if (type_of(f) == S_IFIFO)
		return -ESPIPE;
	if ((int64_t)a[2] < 0 || (int)a[3] < POSIX_FADV_NORMAL || (int)a[3] > POSIX_FADV_NOREUSE)
		return -EINVAL;
	return 0;
}
