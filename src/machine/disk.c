/*
 * The host's files by name. Every name is resolved by one openat2(2) that
 * follows no link and cannot leave its root, whatever another process renames
 * meanwhile; what is found is then used by its descriptor, never by its name
 * again. A descriptor that stands for the thing itself (O_PATH) becomes an open
 * file, or the object of a call that knows names only, by /proc/self/fd/N.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "machine/disk.h"
#include "machine/hw.h"

#define SMACK_MAGIC_NUMBER 0x43415d53
#define MQUEUE_MAGIC_NUMBER 0x19800202
#define CONFIGFS_MAGIC_NUMBER 0x62656570
#define FUSECTL_MAGIC_NUMBER 0x65735543
#define RPC_PIPEFS_MAGIC_NUMBER 0x67596969

static int own_descriptors = -1; /* /proc/self/fd */

unsigned disk_boot(void)
{
	own_descriptors = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	disk_ring_boot();
	return umask(0);
}

/* The guests' files together are more than the host lets one process have: Linux's word for that is another. */
static int failure(void)
{
	return errno == EMFILE ? -ENFILE : -errno;
}

static int open_beneath(int root, const char *name, int flags, unsigned mode)
{
	struct open_how how = {
		.flags = (unsigned)flags | O_CLOEXEC, .mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS
	};
	long fd = syscall(SYS_openat2, root, name, &how, sizeof how);

	return fd < 0 ? failure() : (int)fd;
}

/* File systems that show the host's own insides, and would let them be changed. None is on a disk. */
static bool is_inside_view(int fd, const struct statx *st)
{
	struct statfs fs;

	if (st->stx_dev_major != 0)
		return false;
	if (fstatfs(fd, &fs) != 0)
		return true;
	switch ((uint32_t)fs.f_type) {
	case PROC_SUPER_MAGIC:
	case SYSFS_MAGIC:
	case DEVPTS_SUPER_MAGIC:
	case CGROUP_SUPER_MAGIC:
	case CGROUP2_SUPER_MAGIC:
	case DEBUGFS_MAGIC:
	case TRACEFS_MAGIC:
	case SECURITYFS_MAGIC:
	case SELINUX_MAGIC:
	case SMACK_MAGIC_NUMBER:
	case PSTOREFS_MAGIC:
	case BPF_FS_MAGIC:
	case EFIVARFS_MAGIC:
	case MQUEUE_MAGIC_NUMBER:
	case CONFIGFS_MAGIC_NUMBER:
	case FUSECTL_MAGIC_NUMBER:
	case RPC_PIPEFS_MAGIC_NUMBER:
	case BINFMTFS_MAGIC:
	case NSFS_MAGIC:
		return true;
	default:
		return false;
	}
}

/* What has that name, itself (O_PATH): for the caller to close. */
static int find_stat(int root, const char *name, struct statx *st)
{
	int error = 0, fd = *name ? open_beneath(root, name, O_PATH | O_NOFOLLOW, 0) : fcntl(root, F_DUPFD_CLOEXEC, 3);

	if (fd < 0)
		return *name ? fd : failure();
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, st) != 0)
		error = -errno;
	else if (is_inside_view(fd, st))
		error = -EACCES;
	if (error)
		close(fd);
	return error ? error : fd;
}

static int find(int root, const char *name)
{
	struct statx st;

	return find_stat(root, name, &st);
}

/* The directory that holds the last component of the name, and in *last that component. */
static int find_parent(int root, const char *name, const char **last)
{
	const char *slash = strrchr(name, '/');
	char parent[PATH_MAX];

	*last = slash ? slash + 1 : name;
	if (!slash)
		return find(root, "");
	if ((size_t)(slash - name) >= sizeof parent)
		return -ENAMETOOLONG;
	memcpy(parent, name, (size_t)(slash - name));
	parent[slash - name] = 0;
	return find(root, parent);
}

/* What the descriptor is, as a name from own_descriptors: for calls that take only names. */
struct itself {
	char name[12];
};

static struct itself itself(int fd)
{
	struct itself s;

	snprintf(s.name, sizeof s.name, "%d", fd);
	return s;
}

static int close_after(int fd, int result)
{
	result = (int)or_errno(result);
	close(fd);
	return result;
}

/* ---- Roots ------------------------------------------------------------ */

