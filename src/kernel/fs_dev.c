/*
 * /dev: the devices that every program expects, none of them the host's but for
 * the terminal that uos was started on. And /sys, where nothing is.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

#include "kernel/directory.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/pty.h"
#include "machine/device.h"
#include "machine/host.h"
#include "machine/mapping.h"

#define RANDOM_MAX ((32u << 20) - 1) /* bytes at once, as Linux had it for long: nobody else runs meanwhile */
#define FILL 4096                    /* bytes made at once */
#define DEVICE_NUMBER 5              /* of the file system, as stat tells it: any that is no host's disk */

/* ---- Devices ---------------------------------------------------------- */

static ssize_t total(const struct iovec *iov, int count)
{
	ssize_t n = 0;

	for (int i = 0; i < count; i++)
		n += (ssize_t)iov[i].iov_len;
	return n;
}

static ssize_t read_nothing(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	(void)f, (void)iov, (void)count, (void)offset;
	return 0;
}

/* So many of the bytes that `make` makes, zeros if there is none. A piece may be a file's that shrinks meanwhile. */
static ssize_t fill(const struct iovec *iov, int count, size_t left, void (*make)(void *bytes, size_t n))
{
	char bytes[FILL] = { 0 };
	ssize_t done = 0;

	for (int i = 0; i < count; i++)
		for (size_t at = 0, n, copied; at < iov[i].iov_len && left > 0; at += n, left -= n) {
			n = iov[i].iov_len - at < left ? iov[i].iov_len - at : left;
			if (n > sizeof bytes)
				n = sizeof bytes;
			if (make)
				make(bytes, n);
			copied = copy_while_there((char *)iov[i].iov_base + at, bytes, n);
			done += (ssize_t)copied;
			if (copied < n)
				return done ? done : -EFAULT;
		}
	return done;
}

static ssize_t read_zeros(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	(void)f, (void)offset;
	return fill(iov, count, SIZE_MAX, NULL);
}

static ssize_t read_random(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	(void)f, (void)offset;
	return fill(iov, count, RANDOM_MAX, host_random);
}

static ssize_t write_away(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	(void)f, (void)offset;
	return total(iov, count);
}

static ssize_t write_full(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	(void)f, (void)iov, (void)count, (void)offset;
	return -ENOSPC;
}

/* There is no position: every one is the beginning. */
static int64_t seek_nowhere(struct file *f, int64_t offset, int whence)
{
	(void)f, (void)offset, (void)whence;
	return 0;
}

static const struct file_ops null = {
	.read = read_nothing, .write = write_away, .seek = seek_nowhere, .stat = made_up_stat
};
static const struct file_ops zero = {
	.read = read_zeros, .write = write_away, .seek = seek_nowhere, .stat = made_up_stat, .maps_zeros = true
};
static const struct file_ops full = {
	.read = read_zeros, .write = write_full, .seek = seek_nowhere, .stat = made_up_stat
};
static const struct file_ops chance = {
	.read = read_random, .write = write_away, .seek = seek_nowhere, .stat = made_up_stat
};

/* ---- What is in the directory ----------------------------------------- */

static const struct node {
	const char *name;
	const struct file_ops *ops; /* of a device, */
	const char *link;           /* or where it leads; neither: a directory */
	unsigned major, minor;
} nodes[] = {
	{ "null", &null, NULL, 1, 3 },
	{ "zero", &zero, NULL, 1, 5 },
	{ "full", &full, NULL, 1, 7 },
	{ "random", &chance, NULL, 1, 8 },
	{ "urandom", &chance, NULL, 1, 9 },
	{ "tty", &device_file, NULL, TTY_MAJOR, 0 },
	{ "shm", NULL, NULL, 0, 0 }, /* a directory: what is in it is mounted there */
	{ "ptmx", &pty_master_file, NULL, PTMX_MAJOR, PTMX_MINOR },
	{ "pts", NULL, NULL, 0, 0 }, /* where fs_pts.c's are mounted */
	{ "fd", NULL, "/proc/self/fd", 0, 0 },
	{ "stdin", NULL, "/proc/self/fd/0", 0, 0 },
	{ "stdout", NULL, "/proc/self/fd/1", 0, 0 },
	{ "stderr", NULL, "/proc/self/fd/2", 0, 0 },
};

#define NODES (sizeof nodes / sizeof *nodes)
#define FIRST_INODE 2 /* the nodes'; the directory's is the one before */

/* In *node what has that name, NULL: the directory itself. 0, -ENOENT or, below a device, -ENOTDIR. */
static int find(const struct place *at, const struct node **node)
{
	*node = NULL;
	if (!*at->name)
		return 0;
	for (size_t i = 0; i < NODES && at->mount->fs == &fs_dev; i++) {
		size_t n = strlen(nodes[i].name);

		if (strncmp(at->name, nodes[i].name, n) == 0 && (!at->name[n] || at->name[n] == '/')) {
			*node = &nodes[i];
			return at->name[n] ? -ENOTDIR : 0;
		}
	}
	return -ENOENT;
}

