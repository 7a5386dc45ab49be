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

/*
 * A thread of control. The first part is sched.c's and sleep.c's, but for
 * context; signals are signal.c's; what follows is thread.c's.
 */
struct thread {
	struct context context;
	struct proc *proc;
	struct uos_thread policy;   /* what the policy sees of it; policy.ran is the time that it had the CPU */
	const struct thread *self;  /* itself, while it lives: what a plug-in hands back is looked at */
	enum state state;
	bool yielded;               /* gives up the CPU of its own will */
	uint64_t ready_since;       /* when it last became READY */
	struct thread *next, *prev; /* among those who are READY, or the sleepers (BLOCKED), or the dead (ZOMBIE) */
	const void *channel;        /* what it waits for, while BLOCKED */
	uint64_t wake_at;           /* and until when; UINT64_MAX: for ever */

	bool summoned;              /* something is to be done before it next runs in user mode: a signal, its end */
	uint64_t signal_mask, signal_pending; /* bit n - 1: signal n; pending for this thread alone */
	stack_t signal_stack;

	int tid;
	struct thread *sibling;     /* the next thread of its process */
	uintptr_t clear_tid;        /* set_tid_address(2): cleared and woken at its end; or 0 */
	uintptr_t robust_list;      /* set_robust_list(2), or 0 */
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
	struct thread *threads; /* the first of those that have not ended; NULL: it is a zombie */
	struct vm *vm;        /* with vfork(2), the parent's until it execs; NULL: it is a zombie */
	struct file *files[FD_MAX]; /* by descriptor, or NULL; file.c */
	bool cloexec[FD_MAX];
	struct file *cwd;     /* the current directory */
	unsigned umask;
	struct sigaction_record actions[SIGNALS + 1];
	uint64_t signal_pending; /* for whichever thread takes it first */
	struct facts facts;
	bool ending;     /* all its threads end at their next return-from-trap, */
	int exit_status, exit_signal; /* and this is its end: a status, or the signal if that is not 0 */
	bool zombie;
	bool has_execed; /* since fork(2) */
	bool borrows;    /* vfork(2): its parent waits for it to exec or end */
	const struct thread *survivor; /* execve(2) of this one ends the others; or NULL */
	int stopped;     /* the signal that stopped it, or 0 */
	bool stop_news, continue_news; /* for wait(2) */
	int notice;      /* the signal that its parent gets then: SIGCHLD, mostly; or 0 */
	struct usage usage;
	struct usage children; /* of those who were waited for: user, kernel, run, voluntary, involuntary, peak_memory */
	uint64_t *calls_by_number; /* if time is accounted, else NULL */
};

/* proc.c */
extern struct proc *proc_list;
struct proc *proc_create(const char *name);     /* as a program of the command line begins, with an empty address space */
struct proc *proc_new(struct vm *vm);           /* with no files yet, and a thread that is not ready; takes over the use of vm; or NULL */
void proc_destroy(struct proc *p);              /* one that has never run */
void proc_set_name(struct proc *p, const char *path);
_Noreturn void proc_exit(int status, int signal); /* the current process, all its threads */
void proc_kill(struct proc *p, int signal);     /* ends it, whatever it says: when its threads next leave the kernel */
void proc_end(struct proc *p);                  /* its last thread has ended: it becomes a zombie */
void proc_reap(struct proc *p);                 /* a zombie that has been waited for: notes what it used, and forgets it */
void proc_stop_borrowing(struct proc *p);       /* vfork(2)'s child has its own memory now, or needs none */
extern const char proc_borrowers;               /* who waits for that sleeps on this */
void proc_note_spawn(const struct proc *p);     /* for the event ring */
struct proc *proc_find(int pid);
struct proc *proc_of_vm(const struct vm *vm);   /* one that uses it */
uint64_t proc_count(void);
int proc_next_id(void);                         /* a pid or tid that nobody has */

/* thread.c */
struct thread *thread_create(struct proc *p, void (*entry)(void)); /* NULL: no memory */
void thread_destroy(struct thread *t);          /* one that has never run */
_Noreturn void thread_exit(void);               /* the current thread; its process with it, if it is the last */
struct thread *thread_find(int tid);
void threads_bury(void);                        /* frees those who have ended */
void thread_begin(void);                        /* a new thread's first moment in kernel mode; its frame says where it goes */
void threads_summon(struct proc *p);            /* all its threads have something to look at before they next run in user mode */

/* signal.c */
void signal_send(struct proc *p, int signal, int code); /* code: as si_code; from the current process, if there is one */
void signal_send_child(struct proc *parent, const struct proc *child); /* child's notice: it has ended, stopped or gone on */
void signal_send_group(int group, int signal, int code); /* to each process of the process group */
void signal_force(int signal, int code, uintptr_t address); /* to the current thread, for what it did; nothing can hold it back */
bool signal_ignored(const struct proc *p, int signal);
void signals_deliver(void);                     /* on the way to user mode, if current->summoned: may not return */
void signals_exec(struct proc *p);              /* what execve(2) does to them */

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
void sched_set_timer(void);                       /* so that an interrupt comes when the next slice or sleep ends */

/* sleep.c. Gives up the CPU until wakeup(channel) or `until`. 0, -ETIMEDOUT, or -EINTR if it is summoned. */
int sched_block(const void *channel, uint64_t until);
void sched_sleep(const void *channel, uint64_t until); /* likewise, summoned or not; sched_interrupt ends it, too */
void sched_wakeup(const void *channel);
void sched_interrupt(struct thread *t);           /* out of sched_block, if it is there */
/*
 * Who is told of a channel's wake-ups without sleeping on it (epoll). woken()
 * comes before those who sleep are awake, and like them at any time: vector
 * registers may be a guest's, so it calls nothing of libc. It may wake others,
 * and neither watches nor unwatches.
 */
struct watcher {
	const void *channel;
	void (*woken)(struct watcher *w);
	void *owner;                       /* whatever woken() needs */
	struct watcher *next, **link;
};
void sched_watch(struct watcher *w);
void sched_unwatch(struct watcher *w);
void sleep_wake_due(uint64_t now);                /* sleepers, and kernel timers (ktimer.h) */
void sleep_also_until(uint64_t at);               /* a kernel timer is due then */
extern uint64_t sleep_next_wake;                  /* no sleeper's time comes before */

/* trap.c, fault.c, exec.c, file.c */
void trap_table_boot(void);
void trap_count_calls(struct proc *p); /* by number, from now on */
void trap_watch_return(unsigned call, uint64_t result); /* to user mode; call: 1 + its number, or 0 */
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
