/*
 * stepped: sets its own trap flag, then makes a system call. The kernel returns with the flag set (by iretq), one more
 * instruction runs, and SIGTRAP ends it; if that instruction were not the next one, or a register wrong, it exits 1.
 */
#include <sys/syscall.h>

int main(void)
{
	long result;

	__asm__ volatile("mov $0x1234567890, %%rbx\n\t"
			 "pushfq\n\t"
			 "orl $0x100, (%%rsp)\n\t"
			 "popfq\n\t"
			 "syscall\n\t"
			 "nop\n\t"
			 : "=a"(result)
			 : "a"(SYS_getuid)
			 : "rbx", "rcx", "r11", "memory", "cc");
	return 1;
}
