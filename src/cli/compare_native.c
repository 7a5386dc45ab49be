/*
 * The book's direct execution, without limits of ours: the programs as
 * processes of Linux on one CPU, with Linux's own figures.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/compare.h"
#include "cli/host.h"
#include "cli/run.h"

/* What Linux says of a task: ns on the CPU, and waiting for it. */
static void schedstat(pid_t pid, uint64_t *run, uint64_t *wait)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/schedstat", pid);
	*run = *wait = 0;
	f = fopen(path, "re");
	if (!f || fscanf(f, "%lu %lu", run, wait) != 2)
		err(STATUS_USAGE, "%s", path);
	fclose(f);
}

/* Adds what the process has used so far, or subtracts it (times is -1): numbers are modulo 2^64. */
static void add_rusage(struct usage *u, const struct rusage *r, uint64_t times)
{
	u->user += times * ((uint64_t)r->ru_utime.tv_sec * 1000000000u + (uint64_t)r->ru_utime.tv_usec * 1000u);
	u->kernel += times * ((uint64_t)r->ru_stime.tv_sec * 1000000000u + (uint64_t)r->ru_stime.tv_usec * 1000u);
	u->voluntary += times * (uint64_t)r->ru_nvcsw;
	u->involuntary += times * (uint64_t)r->ru_nivcsw;
}

static _Noreturn void program(const struct program *p, const struct options *o, struct usage *u, const int *ready, const int *gate)
{
	char *path = o->cwd ? realpath(p->path, NULL) : NULL, **environment = run_environment(o), byte = 0;
	struct rusage so_far;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(gate[1]);
	if (o->cwd && chdir(o->cwd) != 0)
		_exit(STATUS_USAGE);
	if (write(ready[1], &byte, 1) != 1 || read(gate[0], &byte, 1) != 0)
		_exit(STATUS_USAGE);
	u->first_run = monotonic_ns();
	getrusage(RUSAGE_SELF, &so_far);
	add_rusage(u, &so_far, -1ul);
	execve(path ? path : p->path, p->argv, environment);
	warn("%s", p->path);
	_exit(errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_LOADABLE);
}

/* Waits for one of them to end; its figures up to there, by Linux's own count. */
static void await(const pid_t *pid, struct report *to)
{
	siginfo_t info;
	struct rusage used;
	uint64_t run, wait;
	int i = 0, status;

	if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) != 0)
		err(STATUS_USAGE, "uos: compare: waitid");
	while (pid[i] != info.si_pid)
		i++;

	struct outcome *o = &to->outcomes[i];

	o->usage.completion = monotonic_ns();
	schedstat(pid[i], &run, &wait);
	o->usage.run += run;
	o->usage.wait += wait;
	wait4(pid[i], &status, 0, &used);
	add_rusage(&o->usage, &used, 1);
	o->ended = true;
	o->status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	o->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	to->machine.user += o->usage.user;
	to->machine.kernel += o->usage.kernel;
	to->machine.switches += o->usage.voluntary + o->usage.involuntary;
	to->machine.switches_by_timer += o->usage.involuntary;
}

/* They wait at a gate until all are there, and it opens for all at once. This process leaves their CPU to them. */
void native_run(const struct comparison *c, struct report *to)
{
	int ready[2], gate[2], programs = c->programs;
	pid_t pid[programs];
	cpu_set_t all;
	char byte;

	if (pipe2(ready, O_CLOEXEC) != 0 || pipe2(gate, O_CLOEXEC) != 0 || sched_getaffinity(0, sizeof all, &all) != 0 || host_pin() < 0)
		err(STATUS_USAGE, "uos: compare");
	for (int i = 0; i < programs; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			program(&c->jobs[i].program, c->options, &to->outcomes[i].usage, ready, gate);
		if (pid[i] < 0)
			err(STATUS_USAGE, "uos: compare: fork");
	}
	sched_setaffinity(0, sizeof all, &all);
	close(ready[1]);
	for (int i = 0; i < programs; i++)
		if (read(ready[0], &byte, 1) != 1)
			errx(STATUS_USAGE, "compare: a program died before it began");
	for (int i = 0; i < programs; i++) {
		struct usage *u = &to->outcomes[i].usage;

		schedstat(pid[i], &u->run, &u->wait);
		u->run = -u->run; /* its end adds what it will be then */
		u->wait = -u->wait;
	}

	uint64_t opened = monotonic_ns();

	for (int i = 0; i < programs; i++)
		to->outcomes[i].usage.arrival = opened;
	close(gate[1]);
	for (int i = 0; i < programs; i++)
		await(pid, to);
	to->complete = true;
	exit(0);
}
