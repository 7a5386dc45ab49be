/* 64 queues, of which the first that has somebody is found at once. */
#ifndef UOS_SCHED_LEVELS_H
#define UOS_SCHED_LEVELS_H

#include <uos/policy.h>

#define LEVELS_MOST 64

struct levels {
	uint64_t filled; /* a bit a queue that has somebody; where it is clear, the queue below means nothing */
	struct uos_queue queue[LEVELS_MOST];
};

static inline void levels_append(struct levels *l, uint64_t level, struct uos_thread *t)
{
	struct uos_queue *q = &l->queue[level];

	if (!(l->filled & 1ull << level))
		q->head = q->tail = NULL;
	l->filled |= 1ull << level;
	uos_queue_append(q, t);
}

static inline void levels_remove(struct levels *l, uint64_t level, struct uos_thread *t)
{
	uos_queue_remove(&l->queue[level], t);
	if (!l->queue[level].head)
		l->filled &= ~(1ull << level);
}

static inline struct uos_thread *levels_first(const struct levels *l)
{
	return l->filled ? l->queue[__builtin_ctzll(l->filled)].head : NULL;
}

/* All queues, in order, become the first. Costs what there are of queues, not of threads. */
static inline void levels_splice(struct levels *l)
{
	struct uos_queue *all = &l->queue[0], *q;

	if (!(l->filled & 1))
		all->head = all->tail = NULL;
	for (uint64_t rest = l->filled & ~1ull; rest; rest &= rest - 1) {
		q = &l->queue[__builtin_ctzll(rest)];
		q->head->prev = all->tail;
		if (all->tail)
			all->tail->next = q->head;
		else
			all->head = q->head;
		all->tail = q->tail;
	}
	l->filled = l->filled != 0;
}

#endif
