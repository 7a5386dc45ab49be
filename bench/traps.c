/*
 * traps call|dispatched|sigsys|signal: ways into Linux and back. A null call; one
 * in a process that has Syscall User Dispatch on and lets it pass; a call that
 * Syscall User Dispatch turns into a SIGSYS, whose handler returns by
 * rt_sigreturn; a signal that a thread sends itself, its handler empty.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "measure.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif
enum { ALLOW, BLOCK }; /* the selector's values, PR_SYS_DISPATCH_OFF and _ON */

static volatile char selector;

static long call(long n)
{
	for (long i = 0; i < n; i++)
		syscall(SYS_getppid);
	return n;
}

/* The handler leaves by rt_sigreturn, which must not be caught in its turn. */
static void caught(int number, siginfo_t *info, void *context)
{
	(void)number, (void)info;
	selector = ALLOW;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = 1;
}

static long sigsys(long n)
{
	for (long i = 0; i < n; i++) {
		selector = BLOCK;
		syscall(SYS_getppid);
	}
	return n;
}

static void dispatch(void)
{
	if (prctl(PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, &selector) != 0)
		measure_fail("Syscall User Dispatch");
}

static void empty(int number)
{
	(void)number;
}

static long signal_self(long n)
{
	pid_t pid = getpid();
	long tid = syscall(SYS_gettid);

	for (long i = 0; i < n; i++)
		syscall(SYS_tgkill, pid, tid, SIGUSR1);
	return n;
}

int main(int argc, char **argv)
{
	struct sigaction on_sigsys = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO };
	struct sigaction on_usr1 = { .sa_handler = empty };
	const char *which = argc > 1 ? argv[1] : "";

	if (!strcmp(which, "sigsys")) {
		sigaction(SIGSYS, &on_sigsys, NULL);
		dispatch();
		measure(sigsys);
	} else if (!strcmp(which, "signal")) {
		sigaction(SIGUSR1, &on_usr1, NULL);
		measure(signal_self);
	} else {
		if (!strcmp(which, "dispatched"))
			dispatch();
		measure(call);
	}
	return 0;
}
