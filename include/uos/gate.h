/*
 * System calls by uos's gate: a jump instead of the `syscall` instruction.
 * The same binary runs on plain Linux, where there is no gate and `syscall`
 * is used. Numbers, arguments and results are Linux's either way (syscall(2));
 * errors come as -errno, and `errno` is not touched.
 *
 * The gate's address is the auxiliary vector's AT_SYSINFO. It is entered by a
 * jump with the return address in rcx; rcx and r11 are lost, as by `syscall`;
 * all else survives, the red zone below the stack pointer included.
 */
#ifndef UOS_GATE_H
#define UOS_GATE_H

#include <sys/auxv.h>

#ifndef AT_SYSINFO
#define AT_SYSINFO 32
#endif

static unsigned long uos_gate_address; /* 0: not on uos, or uos_gate_init was not called */

/* Finds the gate. Call once, before uos_syscall6. */
static inline void uos_gate_init(void)
{
	uos_gate_address = getauxval(AT_SYSINFO);
}

static inline long uos_syscall6(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	if (uos_gate_address)
		__asm__ volatile("lea 1f(%%rip), %%rcx\n\tjmp *%[gate]\n1:"
				 : "=a"(result)
				 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9),
				   [gate] "r"(uos_gate_address)
				 : "rcx", "r11", "memory");
	else
		__asm__ volatile("syscall"
				 : "=a"(result)
				 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
				 : "rcx", "r11", "memory");
	return result;
}

#endif
