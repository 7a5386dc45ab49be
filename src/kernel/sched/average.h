/*
 * The average of some virtual times by weight, kept without ever adding them
 * up: they wrap around, and there are many. Exactly it is time + moment / all,
 * where `all` is the sum of the weights and 0 <= moment < all. A weight times
 * a virtual time is an amount of CPU time, here at most SHARE_MOST.
 * Differences are signed, two's complement in an unsigned word.
 */
#ifndef UOS_SCHED_AVERAGE_H
#define UOS_SCHED_AVERAGE_H

#include "kernel/sched/share.h"

struct average {
	uint64_t time;
	int64_t moment;
};

static inline uint64_t average_clamp(uint64_t difference, uint64_t least, uint64_t most)
{
	return tree_earlier(difference, least) ? least : tree_earlier(most, difference) ? most : difference;
}

static inline void average_start(struct average *a)
{
	a->time = 0;
	a->moment = 0;
}

/* All weights together are now `all`, and what all are ahead of the average has grown by `moment`: so it moves. */
static inline void average_move(struct average *a, uint64_t all, uint64_t moment)
{
	int64_t weight = (int64_t)all, by;

	if (!all) {
		a->moment = 0;
		return;
	}
	a->moment += (int64_t)moment;
	by = a->moment / weight - (a->moment % weight < 0);
	a->time += (uint64_t)by;
	a->moment -= by * weight;
}

/* When one with `weight` has joined `all` at the time that this returns, it is `lag` behind the average; the first is not. */
static inline uint64_t average_join(struct average *a, uint64_t all, uint64_t weight, uint64_t lag)
{
	uint64_t by, joins;

	if (!all)
		return a->time;
	by = (uint64_t)((int64_t)(weight * lag) / (int64_t)all);
	a->time -= by;
	joins = a->time - lag;
	average_move(a, all + weight, by * all - weight * lag); /* what the division left */
	return joins;
}

#endif
