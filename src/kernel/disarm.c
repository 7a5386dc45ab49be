/*
 * Protection level full: the instructions of a file's code that set PKRU, and
 * those that have such bytes in them by accident, in the copy that processes
 * show (sites.h). The C library has some of each: lazy binding restores vector
 * registers by XRSTOR, which is done here without the PKRU that it might bring
 * along; pkey_set has a WRPKRU, which nobody calls who was given no key.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/proc.h"
#include "kernel/sites.h"
#include "kernel/twin.h"
#include "kernel/xrstor.h"
#include "machine/scan.h"

#define SLOT_TRIES 64u /* places, one byte apart: new distances may make such bytes, too */

static const uint8_t *bytes_at(const struct twin *t, uint64_t at)
{
	return (const uint8_t *)t->bytes + at;
}

bool twin_is_harmless(const struct twin *t, uint64_t at, size_t length)
{
	const uint64_t reach = SCAN_LENGTH - 1, end = t->high + SLOTS_SIZE;
	uint64_t from = at > reach ? at - reach : 0, to = end - at > length + reach ? at + length + reach : end;

	return !scan_next(bytes_at(t, from), bytes_at(t, to));
}

static bool note(struct twin *t, const struct relocated *r, uint64_t slot)
{
	struct scar *more = realloc(t->scars, (t->scar_count + 1) * sizeof *more);

	if (!more)
		return false;
	t->scars = more;
	more[t->scar_count] = (struct scar){ .kind = r->kind, .at = r->at, .slot = slot, .length = r->length };
	memcpy(more[t->scar_count++].bytes, bytes_at(t, r->at), r->length);
	return true;
}

static bool put_patch(struct twin *t, const struct relocated *r)
{
	if (r->may_jump) {
		memcpy(t->bytes + r->at, r->jump, r->length);
		if (twin_is_harmless(t, r->at, r->length))
			return true;
	}
	memcpy(t->bytes + r->at, r->trap, r->length);
	return twin_is_harmless(t, r->at, r->length);
}

/* With its slot where the next free byte is. */
static bool replace(struct twin *t, const struct relocated *r)
{
	uint64_t slot = t->high + t->used;

	if (t->used + r->slot_length + SCAN_LENGTH > SLOTS_SIZE)
		return false;
	memcpy(t->bytes + slot, r->slot, r->slot_length);
	if (!twin_is_harmless(t, slot, r->slot_length)) {
		memset(t->bytes + slot, 0, r->slot_length);
		return false;
	}
	if (!note(t, r, t->slots + t->used - twin_bias(t, r->at)))
		return false;
	t->used += r->slot_length;
	return put_patch(t, r);
}

static bool disarm_one(struct twin *t, uint64_t found)
{
	struct code c = twin_code(t, found);
	uint64_t bias = twin_bias(t, found);
	struct relocated r;

	for (unsigned try = 0; try < SLOT_TRIES; try++, t->used++) {
		if (relocate_plan(&c, found + bias, t->slots + t->used, &r) != NULL)
			return false;
		r.at -= bias;
		if (replace(t, &r))
			return true;
	}
	return false;
}

/* Data among the code, mostly; or a number that an instruction has. */
static bool note_armed(struct twin *t, uint64_t at)
{
	uint64_t *more = realloc(t->armed, (t->armed_count + 1) * sizeof *more);

	if (!more)
		return false;
	t->armed = more;
	more[t->armed_count++] = at;
	return true;
}

bool twin_disarm(struct twin *t)
{
	uint64_t from = t->low;
	const uint8_t *found;

	while ((found = scan_next(bytes_at(t, from), bytes_at(t, t->high + SLOTS_SIZE))) != NULL) {
		from = (uint64_t)(found - (const uint8_t *)t->bytes);
		if (from >= t->high)
			return false;
		if ((!twin_learn_functions(t) || !disarm_one(t, from)) && !note_armed(t, from++))
			return false;
	}
	return true;
}

uint64_t twin_next_armed(const struct twin *t, uint64_t at, uint64_t end)
{
	for (size_t i = 0; i < t->armed_count; i++)
		if (t->armed[i] >= at && t->armed[i] < end)
			return t->armed[i];
	return end;
}

/* ---- At a trap -------------------------------------------------------- */

static const struct scar *scar_at(const struct twin *t, uint64_t address)
{
	for (size_t i = 0; i < t->scar_count; i++)
		if (t->scars[i].at == address)
			return &t->scars[i];
	return NULL;
}

bool twin_trapped(struct frame *f, char wrong[CODE_WRONG])
{
	const struct area *a = vm_area_at(current_proc()->vm, f->rip);
	const struct twin *t = a && a->file && a->file->original && !(a->flags & AREA_SLOTS) ? a->file->twin : NULL;
	const struct scar *s = t ? scar_at(t, a->at + (f->rip - a->start)) : NULL;

	*wrong = 0;
	if (!s)
		return false;
	switch (s->kind) {
	case RELOCATED_WRPKRU:
		twin_describe(t, "WRPKRU", s->at, wrong);
		return true;
	case RELOCATED_XRSTOR:
		return state_restore(f, s->bytes, s->length);
	default:
		f->rip += s->slot - s->at;
		return true;
	}
}
