/* Calls that need no vector register: compiled without, the guest's stay live. */
#include "kernel/proc.h"
#include "kernel/syscall.h"

long sys_getpid(const uint64_t *a)
{
	(void)a;
	return current_proc()->pid;
}

long sys_gettid(const uint64_t *a)
{
	(void)a;
	return current->tid;
}

long sys_getppid(const uint64_t *a)
{
	(void)a;
	return current_proc()->parent;
}

long sys_getpgrp(const uint64_t *a)
{
	(void)a;
	return current_proc()->facts.group;
}

long sys_getuid(const uint64_t *a)
{
	(void)a;
	return current_proc()->facts.uid[REAL];
}

long sys_geteuid(const uint64_t *a)
{
	(void)a;
	return current_proc()->facts.uid[EFFECTIVE];
}

long sys_getgid(const uint64_t *a)
{
	(void)a;
	return current_proc()->facts.gid[REAL];
}

long sys_getegid(const uint64_t *a)
{
	(void)a;
	return current_proc()->facts.gid[EFFECTIVE];
}

long sys_sched_yield(const uint64_t *a)
{
	(void)a;
	sched_yield_cpu();
	return 0;
}
