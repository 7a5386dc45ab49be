#include <string.h>

#include "machine/relocate.h"
#include "machine/slot.h"

#define NEAR_CALL 2 /* which of the instructions whose opcode is 0xff */
#define NEAR_JUMP 4
#define RAX 0
#define RSP 4
#define NO_REGISTER 16
#define RED_ZONE 128
#define PUSHED 16 /* bytes: flags and rax */

/* What a call does before it jumps. */
static void put_return(struct slot *s, uint64_t back)
{
	slot_put(s, (const uint8_t[]){ 0x50 }, 1);                            /* push %rax */
	slot_put_relative(s, (const uint8_t[]){ 0x48, 0x8d, 0x05 }, 3, back); /* lea back(%rip), %rax */
	slot_put(s, (const uint8_t[]){ 0x48, 0x87, 0x04, 0x24 }, 4);          /* xchg %rax, (%rsp) */
}

/* call *word(%rip), or jmp: how a library's functions are reached that are not bound lazily. */
static bool goes_by_word(const ZydisDecodedInstruction *i)
{
	return i->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && i->opcode == 0xff && i->raw.prefix_count == 0 && is_rip_relative(i) &&
	       (i->raw.modrm.reg == NEAR_CALL || i->raw.modrm.reg == NEAR_JUMP);
}

static void put_by_word(struct slot *s, uint64_t address, const ZydisDecodedInstruction *i)
{
	uint64_t behind = address + i->length;

	if (i->raw.modrm.reg == NEAR_CALL)
		put_return(s, behind);
	slot_put_relative(s, (const uint8_t[]){ 0xff, 0x25 }, 2, behind + (uint64_t)i->raw.disp.value);
}

static bool put_branch(struct slot *s, uint64_t address, const ZydisDecodedInstruction *i)
{
	uint64_t behind = address + i->length, target = branch_target(i, address);

	if (i->raw.prefix_count > 0)
		return false;
	if (is_condition(i)) {
		slot_put_condition(s, i, target);
		slot_put_jump(s, behind);
	} else if (i->mnemonic == ZYDIS_MNEMONIC_JMP) {
		slot_put_jump(s, target);
	} else if (i->mnemonic == ZYDIS_MNEMONIC_CALL) {
		put_return(s, behind);
		slot_put_jump(s, target);
	} else {
		return false;
	}
	return true;
}

static const char *move(struct slot *s, const struct code *c, uint64_t address, const ZydisDecodedInstruction *i)
{
	if (is_branch(i)) {
		if (!put_branch(s, address, i))
			return "a branch that must stay where it is";
	} else if (goes_by_word(i)) {
		put_by_word(s, address, i);
	} else {
		if (!is_movable(i) || i->attributes & ZYDIS_ATTRIB_HAS_LOCK) /* programs jump to behind a lock prefix */
			return "an instruction that must stay where it is";
		slot_put_moved(s, c, address, i);
		slot_put_jump(s, address + i->length);
	}
	return s->failed ? "out of reach" : NULL;
}

static unsigned base_of(const ZydisDecodedInstruction *i)
{
	bool by_sib = i->attributes & ZYDIS_ATTRIB_HAS_SIB;
	unsigned low = by_sib ? i->raw.sib.base : i->raw.modrm.rm;

	return i->raw.modrm.mod == 0 && low == 5 ? NO_REGISTER : low | (unsigned)i->raw.rex.B << 3;
}

static unsigned index_of(const ZydisDecodedInstruction *i)
{
	unsigned index = i->raw.sib.index | (unsigned)i->raw.rex.X << 3;

	return i->attributes & ZYDIS_ATTRIB_HAS_SIB && index != RSP ? index : NO_REGISTER;
}

static bool has_no_prefix_but_rex(const ZydisDecodedInstruction *i)
{
	return i->raw.modrm.offset == 2 || (i->raw.modrm.offset == 3 && i->attributes & ZYDIS_ATTRIB_HAS_REX);
}

