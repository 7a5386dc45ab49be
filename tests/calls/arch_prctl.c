/* calls: arch_prctl */
#include <asm/prctl.h>

#include "say.h"

int main(void)
{
	unsigned long fs = 0, again = 0, gs = 77;
	char *edge = edge_pages();

	CALL(arch_prctl, ARCH_GET_FS, &fs);
	say("fs is where the thread is: %d\n", *(unsigned long *)fs == fs);
	CALL(arch_prctl, ARCH_SET_FS, fs);
	CALL(arch_prctl, ARCH_GET_FS, &again);
	say("the same: %d\n", fs == again);
	CALL(arch_prctl, ARCH_GET_FS, 0);
	CALL(arch_prctl, ARCH_GET_FS, BAD);
	CALL(arch_prctl, ARCH_GET_FS, KERNEL_HALF);
	CALL(arch_prctl, ARCH_GET_FS, edge + READABLE);
	CALL(arch_prctl, ARCH_SET_FS, KERNEL_HALF);
	CALL(arch_prctl, ARCH_SET_FS, -1l);
	CALL(arch_prctl, ARCH_SET_FS, 0x7ffffffff000l + PAGE);
	CALL(arch_prctl, ARCH_GET_FS, &again);
	say("the same: %d\n", fs == again);
	CALL(arch_prctl, ARCH_GET_GS, &gs);
	say("gs %#lx\n", gs);
	CALL(arch_prctl, ARCH_SET_GS, &gs);
	CALL(arch_prctl, ARCH_GET_GS, &again);
	say("gs is set: %d\n", again == (unsigned long)&gs);
	CALL(arch_prctl, ARCH_SET_GS, -1l);
	CALL(arch_prctl, 0x7777, 0);
	CALL(arch_prctl, 0, 0);
	CALL(arch_prctl, -1l, BAD);
	return 0;
}
