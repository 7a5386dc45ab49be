#include <string.h>

#include "machine/slot.h"

#define JMP_REL32 0xe9

void slot_put(struct slot *s, const void *bytes, size_t n)
{
	if (s->length + n > s->room) {
		s->failed = true;
		return;
	}
	memcpy(s->bytes + s->length, bytes, n);
	s->length += n;
}

static bool put_distance(uint8_t *to, uint64_t from, uint64_t target)
{
	int64_t distance = (int64_t)(target - from);
	int32_t value = (int32_t)distance;

	memcpy(to, &value, sizeof value);
	return distance == value;
}

void slot_put_relative(struct slot *s, const uint8_t *opcode, size_t n, uint64_t target)
{
	uint8_t distance[4];

	slot_put(s, opcode, n);
	if (!put_distance(distance, s->address + s->length + sizeof distance, target))
		s->failed = true;
	slot_put(s, distance, sizeof distance);
}

void slot_put_jump(struct slot *s, uint64_t target)
{
	slot_put_relative(s, (const uint8_t[]){ JMP_REL32 }, 1, target);
}

void slot_put_condition(struct slot *s, const ZydisDecodedInstruction *i, uint64_t target)
{
	slot_put_relative(s, (const uint8_t[]){ 0x0f, (uint8_t)(0x80 | (i->opcode & 0x0f)) }, 2, target);
}

void slot_put_moved(struct slot *s, const struct code *c, uint64_t address, const ZydisDecodedInstruction *i)
{
	uint8_t bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];

	memcpy(bytes, at(c, address), i->length);
	if (is_rip_relative(i) && !put_distance(bytes + i->raw.disp.offset, s->address + s->length + i->length,
						address + i->length + (uint64_t)i->raw.disp.value))
		s->failed = true;
	slot_put(s, bytes, i->length);
}

bool slot_patch(uint8_t *patch, size_t length, uint64_t address, uint64_t slot)
{
	memset(patch, NOP, length);
	patch[0] = JMP_REL32;
	return put_distance(patch + 1, address + REWRITE_JUMP, slot);
}
