/* calls: rt_sigpending rt_sigtimedwait rt_sigprocmask kill tkill */
#include <time.h>

#include "say.h"

static unsigned long bit(int signal)
{
	return 1ul << (signal - 1);
}

static void pending(void)
{
	unsigned long set = ~0ul;

	CALL(rt_sigpending, &set, 8);
	say("%lx\n", set);
}

static void waits(void)
{
	struct timespec none = {0, 0}, little = {0, 2000000}, wrong = {0, 1000000000}, less = {-1, 0}, before, after;
	unsigned long set = bit(SIGUSR1) | bit(SIGTERM) | bit(SIGCHLD), other = bit(SIGALRM), kill = bit(SIGKILL);
	siginfo_t info;

	memset(&info, 0xee, sizeof info);
	CALL(rt_sigtimedwait, &set, &info, 0, 8);
	say("signal %d code %d errno %d, from itself: %d\n", info.si_signo, info.si_code, info.si_errno, info.si_pid == getpid());
	CALL(rt_sigtimedwait, &set, &info, &none, 8);
	say("signal %d code %d\n", info.si_signo, info.si_code);
	CALL(rt_sigtimedwait, &set, 0, 0, 8);
	pending();
	CALL(rt_sigtimedwait, &set, &info, &none, 8);
	clock_gettime(CLOCK_MONOTONIC, &before);
	CALL(rt_sigtimedwait, &other, &info, &little, 8);
	clock_gettime(CLOCK_MONOTONIC, &after);
	say("in time: %d\n", (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec - before.tv_nsec >= 2000000);
	CALL(rt_sigtimedwait, &kill, &info, &none, 8);
	CALL(rt_sigtimedwait, &set, &info, &wrong, 8);
	CALL(rt_sigtimedwait, &set, &info, &less, 8);
	CALL(rt_sigtimedwait, &set, &info, &none, 4);
	CALL(rt_sigtimedwait, BAD, &info, &none, 8);
	CALL(rt_sigtimedwait, &set, &info, BAD, 8);
	CALL(rt_sigtimedwait, &set, &info, BAD, 16);
}

int main(void)
{
	unsigned long set = bit(SIGUSR1) | bit(SIGTERM) | bit(SIGCHLD);
	struct timespec none = {0, 0};

	CALL(rt_sigprocmask, SIG_BLOCK, &set, 0, 8);
	pending();
	syscall(SYS_kill, getpid(), SIGTERM);
	syscall(SYS_tkill, syscall(SYS_gettid), SIGUSR1);
	syscall(SYS_kill, getpid(), SIGCHLD); /* ignored, but blocked */
	pending();
	waits();
	CALL(rt_sigpending, &set, 9);
	CALL(rt_sigpending, &set, 4);
	CALL(rt_sigpending, &set, 0);
	CALL(rt_sigpending, BAD, 8);
	CALL(rt_sigpending, BAD, 0);
	syscall(SYS_kill, getpid(), SIGUSR1);
	CALL(rt_sigtimedwait, &set, BAD, &none, 8);
	pending();
	set = bit(SIGUSR1) | bit(SIGTERM) | bit(SIGCHLD);
	syscall(SYS_kill, getpid(), SIGCHLD);
	CALL(rt_sigprocmask, SIG_UNBLOCK, &set, 0, 8);
	pending();
	return 0;
}