static unsigned type_of(const struct node *n)
{
	return !n || (!n->link && !n->ops) ? S_IFDIR : n->link ? S_IFLNK : S_IFCHR;
}

static int dev_stat(const struct place *at, struct statx *st)
{
	const struct node *n;
	int error = find(at, &n);
	static struct timespec since; /* as if all was made when somebody looked first */

	if (error)
		return error;
	if (!since.tv_sec)
		host_clock(CLOCK_REALTIME, &since);
	*st = (struct statx){
		.stx_mask = STATX_BASIC_STATS, .stx_blksize = 4096, .stx_nlink = n ? 1 : 2,
		.stx_mode = (uint16_t)(type_of(n) | (type_of(n) == S_IFDIR ? 0755u : n->link ? 0777u : 0666u)),
		.stx_ino = n ? FIRST_INODE + (uint64_t)(n - nodes) : FIRST_INODE - 1,
		.stx_size = n && n->link ? strlen(n->link) : 0, .stx_rdev_major = n ? n->major : 0,
		.stx_rdev_minor = n ? n->minor : 0, .stx_dev_minor = DEVICE_NUMBER + (at->mount->fs != &fs_dev)
	};
	st->stx_atime.tv_sec = st->stx_mtime.tv_sec = st->stx_ctime.tv_sec = since.tv_sec;
	return 0;
}

void dev_stat_terminal(struct statx *st)
{
	const struct node *n = nodes;

	while (n->ops != &device_file)
		n++;
	st->stx_ino = FIRST_INODE + (uint64_t)(n - nodes);
	st->stx_dev_major = 0;
	st->stx_dev_minor = DEVICE_NUMBER;
	st->stx_rdev_major = n->major;
	st->stx_rdev_minor = n->minor;
}

static ssize_t dev_readlink(const struct place *at, char *to, size_t room)
{
	const struct node *n;
	int error = find(at, &n);
	size_t length;

	if (error || !n || !n->link)
		return error ? error : -EINVAL;
	length = strlen(n->link);
	if (length > room)
		length = room;
	memcpy(to, n->link, length);
	return (ssize_t)length;
}

/* ---- The directory, open ---------------------------------------------- */

/* Entry number i: ".", "..", then the nodes. False: there is none. */
static bool entry(const struct place *at, uint64_t i, const char **name, struct dirent64 *d)
{
	const struct node *n = i < 2 ? NULL : &nodes[i - 2];

	if (i >= 2 && (at->mount->fs != &fs_dev || i - 2 >= NODES))
		return false;
	*name = n ? n->name : i ? ".." : ".";
	d->d_ino = n ? FIRST_INODE + i - 2 : FIRST_INODE - 1;
	d->d_type = IFTODT(type_of(n));
	return true;
}

static ssize_t directory_entries(struct file *f, void *buffer, size_t room)
{
	struct listing l = { buffer, room, 0 };
	const char *name;
	struct dirent64 head;

	for (; entry(f->at, f->offset, &name, &head); f->offset++)
		if (!listing_add(&l, head.d_ino, head.d_type, name, f->offset + 1))
			return listing_full(&l);
	return (ssize_t)l.done;
}

static const struct file_ops directory = {
	.read = directory_read, .seek = directory_seek, .stat = made_up_stat, .entries = directory_entries
};

/* ---- Opening ---------------------------------------------------------- */

/* The current process's controlling terminal. */
static int open_terminal(struct file *f)
{
	struct tty *t = current_proc()->facts.tty;

	if (!t)
		return -ENXIO;
	if (t != &console_tty)
		return pty_open_controlling(f, t);
	f->ops = &device_file;
	f->host = device_terminal();
	return f->host < 0 ? f->host : 0;
}

static int dev_open(struct file *f, const struct place *at, int flags, unsigned mode)
{
	const struct node *n;
	int error = find(at, &n);

	(void)mode;
	if (error == -ENOENT && flags & O_CREAT)
		return -EROFS;
	if (!error)
		error = made_up_check(flags, !n);
	f->ops = n ? &name_only : &directory;
	if (error || !n || flags & O_PATH)
		return error;
	if (n->link)
		return -ELOOP;
	if (n->ops == &pty_master_file)
		return pty_open_master(f);
	if (n->ops == &device_file)
		return open_terminal(f);
	f->ops = n->ops;
	return 0;
}

const struct fs fs_dev = { .stat = dev_stat, .readlink = dev_readlink, .open = dev_open };
const struct fs fs_sys = { .stat = dev_stat, .readlink = dev_readlink, .open = dev_open };
