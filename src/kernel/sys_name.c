/* System calls that make, remove and move names. Each checks in Linux's order; the host does what is left. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "kernel/fifo.h"
#include "kernel/names.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/disk.h"

#define RENAME_ALL (RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)

/* A name whose last component is to be made, removed or moved. */
enum last { LAST_NAME, LAST_TOO_LONG, LAST_DOT, LAST_DOTDOT, LAST_ROOT };
struct entry {
	struct place at;            /* unless `last` is LAST_NAME: its directory's */
	const struct mount *parent; /* where its directory is: not at.mount if this is a mount point */
	enum last last;
	bool slash;                 /* "name/" */
};

/* Cuts the last component off if it is not the name of anything, and says what it is. */
static enum last cut_last(char *path, size_t length, bool *slash)
{
	size_t end = length, start;

	while (end > 0 && path[end - 1] == '/')
		end--;
	for (start = end; start > 0 && path[start - 1] != '/';)
		start--;
	*slash = end < length && end > 0;
	if (end == 0)
		return LAST_ROOT;
	if (end - start <= NAME_MAX && (end - start > 2 || path[start] != '.' || (end - start == 2 && path[start + 1] != '.')))
		return LAST_NAME;
	path[start] = 0;
	return end - start == 1 ? LAST_DOT : end - start == 2 ? LAST_DOTDOT : LAST_TOO_LONG;
}

/* The mount that the directory of a mount point is on. */
static const struct mount *mount_above(const struct mount *m)
{
	char directory[PATH_MAX];
	struct place at;
	char *slash;

	if (strlen(m->at) >= sizeof directory)
		return m;
	strcpy(directory, m->at);
	slash = strrchr(directory, '/');
	slash[slash == directory] = 0;
	return path_walk(current_proc(), AT_FDCWD, directory, WALK_FOLLOW, &at, NULL) == 0 ? at.mount : m;
}

/* Changes the path. */
static int entry_walk_text(int dirfd, char *path, struct entry *e)
{
	int error;

	e->last = cut_last(path, strlen(path), &e->slash);
	if (e->last == LAST_NAME)
		error = path_walk(current_proc(), dirfd, path, WALK_CREATE, &e->at, NULL);
	else
		error = path_walk(current_proc(), dirfd, *path ? path : ".", WALK_FOLLOW, &e->at, NULL);
	if (error)
		return error;
	e->parent = e->at.mount;
	if (e->last == LAST_NAME && !*e->at.name)
		e->parent = mount_above(e->at.mount);
	return 0;
}

static int entry_walk(int dirfd, uintptr_t name, struct entry *e)
{
	char path[PATH_MAX];
	long n = string_in(path, name, sizeof path);

	if (n <= 0)
		return n < 0 ? (int)n : -ENOENT;
	return entry_walk_text(dirfd, path, e);
}

static int entry_stat(const struct entry *e, struct statx *st)
{
	return e->last == LAST_TOO_LONG ? -ENAMETOOLONG : place_stat(&e->at, st);
}

static bool is_directory(const struct statx *st)
{
	return S_ISDIR(st->stx_mode);
}

/* May something new be made there? -EEXIST is told before -EROFS. */
static int check_new(const struct entry *e, bool directory)
{
	struct statx st;
	int error;

	if (e->last >= LAST_DOT)
		return -EEXIST;
	error = entry_stat(e, &st);
	if (error != -ENOENT)
		return error ? error : -EEXIST;
	return e->slash && !directory ? -ENOENT : place_writable(&e->at);
}

static int new_walk(int dirfd, uintptr_t name, bool directory, struct entry *e)
{
	int error = entry_walk(dirfd, name, e);

	return error ? error : check_new(e, directory);
}

static long make_directory(int dirfd, uintptr_t name, unsigned mode)
{
	struct entry e;
	int error = new_walk(dirfd, name, true, &e);

	return error ? error : disk_mkdir(e.at.mount->root, e.at.name, mode & 01777 & ~current_proc()->umask);
}

long sys_mkdir(const uint64_t *a)
{
	return make_directory(AT_FDCWD, a[0], (unsigned)a[1]);
}

