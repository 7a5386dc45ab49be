/* FIFOs: pipes with a name on the disk. */
#ifndef UOS_KERNEL_FIFO_H
#define UOS_KERNEL_FIFO_H

struct file;
struct statx;

/* Somebody here has made this node: data that goes by its name stays within uos. 0 or -ENOMEM. */
int fifo_made(const struct statx *st);
/* open(2) of one; f->host is taken over. May wait. 0 or -errno, -EACCES: nobody here has made it. */
int fifo_open(struct file *f, const struct statx *st);

#endif
