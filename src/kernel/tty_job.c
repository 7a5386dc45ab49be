/*
 * Job control: which session a terminal controls, which process group of it is
 * in the foreground, and what becomes of those in the background that read or
 * change it (POSIX, General Terminal Interface; ioctl_tty(2)).
 */
#include <asm/ioctls.h>
#include <errno.h>
#include <signal.h>

#include "kernel/proc.h"
#include "kernel/pty.h"
#include "machine/device.h"

static bool is_alive(const struct proc *p)
{
	return p && !p->zombie;
}

/* The console's foreground is chosen for as long as the program that runs the shell lives: the others of the command line want it back. */
static int foreground(const struct tty *t)
{
	return t != &console_tty || is_alive(proc_find(t->chooser)) ? t->foreground : 0;
}

unsigned tty_number(const struct proc *p)
{
	const struct tty *t = p->facts.tty;

	if (!t || (t == &console_tty && device_terminal() < 0))
		return 0;
	return t == &console_tty ? TTY_MAJOR << 8 : SLAVE_MAJOR << 8 | (unsigned)((const struct pty *)t)->number;
}

int tty_foreground(const struct proc *p)
{
	int group = !tty_number(p) ? -1 : foreground(p->facts.tty);

	return group ? group : p->facts.group;
}

bool tty_has_shell(const struct tty *t)
{
	return foreground(t);
}

bool tty_is_in_foreground(const struct tty *t, const struct proc *p)
{
	int group = foreground(t);

	return group ? p->facts.group == group : p->facts.session == t->session;
}

void tty_signal(struct tty *t, int signal)
{
	int group = foreground(t);

	if (group) {
		signal_send_group(group, signal, SI_KERNEL);
		return;
	}
	for (struct proc *p = proc_list; p && t->session; p = p->next)
		if (is_alive(p) && p->pid != 1 && p->facts.session == t->session)
			signal_send(p, signal, SI_KERNEL);
}

static bool is_held_back(const struct proc *p, int signal)
{
	return current->signal_mask >> (signal - 1) & 1 || p->actions[signal].handler == (uint64_t)SIG_IGN;
}

long tty_may(struct tty *t, int signal)
{
	struct proc *p = current_proc();

	if (p->facts.tty != t || tty_is_in_foreground(t, p))
		return 0;
	if (is_held_back(p, signal))
		return signal == SIGTTIN ? -EIO : 0;
	if (signal_is_orphaned(p->facts.group, NULL))
		return -EIO;
	signal_send_group(p->facts.group, signal, SI_KERNEL);
	return -EINTR;
}

/* ---- Sessions ---------------------------------------------------------- */

static bool is_leader(const struct proc *p)
{
	return p->facts.session == p->pid;
}

static void become_controlling(struct tty *t)
{
	struct facts *f = &current_proc()->facts;

	f->tty = t;
	t->session = f->session;
	t->foreground = f->group;
}

void tty_adopt(struct tty *t)
{
	if (is_leader(current_proc()) && !current_proc()->facts.tty && !t->session)
		become_controlling(t);
}

/* The whole session has no terminal any more. */
static void release_session(struct tty *t)
{
	for (struct proc *p = proc_list; p; p = p->next)
		if (p->facts.tty == t)
			p->facts.tty = NULL;
	t->session = t->foreground = 0;
}

static void tell_hang_up(int group)
{
	signal_send_group(group, SIGHUP, SI_KERNEL);
	signal_send_group(group, SIGCONT, SI_KERNEL);
}

/* The leader is told; the foreground, when the leader ends. */
void tty_abandon(struct tty *t)
{
	struct proc *leader = t->session ? proc_find(t->session) : NULL;
	int group = t->foreground;

	release_session(t);
	if (!is_alive(leader))
		return;
	leader->facts.lost_foreground = group;
	signal_send(leader, SIGHUP, SI_KERNEL);
	signal_send(leader, SIGCONT, SI_KERNEL);
}

