/* The copy of a file's code: what is in it, and what is known of it. */
#define _GNU_SOURCE
#include <elf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "kernel/area.h"
#include "kernel/code.h"
#include "kernel/fs_proc.h"
#include "kernel/sites.h"
#include "kernel/twin.h"
#include "machine/disk.h"
#include "machine/mapping.h"

#define TEXT_MAX (64ul << 20) /* no larger code is copied for its system calls alone, */
#define CHECKED_MAX (256ul << 20) /* nor at once, while nobody else runs, because it is to be executed: see make_copy, code.c */
_Static_assert(CHECKED_MAX <= MAPPED_VIEW, "which looks at it as a whole");
#define HEADERS 64u           /* of a program, that are looked at: none has more than a dozen */
#define GATE_WORD 8u          /* the slots begin with the gate's address */

/* Written by the host, from memory to memory: a third of what reading into the copy's mapping takes. */
static bool write_code(const struct twin *t)
{
	for (uint64_t at = t->low; at < t->high;) {
		size_t length = t->high - at;
		struct iovec code = { mapped_pointer(t->original, at, &length), 0 };

		code.iov_len = length;
		if (!code.iov_base || disk_writev(t->copy->host, &code, 1, (int64_t)at) != (ssize_t)length)
			return false;
		at += length;
	}
	return true;
}

static void count_bytes(struct twin *t, uint64_t bytes)
{
	area_pay(bytes, 0);
	t->counted += bytes;
}

static bool copy_code(struct twin *t)
{
	size_t length = t->high - t->low, size = t->high + SLOTS_SIZE;
	uint64_t gate = mmu_gate();

	if (!area_affordable(length))
		return false;
	count_bytes(t, length);
	t->copy->host = mapping_create(size);
	if (t->copy->host < 0 || !write_code(t))
		return false;
	t->bytes = mapping_open(t->copy->host, 0, size, true);
	if (!t->bytes)
		return false;
	memcpy(t->bytes + t->high, &gate, sizeof gate);
	t->used = GATE_WORD;
	return true;
}

struct code twin_code(const struct twin *t, uint64_t offset)
{
	const struct segment *s = twin_segment(t, offset, offset + 1);
	struct code c = { .slots = (const uint8_t *)t->bytes + t->high };
	uint64_t low;

	if (!s)
		return c;
	low = s->low > t->low ? s->low : t->low;
	c.bytes = (const uint8_t *)t->bytes + low;
	c.start = low + s->bias;
	c.end = (s->high < t->high ? s->high : t->high) + s->bias;
	c.functions = t->functions.list;
	c.function_count = t->functions.count;
	return c;
}

bool twin_learn_functions(struct twin *t)
{
	if (!t->learned && !functions_of_file(t->original->host, &t->functions))
		functions_free(&t->functions);
	if (!t->learned)
		count_bytes(t, t->functions.capacity * sizeof *t->functions.list);
	t->learned = true;
	return t->functions.count > 0;
}

static void add_segment(struct twin *t, const Elf64_Phdr *ph)
{
	uint64_t low = ph->p_offset & ~(PAGE_SIZE - 1), bias = ph->p_vaddr - ph->p_offset;
	uint64_t high = low + mapped_within(t->original, low, (ph->p_offset + ph->p_filesz - low + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1));
	struct segment *last = t->segment_count ? &t->segments[t->segment_count - 1] : NULL;

	if (last && (low < last->low || (bias != last->bias && low < last->high)))
		return; /* no linker makes these */
	if (last && bias == last->bias)
		last->high = high > last->high ? high : last->high;
	else if (t->segment_count < SEGMENTS && low < high)
		t->segments[t->segment_count++] = (struct segment){ low, high, bias };
}

/* What the file's program headers say is to be executed, ascending; BOLT has them anywhere. The slots are below all that they load. */
static void read_segments(struct twin *t)
{
	Elf64_Phdr headers[HEADERS];
	uint64_t lowest = UINT64_MAX;
	Elf64_Ehdr eh;
	ssize_t n = disk_read(t->original->host, &eh, sizeof eh, 0);

	if (n < (ssize_t)sizeof eh || memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0 || eh.e_phoff > INT64_MAX)
		return;
	n = disk_read(t->original->host, headers, sizeof headers, eh.e_phoff);
	for (size_t i = 0; i < eh.e_phnum && n >= (ssize_t)((i + 1) * sizeof *headers); i++) {
		const Elf64_Phdr *ph = &headers[i];

		if (ph->p_type == PT_LOAD && ph->p_vaddr < lowest)
			lowest = ph->p_vaddr;
		if (ph->p_type == PT_LOAD && ph->p_flags & PF_X && ph->p_offset <= UINT32_MAX && ph->p_filesz <= UINT32_MAX)
			add_segment(t, ph);
	}
	t->slots = (lowest & ~(PAGE_SIZE - 1)) - SLOTS_SIZE;
}

void twin_find_code(struct twin *t)
{
	read_segments(t);
	t->low = t->segments[0].low;
	t->high = t->segment_count ? t->segments[t->segment_count - 1].high : 0;
}

const struct segment *twin_segment(const struct twin *t, uint64_t low, uint64_t high)
{
	for (const struct segment *s = t->segments; s < t->segments + t->segment_count; s++)
		if (s->low < high && low < s->high)
			return s;
	return NULL;
}

bool twin_is_of_one(const struct twin *t, uint64_t low, uint64_t high)
{
	const struct segment *s = twin_segment(t, low, high);

	return !s || (s->low <= low && high <= s->high);
}

uint64_t twin_bias(const struct twin *t, uint64_t offset)
{
	const struct segment *s = twin_segment(t, offset, offset + 1);

	return s ? s->bias : t->segments[0].bias;
}

bool twin_fill(struct twin *t)
{
	bool checked = code_is_checked();

	t->original->hopeless = t->high - t->low > (checked ? CHECKED_MAX : TEXT_MAX) || (!checked && !twin_learn_functions(t));
	return !t->original->hopeless && copy_code(t) && (!checked || twin_disarm(t));
}

void sites_forget(struct twin *t)
{
	if (t->bytes)
		mapping_close(t->bytes, t->high + SLOTS_SIZE);
	area_pay(0, t->counted);
	functions_free(&t->functions);
	free(t->scars);
	free(t->armed);
	free(t->looks);
	free(t->borders);
	free(t->targets);
	t->original->twin = NULL;
	free(t);
}

void twin_describe(const struct twin *t, const char *what, uint64_t at, char out[CODE_WRONG])
{
	char name[PATH_MAX];
	ssize_t n = proc_host_name(t->original->host, name, sizeof name);

	snprintf(out, CODE_WRONG, "%s, which --protect=keys would run, at offset 0x%lx of %.*s", what, at, n < 0 ? 6 : (int)n, n < 0 ? "a file" : name);
}
