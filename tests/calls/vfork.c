/* calls: vfork clone wait4 waitid exit exit_group set_tid_address; runs: "" "threads" */
#include "say.h"

#include <linux/futex.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int value;

/* In a child that borrows all memory: no libc state may change. */
#define CHILD(...)                                                                                                     \
	do {                                                                                                           \
		pid_t child = vfork();                                                                                 \
		if (child == 0) {                                                                                      \
			__VA_ARGS__;                                                                                   \
			_exit(99);                                                                                     \
		}                                                                                                      \
		last = child;                                                                                          \
	} while (0)

static volatile pid_t last;

static void say_info(const char *what, const siginfo_t *info)
{
	say("%s: signo %d code %d status %d pid %d\n", what, info->si_signo, info->si_code, info->si_status, info->si_pid == last);
}

static void statuses(void)
{
	siginfo_t info;
	struct rusage usage;
	int status;

	CHILD(value = 17; _exit(5));
	say("the child's write is seen: %d\n", value);
	TRY_OK(wait4(last, &status, 0, &usage));
	say("status %x\n", status);
	CHILD(_exit(256 + 7));
	memset(&info, 0, sizeof info);
	TRY(waitid(P_PID, (id_t)last, &info, WEXITED | WNOWAIT));
	say_info("left", &info);
	TRY(waitid(P_ALL, 0, &info, WEXITED));
	say_info("taken", &info);
	TRY(waitid(P_ALL, 0, &info, WEXITED));
	CHILD(kill(getpid(), SIGKILL));
	TRY_OK(wait(&status));
	say("killed: %x\n", status);
	CHILD(raise(SIGTERM));
	memset(&info, 0, sizeof info);
	TRY(waitid(P_PGID, (id_t)getpgrp(), &info, WEXITED));
	say_info("of the group", &info);
	CHILD(setpgid(0, 0); _exit(1));
	TRY(waitid(P_PGID, (id_t)getpgrp(), &info, WEXITED));
	TRY_OK(wait4(-last, &status, 0, NULL));
	say("%x\n", status);
	CHILD(_exit(2));
	TRY_OK(wait4(0, NULL, __WALL, NULL));
	CHILD(_exit(2));
	TRY(wait4(-1, BAD, 0, NULL) == -1);
	TRY(wait4(-1, &status, WNOHANG, NULL));
}

static void errors(void)
{
	siginfo_t info;
	int status;

	TRY(wait4(-1, &status, 0, NULL));
	TRY(wait4(-1, &status, WNOHANG, NULL));
	TRY(wait4(1, &status, 0, NULL));
	TRY(wait4(getpid(), &status, 0, NULL));
	TRY(wait4(-1, &status, 0x100, NULL));
	TRY(wait4(INT32_MIN, &status, 0, NULL));
	TRY(waitid(P_ALL, 0, &info, 0));
	TRY(waitid(P_ALL, 0, &info, WNOHANG));
	TRY(waitid(P_ALL, 0, &info, WEXITED | 0x100));
	TRY(waitid((idtype_t)9, 0, &info, WEXITED));
	TRY(waitid(P_PID, 0, &info, WEXITED));
	TRY(waitid(P_PID, (id_t)-5, &info, WEXITED));
	TRY(waitid(P_PIDFD, NO_FD, &info, WEXITED));
	CALL(clone, (long)CLONE_THREAD, 0l, 0l, 0l, 0l);
	CALL(clone, (long)(CLONE_THREAD | CLONE_SIGHAND), 0l, 0l, 0l, 0l);
	CALL(clone, (long)CLONE_SIGHAND, 0l, 0l, 0l, 0l);
}

/* clone as libc's posix_spawn uses it: on a stack of its own. */
static int child_of_clone(void *at)
{
	say("a child says %s; its parent is ours: %d\n", (const char *)at, getppid() == last);
	return 42;
}

static void cloned(void)
{
	static char stack[65536];
	pid_t tid = 0, pid;
	int status;

	last = getpid();
	pid = clone(child_of_clone, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID | SIGCHLD, "hello", &tid);
	say("told: %d\n", pid == tid);
	TRY_OK(waitpid(pid, &status, 0));
	say("status %x\n", status);
	pid = clone(child_of_clone, stack + sizeof stack, CLONE_VM | CLONE_VFORK, "no notice");
	TRY(waitpid(pid, &status, 0));
	TRY_OK(waitpid(pid, &status, __WCLONE));
	say("status %x\n", status);
}

/* ---- Threads, past libc ------------------------------------------------ */

#define AS_THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID)

static pid_t tid_seen, cleared;
static int same;

static int thread(void *unused)
{
	(void)unused;
	same = getpid() == last && gettid() == tid_seen && gettid() != getpid();
	syscall(SYS_dup2, 1, 10);
	syscall(SYS_umask, 0123);
	syscall(SYS_exit, 77);
	return 0;
}

static void until_cleared(void)
{
	pid_t seen;

	while ((seen = __atomic_load_n(&cleared, __ATOMIC_SEQ_CST)))
		syscall(SYS_futex, &cleared, FUTEX_WAIT, seen, NULL, NULL, 0);
}

static void threads(void)
{
	static char stack[65536];

	last = getpid();
	cleared = 1;
	TRY_OK(clone(thread, stack + sizeof stack, AS_THREAD, NULL, &tid_seen, NULL, &cleared));
	until_cleared();
	say("same process, another thread: %d\n", same);
	TRY(fcntl(10, F_GETFD));
	say("umask %o\n", umask(0));
	TRY(wait4(-1, NULL, __WALL, NULL));
	while (kill(tid_seen, 0) == 0) /* on Linux it is gone a moment after that word is cleared */
		sched_yield();
	TRY(kill(tid_seen, 0));
}

/* Says nothing of the clone: it may end the process before the line is written. */
static int ends_all(void *unused)
{
	(void)unused;
	_exit(9);
}

static void end_of_all(void)
{
	static char stack[65536];

	clone(ends_all, stack + sizeof stack, AS_THREAD, NULL, &tid_seen, NULL, &cleared);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1) {
		threads();
		end_of_all();
	}
	errors();
	statuses();
	cloned();
	return 0;
}
