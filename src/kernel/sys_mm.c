/* System calls on memory that is mapped. */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <errno.h>
#include <string.h>

#include "kernel/disk_wait.h"
#include "kernel/mapped.h"
#include "kernel/sys_mm.h"
#include "kernel/syscall.h"
#include "machine/mapping.h"

#define PROT_SEM 8 /* the C library has no name for it; it means nothing here, as on Linux */
#define PAGES_AT_ONCE 1024u /* of mincore */

long sys_brk(const uint64_t *a)
{
	struct vm *vm = own();
	uintptr_t old = pages(vm->brk), new = pages(a[0]);

	if (a[0] < vm->brk_start || a[0] > vm->stack_low)
		return (long)vm->brk;
	if (new > old && (!vm_is_free(vm, old, new - old + PAGE_SIZE) ||
			  vm_map(vm, old, new - old, PROT_READ | PROT_WRITE, 0) != 0))
		return (long)vm->brk;
	if (new < old && (touches_gate(new, old - new) || vm_unmap(vm, new, old - new) != 0))
		return (long)vm->brk;
	vm->brk = a[0];
	return (long)vm->brk;
}

long sys_munmap(const uint64_t *a)
{
	if (a[1] == 0 || bad_range(a[0], a[1]))
		return -EINVAL;
	if (touches_gate(a[0], pages(a[1])))
		return -EPERM;
	return vm_unmap(own(), a[0], pages(a[1]));
}

/* PROT_GROWSDOWN: from the stack's lowest page on, wherever that is. */
static uintptr_t stack_begins(uintptr_t in_it)
{
	const struct area *a = vm_area_at(own(), in_it);

	if (!a || in_it < own()->stack_low || in_it >= own()->stack_top)
		return 0;
	return a->start > own()->stack_low ? a->start : own()->stack_low;
}

long sys_mprotect(const uint64_t *a)
{
	uint64_t start = a[0], end = a[0] + pages(a[1]);

	if (start % PAGE_SIZE || (a[2] & PROT_GROWSDOWN && a[2] & PROT_GROWSUP))
		return -EINVAL;
	if (a[1] == 0)
		return 0;
	if (bad_range(start, a[1]))
		return -ENOMEM;
	if (a[2] & ~(uint64_t)(PROT_ALL | PROT_SEM | PROT_GROWSDOWN | PROT_GROWSUP))
		return -EINVAL;
	if (a[2] & (PROT_GROWSDOWN | PROT_GROWSUP))
		start = a[2] & PROT_GROWSDOWN ? stack_begins(start) : 0;
	if (!start)
		return -EINVAL;
	if (touches_gate(start, end - start))
		return -EPERM;
	return vm_protect(own(), start, end - start, protection(a[2]));
}

/* MADV_FREE is for private memory alone. */
static bool all_private(uintptr_t start, uintptr_t end)
{
	const struct vm *vm = own();

	for (int i = vm_index(vm, start); i < vm->count && vm->areas[i].start < end; i++)
		if (vm->areas[i].file || vm->areas[i].flags & AREA_SHARED)
			return false;
	return true;
}

static long advise(uintptr_t start, size_t length, int advice)
{
	switch (advice) {
	case MADV_FREE:
		if (!all_private(start, start + length))
			return -EINVAL;
		/* fall through */
	case MADV_DONTNEED:
		return touches_gate(start, length) ? -EPERM : vm_discard(own(), start, length);
	default: /* nothing to do for it */
		return vm_is_covered(own(), start, length) ? 0 : -ENOMEM;
	}
}

long sys_madvise(const uint64_t *a)
{
	switch ((int)a[2]) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_DONTNEED:
	case MADV_FREE:
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		break;
	default:
		return -EINVAL;
	}
	if (a[0] % PAGE_SIZE || pages(a[1]) < a[1] || a[0] + pages(a[1]) < a[0])
		return -EINVAL;
	if (bad_range(a[0], a[1]))
		return -ENOMEM;
	return a[1] == 0 ? 0 : advise(a[0], pages(a[1]), (int)a[2]);
}

/* What is written to a shared file is the host's at once, but perhaps not yet on its disk. */
/* What was written to shared mappings of files reaches the disk, and others run meanwhile: areas may change. */
static int sync_areas(const struct vm *vm, uintptr_t start, uintptr_t end)
{
	int error = 0;

	for (uintptr_t at = start; at < end && !error;) {
		int i = vm_index(vm, at);
		struct mapped *file;

		if (i == vm->count || vm->areas[i].start >= end)
			break;
		at = vm->areas[i].end;
		file = vm->areas[i].file;
		if (!file || !(vm->areas[i].flags & AREA_SHARED))
			continue;
		mapped_hold(file);
		error = disk_wait_sync(file->host, true);
		mapped_release(file);
	}
	return error;
}

long sys_msync(const uint64_t *a)
{
	const struct vm *vm = own();
	uintptr_t start = a[0], end = start + pages(a[1]);
	uint64_t flags = a[2];
	int error;

	if (flags & ~(uint64_t)(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || start % PAGE_SIZE ||
	    (flags & MS_ASYNC && flags & MS_SYNC))
		return -EINVAL;
	if (bad_range(start, a[1]))
		return -ENOMEM;
	error = flags & MS_SYNC ? sync_areas(vm, start, end) : 0;
	if (error)
		return error;
	return vm_is_covered(vm, start, end - start) ? 0 : -ENOMEM;
}

long sys_mincore(const uint64_t *a)
{
	uint8_t present[PAGES_AT_ONCE];
	size_t count = pages(a[1]) / PAGE_SIZE;

	if (a[0] % PAGE_SIZE)
		return -EINVAL;
	if (bad_range(a[0], a[1]) || !vm_is_covered(own(), a[0], pages(a[1])))
		return -ENOMEM;
	for (size_t done = 0, n; done < count; done += n) {
		n = count - done < PAGES_AT_ONCE ? count - done : PAGES_AT_ONCE;
		if (mmu_in_memory(a[0] + done * PAGE_SIZE, n * PAGE_SIZE, present) != 0)
			return -ENOMEM;
		if (copy_out(a[2] + done, present, n) != 0)
			return -EFAULT;
	}
	return 0;
}

/* Nothing is locked, and nothing has to be: what pages the host takes away is its own affair. */
static long lock(uint64_t start, uint64_t length)
{
	uint64_t from = start & ~(PAGE_SIZE - 1), bytes = pages(length + (start - from));

	if (from + bytes < from)
		return -EINVAL;
	if (bytes == 0)
		return 0;
	return !bad_range(from, bytes) && vm_is_covered(own(), from, bytes) ? 0 : -ENOMEM;
}

long sys_mlock(const uint64_t *a)
{
	return lock(a[0], a[1]);
}

long sys_mlock2(const uint64_t *a)
{
	return a[2] & ~(uint64_t)MLOCK_ONFAULT ? -EINVAL : lock(a[0], a[1]);
}

long sys_munlock(const uint64_t *a)
{
	return lock(a[0], a[1]);
}

long sys_mlockall(const uint64_t *a)
{
	int flags = (int)a[0];

	return !flags || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || flags == MCL_ONFAULT ? -EINVAL : 0;
}

long sys_munlockall(const uint64_t *a)
{
	(void)a;
	return 0;
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
