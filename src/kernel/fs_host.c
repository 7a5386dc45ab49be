/* Files and directories of the host. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "kernel/directory.h"
#include "kernel/disk_wait.h"
#include "kernel/fifo.h"
#include "kernel/file.h"
#include "kernel/lock.h"
#include "kernel/pieces.h"
#include "machine/disk.h"

/* The host does not know of O_SYNC and O_DSYNC: it would make all of uos wait. */
static ssize_t host_write(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	int error = memfd_reserve(f, pieces_total(iov, count));
	ssize_t n;

	if (error)
		return error;
	if (offset < 0)
		disk_wait_turn(f);
	n = disk_writev(f->host, iov, count, offset);
	memfd_count(f);
	if (n > 0 && f->flags & O_SYNC)
		error = disk_wait_sync(f->host, (f->flags & O_SYNC) == O_DSYNC);
	return error ? error : n;
}

static int64_t host_seek(struct file *f, int64_t offset, int whence)
{
	disk_wait_turn(f);
	return disk_seek(f->host, offset, whence);
}

static int host_fstat(struct file *f, struct statx *st)
{
	return disk_fstat(f->host, st);
}

static void host_close(struct file *f)
{
	memfd_forget(f);
	disk_close(f->host);
	locks_released();
}

static ssize_t directory_entries(struct file *f, void *buffer, size_t room)
{
	return disk_entries(f->host, buffer, room);
}

const struct file_ops host_file = {
	.read = disk_wait_read, .write = host_write, .seek = host_seek, .stat = host_fstat, .close = host_close
};

const struct file_ops host_directory = {
	.read = directory_read, .seek = host_seek, .stat = host_fstat, .entries = directory_entries, .close = host_close
};

static int host_stat(const struct place *at, struct statx *st)
{
	return disk_stat(at->mount->root, at->name, st);
}

static ssize_t host_readlink(const struct place *at, char *to, size_t room)
{
	return disk_readlink(at->mount->root, at->name, to, room);
}

static bool is_tmpfile(int flags)
{
	return (flags & O_TMPFILE) == O_TMPFILE;
}

static bool would_change(int flags)
{
	return !(flags & O_PATH) && (is_tmpfile(flags) || (flags & O_ACCMODE) != O_RDONLY || flags & O_TRUNC);
}

/*
 * What Linux answers on a file system that is mounted read-only; 0: open it as
 * the flags now say. Kinds of files that cannot be opened at all are left for
 * the machine to refuse.
 */
static int read_only(int root, const char *name, int *flags)
{
	struct statx st;
	int error = disk_stat(root, name, &st);

	if (error)
		return error == -ENOENT && *flags & O_CREAT ? -EROFS : error;
	if (*flags & O_CREAT && *flags & O_EXCL)
		return -EEXIST;
	if (S_ISDIR(st.stx_mode) && !is_tmpfile(*flags) && (*flags & O_CREAT || would_change(*flags)))
		return -EISDIR;
	*flags &= ~O_CREAT;
	return would_change(*flags) && (S_ISREG(st.stx_mode) || S_ISDIR(st.stx_mode)) ? -EROFS : 0;
}

static int access_of(int flags)
{
	int how = flags & O_ACCMODE;

	return how == O_RDONLY ? R_OK : how == O_WRONLY ? W_OK : R_OK | W_OK;
}

/* What the machine would not open: perhaps a FIFO of ours. Its name alone is opened then (O_PATH). */
static int open_fifo(struct file *f, int root, const char *name, int flags)
{
	struct statx st;
	int error = disk_stat(root, name, &st);

	if (error || !S_ISFIFO(st.stx_mode))
		return -EACCES; /* it stays at what the machine said */
	error = disk_access(root, name, access_of(flags));
	if (error)
		return error;
	f->host = disk_open(root, name, O_PATH, 0);
	if (f->host < 0)
		return f->host;
	error = fifo_open(f, &st);
	if (error && !f->ops)
		disk_close(f->host);
	return error;
}

static int host_open(struct file *f, const struct place *at, int flags, unsigned mode)
{
	const char *name;
	int root = place_root(at, &name), error = 0;
	struct statx st;

	if (place_writable(at) != 0 && (flags & O_CREAT || would_change(flags)))
		error = read_only(root, name, &flags);
	if (error)
		return error;
	f->host = disk_open(root, name, flags & ~O_SYNC, mode);
	if (f->host == -EACCES)
		return open_fifo(f, root, name, flags);
	if (f->host < 0)
		return f->host;
	f->ops = &host_file; /* which closes it, whatever comes */
	if (at->is_seen && !is_tmpfile(flags))
		st = at->seen;
	else
		error = disk_fstat(f->host, &st);
	if (!error && S_ISDIR(st.stx_mode))
		f->ops = &host_directory;
	return error;
}

const struct fs fs_host = { .stat = host_stat, .readlink = host_readlink, .open = host_open };
