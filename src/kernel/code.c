/* Executable memory at protection level full: looked at before it is executed, and never writable then. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/area.h"
#include "kernel/code.h"
#include "kernel/proc.h"
#include "kernel/sites.h"
#include "kernel/twin.h"
#include "machine/scan.h"

#define BLOCK (16 * PAGE_SIZE) /* of memory that becomes executable at once */
#define REACH (SCAN_LENGTH - 1ul) /* of a sequence across a border, on one side */

static bool is_code(const struct area *a)
{
	return a && a->flags & AREA_CODE;
}

/* Changes [start, end) to code, or what of it is code and memory to none; and what the host shows of it. */
static int set(struct vm *vm, uintptr_t start, uintptr_t end, bool code)
{
	int error = 0;

	vm_settle(vm);
	if (!area_split(vm, start) || !area_split(vm, end))
		return -ENOMEM;
	for (int i = vm_index(vm, start); !error && i < vm->count && vm->areas[i].start < end; i++) {
		struct area *a = &vm->areas[i], changed = *a;

		changed.flags = code ? a->flags | AREA_CODE : a->flags & ~(unsigned)AREA_CODE;
		if (!code && !(is_code(a) && area_has_memory(a)))
			continue;
		if (vm_shows(vm, a->start))
			error = mmu_protect(&vm->space, a->start, area_length(a), vm_shown_prot(&changed));
		if (!error)
			*a = changed;
	}
	area_join(vm, start, end);
	return error;
}

int code_open(struct vm *vm, uintptr_t start, uintptr_t end)
{
	for (int i = vm_index(vm, start); i < vm->count && vm->areas[i].start < end; i++)
		if (is_code(&vm->areas[i]) && area_has_memory(&vm->areas[i]))
			return set(vm, start, end, false);
	return 0;
}

/* ---- Looking ---------------------------------------------------------- */

/* What is there, of an area that is or could be AREA_CODE. */
static const uint8_t *bytes_at(const struct area *a, uintptr_t va)
{
	uint64_t at = a->at + (va - a->start);

	return a->file ? (const uint8_t *)a->file->twin->bytes + at : phys_pointer(at);
}

/* What would be executable across the border of two areas, if both are; NULL: nothing. */
static const char *look_across(const struct area *below, const struct area *above)
{
	uint8_t bytes[2 * REACH];
	const uint8_t *found;

	memcpy(bytes, bytes_at(below, below->end - REACH), REACH);
	memcpy(bytes + REACH, bytes_at(above, above->start), REACH);
	found = scan_next(bytes, bytes + sizeof bytes);
	return found ? scan_name(found) : NULL;
}

/* With what is executable beside it; the area itself need not be in the list yet. */
static const char *look_beside(const struct vm *vm, const struct area *a)
{
	const struct area *below = vm_area_at(vm, a->start - 1), *above = vm_area_at(vm, a->end);
	const char *wrong = is_code(below) ? look_across(below, a) : NULL;

	return !wrong && is_code(above) ? look_across(a, above) : wrong;
}

unsigned code_flag(const struct vm *vm, const struct area *a)
{
	const struct twin *t = code_is_checked() && a->prot & PROT_EXEC && a->file && a->file->original ? a->file->twin : NULL;
	uint64_t end = a->at + area_length(a);

	if (!t || (!(a->flags & AREA_SLOTS) && twin_next_armed(t, a->at, end) < end) || look_beside(vm, a))
		return 0;
	return AREA_CODE;
}

/* A copy of a file has been looked at when it was made, and whenever it was changed. */
static const char *look_at(const struct vm *vm, const struct area *a)
{
	const uint8_t *from = bytes_at(a, a->start), *found = a->file ? NULL : scan_next(from, from + area_length(a));

	return found ? scan_name(found) : look_beside(vm, a);
}

/*
 * Part of one area. 0, or -errno; -EACCES: *wrong says what is there. Where a
 * call of another thread waits with a pointer to it, and will write there, that
 * goes to the memory that was there so far, which nobody gets until it is done.
 */
