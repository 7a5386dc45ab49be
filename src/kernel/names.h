/* What the system calls on names share: sys_name.c, sys_attr.c, sys_stat.c, sys_xattr.c. */
#ifndef UOS_KERNEL_NAMES_H
#define UOS_KERNEL_NAMES_H

#include "kernel/file.h"
#include "kernel/path.h"

/* AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH of `flags` count, others are the caller's to refuse. 0 or -errno. */
int name_walk(int dirfd, uintptr_t name, int flags, struct place *out);
/* The open file of a descriptor, but not of O_PATH: -EBADF. */
int name_of_descriptor(int fd, struct place *out);
/* For disk.h, to change something there: the descriptor to begin at, *name; or -errno, -EROFS for one. */
int name_to_change(const struct place *at, const char **name);
/* sys_name.c: bind(2)'s node, and what it is then. Changes the path. 0 or -errno. */
int name_make_socket(char *path, unsigned mode, struct statx *st);

#endif
