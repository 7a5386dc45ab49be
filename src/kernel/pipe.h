/* Pipes: entirely the kernel's own, no host call. */
#ifndef UOS_KERNEL_PIPE_H
#define UOS_KERNEL_PIPE_H

#include <stdbool.h>

struct file;

bool pipe_is(const struct file *f);
/* One more open file of the pipe that `f` is an end of: `flags` as open(2)'s. NULL: no memory. */
struct file *pipe_open(const struct file *f, int flags);
unsigned long pipe_number(const struct file *f); /* as in "pipe:[4]" */
int pipe_size(const struct file *f); /* in bytes, what it holds at most */
int pipe_resize(struct file *f, unsigned long size); /* at least so much: how much, -EINVAL, -EPERM, -EBUSY, -ENOMEM */

#endif
