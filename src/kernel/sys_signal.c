/* System calls on signals. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "kernel/signal_parts.h"
#include "kernel/syscall.h"

#define FOR_EVER UINT64_MAX

long signals_mask_in(uintptr_t from, uint64_t size, uint64_t *mask)
{
	if (!from)
		return 0;
	if (size != sizeof *mask)
		return -EINVAL;
	return copy_in(mask, from, sizeof *mask);
}

/* ---- Sending ---------------------------------------------------------- */

/* To one, or as kill(2) says: 0 the caller's group, -1 all but the caller, less: that group. */
static bool is_meant(const struct proc *p, int pid)
{
	if (pid > 0)
		return p->pid == pid;
	if (pid == -1)
		return p->pid != 1 && p != current_proc();
	return p->facts.group == (pid ? -(int64_t)pid : current_proc()->facts.group);
}

long signal_ask(struct proc *p, struct thread *t, const siginfo_t *info)
{
	if (info->si_signo < 0 || info->si_signo > SIGNALS)
		return -EINVAL;
	if (p->pid == 1)
		return info->si_signo ? -EPERM : 0;
	return info->si_signo ? signal_post(p, t, info) : 0;
}

/* Linux looks for somebody first, and at the number then. */
static long post_all(int pid, const siginfo_t *info)
{
	long answer = -ESRCH, one;

	for (struct proc *p = proc_list; p; p = p->next) {
		if (!is_meant(p, pid))
			continue;
		one = signal_ask(p, NULL, info);
		if (answer)
			answer = one; /* one success is enough */
	}
	return answer;
}

/* group 0: of whatever process. */
static long post_thread(int group, int tid, const siginfo_t *info)
{
	struct thread *t = thread_find(tid);

	if (!t || (group && t->proc->pid != group))
		return -ESRCH;
	return signal_ask(t->proc, t, info);
}

long sys_kill(const uint64_t *a)
{
	const siginfo_t info = signal_info((int)a[1], SI_USER);

	return post_all((int)a[0], &info);
}

long sys_tkill(const uint64_t *a)
{
	const siginfo_t info = signal_info((int)a[1], SI_TKILL);

	return (int)a[0] <= 0 ? -EINVAL : post_thread(0, (int)a[0], &info);
}

long sys_tgkill(const uint64_t *a)
{
	const siginfo_t info = signal_info((int)a[2], SI_TKILL);

	return (int)a[0] <= 0 || (int)a[1] <= 0 ? -EINVAL : post_thread((int)a[0], (int)a[1], &info);
}

/* What a program says of its own signal may be anything; to others it may not look like the kernel's, or kill(2)'s. */
static long info_in(siginfo_t *info, uintptr_t from, int pid, int signal)
{
	if (copy_in(info, from, sizeof *info) != 0)
		return -EFAULT;
	info->si_signo = signal;
	return (info->si_code >= 0 || info->si_code == SI_TKILL) && pid != current_proc()->pid ? -EPERM : 0;
}

long sys_rt_sigqueueinfo(const uint64_t *a)
{
	siginfo_t info;
	long error = info_in(&info, a[2], (int)a[0], (int)a[1]);

	if (error)
		return error;
	return (int)a[0] > 0 ? post_all((int)a[0], &info) : -ESRCH;
}

long sys_rt_tgsigqueueinfo(const uint64_t *a)
{
	siginfo_t info;
	long error;

	if ((int)a[0] <= 0 || (int)a[1] <= 0)
		return -EINVAL;
	error = info_in(&info, a[3], (int)a[0], (int)a[2]);
	return error ? error : post_thread((int)a[0], (int)a[1], &info);
}

/* ---- Actions and masks ------------------------------------------------ */

long sys_rt_sigaction(const uint64_t *a)
{
	int signal = (int)a[0];
	struct proc *p = current_proc();
	struct sigaction_record new, old;
	bool was_ignored;

	if (a[3] != sizeof(uint64_t))
		return -EINVAL;
	if (a[1] && copy_in(&new, a[1], sizeof new) != 0)
		return -EFAULT;
	if (signal < 1 || signal > SIGNALS || (a[1] && (signal == SIGKILL || signal == SIGSTOP)))
		return -EINVAL;
	old = p->actions[signal];
	if (a[1]) {
		new.mask &= ~(UNMASKABLE);
		was_ignored = signal_ignored(p, signal);
		p->actions[signal] = new;
		if (signal_ignored(p, signal))
			signals_discard(p, signal_bit(signal));
		else if (was_ignored)
			timers_heeded(p, signal);
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
		signal_mask_set(how == SIG_BLOCK ? old | set : how == SIG_UNBLOCK ? old & ~set : set);
	}
	return a[2] ? copy_out(a[2], &old, sizeof old) : 0;
}

long sys_rt_sigpending(const uint64_t *a)
{
	uint64_t set = signal_waiting() & current->signal_mask;

	return a[1] > sizeof set ? -EINVAL : copy_out(a[0], &set, a[1]);
}

/* The way back from a handler. The answer is what the interrupted program has in rax. */
long sys_rt_sigreturn(const uint64_t *a)
{
	const siginfo_t info = signal_info(SIGSEGV, SI_KERNEL);
	struct proc *p = current_proc();
	struct frame *f = current->context.frame;

	(void)a;
	if (!signal_frame_pop(f) && !signal_force(&info)) {
		console_line("pid %d (%s): SIGSEGV: what a handler returns by is not on its stack", p->pid, p->name);
		proc_exit(0, SIGSEGV);
	}
	return (long)f->rax;
}

long sys_sigaltstack(const uint64_t *a)
{
	stack_t new, old = signal_stack_told();
	long error = 0;

	if (a[0])
		error = copy_in(&new, a[0], sizeof new) != 0 ? -EFAULT : signal_stack_set(&new);
	if (error)
		return error;
	return a[1] ? copy_out(a[1], &old, sizeof old) : 0;
}

/* ---- Waiting ---------------------------------------------------------- */

static long wait_for_handler(void)
{
	while (sched_block(&current->signal_mask, FOR_EVER) != -EINTR)
		;
	return -EINTR;
}

long sys_pause(const uint64_t *a)
{
	(void)a;
	return wait_for_handler();
}

long sys_rt_sigsuspend(const uint64_t *a)
{
	uint64_t mask;

	if (a[1] != sizeof mask)
		return -EINVAL;
	if (copy_in(&mask, a[0], sizeof mask) != 0)
		return -EFAULT;
	signal_mask_lend(mask);
	return wait_for_handler();
}

static long await(uint64_t set, uint64_t until, siginfo_t *info)
{
	int signal, error = 0;

	current->awaited = set;
	while (!(signal = signal_take(set, info)) && !error)
		error = sched_block(&current->awaited, until);
	current->awaited = 0;
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
	answer = await(set & ~(UNMASKABLE), until, &info);
	if (answer > 0 && a[1] && copy_out(a[1], &info, sizeof info) != 0)
		return -EFAULT;
	return answer;
}
