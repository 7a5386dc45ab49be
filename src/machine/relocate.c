#include <string.h>

#include <Zydis/Zydis.h>

#include "machine/instruction.h"
#include "machine/relocate.h"

#define JUMP_REL32 0xe9
#define NOP 0x90

struct slot {
	uint64_t address;
	struct relocated *out;
	bool failed;
};

static const struct function *function_of(const struct code *c, uint64_t address)
{
	for (size_t i = 0; i < c->function_count; i++)
		if (c->functions[i].start <= address && address < c->functions[i].end)
			return &c->functions[i];
	return NULL;
}

/* The instruction that has the byte at `found`, decoded from the function's beginning on. */
static bool find(const struct code *c, const struct function *f, uint64_t found, uint64_t *address, ZydisDecodedInstruction *i)
{
	uint64_t now = f->start;
	ZydisDecoder decoder;

	if (f->start < c->start || f->end > c->end ||
	    !ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)))
		return false;
	do {
		if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, at(c, now), f->end - now, i)))
			return false;
		*address = now;
		now += i->length;
	} while (now <= found);
	return true;
}

/* ---- The slot --------------------------------------------------------- */

static void put(struct slot *s, const void *bytes, size_t n)
{
	if (s->out->slot_length + n > RELOCATE_SLOT) {
		s->failed = true;
		return;
	}
	memcpy(s->out->slot + s->out->slot_length, bytes, n);
	s->out->slot_length += n;
}

/* The distance to `target`, from behind its own four bytes and `rest` more. */
static void put_distance(struct slot *s, uint64_t target, size_t rest)
{
	int64_t distance = (int64_t)(target - (s->address + s->out->slot_length + sizeof(int32_t) + rest));
	int32_t value = (int32_t)distance;

	if (distance != value)
		s->failed = true;
	put(s, &value, sizeof value);
}

static void put_jump(struct slot *s, uint64_t target)
{
	put(s, (const uint8_t[]){ JUMP_REL32 }, 1);
	put_distance(s, target, 0);
}

static void put_call(struct slot *s, uint64_t target, uint64_t back)
{
	put(s, (const uint8_t[]){ 0x50 }, 1);                   /* push %rax */
	put(s, (const uint8_t[]){ 0x48, 0x8d, 0x05 }, 3);       /* lea back(%rip), %rax */
	put_distance(s, back, 0);
	put(s, (const uint8_t[]){ 0x48, 0x87, 0x04, 0x24 }, 4); /* xchg %rax, (%rsp) */
	put_jump(s, target);
}

static void put_moved(struct slot *s, const uint8_t *bytes, uint64_t address, const ZydisDecodedInstruction *i)
{
	size_t before = i->raw.disp.offset, behind = i->length - before - sizeof(int32_t);

	if (!is_rip_relative(i)) {
		put(s, bytes, i->length);
		return;
	}
	put(s, bytes, before); /* its operand is at a distance from it */
	put_distance(s, address + i->length + (uint64_t)i->raw.disp.value, behind);
	put(s, bytes + before + sizeof(int32_t), behind);
}

static bool put_branch(struct slot *s, uint64_t address, const ZydisDecodedInstruction *i)
{
	uint64_t behind = address + i->length, target = behind + i->raw.imm[0].value.u;

	if (i->raw.prefix_count > 0)
		return false;
	if (is_condition(i)) {
		put(s, (const uint8_t[]){ 0x0f, (uint8_t)(0x80 | (i->opcode & 0x0f)) }, 2);
		put_distance(s, target, 0);
		put_jump(s, behind);
	} else if (i->mnemonic == ZYDIS_MNEMONIC_JMP) {
		put_jump(s, target);
	} else if (i->mnemonic == ZYDIS_MNEMONIC_CALL) {
		put_call(s, target, behind);
	} else {
		return false;
	}
	return true;
}

static const char *move(struct slot *s, const uint8_t *bytes, uint64_t address, const ZydisDecodedInstruction *i)
{
	if (is_branch(i)) {
		if (!put_branch(s, address, i))
			return "a branch that must stay where it is";
	} else {
		if (!is_movable(i) || i->attributes & ZYDIS_ATTRIB_HAS_LOCK) /* programs jump to behind a lock prefix */
			return "an instruction that must stay where it is";
		put_moved(s, bytes, address, i);
		put_jump(s, address + i->length);
	}
	return s->failed ? "out of reach" : NULL;
}

/* ---- What stands in its place ----------------------------------------- */

static void fill_patches(struct relocated *out, uint64_t slot)
{
	static const uint8_t ud2[] = { 0x0f, 0x0b };
	int64_t distance = (int64_t)(slot - (out->at + REWRITE_JUMP));
	int32_t value = (int32_t)distance;

	memset(out->trap, NOP, sizeof out->trap);
	memset(out->jump, NOP, sizeof out->jump);
	memcpy(out->trap, ud2, sizeof ud2);
	out->jump[0] = JUMP_REL32;
	memcpy(out->jump + 1, &value, sizeof value);
	out->may_jump = out->kind == RELOCATED_MOVED && out->length >= REWRITE_JUMP && distance == value;
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
	const struct function *f = function_of(c, found);
	struct slot s = { .address = slot, .out = out };
	ZydisDecodedInstruction i;
	const char *why = NULL;

	*out = (struct relocated){ 0 };
	if (!f)
		return "in no function that is known";
	if (!find(c, f, found, &out->at, &i))
		return "its function cannot be decoded";
	out->length = i.length;
	out->kind = kind_of(&i);
	if (out->kind == RELOCATED_MOVED)
		why = move(&s, at(c, out->at), out->at, &i);
	fill_patches(out, slot);
	return why;
}
