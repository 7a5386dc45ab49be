/*
 * Address spaces. An address space is its list of areas; the host's mappings
 * only show it. So it can be evicted (unmapped) at any time and loaded again
 * when it next runs: for its key, for addresses that another wants, or for
 * its share of the host's mappings, all by one mechanism.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/account.h"
#include "kernel/vm.h"

#define TOP_PAGES 16 /* trampoline and scratch page are the first two of these */

static struct vm *spaces;
static uint64_t uses;      /* a clock for least-recently-used */
static uint64_t committed; /* bytes charged, all address spaces together */

static uintptr_t window_base(const struct vm *vm)
{
	return GUEST_BASE + vm->window * WINDOW_SIZE;
}

/* Index of the first area that ends above va. */
static int index_at(const struct vm *vm, uintptr_t va)
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
	int i = index_at(vm, va);

	return i < vm->count && vm->areas[i].start <= va ? &vm->areas[i] : NULL;
}

bool vm_is_free(const struct vm *vm, uintptr_t start, size_t length)
{
	int i = index_at(vm, start);

	return i == vm->count || vm->areas[i].start >= start + length;
}

/* ---- Residency -------------------------------------------------------- */

static void evict(struct vm *vm)
{
	/* from the bottom up each takes off the beginning of a host mapping: none is split, so none can fail */
	for (int i = 0; i < vm->count; i++)
		if (mmu_unmap(vm->areas[i].start, vm->areas[i].end - vm->areas[i].start) != 0)
			machine_panic("an address space cannot be unmapped");
	if (vm->space.key >= 0)
		mmu_key_free(vm->space.key);
	vm->space.key = -1;
	vm->resident = false;
}

static bool evict_one(const struct vm *except)
{
	struct vm *oldest = NULL;

	for (struct vm *vm = spaces; vm; vm = vm->next)
		if (vm->resident && vm != except && (!oldest || vm->last_used < oldest->last_used))
			oldest = vm;
	if (oldest)
		evict(oldest);
	return oldest;
}

static bool overlap(const struct vm *a, const struct vm *b)
{
	for (int i = 0; i < a->count; i++)
		if (!vm_is_free(b, a->areas[i].start, a->areas[i].end - a->areas[i].start))
			return true;
	return false;
}

static void make_room(const struct vm *vm)
{
	if (!vm->fixed)
		return; /* windows never overlap */
	for (struct vm *other = spaces; other; other = other->next)
		if (other != vm && other->resident && other->fixed && overlap(vm, other))
			evict(other);
}

static int show(struct vm *vm, const struct area *a)
{
	int error;

	while ((error = mmu_map(&vm->space, a->start, a->end - a->start, a->prot, a->phys)) == -ENOMEM)
		if (!evict_one(vm))
			break;
	return error;
}

static void load(struct vm *vm)
{
	make_room(vm);
	if (machine_info.protect == PROTECT_KEYS)
		while ((vm->space.key = mmu_key_alloc()) < 0)
			if (!evict_one(vm))
				machine_panic("no protection key, and nobody to take one from");
	vm->resident = true;
	for (int i = 0; i < vm->count; i++)
		if (show(vm, &vm->areas[i]) != 0)
			machine_panic("the host maps no more memory for one address space");
}

bool vm_activate(struct vm *vm)
{
	bool loading = !vm->resident;

	vm->last_used = ++uses;
	if (loading)
		load(vm);
	mmu_activate(&vm->space);
	return loading;
}

const struct vm *vm_owner_of(uintptr_t va)
{
	for (const struct vm *vm = spaces; vm; vm = vm->next)
		if (vm->resident && vm_area_at(vm, va))
			return vm;
	return NULL;
}

/* ---- The list of areas ------------------------------------------------ */

static bool charges(const struct area *a)
{
	return a->prot & PROT_WRITE && !a->uncharged;
}

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
	vm->count--;
	memmove(vm->areas + at, vm->areas + at + 1, (size_t)(vm->count - at) * sizeof *vm->areas);
}

