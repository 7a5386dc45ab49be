/* System calls on scheduling classes and processors: there is one processor, and --policy decides who has it. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <time.h>

#include "kernel/proc.h"
#include "kernel/syscall.h"

#define MASK_BYTES 8u /* one word, as Linux where there are up to 64 processors */
#define REALTIME_LEAST 1
#define REALTIME_MOST 99
#define DEADLINE 6

long sys_sched_getaffinity(const uint64_t *a)
{
	static const uint64_t first = 1;
	unsigned length = (unsigned)a[1];

	if (length == 0 || length % MASK_BYTES)
		return -EINVAL;
	if (!proc_of_thread((int)a[0]))
		return -ESRCH;
	return copy_out(a[2], &first, MASK_BYTES) ? -EFAULT : (long)MASK_BYTES;
}

long sys_sched_setaffinity(const uint64_t *a)
{
	uint64_t mask = 0;
	unsigned length = (unsigned)a[1];

	if (copy_in(&mask, a[2], length < MASK_BYTES ? length : MASK_BYTES) != 0)
		return -EFAULT;
	if (!proc_of_thread((int)a[0]))
		return -ESRCH;
	return mask & 1 ? 0 : -EINVAL;
}

long sys_getcpu(const uint64_t *a)
{
	static const unsigned first;

	for (int i = 0; i < 2; i++)
		if (a[i] && copy_out(a[i], &first, sizeof first) != 0)
			return -EFAULT;
	return 0;
}

static bool is_realtime(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool is_known(int policy)
{
	return policy == SCHED_OTHER || policy == SCHED_BATCH || policy == SCHED_IDLE || is_realtime(policy);
}

long sys_sched_get_priority_max(const uint64_t *a)
{
	int policy = (int)a[0];

	return is_realtime(policy) ? REALTIME_MOST : is_known(policy) || policy == DEADLINE ? 0 : -EINVAL;
}

long sys_sched_get_priority_min(const uint64_t *a)
{
	int policy = (int)a[0];

	return is_realtime(policy) ? REALTIME_LEAST : is_known(policy) || policy == DEADLINE ? 0 : -EINVAL;
}

long sys_sched_getscheduler(const uint64_t *a)
{
	struct proc *p;

	if ((int)a[0] < 0)
		return -EINVAL;
	p = proc_of_thread((int)a[0]);
	return p ? p->facts.policy : -ESRCH;
}

long sys_sched_getparam(const uint64_t *a)
{
	static const struct sched_param none;

	if ((int)a[0] < 0 || !a[1])
		return -EINVAL;
	if (!proc_of_thread((int)a[0]))
		return -ESRCH;
	return copy_out(a[1], &none.sched_priority, sizeof none.sched_priority);
}

/* The classes of real time are refused, as to those who may not have them. policy -1: the present one. */
static long set_scheduler(int pid, int policy, uintptr_t param)
{
	int priority, most;
	struct proc *p;

	if (pid < 0 || !param)
		return -EINVAL;
	if (copy_in(&priority, param, sizeof priority) != 0)
		return -EFAULT;
	p = proc_of_thread(pid);
	if (!p)
		return -ESRCH;
	if (policy == -1)
		policy = p->facts.policy;
	if (!is_known(policy & ~SCHED_RESET_ON_FORK))
		return -EINVAL;
	most = is_realtime(policy & ~SCHED_RESET_ON_FORK) ? REALTIME_MOST : 0;
	if (priority < 0 || priority > most || (most && !priority))
		return -EINVAL;
	if (most)
		return -EPERM;
	p->facts.policy = policy;
	return 0;
}

long sys_sched_setscheduler(const uint64_t *a)
{
	return (int)a[1] < 0 ? -EINVAL : set_scheduler((int)a[0], (int)a[1], a[2]);
}

long sys_sched_setparam(const uint64_t *a)
{
	return set_scheduler((int)a[0], -1, a[1]);
}

/* Nobody here is scheduled round robin by right, and the quantum is uos's own: 0, as for a class without slices. */
long sys_sched_rr_get_interval(const uint64_t *a)
{
	static const struct timespec none;

	if ((int)a[0] < 0)
		return -EINVAL;
	if (!proc_of_thread((int)a[0]))
		return -ESRCH;
	return copy_out(a[1], &none, sizeof none);
}
