/* Another process or thread: fork(2), vfork(2), clone(2). */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/account.h"
#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/sys_mm.h"
#include "kernel/syscall.h"

#define OF_A_THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)
#define NAMESPACES (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

struct request {
	uint64_t flags;
	uintptr_t stack; /* 0: where the parent's is */
	uintptr_t parent_tid, child_tid, tls;
};

/* It goes on where its parent does, with 0 as the answer. */
static void copy_thread(struct thread *t, const struct request *r)
{
	struct frame *f = t->context.frame;

	memcpy(f, current->context.frame, sizeof *f);
	f->rax = 0;
	if (r->stack)
		f->rsp = r->stack;
	if (r->flags & CLONE_SETTLS)
		f->fs = r->tls;
	t->context.gs = cpu_gs();
	memcpy(t->comm, current->comm, sizeof t->comm);
	t->signal_mask = current->signal_mask;
	t->policy.weight = current->policy.weight;
	t->policy.priority = current->policy.priority;
	if (r->flags & CLONE_CHILD_CLEARTID)
		t->clear_tid = r->child_tid;
}

static void copy_files(struct proc *to, const struct proc *from)
{
	for (int fd = 0; fd < FD_MAX; fd++)
		if ((to->files[fd] = from->files[fd]))
			to->files[fd]->uses++;
	memcpy(to->cloexec, from->cloexec, sizeof to->cloexec);
	to->cwd = from->cwd;
	to->cwd->uses++;
	to->exe = from->exe;
	to->exe->uses++;
	to->umask = from->umask;
}

static void copy_facts(struct proc *to, const struct proc *from)
{
	if (current->tid == from->pid)
		memcpy(to->name, from->name, sizeof to->name);
	else
		strcpy(to->name, current->comm);
	memcpy(to->actions, from->actions, sizeof to->actions);
	to->facts = from->facts;
	to->facts.lock_files = NULL;
	to->facts.lock_awaited = 0;
	to->facts.death_signal = 0;
	to->facts.lost_foreground = 0;
}

/* Before the child runs; as on Linux, that it cannot be written is no error. */
static void write_tids(const struct request *r, const struct thread *t)
{
	if (r->flags & CLONE_PARENT_SETTID)
		copy_out(r->parent_tid, &t->tid, sizeof t->tid);
	if (r->flags & CLONE_CHILD_SETTID)
		vm_write(t->proc->vm, r->child_tid, &t->tid, sizeof t->tid);
}

static long another_thread(const struct request *r)
{
	struct thread *t = thread_create(current_proc(), thread_begin);

	if (!t)
		return -EAGAIN;
	t->tid = proc_next_id();
	copy_thread(t, r);
	write_tids(r, t);
	sched_ready(t, clock_now()); /* it does not run before we leave */
	return t->tid;
}

/* vfork(2): until the child has memory of its own. It may be gone by then, and its number somebody else's: so look at whom it borrows from. */
static void lend(int child)
{
	const struct proc *p;

	while ((p = proc_find(child)) && p->parent == current_proc()->pid && p->borrows && !current_proc()->ending)
		sched_sleep(&proc_borrowers, UINT64_MAX);
}

static long another_process(const struct request *r)
{
	struct proc *parent = current_proc(), *p;
	struct vm *vm = parent->vm;
	int error = 0, pid;

	if (r->flags & CLONE_VM)
		vm->uses++;
	else
		error = vm_fork(parent->vm, &vm);
	if (error)
		return error;
	p = proc_new(vm);
	if (!p)
		return -EAGAIN;
	p->parent = r->flags & CLONE_PARENT ? parent->parent : parent->pid;
	p->notice = (r->flags & CSIGNAL) <= SIGNALS ? (int)(r->flags & CSIGNAL) : 0;
	p->borrows = r->flags & CLONE_VFORK;
	copy_facts(p, parent);
	copy_files(p, parent);
	copy_thread(p->threads, r);
	p->threads->signal_stack = r->flags & CLONE_VM && !(r->flags & CLONE_VFORK) ? (stack_t){ 0 } : current->signal_stack;
	if (account_on)
		trap_count_calls(p);
	write_tids(r, p->threads);
	proc_note_spawn(p);
	pid = p->pid;
	sched_ready(p->threads, clock_now());
	if (r->flags & CLONE_VFORK)
		lend(pid);
	return pid;
}

static long clone_as(const struct request *r)
{
	const uint64_t flags = r->flags;
	const bool thread = flags & CLONE_THREAD;

	if ((flags & CLONE_THREAD && !(flags & CLONE_SIGHAND)) || (flags & CLONE_SIGHAND && !(flags & CLONE_VM)))
		return -EINVAL;
	if (flags & NAMESPACES)
		return -EPERM;
	if (flags & CLONE_PIDFD || (thread ? (flags & OF_A_THREAD) != OF_A_THREAD || flags & CLONE_VFORK
					   : flags & (CLONE_FS | CLONE_FILES | CLONE_SIGHAND)))
		return -EINVAL; /* docs/limits.md: all of a process is shared, or nothing but its memory */
	if (!threads_may_be_more())
		return -EAGAIN;
	if (flags & CLONE_SETTLS && r->tls >= USER_LIMIT)
		return -EPERM; /* fs takes no other */
	return thread ? another_thread(r) : another_process(r);
}

long sys_clone(const uint64_t *a)
{
	return clone_as(&(struct request){ (uint32_t)a[0], a[1], a[2], a[3], a[4] });
}

long sys_fork(const uint64_t *a)
{
	(void)a;
	return clone_as(&(struct request){ .flags = SIGCHLD });
}

long sys_vfork(const uint64_t *a)
{
	(void)a;
	return clone_as(&(struct request){ .flags = CLONE_VFORK | CLONE_VM | SIGCHLD });
}
