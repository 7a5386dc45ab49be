/*
 * Scheduling, the mechanism: it knows who is runnable, switches, and keeps the
 * time; who runs is the policy's choice (include/uos/policy.h, sched/). All of
 * it runs on the outgoing thread's kernel stack. Compiled without vector
 * registers: after a call such as sched_yield the guest's are still live.
 */
#include <errno.h>

#include "kernel/account.h"
#include "kernel/ktimer.h"
#include "kernel/proc.h"

#define NEVER UINT64_MAX
#define TIMER_SLOP 1000 /* ns that a tick may be early by the TSC's calibration */
#define ZOMBIES_MAX 64  /* then the reaper does not wait for an idle moment */

struct thread *current;
struct kernel_watch kernel_watch;
bool sched_plug_in, sched_preempt;
struct kernel_stats sched_stats;

static const struct uos_policy *policy;
static const char *policy_file;    /* of a plug-in */
static struct thread *reaper;      /* pid 1: runs when nobody else can; no policy sees it */
static struct thread *ready_head, *ready_tail; /* who is READY, longest first: to hold the policy to its promises */
static int ready;
static uint64_t quantum, slice_end;
static uint64_t charged_until;     /* the running thread's time has been counted up to here */
static bool need_resched;          /* somebody more urgent has woken up */
static int zombies;

