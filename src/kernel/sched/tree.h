/*
 * An ordered set of threads for those policies that a queue is too little for:
 * a treap, its links and words in the threads themselves (children in `prev`
 * and `next`), every operation O(log n) expected. Ordered by a key, equals by
 * who came first. A policy that uses it has own[TREE_WORDS] and up for itself.
 *
 * Keys and values may wrap around: of two, the earlier is the one that is
 * less than 2^63 behind.
 */
#ifndef UOS_SCHED_TREE_H
#define UOS_SCHED_TREE_H

#include <uos/policy.h>

enum tree_word {
	TREE_KEY,   /* what it is ordered by; stays readable when it has been removed */
	TREE_ORDER, /* when it came, among equals */
	TREE_HEAP,  /* a random number; no child's is greater */
	TREE_SUM,   /* of the weights from here down */
	TREE_VALUE, /* a second number, the policy's to set before insert and move */
	TREE_LEAST, /* of the values from here down */
	TREE_WORDS
};

struct tree {
	struct uos_thread *root;
	uint64_t arrivals, chance;
};

static inline bool tree_earlier(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) < 0;
}

void tree_start(struct tree *tree);
void tree_insert(struct tree *tree, struct uos_thread *t, uint64_t key); /* behind its equals */
void tree_move(struct tree *tree, struct uos_thread *t, uint64_t key);   /* its turn among equals is as before */
void tree_remove(struct tree *tree, struct uos_thread *t);
struct uos_thread *tree_first(const struct tree *tree); /* NULL: it is empty */
uint64_t tree_weight(const struct tree *tree);          /* of all together */
/* In order, each has as many tickets as weight: whose is this one, 0 <= ticket < tree_weight()? */
struct uos_thread *tree_at(const struct tree *tree, uint64_t ticket);
/* The first of those with the least value among all whose key is not after `limit`; NULL: there are none. */
struct uos_thread *tree_least(const struct tree *tree, uint64_t limit);

#endif
