/* What the system calls on sockets share. */
#ifndef UOS_KERNEL_SOCKET_USER_H
#define UOS_KERNEL_SOCKET_USER_H

#include "kernel/socket.h"

/* The socket of a descriptor. 0, -EBADF, -ENOTSOCK. */
int socket_get(int fd, struct file **f, struct socket **s);
/* How long a call may wait: not at all (0), until then, or for ever. */
uint64_t socket_until(const struct file *f, uint64_t timeout, unsigned flags);
int socket_name_check(const struct socket_name *name); /* -EINVAL: not of this family, too long or too short */

#endif
