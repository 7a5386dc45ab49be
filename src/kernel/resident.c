/*
 * Residency: which address spaces the host's mappings show. They only show the
 * lists of areas, so an address space can be evicted (unmapped) at any time and
 * loaded again when it next runs: for its key, for addresses that another
 * wants, or for its share of the host's mappings, all by one mechanism.
 */
#include <errno.h>
#include <sys/mman.h>

#include "kernel/code.h"
#include "kernel/mapped.h"
#include "kernel/proc.h"
#include "kernel/swap.h"
#include "machine/mapping.h"

static uint64_t uses; /* a clock for least-recently-used */

static enum part part_of(const struct vm *vm, uintptr_t va)
{
	return vm_in_image(vm, va) ? PART_IMAGE : PART_WINDOW;
}

static void part_range(const struct vm *vm, enum part part, uintptr_t *start, size_t *length)
{
	*start = part == PART_IMAGE ? vm->image_low : vm->fixed ? vm->brk_start : vm_base(vm->place);
	*length = part == PART_IMAGE ? vm->image_high - vm->image_low : vm_base(vm->place + 1) - *start;
}

bool vm_shows(const struct vm *vm, uintptr_t va)
{
	return vm->resident && !vm->lost && (vm->image == IMAGE_SHOWN || !vm_in_image(vm, va));
}

int vm_shown_prot(const struct area *a)
{
	int prot = a->flags & AREA_COW ? a->prot & ~PROT_WRITE : a->prot;

	if (!code_is_checked() || a->flags & AREA_EMPTY)
		return prot;
	return a->flags & AREA_CODE ? prot & ~PROT_WRITE : prot & ~PROT_EXEC;
}

const struct vm *vm_owner_of(uintptr_t va)
{
	for (const struct vm *vm = vm_list; vm; vm = vm->next)
		if (vm_area_at(vm, va) && vm_shows(vm, va))
			return vm;
	return NULL;
}

/* ---- Hiding ----------------------------------------------------------- */

/* Whole host mappings go: none is split, so none can fail. */
static void hide(uintptr_t start, size_t length)
{
	if (mmu_unmap(start, length) != 0)
		machine_panic("an address space cannot be unmapped");
}

/* Nothing is mapped right before it or behind it, up to the heap: code.c looks across borders only where areas have theirs. */
static uintptr_t parking(const struct vm *vm, uintptr_t va)
{
	return vm_base(vm->place) + (va - vm->image_low / TABLE_SPAN * TABLE_SPAN);
}

static void hide_part(const struct vm *vm, enum part part)
{
	uintptr_t start;
	size_t length;

	part_range(vm, part, &start, &length);
	hide(start, length);
}

static void hide_image(struct vm *vm)
{
	if (vm->image == IMAGE_SHOWN)
		hide_part(vm, PART_IMAGE);
	if (vm->image == IMAGE_PARKED)
		hide(parking(vm, vm->image_low), vm->image_high - vm->image_low);
	vm->image = IMAGE_GONE;
}

static void evict(struct vm *vm)
{
	hide_part(vm, PART_WINDOW);
	hide_image(vm);
	if (vm->space.key >= 0)
		mmu_key_free(vm->space.key);
	vm->space.key = -1;
	vm->resident = vm->lost = false;
}

void vm_settle(struct vm *vm)
{
	if (vm->image == IMAGE_PARKED)
		evict(vm);
}

bool vm_evict_one(const struct vm *except)
{
	struct vm *oldest = NULL;

	for (struct vm *vm = vm_list; vm; vm = vm->next)
		if (vm->resident && vm != except && (!oldest || vm->last_used < oldest->last_used))
			oldest = vm;
	if (oldest)
		evict(oldest);
	return oldest;
}

/* ---- Showing ---------------------------------------------------------- */

int vm_show(struct vm *vm, const struct area *a)
{
	size_t length = a->end - a->start;
	int error;

	do
		error = a->file ? mmu_map_file(&vm->space, a->start, length, vm_shown_prot(a), a->flags & AREA_SHARED,
					       a->file->host, a->at)
				: mmu_map(&vm->space, a->start, length, vm_shown_prot(a), a->at);
	while (error == -ENOMEM && vm_evict_one(vm));
	return error;
}

