/* Lottery (OSTEP 9.1 to 9.5): whoever holds the ticket that is drawn has the CPU until the next draw. */
#include "kernel/sched/policies.h"
#include "kernel/sched/tree.h"

static struct tree ready; /* in order of arrival: all keys are equal */
static uint64_t chance;

static void start(uint64_t quantum, uint64_t seed)
{
	chance = (seed + 1) * 0x9e3779b97f4a7c15; /* near seeds, far states */
	if (!chance)
		chance = 1; /* xorshift would stay at 0 */
	tree_start(&ready);
}

static void enqueue(struct uos_thread *t, uint64_t now)
{
	tree_insert(&ready, t, 0);
}

static void dequeue(struct uos_thread *t, uint64_t now)
{
	tree_remove(&ready, t);
}

/* Vigna's xorshift64*. */
static uint64_t next_chance(void)
{
	chance ^= chance >> 12;
	chance ^= chance << 25;
	chance ^= chance >> 27;
	return chance * 0x2545f4914f6cdd1d;
}

/*
 * 0 to n-1, all equally likely. The high word of chance * n falls into each of
 * n intervals; 2^64 mod n of the 2^64 numbers would be too many and are drawn
 * again (Lemire 2019).
 */
static uint64_t draw(uint64_t n)
{
	unsigned __int128 product;

	do
		product = (unsigned __int128)next_chance() * n;
	while ((uint64_t)product < -n % n);
	return (uint64_t)(product >> 64);
}

static struct uos_thread *pick_next(uint64_t now)
{
	return tree_weight(&ready) ? tree_at(&ready, draw(tree_weight(&ready))) : NULL;
}

static bool tick(struct uos_thread *t, uint64_t now)
{
	return true;
}

static void yield(struct uos_thread *t, uint64_t now)
{
}

static const struct uos_option options[] = {OPTION_WEIGHTS("tickets", "each one's tickets"), OPTIONS_END};

const struct uos_policy lottery_policy = {
	.version = UOS_POLICY_VERSION,
	.name = "lottery",
	.options = options,
	.start = start,
	.enqueue = enqueue,
	.dequeue = dequeue,
	.pick_next = pick_next,
	.tick = tick,
	.yield = yield,
};
