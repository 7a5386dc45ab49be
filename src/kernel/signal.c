/*
 * Signals: who gets one, where it waits, and what becomes of it on the way to
 * user mode. Handlers' frames are signal_frame.c's, stopping signal_stop.c's.
 *
 * One that waits is a bit of a set, for one thread or for whichever of a
 * process takes it first, and a record of what is known of it; a standard
 * signal waits once, a real-time signal as often as it was sent. `summoned`
 * may be set for nothing, and is never unset while there is something to take.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/signal_parts.h"

#define QUEUED_MOST 32768 /* records, whatever RLIMIT_SIGPENDING says: they are the kernel's memory */
#define REALTIME_FIRST 32

static const uint64_t synchronous = 1ul << (SIGSEGV - 1) | 1ul << (SIGBUS - 1) | 1ul << (SIGILL - 1) |
				    1ul << (SIGTRAP - 1) | 1ul << (SIGFPE - 1) | 1ul << (SIGSYS - 1);
static uint64_t queued_count;
uint64_t interrupts_handled;

bool signal_ignored(const struct proc *p, int signal)
{
	static const uint64_t harmless = 1ul << SIGCHLD | 1ul << SIGCONT | 1ul << SIGURG | 1ul << SIGWINCH;
	uint64_t handler = p->actions[signal].handler;

	return handler == (uint64_t)SIG_IGN || (handler == (uint64_t)SIG_DFL && signal < 32 && harmless >> signal & 1);
}

siginfo_t signal_info(int signal, int code)
{
	siginfo_t info;

	memset(&info, 0, sizeof info);
	info.si_signo = signal;
	info.si_code = code;
	if (code == SI_KERNEL || !current || !current->context.user)
		return info;
	info.si_pid = current_proc()->pid;
	info.si_uid = current_proc()->facts.uid[REAL];
	return info;
}

/* ---- What waits ------------------------------------------------------- */

static struct pending *pending_of(struct proc *p, struct thread *t)
{
	return t ? &t->pending : &p->pending;
}

static void append(struct pending *to, struct queued *q)
{
	struct queued **link = &to->first;

	while (*link)
		link = &(*link)->next;
	q->next = NULL;
	q->waits = true;
	*link = q;
	to->set |= signal_bit(q->info.si_signo);
}

static void unlink_at(struct queued **link)
{
	struct queued *q = *link;

	*link = q->next;
	q->waits = false;
	if (q->of_timer)
		return;
	queued_count--;
	free(q);
}

static bool has_record(const struct pending *in, int signal)
{
	const struct queued *q = in->first;

	while (q && q->info.si_signo != signal)
		q = q->next;
	return q;
}

/* Without a record the signal is known by its number alone: for the standard ones that is enough. */
static long add(struct proc *p, struct pending *to, const siginfo_t *info)
{
	rlim_t most = p->facts.limits[RLIMIT_SIGPENDING].rlim_cur;
	struct queued *q = NULL;

	if (info->si_signo < REALTIME_FIRST && to->set & signal_bit(info->si_signo))
		return 0;
	if (queued_count < (most < QUEUED_MOST ? most : QUEUED_MOST) || info->si_signo < REALTIME_FIRST)
		q = calloc(1, sizeof *q);
	if (!q && info->si_signo >= REALTIME_FIRST && info->si_code != SI_USER)
		return -EAGAIN;
	to->set |= signal_bit(info->si_signo);
	if (!q)
		return 0;
	queued_count++;
	q->info = *info;
	append(to, q);
	return 0;
}

static void discard_in(struct pending *in, uint64_t set)
{
	struct queued **link = &in->first;

	in->set &= ~set;
	while (*link)
		if (set & signal_bit((*link)->info.si_signo))
			unlink_at(link);
		else
			link = &(*link)->next;
}

void signals_discard(struct proc *p, uint64_t set)
{
	discard_in(&p->pending, set);
	for (struct thread *t = p->threads; t; t = t->sibling)
		discard_in(&t->pending, set);
}

static bool unqueue_in(struct pending *in, struct queued *q)
{
	struct queued **link = &in->first;
	int signal = q->info.si_signo;

	while (*link && *link != q)
		link = &(*link)->next;
	if (!*link)
		return false;
	unlink_at(link);
	if (!has_record(in, signal))
		in->set &= ~signal_bit(signal);
	return true;
}