long sys_mkdirat(const uint64_t *a)
{
	return make_directory((int)a[0], a[1], (unsigned)a[2]);
}

static int make_file(const struct entry *e, unsigned mode)
{
	int fd = disk_open(e->at.mount->root, e->at.name, O_CREAT | O_EXCL | O_WRONLY, mode & 07777 & ~current_proc()->umask);

	if (fd < 0)
		return fd;
	disk_close(fd);
	return 0;
}

int name_make_socket(char *path, unsigned mode, struct statx *st)
{
	struct entry e;
	int error = entry_walk_text(AT_FDCWD, path, &e);

	if (!error)
		error = check_new(&e, false);
	if (!error)
		error = disk_mknod(e.at.mount->root, e.at.name, S_IFSOCK | (mode & ~current_proc()->umask));
	return error ? error : disk_stat(e.at.mount->root, e.at.name, st);
}

/* A FIFO or a socket: of these the disk has the name, and the kernel the rest. */
static int make_name(const struct entry *e, unsigned mode)
{
	struct statx st;
	int error = disk_mknod(e->at.mount->root, e->at.name, mode & ~current_proc()->umask);

	if (!error)
		error = disk_stat(e->at.mount->root, e->at.name, &st);
	return error || S_ISSOCK(mode) ? error : fifo_made(&st);
}

/* No devices: they are the host's. */
static long make_node(int dirfd, uintptr_t name, unsigned mode)
{
	struct entry e;
	int error;

	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		break;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
	error = new_walk(dirfd, name, false, &e);
	if (error)
		return error;
	if (S_ISFIFO(mode) || S_ISSOCK(mode))
		return make_name(&e, mode);
	return mode & S_IFMT & ~S_IFREG ? -EPERM : make_file(&e, mode);
}

long sys_mknod(const uint64_t *a)
{
	return make_node(AT_FDCWD, a[0], (unsigned)a[1]);
}

long sys_mknodat(const uint64_t *a)
{
	return make_node((int)a[0], a[1], (unsigned)a[2]);
}

static long make_symlink(uintptr_t target, int dirfd, uintptr_t name)
{
	char text[PATH_MAX];
	long n = string_in(text, target, sizeof text);
	struct entry e;
	int error;

	if (n <= 0)
		return n < 0 ? n : -ENOENT;
	error = new_walk(dirfd, name, false, &e);
	return error ? error : disk_symlink(text, e.at.mount->root, e.at.name);
}

long sys_symlink(const uint64_t *a)
{
	return make_symlink(a[0], AT_FDCWD, a[1]);
}

long sys_symlinkat(const uint64_t *a)
{
	return make_symlink(a[0], (int)a[1], a[2]);
}

static long make_link(int from_fd, uintptr_t from, int to_fd, uintptr_t to, int flags)
{
	struct place old;
	struct entry e;
	const char *name;
	int error, root;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	error = name_walk(from_fd, from, flags & AT_SYMLINK_FOLLOW ? flags : flags | AT_SYMLINK_NOFOLLOW, &old);
	if (!error)
		error = new_walk(to_fd, to, false, &e);
	if (error)
		return error;
	if (old.mount != e.parent)
		return -EXDEV;
	root = place_root(&old, &name);
	return root < 0 ? root : disk_link(root, name, e.at.mount->root, e.at.name);
}

long sys_link(const uint64_t *a)
{
	return make_link(AT_FDCWD, a[0], AT_FDCWD, a[1], 0);
}

long sys_linkat(const uint64_t *a)
{
	return make_link((int)a[0], a[1], (int)a[2], a[3], (int)a[4]);
}

/* A name that is to go: nothing is looked up where nothing may be changed. */
static int old_writable(const struct entry *e)
{
	return e->parent->writable ? 0 : -EROFS;
}

