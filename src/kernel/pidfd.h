/* Descriptors of processes. */
#ifndef UOS_KERNEL_PIDFD_H
#define UOS_KERNEL_PIDFD_H

struct proc;

int pidfd_process(int fd, struct proc **out);        /* *out NULL: it is gone. 0 or O_NONBLOCK, or -EBADF: it is none */
void pidfds_process_ended(void);                     /* some process has: whoever polls looks again */
void pidfds_process_forgotten(const struct proc *p); /* its memory goes */

#endif