static int admit(struct vm *vm, uintptr_t start, uintptr_t end, const char **wrong)
{
	struct area part = *vm_area_at(vm, start);
	int error = 0;

	part.at += start - part.start;
	part.start = start;
	part.end = end;
	if (area_has_memory(&part) && area_is_pinned(vm, &part)) {
		error = area_copy(vm, start, end);
		part.at = vm_area_at(vm, start)->at + (start - vm_area_at(vm, start)->start);
	}
	*wrong = error ? NULL : look_at(vm, &part);
	if (!error)
		error = *wrong ? -EACCES : set(vm, start, end, true);
	return error;
}

/* The run of pages of a file's copy that has `va` and may be executed; false: it is none of them, and *armed says why. */
static bool find_run(const struct area *a, uintptr_t va, uintptr_t *start, uintptr_t *end, uint64_t *armed)
{
	uint64_t page = a->at + (va - a->start), last = a->at + area_length(a), from = a->at;

	page &= ~(PAGE_SIZE - 1);
	*start = a->start;
	while ((*armed = twin_next_armed(a->file->twin, from, last)) < page) {
		from = (*armed | (PAGE_SIZE - 1)) + 1;
		*start = a->start + (from - a->at);
	}
	*end = a->start + ((*armed & ~(PAGE_SIZE - 1)) - a->at);
	return *end > va;
}

/* What area `i` shows of the file's code gives way to the copy; of the file's other parts there is none. */
static void show_copy(struct vm *vm, int i)
{
	const struct area a = vm->areas[i];
	const struct segment *s;
	uintptr_t from, to;

	if (sites_adopt(vm, i) || !a.file->twin || !(s = twin_segment(a.file->twin, a.at, a.at + area_length(&a))))
		return;
	from = s->low > a.at ? a.start + (s->low - a.at) : a.start;
	to = s->high < a.at + area_length(&a) ? a.start + (s->high - a.at) : a.end;
	if ((from > a.start || to < a.end) && from < to && area_split(vm, from) && area_split(vm, to))
		sites_adopt(vm, vm_index(vm, from));
}

void code_mapped(struct vm *vm, uintptr_t start)
{
	int i = vm_index(vm, start);

	if (vm->areas[i].file && !vm->areas[i].file->original)
		show_copy(vm, i); /* where it cannot be, it is copied when it is executed */
}

/* As the file is now: all of its code, or the block that is jumped to. */
static int make_copy(struct vm *vm, uintptr_t va)
{
	uintptr_t block = va & ~(BLOCK - 1);
	int i;

	show_copy(vm, vm_index(vm, va));
	if (vm_area_at(vm, va)->file->original)
		return 0;
	if ((block > vm_area_at(vm, va)->start && !area_split(vm, block)) || !area_split(vm, block + BLOCK))
		return -ENOMEM;
	i = vm_index(vm, va);
	return area_make_own(vm, i, vm->areas[i].prot);
}

static int admit_at(struct vm *vm, uintptr_t va, char wrong[CODE_WRONG])
{
	const struct area *a = vm_area_at(vm, va);
	uintptr_t start = a->start, end = a->end, block = va & ~(BLOCK - 1);
	const char *what;
	uint64_t armed;
	int error;

	if (a->file && !(a->flags & AREA_SLOTS) && !find_run(a, va, &start, &end, &armed)) {
		twin_describe(a->file->twin, scan_name(bytes_at(a, a->start) + (armed - a->at)), armed, wrong);
		return 0;
	}
	if (!a->file && start < block)
		start = block;
	if (!a->file && end > block + BLOCK)
		end = block + BLOCK;
	error = admit(vm, start, end, &what);
	if (error == -EACCES)
		snprintf(wrong, CODE_WRONG, "%s, which --protect=keys would run, in or beside code at 0x%lx", what, va);
	return error == -EACCES ? 0 : error;
}

bool code_fetch_fault(struct vm *vm, uintptr_t va, char wrong[CODE_WRONG])
{
	const struct area *a = vm_area_at(vm, va);
	int error = 0;

	*wrong = 0;
	if (!code_is_checked() || !a || !(a->prot & PROT_EXEC) || a->flags & (AREA_CODE | AREA_EMPTY | AREA_SHARED))
		return false;
	if (a->file && !a->file->original)
		error = make_copy(vm, va);
	if (!error && !(vm_area_at(vm, va)->flags & (AREA_CODE | AREA_EMPTY)))
		error = admit_at(vm, va, wrong);
	if (error)
		snprintf(wrong, CODE_WRONG, "no memory for code");
	return true;
}