static long remove_directory(int dirfd, uintptr_t name)
{
	static const int refusal[] = { [LAST_DOT] = -EINVAL, [LAST_DOTDOT] = -ENOTEMPTY, [LAST_ROOT] = -EBUSY };
	struct entry e;
	int error = entry_walk(dirfd, name, &e);

	if (error)
		return error;
	if (e.last >= LAST_DOT)
		return refusal[e.last];
	error = old_writable(&e);
	if (error || e.last == LAST_TOO_LONG)
		return error ? error : -ENAMETOOLONG;
	if (place_movable(&e.at) != 0)
		return *e.at.name ? -ENOTEMPTY : -EBUSY;
	return disk_unlink(e.at.mount->root, e.at.name, AT_REMOVEDIR);
}

static long remove_file(int dirfd, uintptr_t name)
{
	struct entry e;
	struct statx st;
	int error = entry_walk(dirfd, name, &e);

	if (error)
		return error;
	if (e.last >= LAST_DOT)
		return -EISDIR;
	error = old_writable(&e);
	if (error)
		return error;
	if (e.last == LAST_NAME && !e.slash && *e.at.name)
		return disk_unlink(e.at.mount->root, e.at.name, 0);
	error = entry_stat(&e, &st);
	return error ? error : is_directory(&st) ? -EISDIR : -ENOTDIR;
}

long sys_rmdir(const uint64_t *a)
{
	return remove_directory(AT_FDCWD, a[0]);
}

long sys_unlink(const uint64_t *a)
{
	return remove_file(AT_FDCWD, a[0]);
}

long sys_unlinkat(const uint64_t *a)
{
	if ((int)a[2] & ~AT_REMOVEDIR)
		return -EINVAL;
	return (int)a[2] ? remove_directory((int)a[0], a[1]) : remove_file((int)a[0], a[1]);
}

/* What the host cannot see: slashes after a name, and mount points, which it does not have. */
static int check_rename(const struct entry *from, const struct entry *to, unsigned flags)
{
	struct statx a, b;
	int error = entry_stat(from, &a), there;

	if (error)
		return error;
	there = entry_stat(to, &b);
	if (there != 0 && there != -ENOENT)
		return there;
	if (flags & RENAME_NOREPLACE && there == 0)
		return -EEXIST;
	if (flags & RENAME_EXCHANGE && there != 0)
		return -ENOENT;
	if (flags & RENAME_EXCHANGE && to->slash && !is_directory(&b))
		return -ENOTDIR;
	if (!is_directory(&a) && (from->slash || (to->slash && !(flags & RENAME_EXCHANGE))))
		return -ENOTDIR;
	if (place_movable(&from->at) == 0 && place_movable(&to->at) == 0)
		return 0;
	if (there == 0 && !(flags & RENAME_EXCHANGE) && is_directory(&a) != is_directory(&b))
		return is_directory(&b) ? -EISDIR : -ENOTDIR;
	return -EBUSY;
}

static long move(int from_fd, uintptr_t from, int to_fd, uintptr_t to, unsigned flags)
{
	struct entry a, b;
	int error;

	if (flags & ~RENAME_ALL || (flags & RENAME_EXCHANGE && flags & (RENAME_NOREPLACE | RENAME_WHITEOUT)))
		return -EINVAL;
	error = entry_walk(from_fd, from, &a);
	if (!error)
		error = entry_walk(to_fd, to, &b);
	if (error)
		return error;
	if (a.parent != b.parent)
		return -EXDEV;
	if (a.last >= LAST_DOT || b.last >= LAST_DOT)
		return a.last < LAST_DOT && flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	error = old_writable(&a);
	if (!error)
		error = check_rename(&a, &b, flags);
	if (error)
		return error;
	if (flags & RENAME_WHITEOUT)
		return -EPERM; /* it would make a device */
	return disk_rename(a.at.mount->root, a.at.name, b.at.mount->root, b.at.name, flags);
}

long sys_rename(const uint64_t *a)
{
	return move(AT_FDCWD, a[0], AT_FDCWD, a[1], 0);
}

long sys_renameat(const uint64_t *a)
{
	return move((int)a[0], a[1], (int)a[2], a[3], 0);
}

long sys_renameat2(const uint64_t *a)
{
	return move((int)a[0], a[1], (int)a[2], a[3], (unsigned)a[4]);
}
