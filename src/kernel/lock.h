/* Locks of files. */
#ifndef UOS_KERNEL_LOCK_H
#define UOS_KERNEL_LOCK_H

#include <stdint.h>

struct file;
struct proc;

long lock_fcntl(struct file *f, int command, uintptr_t at); /* F_GETLK, F_SETLK, F_SETLKW, and the three of open files */
void locks_file_closed(struct proc *p, struct file *f);     /* one of p's descriptors of it: all p's locks of that file go */
void locks_released(void);                                  /* an open file is closed: its locks, if it had some, are gone */
void locks_end(struct proc *p);

#endif
