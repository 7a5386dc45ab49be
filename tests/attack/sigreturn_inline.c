/* none: succeeds: secret; keys: ends "read of kernel memory"; full: ends "read of kernel memory" */
#include "sigreturn.h"

int main(void)
{
	forge();
	__asm__ volatile("mov %0, %%rsp\n\tmov %1, %%eax\n\tsyscall" : : "r"(&forged.context), "i"(SYS_rt_sigreturn) : "memory");
	return 0;
}
