/* What signals offer the rest of the kernel. */
#ifndef UOS_KERNEL_SIGNALS_H
#define UOS_KERNEL_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

struct proc;

/* signal.c */
void signal_send(struct proc *p, int signal, int code); /* code: as si_code; from the current process, if there is one */
void signal_send_child(struct proc *parent, const struct proc *child); /* child's notice: it has ended, stopped or gone on */
void signal_send_group(int group, int signal, int code); /* to each process of the process group */
void signal_force(int signal, int code, uintptr_t address); /* to the current thread, for what it did; nothing can hold it back */
bool signal_ignored(const struct proc *p, int signal);
void signals_deliver(void);                     /* on the way to user mode, if current->summoned: may not return */
void signals_exec(struct proc *p);              /* what execve(2) does to them */

#endif
