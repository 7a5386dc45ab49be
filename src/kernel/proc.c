/* The process list: birth, death, and pid 1, which reaps. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/account.h"
#include "kernel/mapped.h"
#include "kernel/path.h"
#include "kernel/pidfd.h"
#include "kernel/proc.h"
#include "kernel/sites.h"
#include "kernel/tty.h"

#define ID_MAX 4194303 /* of pids and tids, as Linux's */

struct proc *proc_list;
const char proc_borrowers;
static struct proc init; /* pid 1: the kernel's own, no user code */
static struct thread init_thread;
static int last_id = 1;
static struct outcome *outcomes;
static int loaded;
static struct kernel_options options;

struct proc *proc_find(int pid)
{
	for (struct proc *p = proc_list; p; p = p->next)
		if (p->pid == pid)
			return p;
	return NULL;
}

struct proc *proc_of_vm(const struct vm *vm)
{
	struct proc *p = proc_list;

	while (p && p->vm != vm)
		p = p->next;
	return p;
}

uint64_t proc_count(void)
{
	uint64_t n = 0;

	for (struct proc *p = proc_list; p; p = p->next)
		n += p != &init;
	return n;
}

int proc_next_id(void)
{
	do
		last_id = last_id < ID_MAX ? last_id + 1 : 2;
	while (proc_find(last_id) || thread_find(last_id));
	return last_id;
}

void proc_set_name(struct proc *p, const char *path)
{
	const char *slash = strrchr(path, '/');

	memset(p->name, 0, sizeof p->name);
	strncpy(p->name, slash ? slash + 1 : path, sizeof p->name - 1);
	memcpy(p->threads->comm, p->name, sizeof p->threads->comm - 1);
}

/* Takes over the caller's use of the address space, also on failure; with a thread, not ready, and no files. */
struct proc *proc_new(struct vm *vm)
{
	struct proc *p = vm ? calloc(1, sizeof *p) : NULL;

	if (!p || !(p->pid = proc_next_id(), thread_create(p, thread_begin))) {
		free(p);
		if (vm)
			vm_release(vm);
		return NULL;
	}
	p->vm = vm;
	p->parent = 1;
	p->threads->tid = p->pid;
	p->next = proc_list;
	proc_list = p;
	return p;
}

static void forget(struct proc *p)
{
	struct proc **link = &proc_list;

	while (*link != p)
		link = &(*link)->next;
	*link = p->next;
	pidfds_process_forgotten(p);
	free(p);
}

/* One that has never run. */
static void destroy(struct proc *p)
{
	files_close(p);
	vm_release(p->vm);
	thread_destroy(p->threads);
	forget(p);
}

/* As a program of the command line begins, with an empty address space. */
static struct proc *create(const char *name)
{
	struct proc *p = proc_new(vm_create());

	if (!p)
		return NULL;
	proc_set_name(p, name);
	facts_begin(p);
	if (files_open_standard(p) == 0)
		return p;
	destroy(p);
	return NULL;
}

static void note_memory(struct proc *p)
{
	vm_note_peak(p->vm);
	if (p->vm->peak > p->usage.peak_memory)
		p->usage.peak_memory = p->vm->peak;
}

void proc_kill(struct proc *p, int signal)
{
	if (p->ending || p->zombie || p == &init)
		return;
	p->ending = true;
	p->exit_signal = signal;
	threads_summon(p);
}

void proc_exit(int status, int signal)
{
	struct proc *p = current_proc();

	if (!p->ending) {
		p->exit_status = status;
		proc_kill(p, signal);
	}
	thread_exit();
}

/* Orphans are pid 1's. */
static void leave_children(const struct proc *p)
{
	for (struct proc *child = proc_list; child; child = child->next) {
		if (child->parent != p->pid)
			continue;
		child->parent = 1;
		if (child->facts.death_signal && !child->zombie)
			signal_send(child, child->facts.death_signal, SI_USER);
	}
}

void proc_stop_borrowing(struct proc *p)
{
	if (p->borrows)
		sched_wakeup(&proc_borrowers);
	p->borrows = false;
}

/* Tells whom it concerns; a parent that does not want to know leaves it to pid 1. */
static void notify_parent(struct proc *p)
{
	struct proc *parent = proc_find(p->parent);
	const struct sigaction_record *action = &parent->actions[SIGCHLD];
	bool unwanted = p->notice == SIGCHLD && (action->handler == (uint64_t)SIG_IGN || action->flags & SA_NOCLDWAIT);

	if (parent == &init)
		return;
	if (unwanted)
		p->parent = 1;
	if (p->notice && !(unwanted && action->handler == (uint64_t)SIG_IGN))
		signal_send_child(parent, p);
	sched_wakeup(&parent->children);
}

