/*
 * Kernel timers, in one list by time. sleep.c looks at it whenever it looks at
 * who has slept enough. Compiled without vector registers: ticks come here.
 *
 * As on Linux a periodic one that has expired does not do so again before its
 * owner has taken notice: what it misses meanwhile is counted then, from the
 * clock. So thousands of them cost whoever reads them, and not everybody.
 */
#include <stddef.h>

#include "kernel/ktimer.h"
#include "kernel/proc.h"

#define NEVER UINT64_MAX
#define LEAST 50000 /* ns until a timer expires again: a tick costs 7 us and more, and its owner is to get on meanwhile */

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

	t->rests = false;
	if (!t->armed)
		return;
	while (*link != t)
		link = &(*link)->next;
	*link = t->next;
	t->armed = false;
	ktimer_next = timers ? timers->at : NEVER;
}

static void set(struct ktimer *t, uint64_t at, uint64_t interval)
{
	ktimer_cancel(t);
	t->at = at;
	t->interval = interval;
	t->times = 0;
}

void ktimer_arm(struct ktimer *t, uint64_t at, uint64_t interval)
{
	set(t, at, interval);
	insert(t);
	sleep_also_until(at);
}

void ktimer_count(struct ktimer *t, uint64_t at, uint64_t interval)
{
	set(t, at, interval);
	t->rests = true;
}

/* How many of its periods end until `by`, that included. */
static uint64_t periods_until(const struct ktimer *t, uint64_t by)
{
	if (by < t->at)
		return 0;
	return t->interval && t->interval < NEVER - by ? (by - t->at) / t->interval + 1 : 1;
}

static void skip(struct ktimer *t, uint64_t periods)
{
	t->times += periods;
	t->at += periods * t->interval;
}

void ktimer_go_on(struct ktimer *t)
{
	uint64_t now = clock_now();

	if (!t->rests)
		return;
	t->rests = false;
	skip(t, periods_until(t, t->interval < LEAST ? now + LEAST : now));
	insert(t);
	sleep_also_until(t->at);
}

uint64_t ktimer_left(const struct ktimer *t)
{
	uint64_t now = clock_now(), at = t->at;

	if (!t->armed && !t->rests)
		return 0;
	if (t->rests)
		at += periods_until(t, now) * t->interval;
	return at > now ? at - now : t->armed;
}

static void expire(struct ktimer *t, uint64_t now)
{
	ktimer_cancel(t);
	t->rests = t->interval && t->interval < NEVER - now;
	skip(t, periods_until(t, now));
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
