/*
 * How long a thread will want the CPU: what its user said of the whole job,
 * or else what its bursts, from one wait to the next, were like so far: each
 * new one counts as much as all before it together (exponential average).
 */
#ifndef UOS_SCHED_BURST_H
#define UOS_SCHED_BURST_H

#include "kernel/sched/tree.h"

enum burst_word {
	BURST_LEARNT = TREE_WORDS, /* the average; 0: there was none yet */
	BURST_BEGAN,               /* what it had run when this one began */
};

/* It begins to wait, or ends. */
static inline void burst_ended(struct uos_thread *t)
{
	uint64_t burst = t->ran - t->own[BURST_BEGAN], learnt = t->own[BURST_LEARNT];

	t->own[BURST_LEARNT] = learnt ? (learnt + burst) / 2 : burst;
	t->own[BURST_BEGAN] = t->ran;
}

/* Of one that nothing is known of, `guess`. */
static inline uint64_t burst_expected(const struct uos_thread *t, uint64_t guess)
{
	if (t->length)
		return t->length;
	return t->own[BURST_LEARNT] ? t->own[BURST_LEARNT] : guess;
}

#endif
