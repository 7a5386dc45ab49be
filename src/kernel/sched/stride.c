/* Stride (OSTEP 9.6): each has a pass that its running moves on, the slower the more tickets it has; the least runs. */
#include "kernel/sched/policies.h"
#include "kernel/sched/share.h"

/* Passes count ns of one ticket, times this. 64 bits last 9 years of CPU on one ticket; a million tickets see 31 us. */
#define SCALE 32

static struct tree ready; /* by pass */
static struct uos_thread *running;
static uint64_t least; /* pass of all that are runnable, or were at last */

static void start(uint64_t quantum, uint64_t seed)
{
	tree_start(&ready);
	running = NULL;
	least = 0;
}

/* Brings the running one's pass up to date, and the least. */
static void settle(void)
{
	if (running && running->ran != running->own[SHARE_RAN])
		tree_move(&ready, running, running->own[TREE_KEY] + share_used(running, SCALE));
	if (tree_first(&ready))
		least = tree_first(&ready)->own[TREE_KEY];
}

/* Who was away has no claim to what the others ran meanwhile; a debt it keeps. */
static void enqueue(struct uos_thread *t, uint64_t now)
{
	uint64_t pass = t->own[TREE_KEY];

	settle();
	tree_insert(&ready, t, pass > least ? pass : least);
}

static void dequeue(struct uos_thread *t, uint64_t now)
{
	settle();
	tree_remove(&ready, t);
	running = NULL;
}

static struct uos_thread *pick_next(uint64_t now)
{
	settle();
	return running = tree_first(&ready);
}

static bool tick(struct uos_thread *t, uint64_t now)
{
	settle();
	return tree_first(&ready) != t;
}

/* It is charged for what it used, and goes behind its equals. */
static void yield(struct uos_thread *t, uint64_t now)
{
	settle();
	tree_remove(&ready, t);
	tree_insert(&ready, t, t->own[TREE_KEY]);
}

static const struct uos_option options[] = {OPTION_WEIGHTS("tickets", "each one's tickets"), OPTIONS_END};

const struct uos_policy stride_policy = {
	.version = UOS_POLICY_VERSION,
	.name = "stride",
	.options = options,
	.start = start,
	.enqueue = enqueue,
	.dequeue = dequeue,
	.pick_next = pick_next,
	.tick = tick,
	.yield = yield,
};
