/*
 * wildjump OFFSET EAX: jumps OFFSET bytes past the gate's first instruction with this value in eax. If that leads back here, it exits with 3.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uos/gate.h>

static volatile int jumped;

int main(int argc, char **argv)
{
	uintptr_t to = getauxval(AT_SYSINFO);

	if (argc < 3 || !to)
		return 2;
	to += strtoul(argv[1], NULL, 0);
	if (jumped++)
		return 3;
	__asm__ volatile("jmp *%0" : : "r"(to), "a"(strtoul(argv[2], NULL, 0)), "c"(0), "d"(0) : "memory");
	return 4;
}
