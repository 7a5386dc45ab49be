/* Areas of files, and of copies of them; and areas that move. */
#include <errno.h>
#include <fcntl.h>

#include "kernel/area.h"
#include "kernel/code.h"
#include "kernel/frames.h"
#include "kernel/mapped.h"
#include "kernel/sites.h"
#include "machine/disk.h"

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

	if (!area_affordable(area_charge(&a)) || !area_backing(vm, a.start, area_length(&a), &a.at))
		return -ENOMEM;
	error = fill(&a, a.start, a.end);
	if (!error)
		error = area_add(vm, a);
	if (error)
		phys_discard(a.at, area_length(&a));
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
	error = area_add(vm, nothing(start + within, length - within, prot));
	if (error && within > 0)
		vm_unmap(vm, start, within);
	return error;
}

/* The file that is shown, or was copied, right below. */
static const struct mapped *file_below(const struct vm *vm, uintptr_t start)
{
	const struct area *below = vm_area_at(vm, start - 1);

	return below ? mapped_original(below->file ? below->file : below->origin) : NULL;
}

int vm_map_file(struct vm *vm, uintptr_t start, size_t length, int prot, bool shared, int host, uint64_t offset)
{
	struct area a = { .start = start, .end = start + length, .at = offset, .prot = prot,
			  .flags = shared ? AREA_SHARED : 0 };
	struct mapped *file;
	int error;

	if (!vm_may_hold(vm, start, length))
		return -ENOMEM;
	error = mapped_get(host, shared && (disk_flags(host) & O_ACCMODE) == O_RDWR, file_below(vm, start), &file);
	if (error)
		return error;
	a.file = file;
	a.file = sites_choose(vm, &a);
	a.flags |= code_flag(vm, &a);
	if (shared || !(prot & PROT_WRITE))
		error = area_add(vm, a);
	else
		error = map_copy(vm, start, length, prot, a.file, offset);
	mapped_release(file);
	if (!error && code_is_checked() && prot & PROT_EXEC)
		code_mapped(vm, start);
	return error;
}

int vm_map_slots(struct vm *vm, uintptr_t start, struct mapped *file, uint64_t offset)
{
	struct area a = { .start = start, .end = start + SLOTS_SIZE, .at = offset, .prot = PROT_READ | PROT_EXEC, .flags = AREA_SLOTS,
			  .file = file };

	a.flags |= code_flag(vm, &a);
	return area_add(vm, a);
}

int vm_show_instead(struct vm *vm, int i, struct mapped *file)
{
	struct area old = vm->areas[i], new = old;
	int error;

	new.file = file;
	new.flags |= code_flag(vm, &new);
	error = vm_shows(vm, new.start) ? vm_show(vm, &new) : 0;
	if (error)
		return error;
	area_hold(&new);
	area_release(&old, true);
	vm->areas[i] = new;
	return 0;
}

int vm_map_like(struct vm *vm, uintptr_t start, size_t length, const struct area *like, uint64_t offset)
{
	struct area a = *like;

	if (like->origin)
		return map_copy(vm, start, length, like->prot, like->origin, like->origin_at + offset);
	if (area_has_memory(like))
		return vm_map(vm, start, length, like->prot, like->flags & ~(unsigned)AREA_ITS_OWN);
	if (!vm_may_hold(vm, start, length))
		return -ENOMEM;
	if (!like->file)
		return area_add(vm, nothing(start, length, like->prot));
	a.file = mapped_original(like->file); /* its slots are too near, or too far */
	a.flags &= ~(unsigned)AREA_CODE;
	a.start = start;
	a.end = start + length;
	a.at += offset;
	return area_add(vm, a);
}

static int discard(struct vm *vm, const struct area *a, uintptr_t from, uintptr_t to)
{
	struct area part = *a;
	int error = 0;

	if (!area_has_memory(a) || a->flags & AREA_SHARED)
		return 0;
	part.at += from - a->start;
	part.origin_at += from - a->start;
	part.start = from;
	part.end = to;
	if (a->flags & AREA_COW)
		error = area_renew(vm, &part);
	else
		phys_discard(part.at, to - from);
	return error || !part.origin ? error : fill(&part, from, to);
}