int disk_root(const char *host_path)
{
	int fd = open(host_path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? failure() : fd;
}

/* ---- Opening ---------------------------------------------------------- */

/* From the thing itself to an open file of it, if it is of a kind that guests may have. */
static int reopen(int fd, const struct statx *st, int flags, unsigned mode)
{
	bool directory = S_ISDIR(st->stx_mode);

	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	if (directory && flags & O_CREAT)
		return -EISDIR;
	if (!directory && flags & O_DIRECTORY)
		return -ENOTDIR;
	if (!(flags & O_PATH)) {
		if (S_ISLNK(st->stx_mode))
			return -ELOOP;
		if (!S_ISREG(st->stx_mode) && !directory)
			return -EACCES;
	}
	flags &= ~(O_CREAT | O_EXCL | O_NOFOLLOW);
	fd = openat(own_descriptors, itself(fd).name, flags | O_CLOEXEC, mode);
	return fd < 0 ? failure() : fd;
}

/* O_CREAT: another process may create or remove the name between our two looks. */
#define RACES 100

int disk_open(int root, const char *name, int flags, unsigned mode)
{
	int fd = -ENOENT, found;
	struct statx st;

	flags &= ~O_ASYNC; /* the host's signals are not for guests */
	for (int i = 0; i < RACES; i++) {
		found = find_stat(root, name, &st);
		if (found >= 0) {
			fd = reopen(found, &st, flags, mode);
			close(found);
			return fd;
		}
		if (found != -ENOENT || !(flags & O_CREAT))
			return found;
		fd = open_beneath(root, name, flags | O_EXCL, mode);
		if (fd != -EEXIST || flags & O_EXCL)
			break;
	}
	return fd;
}

int disk_open_program(const char *host_path, uint64_t *size)
{
	struct stat st;
	int error, fd = open(host_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not stop the machine */

	if (fd < 0)
		return failure();
	if (fstat(fd, &st) != 0)
		error = errno;
	else if (S_ISDIR(st.st_mode))
		error = EISDIR;
	else if (!S_ISREG(st.st_mode) || access(host_path, X_OK) != 0)
		error = EACCES;
	else
		error = 0;
	if (error) {
		close(fd);
		return -error;
	}
	*size = (uint64_t)st.st_size;
	return fd;
}

/* ---- Asking ----------------------------------------------------------- */

int disk_stat(int root, const char *name, struct statx *st)
{
	int fd = find_stat(root, name, st);

	return fd < 0 ? fd : close_after(fd, 0);
}

ssize_t disk_readlink(int root, const char *name, char *to, size_t room)
{
	int fd = find(root, name);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = readlinkat(fd, "", to, room);
	if (n < 0)
		n = errno == ENOENT ? -EINVAL : -errno; /* ENOENT: what an empty name of no link answers */
	close(fd);
	return n;
}

int disk_access(int root, const char *name, int mode)
{
	int fd = find(root, name);

	return fd < 0 ? fd : close_after(fd, (int)syscall(SYS_faccessat2, fd, "", mode, AT_EACCESS | AT_EMPTY_PATH));
}

int disk_statfs(int root, const char *name, struct statfs *out)
{
	int fd = find(root, name);

	return fd < 0 ? fd : close_after(fd, fstatfs(fd, out));
}

/* ---- The name of a descriptor ------------------------------------------ */

/* The host's name of it now. */
static ssize_t host_name(int fd, char *to, size_t room)
{
	ssize_t n = readlinkat(own_descriptors, itself(fd).name, to, room - 1);

	if (n < 0)
		return -errno;
	to[n] = 0;
	return n;
}

static const char mark[] = " (deleted)"; /* what the host adds to a name that was removed */
#define MARK (sizeof mark - 1)

/* A file may have been given just that name. */
static bool is_removed(int root, int fd, const char *name, size_t length)
{
	struct statx named, here;

	if (length < MARK || strcmp(name + length - MARK, mark) != 0)
		return false;
	return disk_stat(root, name, &named) != 0 || disk_fstat(fd, &here) != 0 || named.stx_ino != here.stx_ino ||
	       named.stx_dev_major != here.stx_dev_major || named.stx_dev_minor != here.stx_dev_minor;
}

/* What comes after `top`, or NULL; "/" is the beginning of every name. */
static const char *after(const char *name, const char *top)
{
	size_t n = top[1] ? strlen(top) : 0;

	if (strncmp(name, top, n) != 0 || (name[n] != '/' && name[n] != 0))
		return NULL;
	return name + n + (name[n] == '/');
}

ssize_t disk_name(int root, int fd, char *to, size_t room)
{
	static char top[PATH_MAX]; /* the name of `top_root`: roots are moved seldom */
	static int top_root = -1;
	char name[PATH_MAX];
	ssize_t length = host_name(fd, name, sizeof name);
	const char *rest = length < 0 || root != top_root ? NULL : after(name, top);

	to[0] = 0;
	if (length < 0)
		return length;
	if (!rest) {
		length = host_name(root, top, sizeof top);
		top_root = root;
		rest = length < 0 ? NULL : after(name, top);
	}
	if (!rest)
		return length < 0 ? length : -ENOENT;
	length = (ssize_t)strlen(rest);
	if ((size_t)length >= room)
		return -ENAMETOOLONG;
	memcpy(to, rest, (size_t)length + 1);
	if (!is_removed(root, fd, to, (size_t)length))
		return length;
	to[(size_t)length - MARK] = 0;
	return -ENOENT;
}

ssize_t disk_memory_name(int fd, char *to, size_t room)
{
	ssize_t length = host_name(fd, to, room);

	return length > 0 && strncmp(to, "/memfd:", strlen("/memfd:")) == 0 ? length : -ENOENT;
}

/* ---- Changing names --------------------------------------------------- */

int disk_mkdir(int root, const char *name, unsigned mode)
{
	const char *last;
	int parent = *name ? find_parent(root, name, &last) : -EEXIST;

	return parent < 0 ? parent : close_after(parent, mkdirat(parent, last, mode));
}

int disk_mknod(int root, const char *name, unsigned mode)
{
	const char *last;
	int parent = *name ? find_parent(root, name, &last) : -EEXIST;

	return parent < 0 ? parent : close_after(parent, mknodat(parent, last, mode, 0));
}

int disk_unlink(int root, const char *name, int flags)
{
	const char *last;
	int parent = *name ? find_parent(root, name, &last) : -EBUSY;

	return parent < 0 ? parent : close_after(parent, unlinkat(parent, last, flags));
}

int disk_symlink(const char *target, int root, const char *name)
{
	const char *last;
	int parent = *name ? find_parent(root, name, &last) : -EEXIST;

	return parent < 0 ? parent : close_after(parent, symlinkat(target, parent, last));
}

int disk_rename(int root, const char *name, int to_root, const char *to, unsigned flags)
{
	const char *last, *to_last;
	int parent = *name ? find_parent(root, name, &last) : -EBUSY;
	int to_parent = *to ? find_parent(to_root, to, &to_last) : -EBUSY, error;

	if (parent < 0 || to_parent < 0)
		error = parent < 0 ? parent : to_parent;
	else
		error = (int)or_errno(renameat2(parent, last, to_parent, to_last, flags));
	if (parent >= 0)
		close(parent);
	if (to_parent >= 0)
		close(to_parent);
	return error;
}

/* With "" for a name the descriptor itself gets another name: linkat's AT_EMPTY_PATH, which not everybody may. */
int disk_link(int root, const char *name, int to_root, const char *to)
{
	const char *last, *to_last;
	int from = *name ? find_parent(root, name, &last) : find(root, "");
	int parent = *to ? find_parent(to_root, to, &to_last) : -EEXIST, error;

	if (from < 0 || parent < 0)
		error = from < 0 ? from : parent;
	else if (*name)
		error = (int)or_errno(linkat(from, last, parent, to_last, 0));
	else
		error = (int)or_errno(linkat(own_descriptors, itself(from).name, parent, to_last, AT_SYMLINK_FOLLOW));
	if (from >= 0)
		close(from);
	if (parent >= 0)
		close(parent);
	return error;
}

/* ---- Changing what they name ------------------------------------------ */

int disk_chmod(int root, const char *name, unsigned mode)
{
	struct statx st;
	int fd = find_stat(root, name, &st);

	if (fd >= 0 && S_ISLNK(st.stx_mode)) {
		close(fd);
		return -EOPNOTSUPP;
	}
	return fd < 0 ? fd : close_after(fd, fchmodat(own_descriptors, itself(fd).name, mode, 0));
}

int disk_chown(int root, const char *name, unsigned uid, unsigned gid)
{
	int fd = find(root, name);

	return fd < 0 ? fd : close_after(fd, fchownat(fd, "", uid, gid, AT_EMPTY_PATH));
}

int disk_utimes(int root, const char *name, const struct timespec times[2])
{
	int fd = find(root, name);

	/* utimensat's AT_EMPTY_PATH; the C library's utimensat refuses it on older ones */
	return fd < 0 ? fd : close_after(fd, (int)syscall(SYS_utimensat, fd, "", times, AT_EMPTY_PATH));
}

/* By a name in /proc the calls follow to the thing itself, which the l-calls would not; of a link nobody has user.*. */
ssize_t disk_xattr(int root, const char *name, int op, const char *key, void *value, size_t size, int flags)
{
	int fd = find(root, name);
	char self[32];
	ssize_t n;

	if (fd < 0)
		return fd;
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	switch (op) {
	case 'g':
		n = getxattr(self, key, value, size);
		break;
	case 's':
		n = setxattr(self, key, value, size, flags);
		break;
	case 'l':
		n = listxattr(self, value, size);
		break;
	default:
		n = removexattr(self, key);
		break;
	}
	n = or_errno(n);
	close(fd);
	return n;
}
