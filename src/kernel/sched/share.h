/*
 * Time as those see it who have a share of it: a thread's virtual time passes
 * the faster, the less weight it has. In units of 1/scale ns of weight 1; what
 * a division leaves is kept for the next, so that nothing is lost over time,
 * however often one looks.
 */
#ifndef UOS_SCHED_SHARE_H
#define UOS_SCHED_SHARE_H

#include "kernel/sched/tree.h"

enum share_word {
	SHARE_RAN = TREE_WORDS, /* what it had run when we last looked */
	SHARE_REST,
	SHARE_WORDS
};

/* Products stay below this, and sums of many within 64 bits. What is run beyond it at once (in coop) is forgiven. */
#define SHARE_MOST (1ull << 56)

/* How much virtual time has passed for it since this was last asked. */
static inline uint64_t share_used(struct uos_thread *t, uint64_t scale)
{
	uint64_t used = t->ran - t->own[SHARE_RAN];

	if (used > SHARE_MOST / scale)
		used = SHARE_MOST / scale;
	used = used * scale + t->own[SHARE_REST];
	t->own[SHARE_RAN] = t->ran;
	t->own[SHARE_REST] = used % t->weight;
	return used / t->weight;
}

#endif