void signal_unqueue(struct proc *p, struct queued *q)
{
	struct thread *t = p->threads;

	if (!q->waits || unqueue_in(&p->pending, q))
		return;
	while (t && !unqueue_in(&t->pending, q))
		t = t->sibling;
}

/* What hurts whoever goes on comes first, then the lowest number. */
static int next_of(uint64_t set)
{
	if (set & synchronous)
		set &= synchronous;
	return set ? __builtin_ctzl(set) + 1 : 0;
}

static int take_from(struct pending *in, uint64_t set, siginfo_t *info)
{
	int signal = next_of(in->set & set);
	struct queued **link = &in->first;

	if (!signal)
		return 0;
	while (*link && (*link)->info.si_signo != signal)
		link = &(*link)->next;
	memset(info, 0, sizeof *info);
	info->si_signo = signal;
	if (*link) {
		*info = (*link)->info;
		if ((*link)->of_timer)
			timer_signal_taken(*link, info);
		unlink_at(link);
	}
	if (!has_record(in, signal))
		in->set &= ~signal_bit(signal);
	return signal;
}

int signal_take(uint64_t set, siginfo_t *info)
{
	int signal = take_from(&current->pending, set, info);

	if (signal)
		return signal;
	signal = take_from(&current_proc()->pending, set, info);
	if (signal == SIGALRM)
		timer_alarm_taken(current_proc());
	return signal;
}

uint64_t signal_waiting(void)
{
	return current->pending.set | current_proc()->pending.set;
}

/* ---- Sending ---------------------------------------------------------- */

static bool takes(const struct thread *t, uint64_t bit)
{
	return !(t->signal_mask & bit) || t->awaited & bit;
}

static void tell(struct thread *t, uint64_t bit)
{
	if (!(t->signal_mask & bit))
		t->summoned = true;
	sched_interrupt(t);
}

/* One thread that takes it learns of it: the current one, or the first. */
static void tell_process(struct proc *p, uint64_t bit)
{
	struct thread *t = p->threads;

	if (current && current->proc == p && takes(current, bit)) {
		tell(current, bit);
		return;
	}
	while (t && !takes(t, bit))
		t = t->sibling;
	if (t)
		tell(t, bit);
}

/* Stopping and continuing undo each other, also while they wait; false: nobody is to know of it. */
static bool prepare(struct proc *p, const struct thread *thread, int signal)
{
	const struct thread *t = thread ? thread : p->threads;

	if (signal == SIGCONT) {
		signals_discard(p, STOPPING);
		process_continue(p);
	} else if (signal_bit(signal) & STOPPING) {
		signals_discard(p, signal_bit(SIGCONT));
	}
	return (t->signal_mask | t->awaited) & signal_bit(signal) || !signal_ignored(p, signal);
}

static bool reaches(const struct proc *p)
{
	return p->pid != 1 && p->threads && !p->ending;
}

static void announce(struct proc *p, struct thread *thread, int signal)
{
	if (!thread)
		tell_process(p, signal_bit(signal));
	else if (takes(thread, signal_bit(signal)))
		tell(thread, signal_bit(signal));
	signalfd_wake(p, signal_bit(signal));
}

long signal_post(struct proc *p, struct thread *thread, const siginfo_t *info)
{
	int signal = info->si_signo;
	long error;

	if (!reaches(p) || !prepare(p, thread, signal))
		return 0;
	if (signal == SIGKILL) {
		proc_kill(p, SIGKILL);
		return 0;
	}
	error = add(p, pending_of(p, thread), info);
	if (!error)
		announce(p, thread, signal);
	return error;
}

bool signal_post_queued(struct proc *p, struct thread *thread, struct queued *q)
{
	if (!reaches(p) || !prepare(p, thread, q->info.si_signo))
		return false;
	append(pending_of(p, thread), q);
	announce(p, thread, q->info.si_signo);
	return true;
}

void signal_send(struct proc *p, int signal, int code)
{
	const siginfo_t info = signal_info(signal, code);

	signal_post(p, NULL, &info);
}

void signal_send_self(int signal)
{
	const siginfo_t info = signal_info(signal, SI_USER);

	signal_post(current_proc(), current, &info);
}

