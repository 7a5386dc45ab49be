/* What may be asked of and done to a pseudo-terminal, by either side (ioctl_tty(2)). */
#define _GNU_SOURCE
#include <asm/ioctls.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/pty.h"

static const unsigned always_set = CS8 | CREAD, never_set = CSIZE | PARENB; /* no wire has fewer bits */

/* ---- Settings ---------------------------------------------------------- */

static long get_modes(const struct pty *p, uintptr_t to, size_t size)
{
	return copy_out(to, &p->line.modes, size);
}

static long set_modes(struct pty *p, uintptr_t from, size_t size, bool flush)
{
	struct termios2 modes = p->line.modes; /* the smaller structure lacks the speeds */

	if (copy_in(&modes, from, size) != 0)
		return -EFAULT;
	modes.c_cflag = (modes.c_cflag & ~never_set) | always_set;
	if (flush)
		line_forget_typed(&p->line);
	line_set(&p->line, &modes);
	pty_tell(p);
	return 0;
}

static long flush(struct pty *p, uintptr_t queue)
{
	if (queue != TCIFLUSH && queue != TCOFLUSH && queue != TCIOFLUSH)
		return -EINVAL;
	if (queue != TCOFLUSH)
		line_forget_typed(&p->line);
	if (queue != TCIFLUSH)
		line_forget_shown(&p->line);
	pty_tell(p);
	return 0;
}

/* Output stops and goes on; for input the other side would have to be told by a character. */
static long flow(struct pty *p, uintptr_t action)
{
	unsigned char c = action == TCIOFF ? p->line.modes.c_cc[VSTOP] : p->line.modes.c_cc[VSTART];

	if (action == TCOOFF || action == TCOON)
		line_stop(&p->line, action == TCOOFF);
	else if ((action == TCIOFF || action == TCION) && c)
		line_put(&p->line, c);
	else if (action != TCIOFF && action != TCION)
		return -EINVAL;
	pty_tell(p);
	return 0;
}

/* Output is where it goes at once: there is nothing to drain. */
static long settings(struct pty *p, unsigned command, uintptr_t argument)
{
	switch (command) {
	case TCGETS:
		return get_modes(p, argument, sizeof(struct termios));
	case TCGETS2:
		return get_modes(p, argument, sizeof(struct termios2));
	case TCSETS:
	case TCSETSW:
		return set_modes(p, argument, sizeof(struct termios), false);
	case TCSETSF:
		return set_modes(p, argument, sizeof(struct termios), true);
	case TCSETS2:
	case TCSETSW2:
		return set_modes(p, argument, sizeof(struct termios2), false);
	case TCSETSF2:
		return set_modes(p, argument, sizeof(struct termios2), true);
	case TCFLSH:
		return flush(p, argument);
	case TCXONC:
		return flow(p, argument);
	case TCSBRK:
	case TCSBRKP:
		return 0;
	default:
		return TTY_NOT_THIS;
	}
}

/* What these do to the terminal, those in the background may not. */
static bool changes(unsigned command)
{
	static const unsigned commands[] = { TCSETS, TCSETSW, TCSETSF, TCSETS2, TCSETSW2, TCSETSF2, TCFLSH, TCXONC, TCSBRK, TCSBRKP };

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		if (commands[i] == command)
			return true;
	return false;
}

/* ---- Size, queues ------------------------------------------------------ */

static long set_size(struct pty *p, uintptr_t from)
{
	struct window_size size;

	if (copy_in(&size, from, sizeof size) != 0)
		return -EFAULT;
	if (memcmp(&size, &p->size, sizeof size) == 0)
		return 0;
	p->size = size;
	if (p->tty.foreground)
		tty_signal(&p->tty, SIGWINCH);
	return 0;
}

static long tell_number(uintptr_t to, int n)
{
	return copy_out(to, &n, sizeof n);
}

static long either(struct pty *p, unsigned command, uintptr_t argument, bool is_master)
{
	switch (command) {
	case TIOCGWINSZ:
		return copy_out(argument, &p->size, sizeof p->size);
	case TIOCSWINSZ:
		return set_size(p, argument);
	case FIONREAD:
		return tell_number(argument, (int)(is_master ? p->line.shown_count : line_waiting(&p->line)));
	case TIOCOUTQ:
	case TIOCGETD:
		return tell_number(argument, 0);
	case TIOCSTI:
		return -EIO; /* as Linux, where it is configured not to let programs type for the user */
	default:
		return -ENOTTY;
	}
}

/* ---- The master -------------------------------------------------------- */

static long open_peer(struct pty *p, int flags)
{
	struct file *f = file_new(NULL, flags);
	int error;

	if (!f)
		return -ENFILE;
	error = pty_open_slave(f, p, flags);
	if (error) {
		file_release(f);
		return error;
	}
	f->at = pts_place(p->number);
	return file_install(f, 0, flags & O_CLOEXEC);
}

static long set_lock(struct pty *p, uintptr_t from)
{
	int lock;

	if (copy_in(&lock, from, sizeof lock) != 0)
		return -EFAULT;
	p->is_locked = lock;
	return 0;
}

static long send(struct pty *p, uintptr_t signal)
{
	if (signal < 1 || signal > SIGNALS)
		return -EINVAL;
	if (p->tty.foreground)
		tty_signal(&p->tty, (int)signal);
	return 0;
}

static long master(struct pty *p, unsigned command, uintptr_t argument)
{
	switch (command) {
	case TIOCGPTN:
		return tell_number(argument, p->number);
	case TIOCSPTLCK:
		return set_lock(p, argument);
	case TIOCGPTLCK:
		return tell_number(argument, p->is_locked);
	case TIOCGPTPEER:
		return open_peer(p, (int)argument);
	case TIOCSIG:
		return send(p, argument);
	default:
		return TTY_NOT_THIS;
	}
}

long pty_ioctl(struct pty *p, unsigned command, uintptr_t argument, bool is_master)
{
	long answer = tty_job_ioctl(&p->tty, command, argument, is_master);

	if (answer == TTY_NOT_THIS && is_master)
		answer = master(p, command, argument);
	if (answer != TTY_NOT_THIS)
		return answer;
	answer = !is_master && changes(command) ? tty_may(&p->tty, SIGTTOU) : 0;
	if (answer)
		return answer;
	answer = settings(p, command, argument);
	return answer != TTY_NOT_THIS ? answer : either(p, command, argument, is_master);
}
