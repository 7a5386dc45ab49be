/* Processes, threads, scheduling: the kernel's central structures. */
#ifndef UOS_KERNEL_PROC_H
#define UOS_KERNEL_PROC_H

#include <signal.h>

#include "kernel/facts.h"
#include "kernel/kernel.h"
#include "kernel/vm.h"
#include "machine/machine.h"
#include "trace/ring.h"

#define FD_MAX 1024
#define SIGNALS 64

enum state { READY, RUNNING, BLOCKED, ZOMBIE };

/* A thread of control. Everything here belongs to sched.c, but for context. */
struct thread {
	struct context context;
	struct proc *proc;
	struct uos_thread policy;   /* what the policy sees of it; policy.ran is the time that it had the CPU */
	enum state state;
	bool yielded;               /* gives up the CPU of its own will */
	uint64_t ready_since;       /* when it last became READY */
	struct thread *next, *prev; /* among those who are READY, or the sleepers (BLOCKED) */
	const void *channel;        /* what it waits for, while BLOCKED */
	uint64_t wake_at;           /* and until when; UINT64_MAX: for ever */
};

/* As rt_sigaction's argument. */
struct sigaction_record {
	uint64_t handler, flags, restorer, mask;
};

/* The process control block. */
struct proc {
	int pid, parent;
	char name[32];
	struct file *exe;     /* the program, which others may share */
	struct proc *next;    /* the process list, proc.c */
	struct thread thread; /* its only one yet */
	struct vm vm;
	struct file *files[FD_MAX]; /* by descriptor, or NULL; file.c */
	bool cloexec[FD_MAX];
	struct file *cwd;     /* the current directory */
	unsigned umask;
	struct sigaction_record actions[SIGNALS + 1];
	uint64_t signal_mask, signal_pending; /* bit n - 1: signal n */
	stack_t signal_stack;
	struct facts facts;
	int killed;      /* a signal that ends it at its next return-from-trap, or 0 */
	bool zombie;
	int exit_status, exit_signal;
	struct usage usage;
	uint64_t *calls_by_number; /* if time is accounted, else NULL */
};

/* proc.c */
extern struct proc *proc_list;
struct proc *proc_create(const char *name);
void proc_destroy(struct proc *p);              /* one that has never run */
void proc_kill(struct proc *p, int signal);     /* takes effect when p next leaves the kernel */
_Noreturn void proc_exit(int status, int signal); /* the current process */
struct proc *proc_find(int pid);
struct proc *proc_of_vm(const struct vm *vm);
uint64_t proc_count(void);
bool signal_ignored(const struct proc *p, int signal);

_Noreturn void kernel_halt(int status);

/* sched.c: mechanism. The caller's thread is `current`; `now` is clock_now()'s. */
extern struct thread *current;
extern bool sched_preempt, sched_plug_in; /* the policy is a plug-in: it may use vector registers */
extern struct kernel_stats sched_stats;    /* switches, ticks, calls; the rest is not filled */
void sched_boot(const struct kernel_options *o, struct thread *reaper);
_Noreturn void sched_start(void);
void sched_ready(struct thread *t, uint64_t now); /* new, or no longer blocked */
void sched_stop(enum state state, uint64_t now);  /* the current thread cannot run on; returns when it can */
void sched_yield_cpu(void);
_Noreturn void sched_exit(void);                  /* the current thread is a zombie now */
void sched_settle(void);                          /* the running thread's time is counted until now */
void sched_reaper_wait(void);                     /* all zombies are reaped: until the next */
void sched_tick(struct frame *f);
void sched_give_way(void);                        /* to somebody more urgent, if one has woken up */

/* sleep.c. Gives up the CPU until wakeup(channel) or `until`. 0, -ETIMEDOUT, or -EINTR if killed meanwhile. */
int sched_block(const void *channel, uint64_t until);
void sched_wakeup(const void *channel);
void sched_interrupt(struct thread *t);           /* out of sched_block, if it is there */
void sleep_wake_due(uint64_t now);
extern uint64_t sleep_next_wake;                  /* no sleeper's time comes before */

/* trap.c, fault.c, exec.c, file.c */
void trap_table_boot(void);
void trap_count_calls(struct proc *p); /* by number, from now on */
void trap_watch_return(unsigned call, uint64_t result); /* to user mode; call: 1 + its number, or 0 */
void leave_if_killed(void);
void fault_handler(struct frame *f);
const char *exec_load(struct proc *p, const struct program *program, char **envp, int *status);
int files_open_standard(struct proc *p);
void files_close(struct proc *p);
uint64_t files_count(void);
void files_device_ready(void);

static inline struct proc *current_proc(void)
{
	return current->proc;
}

#endif
