/*
 * FIFOs. The disk has the name alone; who opens it meets the others by which
 * node it is. One that the host made, or an earlier uos, is nobody's here: what
 * is on its other end would be a process of the host.
 */
#include <errno.h>
#include <linux/stat.h>
#include <stdlib.h>

#include "kernel/fifo.h"
#include "kernel/file.h"
#include "kernel/pipe.h"

struct fifo {
	struct fifo *next;
	uint64_t device, inode;
	struct pipe *pipe; /* while somebody has it open */
};

static struct fifo *fifos;

static uint64_t device_of(const struct statx *st)
{
	return (uint64_t)st->stx_dev_major << 32 | st->stx_dev_minor;
}

static struct fifo *find(const struct statx *st)
{
	struct fifo *n = fifos;

	while (n && (n->inode != st->stx_ino || n->device != device_of(st)))
		n = n->next;
	return n;
}

/* The host may give the number of one that was removed to another: it is then that one's name. */
int fifo_made(const struct statx *st)
{
	struct fifo *n = find(st);

	if (n)
		return 0;
	n = malloc(sizeof *n);
	if (!n)
		return -ENOMEM;
	*n = (struct fifo){ .next = fifos, .device = device_of(st), .inode = st->stx_ino };
	fifos = n;
	return 0;
}

int fifo_open(struct file *f, const struct statx *st)
{
	struct fifo *n = find(st);

	return n ? pipe_open_named(&n->pipe, f) : -EACCES;
}
