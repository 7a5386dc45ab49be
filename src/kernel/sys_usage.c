/* System calls on limits, and on what was used. */
#include <errno.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>

#include "kernel/account.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"
#include "machine/host.h"

#define TICK_NS 10000000 /* of times(2): 100 a second */

struct cpu_time cpu_time(struct proc *p)
{
	if (account_on) {
		account_leave();
		return (struct cpu_time){ p->usage.user, p->usage.kernel };
	}
	sched_settle();
	return (struct cpu_time){ p->usage.run, 0 };
}

static struct timeval timeval_of(uint64_t ns)
{
	return (struct timeval){ (time_t)(ns / 1000000000), (suseconds_t)(ns / 1000 % 1000000) };
}

/* Without accounts all of it is the user's. */
struct rusage usage_as_rusage(const struct usage *u)
{
	struct rusage r = { 0 };

	r.ru_utime = timeval_of(account_on ? u->user : u->run);
	r.ru_stime = timeval_of(account_on ? u->kernel : 0);
	r.ru_maxrss = (long)(u->peak_memory / 1024);
	r.ru_nvcsw = (long)u->voluntary;
	r.ru_nivcsw = (long)u->involuntary;
	return r;
}

long sys_getrusage(const uint64_t *a)
{
	struct proc *p = current_proc();
	struct usage u = p->children;
	struct rusage r;

	if ((int)a[0] != RUSAGE_SELF && (int)a[0] != RUSAGE_CHILDREN && (int)a[0] != 1 /* RUSAGE_THREAD */)
		return -EINVAL;
	if ((int)a[0] != RUSAGE_CHILDREN) {
		cpu_time(p); /* until now */
		vm_note_peak(p->vm);
		u = p->usage;
		u.peak_memory = p->vm->peak;
	}
	if ((int)a[0] == 1 && !account_on)
		u.run = current->policy.ran;
	r = usage_as_rusage(&u);
	return copy_out(a[1], &r, sizeof r);
}

long sys_times(const uint64_t *a)
{
	struct cpu_time t = cpu_time(current_proc());
	const struct usage *children = &current_proc()->children;
	const struct tms tms = { .tms_utime = (clock_t)(t.user / TICK_NS), .tms_stime = (clock_t)(t.kernel / TICK_NS),
				 .tms_cutime = (clock_t)((account_on ? children->user : children->run) / TICK_NS),
				 .tms_cstime = (clock_t)(children->kernel / TICK_NS) };
	struct timespec now;

	if (a[0] && copy_out(a[0], &tms, sizeof tms) != 0)
		return -EFAULT;
	host_clock(CLOCK_MONOTONIC, &now);
	return (long)(timespec_ns(&now) / TICK_NS);
}

/* A limit is kept as it is set; only that of descriptors holds anybody back. */
static long change(struct proc *p, unsigned resource, const struct rlimit *wanted)
{
	struct rlimit *limit = &p->facts.limits[resource];

	if (wanted->rlim_cur > wanted->rlim_max)
		return -EINVAL;
	if (resource == RLIMIT_NOFILE && wanted->rlim_max > FD_MAX)
		return -EPERM;
	if (wanted->rlim_max > limit->rlim_max && current_proc()->facts.uid[EFFECTIVE] != 0)
		return -EPERM;
	*limit = *wanted;
	return 0;
}

long sys_getrlimit(const uint64_t *a)
{
	if ((unsigned)a[0] >= RLIM_NLIMITS)
		return -EINVAL;
	return copy_out(a[1], &current_proc()->facts.limits[(unsigned)a[0]], sizeof(struct rlimit));
}

long sys_setrlimit(const uint64_t *a)
{
	struct rlimit wanted;

	if (copy_in(&wanted, a[1], sizeof wanted) != 0)
		return -EFAULT;
	return (unsigned)a[0] >= RLIM_NLIMITS ? -EINVAL : change(current_proc(), (unsigned)a[0], &wanted);
}

long sys_prlimit64(const uint64_t *a)
{
	unsigned resource = (unsigned)a[1];
	struct proc *p = proc_of_thread((int)a[0]);
	struct rlimit wanted, old;
	long error;

	if (a[2] && copy_in(&wanted, a[2], sizeof wanted) != 0)
		return -EFAULT;
	if (!p)
		return -ESRCH;
	if (p->pid == 1)
		return -EPERM;
	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	old = p->facts.limits[resource];
	error = a[2] ? change(p, resource, &wanted) : 0;
	if (error)
		return error;
	return a[3] ? copy_out(a[3], &old, sizeof old) : 0;
}

long sys_sysinfo(const uint64_t *a)
{
	struct sysinfo info = { .uptime = (long)(clock_now() / 1000000000), .mem_unit = 1 };

	info.totalram = machine_info.memory;
	info.freeram = machine_info.memory - phys_pages_used() * PAGE_SIZE;
	info.procs = (unsigned short)proc_count();
	return copy_out(a[0], &info, sizeof info);
}
