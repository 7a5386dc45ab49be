/* File systems that the kernel makes up (fs_dev.c, fs_proc.c, fs_pts.c): what their file_ops have in common. */
#ifndef UOS_KERNEL_DIRECTORY_H
#define UOS_KERNEL_DIRECTORY_H

#include "kernel/file.h"

/* Entries as getdents64(2) writes them, so far. */
struct listing {
	char *buffer;
	size_t room, done;
};

/* `next`: the offset behind it; type: as d_type. False: there is no room for it. */
bool listing_add(struct listing *l, uint64_t inode, unsigned type, const char *name, uint64_t next);
/* What entries() answers: -EINVAL if not even one had room. */
ssize_t listing_full(const struct listing *l);

ssize_t directory_read(struct file *f, const struct iovec *iov, int count, int64_t offset); /* -EISDIR */
int64_t directory_seek(struct file *f, int64_t offset, int whence); /* by f->offset; there is no end to count from */

/* What open(2) says of a name that is there: 0 or -errno. */
int made_up_check(int flags, bool directory);
int made_up_stat(struct file *f, struct statx *st); /* of the name that it was opened by */
extern const struct file_ops name_only; /* with O_PATH: it stands for what has that name, no more */

#endif
