/* Waiting for children: wait4(2), waitid(2). */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "kernel/pidfd.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"

#define WNOTHREAD 0x20000000
#define WALL 0x40000000
#define WCLONE 0x80000000u

/* Who is waited for, and for what news. */
struct wait {
	int pid, group; /* 0: any */
	unsigned options;
};

/* What there is to say of a child, as waitid(2)'s si_code has it. */
struct news {
	struct proc *child;
	int code, status;
};

static bool concerns(const struct wait *w, const struct proc *child)
{
	bool clone = child->notice != SIGCHLD;

	return child->parent == current_proc()->pid && (!w->pid || child->pid == w->pid) &&
	       (!w->group || child->facts.group == w->group) && (w->options & WALL || clone == !!(w->options & WCLONE));
}

static bool has_news(const struct wait *w, struct proc *child, struct news *news)
{
	*news = (struct news){ .child = child };
	if (child->zombie && w->options & WEXITED) {
		news->code = child->exit_signal ? CLD_KILLED : CLD_EXITED;
		news->status = child->exit_signal ? child->exit_signal : child->exit_status;
	} else if (child->stop_news && w->options & WSTOPPED) {
		news->code = CLD_STOPPED;
		news->status = child->stopped;
	} else if (child->continue_news && w->options & WCONTINUED) {
		news->code = CLD_CONTINUED;
		news->status = SIGCONT;
	}
	return news->code;
}

static void add_usage(struct usage *to, const struct usage *u)
{
	to->run += u->run;
	to->user += u->user;
	to->kernel += u->kernel;
	to->voluntary += u->voluntary;
	to->involuntary += u->involuntary;
	if (to->peak_memory < u->peak_memory)
		to->peak_memory = u->peak_memory;
}

/* It is told once. */
static void take(const struct news *n)
{
	struct proc *child = n->child;

	if (n->code == CLD_STOPPED) {
		child->stop_news = false;
	} else if (n->code == CLD_CONTINUED) {
		child->continue_news = false;
	} else {
		add_usage(&current_proc()->children, &child->usage);
		add_usage(&current_proc()->children, &child->children);
		proc_reap(child);
	}
}

/* 1 with *news, 0 with WNOHANG if there is none, -ECHILD, or -EINTR. */
static long await(const struct wait *w, struct news *news)
{
	for (;;) {
		bool any = false;

		for (struct proc *p = proc_list; p; p = p->next) {
			if (!concerns(w, p))
				continue;
			any = true;
			if (has_news(w, p, news))
				return 1;
		}
		if (!any || w->options & WNOHANG)
			return any ? 0 : -ECHILD;
		if (sched_block(&current_proc()->children, UINT64_MAX) == -EINTR)
			return -EINTR;
	}
}

static int status_word(const struct news *n)
{
	switch (n->code) {
	case CLD_EXITED:
		return n->status << 8;
	case CLD_STOPPED:
		return n->status << 8 | 0x7f;
	case CLD_CONTINUED:
		return 0xffff;
	default:
		return n->status;
	}
}

static struct rusage usage_of(const struct proc *child)
{
	struct usage u = child->usage;

	add_usage(&u, &child->children);
	return usage_as_rusage(&u);
}

long sys_wait4(const uint64_t *a)
{
	int pid = (int)a[0], status;
	struct wait w = { pid > 0 ? pid : 0, pid < -1 ? -pid : pid == 0 ? current_proc()->facts.group : 0, (unsigned)a[2] };
	struct news news;
	struct rusage usage;
	long result;

	if (w.options & ~(WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WALL | WCLONE))
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	w.options |= WEXITED;
	result = await(&w, &news);
	if (result <= 0)
		return result;
	result = news.child->pid;
	status = status_word(&news);
	usage = usage_of(news.child);
	take(&news);
	if ((a[1] && copy_out(a[1], &status, sizeof status) != 0) || (a[3] && copy_out(a[3], &usage, sizeof usage) != 0))
		return -EFAULT;
	return result;
}

/* One that has been waited for is nobody's child, as one of another's. */
static long pidfd_in(struct wait *w, int fd)
{
	struct proc *p;
	int flags = pidfd_process(fd, &p);

	if (flags < 0 || !p)
		return flags < 0 ? flags : -ECHILD;
	w->pid = p->pid;
	return 0;
}

static long idtype_in(struct wait *w, int type, int id)
{
	switch (type) {
	case P_ALL:
		return 0;
	case P_PID:
		w->pid = id;
		return id > 0 ? 0 : -EINVAL;
	case P_PGID:
		w->group = id ? id : current_proc()->facts.group;
		return id >= 0 ? 0 : -EINVAL;
	case P_PIDFD:
		return pidfd_in(w, id);
	default:
		return -EINVAL;
	}
}

long sys_waitid(const uint64_t *a)
{
	struct wait w = { .options = (unsigned)a[3] };
	siginfo_t info = { 0 };
	struct rusage usage = { 0 };
	struct news news;
	long result;

	if (w.options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED | WNOTHREAD | WALL | WCLONE) ||
	    !(w.options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	result = idtype_in(&w, (int)a[0], (int)a[1]);
	if (!result)
		result = await(&w, &news);
	if (result < 0)
		return result;
	if (result) {
		info.si_signo = SIGCHLD;
		info.si_code = news.code;
		info.si_status = news.status;
		info.si_pid = news.child->pid;
		info.si_uid = news.child->facts.uid[REAL];
		usage = usage_of(news.child);
		if (!(w.options & WNOWAIT))
			take(&news);
	}
	if (result && a[4] && copy_out(a[4], &usage, sizeof usage) != 0)
		return -EFAULT;
	return a[2] ? copy_out(a[2], &info, sizeof info) : 0;
}
