/* The list of areas: what an address space consists of, and what may be done with it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/mapped.h"
#include "kernel/vm.h"
#include "machine/disk.h"

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
			top = vm->areas[i].start;
		if (top >= below && top - below >= length)
			return top - length;
	}
	return 0;
}

/* ---- One area --------------------------------------------------------- */

static uint64_t length_of(const struct area *a)
{
	return a->end - a->start;
}

static uint64_t charge(const struct area *a)
{
	return a->prot & PROT_WRITE && !a->file && !(a->flags & (AREA_UNCHARGED | AREA_EMPTY)) ? length_of(a) : 0;
}

static bool affordable(uint64_t bytes)
{
	return committed + bytes <= machine_info.memory;
}

static bool has_memory(const struct area *a)
{
	return !a->file && !(a->flags & AREA_EMPTY);
}

static bool continues(const struct area *a, const struct area *b)
{
	return a->end == b->start && a->prot == b->prot && a->flags == b->flags && a->file == b->file &&
	       a->at + length_of(a) == b->at && a->origin == b->origin &&
	       (!a->origin || a->origin_at + length_of(a) == b->origin_at);
}

static void hold(const struct area *a)
{
	if (a->file)
		mapped_hold(a->file);
	if (a->origin)
		mapped_hold(a->origin);
}

