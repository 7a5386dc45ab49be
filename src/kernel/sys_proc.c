/* System calls on processes, signals and what the machine is. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"

#define GRND_FLAGS 7u
#define SS_AUTODISARM_FLAG (1u << 31)

long sys_exit(const uint64_t *a)
{
	proc_exit((int)(a[0] & 0xff), 0);
}

long sys_exit_group(const uint64_t *a)
{
	proc_exit((int)(a[0] & 0xff), 0);
}

/* No handler runs yet: a signal that is not ignored and would end a process does. */
static long signal_one(struct proc *p, int signal)
{
	if (!p || p->zombie)
		return -ESRCH;
	if (p->pid == 1)
		return signal ? -EPERM : 0;
	if (signal == 0 || (signal_ignored(p, signal) && signal != SIGKILL))
		return 0;
	if (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU)
		return -ENOSYS;
	if (p->signal_mask >> (signal - 1) & 1)
		p->signal_pending |= 1ul << (signal - 1);
	else
		proc_kill(p, signal);
	return 0;
}

/* What was blocked and no longer is. */
static void take_unblocked(struct proc *p)
{
	uint64_t due = p->signal_pending & ~p->signal_mask;

	for (int signal = 1; signal <= SIGNALS; signal++)
		if (due >> (signal - 1) & 1 && !signal_ignored(p, signal))
			proc_kill(p, signal); /* the first one counts */
	p->signal_pending &= p->signal_mask;
}

long sys_kill(const uint64_t *a)
{
	int pid = (int)a[0], signal = (int)a[1];

	if (signal < 0 || signal > SIGNALS)
		return -EINVAL;
	if (pid <= 0)
		return pid == 0 ? signal_one(current_proc(), signal) : -ESRCH;
	return signal_one(proc_find(pid), signal);
}

long sys_tkill(const uint64_t *a)
{
	if ((int)a[0] <= 0 || (int)a[1] < 0 || (int)a[1] > SIGNALS)
		return -EINVAL;
	return signal_one(proc_find((int)a[0]), (int)a[1]);
}

long sys_tgkill(const uint64_t *a)
{
	if ((int)a[0] <= 0 || (int)a[0] != (int)a[1])
		return (int)a[0] <= 0 || (int)a[1] <= 0 ? -EINVAL : -ESRCH;
	return sys_tkill(a + 1);
}

/* Stored, and given back: delivery is not there yet. */
long sys_rt_sigaction(const uint64_t *a)
{
	int signal = (int)a[0];
	struct sigaction_record new, *record;

	if (a[3] != sizeof(uint64_t))
		return -EINVAL;
	if (a[1] && copy_in(&new, a[1], sizeof new) != 0)
		return -EFAULT;
	if (signal < 1 || signal > SIGNALS || (a[1] && (signal == SIGKILL || signal == SIGSTOP)))
		return -EINVAL;
	record = &current_proc()->actions[signal];
	if (a[2] && copy_out(a[2], record, sizeof *record) != 0)
		return -EFAULT;
	if (a[1])
		*record = new;
	return 0;
}

long sys_rt_sigprocmask(const uint64_t *a)
{
	static const uint64_t unmaskable = 1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1);
	struct proc *p = current_proc();
	uint64_t set, old = p->signal_mask;
	int how = (int)a[0];

	if (a[3] != sizeof set)
		return -EINVAL;
	if (a[1]) {
		if (copy_in(&set, a[1], sizeof set) != 0)
			return -EFAULT;
		if (how < SIG_BLOCK || how > SIG_SETMASK)
			return -EINVAL;
		p->signal_mask = (how == SIG_BLOCK ? old | set : how == SIG_UNBLOCK ? old & ~set : set) & ~unmaskable;
		take_unblocked(p);
	}
	return a[2] ? copy_out(a[2], &old, sizeof old) : 0;
}

long sys_sigaltstack(const uint64_t *a)
{
	stack_t *own = &current_proc()->signal_stack, new, old = *own;

	if (old.ss_size == 0)
		old.ss_flags = SS_DISABLE;
	if (a[0]) {
		if (copy_in(&new, a[0], sizeof new) != 0)
			return -EFAULT;
		if (new.ss_flags & ~(SS_DISABLE | SS_ONSTACK | (int)SS_AUTODISARM_FLAG))
			return -EINVAL;
		if (new.ss_flags & SS_DISABLE)
			new = (stack_t){ .ss_flags = SS_DISABLE };
		else if (new.ss_size < host_auxv(51 /* AT_MINSIGSTKSZ */))
			return -ENOMEM;
		*own = new;
	}
	return a[1] ? copy_out(a[1], &old, sizeof old) : 0;
}

long sys_set_tid_address(const uint64_t *a)
{
	(void)a; /* nobody waits for it: a process has one thread yet */
	return current_proc()->pid;
}

long sys_set_robust_list(const uint64_t *a)
{
	return a[1] == 24 ? 0 : -EINVAL; /* its futexes are shared with nobody yet */
}

long sys_uname(const uint64_t *a)
{
	struct utsname name;

	host_uname(&name);
	return copy_out(a[0], &name, sizeof name);
}

long sys_getrandom(const uint64_t *a)
{
	uint8_t bytes[256];
	size_t length = a[1] > 0x7ffff000 ? 0x7ffff000 : a[1], done = 0;

	if ((unsigned)a[2] & ~GRND_FLAGS || (a[2] & 6) == 6)
		return -EINVAL;
	while (done < length) {
		size_t n = length - done < sizeof bytes ? length - done : sizeof bytes;

		host_random(bytes, n);
		if (copy_out(a[0] + done, bytes, n) != 0)
			return done ? (long)done : -EFAULT;
		done += n;
	}
	return (long)done;
}

static struct rlimit limit_of(unsigned resource)
{
	switch (resource) {
	case RLIMIT_STACK:
		return (struct rlimit){ STACK_SIZE, STACK_SIZE };
	case RLIMIT_NOFILE:
		return (struct rlimit){ FD_MAX, FD_MAX };
	case RLIMIT_CORE:
		return (struct rlimit){ 0, 0 };
	default:
		return (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
	}
}

long sys_getrlimit(const uint64_t *a)
{
	struct rlimit limit = limit_of((unsigned)a[0]);

	return (unsigned)a[0] >= RLIM_NLIMITS ? -EINVAL : copy_out(a[1], &limit, sizeof limit);
}

/* Limits can be asked for; to change one is refused rather than pretended. */
long sys_prlimit64(const uint64_t *a)
{
	struct rlimit limit = limit_of((unsigned)a[1]);

	if ((unsigned)a[1] >= RLIM_NLIMITS)
		return -EINVAL;
	if ((int)a[0] && (int)a[0] != current_proc()->pid)
		return proc_find((int)a[0]) ? -EPERM : -ESRCH;
	if (a[2]) {
		struct rlimit wanted;

		return copy_in(&wanted, a[2], sizeof wanted) ? -EFAULT : -EPERM;
	}
	return a[3] ? copy_out(a[3], &limit, sizeof limit) : 0;
}

long sys_sysinfo(const uint64_t *a)
{
	struct sysinfo info = { .uptime = (long)(clock_now() / 1000000000), .mem_unit = 1 };

	info.totalram = machine_info.memory;
	info.freeram = machine_info.memory - phys_pages_used() * PAGE_SIZE;
	info.procs = (unsigned short)proc_count();
	return copy_out(a[0], &info, sizeof info);
}
