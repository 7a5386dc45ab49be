/* What the end of a thread does to futexes. */
#ifndef UOS_KERNEL_FUTEX_H
#define UOS_KERNEL_FUTEX_H

struct thread;

/* set_tid_address(2), set_robust_list(2): before the thread, the current one, is gone from its process. */
void futexes_thread_ends(struct thread *t);

#endif