/* What the host shows no more, a file system of its own may have its reasons: SIGBUS to who touches it. */
static bool show_again(struct vm *vm, const struct area *a)
{
	struct area gone = *a;
	int error = vm_show(vm, a);

	gone.file = NULL;
	gone.at = PHYS_END + a->start;
	if (error && a->file && error != -ENOMEM)
		error = vm_show(vm, &gone);
	return error == 0;
}

/* One mapping of the host can show both. */
static bool follows(const struct area *a, const struct area *b)
{
	return !b->file && a->end == b->start && a->at + (a->end - a->start) == b->at &&
	       vm_shown_prot(a) == vm_shown_prot(b);
}

static bool shows_same(const struct area *a, const struct area *b, uintptr_t va)
{
	if (a->flags & b->flags & AREA_SWAPPED)
		return true;
	return a->file == b->file && a->at + (va - a->start) == b->at + (va - b->start) &&
	       (a->flags & AREA_SHARED) == (b->flags & AREA_SHARED) && vm_shown_prot(a) == vm_shown_prot(b);
}

/* Does `other` show at `va` what the area does, and up to where is the answer the same? */
static bool is_there(const struct vm *other, const struct area *a, uintptr_t va, uintptr_t *end)
{
	int i = vm_index(other, va);
	const struct area *b = &other->areas[i];
	uintptr_t change = i == other->count ? a->end : b->start > va ? b->start : b->end;

	*end = change < a->end ? change : a->end;
	return i < other->count && b->start <= va && shows_same(a, b, va);
}

/*
 * Where the host has no room for all of it, its process ends: it had as much alone, but meanwhile others have taken some for good.
 * What is there then is part its own and part another's: who comes next could take either for his.
 */
static bool show_or_kill(struct vm *vm, enum part part, const struct area *run)
{
	if (run->start == run->end || show_again(vm, run))
		return true;
	hide_part(vm, PART_WINDOW);
	if (part == PART_IMAGE)
		hide_part(vm, PART_IMAGE);
	vm->image = IMAGE_GONE;
	vm->lost = true;
	for (struct proc *p = proc_list; p; p = p->next) {
		if (p->vm != vm)
			continue;
		console_line("pid %d (%s): killed: the host gives no more mappings (vm.max_map_count)", p->pid, p->name);
		proc_kill(p, SIGKILL);
	}
	return false;
}

/* Shows what `other` does not show there already. What one mapping of the host can show is one. */
static void show_all(struct vm *vm, enum part part, const struct vm *other)
{
	struct area run = { 0 };
	uintptr_t end;

	for (int i = 0; i < vm->count; i++) {
		struct area a = vm->areas[i];

		for (; part_of(vm, a.start) == part && a.start < a.end; a.at += end - a.start, a.start = end) {
			struct area piece = a;

			if (is_there(other, &a, a.start, &end))
				continue;
			piece.end = end;
			if (!run.file && follows(&run, &piece)) { /* a copy of a file, and zeros */
				run.end = end;
				continue;
			}
			if (!show_or_kill(vm, part, &run))
				return;
			run = piece;
		}
	}
	show_or_kill(vm, part, &run);
}

/* ---- Programs at the same addresses ----------------------------------- */

/* What `other` shows and `vm` will not cover. False: the host cannot split a mapping for it. */
static bool hide_rest(const struct vm *other, const struct vm *vm, enum part part)
{
	for (int i = 0; i < other->count; i++) {
		uintptr_t va = other->areas[i].start, end = other->areas[i].end, next;

		if (part_of(other, va) != part)
			continue;
		for (; va < end; va = next) {
			int k = vm_index(vm, va);
			uintptr_t covered = k < vm->count ? vm->areas[k].start : end;

			next = covered <= va ? vm->areas[k].end : covered < end ? covered : end;
			if (covered > va && mmu_unmap(va, next - va) != 0)
				return false;
		}
	}
	return true;
}

static void show_instead(struct vm *vm, const struct vm *other, enum part part)
{
	static const struct vm nobody;

	if (other->lost || !hide_rest(other, vm, part)) {
		hide_part(other, part);
		other = &nobody;
	}
	show_all(vm, part, other);
}

