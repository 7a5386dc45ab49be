/*
 * Names. A guest's name space is a table of mounts; each is a directory of the
 * host, or a file system that the kernel makes up (fs_dev.c, fs_proc.c, fs_pts.c). A walk
 * goes component by component, follows links by their text, counts ".." by the
 * name it has come along, and ends at a place: a mount and a name beneath it
 * without links, which is all that the machine is ever asked for.
 */
#ifndef UOS_KERNEL_PATH_H
#define UOS_KERNEL_PATH_H

#include <limits.h>
#include <linux/stat.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct file;
struct place;
struct proc;
struct statx;

struct fs {
	int (*stat)(const struct place *at, struct statx *st);                       /* of a link itself */
	ssize_t (*readlink)(const struct place *at, char *to, size_t room);          /* -EINVAL: no link */
	int (*open)(struct file *f, const struct place *at, int flags, unsigned mode); /* fills in f: ops and what they need */
	struct file *(*file)(const struct place *link); /* the open file that this link is (/proc/self/fd/N), or NULL; may be absent */
};

extern const struct fs fs_host, fs_dev, fs_proc, fs_pts, fs_sys;

struct mount {
	char *at;   /* where, as guests see it: "/", "/tmp", "/home/me/work"; no trailing slash but for "/" */
	const struct fs *fs;
	int root;   /* of fs_host, for disk.h; else -1 */
	bool writable;
	bool named; /* by --rw or --ro */
	struct mount *next; /* in the table, where longer names come first */
};

/*
 * Where a walk has ended. With `file` it is that open file itself, which a
 * descriptor named ("" with WALK_EMPTY, or /proc/self/fd/N of what has no name,
 * a pipe); mount and name are then meaningless. Others must ask place_root
 * and place_stat, and need not care.
 */
struct place {
	const struct mount *mount;
	struct file *file; /* no use of its own: good until the process's next system call */
	bool is_seen;      /* the walk has looked, just now: place_stat */
	struct statx seen;
	char name[PATH_MAX]; /* from the mount's root; "" is the root itself */
};

/* mount.c: before the first process, the mounts that the command line asks for. NULL, or what is wrong with them. */
struct kernel_options;
const char *mounts_boot(const struct kernel_options *o);
const char *mounts_start(void); /* the directory where programs start, as guests see it */
unsigned mounts_umask(void);    /* and the umask that they start with */
extern struct mount *mounts;

enum {
	WALK_FOLLOW = 1,  /* a link at the end, too */
	WALK_CREATE = 2,  /* the last component need not be there; its directory must */
	WALK_EMPTY = 4,   /* AT_EMPTY_PATH: "" is the start itself */
	/* openat2(2)'s RESOLVE_*: */
	WALK_NO_MOUNTS = 8,
	WALK_NO_JUMPS = 16,  /* RESOLVE_NO_MAGICLINKS */
	WALK_NO_LINKS = 32,
	WALK_BENEATH = 64,
	WALK_IN_ROOT = 128,
};

/*
 * Where `name` leads p, from descriptor `dirfd` (or AT_FDCWD) unless it begins
 * with "/". 0 or -errno, Linux's: ENOENT, ENOTDIR, ELOOP (40 links),
 * ENAMETOOLONG, EACCES, EBADF. Found means that it exists, except with
 * WALK_CREATE. "name/" demands a directory (ENOTDIR), or with WALK_CREATE sets
 * *directory (may be NULL) and demands nothing.
 */
int path_walk(struct proc *p, int dirfd, const char *name, unsigned flags, struct place *out, bool *directory);
/* Likewise for a guest's string, of the current process. */
int path_walk_user(int dirfd, uintptr_t name, unsigned flags, struct place *out, bool *directory);

/* The name as guests see it, from "/": length or -ENAMETOOLONG. */
ssize_t place_name(const struct place *at, char *to, size_t room);
int place_stat(const struct place *at, struct statx *st);
/* For disk.h: the descriptor to begin at, and the name from there in *name. -EROFS: it is not the host's. */
int place_root(const struct place *at, const char **name);
/* 0, or -EBUSY: something is mounted there or below, so it can be neither renamed nor removed. */
int place_movable(const struct place *at);
/* 0, or -EROFS where nothing may be changed (a mount that is not writable, fs_dev, fs_proc). */
int place_writable(const struct place *at);

#endif
