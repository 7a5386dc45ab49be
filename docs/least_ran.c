/*
 * A scheduling policy in one file: whoever has had the CPU for the least time
 * has it next. Build it, and let it schedule real programs:
 *
 *	cc -shared -fPIC -I$PREFIX/include -o mine.so least_ran.c
 *	uos -s ./mine.so "spin 2" hello
 */
#include <uos/policy.h>

static struct uos_queue ready; /* all that are runnable, the running one, too */

/* Called first. Here is the place for what must be as new, and for options. */
static void start(uint64_t quantum, uint64_t seed)
{
	ready.head = ready.tail = NULL;
}

/* From here on t may be picked: it is new, or what it waited for has come. */
static void enqueue(struct uos_thread *t, uint64_t now)
{
	uos_queue_append(&ready, t);
}

/* t waits, or has ended: never pick it again before it is enqueued again. */
static void dequeue(struct uos_thread *t, uint64_t now)
{
	uos_queue_remove(&ready, t);
}

/* Looks at each, so it is O(n): try a heap. NULL only if nobody is there. */
static struct uos_thread *pick_next(uint64_t now)
{
	struct uos_thread *least = ready.head;

	for (struct uos_thread *t = ready.head; t; t = t->next)
		if (t->ran < least->ran)
			least = t;
	return least;
}

/* Its slice is over. False lets it go on: somebody else must have run less. */
static bool tick(struct uos_thread *t, uint64_t now)
{
	return pick_next(now) != t;
}

/* It offers the CPU: among those that ran as little, it is the last now. */
static void yield(struct uos_thread *t, uint64_t now)
{
	dequeue(t, now);
	enqueue(t, now);
}

/* To try next: who comes late has run for nothing yet, and keeps all others waiting till it is even. Is that fair? */
const struct uos_policy uos_policy = {
	.version = UOS_POLICY_VERSION, .name = "least_ran", .start = start, .enqueue = enqueue, .dequeue = dequeue,
	.pick_next = pick_next, .tick = tick, .yield = yield,
};
