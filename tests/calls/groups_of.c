/* calls: getpgrp getpgid getsid setpgid setsid getpriority setpriority; as: nobody */
#include <sys/resource.h>

#include "say.h"

int main(void)
{
	long pid = getpid();

	say("one group: %d\n", syscall(SYS_getpgrp) == syscall(SYS_getpgid, 0) && syscall(SYS_getpgid, pid) == syscall(SYS_getpgid, 0));
	CALL(getpgid, -1);
	CALL(getpgid, 0x7ffffff0l);
	say("a session: %d\n", syscall(SYS_getsid, 0) > 0 && syscall(SYS_getsid, pid) == syscall(SYS_getsid, 0));
	CALL(getsid, -1);
	CALL(getsid, 0x7ffffff0l);
	CALL(setpgid, 0, -1);
	CALL(setpgid, -1, 0);
	CALL(setpgid, 0x7ffffff0l, 0);
	CALL(setpgid, 0x7ffffff0l, -5);
	CALL(setpgid, 0, 0x7ffffff0l);
	syscall(SYS_setsid);
	CALL(setsid);
	CALL(getpriority, PRIO_PROCESS, 0);
	told("getpriority of itself", syscall(SYS_getpriority, PRIO_PROCESS, pid));
	CALL(getpriority, PRIO_PROCESS, 0x7ffffff0l);
	CALL(getpriority, PRIO_PROCESS, -1);
	CALL(getpriority, PRIO_PGRP, 0x7ffffff0l);
	CALL(getpriority, 3, 0);
	CALL(getpriority, -1, 0);
	CALL(setpriority, 3, 0, 0);
	CALL(setpriority, PRIO_PROCESS, 0x7ffffff0l, 0);
	CALL(setpriority, PRIO_PROCESS, 0, 3);
	CALL(getpriority, PRIO_PROCESS, 0);
	CALL(setpriority, PRIO_PROCESS, 0, 1000);
	CALL(getpriority, PRIO_PROCESS, 0);
	CALL(setpriority, PRIO_PROCESS, 0, 19);
	CALL(setpriority, PRIO_PROCESS, 0, 0);	/* back: root alone */
	CALL(getpriority, PRIO_PROCESS, 0);
	CALL(setpriority, PRIO_PROCESS, 0, -1000);
	CALL(getpriority, PRIO_PROCESS, 0);
	return 0;
}
