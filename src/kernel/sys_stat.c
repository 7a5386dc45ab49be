/* System calls that look at files and change nothing. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

#include "kernel/names.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/disk.h"

#define STAT_FLAGS (AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)
#define ENTRIES_ROOM 32768u
#define ST_VALID 0x20 /* of statfs.f_flags, in Linux; the C libraries take it off */

int name_walk(int dirfd, uintptr_t name, int flags, struct place *out)
{
	unsigned walk = flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW;

	return path_walk_user(dirfd, name, walk | (flags & AT_EMPTY_PATH ? WALK_EMPTY : 0), out, NULL);
}

int name_of_descriptor(int fd, struct place *out)
{
	return file_get(fd) ? path_walk(current_proc(), fd, "", WALK_EMPTY, out, NULL) : -EBADF;
}

int name_to_change(const struct place *at, const char **name)
{
	int error = place_writable(at);

	return error ? error : place_root(at, name);
}

/* ---- stat ------------------------------------------------------------- */

static struct timespec time_of(const struct statx_timestamp *t)
{
	return (struct timespec){ t->tv_sec, t->tv_nsec };
}

static int stat_out(uintptr_t to, const struct statx *x)
{
	struct stat st = {
		.st_dev = makedev(x->stx_dev_major, x->stx_dev_minor),
		.st_ino = x->stx_ino,
		.st_nlink = x->stx_nlink,
		.st_mode = x->stx_mode,
		.st_uid = x->stx_uid,
		.st_gid = x->stx_gid,
		.st_rdev = makedev(x->stx_rdev_major, x->stx_rdev_minor),
		.st_size = (off_t)x->stx_size,
		.st_blksize = x->stx_blksize,
		.st_blocks = (blkcnt_t)x->stx_blocks,
		.st_atim = time_of(&x->stx_atime),
		.st_mtim = time_of(&x->stx_mtime),
		.st_ctim = time_of(&x->stx_ctime),
	};

	return copy_out(to, &st, sizeof st);
}

static int stat_by_name(int dirfd, uintptr_t name, int flags, struct statx *st)
{
	struct place at;
	int error;

	if (flags & ~STAT_FLAGS)
		return -EINVAL;
	if (flags & AT_EMPTY_PATH && !name) /* since Linux 6.11 */
		error = path_walk(current_proc(), dirfd, "", WALK_EMPTY, &at, NULL);
	else
		error = name_walk(dirfd, name, flags, &at);
	return error ? error : place_stat(&at, st);
}

static long stat_call(int dirfd, uintptr_t name, int flags, uintptr_t to)
{
	struct statx st;
	int error = stat_by_name(dirfd, name, flags, &st);

	return error ? error : stat_out(to, &st);
}

long sys_stat(const uint64_t *a)
{
	return stat_call(AT_FDCWD, a[0], 0, a[1]);
}

long sys_lstat(const uint64_t *a)
{
	return stat_call(AT_FDCWD, a[0], AT_SYMLINK_NOFOLLOW, a[1]);
}

long sys_newfstatat(const uint64_t *a)
{
	return stat_call((int)a[0], a[1], (int)a[3], a[2]);
}

static int stat_by_descriptor(int fd, struct statx *st)
{
	struct place at;
	int error = path_walk(current_proc(), fd, "", WALK_EMPTY, &at, NULL);

	return fd < 0 ? -EBADF : error ? error : place_stat(&at, st);
}

long sys_fstat(const uint64_t *a)
{
	struct statx st;
	int error = stat_by_descriptor((int)a[0], &st);

	return error ? error : stat_out(a[1], &st);
}

