/*
 * The terminal that uos was started on. Guests read its settings and set them,
 * as any program started there could; the machine puts them back at the end.
 * What would reach beyond (type for the user, take the terminal away, resize it)
 * is refused. Process groups are the kernel's own: a guest is in the foreground
 * if uos is, unless a guest has said which of their groups is.
 */
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>

#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/tty.h"
#include "machine/device.h"

#define DRAIN_PAUSE 5000000 /* ns */

struct tty console_tty = { .session = 1 };

/* What is read as it is, and how many bytes it has. */
static const struct readable {
	unsigned command, size;
} readable[] = {
	{ TCGETS, sizeof(struct termios) }, { TCGETS2, sizeof(struct termios2) }, { TIOCGWINSZ, 8 },
	{ TIOCOUTQ, sizeof(int) },          { FIONREAD, sizeof(int) },            { TIOCGETD, sizeof(int) },
};

/* The ways to set: at once, when all is written, and then with what is typed thrown away. */
static const struct settable {
	unsigned command, at_once, size;
	bool drain, flush;
} settable[] = {
	{ TCSETS, TCSETS, sizeof(struct termios), false, false },
	{ TCSETSW, TCSETS, sizeof(struct termios), true, false },
	{ TCSETSF, TCSETS, sizeof(struct termios), true, true },
	{ TCSETS2, TCSETS2, sizeof(struct termios2), false, false },
	{ TCSETSW2, TCSETS2, sizeof(struct termios2), true, false },
	{ TCSETSF2, TCSETS2, sizeof(struct termios2), true, true },
};

static long get(struct file *f, const struct readable *r, uintptr_t to)
{
	char answer[sizeof(struct termios2)] = { 0 };
	int error = device_terminal_get(f->host, r->command, answer);

	return error ? error : copy_out(to, answer, r->size);
}

/* Until the terminal has shown all that was written: the host would wait, and all of uos with it. */
static long drain(struct file *f)
{
	int left;
	long error;

	while (!(error = device_terminal_get(f->host, TIOCOUTQ, &left)) && left > 0)
		if (sched_block(&left, clock_now() + DRAIN_PAUSE) == -EINTR)
			return -EINTR;
	return error;
}

static long set(struct file *f, const struct settable *s, uintptr_t from)
{
	struct termios2 settings;
	struct termios now;
	long error = device_terminal_get(f->host, TCGETS, &now);

	if (error)
		return error; /* no terminal */
	error = console_may(f, SIGTTOU);
	if (error)
		return error;
	if (copy_in(&settings, from, s->size) != 0)
		return -EFAULT;
	error = s->drain ? drain(f) : 0;
	if (!error && s->flush)
		error = device_terminal_flush(f->host, TCIFLUSH);
	return error ? error : device_terminal_set(f->host, s->at_once, &settings);
}

/* ---- Job control -------------------------------------------------------- */

long console_may(struct file *f, int signal)
{
	const struct proc *p = current_proc();

	if (p->facts.tty != &console_tty || tty_is_in_foreground(&console_tty, p) || device_in_foreground(f->host) < 0)
		return 0;
	return tty_may(&console_tty, signal);
}

long console_may_write(struct file *f)
{
	struct termios now;

	if (tty_is_in_foreground(&console_tty, current_proc()) || device_terminal_get(f->host, TCGETS, &now) != 0 ||
	    !(now.c_lflag & TOSTOP))
		return 0;
	return console_may(f, SIGTTOU);
}

/* The host's answer comes first: it may be another terminal than the one that uos belongs to, or none. */
static long job_ioctl(struct file *f, unsigned command, uintptr_t argument)
{
	static const int nobody_here = 0;
	int in_foreground = device_in_foreground(f->host);

	if (in_foreground < 0)
		return in_foreground;
	if (!in_foreground && command == TIOCGPGRP)
		return copy_out(argument, &nobody_here, sizeof nobody_here);
	return tty_job_ioctl(&console_tty, command, argument, false);
}

/* ---- Keys --------------------------------------------------------------- */

static bool is_handled(int signal)
{
	for (const struct proc *p = proc_list; p; p = p->next)
		if (!p->zombie && tty_is_in_foreground(&console_tty, p) && p->actions[signal].handler != (uint64_t)SIG_DFL &&
		    p->actions[signal].handler != (uint64_t)SIG_IGN)
			return true;
	return false;
}

/* With no shell, and nobody who wants to put the screen in order first, all of uos stops: what runs in it cannot tell. */
static void suspend(void)
{
	if (tty_has_shell(&console_tty) || is_handled(SIGTSTP)) {
		tty_signal(&console_tty, SIGTSTP);
		return;
	}
	device_suspend(SIGTSTP);
	tty_signal(&console_tty, SIGWINCH); /* others have written over the screen */
}

bool console_keys(void)
{
	unsigned keys = device_keys();

	if (keys & KEY_RESUMED)
		device_resume();
	if (keys & KEY_RESIZED)
		tty_signal(&console_tty, SIGWINCH);
	if (keys & KEY_QUIT && !tty_has_shell(&console_tty))
		kernel_halt(128 + SIGQUIT);
	if (keys & KEY_QUIT)
		tty_signal(&console_tty, SIGQUIT);
	if (keys & KEY_SUSPEND)
		suspend();
	if (keys & KEY_INTERRUPT && tty_has_shell(&console_tty))
		tty_signal(&console_tty, SIGINT);
	return keys & KEY_INTERRUPT && !tty_has_shell(&console_tty);
}

void tty_process_stopped(void)
{
	for (const struct proc *p = proc_list; p; p = p->next)
		if (!p->zombie && p->pid != 1 && !p->stopped)
			return;
	device_suspend(current_proc()->stopped == SIGSTOP ? SIGSTOP : SIGTSTP);
	for (struct proc *p = proc_list; p; p = p->next)
		if (!p->zombie && p->pid != 1)
			signal_send(p, SIGCONT, SI_KERNEL);
}

static long other(struct file *f, unsigned command, uintptr_t argument)
{
	switch (command) {
	case TIOCGPGRP:
	case TIOCSPGRP:
	case TIOCGSID:
	case TIOCSCTTY:
	case TIOCNOTTY:
		return job_ioctl(f, command, argument);
	case TCFLSH:
		return device_terminal_flush(f->host, (int)argument);
	case TCSBRK: /* tcdrain(3) is this with an argument; without, it is a break */
		return argument ? drain(f) : -ENOTTY;
	case TIOCSWINSZ:
	case TIOCSTI:
		return device_in_foreground(f->host) < 0 ? -ENOTTY : -EPERM;
	default:
		return -ENOTTY;
	}
}

long console_ioctl(struct file *f, unsigned command, uintptr_t argument)
{
	for (size_t i = 0; i < sizeof readable / sizeof *readable; i++)
		if (readable[i].command == command)
			return get(f, &readable[i], argument);
	for (size_t i = 0; i < sizeof settable / sizeof *settable; i++)
		if (settable[i].command == command)
			return set(f, &settable[i], argument);
	return other(f, command, argument);
}
