/* Pipes: entirely the kernel's own, no host call. */
#ifndef UOS_KERNEL_PIPE_H
#define UOS_KERNEL_PIPE_H

#include <stdbool.h>

struct file;
struct pipe;

bool pipe_is(const struct file *f);
/* One more open file of the pipe that `f` is an end of, by its name in /proc; `flags` as open(2)'s. 0 or -errno. */
int pipe_open(const struct file *f, int flags, struct file **out);
/* A FIFO's file that is being opened: *named is its pipe while it has one. May wait; -errno: file_release undoes it all. */
int pipe_open_named(struct pipe **named, struct file *f);
int pipe_size(const struct file *f); /* in bytes, what it holds at most */
int pipe_resize(struct file *f, unsigned long size); /* at least so much: how much, -EINVAL, -EPERM, -EBUSY, -ENOMEM */

#endif
