/* Enters the kernel in every way with the stack pointer somewhere: by the gate, by a signal, by an interrupt, by a fault. */
#ifndef STACKS_H
#define STACKS_H

#include <time.h>
#include <uos/gate.h>

#include "attack.h"

#define STEPS 20000000 /* several quanta of 1 ms */

static char handlers_stack[65536];

static void go_on(int signal, siginfo_t *info, void *context)
{
	greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)signal, (void)info;
	r[REG_RIP] += 2; /* ud2 */
}

static void enter_with(uintptr_t sp)
{
	stack_t stack = { .ss_sp = handlers_stack, .ss_size = sizeof handlers_stack };
	struct sigaction action = { .sa_sigaction = go_on, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	uint64_t pid = 0, same = 0;

	sigaltstack(&stack, NULL);
	sigaction(SIGILL, &action, NULL);
	uos_gate_init();
	__asm__ volatile("mov %%rsp, %%r12\n\tmov %[sp], %%rsp\n\t"
			 "lea 1f(%%rip), %%rcx\n\tmov %[getpid], %%eax\n\tjmp *%[gate]\n1:\tmov %%rax, %[pid]\n\t"
			 "mov %[getpid], %%eax\n\tsyscall\n\tmov %[steps], %%ecx\n2:\tloop 2b\n\tud2\n\t"
			 "xor %[same], %[same]\n\tcmp %[sp], %%rsp\n\tsete %b[same]\n\tmov %%r12, %%rsp"
			 : [pid] "=&r"(pid), [same] "=&r"(same)
			 : [sp] "r"(sp), [gate] "r"(uos_gate_address), [getpid] "i"(SYS_getpid), [steps] "i"(STEPS)
			 : "rax", "rcx", "r11", "r12", "memory", "cc");
	say("%s: entered and left\n", pid == (uint64_t)getpid() && same ? "well" : "NOT WELL");
	raw(SYS_nanosleep, (long)&(struct timespec){ 0, 1000000 }, 0, 0, 0, 0, 0);
}

/* And pushes there. */
static void push_with(uintptr_t sp)
{
	__asm__ volatile("mov %0, %%rsp\n\tpush $0" : : "r"(sp) : "memory");
}

#endif