/* Calls the policy. If that is a plug-in, what breaks meanwhile is its own doing. */
#define ASK(call, function, ...)                                                                                       \
	do {                                                                                                           \
		machine_blame = (struct machine_blame){ policy_file, #function };                                      \
		call policy->function(__VA_ARGS__);                                                                    \
		machine_blame.who = NULL;                                                                              \
	} while (0)

void sched_boot(const struct kernel_options *o, struct thread *idle_class)
{
	sched_preempt = o->preempt;
	quantum = o->quantum;
	reaper = idle_class;
	policy = o->policy;
	policy_file = o->plug_in;
	sched_plug_in = o->plug_in;
	ASK(, start, quantum, o->seed);
	if (sched_preempt) {
		ring_put(EVENT_TIMER_START, 0, 0, quantum);
		timer_arm(clock_now() + quantum);
	}
}

/* ---- Time ------------------------------------------------------------- */

/* The running thread has had the CPU until now. */
static void charge(uint64_t now)
{
	current->policy.ran += now - charged_until;
	current->proc->usage.run += now - charged_until;
	charged_until = now;
}

/*
 * Setting the host's timer costs more than a switch, so it is set only if no
 * interrupt is coming by then already; one that comes early sets it again for
 * the rest. One thread alone needs none.
 */
void sched_set_timer(void)
{
	uint64_t at = sleep_next_tick();

	if (!sched_preempt)
		return;
	if (ready && slice_end < at)
		at = slice_end;
	if (at != NEVER && !timer_armed_by(at))
		timer_arm(at);
}

/*
 * Who had to be loaded first keeps the CPU at least as long as that took: else
 * more address spaces than fit, at a short quantum, would do nothing but take
 * each other's places.
 */
static void begin_slice(uint64_t now, uint64_t loading)
{
	uint64_t slice = quantum;

	if (policy->slice && current != reaper)
		ASK(slice =, slice, &current->policy);
	if (slice < loading || (sched_plug_in && slice < UOS_LEAST_SLICE))
		slice = loading > UOS_LEAST_SLICE ? loading : UOS_LEAST_SLICE;
	slice_end = slice < NEVER - now ? now + slice : NEVER;
	sched_set_timer();
}

/* ---- Who can run ------------------------------------------------------ */

static void ready_append(struct thread *t, uint64_t now)
{
	t->state = READY;
	t->ready_since = now;
	if (t == reaper)
		return;
	t->next = NULL;
	t->prev = ready_tail;
	if (ready_tail)
		ready_tail->next = t;
	else
		ready_head = t;
	ready_tail = t;
	if (!ready++)
		kernel_watch.waiter = t->proc->pid;
	kernel_watch.waiting = ready;
}

static void ready_remove(struct thread *t)
{
	if (t->prev)
		t->prev->next = t->next;
	else
		ready_head = t->next;
	if (t->next)
		t->next->prev = t->prev;
	else
		ready_tail = t->prev;
	ready--;
}

/* Is it to have the CPU at once, although the running thread's slice is not over? */
static bool more_urgent(struct thread *t, uint64_t now)
{
	bool answer;

	if (!sched_preempt || !policy->wakeup || current == reaper)
		return false;
	charge(now);
	ASK(answer =, wakeup, &current->policy, &t->policy, now);
	return answer;
}

void sched_ready(struct thread *t, uint64_t now)
{
	ready_append(t, now);
	if (t == reaper)
		return;
	if (!t->proc->usage.arrival)
		t->proc->usage.arrival = now;
	ASK(, enqueue, &t->policy, now);
	if (current && current->state == RUNNING) {
		need_resched |= more_urgent(t, now);
		sched_set_timer(); /* there may be two now; at idle, whoever is chosen begins a slice */
	}
}

/* ---- The switch ------------------------------------------------------- */

/* The policy's choice, held to its promise; somebody is ready. */
static struct thread *pick(uint64_t now)
{
	struct uos_thread *chosen;
	struct thread *t;

	machine_blame = (struct machine_blame){ policy_file, "pick_next" }; /* for its answer, too */
	chosen = policy->pick_next(now);
	if (!chosen)
		machine_panic("it chose nobody, though %d can run, pid %d first", ready, ready_head->proc->pid);
	t = (struct thread *)((char *)chosen - offsetof(struct thread, policy));
	if (t->self != t || t->state != READY)
		machine_panic("it chose pid %d, which cannot run now", chosen->pid);
	machine_blame.who = NULL;
	ready_remove(t);
	return t;
}

/* Idles until somebody can run. The caller's thread is in no state to run on unless it is chosen. */
static struct thread *choose(uint64_t *now)
{
	for (;;) {
		sleep_wake_due(*now);
		if (reaper->state == READY && zombies > ZOMBIES_MAX)
			return reaper;
		if (ready)
			return pick(*now);
		if (reaper->state == READY)
			return reaper;
		account_leave();
		cpu_idle(sleep_next_wake);
		account_idle();
		cpu_take_interrupts(NULL);
		*now = clock_now();
	}
}

static void dispatch(struct thread *next, uint64_t now)
{
	struct usage *u = &next->proc->usage;

	next->state = RUNNING;
	u->wait += now - next->ready_since;
	if (!u->first_run)
		u->first_run = now;
	charged_until = now;
	need_resched = false;
	kernel_watch.holder = next->proc->pid;
	kernel_watch.since = now;
	kernel_watch.waiting = ready;
	kernel_watch.waiter = ready ? ready_head->proc->pid : 0;
}

/*
 * The running thread is READY, BLOCKED or a ZOMBIE, and charged until `now`.
 * Returns when it runs again.
 */
static void reschedule(bool by_timer, uint64_t now)
{
	struct thread *previous = current, *next = choose(&now);
	uint64_t loading = 0;

	dispatch(next, now);
	if (next != previous) {
		sched_stats.switches++;
		sched_stats.switches_by_timer += by_timer;
		if (previous->state == READY && !previous->yielded)
			previous->proc->usage.involuntary++;
		else
			previous->proc->usage.voluntary++;
		ring_put(EVENT_SWITCH, previous->proc->pid, by_timer, (uint64_t)next->proc->pid);
		account_leave();
		current = next;
		if (previous->context.user) /* live until now, if the call needed none */
			frame_save_vectors(previous->context.frame);
		if (next->context.user && vm_activate(next->proc->vm))
			loading = clock_now() - now;
		begin_slice(now + loading, loading);
		context_switch(&previous->context, &next->context);
		/* continues here when somebody switches back to `previous` */
	} else {
		begin_slice(now, 0);
	}
	current->yielded = false;
}

void sched_yield_cpu(void)
{
	uint64_t now = clock_now();

	charge(now);
	ASK(, yield, &current->policy, now);
	current->yielded = true;
	ready_append(current, now);
	reschedule(false, now);
}

void sched_stop(enum state state, uint64_t now)
{
	charge(now);
	current->state = state;
	if (current != reaper) {
		ASK(, dequeue, &current->policy, now);
	}
	reschedule(false, now);
}

void sched_exit(void)
{
	uint64_t now;

	zombies++;
	sched_interrupt(reaper);
	now = clock_now();
	if (current->proc->zombie)
		current->proc->usage.completion = now; /* where its last slice ends */
	sched_stop(ZOMBIE, now);
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
	uint64_t now = clock_now();

	account_leave(); /* so far, booting */
	current = choose(&now);
	dispatch(current, now);
	if (current->context.user)
		vm_activate(current->proc->vm);
	begin_slice(clock_now(), 0);
	context_start(&current->context);
}

/* ---- Ticks ------------------------------------------------------------ */

static enum tick_decision decide(const struct frame *f, uint64_t now)
{
	bool over;

	if (!f || !ready) {
		sched_stats.ticks_alone++;
		return TICK_ALONE;
	}
	if (!sched_preempt || now + TIMER_SLOP < slice_end) { /* in coop, somebody outside sent it */
		if (!need_resched)
			sched_stats.ticks_early++;
		else
			sched_stats.ticks_ended++;
		return need_resched ? TICK_WOKEN : TICK_EARLY;
	}
	ASK(over =, tick, &current->policy, now);
	if (over || need_resched) {
		sched_stats.ticks_ended++;
		return TICK_ENDED;
	}
	sched_stats.ticks_continued++;
	return TICK_CONTINUED;
}

/*
 * The timer interrupt. Each is counted once: it ended a slice, or the policy
 * let that go on; it came before the slice's end (armed for an earlier one, or
 * for a sleeper); or nobody else wanted the CPU.
 */
void sched_tick(struct frame *f)
{
	uint64_t now = clock_now();
	struct event *e = ring_put(EVENT_TICK, f ? current->proc->pid : 0, TICK_ALONE, 0);
	enum tick_decision decision;

	if (f)
		charge(now);
	sleep_wake_due(now);
	decision = decide(f, now);
	if (e)
		e->sub = (uint16_t)decision;
	if (!f)
		return; /* idle: whoever it woke begins a slice, and that sets the timer */
	if (decision == TICK_ENDED || decision == TICK_WOKEN) {
		ready_append(current, now);
		reschedule(true, now);
	} else if (decision == TICK_CONTINUED) {
		begin_slice(now, 0);
	} else {
		sched_set_timer();
	}
}

void sched_settle(void)
{
	if (current && current->state == RUNNING)
		charge(clock_now());
}

/* On the way to user mode: does somebody more urgent wait, woken by this trap or interrupt? */
void sched_give_way(void)
{
	uint64_t now;

	if (!sched_preempt && ktimer_next != NEVER)
		sleep_wake_due(clock_now()); /* no tick does it */
	if (!need_resched)
		return;
	now = clock_now();
	charge(now);
	ready_append(current, now);
	reschedule(false, now);
}
