/*
 * Copy-on-write: private memory that fork(2) left to two. Whoever writes first
 * gets a block of his own, beside the blocks before and behind it where it can
 * be, so that they are one area and one mapping of the host.
 */
#include <errno.h>

#include "kernel/area.h"
#include "kernel/code.h"
#include "kernel/frames.h"
#include "kernel/futex.h"

#define BLOCK_PAGES 16ul       /* copied at once: a fault costs as much as copying ten pages */
#define AREAS_PER_DOUBLING 64  /* who writes here and there gets larger blocks, and never too many mappings */

/* Nobody else uses any page of it. */
static bool is_alone(phys_t at, size_t length)
{
	phys_t end = at + length, start;

	while (at < end)
		if (frames_users(at, &start, &at) > 1)
			return false;
	return true;
}

static bool usable(const struct vm *vm, phys_t at, size_t length)
{
	return at / WINDOW_SIZE == vm->window && (at + length - 1) / WINDOW_SIZE == vm->window && frames_unused(at, length);
}

static bool is_own(const struct area *a)
{
	return area_has_memory(a) && !(a->flags & (AREA_SHARED | AREA_COW));
}

/* Memory for [start, end) of the area `i`, as if all of the area were copied to one place. */
static bool choose_place(const struct vm *vm, int i, uintptr_t start, uintptr_t end, phys_t *out)
{
	const struct area *a = &vm->areas[i], *before = a - 1, *behind = a + 1;
	size_t length = end - start;

	if (i > 0 && start == before->end && is_own(before) &&
	    usable(vm, *out = before->at + area_length(before), length))
		return true;
	if (i + 1 < vm->count && end == behind->start && is_own(behind) && usable(vm, *out = behind->at - length, length))
		return true;
	if (vm_backing(vm, start, length, out) && frames_unused(*out, length))
		return true;
	*out = frames_gap(vm->window, area_length(a));
	if (*out)
		*out += start - a->start;
	else
		*out = frames_gap(vm->window, length);
	return *out;
}

/* The area is [start, end), and gets other memory, which is filled already. */
static int replace(struct vm *vm, uintptr_t start, uintptr_t end, phys_t at)
{
	struct area *a, new;
	phys_t old;
	int error;

	if (!area_split(vm, start) || !area_split(vm, end))
		return -ENOMEM;
	a = &vm->areas[vm_index(vm, start)];
	old = a->at;
	new = *a;
	new.at = at;
	new.flags &= ~AREA_COW;
	if (vm_shows(vm, start) && (error = vm_show(vm, &new)) != 0)
		return error;
	frames_use(at, end - start);
	area_keep(vm, a);
	frames_leave(old, end - start, true);
	*a = new;
	futexes_moved(vm, phys_pointer(old), end - start, phys_pointer(at));
	area_join(vm, start, end);
	return 0;
}

int area_copy(struct vm *vm, uintptr_t start, uintptr_t end)
{
	int i = vm_index(vm, start), error;
	const struct area a = vm->areas[i];
	phys_t at;

	if (!choose_place(vm, i, start, end, &at))
		return -ENOMEM;
	phys_copy(at, a.at + (start - a.start), end - start);
	error = replace(vm, start, end, at);
	if (error)
		phys_discard(at, end - start);
	return error;
}

static int copy_block(struct vm *vm, int i, uintptr_t va)
{
	const struct area a = vm->areas[i];
	int doublings = vm->count / AREAS_PER_DOUBLING;
	size_t block = doublings < 20 ? BLOCK_PAGES * PAGE_SIZE << doublings : WINDOW_SIZE;
	uintptr_t start = va & ~(block - 1), end = start + block;

	return area_copy(vm, start < a.start ? a.start : start, end > a.end ? a.end : end);
}

/* The others have copied theirs, or ended. */
static int take_over(struct vm *vm, uintptr_t start, uintptr_t end)
{
	struct area *a, own;
	int error;

	if (!area_split(vm, start) || !area_split(vm, end))
		return -ENOMEM;
	a = &vm->areas[vm_index(vm, start)];
	own = *a;
	own.flags &= ~AREA_COW;
	if (vm_shows(vm, start) &&
	    (error = mmu_protect(&vm->space, start, end - start, vm_shown_prot(&own))) != 0)
		return error;
	*a = own;
	area_join(vm, start, end);
	return 0;
}

static int unshare(struct vm *vm, uintptr_t va)
{
	int i = vm_index(vm, va);
	const struct area *a = &vm->areas[i];
	phys_t at = a->at, start, end;

	vm_settle(vm);
	if (frames_users(at + (va - a->start), &start, &end) > 1)
		return copy_block(vm, i, va);
	if (start < at)
		start = at;
	if (end > at + area_length(a))
		end = at + area_length(a);
	return take_over(vm, a->start + (start - at), a->start + (end - at));
}

bool vm_write_fault(struct vm *vm, uintptr_t va, int *error)
{
	const struct area *a = vm_area_at(vm, va);

	if (!a || !(a->prot & PROT_WRITE) || !(a->flags & (AREA_COW | AREA_CODE)))
		return false;
	*error = code_open(vm, va & ~(PAGE_SIZE - 1), (va | (PAGE_SIZE - 1)) + 1);
	if (!*error && vm_area_at(vm, va)->flags & AREA_COW)
		*error = unshare(vm, va);
	return true;
}

int area_renew(struct vm *vm, struct area *part)
{
	size_t length = area_length(part);
	phys_t at;

	if (is_alone(part->at, length)) {
		phys_discard(part->at, length);
		return 0;
	}
	if (!choose_place(vm, vm_index(vm, part->start), part->start, part->end, &at))
		return -ENOMEM;
	part->at = at;
	return replace(vm, part->start, part->end, at);
}
