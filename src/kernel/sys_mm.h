/* What the calls on memory share. */
#ifndef UOS_KERNEL_SYS_MM_H
#define UOS_KERNEL_SYS_MM_H

#include <sys/mman.h>

#include "kernel/proc.h"

#define USER_LIMIT (1ul << 47)
#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)

static inline size_t pages(uint64_t length)
{
	return (length + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

static inline struct vm *own(void)
{
	return current_proc()->vm;
}

/* The gate's scratch page is in every address space, and not its owner's to change; nor are slots. */
static inline bool touches_gate(uintptr_t start, size_t length)
{
	const struct vm *vm = own();
	uintptr_t scratch = vm->space.scratch_at;

	for (int i = vm_index(vm, start); i < vm->count && vm->areas[i].start < start + length; i++)
		if (vm->areas[i].flags & AREA_SLOTS)
			return true;
	return start < scratch + PAGE_SIZE && start + length > scratch;
}

static inline bool bad_range(uint64_t start, uint64_t length)
{
	return start % PAGE_SIZE || length > USER_LIMIT || start > USER_LIMIT - pages(length);
}

/* Reading is implied by the others: hardware has no execute-only pages without a key of their own. */
static inline int protection(uint64_t prot)
{
	int p = (int)(prot & PROT_ALL);

	return p ? p | PROT_READ : PROT_NONE;
}

#endif