/* Back to what it was when it was mapped: zeros, or the file as it is now. */
int vm_discard(struct vm *vm, uintptr_t start, size_t length)
{
	uintptr_t at = start, end = start + length;
	bool whole = vm_is_covered(vm, start, length);
	int error = 0;

	vm_note_peak(vm);
	error = code_open(vm, start, end);
	while (at < end && !error) {
		int i = vm_index(vm, at);
		const struct area *a = &vm->areas[i];
		uintptr_t from, to;

		if (i == vm->count || a->start >= end)
			break;
		from = a->start > at ? a->start : at;
		to = a->end < end ? a->end : end;
		error = discard(vm, a, from, to);
		at = to;
	}
	return whole ? error : -ENOMEM;
}

/*
 * A private area of a file is to be written to: what lies within the file
 * becomes a copy, and the rest an area of its own, right behind it.
 */
int area_make_own(struct vm *vm, int i, int prot)
{
	struct area old = vm->areas[i], new;
	struct mapped *file = mapped_original(old.file);
	size_t within = mapped_within(file, old.at, area_length(&old));
	int error;

	if (within > 0 && within < area_length(&old) && !area_split(vm, old.start + within))
		return -ENOMEM;
	old = vm->areas[i];
	new = nothing(old.start, area_length(&old), prot);
	if (within > 0) {
		new = (struct area){ .start = old.start, .end = old.end, .prot = prot, .origin = file,
				     .origin_at = old.at };
		if (!area_affordable(area_charge(&new)) || !area_backing(vm, new.start, area_length(&new), &new.at))
			return -ENOMEM;
	}
	error = within > 0 ? fill(&new, new.start, new.end) : 0;
	if (!error && vm_shows(vm, new.start))
		error = vm_show(vm, &new);
	if (error) {
		if (within > 0)
			phys_discard(new.at, area_length(&new));
		return error;
	}
	area_pay(area_charge(&new), 0);
	area_hold(&new);
	area_release(&old, true);
	vm->areas[i] = new;
	return 0;
}

/*
 * The part of an area that is behind [old, old + length), at `new`. Shared
 * memory is the same there; one's own moves by copying, for its place is to
 * follow from its address, so that neighbours are one mapping.
 */
static int show_elsewhere(struct vm *vm, const struct area *like, uintptr_t old, size_t length, uintptr_t new)
{
	uint64_t offset = old - like->start, from = like->at + offset;
	struct area a = *like;
	int error;

	if (!area_has_memory(like))
		return vm_map_like(vm, new, length, like, offset);
	a.start = new;
	a.end = new + length;
	a.origin_at += offset;
	a.at = from;
	if (a.flags & AREA_SHARED)
		return vm_may_hold(vm, new, length) ? area_add(vm, a) : -ENOMEM;
	a.flags &= ~(unsigned)AREA_ITS_OWN;
	if (!area_backing(vm, new, length, &a.at))
		return -ENOMEM;
	error = area_add(vm, a);
	if (!error)
		phys_copy(a.at, from, length);
	return error;
}

int vm_move(struct vm *vm, uintptr_t old, size_t old_length, uintptr_t new, size_t new_length)
{
	struct area like = *vm_area_at(vm, old);
	size_t kept = old_length < new_length ? old_length : new_length;
	int error;

	area_hold(&like);
	error = show_elsewhere(vm, &like, old, kept, new);
	if (!error && new_length > kept) {
		error = vm_map_like(vm, new + kept, new_length - kept, &like, old - like.start + kept);
		if (error)
			vm_unmap(vm, new, kept);
	}
	if (!error)
		error = vm_unmap(vm, old, old_length);
	area_release(&like, true);
	return error;
}

