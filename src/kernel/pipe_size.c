/* A pipe's size, and what is in it for those who do not read it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/pipe.h"
#include "kernel/pipe_parts.h"
#include "kernel/proc.h"

int pipe_size(const struct file *f)
{
	return (int)(of(f)->slots * PAGE_SIZE);
}

/* A power of two of pages; what the pipe holds moves to the new ring's beginning. */
int pipe_resize(struct file *f, unsigned long size)
{
	struct pipe *p = of(f), new = *p;
	unsigned slots = 1;
	char *from, *to;

	if (size > 1ul << 31)
		return -EINVAL;
	while (slots * PAGE_SIZE < size)
		slots *= 2;
	if (slots > p->slots && (slots > SLOTS_MAX || pipe_slots_together + slots - p->slots > SLOTS_TOGETHER))
		return -EPERM;
	if (slots < p->used)
		return -EBUSY;
	if (!pipe_ring(&new, slots))
		return -ENOMEM;
	for (; new.used < p->used; new.used++) {
		struct slot *s = slot_at(p, new.used, &from);

		*slot_at(&new, new.used, &to) = *s;
		memcpy(to, from, PAGE_SIZE);
	}
	pipe_slots_together += slots - p->slots;
	free(p->slot);
	free(p->pages);
	*p = new;
	sched_wakeup(&p->writers);
	return pipe_size(f);
}

/* ---- For splice ----------------------------------------------------------- */

bool pipe_same(const struct file *a, const struct file *b)
{
	return of(a) == of(b);
}

size_t pipe_room(const struct file *f)
{
	return (of(f)->slots - of(f)->used) * PAGE_SIZE;
}

size_t pipe_peek(const struct file *f, char *to, size_t length)
{
	size_t done = 0;
	char *page;

	for (unsigned i = 0; i < of(f)->used && done < length; i++) {
		const struct slot *s = slot_at(of(f), i, &page);
		size_t n = s->length < length - done ? s->length : length - done;

		memcpy(to + done, page + s->offset, n);
		done += n;
	}
	return done;
}

void pipe_skip(struct file *f, size_t length)
{
	struct pipe *p = of(f);
	bool was_full = p->used == p->slots;
	char *page;

	while (length > 0) {
		struct slot *s = slot_at(p, 0, &page);
		unsigned n = s->length < length ? s->length : (unsigned)length;

		s->offset += n;
		s->length -= n;
		length -= n;
		if (!s->length) {
			p->first = (p->first + 1) % p->slots;
			p->used--;
		}
	}
	if (was_full && p->used < p->slots)
		sched_wakeup(&p->writers);
}