/* A pseudo-terminal that its session's leader leaves is not hung up: others may have it open. */
void tty_process_ended(struct proc *p)
{
	struct tty *t = p->facts.tty;
	int lost = p->facts.lost_foreground;

	p->facts.tty = NULL;
	if (t && t != &console_tty && t->session == p->pid) {
		signal_send_group(t->foreground, SIGHUP, SI_KERNEL);
		release_session(t);
	} else if (lost && p->facts.session == p->pid) {
		tell_hang_up(lost);
	}
}

static long take_as_controlling(struct tty *t, uintptr_t force)
{
	const struct proc *p = current_proc();

	if (is_leader(p) && p->facts.tty == t && t->session == p->facts.session)
		return 0;
	if (!is_leader(p) || p->facts.tty)
		return -EPERM;
	if (t->session) {
		if (force != 1 || p->facts.uid[EFFECTIVE] != 0 || t == &console_tty)
			return -EPERM;
		release_session(t);
	}
	become_controlling(t);
	return 0;
}

/* The leader's giving it up takes it away from the session. */
static long give_up(struct tty *t)
{
	struct proc *p = current_proc();
	int group = t->foreground;

	if (p->facts.tty != t)
		return -ENOTTY;
	p->facts.tty = NULL;
	if (!is_leader(p) || t == &console_tty)
		return 0;
	release_session(t);
	tell_hang_up(group);
	return 0;
}

/* ---- Groups ------------------------------------------------------------ */

static long get_group(const struct tty *t, uintptr_t to, bool is_master)
{
	int group = foreground(t);

	if (!is_master && current_proc()->facts.tty != t)
		return -ENOTTY;
	if (!group && !is_master)
		group = current_proc()->facts.group; /* of the console: nobody has chosen, whoever asks is */
	return copy_out(to, &group, sizeof group);
}

/* A zombie is still one: the first of a pipeline may have ended before the last is there. */
static const struct proc *member(int group)
{
	for (const struct proc *p = proc_list; p; p = p->next)
		if (p->facts.group == group)
			return p;
	return NULL;
}

/* The program of the command line that the current process is, or descends from. */
static int program_of_current(void)
{
	const struct proc *p = current_proc(), *parent;

	while (p->parent != 1 && (parent = proc_find(p->parent)))
		p = parent;
	return p->pid;
}

static long set_group(struct tty *t, uintptr_t from)
{
	const struct facts *f = &current_proc()->facts;
	const struct proc *chosen;
	long error = tty_may(t, SIGTTOU);
	int group;

	if (error)
		return error;
	if (f->tty != t || t->session != f->session)
		return -ENOTTY;
	if (copy_in(&group, from, sizeof group) != 0)
		return -EFAULT;
	if (group < 0)
		return -EINVAL;
	chosen = member(group);
	if (!chosen)
		return -ESRCH;
	if (chosen->facts.session != f->session)
		return -EPERM;
	t->foreground = group;
	t->chooser = program_of_current();
	return 0;
}

static long get_session(const struct tty *t, uintptr_t to, bool is_master)
{
	if (!is_master && current_proc()->facts.tty != t)
		return -ENOTTY;
	return t->session ? copy_out(to, &t->session, sizeof t->session) : -ENOTTY;
}

long tty_job_ioctl(struct tty *t, unsigned command, uintptr_t argument, bool is_master)
{
	switch (command) {
	case TIOCGPGRP:
		return get_group(t, argument, is_master);
	case TIOCSPGRP:
		return set_group(t, argument);
	case TIOCGSID:
		return get_session(t, argument, is_master);
	case TIOCSCTTY:
		return is_master ? -ENOTTY : take_as_controlling(t, argument);
	case TIOCNOTTY:
		return is_master ? -ENOTTY : give_up(t);
	default:
		return TTY_NOT_THIS;
	}
}
