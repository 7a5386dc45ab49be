/*
 * Devices: the descriptors of the host that uos was started with. Whoever
 * started it has them, too: nothing about the open file is ever changed, but
 * for a terminal's settings.
 * Results are as system calls': a count or -errno. Buffers are the kernel's.
 */
#ifndef UOS_MACHINE_DEVICE_H
#define UOS_MACHINE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct iovec;

#define DEVICE_MAX 64 /* descriptors that can be watched: below that */

/* The terminal that uos was started from, opened once; -ENXIO: there is none. First asked for before there are many descriptors. */
int device_terminal(void);

ssize_t device_read(int fd, const struct iovec *iov, int count);  /* -EAGAIN: would wait */
ssize_t device_write(int fd, const struct iovec *iov, int count); /* likewise; may be short */
/* Raises VECTOR_DEVICE once one of `events` (poll(2)'s; hang-up and error always) is there. */
void device_watch(int fd, short events);
int device_next(void);                   /* a descriptor that became ready, or -1 */
short device_poll(int fd, short events); /* as poll(2) with no waiting */
int device_terminal_get(int fd, unsigned request, void *out);             /* TCGETS, TIOCGWINSZ, FIONREAD, ... */
int device_terminal_set(int fd, unsigned request, const void *settings);  /* TCSETS, TCSETS2; put back when the machine ends */
int device_terminal_flush(int fd, int queue);                             /* TCFLSH */
int device_in_foreground(int fd); /* whether the terminal's foreground group is ours; -ENOTTY: it is not our terminal */
bool device_is_file(int fd);             /* a file, a directory or a block device: disk.h's functions are for it */
int device_flags(int fd);                /* F_GETFL */

/* What VECTOR_KEYBOARD is about: what was typed at the terminal, or done to it or to uos by its user, since it was asked last. */
enum device_key {
	KEY_INTERRUPT = 1, /* Ctrl-C, or SIGINT from anywhere */
	KEY_QUIT = 2,      /* Ctrl-\ */
	KEY_SUSPEND = 4,   /* Ctrl-Z, or SIGTSTP from anywhere */
	KEY_RESIZED = 8,
	KEY_RESUMED = 16,  /* uos was stopped, and goes on */
};
unsigned device_keys(void);
/* Stops uos, by SIGTSTP or SIGSTOP, with the terminal as it was found; comes back when it is continued, or if nobody could do that. */
void device_suspend(int signal);
bool device_may_suspend(void); /* whoever started uos has job control: its process group is not orphaned */
void device_resume(void); /* the terminal as guests want it, once uos is in the foreground */

#endif
