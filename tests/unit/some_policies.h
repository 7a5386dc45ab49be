/* What kernel_policy gives tests of the command line: three small policies, with options of every kind. */
#include <stddef.h>

#include "kernel/kernel.h"

static uint64_t queues, boost;

static void some_start(uint64_t quantum, uint64_t seed)
{
	(void)quantum;
	(void)seed;
}

static void some_event(struct uos_thread *t, uint64_t now)
{
	(void)t;
	(void)now;
}

static struct uos_thread *some_pick(uint64_t now)
{
	(void)now;
	return NULL;
}

static bool some_tick(struct uos_thread *t, uint64_t now)
{
	(void)t;
	(void)now;
	return true;
}

static const struct uos_option feedback_options[] = {
	{"queues", UOS_NUMBER, &queues, 0, 1, 16, "how many"},
	{"boost", UOS_TIME, &boost, 0, 1000000, 60000000000, "all to the top again"},
	{.key = NULL},
};

static const struct uos_option shares_options[] = {
	{"weight", UOS_NUMBERS, NULL, offsetof(struct uos_thread, weight), 1, 1000, "tickets"},
	{"length", UOS_TIMES, NULL, offsetof(struct uos_thread, length), 1, UINT64_MAX, "needs"},
	{"priority", UOS_NUMBERS, NULL, offsetof(struct uos_thread, priority), 0, UINT64_MAX, NULL},
	{.key = NULL},
};

#define SOME_FUNCTIONS .start = some_start, .enqueue = some_event, .dequeue = some_event, .pick_next = some_pick, \
	.tick = some_tick, .yield = some_event

static const struct uos_policy plain = {.version = UOS_POLICY_VERSION, .name = "plain", SOME_FUNCTIONS},
	feedback = {.version = UOS_POLICY_VERSION, .name = "feedback", .options = feedback_options, SOME_FUNCTIONS},
	shares = {.version = UOS_POLICY_VERSION, .name = "shares", .options = shares_options, SOME_FUNCTIONS};

const struct uos_policy *kernel_policy(int n)
{
	static const struct uos_policy *const all[] = {&plain, &feedback, &shares};

	return n < 3 ? all[n] : NULL;
}
