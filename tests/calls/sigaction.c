/* calls: rt_sigaction rt_sigprocmask */
#include "say.h"

struct action {	/* the kernel's own */
	unsigned long handler, flags, restorer, mask;
};

static void action(long sig, const struct action *act, int tell)
{
	struct action old = {9, 9, 9, 9};

	if (told("rt_sigaction %ld", syscall(SYS_rt_sigaction, sig, act, tell ? &old : NULL, 8), sig) == 0 && tell)
		say("was %#lx flags %#lx mask %#lx\n", old.handler, old.flags, old.mask);
}

static void mask(int how, unsigned long set)
{
	unsigned long old = 0;

	told("rt_sigprocmask %d %#lx", syscall(SYS_rt_sigprocmask, how, &set, &old, 8), how, set);
	say("was %#lx\n", old);
}

static void actions(char *edge)
{
	struct action ignore = {(unsigned long)SIG_IGN, 0, 0, 0}, handler = {0x1234567, SA_RESTART | SA_SIGINFO | 0x04000000, 0x7654321, ~0ul},
		      none = {0};

	for (long sig = 0; sig < 67; sig++)
		if (sig != 32 && sig != 33)
			action(sig, NULL, 1);
	action(SIGUSR1, &ignore, 1);
	action(SIGUSR1, &handler, 1);
	action(SIGUSR1, NULL, 1);	/* SIGKILL and SIGSTOP are out of the mask */
	action(SIGUSR1, &none, 0);
	action(SIGUSR1, NULL, 1);
	action(SIGKILL, &ignore, 1);
	action(SIGKILL, NULL, 1);
	action(SIGSTOP, &none, 1);
	action(0, &ignore, 1);
	action(65, &ignore, 1);
	action(-1, &ignore, 1);
	action(0x100000000l + SIGUSR2, &ignore, 1);
	CALL(rt_sigaction, SIGUSR1, 0, 0, 4);
	CALL(rt_sigaction, SIGUSR1, BAD, 0, 16);
	CALL(rt_sigaction, SIGUSR1, BAD, 0, 8);
	CALL(rt_sigaction, SIGUSR1, 0, BAD, 8);
	CALL(rt_sigaction, SIGKILL, BAD, 0, 8);
	CALL(rt_sigaction, 77, BAD, 0, 8);
	CALL(rt_sigaction, SIGUSR1, edge + GUARD - 8, 0, 8);
	CALL(rt_sigaction, SIGUSR1, &ignore, edge + READABLE, 8);	/* too late: it is set */
	action(SIGUSR1, NULL, 1);
}

static void masks(char *edge)
{
	unsigned long set = 1;

	mask(SIG_SETMASK, 0);
	mask(SIG_BLOCK, 0x200);
	mask(SIG_BLOCK, 0x800);
	mask(SIG_UNBLOCK, 0x200);
	mask(SIG_SETMASK, ~0ul);	/* all but SIGKILL and SIGSTOP */
	mask(SIG_SETMASK, 0);
	mask(3, 1);
	mask(-1, 1);
	mask(SIG_BLOCK, 0);
	CALL(rt_sigprocmask, 77, 0, &set, 8);
	CALL(rt_sigprocmask, SIG_BLOCK, &set, 0, 4);
	CALL(rt_sigprocmask, SIG_BLOCK, &set, 0, 128);
	CALL(rt_sigprocmask, SIG_BLOCK, BAD, 0, 8);
	CALL(rt_sigprocmask, SIG_BLOCK, 0, BAD, 8);
	CALL(rt_sigprocmask, 77, BAD, 0, 8);
	CALL(rt_sigprocmask, SIG_BLOCK, &set, edge + READABLE, 8);	/* too late, too */
	mask(SIG_BLOCK, 0);
	CALL(rt_sigprocmask, SIG_BLOCK, 0, 0, 8);
}

int main(void)
{
	char *edge = edge_pages();

	actions(edge);
	masks(edge);
	return 0;
}
