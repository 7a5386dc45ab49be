/*
 * wildjump OFFSET EAX: jumps OFFSET bytes past the gate's first instruction, which it finds in the trampoline, with this
 * value in eax. If that leads back here, it exits with 3.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uos/gate.h>

static volatile int jumped;

int main(int argc, char **argv)
{
	const unsigned char *trampoline = (const unsigned char *)getauxval(AT_SYSINFO);
	uintptr_t to = 0;

	if (argc < 3 || !trampoline)
		return 2;
	for (int i = 0; i < 48 && !to; i++)
		if (trampoline[i] == 0x49 && trampoline[i + 1] == 0xbb) /* movabs $gate, %r11 */
			memcpy(&to, trampoline + i + 2, sizeof to);
	to += strtoul(argv[1], NULL, 0);
	if (jumped++)
		return 3;
	__asm__ volatile("jmp *%0" : : "r"(to), "a"(strtoul(argv[2], NULL, 0)), "c"(0), "d"(0) : "memory");
	return 4;
}
