/* System calls on descriptors (section 2 of the manual has each). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"

long sys_close(const uint64_t *a)
{
	return file_close((int)a[0]);
}

/* What newer kernels tell, as older programs know it. */
static struct stat old_stat(const struct statx *x)
{
	return (struct stat){
		.st_dev = makedev(x->stx_dev_major, x->stx_dev_minor), .st_ino = x->stx_ino, .st_nlink = x->stx_nlink,
		.st_mode = x->stx_mode, .st_uid = x->stx_uid, .st_gid = x->stx_gid,
		.st_rdev = makedev(x->stx_rdev_major, x->stx_rdev_minor), .st_size = (off_t)x->stx_size,
		.st_blksize = x->stx_blksize, .st_blocks = (blkcnt_t)x->stx_blocks,
		.st_atim = { x->stx_atime.tv_sec, x->stx_atime.tv_nsec },
		.st_mtim = { x->stx_mtime.tv_sec, x->stx_mtime.tv_nsec },
		.st_ctim = { x->stx_ctime.tv_sec, x->stx_ctime.tv_nsec }
	};
}

static long stat_out(uint64_t fd, uintptr_t to)
{
	struct file *f = file_get_any((int)fd);
	struct statx x;
	struct stat st;
	int error = f ? f->ops->stat(f, &x) : -EBADF;

	if (error)
		return error;
	st = old_stat(&x);
	return copy_out(to, &st, sizeof st);
}

long sys_fstat(const uint64_t *a)
{
	return stat_out(a[0], a[1]);
}

/* Of an open descriptor (AT_EMPTY_PATH with an empty name); names are not there yet. */
long sys_newfstatat(const uint64_t *a)
{
	char path[PATH_MAX];
	long n = string_in(path, a[1], sizeof path);

	if (n < 0)
		return n;
	if (n > 0)
		return -ENOSYS;
	return (int)a[3] & AT_EMPTY_PATH ? stat_out(a[0], a[2]) : -ENOENT;
}

long sys_lseek(const uint64_t *a)
{
	struct file *f = file_get((int)a[0]);

	if (!f)
		return -EBADF;
	return f->ops->seek ? f->ops->seek(f, (int64_t)a[1], (int)a[2]) : -ESPIPE;
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

static long self_exe(const char *path, uintptr_t to, uint64_t size)
{
	const char *exe = current_proc()->path;
	size_t n = strlen(exe);

	if ((int64_t)size <= 0)
		return -EINVAL;
	if (strcmp(path, "/proc/self/exe") != 0)
		return -ENOSYS;
	if (n > size)
		n = size;
	return copy_out(to, exe, n) ? -EFAULT : (long)n;
}

/* Only a program's own name yet: libc asks for it. */
long sys_readlink(const uint64_t *a)
{
	char path[PATH_MAX];
	long n = string_in(path, a[0], sizeof path);

	return n < 0 ? n : self_exe(path, a[1], a[2]);
}

long sys_readlinkat(const uint64_t *a)
{
	return sys_readlink(a + 1);
}