/* The instruction with another displacement: rsp is lower than it was. */
static void put_deeper(struct slot *s, const uint8_t *bytes, const ZydisDecodedInstruction *i)
{
	int64_t value = i->raw.disp.value + RED_ZONE + PUSHED;
	int32_t displacement = (int32_t)value;
	uint8_t modrm = (uint8_t)(2 << 6 | i->raw.modrm.reg << 3 | i->raw.modrm.rm);

	slot_put(s, bytes, i->raw.modrm.offset);
	slot_put(s, &modrm, sizeof modrm);
	slot_put(s, bytes + i->raw.sib.offset, 1);
	slot_put(s, &displacement, sizeof displacement);
	s->failed |= displacement != value;
}

static const char *put_xrstor(struct slot *s, const struct code *c, uint64_t address, const ZydisDecodedInstruction *i, size_t *checked)
{
	if (base_of(i) == RAX || index_of(i) == RAX)
		return "an XRSTOR that finds its operand by rax";
	if (!has_no_prefix_but_rex(i)) /* of addresses: 32-bit code, which may jump there, would take the check for a part of it */
		return "an XRSTOR with a prefix";
	slot_put(s, (const uint8_t[]){ 0x48, 0x8d, 0x64, 0x24, (uint8_t)-RED_ZONE }, 5); /* lea -128(%rsp), %rsp */
	slot_put(s, (const uint8_t[]){ 0x9c, 0x50 }, 2);                                 /* pushfq; push %rax */
	slot_put(s, (const uint8_t[]){ 0x25, 0xff, 0xfd, 0xff, 0xff }, 5);               /* and $~0x200, %eax */
	*checked = s->length + i->raw.modrm.offset - 2;
	if (base_of(i) == RSP)
		put_deeper(s, at(c, address), i);
	else
		slot_put_moved(s, c, address, i);
	slot_put(s, (const uint8_t[]){ 0xa9, 0x00, 0x02, 0x00, 0x00 }, 5);                  /* test $0x200, %eax */
	slot_put(s, (const uint8_t[]){ 0x74, 0x02, 0x0f, 0x0b }, 4);                        /* jz 1f; ud2 */
	slot_put(s, (const uint8_t[]){ 0x58, 0x9d }, 2);                                    /* 1: pop %rax; popfq */
	slot_put(s, (const uint8_t[]){ 0x48, 0x8d, 0xa4, 0x24, RED_ZONE, 0, 0, 0 }, 8);     /* lea 128(%rsp), %rsp */
	slot_put_jump(s, address + i->length);
	return s->failed ? "out of reach" : NULL;
}

static bool is_xrstor(const ZydisDecodedInstruction *i)
{
	return i->mnemonic == ZYDIS_MNEMONIC_XRSTOR || i->mnemonic == ZYDIS_MNEMONIC_XRSTOR64;
}

const char *relocate_plan(const struct code *c, uint64_t found, uint64_t slot, struct relocated *out)
{
	static const uint8_t ud2[] = { 0x0f, 0x0b };
	struct slot s = { .address = slot, .bytes = out->slot, .room = sizeof out->slot };
	ZydisDecodedInstruction i;
	const char *why = NULL;
	uint64_t next;
	const struct function *f = function_at(c, found, &next);
	bool reached;

	*out = (struct relocated){ 0 };
	if (!f)
		return "in no function that is known";
	out->decoded = found - (c->border > f->start && c->border <= found ? c->border : f->start);
	if (c->reach && out->decoded > c->reach)
		return "too far from where its function is known";
	if (!instruction_before(c, f, found + 1, &out->at, &i))
		return "its function cannot be decoded";
	out->length = i.length;
	out->kind = i.mnemonic == ZYDIS_MNEMONIC_WRPKRU ? RELOCATED_WRPKRU : RELOCATED_MOVED;
	if (is_xrstor(&i))
		why = put_xrstor(&s, c, out->at, &i, &out->checked);
	else if (out->kind == RELOCATED_MOVED)
		why = move(&s, c, out->at, &i);
	out->slot_length = s.length;
	reached = slot_patch(out->jump, sizeof out->jump, out->at, slot);
	out->may_jump = reached && out->kind == RELOCATED_MOVED && out->length >= REWRITE_JUMP;
	memset(out->trap, NOP, sizeof out->trap);
	memcpy(out->trap, ud2, sizeof ud2);
	return why;
}
