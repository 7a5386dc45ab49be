/*
 * wildjump OFFSET EAX [STACK [FLAGS]]: jumps OFFSET bytes past the gate's first instruction with this value in eax, rsp as STACK
 * says (own; buffer: where zeros are, as rdi is, which load every register as at reset; else a number), and these flags set. If
 * that leads back here for the third time, it exits with 3: once may be a timer interrupt, by which who is on the way out starts
 * over where he last left the kernel. That is behind alarm(): nothing is computed after it. It can be the jump itself, and so
 * on for ever: then the alarm ends it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uos/gate.h>

static volatile int jumped;
static volatile uint64_t eax;
static uint8_t zeros[8192] __attribute__((aligned(4096)));

int main(int argc, char **argv)
{
	static struct { uint64_t rip, cs, flags, rsp, ss; } target;
	const char *stack = argc > 3 ? argv[3] : "own";
	uintptr_t gate = getauxval(AT_SYSINFO);

	if (argc < 3 || !gate)
		return 2;
	target.rip = gate + strtoul(argv[1], NULL, 0);
	target.rsp = !strcmp(stack, "own") ? (uintptr_t)__builtin_frame_address(0) - 4096
		     : !strcmp(stack, "buffer") ? (uintptr_t)zeros + 4096 : strtoul(stack, NULL, 0);
	__asm__ volatile("mov %%cs, %0; mov %%ss, %1" : "=r"(target.cs), "=r"(target.ss));
	__asm__ volatile("pushfq; pop %0" : "=r"(target.flags));
	target.flags |= argc > 4 ? strtoul(argv[4], NULL, 0) : 0;
	eax = strtoul(argv[2], NULL, 0);
	alarm(3);
	if (jumped++ == 2)
		return 3;
	/* An iretq: a trap flag that it sets stops nothing before the instruction that is jumped to. */
	__asm__ volatile("mov %0, %%rsp; mov %1, %%rdi; mov %%rdi, %%r8; mov %%rdi, %%r9; xor %%edx, %%edx; iretq"
			 : : "r"(&target), "r"(zeros + 4096), "a"(eax), "c"(0) : "memory");
	return 4;
}
