/*
 * wildjump OFFSET EAX [STACK [FLAGS]]: jumps OFFSET bytes past the gate's first instruction with this value in eax, rsp as STACK
 * says (own; buffer: where zeros are, as rdi is, which load every register as at reset; else a number), and these flags set. If
 * that leads back here, it exits with 3. It can lead to the jump itself, if that is where it last left the kernel, and so on for
 * ever: then an alarm ends it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uos/gate.h>

static volatile int jumped;
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
	alarm(3);
	if (jumped++)
		return 3;
	/* An iretq: a trap flag that it sets stops nothing before the instruction that is jumped to. */
	__asm__ volatile("mov %0, %%rsp; mov %1, %%rdi; mov %%rdi, %%r8; mov %%rdi, %%r9; xor %%edx, %%edx; iretq"
			 : : "r"(&target), "r"(zeros + 4096), "a"(strtoul(argv[2], NULL, 0)), "c"(0) : "memory");
	return 4;
}