/*
 * After fork(2) two have the same addresses, and much of what is there: only
 * what differs is exchanged, or shown anew. The key goes with it.
 */
static void take_over(struct vm *vm, struct vm *other)
{
	vm->space.key = other->space.key;
	other->space.key = -1;
	other->resident = false;
	vm->resident = true;
	show_instead(vm, other, PART_WINDOW);
	if (other->image == IMAGE_SHOWN && !vm->lost) {
		show_instead(vm, other, PART_IMAGE);
		vm->image = vm->lost ? IMAGE_GONE : IMAGE_SHOWN;
		other->image = IMAGE_GONE;
	}
	hide_image(other);
	other->lost = false;
	vm_swapped(vm);
	vm_swapped(other);
}

/* Who shares its addresses, the last one that ran. */
static struct vm *sibling(const struct vm *vm, bool resident)
{
	struct vm *found = NULL;

	for (struct vm *other = vm_list; other; other = other->next)
		if (other != vm && other->place == vm->place && (other->resident || !resident) &&
		    (!found || other->last_used > found->last_used))
			found = other;
	return found;
}

void vm_leave(struct vm *vm)
{
	struct vm *next = vm->resident ? sibling(vm, false) : NULL;

	if (next)
		take_over(next, vm);
	else if (vm->resident)
		evict(vm);
}

/*
 * Where a program at a fixed address waits while another has it: in its
 * window, where nothing else is mapped. Moved there and back, its pages stay
 * mapped: a tenth of what it takes to show it anew.
 */
static bool move_image(const struct vm *vm, bool back)
{
	for (int i = 0; i < vm->count; i++) {
		struct area run = vm->areas[i];
		uintptr_t place = parking(vm, run.start);

		if (part_of(vm, run.start) != PART_IMAGE)
			continue;
		while (!run.file && i + 1 < vm->count && vm_in_image(vm, run.end) && follows(&run, &vm->areas[i + 1]))
			run.end = vm->areas[++i].end;
		if (mmu_move(back ? place : run.start, run.end - run.start, back ? run.start : place) != 0)
			return false;
	}
	return true;
}

/* What could not be moved as a whole is shown anew. */
static void park(struct vm *vm)
{
	bool moved = move_image(vm, false);

	if (!moved) {
		hide_part(vm, PART_IMAGE);
		hide(parking(vm, vm->image_low), vm->image_high - vm->image_low);
	}
	vm->image = moved ? IMAGE_PARKED : IMAGE_GONE;
}

/* Two images are not even to touch: what is executable across the border between them nobody has looked at (code.h). */
static void show_image(struct vm *vm)
{
	static const struct vm nobody;

	for (struct vm *other = vm_list; other; other = other->next)
		if (other != vm && other->fixed && other->image == IMAGE_SHOWN && other->image_low <= vm->image_high &&
		    vm->image_low <= other->image_high)
			park(other);
	if (vm->image == IMAGE_GONE || !move_image(vm, true)) {
		hide(parking(vm, vm->image_low), vm->image_high - vm->image_low);
		show_all(vm, PART_IMAGE, &nobody);
	}
	vm->image = vm->lost ? IMAGE_GONE : IMAGE_SHOWN;
}

static void take_key(struct vm *vm)
{
	while ((vm->space.key = mmu_key_alloc()) < 0)
		if (!vm_evict_one(vm))
			machine_panic("no protection key, and nobody to take one from");
}

static void load(struct vm *vm)
{
	static const struct vm nobody;
	struct vm *other = sibling(vm, true);

	if (other) {
		if (vm->last_used && !other->lost) /* a new child mostly execs or ends soon */
			vm_swap(vm, other);
		take_over(vm, other);
		return;
	}
	if (machine_info.protect != PROTECT_NONE)
		take_key(vm);
	vm->resident = true;
	show_all(vm, PART_WINDOW, &nobody);
}

bool vm_activate(struct vm *vm)
{
	bool loading = !vm->resident || (vm->fixed && vm->image != IMAGE_SHOWN);

	if (!vm->resident)
		load(vm);
	if (vm->fixed && vm->image != IMAGE_SHOWN && !vm->lost)
		show_image(vm);
	vm->last_used = ++uses;
	mmu_activate(&vm->space);
	return loading;
}
