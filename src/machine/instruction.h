/* What rewrite.c and relocate.c ask about an instruction that they want to move. */
#ifndef UOS_MACHINE_INSTRUCTION_H
#define UOS_MACHINE_INSTRUCTION_H

#include <Zydis/Zydis.h>

#include "machine/rewrite.h"

static inline const uint8_t *at(const struct code *c, uint64_t address)
{
	return c->bytes + (address - c->start);
}

static inline bool is_branch(const ZydisDecodedInstruction *i)
{
	return i->raw.imm[0].is_relative;
}

static inline bool is_rip_relative(const ZydisDecodedInstruction *i)
{
	return i->attributes & ZYDIS_ATTRIB_HAS_MODRM && i->raw.modrm.mod == 0 && i->raw.modrm.rm == 5;
}

/* jcc, with no prefix: 7x rel8, 0f 8x rel32. */
static inline bool is_condition(const ZydisDecodedInstruction *i)
{
	bool far = i->opcode_map == ZYDIS_OPCODE_MAP_0F && (i->opcode & 0xf0) == 0x80 && i->length == 6;

	return far || (i->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && (i->opcode & 0xf0) == 0x70 && i->length == 2);
}

/* Does the same wherever it stands, if its displacement is adjusted. */
static inline bool is_movable(const ZydisDecodedInstruction *i)
{
	switch (i->meta.category) {
	case ZYDIS_CATEGORY_CALL:
	case ZYDIS_CATEGORY_COND_BR:
	case ZYDIS_CATEGORY_UNCOND_BR:
	case ZYDIS_CATEGORY_RET:
	case ZYDIS_CATEGORY_SYSCALL:
	case ZYDIS_CATEGORY_SYSRET:
	case ZYDIS_CATEGORY_INTERRUPT:
		return false;
	default:
		return !is_branch(i);
	}
}

#endif
