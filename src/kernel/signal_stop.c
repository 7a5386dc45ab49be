/* Stopping and continuing processes, and what their parents hear of it. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "kernel/signal_parts.h"
#include "kernel/tty.h"
#include "machine/device.h"

#define NEVER UINT64_MAX
#define FROM_TERMINAL (1ul << (SIGTSTP - 1) | 1ul << (SIGTTIN - 1) | 1ul << (SIGTTOU - 1))
#define TICK_NS 10000000 /* of clock_t as siginfo has it */

/* What wait(2) would say of it: si_code and si_status. */
static void tell_state(const struct proc *child, siginfo_t *info)
{
	if (child->zombie) {
		info->si_code = child->exit_signal ? CLD_KILLED : CLD_EXITED;
		info->si_status = child->exit_signal ? child->exit_signal : child->exit_status;
	} else {
		info->si_code = child->stopped ? CLD_STOPPED : CLD_CONTINUED;
		info->si_status = child->stopped ? child->stopped : SIGCONT;
	}
}

void signal_send_child(struct proc *parent, const struct proc *child)
{
	siginfo_t info;

	memset(&info, 0, sizeof info);
	info.si_signo = child->notice;
	info.si_pid = child->pid;
	info.si_uid = child->facts.uid[REAL];
	info.si_utime = (clock_t)(child->usage.user / TICK_NS);
	info.si_stime = (clock_t)(child->usage.kernel / TICK_NS);
	tell_state(child, &info);
	signal_post(parent, NULL, &info);
}

static void tell_parent(struct proc *p)
{
	struct proc *parent = proc_find(p->parent);

	if (!parent || parent->pid == 1)
		return;
	if (p->notice == SIGCHLD && !(parent->actions[SIGCHLD].flags & SA_NOCLDSTOP))
		signal_send_child(parent, p);
	sched_wakeup(&parent->children);
}

/* Is there somebody who would continue it? For a program of the command line that is whoever started uos. */
static bool has_keeper(const struct proc *p, const struct proc *but)
{
	const struct proc *parent = proc_find(p->parent);

	if (!parent || parent == but || parent->facts.group == p->facts.group || parent->facts.session != p->facts.session)
		return false;
	return parent->pid != 1 || (proc_is_of_command_line(p) && device_may_suspend());
}

bool signal_is_orphaned(int group, const struct proc *but)
{
	for (const struct proc *p = proc_list; p; p = p->next)
		if (p != but && p->facts.group == group && !p->zombie && has_keeper(p, but))
			return false;
	return true;
}

static bool has_stopped(int group)
{
	for (const struct proc *p = proc_list; p; p = p->next)
		if (p->facts.group == group && p->stopped)
			return true;
	return false;
}

static void release_orphans(int group)
{
	signal_send_group(group, SIGHUP, SI_KERNEL);
	signal_send_group(group, SIGCONT, SI_KERNEL);
}

void signal_orphans(const struct proc *ending)
{
	int own = ending->facts.group;

	if (has_stopped(own) && signal_is_orphaned(own, ending) && !signal_is_orphaned(own, NULL))
		release_orphans(own);
	for (const struct proc *child = proc_list; child; child = child->next)
		if (child->parent == ending->pid && child->facts.group != own && child->stopped &&
		    child->facts.session == ending->facts.session && signal_is_orphaned(child->facts.group, ending))
			release_orphans(child->facts.group);
}

void process_stop(int signal)
{
	struct proc *p = current_proc();

	if (p->ending || p->survivor || (signal_bit(signal) & FROM_TERMINAL && signal_is_orphaned(p->facts.group, NULL)))
		return;
	p->stopped = signal;
	p->stop_news = true;
	p->continue_news = false;
	threads_summon(p);
	tell_parent(p);
	tty_process_stopped();
}

void process_continue(struct proc *p)
{
	if (!p->stopped)
		return;
	p->stopped = 0;
	p->stop_news = false;
	p->continue_news = true;
	sched_wakeup(&p->stopped);
	tell_parent(p);
}

void process_stay_stopped(void)
{
	struct proc *p = current_proc();

	while (p->stopped && !p->ending && (!p->survivor || p->survivor == current))
		sched_sleep(&p->stopped, NEVER);
}