/* Makes `va` a border between areas. False: out of memory. */
static bool split(struct vm *vm, uintptr_t va)
{
	int i = index_at(vm, va);
	struct area upper;

	if (i == vm->count || vm->areas[i].start >= va)
		return true;
	upper = vm->areas[i];
	upper.phys += va - upper.start;
	upper.start = va;
	if (!insert(vm, i + 1, upper))
		return false;
	vm->areas[i].end = va;
	return true;
}

/* Joins what split or insert left as neighbours of one kind, around [start, end]. */
static void join(struct vm *vm, uintptr_t start, uintptr_t end)
{
	int i = index_at(vm, start - 1);

	while (i + 1 < vm->count && vm->areas[i].start <= end) {
		struct area *a = &vm->areas[i], *b = a + 1;

		if (a->end == b->start && a->prot == b->prot && a->uncharged == b->uncharged &&
		    a->phys + (a->end - a->start) == b->phys) {
			a->end = b->end;
			drop(vm, i + 1);
		} else {
			i++;
		}
	}
}

/* Where the memory for an address is, if this address space may have it. */
static bool backing(const struct vm *vm, uintptr_t va, size_t length, phys_t *phys)
{
	uintptr_t base = window_base(vm), limit = base + WINDOW_SIZE - TOP_PAGES * PAGE_SIZE;

	if (vm->fixed && va >= vm->image_low && length <= vm->image_high - va && va < vm->image_high)
		*phys = vm_image_phys(vm, va);
	else if (va >= base && va < limit && length <= limit - va)
		*phys = va - GUEST_BASE;
	else
		return false;
	return true;
}

bool vm_may_hold(const struct vm *vm, uintptr_t start, size_t length)
{
	phys_t unused;

	return backing(vm, start, length, &unused);
}

static int add(struct vm *vm, struct area a)
{
	uint64_t bytes = charges(&a) ? a.end - a.start : 0;
	int error;

	if (committed + bytes > machine_info.memory || !insert(vm, index_at(vm, a.start), a))
		return -ENOMEM;
	if (vm->resident && (error = show(vm, &a)) != 0) {
		drop(vm, index_at(vm, a.start));
		return error;
	}
	committed += bytes;
	join(vm, a.start, a.end);
	return 0;
}

int vm_map(struct vm *vm, uintptr_t start, size_t length, int prot, bool uncharged)
{
	struct area a = { .start = start, .end = start + length, .prot = prot, .uncharged = uncharged };

	if (!backing(vm, start, length, &a.phys))
		return -ENOMEM;
	return add(vm, a);
}

void vm_note_peak(struct vm *vm)
{
	uint64_t now = account_on ? phys_window_bytes(vm->window) : 0;

	if (now > vm->peak)
		vm->peak = now;
}

int vm_unmap(struct vm *vm, uintptr_t start, size_t length)
{
	uintptr_t end = start + length;
	int i;

	vm_note_peak(vm);
	if (!split(vm, start) || !split(vm, end))
		return -ENOMEM;
	i = index_at(vm, start);
	while (i < vm->count && vm->areas[i].start < end) {
		struct area *a = &vm->areas[i];

		if (vm->resident && mmu_unmap(a->start, a->end - a->start) != 0) {
			join(vm, start, end);
			return -ENOMEM;
		}
		phys_discard(a->phys, a->end - a->start);
		committed -= charges(a) ? a->end - a->start : 0;
		drop(vm, i);
	}
	return 0;
}

static bool covered(const struct vm *vm, uintptr_t start, uintptr_t end)
{
	for (int i = index_at(vm, start); start < end; start = vm->areas[i++].end)
		if (i == vm->count || vm->areas[i].start > start)
			return false;
	return true;
}

