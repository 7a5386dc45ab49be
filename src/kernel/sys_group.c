/* System calls on process groups, sessions, and priorities among them. */
#include <errno.h>
#include <sys/resource.h>

#include "kernel/proc.h"
#include "kernel/syscall.h"

#define NICE_LOWEST (-20)
#define NICE_HIGHEST 19

static struct facts *own(void)
{
	return &current_proc()->facts;
}

/* Who is meant by a number, 0 being the caller; NULL: nobody. */
static struct proc *meant(int pid)
{
	return pid ? proc_find(pid) : current_proc();
}

long sys_getpgid(const uint64_t *a)
{
	struct proc *p = meant((int)a[0]);

	return p ? p->facts.group : -ESRCH;
}

long sys_getsid(const uint64_t *a)
{
	struct proc *p = meant((int)a[0]);

	return p ? p->facts.session : -ESRCH;
}

/* Is there such a group in the caller's session? Pid 1 is the kernel's own: nobody joins it. */
static bool group_there(int group)
{
	for (struct proc *p = proc_list; p; p = p->next)
		if (p->pid != 1 && p->facts.group == group && p->facts.session == own()->session)
			return true;
	return false;
}

long sys_setpgid(const uint64_t *a)
{
	int self = current_proc()->pid;
	int pid = (int)a[0] ? (int)a[0] : self, group = (int)a[1] ? (int)a[1] : pid;
	struct proc *p = meant(pid);

	if (group < 0)
		return -EINVAL;
	if (!p || (p != current_proc() && p->parent != self))
		return -ESRCH;
	if (p->facts.session != own()->session)
		return -EPERM;
	if (p->has_execed && p != current_proc())
		return -EACCES;
	if (p->facts.session == pid || (group != pid && !group_there(group)))
		return -EPERM;
	p->facts.group = group;
	return 0;
}

long sys_setsid(const uint64_t *a)
{
	int self = current_proc()->pid;

	(void)a;
	for (struct proc *p = proc_list; p; p = p->next)
		if (p->facts.group == self)
			return -EPERM;
	own()->group = own()->session = self;
	own()->tty = NULL;
	own()->lost_foreground = 0;
	return self;
}

static bool concerned(const struct proc *p, int which, int who)
{
	if (p->zombie || p->pid == 1)
		return false;
	if (which == PRIO_PROCESS)
		return p == proc_of_thread(who);
	if (which == PRIO_PGRP)
		return p->facts.group == (who ? who : own()->group);
	return p->facts.uid[REAL] == (who ? (unsigned)who : own()->uid[REAL]);
}

/* 1 to 40, 40 the most favoured: so it is never an error. */
long sys_getpriority(const uint64_t *a)
{
	int which = (int)a[0];
	long best = -ESRCH;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	for (struct proc *p = proc_list; p; p = p->next)
		if (concerned(p, which, (int)a[1]) && 20 - p->facts.nice > best)
			best = 20 - p->facts.nice;
	return best;
}

long sys_setpriority(const uint64_t *a)
{
	int which = (int)a[0], nice = (int)a[2];
	long answer = -ESRCH;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	nice = nice < NICE_LOWEST ? NICE_LOWEST : nice > NICE_HIGHEST ? NICE_HIGHEST : nice;
	for (struct proc *p = proc_list; p; p = p->next) {
		if (!concerned(p, which, (int)a[1]))
			continue;
		if (nice < p->facts.nice && own()->uid[EFFECTIVE] != 0) {
			answer = -EACCES;
			continue;
		}
		p->facts.nice = nice;
		if (answer == -ESRCH)
			answer = 0;
	}
	return answer;
}
