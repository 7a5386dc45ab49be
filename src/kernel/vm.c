/*
 * Address spaces: residency, and where things go in them. An address space is
 * its list of areas (area.c); the host's mappings only show it. So it can be
 * evicted (unmapped) at any time and loaded again when it next runs: for its
 * key, for addresses that another wants, or for its share of the host's
 * mappings, all by one mechanism.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "kernel/account.h"
#include "kernel/frames.h"
#include "kernel/mapped.h"
#include "kernel/proc.h"
#include "kernel/sites.h"
#include "machine/mapping.h"

#define TOP_PAGES 16 /* of a window, never mapped: windows do not touch */

static struct vm *spaces;
static uint64_t uses; /* a clock for least-recently-used */

static uintptr_t base_of(unsigned window)
{
	return GUEST_BASE + window * WINDOW_SIZE;
}

static uintptr_t window_top(const struct vm *vm)
{
	return base_of(vm->place) + WINDOW_SIZE - TOP_PAGES * PAGE_SIZE;
}

static bool in_image(const struct vm *vm, uintptr_t va)
{
	return vm->fixed && va >= vm->image_low && va < vm->image_high;
}

static enum part part_of(const struct vm *vm, uintptr_t va)
{
	return in_image(vm, va) ? PART_IMAGE : PART_WINDOW;
}

static void part_range(const struct vm *vm, enum part part, uintptr_t *start, size_t *length)
{
	*start = part == PART_IMAGE ? vm->image_low : vm->fixed ? vm->brk_start : base_of(vm->place);
	*length = part == PART_IMAGE ? vm->image_high - vm->image_low : base_of(vm->place + 1) - *start;
}

/* Where in a window the memory for an address is, or its mapping while it is parked. */
static size_t index_of(const struct vm *vm, uintptr_t va)
{
	return in_image(vm, va) ? IMAGE_OFFSET + (va - vm->image_low) : va - base_of(vm->place);
}

static uintptr_t parking(const struct vm *vm, uintptr_t va)
{
	return base_of(vm->parking) + index_of(vm, va);
}

/* ---- Residency -------------------------------------------------------- */

bool vm_shows(const struct vm *vm, uintptr_t va)
{
	return vm->resident && vm->view[part_of(vm, va)] == SHOWN;
}

int vm_shown_prot(const struct area *a)
{
	return a->flags & AREA_COW ? a->prot & ~PROT_WRITE : a->prot;
}

/* Whole host mappings go: none is split, so none can fail. */
static void hide(uintptr_t start, size_t length)
{
	if (mmu_unmap(start, length) != 0)
		machine_panic("an address space cannot be unmapped");
}

static void hide_part(struct vm *vm, enum part part)
{
	uintptr_t start;
	size_t length;

	part_range(vm, part, &start, &length);
	if (vm->view[part] != GONE)
		hide(vm->view[part] == SHOWN ? start : parking(vm, start), length);
	vm->view[part] = GONE;
}

static void evict(struct vm *vm)
{
	for (enum part part = 0; part < PARTS; part++)
		hide_part(vm, part);
	if (vm->space.key >= 0)
		mmu_key_free(vm->space.key);
	vm->space.key = -1;
	vm->resident = false;
}

void vm_settle(struct vm *vm)
{
	if (vm->view[PART_WINDOW] == PARKED || vm->view[PART_IMAGE] == PARKED)
		evict(vm);
}

bool vm_evict_one(const struct vm *except)
{
	struct vm *oldest = NULL;

	for (struct vm *vm = spaces; vm; vm = vm->next)
		if (vm->resident && vm != except && (!oldest || vm->last_used < oldest->last_used))
			oldest = vm;
	if (oldest)
		evict(oldest);
	return oldest;
}

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

/* From *i on, the next areas of a part that one mapping of the host can show. False: no more. */
static bool next_run(const struct vm *vm, int *i, enum part part, struct area *run)
{
	while (*i < vm->count && part_of(vm, vm->areas[*i].start) != part)
		++*i;
	if (*i == vm->count)
		return false;
	*run = vm->areas[(*i)++];
	while (!run->file && *i < vm->count && follows(run, &vm->areas[*i])) /* a copy of a file, and zeros */
		run->end = vm->areas[(*i)++].end;
	return true;
}

