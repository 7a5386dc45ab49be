/* Address spaces: their birth and end, and where things go in them. What they consist of is area.c's list. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "kernel/account.h"
#include "kernel/frames.h"
#include "kernel/sites.h"
#include "kernel/vm.h"

#define TOP_PAGES 16 /* of a window, never mapped: windows do not touch */

struct vm *vm_list;

uintptr_t vm_base(unsigned window)
{
	return GUEST_BASE + window * WINDOW_SIZE;
}

static uintptr_t window_top(const struct vm *vm)
{
	return vm_base(vm->place) + WINDOW_SIZE - TOP_PAGES * PAGE_SIZE;
}

bool vm_in_image(const struct vm *vm, uintptr_t va)
{
	return vm->fixed && va >= vm->image_low && va < vm->image_high;
}

/* Where in a window the memory for an address is. */
static size_t index_of(const struct vm *vm, uintptr_t va)
{
	return vm_in_image(vm, va) ? IMAGE_OFFSET + (va - vm->image_low) : va - vm_base(vm->place);
}

/* ---- Places ----------------------------------------------------------- */

/* A program linked at a fixed address keeps it; its memory is in its window all the same, before what lies there. */
bool vm_backing(const struct vm *vm, uintptr_t va, size_t length, phys_t *phys)
{
	uintptr_t base = vm->fixed ? vm->brk_start : vm_base(vm->place), top = window_top(vm);

	*phys = vm_base(vm->window) - GUEST_BASE + index_of(vm, va);
	if (vm_in_image(vm, va))
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
	uintptr_t base = vm_base(vm->place) + IMAGE_OFFSET;

	if (!pie && (low < GUEST_LOWEST || high > GUEST_BASE))
		return -ENOMEM;
	vm->fixed = !pie;
	vm->image_room = !pie && low >= GUEST_LOWEST + SLOTS_SIZE ? SLOTS_SIZE : 0;
	vm->image_low = pie ? (base + align - 1) & ~(align - 1) : low - vm->image_room;
	vm->image_high = vm->image_low + vm->image_room + (high - low);
	vm->brk_start = pie ? vm->image_high : base + vm->image_low % TABLE_SPAN + (vm->image_high - vm->image_low);
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

	for (const struct vm *vm = vm_list; vm; vm = vm->next)
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
	vm->uses = 1;
	vm->space.key = -1;
	vm->next = vm_list;
	vm_list = vm;
	return vm;
}

static void place_gate(struct vm *vm)
{
	vm->space.scratch_at = window_top(vm) - PAGE_SIZE;
	vm->space.scratch = phys_pointer(vm_base(vm->window) - GUEST_BASE + index_of(vm, vm->space.scratch_at));
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
	if (vm_map(vm, vm->stack_low, STACK_SIZE + PAGE_SIZE, PROT_READ | PROT_WRITE, AREA_STACK) == 0)
		return vm;
	vm_release(vm);
	return NULL;
}

struct vm *vm_create_sibling(const struct vm *vm)
{
	struct vm *new = create(), own;

	if (!new)
		return NULL;
	own = *new;
	*new = *vm;
	new->uses = own.uses;
	new->space.key = own.space.key;
	new->window = own.window;
	new->next = own.next;
	new->areas = NULL;
	new->kept = NULL;
	new->count = new->capacity = 0;
	new->resident = false;
	new->image = IMAGE_GONE;
	new->peak = 0;
	new->last_used = 0;
	frames_window_release(own.place);
	frames_window_hold(new->place);
	place_gate(new);
	return new;
}

void vm_release(struct vm *vm)
{
	struct vm **link = &vm_list;

	if (--vm->uses > 0)
		return;
	vm_leave(vm);
	vm_forget_areas(vm);
	frames_window_release(vm->place);
	frames_window_release(vm->window);
	while (*link != vm)
		link = &(*link)->next;
	*link = vm->next;
	free(vm);
}
