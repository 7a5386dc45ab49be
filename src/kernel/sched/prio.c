/* Static priorities: the most urgent, round robin among equals; who is more urgent never waits for who is less. */
#include "kernel/sched/policies.h"
#include "kernel/sched/tree.h"

enum { TURN = TREE_WORDS }; /* what it had run when its turn began */

static struct tree ready; /* by priority, then whose turn it is */
static uint64_t quantum;

static void start(uint64_t q, uint64_t seed)
{
	quantum = q;
	tree_start(&ready);
}

static void enqueue(struct uos_thread *t, uint64_t now)
{
	t->own[TURN] = t->ran;
	tree_insert(&ready, t, t->priority);
}

static void dequeue(struct uos_thread *t, uint64_t now)
{
	tree_remove(&ready, t);
}

static struct uos_thread *pick_next(uint64_t now)
{
	return tree_first(&ready);
}

static void yield(struct uos_thread *t, uint64_t now)
{
	dequeue(t, now);
	enqueue(t, now);
}

static bool tick(struct uos_thread *t, uint64_t now)
{
	yield(t, now);
	return tree_first(&ready) != t;
}

static uint64_t slice(const struct uos_thread *t)
{
	return turn_left(quantum, t->ran - t->own[TURN]);
}

/* The preempted one keeps its place, but for what is left of its turn only. */
static bool wakeup(struct uos_thread *running, struct uos_thread *woken, uint64_t now)
{
	if (!slice(running))
		yield(running, now);
	return woken->priority < running->priority;
}

static const struct uos_option options[] = {
	{"priorities", UOS_NUMBERS, NULL, offsetof(struct uos_thread, priority), 0, 99, "each one's urgency, 0 the most"},
	OPTIONS_END,
};

const struct uos_policy prio_policy = {
	.version = UOS_POLICY_VERSION,
	.name = "prio",
	.options = options,
	.start = start,
	.enqueue = enqueue,
	.dequeue = dequeue,
	.pick_next = pick_next,
	.tick = tick,
	.yield = yield,
	.wakeup = wakeup,
	.slice = slice,
};
