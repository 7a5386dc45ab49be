/* Multi-level feedback queues (OSTEP 8). Rules 1 and 2: the first level that has somebody, and there each in turn. */
#include "kernel/sched/levels.h"
#include "kernel/sched/policies.h"

enum { LEVEL, EPOCH, CAME, TURN }; /* level, as of which boost; what it had run when it came there, when its turn began */

static struct levels ready;
static uint64_t epoch, next_boost, quantum, allotment;
static uint64_t said_queues = 3, said_quantum, said_allotment, said_boost = 1000000000; /* by options */

static void start(uint64_t q, uint64_t seed)
{
	quantum = said_quantum ? said_quantum : q;
	allotment = said_allotment ? said_allotment : 2 * quantum;
	ready.filled = epoch = next_boost = 0;
}

/* Rule 3; and rule 5, for those that have not heard of the last boost. */
static uint64_t level(struct uos_thread *t)
{
	if (t->own[EPOCH] != epoch) {
		t->own[EPOCH] = epoch;
		t->own[LEVEL] = 0;
		t->own[CAME] = t->ran;
	}
	return t->own[LEVEL];
}

static void enqueue(struct uos_thread *t, uint64_t now)
{
	levels_append(&ready, level(t), t);
	t->own[TURN] = t->ran;
}

/* Rule 4: by the time it used, however often it gave the CPU away; as no tick comes for one alone, several levels at once. */
static void dequeue(struct uos_thread *t, uint64_t now)
{
	uint64_t used;

	levels_remove(&ready, level(t), t);
	while (used = t->ran - t->own[CAME], !turn_left(allotment, used)) {
		bool last = t->own[LEVEL] + 1 >= said_queues;

		t->own[CAME] += last || used < allotment ? used : allotment;
		t->own[LEVEL] += !last;
	}
}

static struct uos_thread *pick_next(uint64_t now)
{
	if (said_boost && now >= next_boost) { /* rule 5 */
		next_boost = now + said_boost;
		epoch++;
		levels_splice(&ready);
	}
	if (levels_first(&ready))
		level(levels_first(&ready)); /* it learns of the boost before it runs */
	return levels_first(&ready);
}

static void yield(struct uos_thread *t, uint64_t now)
{
	dequeue(t, now);
	enqueue(t, now);
}

static bool tick(struct uos_thread *t, uint64_t now)
{
	yield(t, now);
	return pick_next(now) != t; /* nobody else on its level or above: it continues */
}

static uint64_t slice(const struct uos_thread *t)
{
	uint64_t turn = turn_left(quantum, t->ran - t->own[TURN]), left = turn_left(allotment, t->ran - t->own[CAME]);

	return turn < left ? turn : left;
}

/* The preempted one stays head of its level, for what is left of its turn. */
static bool wakeup(struct uos_thread *running, struct uos_thread *woken, uint64_t now)
{
	if (!slice(running))
		yield(running, now);
	return level(woken) < level(running);
}

static const struct uos_option options[] = {
	{"queues", UOS_NUMBER, &said_queues, 0, 1, LEVELS_MOST, "how many levels"},
	{"quantum", UOS_TIME, &said_quantum, 0, POLICY_LEAST_TURN, POLICY_MOST_TIME, "a turn among equals; else -q"},
	{"allotment", UOS_TIME, &said_allotment, 0, POLICY_LEAST_TURN, POLICY_MOST_TIME, "time on one level; else two quanta"},
	{"boost", UOS_TIME, &said_boost, 0, 0, POLICY_MOST_TIME, "all go to the top so often; 0: never"},
	OPTIONS_END,
};

const struct uos_policy mlfq_policy = {
	.version = UOS_POLICY_VERSION, .name = "mlfq", .options = options, .start = start, .enqueue = enqueue, .dequeue = dequeue,
	.pick_next = pick_next, .tick = tick, .yield = yield, .wakeup = wakeup, .slice = slice,
};
