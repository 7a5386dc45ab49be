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

#define TEXT_MAX (64ul << 20) /* no larger code is copied for its system calls alone */
#define HEAD 4096u            /* of a file: has its program headers */
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

static bool copy_code(struct twin *t)
{
	size_t length = t->high - t->low, size = t->high + SLOTS_SIZE;
	uint64_t gate = mmu_gate();

	if (!area_affordable(length))
		return false;
	area_pay(length, t->counted);
	t->counted = length;
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

struct code twin_code(const struct twin *t)
{
	return (struct code){ .bytes = (const uint8_t *)t->bytes + t->low, .start = t->low, .end = t->high,
			      .functions = t->functions.list, .function_count = t->functions.count,
			      .slots = (const uint8_t *)t->bytes + t->high };
}

bool twin_learn_functions(struct twin *t)
{
	if (!t->learned && !functions_of_file(t->original->host, t->low, &t->functions))
		functions_free(&t->functions);
	t->learned = true;
	return t->functions.count > 0;
}

/* The pages of the file that hold its executable segments, all together; 0: it has none. */
static uint64_t find_code(int host, uint64_t *low, uint64_t *high)
{
	char head[HEAD];
	ssize_t n = disk_read(host, head, sizeof head, 0);
	Elf64_Ehdr eh;

	*low = UINT64_MAX;
	*high = 0;
	if (n < (ssize_t)sizeof eh || memcmp(head, ELFMAG, SELFMAG) != 0)
		return 0;
	memcpy(&eh, head, sizeof eh);
	for (uint64_t i = 0; i < eh.e_phnum && eh.e_phoff < HEAD && eh.e_phoff + (i + 1) * sizeof(Elf64_Phdr) <= (uint64_t)n; i++) {
		Elf64_Phdr ph;

		memcpy(&ph, head + eh.e_phoff + i * sizeof ph, sizeof ph);
		if (ph.p_type != PT_LOAD || !(ph.p_flags & PF_X) || ph.p_offset > UINT32_MAX || ph.p_filesz > UINT32_MAX)
			continue;
		if (ph.p_offset < *low)
			*low = ph.p_offset & ~(PAGE_SIZE - 1);
		if (ph.p_offset + ph.p_filesz > *high)
			*high = (ph.p_offset + ph.p_filesz + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	}
	return *high;
}

void twin_widen(struct twin *t)
{
	uint64_t low, high;

	if (!find_code(t->original->host, &low, &high) || high <= t->low || low >= t->high)
		return;
	t->low = low;
	t->high = low + mapped_within(t->original, low, high - low);
}

bool twin_fill(struct twin *t)
{
	if (t->high <= t->low)
		return false;
	if (!code_is_checked())
		return t->high - t->low <= TEXT_MAX && twin_learn_functions(t) && copy_code(t);
	if (!copy_code(t))
		return false;
	return twin_disarm(t);
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

void twin_describe(const struct twin *t, const char *what, uint64_t at, char *out, size_t room)
{
	char name[PATH_MAX];
	ssize_t n = proc_host_name(t->original->host, name, sizeof name);

	snprintf(out, room, "%s, which --protect=keys would run, at offset 0x%lx of %.*s", what, at, n < 0 ? 6 : (int)n, n < 0 ? "a file" : name);
}
