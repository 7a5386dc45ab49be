#include <asm/unistd.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "kernel/code.h"
#include "kernel/proc.h"
#include "kernel/sites.h"
#include "kernel/twin.h"
#include "machine/mapping.h"

#define PROGRAM_TRAPS 20u     /* of a program, before it is copied: one that makes no more is done sooner without; */
#define TEXT_PER_TRAP (512ul << 10) /* of a library, whose calls are every program's: one for each so many bytes */
#define BEHIND_TRAPS 6u       /* of a site, before all of the code is searched for branches to what is behind it */
#define DONE UINT_MAX
#define SEARCH_MAX (8ul << 20) /* no larger code is searched for branches */
#define NEAR_REACH 128u       /* of those on a site's page, the ones that are soon found from their function's beginning */
#define SLOT_ALIGN 8u
#define KEPT 4                /* copies: each is two descriptors of the host; */
#define KEPT_CHECKED 48       /* at level full every program and library is one */
#define SHOWN_MAX 512         /* slots in one address space: no program has so many libraries */
#define TARGETS_MAX 1024u
#define LOOKS_MAX 4096u        /* sites of a file that are looked at; the slots have room for some 600 */

bool sites_on = true;
struct site_counts site_counts;

/* ---- The copy --------------------------------------------------------- */

/* By what the file says, not by who maps which part of it first. NULL: nothing of this area is code. */
static struct twin *describe(const struct area *a)
{
	struct twin *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->original = a->file;
	twin_find_code(t);
	if (twin_segment(t, a->at, a->at + (a->end - a->start)))
		return t;
	free(t);
	return NULL;
}

static uintptr_t slots_place(const struct twin *t, const struct area *a)
{
	return a->start - (a->at + twin_bias(t, a->at) - t->slots);
}

static int count_slots(const struct vm *vm)
{
	int count = 0;

	for (int i = 0; i < vm->count; i++)
		count += (vm->areas[i].flags & AREA_SLOTS) != 0;
	return count;
}

/* The area need not be in the list yet. */
static bool may_have_slots(const struct vm *vm, const struct twin *t, const struct area *a)
{
	uintptr_t place = slots_place(t, a);

	return place % PAGE_SIZE == 0 && place < a->start && a->start - place >= SLOTS_SIZE && vm_may_hold(vm, place, SLOTS_SIZE) &&
	       vm_is_free(vm, place, SLOTS_SIZE) && count_slots(vm) < SHOWN_MAX;
}

/* Its copy's first use is the caller's. NULL: not here; or never, if the file is why. */
static struct twin *make_twin(const struct vm *vm, int i)
{
	const struct area *a = &vm->areas[i];
	struct mapped *m = a->file;
	struct twin *t = m->hopeless ? NULL : describe(a);

	if (!t || !may_have_slots(vm, t, a) || !(t->copy = mapped_new_copy(m, t))) {
		free(t);
		return NULL;
	}
	if (twin_fill(t))
		return t;
	m->traps = 0; /* without memory for it now: again after as many */
	mapped_release(t->copy);
	return NULL;
}

/* ---- In an address space ---------------------------------------------- */

/* Are the slots where this area needs them? If not, they come there, if there is room. */
static bool show_slots(struct vm *vm, const struct twin *t, const struct area *a)
{
	uintptr_t place = slots_place(t, a);
	const struct area *there = vm_area_at(vm, place);

	if (there)
		return there->file == t->copy && there->flags & AREA_SLOTS && there->start == place;
	return may_have_slots(vm, t, a) && vm_map_slots(vm, place, t->copy, t->high) == 0;
}

static bool is_code(const struct area *a)
{
	return a->file && a->prot & PROT_EXEC && !(a->prot & PROT_WRITE) && !(a->flags & (AREA_SHARED | AREA_SLOTS)) &&
	       !a->file->writable;
}

struct mapped *sites_choose(struct vm *vm, const struct area *a)
{
	struct twin *t = is_code(a) ? a->file->twin : NULL;
	uint64_t end = a->at + (a->end - a->start);

	if (!t || a->file == t->copy || a->at < t->low || end > t->high || !twin_is_of_one(t, a->at, end) || !show_slots(vm, t, a))
		return a->file;
	return t->copy;
}

size_t sites_room(const struct area *a)
{
	return (a->file || a->origin) && !(a->flags & (AREA_SLOTS | AREA_SHARED)) ? SLOTS_SIZE : 0;
}

static bool has_other_area(const struct vm *vm, const struct mapped *m)
{
	for (int i = 0; i < vm->count; i++)
		if (vm->areas[i].file == m && !(vm->areas[i].flags & AREA_SLOTS))
			return true;
	return false;
}

void sites_unmapped(struct vm *vm)
{
	for (int i = vm->count - 1; i >= 0; i--) {
		const struct area *a = &vm->areas[i];

		if (a->flags & AREA_SLOTS && !has_other_area(vm, a->file))
			vm_unmap(vm, a->start, a->end - a->start); /* without it they stay, unused */
	}
}

