/* calls: sigaltstack */
#include "say.h"

static char stack[65536];

static void set(void *at, int flags, size_t size)
{
	stack_t new = {.ss_sp = at, .ss_flags = flags, .ss_size = size}, old = {.ss_sp = BAD, .ss_flags = 77, .ss_size = 77};

	told("sigaltstack flags %#x size %zu", syscall(SYS_sigaltstack, &new, &old), flags, size);
	say("was %s flags %#x size %zu\n", old.ss_sp == stack ? "stack" : old.ss_sp == NULL ? "none" : "another", old.ss_flags, old.ss_size);
}

int main(void)
{
	char *edge = edge_pages();

	set(stack, 0, sizeof stack);
	set(stack, 0, 100);
	set(stack, 0, 2047);
	set(stack, SS_DISABLE, 5);
	set(stack, 0, sizeof stack);
	set(stack, SS_ONSTACK, sizeof stack);
	set(stack, 4, sizeof stack);
	set(stack, (int)(1u << 31), sizeof stack);	/* SS_AUTODISARM */
	set(NULL, SS_DISABLE, 0);
	set(NULL, 0, 0);
	set(BAD, 0, sizeof stack);	/* nobody looks before it is needed */
	set(stack, SS_DISABLE, 0);
	CALL(sigaltstack, 0, 0);
	CALL(sigaltstack, BAD, 0);
	CALL(sigaltstack, 0, BAD);
	CALL(sigaltstack, KERNEL_HALF, 0);
	CALL(sigaltstack, edge + GUARD - 8, 0);
	CALL(sigaltstack, 0, edge + READABLE);
	return 0;
}
