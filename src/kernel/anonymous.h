/* Files that are neither on a disk nor a pipe: eventfd, epoll, timerfd and the like. */
#ifndef UOS_KERNEL_ANONYMOUS_H
#define UOS_KERNEL_ANONYMOUS_H

#include <stddef.h>

#include "kernel/file.h"

/*
 * Gives such a file, flags O_RDWR, O_NONBLOCK and O_CLOEXEC, the lowest free
 * descriptor; `data` is then ops->close()'s to free, also on failure. fd or -errno.
 */
long anonymous_install(const struct file_ops *ops, int flags, void *data);
int anonymous_stat(struct file *f, struct statx *st);

/* epoll.c: the last use of a file that an epoll watches is gone. */
void epoll_file_gone(struct file *f);

#endif
