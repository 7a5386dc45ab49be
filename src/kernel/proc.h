/* Processes, threads, scheduling: the kernel's central structures. */
#ifndef UOS_KERNEL_PROC_H
#define UOS_KERNEL_PROC_H

#include <signal.h>

#include "kernel/facts.h"
#include "kernel/kernel.h"
#include "kernel/sched.h"
#include "kernel/signals.h"
#include "kernel/vm.h"
#include "machine/machine.h"
#include "trace/ring.h"

#define FD_MAX 1024
#define SIGNALS 64

/* Signals that wait: bit n - 1 for signal n, and what is known of them, in the order in which they came. */
struct pending {
	uint64_t set;
	struct queued *first;
};

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
	uint64_t signal_mask;       /* bit n - 1: signal n */
	uint64_t saved_mask;        /* what is in force again after the handler, or the call, for which signal_mask was set */
	bool mask_is_lent;
	uint64_t awaited;           /* what rt_sigtimedwait(2) takes */
	struct pending pending;     /* for this thread alone */
	stack_t signal_stack;
	struct { uint64_t trap, error, cr2; } fault; /* its last */
	int restart_call;           /* which is made again, after an interruption that the program does not see, */
	uint64_t restart_until;     /* with the same end */

	int tid;
	char comm[16];              /* what /proc calls it: its program, or as PR_SET_NAME has it */
	struct thread *sibling;     /* the next thread of its process */
	uintptr_t pinned, pinned_end; /* user_pieces gave its call pointers to what is there: it stays where it is in memory, */
	struct hold *holds;         /* and so do the kernel's views of files; mapped.c */
	uintptr_t clear_tid;        /* set_tid_address(2): cleared and woken at its end; or 0 */
	uintptr_t robust_list;      /* set_robust_list(2), or 0 */
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
	struct pending pending;  /* for whichever thread takes it first */
	struct timers *timers;   /* timers.c; NULL: none yet */
	struct facts facts;
	bool ending;     /* all its threads end at their next return-from-trap, */
	int exit_status, exit_signal; /* and this is its end: a status, or the signal if that is not 0 */
	bool zombie, has_execed; /* the latter since fork(2) */
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
struct proc *proc_new(struct vm *vm);           /* with no files yet, and a thread that is not ready; takes over the use of vm; or NULL */
void proc_set_name(struct proc *p, const char *path);
_Noreturn void proc_exit(int status, int signal); /* the current process, all its threads */
void proc_kill(struct proc *p, int signal);     /* ends it, whatever it says: when its threads next leave the kernel */
void proc_end(struct proc *p);                  /* its last thread has ended: it becomes a zombie */
void proc_reap(struct proc *p);                 /* a zombie that has been waited for: notes what it used, and forgets it */
void proc_stop_borrowing(struct proc *p);       /* vfork(2)'s child has its own memory now, or needs none */
extern const char proc_borrowers;               /* who waits for that sleeps on this */
void proc_note_spawn(const struct proc *p);     /* for the event ring */
struct proc *proc_find(int pid);
bool proc_is_of_command_line(const struct proc *p);
struct proc *proc_of_vm(const struct vm *vm);   /* one that uses it */
uint64_t proc_count(void);
int proc_next_id(void);                         /* a pid or tid that nobody has */

/* thread.c */
struct thread *thread_create(struct proc *p, void (*entry)(void)); /* NULL: no memory */
void thread_destroy(struct thread *t);          /* one that has never run */
_Noreturn void thread_exit(void);               /* the current thread; its process with it, if it is the last */
struct thread *thread_find(int tid);
struct proc *proc_of_thread(int tid);           /* 0: the current; NULL: nobody has that number, or no longer */
extern uint64_t threads_most;                   /* --procs */
bool threads_may_be_more(void);                 /* else EAGAIN */
void threads_bury(void);                        /* frees those who have ended */
void thread_begin(void);                        /* a new thread's first moment in kernel mode; its frame says where it goes */
void threads_summon(struct proc *p);            /* all its threads have something to look at before they next run in user mode */

_Noreturn void kernel_halt(int status);

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