/* Where the host has no room for all of it, its process ends: it had as much alone, but meanwhile others have taken some for good. */
static void show_all(struct vm *vm, enum part part)
{
	struct proc *p = proc_of_vm(vm);
	struct area run;

	for (int i = 0; next_run(vm, &i, part, &run);)
		if (!show_again(vm, &run)) {
			console_line("pid %d (%s): killed: the host gives no more mappings (vm.max_map_count)", p->pid, p->name);
			proc_kill(p, SIGKILL);
			return;
		}
}

/* ---- Programs at the same addresses ----------------------------------- */

/*
 * Where an address space waits while another has its addresses: at those of a
 * window where nothing else is mapped. Moved there and back, its pages stay
 * mapped: a tenth of what it takes to show them anew.
 */
static bool move_part(const struct vm *vm, enum part part, bool back)
{
	struct area run;

	for (int i = 0; next_run(vm, &i, part, &run);) {
		uintptr_t place = parking(vm, run.start);

		if (mmu_move(back ? place : run.start, run.end - run.start, back ? run.start : place) != 0)
			return false;
	}
	return true;
}

/* What could not be moved as a whole is shown anew. */
static void hide_both(const struct vm *vm, enum part part)
{
	uintptr_t start;
	size_t length;

	part_range(vm, part, &start, &length);
	hide(start, length);
	hide(parking(vm, start), length);
}

static void park(struct vm *vm, enum part part)
{
	bool moved = move_part(vm, part, false);

	if (!moved)
		hide_both(vm, part);
	vm->view[part] = moved ? PARKED : GONE;
}

static bool in_the_way(const struct vm *other, const struct vm *vm, enum part part)
{
	if (other == vm || other->view[part] != SHOWN)
		return false;
	if (part == PART_WINDOW)
		return other->place == vm->place;
	return other->fixed && other->image_low < vm->image_high && vm->image_low < other->image_high;
}

static void show_part(struct vm *vm, enum part part)
{
	for (struct vm *other = spaces; other; other = other->next)
		if (in_the_way(other, vm, part))
			park(other, part);
	if (vm->view[part] == PARKED && !move_part(vm, part, true)) {
		hide_both(vm, part);
		vm->view[part] = GONE;
	}
	if (vm->view[part] == GONE)
		show_all(vm, part);
	vm->view[part] = SHOWN;
}

static void take_key(struct vm *vm)
{
	while ((vm->space.key = mmu_key_alloc()) < 0)
		if (!vm_evict_one(vm))
			machine_panic("no protection key, and nobody to take one from");
}

bool vm_activate(struct vm *vm)
{
	bool loading = vm->view[PART_WINDOW] != SHOWN || (vm->fixed && vm->view[PART_IMAGE] != SHOWN);

	vm->last_used = ++uses;
	if (!vm->resident && machine_info.protect != PROTECT_NONE)
		take_key(vm);
	vm->resident = true;
	if (vm->view[PART_WINDOW] != SHOWN)
		show_part(vm, PART_WINDOW);
	if (vm->fixed && vm->view[PART_IMAGE] != SHOWN)
		show_part(vm, PART_IMAGE);
	mmu_activate(&vm->space);
	return loading;
}

const struct vm *vm_owner_of(uintptr_t va)
{
	for (const struct vm *vm = spaces; vm; vm = vm->next)
		if (vm_area_at(vm, va) && vm_shows(vm, va))
			return vm;
	return NULL;
}

/* ---- Places ----------------------------------------------------------- */

/* A program linked at a fixed address keeps it; its memory is in its window all the same, before what lies there. */
bool vm_backing(const struct vm *vm, uintptr_t va, size_t length, phys_t *phys)
{
	uintptr_t base = vm->fixed ? vm->brk_start : base_of(vm->place), top = window_top(vm);

	*phys = base_of(vm->window) - GUEST_BASE + index_of(vm, va);
	if (in_image(vm, va))
		return length <= vm->image_high - va;
	return va >= base && va < top && length <= top - va;
}

bool vm_may_hold(const struct vm *vm, uintptr_t start, size_t length)
{
	phys_t unused;

	return vm_backing(vm, start, length, &unused) && start + length <= vm->space.scratch_at;
}

