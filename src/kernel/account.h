/*
 * Where the time goes: user, kernel, idle, and what the host stole. Kept only
 * if somebody asked (kernel_options.account), for it takes two looks at the
 * clock a trap.
 */
#ifndef UOS_KERNEL_ACCOUNT_H
#define UOS_KERNEL_ACCOUNT_H

#include "kernel/proc.h"

extern bool account_on; /* else all these do nothing */

void account_enter(void);       /* user mode has ended: the first act of every trap */
void account_leave(void);       /* kernel mode ends, or `current` becomes another: the last */
void account_idle(void);        /* the CPU was idle until now; account_leave() came before */
void account_add_stats(struct kernel_stats *s);

#endif
