/*
 * Files of the host's disk: what is not in the host's memory, and what is to
 * reach the disk, takes a while, in which the caller's thread is blocked and
 * others run. It is not interrupted, neither by signals nor by its process's
 * end (ps would say D): the request lies on its kernel stack.
 */
#ifndef UOS_KERNEL_DISK_WAIT_H
#define UOS_KERNEL_DISK_WAIT_H

#include "kernel/file.h"

/* As disk_readv of f->host; the caller's use of `f` lasts until it comes back. */
ssize_t disk_wait_read(struct file *f, const struct iovec *iov, int count, int64_t offset);
/* What Linux answers to RWF_NOWAIT for the first byte there: 0, -EAGAIN or -EOPNOTSUPP. */
int disk_wait_not(struct file *f, int64_t offset);
/* Until nobody is in the middle of a read from the file's own offset: what else looks at that or moves it comes after. */
void disk_wait_turn(struct file *f);
int disk_wait_sync(int host, bool data_only); /* as disk_sync */

#endif
