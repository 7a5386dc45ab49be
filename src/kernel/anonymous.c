/* Files without a place in any file system. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>

#include "kernel/anonymous.h"
#include "machine/machine.h"

#define ANONYMOUS_DEVICE 14 /* Linux's number of that file system is as arbitrary, and so is that of the one inode there */
#define ANONYMOUS_INODE 1

long anonymous_install(const struct file_ops *ops, int flags, void *data)
{
	struct file *f = data ? file_new(ops, flags) : NULL;

	if (!f) {
		if (data)
			ops->close(&(struct file){ .ops = ops, .data = data });
		return -ENOMEM;
	}
	f->data = data;
	f->flags = flags & (O_ACCMODE | O_NONBLOCK); /* no O_LARGEFILE, as on Linux */
	return file_install(f, 0, flags & O_CLOEXEC);
}

/* Of no type, as on Linux. */
int anonymous_stat(struct file *f, struct statx *st)
{
	(void)f;
	*st = (struct statx){ .stx_mask = STATX_BASIC_STATS, .stx_blksize = PAGE_SIZE, .stx_nlink = 1, .stx_mode = 0600,
			      .stx_ino = ANONYMOUS_INODE, .stx_dev_minor = ANONYMOUS_DEVICE };
	return 0;
}
