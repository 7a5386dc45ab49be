/* System calls on memory. */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/file.h"
#include "kernel/proc.h"
#include "kernel/syscall.h"

#define USER_LIMIT (1ul << 47)
#define PROT_ALL (PROT_READ | PROT_WRITE | PROT_EXEC)

static size_t pages(uint64_t length)
{
	return (length + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

static struct vm *own(void)
{
	return &current_proc()->vm;
}

/* The gate's two pages are in every address space, and not its owner's to change. */
static bool touches_gate(uintptr_t start, size_t length)
{
	uintptr_t gate = own()->space.trampoline;

	return start < gate + 2 * PAGE_SIZE && start + length > gate;
}

static bool bad_range(uint64_t start, uint64_t length)
{
	return start % PAGE_SIZE || length > USER_LIMIT || start > USER_LIMIT - pages(length);
}

/* Reading is implied by the others: hardware has no execute-only pages without a key of their own. */
static int protection(uint64_t prot)
{
	int p = (int)(prot & PROT_ALL);

	return p ? p | PROT_READ : PROT_NONE;
}

long sys_brk(const uint64_t *a)
{
	struct vm *vm = own();
	uintptr_t old = pages(vm->brk), new = pages(a[0]);

	if (a[0] < vm->brk_start || a[0] > vm->stack_low)
		return (long)vm->brk;
	if (new > old && (!vm_is_free(vm, old, new - old + PAGE_SIZE) ||
			  vm_map(vm, old, new - old, PROT_READ | PROT_WRITE, false) != 0))
		return (long)vm->brk;
	if (new < old && vm_unmap(vm, new, old - new) != 0)
		return (long)vm->brk;
	vm->brk = a[0];
	return (long)vm->brk;
}

/* Where a mapping goes: as demanded, as wished, or anywhere. -errno on failure. */
static long choose_address(uint64_t wish, size_t length, uint64_t flags)
{
	struct vm *vm = own();
	uintptr_t gap;

	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) {
		if (wish % PAGE_SIZE)
			return -EINVAL;
		if (bad_range(wish, length) || !vm_may_hold(vm, wish, length))
			return -ENOMEM;
		if (vm_is_free(vm, wish, length))
			return (long)wish;
		if (flags & MAP_FIXED_NOREPLACE)
			return -EEXIST;
		return vm_unmap(vm, wish, length) == 0 ? (long)wish : -ENOMEM;
	}
	if (wish && wish % PAGE_SIZE == 0 && !bad_range(wish, length) && vm_may_hold(vm, wish, length) &&
	    vm_is_free(vm, wish, length))
		return (long)wish;
	gap = vm_find_gap(vm, length);
	return gap ? (long)gap : -ENOMEM;
}

long sys_mmap(const uint64_t *a)
{
	uint64_t flags = a[3], kind = flags & MAP_TYPE;
	size_t length = pages(a[1]);
	long at;
	int error;

	if (a[5] % PAGE_SIZE || a[1] == 0)
		return -EINVAL;
	if (length == 0 || length > USER_LIMIT)
		return -ENOMEM;
	if (!(flags & MAP_ANONYMOUS) && !file_get((int)a[4]))
		return -EBADF;
	if (kind != MAP_PRIVATE && kind != MAP_SHARED && kind != MAP_SHARED_VALIDATE)
		return -EINVAL;
	if (!(flags & MAP_ANONYMOUS))
		return -ENODEV; /* what is open yet cannot be mapped */
	at = choose_address(a[0], length, flags);
	if (at < 0)
		return at;
	error = vm_map(own(), (uintptr_t)at, length, protection(a[2]), flags & MAP_NORESERVE);
	return error ? error : at;
}

long sys_munmap(const uint64_t *a)
{
	if (a[1] == 0 || bad_range(a[0], a[1]))
		return -EINVAL;
	if (touches_gate(a[0], pages(a[1])))
		return -EPERM;
	return vm_unmap(own(), a[0], pages(a[1]));
}

long sys_mprotect(const uint64_t *a)
{
	if (a[0] % PAGE_SIZE || a[2] & ~(uint64_t)PROT_ALL)
		return -EINVAL;
	if (a[1] == 0)
		return 0;
	if (bad_range(a[0], a[1]))
		return -ENOMEM;
	if (touches_gate(a[0], pages(a[1])))
		return -EPERM;
	return vm_protect(own(), a[0], pages(a[1]), protection(a[2]));
}

/* Moves by copying: a page's place in memory follows from its address. */
static long move(const struct area *a, uintptr_t old, size_t old_length, uintptr_t new, size_t new_length)
{
	struct vm *vm = own();
	phys_t from = a->phys + (old - a->start);
	const struct area *b;
	int error = vm_map(vm, new, new_length, a->prot, a->uncharged);

	if (error)
		return error;
	b = vm_area_at(vm, new);
	phys_copy(b->phys + (new - b->start), from, old_length < new_length ? old_length : new_length);
	error = vm_unmap(vm, old, old_length);
	return error ? error : (long)new;
}

long sys_mremap(const uint64_t *a)
{
	struct vm *vm = own();
	uintptr_t old = a[0];
	size_t from = pages(a[1]), to = pages(a[2]);
	const struct area *area;
	uintptr_t gap;

	if (old % PAGE_SIZE || a[3] & ~(uint64_t)MREMAP_MAYMOVE || to == 0 || from == 0)
		return -EINVAL;
	if (bad_range(old, a[1]) || touches_gate(old, from))
		return -EFAULT;
	area = vm_area_at(vm, old);
	if (!area || area->end - old < from)
		return -EFAULT;
	if (to <= from)
		return to == from || vm_unmap(vm, old + to, from - to) == 0 ? (long)old : -ENOMEM;
	if (to < USER_LIMIT && vm_may_hold(vm, old, to) && vm_is_free(vm, old + from, to - from))
		return vm_map(vm, old + from, to - from, area->prot, area->uncharged) == 0 ? (long)old : -ENOMEM;
	gap = to < USER_LIMIT && a[3] & MREMAP_MAYMOVE ? vm_find_gap(vm, to) : 0;
	return gap ? move(&(struct area){ area->start, area->end, area->phys, area->prot, area->uncharged }, old,
			  from, gap, to)
		   : -ENOMEM;
}

long sys_madvise(const uint64_t *a)
{
	if (a[0] % PAGE_SIZE || bad_range(a[0], a[1]))
		return -EINVAL;
	if (a[1] == 0)
		return 0;
	switch ((int)a[2]) {
	case MADV_DONTNEED:
	case MADV_FREE:
		return touches_gate(a[0], pages(a[1])) ? -EPERM : vm_discard(own(), a[0], pages(a[1]));
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_DONTFORK:
	case MADV_DOFORK:
		return 0; /* advice: nothing to do for it */
	default:
		return -EINVAL;
	}
}

long sys_arch_prctl(const uint64_t *a)
{
	struct frame *f = current->context.frame;
	uint64_t gs;

	switch ((int)a[0]) {
	case ARCH_SET_FS:
		if (a[1] >= USER_LIMIT)
			return -EPERM;
		f->fs = a[1];
		return 0;
	case ARCH_GET_FS:
		return copy_out(a[1], &f->fs, sizeof f->fs);
	case ARCH_SET_GS:
		if (a[1] >= USER_LIMIT)
			return -EPERM;
		cpu_set_gs(a[1]);
		return 0;
	case ARCH_GET_GS:
		gs = cpu_gs();
		return copy_out(a[1], &gs, sizeof gs);
	default:
		return -EINVAL; /* AMX permission included: signal frames would not fit */
	}
}