long sys_statx(const uint64_t *a)
{
	int flags = (int)a[2], error;
	unsigned mask = (unsigned)a[3];
	struct statx st;

	if (mask & STATX__RESERVED || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	error = stat_by_name((int)a[0], a[1], flags, &st);
	if (error)
		return error;
	st.stx_mask &= STATX_BASIC_STATS | STATX_BTIME; /* mounts are the host's, not ours */
	return copy_out(a[4], &st, sizeof st);
}

/* ---- access, readlink ------------------------------------------------- */

/* By the mode alone, as for files that the kernel makes up. */
static int access_by_mode(const struct statx *st, int mode)
{
	const struct facts *own = &current_proc()->facts;
	unsigned granted = st->stx_mode;

	if (own->uid[OF_FILES] == 0)
		return mode & X_OK && !S_ISDIR(st->stx_mode) && !(granted & 0111) ? -EACCES : 0;
	if (st->stx_uid == own->uid[OF_FILES])
		granted >>= 6;
	else if (st->stx_gid == own->gid[OF_FILES])
		granted >>= 3;
	return (unsigned)mode & ~granted ? -EACCES : 0;
}

static long access_call(int dirfd, uintptr_t name, int mode, int flags)
{
	struct place at;
	struct statx st;
	const char *own;
	int error, root;

	if (mode & ~7 || flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	error = name_walk(dirfd, name, flags & ~AT_EACCESS, &at);
	if (!error)
		error = place_stat(&at, &st);
	if (error)
		return error;
	root = place_root(&at, &own);
	error = root < 0 ? access_by_mode(&st, mode) : disk_access(root, own, mode);
	if (error || !(mode & W_OK))
		return error;
	return S_ISREG(st.stx_mode) || S_ISDIR(st.stx_mode) || S_ISLNK(st.stx_mode) ? place_writable(&at) : 0;
}

long sys_access(const uint64_t *a)
{
	return access_call(AT_FDCWD, a[0], (int)a[1], 0);
}

long sys_faccessat(const uint64_t *a)
{
	return access_call((int)a[0], a[1], (int)a[2], 0);
}

long sys_faccessat2(const uint64_t *a)
{
	return access_call((int)a[0], a[1], (int)a[2], (int)a[3]);
}

static ssize_t link_text(const struct place *at, char *to, size_t room)
{
	const char *name;
	int root;

	if (at->is_seen && !S_ISLNK(at->seen.stx_mode))
		return -EINVAL; /* realpath(3) asks of every directory on its way */
	if (!at->file)
		return at->mount->fs->readlink(at, to, room);
	root = place_root(at, &name);
	return root < 0 ? -EINVAL : disk_readlink(root, name, to, room);
}

static long readlink_call(int dirfd, uintptr_t name, uintptr_t to, int size)
{
	char text[PATH_MAX], first = 'x';
	struct place at;
	ssize_t n;

	if (size <= 0)
		return -EINVAL;
	n = name_walk(dirfd, name, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &at);
	if (n == 0)
		n = link_text(&at, text, sizeof text);
	if (n == -EINVAL && copy_in(&first, name, 1) == 0 && !first)
		n = -ENOENT; /* no link is what an empty name names */
	if (n > size)
		n = size;
	return n > 0 && copy_out(to, text, (size_t)n) != 0 ? -EFAULT : n;
}

long sys_readlink(const uint64_t *a)
{
	return readlink_call(AT_FDCWD, a[0], a[1], (int)a[2]);
}

long sys_readlinkat(const uint64_t *a)
{
	return readlink_call((int)a[0], a[1], a[2], (int)a[3]);
}

/* ---- File systems ----------------------------------------------------- */

static long statfs_out(const struct place *at, uintptr_t to)
{
	struct statfs s = { .f_type = at->mount && at->mount->fs == &fs_proc ? PROC_SUPER_MAGIC : TMPFS_MAGIC,
			    .f_bsize = PAGE_SIZE, .f_frsize = PAGE_SIZE, .f_namelen = NAME_MAX };
	const char *name;
	int root = place_root(at, &name), error = root < 0 ? 0 : disk_statfs(root, name, &s);

	if (error)
		return error;
	s.f_flags |= ST_VALID;
	if (place_writable(at) == -EROFS)
		s.f_flags |= ST_RDONLY;
	return copy_out(to, &s, sizeof s);
}

long sys_statfs(const uint64_t *a)
{
	struct place at;
	int error = name_walk(AT_FDCWD, a[0], 0, &at);

	return error ? error : statfs_out(&at, a[1]);
}

long sys_fstatfs(const uint64_t *a)
{
	struct place at;
	int fd = (int)a[0], error = path_walk(current_proc(), fd, "", WALK_EMPTY, &at, NULL);

	return fd < 0 ? -EBADF : error ? error : statfs_out(&at, a[1]);
}

/* ---- Directories ------------------------------------------------------ */

/* How much of the guest's buffer is really there. */
static long room_at(uintptr_t va, size_t length)
{
	struct iovec pieces[16];
	int n = user_pieces(va, length, PROT_WRITE, pieces, 16);
	size_t room = 0;

	for (int i = 0; i < n; i++)
		room += pieces[i].iov_len;
	return n < 0 ? n : (long)room;
}

/* Reads as many as fit into memory of the kernel, which the caller frees. */
static long entries(int fd, uintptr_t to, unsigned count, char **buffer)
{
	struct file *f = file_get(fd);
	long room;

	*buffer = NULL;
	if (!f)
		return -EBADF;
	if (!f->ops->entries)
		return -ENOTDIR;
	if ((int)count < 0)
		count = 0;
	room = room_at(to, count < ENTRIES_ROOM ? count : ENTRIES_ROOM);
	if (room < 0)
		return room;
	*buffer = malloc((size_t)room + 1);
	return *buffer ? f->ops->entries(f, *buffer, (size_t)room) : -ENOMEM;
}

static long entries_out(uintptr_t to, char *buffer, long n)
{
	if (n > 0 && copy_out(to, buffer, (size_t)n) != 0)
		n = -EFAULT;
	free(buffer);
	return n;
}

long sys_getdents64(const uint64_t *a)
{
	char *buffer;
	long n = entries((int)a[0], a[1], (unsigned)a[2], &buffer);

	return entries_out(a[1], buffer, n);
}

/* The older form has the type at the end, where getdents64 has padding or the name's NUL; its length is the same. */
long sys_getdents(const uint64_t *a)
{
	char *buffer;
	long n = entries((int)a[0], a[1], (unsigned)a[2], &buffer);

	for (long at = 0; at < n;) {
		struct dirent64 *d = (void *)(buffer + at);
		unsigned char type = d->d_type;
		char *name = (char *)d + 18;

		memmove(name, d->d_name, strlen(d->d_name) + 1);
		((unsigned char *)d)[d->d_reclen - 1] = type;
		at += d->d_reclen;
	}
	return entries_out(a[1], buffer, n);
}

/* ---- Handles ---------------------------------------------------------- */

long sys_name_to_handle_at(const uint64_t *a)
{
	struct place at;
	int error;

	if ((int)a[4] & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	error = name_walk((int)a[0], a[1], (int)a[4] & AT_SYMLINK_FOLLOW ? (int)a[4] : (int)a[4] | AT_SYMLINK_NOFOLLOW, &at);
	return error ? error : -EOPNOTSUPP; /* as on a file system without them: a handle is a way around all walks */
}
