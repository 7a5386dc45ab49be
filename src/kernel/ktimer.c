/*
 * Kernel timers, in one list by time. sleep.c looks at it whenever it looks at
 * who has slept enough. Compiled without vector registers: ticks come here.
 */
#include <stddef.h>

#include "kernel/ktimer.h"
#include "kernel/proc.h"

#define NEVER UINT64_MAX
#define LEAST 50000 /* ns between two expiries of one timer: a tick costs 7 us and more, and somebody is to get on meanwhile */

uint64_t ktimer_next = NEVER;

static struct ktimer *timers;

static void insert(struct ktimer *t)
{
	struct ktimer **link = &timers;

	while (*link && (*link)->at <= t->at)
		link = &(*link)->next;
	t->next = *link;
	*link = t;
	t->armed = true;
	ktimer_next = timers->at;
}

void ktimer_cancel(struct ktimer *t)
{
	struct ktimer **link = &timers;

	if (!t->armed)
		return;
	while (*link != t)
		link = &(*link)->next;
	*link = t->next;
	t->armed = false;
	ktimer_next = timers ? timers->at : NEVER;
}

void ktimer_arm(struct ktimer *t, uint64_t at, uint64_t interval)
{
	ktimer_cancel(t);
	t->at = at;
	t->interval = interval;
	t->times = 0;
	insert(t);
	sleep_also_until(at);
}

/* Periods that nobody looked in count, too, those until the next expiry included if they are too short: it is always to come. */
static void expire(struct ktimer *t, uint64_t now)
{
	uint64_t by = t->interval < LEAST ? now + LEAST : now;
	uint64_t periods = t->interval ? (by - t->at) / t->interval + 1 : 1;

	ktimer_cancel(t);
	t->times += periods;
	if (t->interval && t->interval < NEVER - now) {
		t->at += periods * t->interval;
		insert(t);
	}
	t->expired(t);
}

void ktimers_run(uint64_t now)
{
	if (now < ktimer_next)
		return;
	if (current && current->context.user)
		frame_save_vectors(current->context.frame);
	while (now >= ktimer_next)
		expire(timers, now);
}
