/* What signals offer the rest of the kernel. */
#ifndef UOS_KERNEL_SIGNALS_H
#define UOS_KERNEL_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct proc;

/* As rt_sigaction's argument. */
struct sigaction_record {
	uint64_t handler, flags, restorer, mask;
};
struct thread;

/* signal.c, signal_stop.c, signal_restart.c */
void signal_send(struct proc *p, int signal, int code); /* code: as si_code; from the current process, if there is one */
void signal_send_child(struct proc *parent, const struct proc *child); /* child's notice: it has ended, stopped or gone on */
void signal_send_group(int group, int signal, int code); /* to each process of the process group */
void signal_send_self(int signal);              /* to the current thread, for what it asked for: SIGPIPE */
bool signal_force(const siginfo_t *info);       /* for what the current thread did: its handler runs next; false: it is to die */
bool signal_ignored(const struct proc *p, int signal);
/*
 * On the way to user mode, if current->summoned: may not return. The call whose answer is in the frame, which may have to be
 * made again, or -1. Saves the vector registers.
 */
void signals_deliver(int call);
extern uint64_t interrupts_handled;                /* handlers of SIGINT begun, in all */
void signals_thread_ends(struct thread *t);     /* who is no longer among the process's threads */
void signals_end(struct proc *p);
bool signal_is_orphaned(int group, const struct proc *but); /* a group that nobody in its session would continue, `but` not counted */
void signal_orphans(const struct proc *ending); /* process groups that stopped, and lose with it whoever could continue them */
void signal_mask_set(uint64_t mask);            /* the current thread's; what is no longer blocked is taken on the way out */
void signal_mask_lend(uint64_t mask);           /* for one call: */
void signal_mask_return(long answer);           /* its end. At -EINTR the mask holds until a handler has begun */
uint64_t signal_deadline(int call, uint64_t until);      /* `until`, or what it was before the call was interrupted */
void signal_keep_deadline(int call, uint64_t until);     /* the call is interrupted */
void signals_exec(struct proc *p);              /* what execve(2) does to them */

#endif
