/*
 * Scheduling, the mechanism: who runs is the policy's choice (sched/). All of
 * it runs on the outgoing thread's kernel stack. Compiled without vector
 * registers: after a call such as sched_yield the guest's are still live.
 */
#include <errno.h>

#include "kernel/proc.h"

#define NEVER UINT64_MAX
#define TIMER_SLOP 1000 /* ns that a tick may be early by the TSC's calibration */
#define ZOMBIES_MAX 64  /* then the reaper does not wait for an idle moment */

struct thread *current;
struct kernel_watch kernel_watch;

static struct thread *reaper; /* pid 1: runs when nobody else can */
static struct thread *sleepers;
static uint64_t next_wake = NEVER; /* no sleeper's time comes before */
static uint64_t quantum, slice_end;
static bool preempt;
static int zombies;
static struct kernel_stats stats;

void sched_boot(const struct kernel_options *o, struct thread *idle_class)
{
	preempt = o->preempt;
	quantum = o->quantum;
	reaper = idle_class;
	if (preempt) {
		ring_put(EVENT_TIMER_START, 0, 0, quantum);
		timer_arm(clock_now() + quantum);
	}
}

bool sched_preemptive(void)
{
	return preempt;
}

void sched_add_stats(struct kernel_stats *s)
{
	s->switches = stats.switches;
	s->switches_by_timer = stats.switches_by_timer;
	s->ticks_ended = stats.ticks_ended;
	s->ticks_early = stats.ticks_early;
	s->ticks_alone = stats.ticks_alone;
}

/*
 * Setting the host's timer costs more than a switch, so it is set only if no
 * interrupt is coming by then already; one that comes early sets it again for
 * the rest. One thread alone needs none.
 */
static void set_timer(void)
{
	uint64_t at = next_wake;

	if (!preempt)
		return;
	if (rr_first() && slice_end < at)
		at = slice_end;
	if (at != NEVER && !timer_armed_by(at))
		timer_arm(at);
}

/*
 * Who had to be loaded first keeps the CPU at least as long as that took: else
 * more address spaces than fit, at a short quantum, would do nothing but take
 * each other's places.
 */
static void begin_slice(uint64_t loading)
{
	slice_end = clock_now() + (loading > quantum ? loading : quantum);
	set_timer();
}

static void enqueue(struct thread *t)
{
	t->state = READY;
	if (t == reaper)
		return;
	rr_enqueue(t);
	if (!kernel_watch.waiting++)
		kernel_watch.waiter = t->proc->pid;
}

void sched_ready(struct thread *t)
{
	enqueue(t);
	if (current && current->state == RUNNING)
		set_timer(); /* there may be two now; at idle, whoever is chosen begins a slice */
}

/* ---- Sleep and wakeup ------------------------------------------------- */

static void sleepers_remove(struct thread *t)
{
	if (t->prev)
		t->prev->next = t->next;
	else
		sleepers = t->next;
	if (t->next)
		t->next->prev = t->prev;
}

static void wake(struct thread *t)
{
	sleepers_remove(t);
	ring_put(EVENT_WAKEUP, t->proc->pid, 0, 0);
	sched_ready(t);
}

void sched_wakeup(const void *channel)
{
	for (struct thread *t = sleepers, *next; t; t = next) {
		next = t->next;
		if (t->channel == channel)
			wake(t);
	}
}

static void wake_due(void)
{
	uint64_t now = clock_now(), soonest = NEVER;

	if (now < next_wake)
		return;
	for (struct thread *t = sleepers, *next; t; t = next) {
		next = t->next;
		if (t->wake_at <= now)
			wake(t);
		else if (t->wake_at < soonest)
			soonest = t->wake_at;
	}
	next_wake = soonest;
}

void sched_interrupt(struct thread *t)
{
	if (t->state == BLOCKED)
		wake(t);
}

/* ---- The switch ------------------------------------------------------- */

