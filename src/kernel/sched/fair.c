/*
 * Fair: each has its share at any instant, within a slice. Linux's EEVDF: of
 * those whose virtual time (what they ran, by weight) is not ahead of the
 * average, the one runs whose request of a slice has the earliest deadline.
 */
#include "kernel/sched/average.h"
#include "kernel/sched/policies.h"

enum { LAG = SHARE_WORDS, TURN }; /* how far behind the average it left; what it had run when its request began */

#define SCALE 65536 /* virtual times wrap around: only the differences of those that are runnable count */

static struct tree ready; /* by virtual time; the values are deadlines */
static struct average average;
static struct uos_thread *running;
static uint64_t quantum;

static void start(uint64_t q, uint64_t seed)
{
	quantum = q < SHARE_MOST / SCALE ? q : SHARE_MOST / SCALE;
	tree_start(&ready);
	average_start(&average);
	running = NULL;
}

static uint64_t request(struct uos_thread *t, uint64_t time)
{
	t->own[TURN] = t->ran;
	t->own[TREE_VALUE] = time + quantum * SCALE / t->weight;
	return time;
}

static uint64_t slice(const struct uos_thread *t)
{
	return turn_left(quantum, t->ran - t->own[TURN]);
}

/* Accounts for what the running one has run; begins its next request if it has had this one, or gives up the rest. */
static void charge(bool over)
{
	uint64_t step = running ? share_used(running, SCALE) : 0;

	if (!step && !over)
		return;
	if (over || !slice(running))
		request(running, running->own[TREE_KEY] + step);
	tree_move(&ready, running, running->own[TREE_KEY] + step);
	average_move(&average, tree_weight(&ready), step * running->weight);
}

static void enqueue(struct uos_thread *t, uint64_t now)
{
	charge(false);
	if (tree_earlier(t->own[LAG], 0)) /* it was ahead: no more than it still is */
		t->own[LAG] = average_clamp(average.time - t->own[TREE_KEY], t->own[LAG], 0);
	tree_insert(&ready, t, request(t, average_join(&average, tree_weight(&ready), t->weight, t->own[LAG])));
}

/* The lag is kept, but no more than a slice: nobody saves up, or pays for ever. */
static void dequeue(struct uos_thread *t, uint64_t now)
{
	uint64_t most = quantum * SCALE / t->weight, lag;

	charge(false);
	running = NULL;
	tree_remove(&ready, t);
	lag = average.time - t->own[TREE_KEY];
	average_move(&average, tree_weight(&ready), lag * t->weight);
	t->own[LAG] = average_clamp(lag, -most, most);
}

static struct uos_thread *pick_next(uint64_t now)
{
	charge(false);
	return running = tree_least(&ready, average.time); /* no average is before the least: somebody is eligible */
}

static void yield(struct uos_thread *t, uint64_t now)
{
	charge(true);
}

static bool tick(struct uos_thread *t, uint64_t now)
{
	charge(true);
	return pick_next(now) != t;
}

static bool wakeup(struct uos_thread *t, struct uos_thread *woken, uint64_t now)
{
	return !tree_earlier(average.time, woken->own[TREE_KEY]) && tree_earlier(woken->own[TREE_VALUE], t->own[TREE_VALUE]);
}

static const struct uos_option options[] = {OPTION_WEIGHTS("weights", "each one's share"), OPTIONS_END};

const struct uos_policy fair_policy = {
	.version = UOS_POLICY_VERSION, .name = "fair", .options = options, .start = start, .enqueue = enqueue, .dequeue = dequeue,
	.pick_next = pick_next, .tick = tick, .yield = yield, .wakeup = wakeup, .slice = slice,
};
