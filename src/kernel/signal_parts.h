/* Signals: what signal.c, signal_frame.c, signal_stop.c, sys_signal.c, signalfd.c and timers.c share. The rest of the kernel knows proc.h. */
#ifndef UOS_KERNEL_SIGNAL_PARTS_H
#define UOS_KERNEL_SIGNAL_PARTS_H

#include "kernel/proc.h"

#define NO_CALL (-1)
#define UNMASKABLE (1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1))
#define STOPPING (1ul << (SIGSTOP - 1) | 1ul << (SIGTSTP - 1) | 1ul << (SIGTTIN - 1) | 1ul << (SIGTTOU - 1)) /* by default */
#define SS_AUTODISARM_FLAG (int)(1u << 31)

/* A signal that waits, and what is known of it. */
struct queued {
	siginfo_t info;
	struct queued *next;
	bool waits;         /* is in a queue */
	bool of_timer;      /* the timer's own, never freed here */
};

static inline uint64_t signal_bit(int signal)
{
	return 1ul << (signal - 1);
}

/* signal.c */
/* To a process, or (thread is not NULL) to that one of its threads. 0, or -EAGAIN: too many wait already, and it is one that counts. */
long signal_post(struct proc *p, struct thread *thread, const siginfo_t *info);
/* Likewise with the timer's own record, which does not wait yet. False: nobody wants it. */
bool signal_post_queued(struct proc *p, struct thread *thread, struct queued *q);
/* Takes the next of `set` that waits for the current thread; its number, or 0. */
int signal_take(uint64_t set, siginfo_t *info);
uint64_t signal_waiting(void);                            /* all that waits for the current thread, blocked or not */
void signals_discard(struct proc *p, uint64_t set);       /* they are as if never sent */
void signal_unqueue(struct proc *p, struct queued *q);    /* a timer that is deleted */
siginfo_t signal_info(int signal, int code);              /* from the current process */

/* sys_signal.c: for a program that asks. As kill(2): number 0 is no signal, others may be wrong, pid 1 is not asked. */
long signal_ask(struct proc *p, struct thread *t, const siginfo_t *info);

/* signal_stop.c */
void process_stop(int signal);                            /* the current one; its threads stay where they see it */
void process_continue(struct proc *p);
void process_stay_stopped(void);                          /* until it is continued, or ends */

/* signal_frame.c. The frame's vectors are saved. False: there is no room for it, or no way back. */
bool signal_frame_push(struct frame *f, const siginfo_t *info);
bool signal_frame_pop(struct frame *f);
long signal_stack_set(const stack_t *new);                /* as sigaltstack(2) */
stack_t signal_stack_told(void);

/* signal_restart.c. The call that was interrupted, and the handler that runs next, or NULL. */
void signal_restart(struct frame *f, int call, const struct sigaction_record *handler, bool was_stopped);

/* timers.c. A timer with an interval rests until the signal of its expiry is taken. */
void timer_signal_taken(struct queued *q, siginfo_t *info); /* it is about to be */
void timer_alarm_taken(struct proc *p);                     /* SIGALRM, whoever sent it */
void timers_heeded(struct proc *p, int signal);             /* it is no longer ignored */
void timers_exec(struct proc *p);
void timers_end(struct proc *p);

/* signalfd.c */
void signalfd_wake(const struct proc *p, uint64_t set); /* whoever waits for one of these by a descriptor */

#endif
