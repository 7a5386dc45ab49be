/* The process list: birth, death, and pid 1, which reaps. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/account.h"
#include "kernel/mapped.h"
#include "kernel/path.h"
#include "kernel/proc.h"

#define SIG_DFL_VALUE 0
#define SIG_IGN_VALUE 1

struct proc *proc_list;
static struct proc init; /* pid 1: the kernel's own, no user code */
static int last_pid = 1;
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
	return (struct proc *)((char *)vm - offsetof(struct proc, vm));
}

uint64_t proc_count(void)
{
	uint64_t n = 0;

	for (struct proc *p = proc_list; p; p = p->next)
		n += p != &init;
	return n;
}

/* A new process's first moment in kernel mode; the frame is what exec made it. */
static void begin(void)
{
	leave_if_killed();
	trap_watch_return(0, 0);
	trap_return(current->context.frame);
}

struct proc *proc_create(const char *name)
{
	struct proc *p = calloc(1, sizeof *p);
	const char *slash = strrchr(name, '/');

	if (!p)
		return NULL;
	if (!vm_create(&p->vm)) {
		free(p);
		return NULL;
	}
	if (!context_create(&p->thread.context, begin)) {
		vm_free(&p->vm);
		free(p);
		return NULL;
	}
	p->pid = ++last_pid;
	p->parent = 1;
	strncpy(p->name, slash ? slash + 1 : name, sizeof p->name - 1);
	p->thread.proc = p;
	p->thread.policy.pid = p->pid;
	p->thread.state = BLOCKED;
	p->thread.context.user = true;
	facts_begin(p);
	p->next = proc_list;
	proc_list = p;
	if (files_open_standard(p) == 0)
		return p;
	proc_destroy(p);
	return NULL;
}

static void forget(struct proc *p)
{
	struct proc **link = &proc_list;

	while (*link != p)
		link = &(*link)->next;
	*link = p->next;
	context_free(&p->thread.context);
	free(p);
}

void proc_destroy(struct proc *p)
{
	files_close(p);
	vm_free(&p->vm);
	forget(p);
}

bool signal_ignored(const struct proc *p, int signal)
{
	/* Linux's defaults: SIGCHLD 17, SIGCONT 18, SIGURG 23, SIGWINCH 28 */
	static const uint64_t harmless = 1ul << 17 | 1ul << 18 | 1ul << 23 | 1ul << 28;
	uint64_t handler = p->actions[signal].handler;

	return handler == SIG_IGN_VALUE || (handler == SIG_DFL_VALUE && signal < 32 && harmless >> signal & 1);
}

void proc_kill(struct proc *p, int signal)
{
	if (p->killed || p->zombie || p == &init)
		return;
	p->killed = signal;
	sched_interrupt(&p->thread);
}

static void note_memory(struct proc *p)
{
	vm_note_peak(&p->vm);
	p->usage.peak_memory = p->vm.peak;
}

void proc_exit(int status, int signal)
{
	struct proc *p = current_proc();

	p->zombie = true;
	p->exit_status = status;
	p->exit_signal = signal;
	files_close(p);
	note_memory(p);
	vm_free(&p->vm);
	ring_put(EVENT_EXIT, p->pid, (unsigned)signal, (uint64_t)status);
	sched_exit(); /* the kernel stack and the entry are pid 1's to free */
}

void leave_if_killed(void)
{
	if (current_proc()->killed)
		proc_exit(0, current_proc()->killed);
}

/* What is known of a program, into its outcome; the counts of its calls go there for good. */
static void report(struct proc *p)
{
	struct outcome *o;

	if (p->pid < 2 || p->pid - 2 >= loaded)
		return;
	if (!p->zombie)
		note_memory(p);
	o = &outcomes[p->pid - 2];
	o->status = p->exit_status;
	o->signal = p->exit_signal;
	o->ended = p->zombie;
	o->usage = p->usage;
	o->usage.run = p->thread.policy.ran;
	o->calls_by_number = p->calls_by_number;
}

static void reap(void)
{
	for (struct proc *p = proc_list, *next; p; p = next) {
		next = p->next;
		if (!p->zombie)
			continue;
		report(p);
		ring_put(EVENT_REAP, p->pid, 0, 0);
		forget(p);
	}
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
	trap_table_boot();
	init.pid = 1;
	strcpy(init.name, "init");
	init.facts.group = init.facts.session = 1;
	init.thread.proc = &init;
	if (!context_create(&init.thread.context, init_main))
		machine_panic("no memory for pid 1");
	init.thread.state = READY;
	proc_list = &init;
	sched_boot(o, &init.thread);
	return mounts_boot(o);
}

static void note_spawn(const struct proc *p)
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
	struct proc *p = more ? proc_create(program->argv[0]) : NULL;
	const char *error;

	if (more)
		outcomes = more;
	*status = 126;
	if (!p)
		return "no memory for another process (1,000 fit)";
	error = exec_load(p, program, options.envp, status);
	if (error) {
		proc_destroy(p);
		return error;
	}
	if (account_on)
		trap_count_calls(p);
	p->thread.policy.length = program->length;
	p->thread.policy.weight = program->weight ? program->weight : 1;
	p->thread.policy.priority = program->priority;
	note_spawn(p);
	outcomes[loaded++] = (struct outcome){ .name = program->argv[0] };
	sched_ready(&p->thread, clock_now());
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

	s.pages = phys_pages_used();
	s.descriptors = files_count();
	s.mappings = vm_mappings() + mapped_count();
	s.entries = proc_count();
	if (account_on)
		account_add_stats(&s);
	return s;
}
