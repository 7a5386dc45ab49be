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
#include <stddef.h>

#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/tty.h"
#include "machine/device.h"

#define DRAIN_PAUSE 5000000 /* ns */

static int foreground; /* the group that a guest has put there; 0: whoever asks is */

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
	if (copy_in(&settings, from, s->size) != 0)
		return -EFAULT;
	error = s->drain ? drain(f) : 0;
	if (!error && s->flush)
		error = device_terminal_flush(f->host, TCIFLUSH);
	return error ? error : device_terminal_set(f->host, s->at_once, &settings);
}

/* ---- Process groups ---------------------------------------------------- */

static long get_group(struct file *f, uintptr_t to)
{
	int in_foreground = device_in_foreground(f->host);
	int group = !in_foreground ? 0 : foreground ? foreground : current_proc()->facts.group; /* 0: none that is here */

	return in_foreground < 0 ? in_foreground : copy_out(to, &group, sizeof group);
}

static long set_group(struct file *f, uintptr_t from)
{
	int group, in_foreground = device_in_foreground(f->host);

	if (in_foreground < 0)
		return in_foreground;
	if (copy_in(&group, from, sizeof group) != 0)
		return -EFAULT;
	if (group < 0)
		return -EINVAL;
	for (struct proc *p = proc_list; p; p = p->next)
		if (!p->zombie && p->facts.group == group) {
			if (p->facts.session != current_proc()->facts.session)
				return -EPERM;
			foreground = group;
			return 0;
		}
	return -ESRCH;
}

static long get_session(struct file *f, uintptr_t to)
{
	int in_foreground = device_in_foreground(f->host);

	return in_foreground < 0 ? in_foreground : copy_out(to, &current_proc()->facts.session, sizeof(int));
}

static long other(struct file *f, unsigned command, uintptr_t argument)
{
	switch (command) {
	case TIOCGPGRP:
		return get_group(f, argument);
	case TIOCSPGRP:
		return set_group(f, argument);
	case TIOCGSID:
		return get_session(f, argument);
	case TCFLSH:
		return device_terminal_flush(f->host, (int)argument);
	case TCSBRK: /* tcdrain(3) is this with an argument; without, it is a break */
		return argument ? drain(f) : -ENOTTY;
	case TIOCSWINSZ:
	case TIOCSTI:
	case TIOCSCTTY:
		return device_in_foreground(f->host) < 0 ? -ENOTTY : -EPERM;
	default:
		return -ENOTTY;
	}
}

long tty_ioctl(struct file *f, unsigned command, uintptr_t argument)
{
	for (size_t i = 0; i < sizeof readable / sizeof *readable; i++)
		if (readable[i].command == command)
			return get(f, &readable[i], argument);
	for (size_t i = 0; i < sizeof settable / sizeof *settable; i++)
		if (settable[i].command == command)
			return set(f, &settable[i], argument);
	return other(f, command, argument);
}
