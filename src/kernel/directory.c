#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "kernel/directory.h"

bool listing_add(struct listing *l, uint64_t inode, unsigned type, const char *name, uint64_t next)
{
	size_t length = (offsetof(struct dirent64, d_name) + strlen(name) + 1 + 7) & ~7ul;
	struct dirent64 *d = (void *)(l->buffer + l->done);

	if (length > l->room - l->done)
		return false;
	memset(d, 0, length);
	d->d_ino = inode;
	d->d_type = (unsigned char)type;
	d->d_reclen = (unsigned short)length;
	d->d_off = (int64_t)next;
	strcpy(d->d_name, name);
	l->done += length;
	return true;
}

ssize_t listing_full(const struct listing *l)
{
	return l->done ? (ssize_t)l->done : -EINVAL;
}

ssize_t directory_read(struct file *f, const struct iovec *iov, int count, int64_t offset)
{
	(void)f, (void)iov, (void)count, (void)offset;
	return -EISDIR;
}

int64_t directory_seek(struct file *f, int64_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += (int64_t)f->offset;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	f->offset = (uint64_t)offset;
	return offset;
}

int made_up_check(int flags, bool directory)
{
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		return -EEXIST;
	if (!directory)
		return flags & O_DIRECTORY ? -ENOTDIR : 0;
	if (flags & O_CREAT || (flags & O_ACCMODE) != O_RDONLY)
		return (flags & O_TMPFILE) == O_TMPFILE ? -EOPNOTSUPP : -EISDIR;
	return 0;
}

int made_up_stat(struct file *f, struct statx *st)
{
	return place_stat(f->at, st);
}

const struct file_ops name_only = { .stat = made_up_stat };