/* Idles until somebody can run. The caller's thread is in no state to run on unless it is chosen. */
static struct thread *choose(void)
{
	for (;;) {
		struct thread *t;

		wake_due();
		if (reaper->state == READY && zombies > ZOMBIES_MAX)
			return reaper;
		t = rr_pick_next();
		if (t)
			return t;
		if (reaper->state == READY)
			return reaper;
		cpu_idle(next_wake);
		cpu_take_interrupts(NULL);
	}
}

static void watch(void)
{
	kernel_watch.holder = current->proc->pid;
	kernel_watch.since = clock_now();
	kernel_watch.waiting = rr_length();
	kernel_watch.waiter = rr_first() ? rr_first()->proc->pid : 0;
}

/* The running thread is READY and queued, BLOCKED, or a ZOMBIE. Returns when it runs again. */
static void reschedule(bool by_timer)
{
	struct thread *previous = current, *next = choose();
	uint64_t chosen = clock_now();

	next->state = RUNNING;
	if (next != previous) {
		stats.switches++;
		stats.switches_by_timer += by_timer;
		ring_put(EVENT_SWITCH, previous->proc->pid, by_timer, (uint64_t)next->proc->pid);
		current = next;
		if (previous->context.user) /* live until now, if the call needed none */
			frame_save_vectors(previous->context.frame);
		if (next->context.user)
			vm_activate(&next->proc->vm);
		watch();
		begin_slice(clock_now() - chosen);
		context_switch(&previous->context, &next->context);
		/* continues here when somebody switches back to `previous` */
	} else {
		watch();
		begin_slice(0);
	}
}

void sched_yield_cpu(void)
{
	enqueue(current);
	reschedule(false);
}

int sched_block(const void *channel, uint64_t until)
{
	struct thread *t = current;

	if (t->proc->killed)
		return -EINTR;
	t->state = BLOCKED;
	t->channel = channel;
	t->wake_at = until;
	t->prev = NULL;
	t->next = sleepers;
	if (sleepers)
		sleepers->prev = t;
	sleepers = t;
	ring_put(EVENT_BLOCK, t->proc->pid, 0, 0);
	if (until < next_wake)
		next_wake = until;
	reschedule(false);
	if (t->proc->killed)
		return -EINTR;
	return clock_now() >= until ? -ETIMEDOUT : 0;
}

void sched_exit(void)
{
	zombies++;
	current->state = ZOMBIE;
	sched_interrupt(reaper);
	reschedule(false);
	machine_panic("a zombie runs");
}

/* The reaper's wait for the next zombie. */
void sched_reaper_wait(void)
{
	zombies = 0;
	sched_block(&zombies, NEVER);
}

void sched_start(void)
{
	current = choose();
	current->state = RUNNING;
	if (current->context.user)
		vm_activate(&current->proc->vm);
	watch();
	begin_slice(0);
	context_start(&current->context);
}

static enum tick_decision decide(const struct frame *f)
{
	if (!f || !rr_first()) {
		stats.ticks_alone++;
		return TICK_ALONE;
	}
	if (!preempt || clock_now() + TIMER_SLOP < slice_end) {
		stats.ticks_early++;
		return TICK_EARLY;
	}
	stats.ticks_ended++;
	return TICK_ENDED;
}

/*
 * The timer interrupt. Each is counted once: it ended a slice, came before the
 * slice's end (armed for an earlier one, or for a sleeper), or nobody else
 * wanted the CPU.
 */
void sched_tick(struct frame *f)
{
	enum tick_decision decision;

	wake_due();
	decision = decide(f);
	ring_put(EVENT_TICK, f ? current->proc->pid : 0, decision, 0);
	if (!f)
		return; /* idle: whoever it woke begins a slice, and that sets the timer */
	if (decision == TICK_ENDED) {
		enqueue(current);
		reschedule(true);
	} else {
		set_timer();
	}
}
