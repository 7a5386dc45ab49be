/* Descriptors of processes: pidfd_open(2), pidfd_send_signal(2). One knows its process even when the number is another's. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "kernel/anonymous.h"
#include "kernel/pidfd.h"
#include "kernel/signal_parts.h"
#include "kernel/syscall.h"

struct pidfd {
	struct proc *proc; /* NULL: it has been waited for */
	struct pidfd *next, **link;
};

static struct pidfd *open_pidfds;
static const char watchers;

static short pidfd_poll(struct file *f, short events)
{
	const struct pidfd *own = f->data;

	return !own->proc || own->proc->zombie ? events & (POLLIN | POLLRDNORM) : 0;
}

static const void *pidfd_channel(struct file *f, short events)
{
	(void)f, (void)events;
	return &watchers;
}

static void pidfd_close(struct file *f)
{
	struct pidfd *own = f->data;

	if (own->link) {
		*own->link = own->next;
		if (own->next)
			own->next->link = own->link;
	}
	free(own);
}

static const struct file_ops pidfd_ops = {
	.poll = pidfd_poll, .channel = pidfd_channel, .stat = anonymous_stat, .close = pidfd_close, .label = "[pidfd]",
};

void pidfds_process_ended(void)
{
	if (open_pidfds)
		sched_wakeup(&watchers);
}

void pidfds_process_forgotten(const struct proc *p)
{
	for (struct pidfd *each = open_pidfds; each; each = each->next)
		if (each->proc == p)
			each->proc = NULL;
}

int pidfd_process(int fd, struct proc **out)
{
	const struct file *f = file_get(fd);

	if (!f || f->ops != &pidfd_ops)
		return -EBADF;
	*out = ((const struct pidfd *)f->data)->proc;
	return f->flags & O_NONBLOCK;
}

long sys_pidfd_open(const uint64_t *a)
{
	int pid = (int)a[0], flags = (int)a[1];
	struct proc *p = pid > 0 ? proc_find(pid) : NULL;
	struct pidfd *own;

	if (pid <= 0 || flags & ~O_NONBLOCK || (!p && thread_find(pid)))
		return -EINVAL; /* of a thread there is none */
	if (!p)
		return -ESRCH;
	own = calloc(1, sizeof *own);
	if (!own)
		return -ENOMEM;
	own->proc = p;
	own->next = open_pidfds;
	own->link = &open_pidfds;
	if (own->next)
		own->next->link = &own->next;
	open_pidfds = own;
	return anonymous_install(&pidfd_ops, O_RDWR | O_CLOEXEC | flags, own);
}

long sys_pidfd_send_signal(const uint64_t *a)
{
	int signal = (int)a[1], error;
	siginfo_t info = signal_info(signal, SI_USER);
	struct proc *p;

	if (a[3])
		return -EINVAL;
	error = pidfd_process((int)a[0], &p);
	if (error < 0)
		return error;
	if (a[2]) {
		if (copy_in(&info, a[2], sizeof info) != 0)
			return -EFAULT;
		if (info.si_signo != signal)
			return -EINVAL;
		if ((info.si_code >= 0 || info.si_code == SI_TKILL) && p != current_proc())
			return -EPERM;
	}
	return p ? signal_ask(p, NULL, &info) : -ESRCH;
}
