/* Descriptors of the current process. Host numbers: what the machine calls a device. */
#ifndef UOS_KERNEL_FILE_H
#define UOS_KERNEL_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct iovec;

extern const char file_poll_channel; /* woken whenever any device is ready */

int file_host(int fd); /* the host's number, or -1 */
int file_close(int fd);
int file_duplicate(int fd, int lowest, bool cloexec);
int file_duplicate_to(int fd, int to, bool cloexec);
/* Until `host` is ready or the time has come: as sched_block. Others run meanwhile. */
int file_wait(int host, bool write, uint64_t until);
ssize_t file_read(int host, const struct iovec *iov, int count);
ssize_t file_write(int host, struct iovec *iov, int count);

#endif
