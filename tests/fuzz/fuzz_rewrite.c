/*
 * libFuzzer target: the first byte says how long the first function is, the rest is code. Whatever it is: what is rewritten
 * lies in a function and covers a system call or what is before it, whole instructions of it; the slot has room.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/functions.h"

#define CODE 0x10000u
#define GATE 0x8000u
#define SLOT 0x8008u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth)
{
	if (!truth)
		abort();
}

static void check(const struct code *c, uint64_t site, const struct rewrite *r)
{
	const uint8_t *at = c->bytes + (site - c->start);

	require(at[0] == 0x0f && at[1] == 0x05);
	require(r->at >= c->start && r->at <= site && r->patch_length >= REWRITE_JUMP && r->at + r->patch_length <= c->end);
	require(r->at == site ? r->patch_length <= REWRITE_PATCH : r->at + r->patch_length == site);
	require(r->slot_length <= REWRITE_SLOT && r->border_count >= 0 && r->border_count <= REWRITE_BORDERS);
	for (int i = 0; i < r->border_count; i++)
		require(r->borders[i].from >= site && r->borders[i].from < site + REWRITE_JUMP &&
			r->borders[i].to >= SLOT && r->borders[i].to < SLOT + r->slot_length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t length = size ? size - 1 : 0, first = size && data[0] < length ? data[0] : length;
	struct function functions[] = { { CODE, CODE + first }, { CODE + first, CODE + length } };
	uint8_t *bytes = malloc(length + 1);
	uint64_t targets[4];
	struct code c = { .bytes = bytes, .start = CODE, .end = CODE + length, .functions = functions, .function_count = 2,
			  .targets = targets };
	struct functions told = { 0 };
	struct rewrite r;
	size_t count;

	memcpy(bytes, size ? data + 1 : data, length);
	count = rewrite_far_targets(&c, targets, 4);
	c.target_count = count < 4 ? count : 4;
	for (uint64_t site = CODE; site < CODE + length; site++)
		if (!rewrite_plan(&c, site, SLOT, GATE, &r)) {
			check(&c, site, &r);
			memcpy(bytes + (r.at - CODE), r.patch, r.patch_length);
		}
	functions_from_unwind(&told, data, size, CODE);
	functions_from_symbols(&told, data, size);
	functions_from_table(&told, data, size, CODE, data, size, CODE);
	functions_sort(&told);
	for (size_t i = 0; i < told.count; i++)
		require(told.list[i].start < told.list[i].end && (i == 0 || told.list[i].start >= told.list[i - 1].end));
	functions_free(&told);
	free(bytes);
	return 0;
}