/* ---- A site ----------------------------------------------------------- */

/* NULL: no memory for a first look, or there were enough. */
static struct look *look_at(struct twin *t, uint64_t site)
{
	if (!t->looks && !(t->looks = calloc(LOOKS_MAX, sizeof *t->looks)))
		return NULL;
	for (size_t i = 0; i < t->look_count; i++)
		if (t->looks[i].site == site)
			return &t->looks[i];
	if (t->look_count == LOOKS_MAX)
		return NULL;
	t->looks[t->look_count] = (struct look){ .site = site };
	return &t->looks[t->look_count++];
}

static bool note_borders(struct twin *t, const struct rewrite *r)
{
	size_t count = t->border_count + (size_t)r->border_count;
	struct border *more = realloc(t->borders, (count + 1) * sizeof *more);

	if (!more)
		return false;
	t->borders = more;
	memcpy(more + t->border_count, r->borders, (size_t)r->border_count * sizeof *more);
	t->border_count = count;
	return true;
}

static uint64_t moved(const struct vm *vm, uint64_t rip, bool back)
{
	const struct area *a = vm_area_at(vm, rip);
	const struct twin *t = a && a->file && a->file->original ? a->file->twin : NULL;
	uint64_t address;

	if (!t)
		return rip;
	address = rip - a->start + (a->flags & AREA_SLOTS ? t->slots : a->at + twin_bias(t, a->at));
	for (size_t i = 0; i < t->border_count; i++)
		if (address == (back ? t->borders[i].to : t->borders[i].from))
			return rip + (back ? t->borders[i].from - address : t->borders[i].to - address);
	return rip;
}

uint64_t sites_resume(const struct vm *vm, uint64_t rip)
{
	return moved(vm, rip, false);
}

/* Who is to enter the gate from a rewritten site, or to make a call again, is at that call. */
static uint64_t at_call(const struct vm *vm, const struct frame *f)
{
	uint64_t behind = moved(vm, f->rcx, true);
	uint8_t bytes[SYSCALL_LENGTH];

	if (behind != f->rcx)
		return behind - SYSCALL_LENGTH;
	if (copy_in(bytes, behind - SYSCALL_LENGTH, sizeof bytes) == 0 && bytes[0] == 0x0f && bytes[1] == 0x05)
		return behind - SYSCALL_LENGTH;
	return f->rip;
}

uint64_t sites_original(const struct frame *f)
{
	const struct vm *vm = current_proc()->vm;

	return f->rip == mmu_gate() ? at_call(vm, f) : moved(vm, f->rip, true);
}

/* All who stand where there is a jump now. One that is to enter the gate anew comes back by rcx. */
static void move_threads(void)
{
	for (struct proc *p = proc_list; p; p = p->next)
		for (struct thread *t = p->threads; t && p->vm; t = t->sibling) {
			struct frame *f = t->context.user ? t->context.frame : NULL;

			if (f && f->rip == mmu_gate())
				f->rcx = sites_resume(p->vm, f->rcx);
			else if (f)
				f->rip = sites_resume(p->vm, f->rip);
		}
}

/* The calls that begin a thread elsewhere, or end a signal's handler, stay with the signal. */
static bool stays(int64_t number)
{
	return number == __NR_rt_sigreturn || number == __NR_clone || number == __NR_fork || number == __NR_vfork ||
	       number == __NR_clone3;
}

/* Level full: distances are bytes, too, and may be such as must not be there. From another slot they are others. */
static bool fits(struct twin *t, const struct rewrite *r)
{
	uint8_t *slot = (uint8_t *)t->bytes + t->high + t->used, *site = (uint8_t *)t->bytes + r->at;
	uint8_t before[REWRITE_PATCH];
	bool harmless;

	memcpy(before, site, r->patch_length);
	memcpy(slot, r->slot, r->slot_length);
	memcpy(site, r->patch, r->patch_length);
	harmless = twin_is_harmless(t, t->high + t->used, r->slot_length) && twin_is_harmless(t, r->at, r->patch_length) &&
		   twin_joins_nothing(t, r->at, r->patch_length);
	memset(slot, 0, r->slot_length);
	memcpy(site, before, r->patch_length);
	if (!harmless)
		t->used += SLOT_ALIGN;
	return harmless;
}

static bool apply(struct twin *t, const struct rewrite *r)
{
	size_t used = (t->used + r->slot_length + SLOT_ALIGN - 1) & ~(size_t)(SLOT_ALIGN - 1);

	if (used + SLOT_ALIGN > SLOTS_SIZE || (code_is_checked() && !fits(t, r)) || !note_borders(t, r))
		return false;
	memcpy(t->bytes + t->high + t->used, r->slot, r->slot_length);
	memcpy(t->bytes + r->at, r->patch, r->patch_length);
	t->used = used;
	site_counts.rewritten++;
	return true;
}

