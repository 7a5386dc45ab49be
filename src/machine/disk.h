/*
 * The disk: the host's files. A name is relative to `root`, an O_PATH descriptor
 * of a directory of the host, and resolves strictly beneath it: no links are
 * followed anywhere in it (-ELOOP: there is one; the kernel walks), no "..";
 * "" is the root itself. Results are as system calls': a count or -errno. Never
 * reached: what is no file, directory or link (a FIFO, socket or device by that
 * name answers -EACCES to disk_open), and the host's own file systems about
 * itself (proc, sysfs and the like: -EACCES).
 */
#ifndef UOS_MACHINE_DISK_H
#define UOS_MACHINE_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct iovec;
struct statx;
struct statfs;
struct timespec;
struct flock;

/* ---- Roots ------------------------------------------------------------ */

/* First of all. From here on the modes of new files are what the caller says; the umask that uos was started with. */
unsigned disk_boot(void);
int disk_root(const char *host_path); /* O_PATH of a directory; links are followed */
int disk_private(void);               /* an empty directory in memory, ours alone, gone when uos ends */

/* ---- By name ---------------------------------------------------------- */

int disk_open(int root, const char *name, int flags, unsigned mode); /* flags as open(2), O_PATH too */
int disk_stat(int root, const char *name, struct statx *st);         /* of a link itself */
ssize_t disk_readlink(int root, const char *name, char *to, size_t room); /* -EINVAL: no link */
#define MAY_SEARCH 1 /* X_OK of a directory */
int disk_access(int root, const char *name, int mode);               /* R_OK | W_OK | X_OK, by effective ids */
int disk_mkdir(int root, const char *name, unsigned mode);
int disk_mknod(int root, const char *name, unsigned mode);            /* S_IFIFO or S_IFSOCK: the name alone, the host never opens it */
int disk_unlink(int root, const char *name, int flags);              /* AT_REMOVEDIR */
int disk_rename(int root, const char *name, int to_root, const char *to, unsigned flags);
int disk_link(int root, const char *name, int to_root, const char *to);
int disk_symlink(const char *target, int root, const char *name);
int disk_chmod(int root, const char *name, unsigned mode);           /* a link: -EOPNOTSUPP */
int disk_chown(int root, const char *name, unsigned uid, unsigned gid);
int disk_utimes(int root, const char *name, const struct timespec times[2]);
int disk_statfs(int root, const char *name, struct statfs *out);
/* op 'g'et, 's'et, 'l'ist, 'r'emove; of a link itself. */
ssize_t disk_xattr(int root, const char *name, int op, const char *key, void *value, size_t size, int flags);

/* ---- By descriptor of the host ---------------------------------------- */

void disk_close(int fd);
ssize_t disk_readv(int fd, const struct iovec *iov, int count, int64_t offset);  /* offset -1: the descriptor's own */
ssize_t disk_writev(int fd, const struct iovec *iov, int count, int64_t offset); /* a short write is Linux's */
ssize_t disk_readv_cached(int fd, const struct iovec *iov, int count, int64_t offset); /* what the host has in memory; below */
int64_t disk_seek(int fd, int64_t offset, int whence);
int disk_fstat(int fd, struct statx *st);
ssize_t disk_entries(int fd, void *buffer, size_t room); /* getdents64(2) */
int disk_truncate(int fd, uint64_t length);
int disk_allocate(int fd, int mode, uint64_t offset, uint64_t length);
int disk_sync(int fd, bool data_only);
int disk_sync_all(int fd); /* all of the file system that it is on; -1: of the host */
int disk_lock(int fd, struct flock *lock, bool ask); /* an open file description's lock; never waits: -EAGAIN; ask: F_OFD_GETLK */
int disk_flock(int fd, int operation);               /* never waits: -EAGAIN */
int disk_flags(int fd);                 /* F_GETFL */
int disk_set_flags(int fd, int flags);  /* F_SETFL: O_APPEND, O_NONBLOCK, O_NOATIME, O_DIRECT */
/*
 * The name that `fd` has now, beneath `root`, whoever renamed it: its length.
 * -ENOENT: it has none there; if it was removed there, `to` is the last it had, else "".
 */
ssize_t disk_name(int root, int fd, char *to, size_t room);
int disk_memory(const char *name, unsigned flags);              /* memfd_create(2): a file in memory, open for reading and writing */
ssize_t disk_memory_name(int fd, char *to, size_t room);        /* what the host calls it; -ENOENT: it is none */
int disk_seals(int fd, int add);                                /* F_ADD_SEALS, or with -1 F_GET_SEALS */
/* fchmod, fchown, futimens, fstatfs, f*xattr: the functions by name above with name "" and the descriptor as root. */

/* ---- Without waiting for the disk -------------------------------------- */

/*
 * disk_readv_cached answers -EAGAIN if the first byte is not in the host's memory,
 * -EOPNOTSUPP if that file system cannot tell; less than asked for: the file's
 * end, or what is in memory ends there. A request sets the disk to work: device_watch(disk_line(),
 * POLLIN) tells when one has ended; disk_collect notes which, quiets the line, and
 * says whether there were any. A request that is not begun (false): the host has
 * no io_uring for us, or no memory now; it may end with -ECANCELED for that, too.
 */
#define DISK_FETCH_MOST (256ul << 10)

struct disk_request { /* stays where it is until it has ended */
	bool ended;
	int result; /* a count, or -errno */
};
bool disk_begin_fetch(struct disk_request *r, int fd, uint64_t offset, size_t length); /* into the host's memory, DISK_FETCH_MOST or less */
bool disk_begin_sync(struct disk_request *r, int fd, bool data_only);                  /* as disk_sync */
int disk_line(void);
bool disk_collect(void);

/* A program of the command line: the host's own name, links followed; executable, and its size. */
int disk_open_program(const char *host_path, uint64_t *size);
ssize_t disk_read(int fd, void *buffer, size_t length, uint64_t offset); /* short only at the end */

#endif
