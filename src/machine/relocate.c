#include <string.h>

#include "machine/relocate.h"
#include "machine/slot.h"

#define NEAR_CALL 2 /* which of the instructions whose opcode is 0xff */
#define NEAR_JUMP 4

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

static enum relocated_kind kind_of(const ZydisDecodedInstruction *i)
{
	switch (i->mnemonic) {
	case ZYDIS_MNEMONIC_WRPKRU:
		return RELOCATED_WRPKRU;
	case ZYDIS_MNEMONIC_XRSTOR:
	case ZYDIS_MNEMONIC_XRSTOR64:
		return RELOCATED_XRSTOR;
	default:
		return RELOCATED_MOVED;
	}
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
	if (!instruction_before(c, f, found + 1, &out->at, &i))
		return "its function cannot be decoded";
	out->length = i.length;
	out->kind = kind_of(&i);
	if (out->kind == RELOCATED_MOVED)
		why = move(&s, c, out->at, &i);
	out->slot_length = s.length;
	reached = slot_patch(out->jump, sizeof out->jump, out->at, slot);
	out->may_jump = reached && out->kind == RELOCATED_MOVED && out->length >= REWRITE_JUMP;
	memset(out->trap, NOP, sizeof out->trap);
	memcpy(out->trap, ud2, sizeof ud2);
	return why;
}
