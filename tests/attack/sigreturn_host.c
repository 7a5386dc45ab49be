/* none: succeeds: secret; keys: ends "read of kernel memory"; full: ends "read of kernel memory" */
#include "sigreturn.h"

/* By the instructions with which the host's C library leaves its signal handlers. */
int main(void)
{
	forge();
	__asm__ volatile("mov %0, %%rsp\n\tjmp *%1" : : "r"(&forged.context), "r"(at("libc_restorer")) : "memory");
	return 0;
}
