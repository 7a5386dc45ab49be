/*
 * A treap: a search tree by key and order, and at once a heap by a random
 * number each; so it has the shape that random insertions would give it, some
 * 2 ln n deep, whatever comes in what order. Recursion is no deeper than that.
 */
#include "kernel/sched/tree.h"

static bool before(const struct uos_thread *a, const struct uos_thread *b)
{
	if (a->own[TREE_KEY] != b->own[TREE_KEY])
		return tree_earlier(a->own[TREE_KEY], b->own[TREE_KEY]);
	return a->own[TREE_ORDER] < b->own[TREE_ORDER];
}

static void sum_up(struct uos_thread *t)
{
	struct uos_thread *child[] = {t->prev, t->next};

	t->own[TREE_SUM] = t->weight;
	t->own[TREE_LEAST] = t->own[TREE_VALUE];
	for (int i = 0; i < 2; i++) {
		if (!child[i])
			continue;
		t->own[TREE_SUM] += child[i]->own[TREE_SUM];
		if (tree_earlier(child[i]->own[TREE_LEAST], t->own[TREE_LEAST]))
			t->own[TREE_LEAST] = child[i]->own[TREE_LEAST];
	}
}

/* What is before `t`, and what is not. */
static void split(struct uos_thread *at, const struct uos_thread *t, struct uos_thread **left, struct uos_thread **right)
{
	if (!at) {
		*left = *right = NULL;
		return;
	}
	if (before(at, t)) {
		*left = at;
		split(at->next, t, &at->next, right);
	} else {
		*right = at;
		split(at->prev, t, left, &at->prev);
	}
	sum_up(at);
}

/* All of `left` is before all of `right`. */
static struct uos_thread *join(struct uos_thread *left, struct uos_thread *right)
{
	struct uos_thread *top = left;

	if (!left || !right)
		return left ? left : right;
	if (left->own[TREE_HEAP] > right->own[TREE_HEAP]) {
		left->next = join(left->next, right);
	} else {
		top = right;
		right->prev = join(left, right->prev);
	}
	sum_up(top);
	return top;
}

static struct uos_thread *with(struct uos_thread *at, struct uos_thread *t)
{
	struct uos_thread *top = at;

	if (!at || t->own[TREE_HEAP] > at->own[TREE_HEAP]) {
		top = t;
		split(at, t, &t->prev, &t->next);
	} else if (before(t, at)) {
		at->prev = with(at->prev, t);
	} else {
		at->next = with(at->next, t);
	}
	sum_up(top);
	return top;
}

static struct uos_thread *without(struct uos_thread *at, const struct uos_thread *t)
{
	if (at == t)
		return join(at->prev, at->next);
	if (before(t, at))
		at->prev = without(at->prev, t);
	else
		at->next = without(at->next, t);
	sum_up(at);
	return at;
}

void tree_start(struct tree *tree)
{
	tree->root = NULL;
	tree->arrivals = 0;
	tree->chance = 1;
}

void tree_insert(struct tree *tree, struct uos_thread *t, uint64_t key)
{
	uint64_t x = tree->chance;

	x ^= x << 13; /* Marsaglia's xorshift: the same shape in each run */
	x ^= x >> 7;
	x ^= x << 17;
	tree->chance = x;
	t->own[TREE_KEY] = key;
	t->own[TREE_ORDER] = tree->arrivals++;
	t->own[TREE_HEAP] = x;
	tree->root = with(tree->root, t);
}

void tree_move(struct tree *tree, struct uos_thread *t, uint64_t key)
{
	tree->root = without(tree->root, t);
	t->own[TREE_KEY] = key;
	tree->root = with(tree->root, t);
}

void tree_remove(struct tree *tree, struct uos_thread *t)
{
	tree->root = without(tree->root, t);
}

struct uos_thread *tree_first(const struct tree *tree)
{
	struct uos_thread *at = tree->root;

	while (at && at->prev)
		at = at->prev;
	return at;
}

uint64_t tree_weight(const struct tree *tree)
{
	return tree->root ? tree->root->own[TREE_SUM] : 0;
}

struct uos_thread *tree_at(const struct tree *tree, uint64_t ticket)
{
	struct uos_thread *at = tree->root;

	for (;;) {
		uint64_t left = at->prev ? at->prev->own[TREE_SUM] : 0;

		if (ticket < left) {
			at = at->prev;
		} else if (ticket < left + at->weight) {
			return at;
		} else {
			ticket -= left + at->weight;
			at = at->next;
		}
	}
}

/* The first that has `value`, which somebody from `at` down has, and nobody to the left less. */
static struct uos_thread *find(struct uos_thread *at, uint64_t value)
{
	for (;;) {
		if (at->prev && at->prev->own[TREE_LEAST] == value)
			at = at->prev;
		else if (at->own[TREE_VALUE] == value)
			return at;
		else
			at = at->next;
	}
}

struct uos_thread *tree_least(const struct tree *tree, uint64_t limit)
{
	struct uos_thread *at = tree->root, *found = NULL;
	uint64_t least = 0;

	while (at) {
		uint64_t value = at->own[TREE_VALUE];

		if (tree_earlier(limit, at->own[TREE_KEY])) {
			at = at->prev;
			continue;
		}
		/* It and all to its left are within the limit. */
		if (at->prev && tree_earlier(at->prev->own[TREE_LEAST], value))
			value = at->prev->own[TREE_LEAST];
		if (!found || tree_earlier(value, least)) {
			least = value;
			found = at;
		}
		at = at->next;
	}
	return found ? find(found, least) : NULL;
}
