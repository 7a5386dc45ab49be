/* Pseudo-terminals, between their files: pty.c, pty_ioctl.c, and fs_pts.c, which names them. */
#ifndef UOS_KERNEL_PTY_H
#define UOS_KERNEL_PTY_H

#include <time.h>

#include "kernel/tty.h"
#include "kernel/tty_line.h"

/* Linux's numbers. */
#define TTY_MAJOR 5 /* of /dev/tty, whose minor is 0: so is the console's */
#define PTMX_MAJOR 5
#define PTMX_MINOR 2
#define PTMX_INODE 2
#define SLAVE_MAJOR 136
#define FIRST_SLAVE_INODE 3
#define PTS_DEVICE 24 /* of the file system, as stat tells it: any */

struct window_size { /* as TIOCGWINSZ has it */
	unsigned short rows, columns, width, height;
};

struct pty {
	struct tty tty; /* first: what is a tty here is a pty */
	struct line line;
	struct window_size size;
	int number;
	int files;         /* open files of either side, hung up or not */
	int slaves;        /* of slaves, not hung up */
	uint64_t hang_ups; /* a slave's file has their number from when it was opened in its offset */
	bool has_master, is_locked;
	bool was_opened;   /* a slave: since then the master reads EIO when there is none */
	unsigned mode, uid, gid;
	struct timespec made;
	struct pty *next;
};

struct statx;
extern const struct file_ops pty_master_file;

struct pty *pty_find(int number); /* NULL: its master is gone, or it never was */
int pty_next(int number);         /* the lowest number from there on that can be found, or -1 */
int pty_open_master(struct file *f);
int pty_open_slave(struct file *f, struct pty *p, int flags);
void pty_describe(const struct pty *p, struct statx *st); /* a slave's name, for stat(2) */
void pty_tell(struct pty *p);     /* whoever waits for it, and whom what was typed is meant for */
long pty_ioctl(struct pty *p, unsigned command, uintptr_t argument, bool is_master);

#endif
