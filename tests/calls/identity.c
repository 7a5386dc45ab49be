/* calls: getpid gettid getppid getuid geteuid getgid getegid set_tid_address sched_yield; as: nobody */
#include "say.h"

int main(void)
{
	long word = 0;

	CALL_OK(getpid);
	CALL_OK(gettid);
	say("the same: %d\n", syscall(SYS_getpid) == syscall(SYS_gettid));
	say("always: %d\n", syscall(SYS_getpid) == syscall(SYS_getpid) && syscall(SYS_getpid) == getpid());
	say("a parent: %d\n", getppid() > 0 && getppid() != getpid());
	CALL(getuid);
	CALL(geteuid);
	CALL(getgid);
	CALL(getegid);
	say("tid: %d\n", syscall(SYS_set_tid_address, &word) == syscall(SYS_gettid));
	say("tid: %d\n", syscall(SYS_set_tid_address, BAD) == syscall(SYS_gettid));
	CALL(sched_yield);
	return 0;
}
