/* The terminal that uos was started on, as guests see it. */
#ifndef UOS_KERNEL_TTY_H
#define UOS_KERNEL_TTY_H

#include <stdint.h>

struct file;

long tty_ioctl(struct file *f, unsigned command, uintptr_t argument);

#endif