static void release(const struct area *a)
{
	if (a->file)
		mapped_release(a->file);
	if (a->origin)
		mapped_release(a->origin);
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

/* Takes over the caller's uses of its files. */
static bool insert(struct vm *vm, int at, struct area a)
{
	if (vm->count == vm->capacity && !grow(vm))
		return false;
	memmove(vm->areas + at + 1, vm->areas + at, (size_t)(vm->count - at) * sizeof a);
	vm->areas[at] = a;
	vm->count++;
	return true;
}

static void drop(struct vm *vm, int at)
{
	release(&vm->areas[at]);
	vm->count--;
	memmove(vm->areas + at, vm->areas + at + 1, (size_t)(vm->count - at) * sizeof *vm->areas);
}

/* Makes `va` a border between areas. False: out of memory. */
static bool split(struct vm *vm, uintptr_t va)
{
	int i = vm_index(vm, va);
	struct area upper;

	if (i == vm->count || vm->areas[i].start >= va)
		return true;
	upper = vm->areas[i];
	upper.at += va - upper.start;
	upper.origin_at += va - upper.start;
	upper.start = va;
	if (!insert(vm, i + 1, upper))
		return false;
	hold(&upper);
	vm->areas[i].end = va;
	return true;
}

/* Joins what split or insert left as neighbours of one kind, around [start, end]. */
static void join(struct vm *vm, uintptr_t start, uintptr_t end)
{
	int i = vm_index(vm, start - 1);

	while (i + 1 < vm->count && vm->areas[i].start <= end) {
		if (continues(&vm->areas[i], &vm->areas[i + 1])) {
			vm->areas[i].end = vm->areas[i + 1].end;
			drop(vm, i + 1);
		} else {
			i++;
		}
	}
}

/* With uses of its own of the area's files, if it succeeds. */
static int add(struct vm *vm, struct area a)
{
	uint64_t bytes = charge(&a);
	int error;

	if (!affordable(bytes) || !insert(vm, vm_index(vm, a.start), a))
		return -ENOMEM;
	hold(&a);
	if (vm->resident && (error = vm_show(vm, &a)) != 0) {
		drop(vm, vm_index(vm, a.start));
		return error;
	}
	committed += bytes;
	join(vm, a.start, a.end);
	return 0;
}

int vm_map(struct vm *vm, uintptr_t start, size_t length, int prot, unsigned flags)
{
	struct area a = { .start = start, .end = start + length, .prot = prot, .flags = flags };

	if (!vm_backing(vm, start, length, &a.at))
		return -ENOMEM;
	return add(vm, a);
}

int vm_unmap(struct vm *vm, uintptr_t start, size_t length)
{
	uintptr_t end = start + length;
	int i;

	vm_note_peak(vm);
	if (!split(vm, start) || !split(vm, end))
		return -ENOMEM;
	i = vm_index(vm, start);
	while (i < vm->count && vm->areas[i].start < end) {
		struct area *a = &vm->areas[i];

		if (vm->resident && mmu_unmap(a->start, length_of(a)) != 0) {
			join(vm, start, end);
			return -ENOMEM;
		}
		if (has_memory(a))
			phys_discard(a->at, length_of(a));
		committed -= charge(a);
		drop(vm, i);
	}
	return 0;
}

void vm_forget_areas(struct vm *vm)
{
	while (vm->count > 0) {
		committed -= charge(&vm->areas[vm->count - 1]);
		drop(vm, vm->count - 1);
	}
	free(vm->areas);
	vm->areas = NULL;
}

/* ---- Files ------------------------------------------------------------ */

static struct area nothing(uintptr_t start, size_t length, int prot)
{
	return (struct area){ .start = start, .end = start + length, .at = PHYS_END + start, .prot = prot,
			      .flags = AREA_EMPTY };
}

/* The part of a copy that is behind [start, end), as the file has it now; the memory there is zero. */
static int fill(const struct area *a, uintptr_t start, uintptr_t end)
{
	ssize_t n = disk_read(a->origin->host, (char *)phys_pointer(a->at) + (start - a->start), end - start,
			      a->origin_at + (start - a->start));

	return n < 0 ? (int)n : 0;
}

static int add_copy(struct vm *vm, struct area a)
{
	int error;

	if (!affordable(charge(&a)) || !vm_backing(vm, a.start, length_of(&a), &a.at))
		return -ENOMEM;
	error = fill(&a, a.start, a.end);
	if (!error)
		error = add(vm, a);
	if (error)
		phys_discard(a.at, length_of(&a));
	return error;
}

/* As far as the file goes; beyond its last page, nothing. */
static int map_copy(struct vm *vm, uintptr_t start, size_t length, int prot, struct mapped *file, uint64_t offset)
{
	size_t within = mapped_within(file, offset, length);
	struct area a = { .start = start, .end = start + within, .prot = prot, .origin = file, .origin_at = offset };
	int error = within > 0 ? add_copy(vm, a) : 0;

	if (error || within == length)
		return error;
	error = add(vm, nothing(start + within, length - within, prot));
	if (error && within > 0)
		vm_unmap(vm, start, within);
	return error;
}

int vm_map_file(struct vm *vm, uintptr_t start, size_t length, int prot, bool shared, int host, uint64_t offset)
{
	struct area a = { .start = start, .end = start + length, .at = offset, .prot = prot,
			  .flags = shared ? AREA_SHARED : 0 };
	int error;

	if (!vm_may_hold(vm, start, length))
		return -ENOMEM;
	error = mapped_get(host, shared && (disk_flags(host) & O_ACCMODE) == O_RDWR, &a.file);
	if (error)
		return error;
	if (shared || !(prot & PROT_WRITE))
		error = add(vm, a);
	else
		error = map_copy(vm, start, length, prot, a.file, offset);
	mapped_release(a.file);
	return error;
}

int vm_map_like(struct vm *vm, uintptr_t start, size_t length, const struct area *like, uint64_t offset)
{
	struct area a = *like;

	if (like->origin)
		return map_copy(vm, start, length, like->prot, like->origin, like->origin_at + offset);
	if (has_memory(like))
		return vm_map(vm, start, length, like->prot, like->flags);
	if (!vm_may_hold(vm, start, length))
		return -ENOMEM;
	if (!like->file)
		return add(vm, nothing(start, length, like->prot));
	a.start = start;
	a.end = start + length;
	a.at += offset;
	return add(vm, a);
}

/* Back to what it was when it was mapped: zeros, or the file as it is now. */
int vm_discard(struct vm *vm, uintptr_t start, size_t length)
{
	uintptr_t end = start + length;
	bool whole = vm_is_covered(vm, start, length);

	vm_note_peak(vm);
	for (int i = vm_index(vm, start); i < vm->count && vm->areas[i].start < end; i++) {
		const struct area *a = &vm->areas[i];
		uintptr_t from = a->start > start ? a->start : start, to = a->end < end ? a->end : end;

		if (has_memory(a) && !(a->flags & AREA_SHARED))
			phys_discard(a->at + (from - a->start), to - from);
		if (a->origin)
			fill(a, from, to);
	}
	return whole ? 0 : -ENOMEM;
}

/*
 * A private area of a file is to be written to: what lies within the file
 * becomes a copy, and the rest an area of its own, right behind it.
 */
static int make_own(struct vm *vm, int i, int prot)
{
	struct area old = vm->areas[i], new;
	size_t within = mapped_within(old.file, old.at, length_of(&old));
	int error;

	if (within > 0 && within < length_of(&old) && !split(vm, old.start + within))
		return -ENOMEM;
	old = vm->areas[i];
	new = nothing(old.start, length_of(&old), prot);
	if (within > 0) {
		new = (struct area){ .start = old.start, .end = old.end, .prot = prot, .origin = old.file,
				     .origin_at = old.at };
		if (!affordable(charge(&new)) || !vm_backing(vm, new.start, length_of(&new), &new.at))
			return -ENOMEM;
	}
	error = within > 0 ? fill(&new, new.start, new.end) : 0;
	if (!error && vm->resident)
		error = vm_show(vm, &new);
	if (error) {
		if (within > 0)
			phys_discard(new.at, length_of(&new));
		return error;
	}
	committed += charge(&new);
	hold(&new);
	release(&old);
	vm->areas[i] = new;
	return 0;
}

/* The part of an area that is behind [old, old + length), at `new`. Memory moves by copying: a page's place follows from its address. */
static int show_elsewhere(struct vm *vm, const struct area *like, uintptr_t old, size_t length, uintptr_t new)
{
	uint64_t offset = old - like->start, from = like->at + offset;
	struct area a = *like;
	int error;

	if (!has_memory(like))
		return vm_map_like(vm, new, length, like, offset);
	a.start = new;
	a.end = new + length;
	a.origin_at += offset;
	if (!vm_backing(vm, new, length, &a.at))
		return -ENOMEM;
	error = add(vm, a);
	if (!error)
		phys_copy(a.at, from, length);
	return error;
}

int vm_move(struct vm *vm, uintptr_t old, size_t old_length, uintptr_t new, size_t new_length)
{
	struct area like = *vm_area_at(vm, old);
	size_t kept = old_length < new_length ? old_length : new_length;
	int error;

	hold(&like);
	error = show_elsewhere(vm, &like, old, kept, new);
	if (!error && new_length > kept) {
		error = vm_map_like(vm, new + kept, new_length - kept, &like, old - like.start + kept);
		if (error)
			vm_unmap(vm, new, kept);
	}
	if (!error)
		error = vm_unmap(vm, old, old_length);
	release(&like);
	return error;
}

/* ---- Protection ------------------------------------------------------- */

static int protect(struct vm *vm, int i, int prot)
{
	struct area *a = &vm->areas[i], changed = *a;
	int error;

	if (a->file && prot & PROT_WRITE) {
		if (!(a->flags & AREA_SHARED))
			return make_own(vm, i, prot);
		if (!a->file->writable)
			return -EACCES;
	}
	changed.prot = prot;
	if (!affordable(charge(&changed) - charge(a)))
		return -ENOMEM;
	if (vm->resident && (error = mmu_protect(&vm->space, a->start, length_of(a), prot)) != 0)
		return error;
	committed += charge(&changed) - charge(a);
	*a = changed;
	return 0;
}

int vm_protect(struct vm *vm, uintptr_t start, size_t length, int prot)
{
	uintptr_t end = start + length;
	int error = 0;

	if (!vm_is_covered(vm, start, length) || !split(vm, start) || !split(vm, end))
		return -ENOMEM;
	for (int i = vm_index(vm, start); !error && i < vm->count && vm->areas[i].start < end; i++)
		error = protect(vm, i, prot);
	join(vm, start, end);
	return error;
}
