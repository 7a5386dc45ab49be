/* Round robin (OSTEP 7.7): a quantum each, in turn. */
#include "kernel/sched/policies.h"

static struct uos_queue ready; /* its head has the CPU */

static void start(uint64_t quantum, uint64_t seed)
{
	ready.head = ready.tail = NULL;
}

static void enqueue(struct uos_thread *t, uint64_t now)
{
	uos_queue_append(&ready, t);
}

static void dequeue(struct uos_thread *t, uint64_t now)
{
	uos_queue_remove(&ready, t);
}

static struct uos_thread *pick_next(uint64_t now)
{
	return ready.head;
}

static void yield(struct uos_thread *t, uint64_t now)
{
	uos_queue_remove(&ready, t);
	uos_queue_append(&ready, t);
}

static bool tick(struct uos_thread *t, uint64_t now)
{
	yield(t, now);
	return ready.head != t;
}

const struct uos_policy rr_policy = {
	.version = UOS_POLICY_VERSION,
	.name = "rr",
	.start = start,
	.enqueue = enqueue,
	.dequeue = dequeue,
	.pick_next = pick_next,
	.tick = tick,
	.yield = yield,
};
