/*
 * fork(2) of an address space. The child has its parent's addresses and a
 * window of its own for memory. Where few pages have been touched they are
 * copied at once, which is cheaper than two faults; the rest is copied on writing.
 */
#include <errno.h>
#include <stdlib.h>

#include "kernel/area.h"
#include "kernel/frames.h"
#include "kernel/proc.h"

static bool holds_gate(const struct vm *vm, const struct area *a)
{
	return a->start <= vm->space.scratch_at && a->end > vm->space.scratch_at;
}

/* Its writer would have to copy it. */
static bool is_private(const struct area *a)
{
	return area_has_memory(a) && !(a->flags & AREA_SHARED);
}

/* Takes over nothing: the uses are added here. */
static int give(struct vm *child, const struct area *a)
{
	uint64_t bytes = area_charge(a);

	if (!area_affordable(bytes) || !area_insert(child, child->count, *a))
		return -ENOMEM;
	area_hold(a);
	area_pay(bytes, 0);
	return 0;
}

/* What few pages have been touched, or all of them: 1 if so, 0 if it is better shared, or -errno. */
static int give_copy(const struct vm *vm, struct vm *child, struct area a)
{
	bool whole = area_is_pinned(vm, &a); /* the parent's is to stay where it is */
	phys_t from = a.at;
	int error;

	if (!(a.prot & PROT_WRITE) && !whole)
		return 0;
	if (!area_backing(child, a.start, area_length(&a), &a.at))
		return -ENOMEM;
	if (!whole && !phys_copy_few(a.at, from, area_length(&a)))
		return 0;
	if (whole)
		phys_copy(a.at, from, area_length(&a));
	a.flags &= ~AREA_COW;
	error = give(child, &a);
	if (error)
		phys_discard(a.at, area_length(&a));
	return error ? error : 1;
}

static int share(struct vm *vm, struct area *a)
{
	struct area cow = *a;
	int error = 0;

	cow.flags |= AREA_COW;
	if (!(a->flags & AREA_COW) && a->prot & PROT_WRITE && vm_shows(vm, a->start))
		error = mmu_protect(&vm->space, a->start, area_length(a), vm_shown_prot(&cow));
	if (!error)
		*a = cow;
	return error;
}

/* The page of the gate is written to on the way in, where no fault may be: it is always copied. */
static int fork_area(struct vm *vm, int i, struct vm *child)
{
	struct area a = vm->areas[i];
	int error;

	if (!is_private(&a))
		return give(child, &a);
	error = give_copy(vm, child, a);
	if (error)
		return error < 0 ? error : 0;
	if (holds_gate(vm, &a)) {
		if (!area_split(vm, vm->space.scratch_at) || !area_split(vm, vm->space.scratch_at + PAGE_SIZE))
			return -ENOMEM;
	}
	error = share(vm, &vm->areas[i]);
	return error ? error : give(child, &vm->areas[i]);
}

static int fork_areas(struct vm *vm, struct vm *child)
{
	int error = 0;

	for (int i = 0; i < vm->count && !error; i++)
		error = fork_area(vm, i, child);
	area_join(vm, 1, UINTPTR_MAX);
	area_join(child, 1, UINTPTR_MAX);
	return error;
}

int vm_fork(struct vm *vm, struct vm **out)
{
	struct vm *child = vm_create_sibling(vm);
	int error = child ? fork_areas(vm, child) : -EAGAIN;

	if (error && child)
		vm_release(child);
	*out = error ? NULL : child;
	return error;
}
