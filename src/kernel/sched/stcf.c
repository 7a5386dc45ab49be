/* Shortest time to completion first (OSTEP 7.5): who comes with less to do than the running one has left, takes over. */
#include "kernel/sched/burst.h"
#include "kernel/sched/policies.h"

static struct tree ready; /* by expected time left; the running one's is of when we last looked */
static uint64_t guess;

static void start(uint64_t quantum, uint64_t seed)
{
	guess = quantum;
	tree_start(&ready);
}

/*
 * One that is overdue is as far from its end as it is from where that was
 * expected: were it taken for nearly done, a wrong guess would keep the CPU.
 */
static uint64_t left(const struct uos_thread *t)
{
	uint64_t expected = burst_expected(t, guess), done = t->length ? t->ran : t->ran - t->own[BURST_BEGAN];

	return expected > done ? expected - done : done - expected;
}

static void enqueue(struct uos_thread *t, uint64_t now)
{
	tree_insert(&ready, t, left(t));
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

/* Only an overdue one can have more left than before: so this continues, but for wrong guesses. */
static bool tick(struct uos_thread *t, uint64_t now)
{
	tree_move(&ready, t, left(t));
	return tree_first(&ready) != t;
}

static void yield(struct uos_thread *t, uint64_t now)
{
	tree_remove(&ready, t);
	tree_insert(&ready, t, left(t));
}

static bool wakeup(struct uos_thread *running, struct uos_thread *woken, uint64_t now)
{
	tree_move(&ready, running, left(running));
	return left(woken) < left(running);
}

static const struct uos_option options[] = {OPTION_LENGTHS, OPTIONS_END};

const struct uos_policy stcf_policy = {
	.version = UOS_POLICY_VERSION,
	.name = "stcf",
	.options = options,
	.start = start,
	.enqueue = enqueue,
	.dequeue = dequeue,
	.pick_next = pick_next,
	.tick = tick,
	.yield = yield,
	.wakeup = wakeup,
};
