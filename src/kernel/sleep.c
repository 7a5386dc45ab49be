/*
 * Sleep and wakeup: threads that wait for a channel (any address), a time, or
 * both. Compiled without vector registers: interrupts wake.
 */
#include <errno.h>

#include "kernel/ktimer.h"
#include "kernel/proc.h"

#define NEVER UINT64_MAX
#define TICKS_APART 50000 /* ns: a tick costs 7 us and more, and whoever runs is to get on, however many sleep for how short */

uint64_t sleep_next_wake = NEVER;
static uint64_t looked; /* for who has slept enough */

static struct thread *sleepers;

#define BUCKETS 256u
#define CHANNEL_SPACING 3 /* two channels are at least that many bits' worth of bytes apart */
static struct watcher *watchers[BUCKETS]; /* by channel */

static struct watcher **bucket(const void *channel)
{
	uintptr_t at = (uintptr_t)channel >> CHANNEL_SPACING;

	return &watchers[(at ^ at / BUCKETS) % BUCKETS];
}

void sched_watch(struct watcher *w)
{
	w->link = bucket(w->channel);
	w->next = *w->link;
	if (w->next)
		w->next->link = &w->next;
	*w->link = w;
}

void sched_unwatch(struct watcher *w)
{
	*w->link = w->next;
	if (w->next)
		w->next->link = w->link;
}

static void sleepers_remove(struct thread *t)
{
	if (t->prev)
		t->prev->next = t->next;
	else
		sleepers = t->next;
	if (t->next)
		t->next->prev = t->prev;
}

static void wake(struct thread *t, uint64_t now)
{
	sleepers_remove(t);
	ring_put(EVENT_WAKEUP, t->proc->pid, 0, 0);
	sched_ready(t, now);
}

void sched_wakeup(const void *channel)
{
	uint64_t now = clock_now();

	for (struct watcher *w = *bucket(channel); w; w = w->next)
		if (w->channel == channel)
			w->woken(w);
	for (struct thread *t = sleepers, *next; t; t = next) {
		next = t->next;
		if (t->channel == channel)
			wake(t, now);
	}
}

void sleep_wake_due(uint64_t now)
{
	uint64_t soonest;

	if (now < sleep_next_wake)
		return;
	looked = now;
	sleep_next_wake = NEVER; /* until it is known: whoever a timer wakes sets the host's for nothing that has passed */
	ktimers_run(now);
	soonest = ktimer_next;
	for (struct thread *t = sleepers; t; t = t->next)
		if (t->wake_at > now && t->wake_at < soonest)
			soonest = t->wake_at;
	sleep_next_wake = soonest; /* before anybody wakes: the timer is then set by it */
	for (struct thread *t = sleepers, *next; t; t = next) {
		next = t->next;
		if (t->wake_at <= now)
			wake(t, now);
	}
}

uint64_t sleep_next_tick(void)
{
	return sleep_next_wake > looked + TICKS_APART ? sleep_next_wake : looked + TICKS_APART;
}

void sleep_also_until(uint64_t at)
{
	if (at >= sleep_next_wake)
		return;
	sleep_next_wake = at;
	sched_set_timer();
}

void sched_interrupt(struct thread *t)
{
	if (t->state == BLOCKED)
		wake(t, clock_now());
}

void sched_sleep(const void *channel, uint64_t until)
{
	struct thread *t = current;
	uint64_t now = clock_now();

	t->channel = channel;
	t->wake_at = until;
	t->prev = NULL;
	t->next = sleepers;
	if (sleepers)
		sleepers->prev = t;
	sleepers = t;
	ring_put(EVENT_BLOCK, t->proc->pid, 0, 0);
	if (until < sleep_next_wake)
		sleep_next_wake = until;
	sched_stop(BLOCKED, now);
}

int sched_block(const void *channel, uint64_t until)
{
	if (!current->summoned)
		sched_sleep(channel, until);
	if (current->summoned)
		return -EINTR;
	return clock_now() >= until ? -ETIMEDOUT : 0;
}
