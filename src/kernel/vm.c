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
#include "kernel/mapped.h"
#include "kernel/proc.h"
#include "machine/mapping.h"

#define TOP_PAGES 16 /* of a window, never mapped: windows do not touch */

static struct vm *spaces;
static uint64_t uses; /* a clock for least-recently-used */

static uintptr_t window_base(const struct vm *vm)
{
	return GUEST_BASE + vm->window * WINDOW_SIZE;
}

static uintptr_t window_top(const struct vm *vm)
{
	return window_base(vm) + WINDOW_SIZE - TOP_PAGES * PAGE_SIZE;
}

/* ---- Residency -------------------------------------------------------- */

/* Whole host mappings go: none is split, so none can fail. */
static void hide(uintptr_t start, size_t length)
{
	if (mmu_unmap(start, length) != 0)
		machine_panic("an address space cannot be unmapped");
}

static void evict(struct vm *vm)
{
	hide(window_base(vm), WINDOW_SIZE);
	if (vm->fixed && vm->image == IMAGE_SHOWN)
		hide(vm->image_low, vm->image_high - vm->image_low);
	vm->image = IMAGE_GONE;
	if (vm->space.key >= 0)
		mmu_key_free(vm->space.key);
	vm->space.key = -1;
	vm->resident = false;
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
		error = a->file ? mmu_map_file(&vm->space, a->start, length, a->prot, a->flags & AREA_SHARED,
					       a->file->host, a->at)
				: mmu_map(&vm->space, a->start, length, a->prot, a->at);
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

static bool in_image(const struct vm *vm, uintptr_t va)
{
	return vm->fixed && va >= vm->image_low && va < vm->image_high;
}

/* One mapping of the host can show both. */
static bool follows(const struct area *a, const struct area *b)
{
	return !b->file && a->end == b->start && a->at + (a->end - a->start) == b->at && a->prot == b->prot;
}

/* From *i on, the next areas within the image, or without, that one mapping of the host can show. False: no more. */
static bool next_run(const struct vm *vm, int *i, bool image, struct area *run)
{
	while (*i < vm->count && in_image(vm, vm->areas[*i].start) != image)
		++*i;
	if (*i == vm->count)
		return false;
	*run = vm->areas[(*i)++];
	while (!run->file && *i < vm->count && follows(run, &vm->areas[*i])) /* a copy of a file, and zeros */
		run->end = vm->areas[(*i)++].end;
	return true;
}

/* Where the host has no room for all of it, its process ends: it had as much alone, but meanwhile others have taken some for good. */
static void show_all(struct vm *vm, bool image)
{
	struct proc *p = proc_of_vm(vm);
	struct area run;

	for (int i = 0; next_run(vm, &i, image, &run);)
		if (!show_again(vm, &run)) {
			console_line("pid %d (%s): killed: the host gives no more mappings (vm.max_map_count)", p->pid, p->name);
			proc_kill(p, SIGKILL);
			return;
		}
}

/* ---- Programs at the same addresses ----------------------------------- */

/*
 * Where a program at a fixed address waits while another has it: in its
 * window, where its memory is and nothing else is mapped. Moved there and back,
 * its pages stay mapped: a tenth of what it takes to show it anew.
 */
static uintptr_t parking(const struct vm *vm, uintptr_t va)
{
	return window_base(vm) + IMAGE_OFFSET + (va - vm->image_low);
}

static bool move_image(const struct vm *vm, bool back)
{
	struct area run;

	for (int i = 0; next_run(vm, &i, true, &run);) {
		uintptr_t place = parking(vm, run.start);

		if (mmu_move(back ? place : run.start, run.end - run.start, back ? run.start : place) != 0)
			return false;
	}
	return true;
}

/* What could not be moved as a whole is shown anew. */
static void hide_image(struct vm *vm)
{
	size_t length = vm->image_high - vm->image_low;
	bool parked = move_image(vm, false);

	if (!parked) {
		hide(vm->image_low, length);
		hide(parking(vm, vm->image_low), length);
	}
	vm->image = parked ? IMAGE_PARKED : IMAGE_GONE;
}

static void show_image(struct vm *vm)
{
	for (struct vm *other = spaces; other; other = other->next)
		if (other != vm && other->fixed && other->image == IMAGE_SHOWN && other->image_low < vm->image_high &&
		    vm->image_low < other->image_high)
			hide_image(other);
	if (vm->image == IMAGE_GONE || !move_image(vm, true)) {
		hide(parking(vm, vm->image_low), vm->image_high - vm->image_low);
		show_all(vm, true);
	}
	vm->image = IMAGE_SHOWN;
}

static void take_key(struct vm *vm)
{
	while ((vm->space.key = mmu_key_alloc()) < 0)
		if (!vm_evict_one(vm))
			machine_panic("no protection key, and nobody to take one from");
}

bool vm_activate(struct vm *vm)
{
	bool loading = !vm->resident || (vm->fixed && vm->image != IMAGE_SHOWN);

	vm->last_used = ++uses;
	if (!vm->resident) {
		if (machine_info.protect == PROTECT_KEYS)
			take_key(vm);
		vm->resident = true;
		show_all(vm, false);
	}
	if (vm->fixed && vm->image != IMAGE_SHOWN)
		show_image(vm);
	mmu_activate(&vm->space);
	return loading;
}

const struct vm *vm_owner_of(uintptr_t va)
{
	for (const struct vm *vm = spaces; vm; vm = vm->next)
		if (vm->resident && vm_area_at(vm, va) && (vm->image == IMAGE_SHOWN || !in_image(vm, va)))
			return vm;
	return NULL;
}

/* ---- Places ----------------------------------------------------------- */

/* A program linked at a fixed address keeps it; its memory is in its window all the same, before what lies there. */
bool vm_backing(const struct vm *vm, uintptr_t va, size_t length, phys_t *phys)
{
	uintptr_t base = vm->fixed ? vm->brk_start : window_base(vm), top = window_top(vm);

	if (vm->fixed && va >= vm->image_low && va < vm->image_high && length <= vm->image_high - va)
		*phys = window_base(vm) - GUEST_BASE + IMAGE_OFFSET + (va - vm->image_low);
	else if (va >= base && va < top && length <= top - va)
		*phys = va - GUEST_BASE;
	else
		return false;
	return true;
}

bool vm_may_hold(const struct vm *vm, uintptr_t start, size_t length)
{
	phys_t unused;

	return vm_backing(vm, start, length, &unused) && start + length <= vm->space.scratch_at;
}

int vm_place_image(struct vm *vm, bool pie, uint64_t low, uint64_t high, uint64_t align)
{
	uintptr_t base = window_base(vm) + IMAGE_OFFSET;

	if (!pie && (low < GUEST_LOWEST || high > GUEST_BASE))
		return -ENOMEM;
	vm->fixed = !pie;
	vm->image_low = pie ? (base + align - 1) & ~(align - 1) : low;
	vm->image_high = vm->image_low + (high - low);
	vm->brk_start = pie ? vm->image_high : base + (high - low);
	vm->brk = vm->brk_start;
	return 0;
}

void vm_note_peak(struct vm *vm)
{
	uint64_t now = account_on ? phys_window_bytes(vm->window) : 0;

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

/* The scratch page continues the stack: one mapping of the host shows both. */
struct vm *vm_create(void)
{
	struct vm *vm = calloc(1, sizeof *vm);

	if (!vm || !(vm->window = phys_window_alloc())) {
		free(vm);
		return NULL;
	}
	vm->uses = 1;
	vm->space.key = -1;
	vm->space.scratch_at = vm->stack_top = window_top(vm) - PAGE_SIZE;
	vm->space.scratch = phys_pointer(vm->space.scratch_at - GUEST_BASE);
	vm->stack_low = vm->stack_top - STACK_SIZE;
	vm->next = spaces;
	spaces = vm;
	if (vm_map(vm, vm->stack_low, STACK_SIZE + PAGE_SIZE, PROT_READ | PROT_WRITE, AREA_UNCHARGED) == 0)
		return vm;
	vm_release(vm);
	return NULL;
}

int vm_fork(struct vm *vm, struct vm **out)
{
	(void)vm;
	*out = NULL;
	return -ENOSYS;
}

void vm_release(struct vm *vm)
{
	struct vm **link = &spaces;

	if (--vm->uses > 0)
		return;
	if (vm->resident)
		evict(vm);
	vm_forget_areas(vm);
	phys_window_free(vm->window);
	while (*link != vm)
		link = &(*link)->next;
	*link = vm->next;
	free(vm);
}
