/* epoll, behind its system calls. */
#ifndef UOS_KERNEL_EPOLL_H
#define UOS_KERNEL_EPOLL_H

#include <stdbool.h>
#include <stdint.h>

struct epoll_event;
struct file;

long epoll_install(int flags); /* O_CLOEXEC: a descriptor of a new one, or -errno */
bool epoll_is(const struct file *f);
/* As epoll_ctl(2), `event` being read already. 0 or -errno. */
int epoll_control(struct file *epoll, int op, struct file *f, int fd, const struct epoll_event *event);
/* Up to `most` events to the guest: how many, 0 when the time has come, -EINTR, -EFAULT. `f` is an epoll that the caller has a use of. */
int epoll_wait_until(struct file *f, uintptr_t to, int most, uint64_t until);

#endif
