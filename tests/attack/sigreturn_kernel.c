/* none: succeeds: secret; keys: contained; full: contained */
#include "sigreturn.h"

/* By the instructions with which uos goes back to the kernel that a signal has interrupted: syscall, and behind it ud2. */
int main(void)
{
	forge();
	__asm__ volatile("mov %0, %%rsp\n\tmov %2, %%eax\n\tjmp *%1"
			 : : "r"((char *)&forged.context), "r"(at("signal_in_end") - 4), "i"(SYS_rt_sigreturn) : "rax", "memory");
	return 0;
}
