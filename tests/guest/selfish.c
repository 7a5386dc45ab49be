/* selfish: tries to take timer, signals, dispatch, limits and descriptors from everybody; then computes, no call. */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#endif
enum { PR_SET_SECCOMP_STRICT = 22, ARCH_SET_CPUID_FAULT = 0x1012 };

int main(void)
{
	struct itimerval soon = {{0, 1}, {0, 1}}, late = {{3600, 0}, {3600, 0}}, never = {{0, 0}, {0, 0}};
	struct rlimit nothing = {0, 0};
	stack_t none = {.ss_flags = SS_DISABLE};
	static const int signals[] = {SIGALRM, SIGSYS, SIGSEGV, SIGBUS, SIGTRAP, SIGIO, SIGINT, SIGVTALRM, SIGPROF, SIGUSR1};
	volatile uint64_t x = 1;
	sigset_t all;

	dprintf(1, "selfish: begins\n");
	sigfillset(&all);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
		signal(signals[i], SIG_DFL);
		signal(signals[i], SIG_IGN);
	}
	syscall(SYS_setitimer, ITIMER_REAL, &soon, NULL);
	syscall(SYS_setitimer, ITIMER_REAL, &late, NULL);
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, 8);
	syscall(SYS_sigaltstack, &none, NULL);
	syscall(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0, 0);
	syscall(SYS_prctl, PR_SET_SYSCALL_USER_DISPATCH, 1, 0, 0, 8);
	syscall(SYS_prctl, PR_SET_SECCOMP_STRICT, 1, 0, 0, 0);
	syscall(SYS_arch_prctl, ARCH_SET_CPUID_FAULT, 0);
	for (int limit = 0; limit < RLIM_NLIMITS; limit++)
		syscall(SYS_prlimit64, 0, limit, &nothing, NULL);
	syscall(SYS_kill, 1, SIGKILL);
	syscall(SYS_tkill, 1, SIGKILL);
	syscall(SYS_setitimer, ITIMER_REAL, &never, NULL);
	syscall(SYS_alarm, 0);
	for (int fd = 0; fd < 1024; fd++)
		if (fd != 1)
			syscall(SYS_close, fd);
	dprintf(1, "selfish: computes\n");
	for (long i = 0; i < 300 * 1000 * 1000; i++)
		x = x * 6364136223846793005u + 1;
	dprintf(1, "selfish: ends\n");
	close(1);
	return 0;
}