int vm_place_image(struct vm *vm, bool pie, uint64_t low, uint64_t high, uint64_t align)
{
	uintptr_t base = base_of(vm->place) + IMAGE_OFFSET;

	if (!pie && (low < GUEST_LOWEST || high > GUEST_BASE))
		return -ENOMEM;
	vm->fixed = !pie;
	vm->image_room = !pie && low >= GUEST_LOWEST + SLOTS_SIZE ? SLOTS_SIZE : 0;
	vm->image_low = pie ? (base + align - 1) & ~(align - 1) : low - vm->image_room;
	vm->image_high = vm->image_low + vm->image_room + (high - low);
	vm->brk_start = pie ? vm->image_high : base + (vm->image_high - vm->image_low);
	vm->brk = vm->brk_start;
	return 0;
}

uint64_t vm_bytes(const struct vm *vm)
{
	uint64_t bytes = 0;

	for (int i = 0; i < vm->count; i++) {
		const struct area *a = &vm->areas[i];

		if (!a->file && !(a->flags & AREA_EMPTY))
			bytes += phys_bytes(a->at, a->end - a->start);
	}
	return bytes;
}

void vm_note_peak(struct vm *vm)
{
	uint64_t now = account_on ? vm_bytes(vm) : 0;

	if (now > vm->peak)
		vm->peak = now;
}

uint64_t vm_mappings(void)
{
	uint64_t n = 0;

	for (const struct vm *vm = spaces; vm; vm = vm->next)
		n += (uint64_t)vm->count;
	return n;
}

/* ---- Birth and death -------------------------------------------------- */

/* Its window's addresses are its own, too, so far. */
static struct vm *create(void)
{
	struct vm *vm = calloc(1, sizeof *vm);

	if (!vm || !(vm->window = frames_window_new())) {
		free(vm);
		return NULL;
	}
	frames_window_hold(vm->place = vm->window);
	frames_window_hold(vm->parking = vm->window);
	vm->uses = 1;
	vm->space.key = -1;
	vm->next = spaces;
	spaces = vm;
	return vm;
}

static void place_gate(struct vm *vm)
{
	vm->space.scratch_at = window_top(vm) - PAGE_SIZE;
	vm->space.scratch = phys_pointer(base_of(vm->window) - GUEST_BASE + index_of(vm, vm->space.scratch_at));
}

/* The scratch page continues the stack: one mapping of the host shows both. */
struct vm *vm_create(void)
{
	struct vm *vm = create();

	if (!vm)
		return NULL;
	place_gate(vm);
	vm->stack_top = vm->space.scratch_at;
	vm->stack_low = vm->stack_top - STACK_SIZE;
	if (vm_map(vm, vm->stack_low, STACK_SIZE + PAGE_SIZE, PROT_READ | PROT_WRITE, AREA_UNCHARGED) == 0)
		return vm;
	vm_release(vm);
	return NULL;
}

/* From its first child on, its addresses are not its own: it waits elsewhere. */
static bool park_elsewhere(struct vm *vm)
{
	unsigned window;

	if (vm->parking != vm->place)
		return true;
	window = frames_window_new();
	if (!window)
		return false;
	frames_window_release(vm->parking);
	vm->parking = window;
	return true;
}

struct vm *vm_create_sibling(struct vm *vm)
{
	struct vm *new = park_elsewhere(vm) ? create() : NULL, own;

	if (!new)
		return NULL;
	own = *new;
	*new = *vm;
	new->uses = own.uses;
	new->space.key = own.space.key;
	new->window = own.window;
	new->parking = own.parking;
	new->next = own.next;
	new->areas = NULL;
	new->count = new->capacity = 0;
	new->resident = false;
	new->view[PART_WINDOW] = new->view[PART_IMAGE] = GONE;
	new->peak = 0;
	frames_window_release(own.place);
	frames_window_hold(new->place);
	place_gate(new);
	return new;
}

void vm_release(struct vm *vm)
{
	struct vm **link = &spaces;

	if (--vm->uses > 0)
		return;
	if (vm->resident)
		evict(vm);
	vm_forget_areas(vm);
	frames_window_release(vm->place);
	frames_window_release(vm->parking);
	frames_window_release(vm->window);
	while (*link != vm)
		link = &(*link)->next;
	*link = vm->next;
	free(vm);
}
