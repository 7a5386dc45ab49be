/* Pipes: entirely the kernel's own, no host call. */
#ifndef UOS_KERNEL_PIPE_H
#define UOS_KERNEL_PIPE_H

#include <stdbool.h>
#include <stddef.h>

struct file;
struct pipe;

bool pipe_is(const struct file *f);
int pipe_make(int flags, struct file *ends[2]); /* O_NONBLOCK, O_DIRECT; to read, to write: one use each. 0 or -errno */
/* One more open file of the pipe that `f` is an end of, by its name in /proc; `flags` as open(2)'s. 0 or -errno. */
int pipe_open(const struct file *f, int flags, struct file **out);
/* A FIFO's file that is being opened: *named is its pipe while it has one. May wait; -errno: file_release undoes it all. */
int pipe_open_named(struct pipe **named, struct file *f);
int pipe_size(const struct file *f); /* in bytes, what it holds at most */
int pipe_resize(struct file *f, unsigned long size); /* at least so much: how much, -EINVAL, -EPERM, -EBUSY, -ENOMEM */

/* For splice, which takes what is in a pipe without reading it. */
bool pipe_same(const struct file *a, const struct file *b);
size_t pipe_room(const struct file *f);  /* bytes that surely fit */
size_t pipe_peek(const struct file *f, char *to, size_t length); /* copies the oldest: how many */
void pipe_skip(struct file *f, size_t length); /* so many of the oldest are gone; as many are there */

#endif