/* All that branches lead to, or nothing: not if there is code that is not looked at. */
static void find_targets(struct twin *t, struct code *c)
{
	const struct segment *s = t->segments;
	bool is_all = t->segment_count == 1 && c->end - c->start == s->high - s->low;

	if (!t->targets && is_all && s->high - s->low <= SEARCH_MAX && (t->targets = malloc(TARGETS_MAX * sizeof *t->targets)) != NULL)
		t->target_count = rewrite_far_targets(c, t->targets, TARGETS_MAX);
	if (t->target_count <= TARGETS_MAX) {
		c->targets = t->targets;
		c->target_count = t->target_count;
	}
}

static const char *plan(struct twin *t, uint64_t site, bool behind, uint64_t reach, struct rewrite *out)
{
	uint64_t bias = twin_bias(t, site);
	const char *why;
	struct code c;

	twin_learn_functions(t);
	c = twin_code(t, site);
	c.reach = reach;
	if (behind)
		find_targets(t, &c);
	why = rewrite_plan(&c, site + bias, t->slots + t->used, t->slots, out);
	out->at -= bias;
	return why;
}

/* Those of the same page, as far as that is easy and they tell which call they make: one who writes a file will close it. */
static void rewrite_page(struct twin *t, uint64_t site)
{
	uint64_t page = site & ~(PAGE_SIZE - 1);
	const char *p = t->bytes + (page > t->low ? page : t->low);
	const char *end = t->bytes + (page + PAGE_SIZE < t->high ? page + PAGE_SIZE : t->high);
	struct rewrite r;

	for (; (p = memchr(p, 0x0f, (size_t)(end - p))) && end - p > SYSCALL_LENGTH; p++) {
		uint64_t at = (uint64_t)(p - t->bytes);
		struct look *look = p[1] == 0x05 && at != site ? look_at(t, at) : NULL;

		if (look && look->traps == 0 && !plan(t, at, false, NEAR_REACH, &r) && r.number >= 0 && !stays(r.number) && apply(t, &r))
			look->traps = DONE;
	}
}

/* Somebody came by. */
static void rewrite(struct twin *t, uint64_t site)
{
	struct look *look = look_at(t, site);
	bool first, behind;
	struct rewrite r;

	if (!look || look->traps == DONE)
		return;
	first = look->traps++ == 0;
	behind = look->traps == BEHIND_TRAPS;
	if ((first || behind) && !plan(t, site, behind, 0, &r) && !stays(r.number) && apply(t, &r)) {
		look->traps = DONE;
		move_threads();
	} else if (behind) {
		look->traps = DONE;
		site_counts.refused++;
	}
	if (first)
		rewrite_page(t, site);
	if (first || behind)
		cpu_serialize();
}

/* ---- Which copies stay ------------------------------------------------ */

/* The last that came to be, whether somebody shows them or not: the next program is likely to. */
static struct mapped *kept[KEPT_CHECKED];
static unsigned next_kept;

static void keep(struct mapped *copy)
{
	struct mapped *before = kept[next_kept];

	mapped_hold(copy);
	kept[next_kept] = copy;
	next_kept = (next_kept + 1) % (code_is_checked() ? KEPT_CHECKED : KEPT);
	if (before)
		mapped_release(before);
}

void sites_let_go(void)
{
	for (unsigned i = 0; i < KEPT_CHECKED; i++)
		if (kept[i] && kept[i]->uses == 1) {
			mapped_release(kept[i]);
			kept[i] = NULL;
		}
}

/* ---- At a trap -------------------------------------------------------- */

/* The area's file gives way to its rewritten copy. NULL: there is none. */
struct twin *sites_adopt(struct vm *vm, int i)
{
	struct mapped *m = vm->areas[i].file, *chosen;
	struct twin *t = m->twin;
	uintptr_t at = vm->areas[i].start;
	bool shown;

	if (t)
		mapped_hold(t->copy);
	else if ((t = m->twin = make_twin(vm, i)) != NULL)
		keep(t->copy);
	if (!t)
		return NULL;
	chosen = sites_choose(vm, &vm->areas[i]); /* the list may be another then */
	shown = chosen != m && vm_show_instead(vm, vm_index(vm, at), chosen) == 0;
	mapped_release(t->copy);
	if (!shown)
		return NULL;
	move_threads(); /* there are jumps already, at others' calls */
	return t;
}

static size_t traps_before(const struct vm *vm, const struct area *a)
{
	bool program = a->start >= vm->image_low && a->start < vm->image_high;

	return program ? PROGRAM_TRAPS : 1 + (a->end - a->start) / TEXT_PER_TRAP;
}

void sites_trapped(struct frame *f)
{
	uintptr_t site = f->rip - SYSCALL_LENGTH;
	struct vm *vm = current_proc()->vm;
	const struct area *a = sites_on && !stays((int64_t)f->rax) ? vm_area_at(vm, site) : NULL;
	struct twin *t;
	uint64_t at;

	if (!a || !is_code(a))
		return;
	at = a->at + (site - a->start);
	if (!a->file->original && ++a->file->traps < traps_before(vm, a))
		return;
	t = a->file->original ? a->file->twin : sites_adopt(vm, vm_index(vm, site));
	if (t)
		rewrite(t, at);
}
