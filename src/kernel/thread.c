/* Threads: birth and end. Their scheduling is sched.c's, what is said to them signal.c's. */
#include <stdlib.h>

#include "kernel/futex.h"
#include "kernel/mapped.h"
#include "kernel/proc.h"

uint64_t threads_most;
static uint64_t count;
static struct thread *dead; /* who has ended, and still has a kernel stack: nobody frees the one he stands on */

/* The frame is what exec or clone made it. */
void thread_begin(void)
{
	if (current->summoned)
		signals_deliver(-1);
	trap_watch_return(0, 0);
	trap_return(current->context.frame);
}

struct thread *thread_create(struct proc *p, void (*entry)(void))
{
	struct thread *t = count < threads_most ? calloc(1, sizeof *t) : NULL, **link = &p->threads;

	if (!t || !context_create(&t->context, entry)) {
		free(t);
		return NULL;
	}
	t->context.user = true;
	t->self = t;
	t->proc = p;
	t->policy.pid = p->pid;
	t->policy.weight = 1;
	t->state = BLOCKED;
	while (*link)
		link = &(*link)->sibling;
	*link = t;
	count++;
	return t;
}

static void leave_process(struct thread *t)
{
	struct thread **link = &t->proc->threads;

	while (*link != t)
		link = &(*link)->sibling;
	*link = t->sibling;
	t->self = NULL;
	mapped_let_go(t);
	count--;
}

static void destroy(struct thread *t)
{
	context_free(&t->context);
	free(t);
}

void thread_destroy(struct thread *t)
{
	leave_process(t);
	destroy(t);
}

void thread_exit(void)
{
	struct thread *t = current;

	futexes_thread_ends(t);
	leave_process(t);
	signals_thread_ends(t);
	if (!t->proc->threads)
		proc_end(t->proc);
	else
		sched_wakeup(&t->proc->threads); /* execve(2) may wait to be alone */
	t->next = dead;
	dead = t;
	sched_exit(); /* the kernel stack is pid 1's to free */
}

void threads_bury(void)
{
	for (struct thread *t = dead, *next; t; t = next) {
		next = t->next;
		destroy(t);
	}
	dead = NULL;
}

/* setrlimit(2), RLIMIT_NPROC: all that uos runs is one user's. */
bool threads_may_be_more(void)
{
	const struct facts *f = &current_proc()->facts;

	return count < threads_most && (count < f->limits[RLIMIT_NPROC].rlim_cur || f->uid[REAL] == 0);
}

struct thread *thread_find(int tid)
{
	for (struct proc *p = proc_list; p; p = p->next)
		for (struct thread *t = p->threads; t; t = t->sibling)
			if (t->tid == tid)
				return t;
	return NULL;
}

struct proc *proc_of_thread(int tid)
{
	struct thread *t = tid ? thread_find(tid) : current;

	return t ? t->proc : NULL;
}

void threads_summon(struct proc *p)
{
	for (struct thread *t = p->threads; t; t = t->sibling) {
		t->summoned = true;
		sched_interrupt(t); /* `current` may be waiting, too: then the machine idles on its stack */
	}
}
