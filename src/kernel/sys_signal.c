/* Signals. Handlers are kept, and none runs yet: a signal that is not ignored ends its process. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/host.h"

#define SS_AUTODISARM_FLAG (int)(1u << 31)
#define FOR_EVER UINT64_MAX

static const uint64_t unmaskable = 1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1);

static uint64_t bit(int signal)
{
	return 1ul << (signal - 1);
}

bool signal_ignored(const struct proc *p, int signal)
{
	static const uint64_t harmless = 1ul << SIGCHLD | 1ul << SIGCONT | 1ul << SIGURG | 1ul << SIGWINCH;
	uint64_t handler = p->actions[signal].handler;

	return handler == (uint64_t)SIG_IGN || (handler == (uint64_t)SIG_DFL && signal < 32 && harmless >> signal & 1);
}

void signals_deliver(void)
{
	const struct proc *p = current->proc;

	current->summoned = false;
	if (p->ending || (p->survivor && p->survivor != current))
		thread_exit();
}

void signal_force(int signal, int code, uintptr_t address)
{
	(void)code;
	(void)address;
	proc_exit(0, signal);
}

void signals_exec(struct proc *p)
{
	for (int signal = 1; signal <= SIGNALS; signal++)
		if (p->actions[signal].handler != (uint64_t)SIG_IGN)
			p->actions[signal] = (struct sigaction_record){ 0 };
	current->signal_stack = (stack_t){ 0 };
}

/* Blocked or awaited, it waits for its process to take it. */
static void leave_pending(struct proc *p, int signal, int code)
{
	if (!(p->signal_pending & bit(signal)))
		p->facts.senders[signal] = (struct sender){ current ? current_proc()->pid : 0, code };
	p->signal_pending |= bit(signal);
	if (p->facts.awaited & bit(signal))
		sched_wakeup(&p->signal_pending);
}

static long signal_one(struct proc *p, int signal, int code)
{
	if (p->pid == 1)
		return signal ? -EPERM : 0;
	if (p->zombie)
		return 0;
	if (signal == 0)
		return 0;
	if (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU)
		return signal_ignored(p, signal) ? 0 : -ENOSYS;
	if ((p->threads->signal_mask | p->facts.awaited) & bit(signal))
		leave_pending(p, signal, code);
	else if (!signal_ignored(p, signal) || signal == SIGKILL)
		proc_kill(p, signal);
	return 0;
}

void signal_send(struct proc *p, int signal, int code)
{
	signal_one(p, signal, code);
}

void signal_send_child(struct proc *parent, const struct proc *child)
{
	signal_one(parent, child->notice, SI_USER);
}

void signal_send_group(int group, int signal, int code)
{
	for (struct proc *p = proc_list; p; p = p->next)
		if (p->facts.group == group)
			signal_one(p, signal, code);
}

/* What was blocked and no longer is. */
static void take_unblocked(struct proc *p)
{
	uint64_t due = p->signal_pending & ~p->threads->signal_mask;

	for (int signal = 1; signal <= SIGNALS; signal++)
		if (due & bit(signal) && !signal_ignored(p, signal))
			proc_kill(p, signal); /* the first one counts */
	p->signal_pending &= p->threads->signal_mask;
}

uint64_t signals_mask(uint64_t mask)
{
	struct proc *p = current_proc();
	uint64_t old = p->threads->signal_mask;

	p->threads->signal_mask = mask & ~unmaskable;
	take_unblocked(p);
	return old;
}

long signals_mask_in(uintptr_t from, uint64_t size, uint64_t *mask)
{
	if (!from)
		return 0;
	if (size != sizeof *mask)
		return -EINVAL;
	return copy_in(mask, from, sizeof *mask);
}

/* To one, or as kill(2) says: 0 the caller's group, -1 all but the caller, less: that group. */
static bool is_meant(const struct proc *p, int pid)
{
	if (pid > 0)
		return p->pid == pid;
	if (pid == -1)
		return p->pid != 1 && p != current_proc();
	return p->facts.group == (pid ? -(int64_t)pid : current_proc()->facts.group);
}

/* Linux looks for somebody first, and at the number then. */
static long signal_all(int pid, int signal, int code)
{
	long answer = -ESRCH, one;

	for (struct proc *p = proc_list; p; p = p->next) {
		if (p->zombie || !is_meant(p, pid))
			continue;
		one = signal < 0 || signal > SIGNALS ? -EINVAL : signal_one(p, signal, code);
		if (answer)
			answer = one; /* one success is enough */
	}
	return answer;
}

long sys_kill(const uint64_t *a)
{
	return signal_all((int)a[0], (int)a[1], SI_USER);
}

long sys_tkill(const uint64_t *a)
{
	return (int)a[0] <= 0 ? -EINVAL : signal_all((int)a[0], (int)a[1], SI_TKILL);
}

long sys_tgkill(const uint64_t *a)
{
	if ((int)a[0] <= 0 || (int)a[1] <= 0)
		return -EINVAL;
	return (int)a[0] != (int)a[1] ? -ESRCH : sys_tkill(a + 1);
}

