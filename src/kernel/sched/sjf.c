/* Shortest job first (OSTEP 7.4): of those that wait for the CPU, but nobody is interrupted. */
#include "kernel/sched/burst.h"
#include "kernel/sched/policies.h"

static struct tree ready; /* by expected length */
static uint64_t guess;

static void start(uint64_t quantum, uint64_t seed)
{
	guess = quantum;
	tree_start(&ready);
}

static void enqueue(struct uos_thread *t, uint64_t now)
{
	tree_insert(&ready, t, burst_expected(t, guess));
}

static void dequeue(struct uos_thread *t, uint64_t now)
{
	tree_remove(&ready, t);
	burst_ended(t);
}

static struct uos_thread *pick_next(uint64_t now)
{
	return tree_first(&ready);
}

/* Never comes: no slice ends. */
static bool tick(struct uos_thread *t, uint64_t now)
{
	return false;
}

/* Behind those that are as short; the shorter the job, the less there is to gain. */
static void yield(struct uos_thread *t, uint64_t now)
{
	tree_remove(&ready, t);
	tree_insert(&ready, t, t->own[TREE_KEY]);
}

static uint64_t slice(const struct uos_thread *t)
{
	return UOS_NO_LIMIT;
}

static const struct uos_option options[] = {OPTION_LENGTHS, OPTIONS_END};

const struct uos_policy sjf_policy = {
	.version = UOS_POLICY_VERSION,
	.name = "sjf",
	.options = options,
	.start = start,
	.enqueue = enqueue,
	.dequeue = dequeue,
	.pick_next = pick_next,
	.tick = tick,
	.yield = yield,
	.slice = slice,
};
