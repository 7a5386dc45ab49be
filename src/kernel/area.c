/* The list of areas: what an address space consists of, and what may be done with it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/area.h"
#include "kernel/code.h"
#include "kernel/frames.h"
#include "kernel/mapped.h"
#include "kernel/sites.h"

static uint64_t committed; /* bytes charged, all address spaces together */

int vm_index(const struct vm *vm, uintptr_t va)
{
	int low = 0, high = vm->count;

	while (low < high) {
		int middle = (low + high) / 2;

		if (vm->areas[middle].end <= va)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct area *vm_area_at(const struct vm *vm, uintptr_t va)
{
	int i = vm_index(vm, va);

	return i < vm->count && vm->areas[i].start <= va ? &vm->areas[i] : NULL;
}

bool vm_is_free(const struct vm *vm, uintptr_t start, size_t length)
{
	int i = vm_index(vm, start);

	return i == vm->count || vm->areas[i].start >= start + length;
}

bool vm_is_covered(const struct vm *vm, uintptr_t start, size_t length)
{
	uintptr_t end = start + length;

	for (int i = vm_index(vm, start); start < end; start = vm->areas[i++].end)
		if (i == vm->count || vm->areas[i].start > start)
			return false;
	return true;
}

/* From the top down, below the stack's guard, never into the heap. */
uintptr_t vm_find_gap(const struct vm *vm, size_t length)
{
	uintptr_t top = vm->stack_low - STACK_GUARD;

	for (int i = vm_index(vm, top); i >= 0; i--) {
		uintptr_t below = i > 0 ? vm->areas[i - 1].end : 0;

		if (below < vm->brk + PAGE_SIZE)
			below = vm->brk + PAGE_SIZE;
		if (i < vm->count && vm->areas[i].start < top)
			top = vm->areas[i].start - sites_room(&vm->areas[i]);
		if (top >= below && top - below >= length)
			return top - length;
	}
	return 0;
}

/* ---- One area --------------------------------------------------------- */

uint64_t area_charge(const struct area *a)
{
	bool touchable = a->prot != PROT_NONE || a->flags & AREA_OPENED;

	return touchable && area_has_memory(a) && !(a->flags & AREA_STACK) ? area_length(a) : 0;
}

bool area_affordable(uint64_t bytes)
{
	if ((int64_t)bytes > 0 && committed + bytes > machine_info.memory)
		sites_let_go();
	return committed + bytes <= machine_info.memory;
}

void area_pay(uint64_t bytes, uint64_t instead_of)
{
	committed += bytes - instead_of;
}

/* Memory of two windows is never one area: each window notes who uses what is its own. */
static bool continues(const struct area *a, const struct area *b)
{
	if (area_has_memory(a) && a->at / WINDOW_SIZE != b->at / WINDOW_SIZE)
		return false;
	return a->end == b->start && a->prot == b->prot && a->flags == b->flags && a->file == b->file &&
	       a->at + area_length(a) == b->at && a->origin == b->origin &&
	       (!a->origin || a->origin_at + area_length(a) == b->origin_at);
}

static void hold_files(const struct area *a)
{
	if (a->file)
		mapped_hold(a->file);
	if (a->origin)
		mapped_hold(a->origin);
}

static void release_files(const struct area *a)
{
	if (a->file)
		mapped_release(a->file);
	if (a->origin)
		mapped_release(a->origin);
}

void area_hold(const struct area *a)
{
	hold_files(a);
	if (area_has_memory(a))
		frames_use(a->at, area_length(a));
}

void area_release(const struct area *a, bool wipe)
{
	release_files(a);
	if (area_has_memory(a))
		frames_leave(a->at, area_length(a), wipe);
}

bool area_backing(const struct vm *vm, uintptr_t va, size_t length, phys_t *phys)
{
	if (!vm_backing(vm, va, length, phys))
		return false;
	if (!frames_unused(*phys, length))
		*phys = frames_gap(vm->window, length);
	return *phys;
}

/* ---- The list --------------------------------------------------------- */

static bool grow(struct vm *vm)
{
	int capacity = vm->capacity ? 2 * vm->capacity : 8;
	struct area *areas = realloc(vm->areas, (size_t)capacity * sizeof *areas);

	if (!areas)
		return false;
	vm->areas = areas;
	vm->capacity = capacity;
	return true;
}

bool area_insert(struct vm *vm, int at, struct area a)
{
	if (vm->count == vm->capacity && !grow(vm))
		return false;
	memmove(vm->areas + at + 1, vm->areas + at, (size_t)(vm->count - at) * sizeof a);
	vm->areas[at] = a;
	vm->count++;
	return true;
}

/* Those from `first` to before `end`. Their uses are the caller's. */
static void delete(struct vm *vm, int first, int end)
{
	memmove(vm->areas + first, vm->areas + end, (size_t)(vm->count - end) * sizeof *vm->areas);
	vm->count -= end - first;
}

bool area_split(struct vm *vm, uintptr_t va)
{
	int i = vm_index(vm, va);
	struct area upper;

	if (i == vm->count || vm->areas[i].start >= va)
		return true;
	upper = vm->areas[i];
	upper.at += va - upper.start;
	upper.origin_at += va - upper.start;
	upper.start = va;
	if (!area_insert(vm, i + 1, upper))
		return false;
	hold_files(&upper);
	vm->areas[i].end = va;
	return true;
}

/* Around [start, end], which a split or an insertion left. */
void area_join(struct vm *vm, uintptr_t start, uintptr_t end)
{
	int last = vm_index(vm, start - 1), i = last + 1;

	for (; i < vm->count && vm->areas[last].start <= end; i++)
		if (continues(&vm->areas[last], &vm->areas[i])) {
			vm->areas[last].end = vm->areas[i].end;
			release_files(&vm->areas[i]);
		} else {
			vm->areas[++last] = vm->areas[i];
		}
	if (i > last + 1)
		delete(vm, last + 1, i);
}

int area_add(struct vm *vm, struct area a)
{
	uint64_t bytes = area_charge(&a);
	int i, error;

	if (!vm_is_free(vm, a.start, area_length(&a)))
		machine_panic("two areas at 0x%lx", a.start);
	if (!code_may_be(a.prot, a.flags))
		return -EACCES;
	if (!area_affordable(bytes) || !area_insert(vm, vm_index(vm, a.start), a))
		return -ENOMEM;
	if (vm_shows(vm, a.start) && (error = vm_show(vm, &a)) != 0) {
		i = vm_index(vm, a.start);
		delete(vm, i, i + 1);
		return error;
	}
	area_hold(&a);
	area_pay(bytes, 0);
	area_join(vm, a.start, a.end);
	return 0;
}

int vm_map(struct vm *vm, uintptr_t start, size_t length, int prot, unsigned flags)
{
	struct area a = { .start = start, .end = start + length, .prot = prot, .flags = flags };

	if (!area_backing(vm, start, length, &a.at))
		return -ENOMEM;
	return area_add(vm, a);
}

/* From area i on; those that touch by one call of the host, which takes as long for one as for hundreds. Where it stopped: at `end`, or failed. */
static int hide(const struct vm *vm, int i, uintptr_t end)
{
	while (i < vm->count && vm->areas[i].start < end) {
		uintptr_t start = vm->areas[i].start, stop = start;
		bool shown = vm_shows(vm, start);
		int next = i;

		for (; next < vm->count && vm->areas[next].start == stop && stop < end && vm_shows(vm, stop) == shown; next++)
			stop = vm->areas[next].end;
		if (shown && mmu_unmap(start, stop - start) != 0)
			break;
		i = next;
	}
	return i;
}

int vm_unmap(struct vm *vm, uintptr_t start, size_t length)
{
	uintptr_t end = start + length;
	bool rewritten = false;
	int first, hidden, error = 0;

	vm_note_peak(vm);
	if (!area_split(vm, start) || !area_split(vm, end))
		return -ENOMEM;
	first = vm_index(vm, start);
	hidden = hide(vm, first, end);
	if (hidden < vm->count && vm->areas[hidden].start < end)
		error = -ENOMEM;
	for (int i = first; i < hidden; i++) {
		const struct area *a = &vm->areas[i];

		area_pay(0, area_charge(a));
		rewritten |= a->file && a->file->original && !(a->flags & AREA_SLOTS);
		area_keep(vm, a);
		area_release(a, true);
	}
	delete(vm, first, hidden);
	if (error)
		area_join(vm, start, end);
	else if (rewritten)
		sites_unmapped(vm);
	return error;
}

/* Where nobody else has a part in its window, that is freed as a whole. */
void vm_forget_areas(struct vm *vm)
{
	int holds = 1 + (vm->place == vm->window);
	uint64_t bytes = 0;
	bool alone;

	area_forget_kept(vm);
	for (int i = 0; i < vm->count; i++)
		if (area_has_memory(&vm->areas[i]) && vm->areas[i].at / WINDOW_SIZE == vm->window)
			bytes += area_length(&vm->areas[i]);
	alone = frames_only(vm->window, holds, bytes);
	for (int i = 0; i < vm->count; i++) {
		const struct area *a = &vm->areas[i];

		area_pay(0, area_charge(a));
		area_release(a, !alone || a->at / WINDOW_SIZE != vm->window);
	}
	free(vm->areas);
	vm->areas = NULL;
	vm->count = vm->capacity = 0;
}

/* ---- Protection ------------------------------------------------------- */

static int protect(struct vm *vm, int i, int prot)
{
	struct area *a = &vm->areas[i], changed = *a;
	int error;

	if (a->file && prot & PROT_WRITE) {
		if (!(a->flags & AREA_SHARED))
			return area_make_own(vm, i, prot);
		if (!a->file->writable)
			return -EACCES;
	}
	if (!code_may_be(prot, a->flags))
		return -EACCES;
	changed.prot = prot;
	if (!(prot & PROT_EXEC))
		changed.flags &= ~(unsigned)AREA_CODE;
	if (prot)
		changed.flags &= ~(unsigned)AREA_OPENED;
	else if (a->prot)
		changed.flags |= AREA_OPENED;
	if (!area_affordable(area_charge(&changed) - area_charge(a)))
		return -ENOMEM;
	if (vm_shows(vm, a->start) &&
	    (error = mmu_protect(&vm->space, a->start, area_length(a), vm_shown_prot(&changed))) != 0)
		return error;
	area_pay(area_charge(&changed), area_charge(a));
	*a = changed;
	return 0;
}

int vm_protect(struct vm *vm, uintptr_t start, size_t length, int prot)
{
	uintptr_t end = start + length;
	int error = 0;

	if (!vm_is_covered(vm, start, length) || !area_split(vm, start) || !area_split(vm, end))
		return -ENOMEM;
	for (int i = vm_index(vm, start); !error && i < vm->count && vm->areas[i].start < end; i++)
		error = protect(vm, i, prot);
	area_join(vm, start, end);
	return error;
}
