/*
 * Protection level full: what may be executed. No bytes that set PKRU
 * (machine/scan.h) are ever executable in a guest's address space, wherever
 * they came from. So an area that its program may execute (PROT_EXEC) is shown
 * without that right until somebody jumps there. Then it is looked at, the
 * borders to what is executable beside it included, and is AREA_CODE from then
 * on: shown executable and not writable, whatever its program may do with it.
 * Whoever writes there, himself or through the kernel, makes that page writable
 * again and not executable (W^X): compilers at run time find it as on Linux.
 *
 * What is behind AREA_CODE nobody else can write to: private memory, or the
 * copy of a file (sites.h). Shared memory may not be executable at all.
 */
#ifndef UOS_KERNEL_CODE_H
#define UOS_KERNEL_CODE_H

#include <sys/mman.h>

#include "kernel/vm.h"

static inline bool code_is_checked(void)
{
	return machine_info.protect == PROTECT_FULL;
}

/* May something be mapped so? At this level not what is shared, for others write there. */
static inline bool code_may_be(int prot, unsigned flags)
{
	return !code_is_checked() || !(prot & PROT_EXEC) || !(flags & AREA_SHARED);
}

/* A private mapping of a file is there, and may be executed: what there is code of the file shows a copy now. */
void code_mapped(struct vm *vm, uintptr_t start);
/* AREA_CODE, if it is known of an area that is about to be shown that all of it may be executed: a file's copy. Else 0. */
unsigned code_flag(const struct vm *vm, const struct area *a);
/* Somebody jumps there. False: it may not be executed, or is already. `wrong`: why not, or "". */
#define CODE_WRONG 256
bool code_fetch_fault(struct vm *vm, uintptr_t va, char wrong[CODE_WRONG]);
/* What is in [start, end) is about to change: none of it is AREA_CODE then. 0 or -errno. */
int code_open(struct vm *vm, uintptr_t start, uintptr_t end);

#endif
