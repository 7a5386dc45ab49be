/* The tree of threads against an array that is searched from end to end. */
#include <check.h>
#include <stdlib.h>

#include "kernel/sched/tree.h"
#include "virtual_clock.h"
#include "run_suite.h"

#define MOST 200

static struct tree tree;
static struct uos_thread threads[MOST], *model[MOST]; /* the model: in the tree's order */
static int n;

static void model_insert(struct uos_thread *t, uint64_t key, bool behind_equals)
{
	int at = 0;

	while (at < n && (tree_earlier(model[at]->own[TREE_KEY], key) ||
			  (model[at]->own[TREE_KEY] == key && (behind_equals || model[at]->own[TREE_ORDER] < t->own[TREE_ORDER]))))
		at++;
	for (int i = n++; i > at; i--)
		model[i] = model[i - 1];
	model[at] = t;
}

static void model_remove(const struct uos_thread *t)
{
	int at = 0;

	while (model[at] != t)
		at++;
	n--;
	for (; at < n; at++)
		model[at] = model[at + 1];
}

static bool in_model(const struct uos_thread *t)
{
	for (int i = 0; i < n; i++)
		if (model[i] == t)
			return true;
	return false;
}

static void compare(uint64_t base)
{
	uint64_t sum = 0, limit = base + chance(60);
	struct uos_thread *least = NULL;
	bool same = true; /* each assertion is a message to check's other process: not millions of them */

	for (int i = 0; i < n; i++) {
		struct uos_thread *t = model[i];

		same = same && tree_at(&tree, sum) == t && tree_at(&tree, sum + t->weight - 1) == t;
		sum += t->weight;
		if (!tree_earlier(limit, t->own[TREE_KEY]) &&
		    (!least || tree_earlier(t->own[TREE_VALUE], least->own[TREE_VALUE])))
			least = t;
	}
	ck_assert(same);
	ck_assert_uint_eq(tree_weight(&tree), sum);
	ck_assert_ptr_eq(tree_first(&tree), n ? model[0] : NULL);
	ck_assert_ptr_eq(tree_least(&tree, limit), least);
}

static void one_change(uint64_t base)
{
	struct uos_thread *t = &threads[chance(MOST)];
	uint64_t key = base + chance(50); /* many equals */

	if (!in_model(t)) {
		t->own[TREE_VALUE] = base + chance(40);
		t->weight = 1 + chance(1000000);
		model_insert(t, key, true);
		tree_insert(&tree, t, key);
	} else if (chance(2)) {
		model_remove(t);
		tree_remove(&tree, t);
	} else {
		model_remove(t);
		model_insert(t, key, false);
		t->own[TREE_VALUE] = base + chance(40);
		tree_move(&tree, t, key);
	}
}

static void changes(uint64_t seed, uint64_t base)
{
	chance_start(seed);
	tree_start(&tree);
	n = 0;
	compare(base);
	for (int i = 0; i < 3000; i++) {
		one_change(base);
		compare(base);
	}
}

START_TEST(is_it_like_an_array_after_each_of_3000_changes)
{
	for (uint64_t seed = 0; seed < 4; seed++)
		changes(seed, 1000);
}

START_TEST(do_keys_and_values_wrap_around)
{
	changes(1, -20ull);
	changes(2, (1ull << 63) - 20);
}

static int depth(const struct uos_thread *t)
{
	int left = t ? depth(t->prev) : 0, right = t ? depth(t->next) : 0;

	return t ? 1 + (left > right ? left : right) : 0;
}

START_TEST(is_it_shallow_when_10000_come_in_order)
{
	struct uos_thread *many = calloc(10000, sizeof(*many));

	tree_start(&tree);
	for (uint64_t i = 0; i < 10000; i++)
		tree_insert(&tree, &many[i], i / 2);
	ck_assert_int_lt(depth(tree.root), 50); /* 2 ln 10,000 is 18 on average, the deepest some 30 */
	for (uint64_t i = 0; i < 100000; i++) { /* as a policy moves the running one on */
		struct uos_thread *t = tree_first(&tree);

		tree_move(&tree, t, t->own[TREE_KEY] + 5000);
	}
	ck_assert_int_lt(depth(tree.root), 50);
	free(many);
}

START_TEST(are_equals_first_come_first_served_and_does_moving_keep_their_turn)
{
	tree_start(&tree);
	for (int i = 0; i < 3; i++)
		tree_insert(&tree, &threads[i], 7);
	tree_move(&tree, &threads[0], 9);
	ck_assert_ptr_eq(tree_first(&tree), &threads[1]);
	tree_move(&tree, &threads[0], 7);
	ck_assert_ptr_eq(tree_first(&tree), &threads[0]);
	tree_remove(&tree, &threads[0]);
	tree_insert(&tree, &threads[0], 7);
	ck_assert_ptr_eq(tree_first(&tree), &threads[1]);
}

int main(void)
{
	Suite *s = suite_create("tree");
	TCase *c = tcase_create("tree");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, is_it_like_an_array_after_each_of_3000_changes);
	tcase_add_test(c, do_keys_and_values_wrap_around);
	tcase_add_test(c, is_it_shallow_when_10000_come_in_order);
	tcase_add_test(c, are_equals_first_come_first_served_and_does_moving_keep_their_turn);
	suite_add_tcase(s, c);
	return run_suite(s);
}
