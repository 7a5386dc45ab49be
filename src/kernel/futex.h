/* What the end of a thread, and memory that moves, do to futexes. */
#ifndef UOS_KERNEL_FUTEX_H
#define UOS_KERNEL_FUTEX_H

#include <stddef.h>

struct thread;
struct vm;

/* set_tid_address(2), set_robust_list(2): before the thread, the current one, is gone from its process. */
void futexes_thread_ends(struct thread *t);
/* A part of its memory has been copied, in the kernel's eyes: who waits for a word there goes along. */
void futexes_moved(const struct vm *vm, const char *from, size_t length, const char *to);

#endif
