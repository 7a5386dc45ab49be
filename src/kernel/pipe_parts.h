/* What a pipe is: for pipe.c and pipe_size.c. */
#ifndef UOS_KERNEL_PIPE_PARTS_H
#define UOS_KERNEL_PIPE_PARTS_H

#include <stdbool.h>
#include <time.h>

#include "kernel/file.h"
#include "machine/machine.h"

#define SLOTS_MAX 256u       /* 1 MiB, as Linux's pipe-max-size */
#define SLOTS_TOGETHER 16384 /* of all pipes, as Linux's pipe-user-pages-soft */

struct slot {
	unsigned offset, length; /* what of its page has been written and not read */
	bool packet;             /* written with O_DIRECT: one read takes it, and no more than it */
};

struct pipe {
	int readers, writers; /* open files that may; a reader waits on &readers */
	unsigned slots, first, used;
	struct slot *slot;
	char *pages;
	unsigned long number;
	struct timespec made;
	struct pipe **named;  /* where the FIFO has it that this is; or NULL */
	unsigned readers_came, writers_came; /* how often it was opened so; who waits for that in open(2) sleeps on `slots` */
};

extern unsigned pipe_slots_together; /* of all pipes */
bool pipe_ring(struct pipe *p, unsigned slots); /* gives it a new one, empty. False: no memory */

static inline struct pipe *of(const struct file *f)
{
	return f->data;
}

/* The n-th slot in use, and its page. */
static inline struct slot *slot_at(const struct pipe *p, unsigned n, char **page)
{
	unsigned i = (p->first + n) % p->slots;

	*page = p->pages + i * PAGE_SIZE;
	return &p->slot[i];
}

#endif