/* Stored, and given back: delivery is not there yet. */
long sys_rt_sigaction(const uint64_t *a)
{
	int signal = (int)a[0];
	struct proc *p = current_proc();
	struct sigaction_record new, old;

	if (a[3] != sizeof(uint64_t))
		return -EINVAL;
	if (a[1] && copy_in(&new, a[1], sizeof new) != 0)
		return -EFAULT;
	if (signal < 1 || signal > SIGNALS || (a[1] && (signal == SIGKILL || signal == SIGSTOP)))
		return -EINVAL;
	old = p->actions[signal];
	if (a[1]) {
		new.mask &= ~unmaskable;
		p->actions[signal] = new;
		if (signal_ignored(p, signal))
			p->signal_pending &= ~bit(signal);
	}
	return a[2] ? copy_out(a[2], &old, sizeof old) : 0;
}

long sys_rt_sigprocmask(const uint64_t *a)
{
	uint64_t set, old = current->signal_mask;
	int how = (int)a[0];

	if (a[3] != sizeof set)
		return -EINVAL;
	if (a[1]) {
		if (copy_in(&set, a[1], sizeof set) != 0)
			return -EFAULT;
		if (how < SIG_BLOCK || how > SIG_SETMASK)
			return -EINVAL;
		signals_mask(how == SIG_BLOCK ? old | set : how == SIG_UNBLOCK ? old & ~set : set);
	}
	return a[2] ? copy_out(a[2], &old, sizeof old) : 0;
}

long sys_rt_sigpending(const uint64_t *a)
{
	uint64_t set = current_proc()->signal_pending & current->signal_mask;

	return a[1] > sizeof set ? -EINVAL : copy_out(a[0], &set, a[1]);
}

/* Until a signal ends the process: no handler runs yet. */
static long wait_for_end(void)
{
	while (sched_block(&current->signal_mask, FOR_EVER) != -EINTR)
		;
	return -EINTR;
}

long sys_pause(const uint64_t *a)
{
	(void)a;
	return wait_for_end();
}

long sys_rt_sigsuspend(const uint64_t *a)
{
	uint64_t mask;

	if (a[1] != sizeof mask)
		return -EINVAL;
	if (copy_in(&mask, a[0], sizeof mask) != 0)
		return -EFAULT;
	signals_mask(mask);
	return wait_for_end();
}

/* Takes the first of `set` that is pending: its number, with who sent it; 0 if none is. */
static int take(struct proc *p, uint64_t set, siginfo_t *info)
{
	uint64_t due = p->signal_pending & set;
	int signal = due ? __builtin_ctzl(due) + 1 : 0;

	if (!signal)
		return 0;
	p->signal_pending &= ~bit(signal);
	memset(info, 0, sizeof *info);
	info->si_signo = signal;
	info->si_code = p->facts.senders[signal].code;
	info->si_pid = p->facts.senders[signal].pid;
	info->si_uid = p->facts.uid[REAL]; /* all have the same */
	return signal;
}

static long await(uint64_t set, uint64_t until, siginfo_t *info)
{
	struct proc *p = current_proc();
	int signal, error = 0;

	p->facts.awaited = set;
	while (!(signal = take(p, set, info)) && !error)
		error = sched_block(&p->signal_pending, until);
	p->facts.awaited = 0;
	return signal ? signal : error == -ETIMEDOUT ? -EAGAIN : error;
}

long sys_rt_sigtimedwait(const uint64_t *a)
{
	uint64_t set, until = FOR_EVER;
	struct timespec t;
	siginfo_t info;
	long answer;

	if (a[3] != sizeof set)
		return -EINVAL;
	if (copy_in(&set, a[0], sizeof set) != 0)
		return -EFAULT;
	if (a[2]) {
		answer = timespec_in(&t, a[2]);
		if (answer)
			return answer;
		until = clock_now() + timespec_ns(&t);
	}
	answer = await(set & ~unmaskable, until, &info);
	if (answer > 0 && a[1] && copy_out(a[1], &info, sizeof info) != 0)
		return -EFAULT;
	return answer;
}

long sys_sigaltstack(const uint64_t *a)
{
	stack_t *own = &current->signal_stack, new, old = *own;
	int mode;

	if (old.ss_size == 0)
		old.ss_flags |= SS_DISABLE;
	if (a[0]) {
		if (copy_in(&new, a[0], sizeof new) != 0)
			return -EFAULT;
		mode = new.ss_flags & ~SS_AUTODISARM_FLAG;
		if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
			return -EINVAL;
		new.ss_flags &= SS_AUTODISARM_FLAG;
		if (mode == SS_DISABLE)
			new = (stack_t){ .ss_flags = new.ss_flags };
		else if (new.ss_size < host_auxv(51 /* AT_MINSIGSTKSZ */))
			return -ENOMEM;
		*own = new;
	}
	return a[1] ? copy_out(a[1], &old, sizeof old) : 0;
}