int vm_protect(struct vm *vm, uintptr_t start, size_t length, int prot)
{
	uintptr_t end = start + length;

	if (!covered(vm, start, end) || !split(vm, start) || !split(vm, end))
		return -ENOMEM;
	for (int i = index_at(vm, start); i < vm->count && vm->areas[i].start < end; i++) {
		struct area *a = &vm->areas[i];
		uint64_t bytes = a->end - a->start, before = charges(a) ? bytes : 0, after;
		struct area changed = *a;

		changed.prot = prot;
		after = charges(&changed) ? bytes : 0;
		if (committed - before + after > machine_info.memory)
			return -ENOMEM;
		if (vm->resident && mmu_protect(&vm->space, a->start, bytes, prot) != 0)
			return -ENOMEM;
		committed = committed - before + after;
		*a = changed;
	}
	join(vm, start, end);
	return 0;
}

int vm_discard(struct vm *vm, uintptr_t start, size_t length)
{
	uintptr_t end = start + length;
	bool whole = covered(vm, start, end);

	vm_note_peak(vm);
	for (int i = index_at(vm, start); i < vm->count && vm->areas[i].start < end; i++) {
		const struct area *a = &vm->areas[i];
		uintptr_t from = a->start > start ? a->start : start, to = a->end < end ? a->end : end;

		phys_discard(a->phys + (from - a->start), to - from);
	}
	return whole ? 0 : -ENOMEM;
}

/* From the top down, below the stack's guard, never into the heap. */
uintptr_t vm_find_gap(const struct vm *vm, size_t length)
{
	uintptr_t top = vm->stack_low - STACK_GUARD;

	for (int i = index_at(vm, top); i >= 0; i--) {
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

/* ---- Birth and death -------------------------------------------------- */

bool vm_create(struct vm *vm)
{
	uintptr_t top;
	struct area code = { .prot = PROT_READ | PROT_EXEC, .phys = mmu_trampoline() };
	struct area scratch = { .prot = PROT_READ | PROT_WRITE, .uncharged = true };

	memset(vm, 0, sizeof *vm);
	vm->window = phys_window_alloc();
	if (!vm->window)
		return false;
	vm->space.key = -1;
	top = window_base(vm) + WINDOW_SIZE - TOP_PAGES * PAGE_SIZE;
	vm->space.trampoline = code.start = top;
	code.end = scratch.start = top + PAGE_SIZE;
	scratch.end = top + 2 * PAGE_SIZE;
	scratch.phys = scratch.start - GUEST_BASE;
	vm->space.scratch = phys_pointer(scratch.phys);
	vm->stack_top = top - PAGE_SIZE;
	vm->stack_low = vm->stack_top - STACK_SIZE;
	vm->next = spaces;
	spaces = vm;
	if (add(vm, code) == 0 && add(vm, scratch) == 0 &&
	    vm_map(vm, vm->stack_low, STACK_SIZE, PROT_READ | PROT_WRITE, true) == 0)
		return true;
	vm_free(vm);
	return false;
}

void vm_free(struct vm *vm)
{
	struct vm **link = &spaces;

	if (vm->resident)
		evict(vm);
	for (int i = 0; i < vm->count; i++)
		committed -= charges(&vm->areas[i]) ? vm->areas[i].end - vm->areas[i].start : 0;
	phys_window_free(vm->window);
	free(vm->areas);
	while (*link != vm)
		link = &(*link)->next;
	*link = vm->next;
	memset(vm, 0, sizeof *vm);
}

phys_t vm_image_phys(const struct vm *vm, uintptr_t va)
{
	if (vm->fixed)
		va = window_base(vm) + IMAGE_OFFSET + (va - vm->image_low);
	return va - GUEST_BASE;
}

/* A program linked at a fixed address keeps it; its memory is in its window all the same. */
int vm_place_image(struct vm *vm, bool pie, uint64_t low, uint64_t high, uint64_t align)
{
	uintptr_t base = window_base(vm) + IMAGE_OFFSET;

	if (!pie && (low < GUEST_LOWEST || high > GUEST_BASE))
		return -ENOMEM;
	vm->fixed = !pie;
	vm->image_low = pie ? (base + align - 1) & ~(align - 1) : low;
	vm->image_high = vm->image_low + (high - low);
	vm->brk_start = PAGE_SIZE + (pie ? vm->image_high : base + (high - low));
	vm->brk = vm->brk_start;
	return 0;
}
