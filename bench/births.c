/*
 * births spawn|vfork|fork|pthread [PROGRAM]: create, run, end, wait, on Linux.
 * spawn and vfork exec PROGRAM, a small static one.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.h"

static char *program[2];
static char *no_environment[1];

static void reap(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		measure_fail("a child failed");
}

static long by_spawn(long n)
{
	for (long i = 0; i < n; i++) {
		pid_t pid = -1;

		posix_spawn(&pid, program[0], NULL, NULL, program, no_environment);
		reap(pid);
	}
	return n;
}

static pid_t vfork_and_exec(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execve(program[0], program, no_environment);
		_exit(1);
	}
	return pid;
}

static long by_vfork(long n)
{
	for (long i = 0; i < n; i++)
		reap(vfork_and_exec());
	return n;
}

static long by_fork(long n)
{
	for (long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		reap(pid);
	}
	return n;
}

static void *nothing(void *argument)
{
	return argument;
}

static long by_pthread(long n)
{
	for (long i = 0; i < n; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, nothing, NULL) != 0)
			measure_fail("pthread_create");
		pthread_join(thread, NULL);
	}
	return n;
}

int main(int argc, char **argv)
{
	const char *which = argc > 1 ? argv[1] : "";

	program[0] = argc > 2 ? argv[2] : NULL;
	if (!strcmp(which, "spawn"))
		measure(by_spawn);
	else if (!strcmp(which, "vfork"))
		measure(by_vfork);
	else if (!strcmp(which, "fork"))
		measure(by_fork);
	else
		measure(by_pthread);
	return 0;
}
