/* What rewrite.c and relocate.c ask about the instruction that they want to move. Borders are decoded from a function's beginning. */
#ifndef UOS_MACHINE_INSTRUCTION_H
#define UOS_MACHINE_INSTRUCTION_H

#include <Zydis/Zydis.h>

#include "machine/rewrite.h"

static inline const uint8_t *at(const struct code *c, uint64_t address)
{
	return c->bytes + (address - c->start);
}

/* The function that contains `address`, and in *next where another begins behind it, or the code ends. NULL: none does. */
const struct function *function_at(const struct code *c, uint64_t address, uint64_t *next);
/* The instruction at `address`, which ends before `end`. */
bool instruction_at(const struct code *c, uint64_t address, uint64_t end, ZydisDecodedInstruction *out);
/* The function's last instruction that begins before `end`, if any does, and its address. False: it cannot be decoded. */
bool instruction_before(const struct code *c, const struct function *f, uint64_t end, uint64_t *address, ZydisDecodedInstruction *out);

static inline bool is_branch(const ZydisDecodedInstruction *i)
{
	return i->raw.imm[0].is_relative;
}

static inline uint64_t branch_target(const ZydisDecodedInstruction *i, uint64_t address)
{
	return address + i->length + i->raw.imm[0].value.u;
}

static inline bool is_rip_relative(const ZydisDecodedInstruction *i)
{
	return i->attributes & ZYDIS_ATTRIB_HAS_MODRM && i->raw.modrm.mod == 0 && i->raw.modrm.rm == 5;
}

bool is_condition(const ZydisDecodedInstruction *i); /* jcc, with no prefix */
/* Does the same wherever it stands, if its displacement is adjusted. */
bool is_movable(const ZydisDecodedInstruction *i);

#endif