void proc_end(struct proc *p)
{
	if (!p->ending) { /* the last thread, by exit(2) */
		p->ending = true;
		p->exit_signal = 0;
	}
	signal_orphans(p);
	signals_end(p);
	p->zombie = true;
	files_close(p);
	note_memory(p);
	vm_release(p->vm);
	p->vm = NULL;
	ring_put(EVENT_EXIT, p->pid, (unsigned)p->exit_signal, (uint64_t)p->exit_status);
	tty_process_ended(p);
	leave_children(p);
	proc_stop_borrowing(p);
	notify_parent(p);
	pidfds_process_ended();
}

bool proc_is_of_command_line(const struct proc *p)
{
	return p->pid >= 2 && p->pid - 2 < loaded;
}

/* What is known of a program, into its outcome; the counts of its calls go there for good. */
static void report(struct proc *p)
{
	struct outcome *o;

	if (!proc_is_of_command_line(p))
		return;
	if (!p->zombie)
		note_memory(p);
	o = &outcomes[p->pid - 2];
	o->status = p->exit_status;
	o->signal = p->exit_signal;
	o->ended = p->zombie;
	o->usage = p->usage;
	o->calls_by_number = p->calls_by_number;
}

/* What is left of those for whom nobody else waits. */
static void reap(void)
{
	for (struct proc *p = proc_list, *next; p; p = next) {
		next = p->next;
		if (p->zombie && p->parent == 1)
			proc_reap(p);
	}
	threads_bury();
}

void proc_reap(struct proc *p)
{
	report(p);
	ring_put(EVENT_REAP, p->pid, 0, 0);
	forget(p);
}

void kernel_halt(int status)
{
	timer_stop();
	if (current && current->context.user)
		frame_save_vectors(current->context.frame); /* what is printed floats, and not by a guest's control words */
	sched_settle();
	for (struct proc *p = proc_list; p; p = p->next)
		report(p);
	machine_halt(options.halting(status));
}

static void init_main(void)
{
	for (;;) {
		reap();
		if (proc_list == &init && !init.next) {
			timer_stop(); /* what is counted stands still from here on */
			sites_let_go();
			kernel_halt(options.finished());
		}
		sched_reaper_wait();
	}
}

static const char *whoami(void)
{
	static char line[80];

	if (!current)
		return "no process was running";
	snprintf(line, sizeof line, "pid %d (%s) was running", current->proc->pid, current->proc->name);
	return line;
}

const char *kernel_boot(const struct kernel_options *o)
{
	options = *o;
	machine_whoami = whoami;
	account_on = o->account;
	if (o->memory && o->memory < machine_info.memory)
		machine_info.memory = o->memory;
	threads_most = o->procs;
	sites_on = o->rewrite;
	trap_table_boot();
	init.pid = 1;
	strcpy(init.name, "init");
	init.facts.group = init.facts.session = 1;
	init.threads = &init_thread;
	init_thread = (struct thread){ .self = &init_thread, .proc = &init, .tid = 1, .comm = "init", .state = READY };
	if (!context_create(&init_thread.context, init_main))
		machine_panic("no memory for pid 1");
	proc_list = &init;
	sched_boot(o, &init_thread);
	return mounts_boot(o);
}

void proc_note_spawn(const struct proc *p)
{
	struct event *e = ring_put(EVENT_SPAWN, p->pid, 0, 0);

	if (e) {
		e->length = (uint32_t)strlen(p->name);
		memcpy(e->text, p->name, e->length < EVENT_TEXT ? e->length : EVENT_TEXT);
	}
}

const char *kernel_load(const struct program *program, int *status)
{
	struct outcome *more = realloc(outcomes, (size_t)(loaded + 1) * sizeof *more);
	struct proc *p = more ? create(program->argv[0]) : NULL;
	const char *error;

	if (more)
		outcomes = more;
	*status = 126;
	if (!p)
		return "no room for another process (1,000 fit, or as many as --procs says)";
	error = exec_load(p, program, options.envp, status);
	if (error) {
		destroy(p);
		return error;
	}
	if (account_on)
		trap_count_calls(p);
	p->threads->policy.length = program->length;
	p->threads->policy.weight = program->weight ? program->weight : 1;
	p->threads->policy.priority = program->priority;
	proc_note_spawn(p);
	outcomes[loaded++] = (struct outcome){ .name = program->argv[0] };
	sched_ready(p->threads, clock_now());
	return NULL;
}

void kernel_run(void)
{
	sched_start();
}

int kernel_outcomes(const struct outcome **out)
{
	*out = outcomes;
	return loaded;
}

struct kernel_stats kernel_stats(void)
{
	struct kernel_stats s = sched_stats;

	s.sites_rewritten = site_counts.rewritten;
	s.sites_refused = site_counts.refused;
	s.pages = phys_pages_used();
	s.descriptors = files_count();
	s.mappings = vm_mappings() + mapped_count();
	s.entries = proc_count();
	if (account_on)
		account_add_stats(&s);
	return s;
}
