/*
 * Swapping, as Unix first had processes: after fork(2) two have the same
 * addresses, and where few pages have been touched, exchanging what is in them
 * costs less than having the host map others there: nothing is unmapped, and
 * nothing faults afterwards. So what is mapped stays, and belongs to who runs.
 */
#include "kernel/area.h"
#include "kernel/futex.h"
#include "kernel/proc.h"
#include "kernel/swap.h"

/* Does a call of one of its threads have pointers into it (user_pieces)? They lead to where it is now. */
static bool is_pinned(const struct proc *p, const struct area *a)
{
	for (const struct thread *t = p ? p->threads : NULL; t; t = t->sibling)
		if (t->pinned < a->end && t->pinned_end > a->start)
			return true;
	return false;
}

/* Its own alone, and nothing that is executed: code is looked at where it is, and stops being code when it may no longer be executed. */
static bool may_swap(const struct area *a)
{
	if (a->flags & AREA_CODE && !(a->prot & PROT_EXEC))
		machine_panic("what is at 0x%lx is code and may not be executed", a->start);
	return area_has_memory(a) && !(a->flags & (AREA_SHARED | AREA_COW)) && !(a->prot & PROT_EXEC);
}

static bool are_twins(const struct area *a, const struct area *b)
{
	return a->start == b->start && a->end == b->end && a->prot == b->prot && a->flags == b->flags && a->at != b->at;
}

/* What it had is at `at` now; others may call the gate's page by its place. */
static void moved(struct vm *vm, struct area *a, phys_t at)
{
	uintptr_t gate = vm->space.scratch_at;

	futexes_moved(vm, phys_pointer(a->at), area_length(a), phys_pointer(at));
	a->at = at;
	a->flags |= AREA_SWAPPED;
	if (a->start <= gate && gate < a->end)
		vm->space.scratch = phys_pointer(at + (gate - a->start));
}

static void swap(struct vm *vm, struct area *a, struct vm *other, struct area *b)
{
	phys_t hidden = a->at, mapped = b->at;

	if (!phys_swap(hidden, mapped, area_length(a)))
		return;
	moved(vm, a, mapped);
	moved(other, b, hidden);
}

void vm_swap(struct vm *vm, struct vm *other)
{
	const struct proc *p = proc_of_vm(vm), *q = proc_of_vm(other);

	if (vm->uses > 1 || other->uses > 1)
		return; /* of several processes, each may wait with pointers */
	for (int i = 0, k = 0; i < vm->count && k < other->count;) {
		struct area *a = &vm->areas[i], *b = &other->areas[k];

		if (are_twins(a, b) && may_swap(a) && may_swap(b) && !is_pinned(p, a) && !is_pinned(q, b))
			swap(vm, a, other, b);
		i += a->end <= b->end;
		k += b->end <= a->end;
	}
}

void vm_swapped(struct vm *vm)
{
	for (int i = 0; i < vm->count; i++)
		vm->areas[i].flags &= ~AREA_SWAPPED;
}
