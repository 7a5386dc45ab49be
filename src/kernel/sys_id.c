/* Calls that need no vector register: compiled without, the guest's stay live. */
#include "kernel/proc.h"
#include "kernel/syscall.h"

static struct host_identity identity; /* fixed for the machine's life */

void sys_id_boot(void)
{
	identity = host_identity();
}

long sys_getpid(const uint64_t *a)
{
	(void)a;
	return current_proc()->pid;
}

long sys_gettid(const uint64_t *a)
{
	return sys_getpid(a); /* one thread each, yet */
}

long sys_getppid(const uint64_t *a)
{
	(void)a;
	return current_proc()->parent;
}

long sys_getuid(const uint64_t *a)
{
	(void)a;
	return identity.uid;
}

long sys_geteuid(const uint64_t *a)
{
	(void)a;
	return identity.euid;
}

long sys_getgid(const uint64_t *a)
{
	(void)a;
	return identity.gid;
}

long sys_getegid(const uint64_t *a)
{
	(void)a;
	return identity.egid;
}

long sys_sched_yield(const uint64_t *a)
{
	(void)a;
	sched_yield_cpu();
	return 0;
}
