/*
 * Protection level full: the instructions of a file's code that set PKRU, and
 * those that have such bytes in them by accident, in the copy that processes
 * show (sites.h). The C library has some of each: lazy binding restores vector
 * registers by XRSTOR, which is done in a slot, without the PKRU that it might
 * bring along; pkey_set has a WRPKRU, which nobody calls who was given no key.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/proc.h"
#include "kernel/sites.h"
#include "kernel/twin.h"
#include "machine/scan.h"

#define DECODED_MAX (1u << 20) /* bytes of a file, which take up to a quarter of a second: nobody else runs meanwhile. libLLVM needs 28,000 */
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

/* Pages of it may lie beside any others: by what is changed, no border may get a part of such bytes. */
bool twin_joins_nothing(const struct twin *t, uint64_t at, size_t length)
{
	for (uint64_t border = at & ~(PAGE_SIZE - 1); border < at + length + 2; border += PAGE_SIZE)
		for (unsigned n = 1; n <= 2; n++)
			if ((at < border && at + length > border - n && scan_begins(bytes_at(t, border), n)) ||
			    (at < border + n && at + length > border && scan_ends(bytes_at(t, border), n)))
				return false;
	return true;
}

static bool note(struct twin *t, const struct relocated *r, uint64_t slot)
{
	struct scar *more = realloc(t->scars, (t->scar_count + 1) * sizeof *more);

	if (!more)
		return false;
	t->scars = more;
	more[t->scar_count++] = (struct scar){ .kind = r->kind, .at = r->at, .slot = slot, .checked = r->checked ? r->slot_length : 0 };
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

/* An XRSTOR is on one page with its check: nobody comes between them. */
static bool slot_is_harmless(const struct twin *t, uint64_t slot, const struct relocated *r)
{
	size_t behind = r->checked + SCAN_LENGTH;

	if (!r->checked)
		return twin_is_harmless(t, slot, r->slot_length);
	return slot / PAGE_SIZE == (slot + r->slot_length - 1) / PAGE_SIZE && twin_is_harmless(t, slot, r->checked) &&
	       twin_is_harmless(t, slot + behind, r->slot_length - behind);
}

/* With its slot where the next free byte is. */
static bool replace(struct twin *t, const struct relocated *r)
{
	uint64_t slot = t->high + t->used;

	if (t->used + r->slot_length + SCAN_LENGTH > SLOTS_SIZE)
		return false;
	memcpy(t->bytes + slot, r->slot, r->slot_length);
	if (!slot_is_harmless(t, slot, r)) {
		memset(t->bytes + slot, 0, r->slot_length);
		return false;
	}
	if (!note(t, r, t->slots + t->used - twin_bias(t, r->at)))
		return false;
	t->used += r->slot_length;
	return put_patch(t, r);
}

/* Decoding: where an instruction is that was decoded before, for its function's beginning may be far away; and how much is left to do. */
struct decoding {
	uint64_t border, left;
};

static bool disarm_one(struct twin *t, uint64_t found, struct decoding *d)
{
	struct code c = twin_code(t, found);
	uint64_t bias = twin_bias(t, found);
	size_t used = t->used;
	struct relocated r;
	const char *why;

	c.border = d->border + bias;
	for (unsigned try = 0; try < SLOT_TRIES && d->left && t->used + RELOCATE_SLOT + SCAN_LENGTH <= SLOTS_SIZE; try++, t->used++) {
		c.reach = d->left;
		why = relocate_plan(&c, found + bias, t->slots + t->used, &r);
		d->left -= r.decoded < d->left ? r.decoded : d->left;
		c.border = r.at;
		d->border = r.at - bias;
		if (why)
			break;
		r.at -= bias;
		if (replace(t, &r))
			return true;
	}
	t->used = used;
	return false;
}

/* Data among the code, mostly; or a number that an instruction has. Nothing of its page will be executed, so the rest may be there. */
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
	struct decoding decoding = { 0, DECODED_MAX };
	uint64_t from = t->low;
	const uint8_t *found;

	if (!twin_is_harmless(t, t->high, t->used))
		return false;
	while ((found = scan_next(bytes_at(t, from), bytes_at(t, t->high + SCAN_LENGTH - 1))) != NULL) {
		from = (uint64_t)(found - (const uint8_t *)t->bytes);
		if (twin_learn_functions(t) && disarm_one(t, from, &decoding))
			continue;
		if (!note_armed(t, from))
			return false;
		from = (from | (PAGE_SIZE - 1)) + 1;
	}
	return true;
}

uint64_t twin_next_armed(const struct twin *t, uint64_t at, uint64_t end)
{
	size_t low = 0, high = t->armed_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (t->armed[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low < t->armed_count && t->armed[low] < end ? t->armed[low] : end;
}

/* ---- At a trap -------------------------------------------------------- */

static const struct scar *scar_at(const struct twin *t, uint64_t address)
{
	for (size_t i = 0; i < t->scar_count; i++)
		if (t->scars[i].at == address)
			return &t->scars[i];
	return NULL;
}

/* `at` is in the slots. Who comes to the check behind an XRSTOR with PKRU in the mask has jumped there. */
static bool failed_check(const struct twin *t, uint64_t at)
{
	for (const struct scar *s = t->scars; s < t->scars + t->scar_count; s++)
		if (at - t->high - (s->slot + twin_bias(t, s->at) - t->slots) < s->checked)
			return true;
	return false;
}

bool twin_trapped(struct frame *f, char wrong[CODE_WRONG])
{
	const struct area *a = vm_area_at(current_proc()->vm, f->rip);
	const struct twin *t = a && a->file && a->file->original ? a->file->twin : NULL;
	uint64_t at = t ? a->at + (f->rip - a->start) : 0;
	const struct scar *s = t && !(a->flags & AREA_SLOTS) ? scar_at(t, at) : NULL;

	*wrong = 0;
	if (s && s->kind == RELOCATED_WRPKRU)
		twin_describe(t, "WRPKRU", s->at, wrong);
	else if (s)
		f->rip += s->slot - s->at;
	else if (t && a->flags & AREA_SLOTS && failed_check(t, at))
		strcpy(wrong, "jumped to an XRSTOR, to restore PKRU");
	else
		return false;
	return true;
}