void signal_send_group(int group, int signal, int code)
{
	for (struct proc *p = proc_list; p; p = p->next)
		if (p->facts.group == group)
			signal_send(p, signal, code);
}

/* ---- Masks ------------------------------------------------------------ */

/* What this thread no longer takes, another may. */
static void retarget(struct proc *p, uint64_t set)
{
	for (set &= p->pending.set; set; set &= set - 1)
		tell_process(p, set & -set);
}

void signal_mask_set(uint64_t mask)
{
	uint64_t newly = mask & ~current->signal_mask;

	current->signal_mask = mask & ~(UNMASKABLE);
	if (signal_waiting() & ~current->signal_mask)
		current->summoned = true;
	if (current->sibling || current_proc()->threads != current)
		retarget(current_proc(), newly);
}

void signal_mask_lend(uint64_t mask)
{
	current->saved_mask = current->signal_mask;
	current->mask_is_lent = true;
	signal_mask_set(mask);
}

void signal_mask_return(long answer)
{
	if (!current->mask_is_lent || answer == -EINTR)
		return;
	current->mask_is_lent = false;
	signal_mask_set(current->saved_mask);
}

/* ---- On the way to user mode ------------------------------------------ */

static void leave_if_ending(void)
{
	const struct proc *p = current_proc();

	if (p->ending || (p->survivor && p->survivor != current))
		thread_exit();
}

/* The next signal that has a handler; others happen here. False: there is none. */
static bool next_handled(siginfo_t *info, bool *was_stopped)
{
	struct proc *p = current_proc();
	int signal;

	for (;;) {
		current->summoned = false;
		leave_if_ending();
		if (p->stopped) {
			*was_stopped = true;
			process_stay_stopped();
			continue;
		}
		signal = signal_take(~current->signal_mask, info);
		if (!signal)
			return false;
		if (signal_ignored(p, signal))
			continue;
		if (p->actions[signal].handler != (uint64_t)SIG_DFL)
			return true;
		if (signal_bit(signal) & STOPPING)
			process_stop(signal);
		else
			proc_exit(0, signal);
	}
}

static _Noreturn void die_of_frame(const siginfo_t *info)
{
	const struct proc *p = current_proc();

	console_line("pid %d (%s): SIGSEGV: no room on the stack for the handler of signal %d", p->pid, p->name, info->si_signo);
	proc_exit(0, SIGSEGV);
}

static void handle(struct frame *f, const siginfo_t *info)
{
	interrupts_handled += info->si_signo == SIGINT;
	if (!signal_frame_push(f, info))
		die_of_frame(info);
}

void signals_deliver(int call)
{
	struct frame *f = current->context.frame;
	struct sigaction_record action;
	bool was_stopped = false;
	siginfo_t info;

	frame_save_vectors(f);
	do {
		while (next_handled(&info, &was_stopped)) {
			action = current_proc()->actions[info.si_signo];
			signal_restart(f, call, &action, was_stopped);
			call = NO_CALL;
			handle(f, &info);
		}
		signal_restart(f, call, NULL, was_stopped);
		call = NO_CALL;
		signal_mask_return(0);
	} while (current->summoned);
}

bool signal_force(const siginfo_t *info)
{
	struct proc *p = current_proc();
	uint64_t handler = p->actions[info->si_signo].handler;

	if (p->ending || current->signal_mask & signal_bit(info->si_signo) || handler == (uint64_t)SIG_DFL || handler == (uint64_t)SIG_IGN)
		return false;
	return signal_frame_push(current->context.frame, info);
}

/* ---- Birth, exec, end ------------------------------------------------- */

void signals_exec(struct proc *p)
{
	for (int signal = 1; signal <= SIGNALS; signal++)
		if (p->actions[signal].handler != (uint64_t)SIG_IGN)
			p->actions[signal] = (struct sigaction_record){ 0 };
	current->signal_stack = (stack_t){ 0 };
	current->restart_call = NO_CALL;
	timers_exec(p);
}

void signals_thread_ends(struct thread *t)
{
	uint64_t all = ~0ul;

	discard_in(&t->pending, all);
	t->signal_mask = all;
	if (t->proc->threads && !t->proc->ending)
		retarget(t->proc, all);
}

void signals_end(struct proc *p)
{
	timers_end(p);
	discard_in(&p->pending, ~0ul);
}
