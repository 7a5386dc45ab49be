/*
 * Returns from signals that never came: forge N forks N children, each of which makes up a frame, more or less like a true
 * one, and calls rt_sigreturn with it. Whatever becomes of them, the parent counts them all.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define STATE 4096 /* at least the vector state's size */

static uint64_t seed;
static char true_state[STATE], true_context[sizeof(ucontext_t)];
static struct { uint64_t restorer; char context[1024]; } frame __attribute__((aligned(16)));
static char state[STATE] __attribute__((aligned(64)));
static char stack[65536];

static uint64_t any(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

static void keep(int signal, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	(void)signal, (void)info;
	memcpy(true_context, u, 304);
	memcpy(true_state, u->uc_mcontext.fpregs, 2696);
}

static void spoil(char *bytes, size_t n, unsigned times)
{
	static const uint64_t odd[] = { 0, ~0ul, 0x8000000000000000, 0x7fffffffffff, 0x800000000000, 0xffffffff80000000, 1, 0x10 };

	while (times--) {
		uint64_t word = any() % 2 ? any() : odd[any() % 8];

		memcpy(bytes + any() % (n - 8), &word, any() % 8 + 1);
	}
}

static void child(void)
{
	ucontext_t *u = (void *)frame.context;

	memcpy(frame.context, true_context, 304);
	memcpy(state, true_state, sizeof state);
	u->uc_mcontext.fpregs = (void *)state;
	u->uc_mcontext.gregs[REG_RIP] = (greg_t)_exit;
	u->uc_mcontext.gregs[REG_RDI] = 0;
	u->uc_mcontext.gregs[REG_RSP] = (greg_t)(stack + sizeof stack - 8);
	if (any() % 2)
		spoil(state, 640, (unsigned)(any() % 6));
	if (any() % 2)
		spoil(state + 512, 64, (unsigned)(any() % 3));
	if (any() % 3 == 0)
		spoil(frame.context, 304, (unsigned)(any() % 6));
	alarm(2);
	__asm__ volatile("mov %0, %%rsp; mov %1, %%eax; syscall" : : "r"(frame.context), "i"(SYS_rt_sigreturn) : "memory");
	_exit(9);
}

int main(int argc, char **argv)
{
	struct sigaction a = { .sa_sigaction = keep, .sa_flags = SA_SIGINFO };
	int n = argc > 1 ? atoi(argv[1]) : 100, exited = 0, killed = 0, status;

	sigaction(SIGUSR1, &a, NULL);
	raise(SIGUSR1);
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		seed = (uint64_t)(i + 1) * 0x9e3779b97f4a7c15;
		if (pid == 0)
			child();
		while (waitpid(pid, &status, 0) != pid)
			;
		exited += WIFEXITED(status);
		killed += WIFSIGNALED(status);
	}
	dprintf(1, "%d of %d\n", exited + killed, n);
	dprintf(2, "exited %d, killed %d\n", exited, killed);
	return 0;
}
