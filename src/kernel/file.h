/*
 * Open files and descriptors. A descriptor is an index into a process's table;
 * a struct file is what open(2) made: dup shares it, and so will fork.
 */
#ifndef UOS_KERNEL_FILE_H
#define UOS_KERNEL_FILE_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "kernel/path.h"

struct file;
struct iovec;
struct item;
struct proc;
struct statx;

/*
 * What a kind of file can do. Whatever is NULL answers as Linux does for files
 * that cannot: read, write EINVAL; seek ESPIPE; entries ENOTDIR; ioctl ENOTTY.
 * Nothing here ever waits but for the host's disk: read and write answer -EAGAIN
 * instead, and file.c waits on channel(). offset -1: the file's own.
 */
struct file_ops {
	ssize_t (*read)(struct file *f, const struct iovec *iov, int count, int64_t offset);
	ssize_t (*write)(struct file *f, const struct iovec *iov, int count, int64_t offset);
	int64_t (*seek)(struct file *f, int64_t offset, int whence);
	int (*stat)(struct file *f, struct statx *st);
	ssize_t (*entries)(struct file *f, void *buffer, size_t room); /* as getdents64(2) */
	short (*poll)(struct file *f, short events);                   /* what is ready now; NULL: always */
	const void *(*channel)(struct file *f, short events); /* who waits for these sleeps on this; it will be woken */
	long (*ioctl)(struct file *f, unsigned command, uintptr_t argument);
	void (*close)(struct file *f); /* its last use is gone */
	bool maps_zeros;               /* a mapping of it is memory of nobody's, as MAP_ANONYMOUS */
	const char *label;             /* what /proc calls one that has no name: "[eventfd]"; NULL: by what stat says */
};

struct file {
	const struct file_ops *ops;
	int uses;
	int flags;        /* access mode and status flags, as F_GETFL tells them; O_PATH too */
	int host;         /* the machine's descriptor, with the offset; -1: none */
	struct file *next_unused; /* file_release */
	bool fetching;    /* disk_wait.c: one read from its own offset waits for the disk */
	bool in_memory;   /* of memfd_create; */
	uint64_t counted; /* so many bytes of it count against memory */
	bool tells_not;   /* likewise: its file system does not say what is in memory */
	uint64_t offset;  /* of files that the kernel makes up */
	void *data;       /* what else `ops` needs */
	struct place *at; /* where it was opened; NULL: it has no name (pipes, what uos was started with) */
	struct item *watched; /* epoll.c: by whom */
};

#define FILE_LARGE 0100000       /* O_LARGEFILE as Linux has it in the flags; libc's is 0 here */
#define FILE_RW_MAX 0x7ffff000ul /* bytes that Linux transfers at most in one call */

static inline bool file_may_read(const struct file *f)
{
	return (f->flags & O_ACCMODE) != O_WRONLY;
}

static inline bool file_may_write(const struct file *f)
{
	return (f->flags & O_ACCMODE) != O_RDONLY;
}

int memfd_reserve(struct file *f, uint64_t bytes); /* before it gets so many more; 0, or -ENOSPC; for other files nothing, as */
void memfd_count(struct file *f);                  /* after something has changed what it holds */
void memfd_forget(struct file *f);                 /* before it is closed */
extern const struct file_ops host_file, host_directory; /* fs_host.c: disk.h's; `host` may be mapped */
extern const struct file_ops device_file;               /* file.c: 0, 1, 2 as uos was started with them, and /dev/tty */

const void *device_line(int fd); /* what to sleep on, now, until that descriptor of the machine's has something to read */

struct file *file_get(int fd);       /* the current process's, or NULL; not one more use; never one of O_PATH */
struct file *file_get_any(int fd);   /* O_PATH, too: for what may be done with that (dup, fcntl, fstat, fchdir) */
struct file *file_new(const struct file_ops *ops, int flags); /* one use, no descriptor yet; NULL: no memory */
void file_release(struct file *f);   /* one use less */
void files_release(struct file **files, int count);
int file_vacant(int lowest);         /* the lowest free descriptor from there on, or -EMFILE */
/* Gives it the lowest free descriptor from `lowest` on; takes over the caller's use, also on failure. fd or -EMFILE. */
int file_install(struct file *f, int lowest, bool cloexec);
int file_close(int fd);
int file_duplicate(int fd, int lowest, bool cloexec);
int file_duplicate_to(int fd, int to, bool cloexec);

/* open(2) without a descriptor: *out has one use. 0 or -errno. */
int file_open(struct proc *p, int dirfd, const char *name, int flags, unsigned mode, struct file **out);
/* Where the file is now, whoever renamed it. 0, or -ENOENT: it has no name, or none any more (then where it was, if that is known). */
int file_place(struct file *f, struct place *out);
/* Likewise of a directory, for walks and getcwd; -ENOTDIR: it is none. */
int file_where(struct file *f, struct place *out);

/* Waiting unless O_NONBLOCK; others run meanwhile. A count, -errno, -EINTR if killed. write changes the pieces. */
ssize_t file_read(struct file *f, const struct iovec *iov, int count, int64_t offset);
ssize_t file_write(struct file *f, struct iovec *iov, int count, int64_t offset);
/* Until one of `events` may be there, or the time has come: as sched_block. */
int file_wait(struct file *f, short events, uint64_t until);
short file_poll(struct file *f, short events);

#endif
