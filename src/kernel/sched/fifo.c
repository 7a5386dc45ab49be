/* First in, first out (OSTEP 7.3): who has the CPU keeps it until it waits, ends or yields. */
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

/* Never comes: no slice ends. */
static bool tick(struct uos_thread *t, uint64_t now)
{
	return false;
}

static void yield(struct uos_thread *t, uint64_t now)
{
	uos_queue_remove(&ready, t);
	uos_queue_append(&ready, t);
}

static uint64_t slice(const struct uos_thread *t)
{
	return UOS_NO_LIMIT;
}

const struct uos_policy fifo_policy = {
	.version = UOS_POLICY_VERSION,
	.name = "fifo",
	.start = start,
	.enqueue = enqueue,
	.dequeue = dequeue,
	.pick_next = pick_next,
	.tick = tick,
	.yield = yield,
	.slice = slice,
};
