/* Devices of the kernel's own: nothing yet. */
#include <errno.h>

#include "kernel/file.h"

static int nothing_stat(const struct place *at, struct statx *st)
{
	(void)at, (void)st;
	return -ENOENT;
}

static ssize_t nothing_readlink(const struct place *at, char *to, size_t room)
{
	(void)at, (void)to, (void)room;
	return -ENOENT;
}

static int nothing_open(struct file *f, const struct place *at, int flags, unsigned mode)
{
	(void)f, (void)at, (void)flags, (void)mode;
	return -ENOENT;
}

const struct fs fs_dev = { .stat = nothing_stat, .readlink = nothing_readlink, .open = nothing_open };
