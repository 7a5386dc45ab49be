/* calls: kill tkill tgkill getpid gettid getpgid rt_sigaction rt_sigprocmask */
#include "say.h"

/* None of these kills. */
int main(void)
{
	long pid = syscall(SYS_getpid), tid = syscall(SYS_gettid);
	sigset_t set;

	CALL(kill, pid, 0);
	CALL(tkill, tid, 0);
	CALL(tgkill, pid, tid, 0);
	CALL(kill, pid, 65);
	CALL(kill, pid, -1);
	CALL(tkill, tid, 65);
	CALL(tgkill, pid, tid, -1);
	CALL(kill, 0x7ffffff0l, 0);
	CALL(kill, 0x7ffffff0l, SIGUSR1);
	CALL(kill, 0x7ffffff0l, 65);
	CALL(kill, -0x7ffffff0l, 0);
	CALL(kill, 0x80000000l, 0);
	CALL(tkill, 0x7ffffff0l, 0);
	CALL(tkill, 0, 0);
	CALL(tkill, -1, 0);
	CALL(tgkill, 0, tid, 0);
	CALL(tgkill, pid, 0, 0);
	CALL(tgkill, -1, tid, 0);
	CALL(tgkill, pid, -1, 0);
	CALL(tgkill, pid, 0x7ffffff0l, 0);
	CALL(tgkill, 0x7ffffff0l, tid, 0);
	CALL(kill, pid | 0x100000000l, 0);
	CALL(kill, pid, SIGCHLD);
	CALL(kill, pid, SIGURG);
	CALL(kill, pid, SIGWINCH);
	CALL(kill, pid, SIGCONT);
	signal(SIGTERM, SIG_IGN);
	CALL(kill, pid, SIGTERM);
	CALL(tgkill, pid, tid, SIGTERM);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	CALL(kill, pid, SIGUSR1);	/* waits */
	signal(SIGUSR1, SIG_IGN);	/* and is thrown away */
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	signal(SIGUSR1, SIG_DFL);
	say("alive\n");
	return 0;
}
