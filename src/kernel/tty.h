/*
 * Terminals. Two kinds: the console, which is the host's and keeps the host's
 * line discipline (tty_console.c), and pseudo-terminals (pty.c, tty_line.h). What
 * they share is job control: sessions, the foreground, background processes.
 */
#ifndef UOS_KERNEL_TTY_H
#define UOS_KERNEL_TTY_H

#include <stdbool.h>
#include <stdint.h>

struct file;
struct place;
struct proc;

struct tty {
	int session;    /* whose controlling terminal it is, or 0 */
	int foreground; /* the process group that may read, and that gets what is typed; 0: all of the session */
	int chooser;    /* of the console: the program of the command line that, or whose descendant, chose it */
};

extern struct tty console_tty;

/* tty_job.c. SIGTTIN: may the current process read it? SIGTTOU: change it? 0; -EIO: never; -EINTR: its group is stopped. */
long tty_may(struct tty *t, int signal);
bool tty_has_shell(const struct tty *t); /* which has chosen the foreground */
bool tty_is_in_foreground(const struct tty *t, const struct proc *p);
unsigned tty_number(const struct proc *p); /* of its controlling terminal, as /proc/PID/stat has it; 0: none */
int tty_foreground(const struct proc *p);  /* the group in its foreground; -1: none */
void tty_signal(struct tty *t, int signal); /* to the foreground */
#define TTY_NOT_THIS (-515L) /* no -errno: the command is another's */
long tty_job_ioctl(struct tty *t, unsigned command, uintptr_t argument, bool is_master);
void tty_adopt(struct tty *t);              /* a session leader without a terminal has opened it */
void tty_abandon(struct tty *t);            /* it is nobody's controlling terminal any more; the session is told by SIGHUP */
void tty_process_ended(struct proc *p);     /* its session, if it led one, loses its terminal */

/* tty_console.c */
long console_ioctl(struct file *f, unsigned command, uintptr_t argument);
long console_may(struct file *f, int signal); /* as tty_may, of what may or may not be the console */
long console_may_write(struct file *f);       /* likewise: SIGTTOU, where TOSTOP is set */

bool console_keys(void);      /* the user pressed something. True: Ctrl-C, and no shell has said whom it is for */
void tty_process_stopped(void); /* the current one: if it was the last that ran, uos stops, too */

/* fs_dev.c: the console has the name /dev/tty, so that is what fstat(2) says it is: ttyname(3) looks. */
struct statx;
void dev_stat_terminal(struct statx *st);

/* pty.c */
int pty_open_controlling(struct file *f, struct tty *t); /* /dev/tty where that is a pseudo-terminal */

/* fs_pts.c: where a slave is named; for the caller to free; NULL: no memory */
struct place *pts_place(int number);

#endif
