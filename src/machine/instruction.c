#include "machine/instruction.h"

const struct function *function_at(const struct code *c, uint64_t address, uint64_t *next)
{
	size_t low = 0, high = c->function_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (c->functions[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	*next = c->end;
	if (low < c->function_count && c->functions[low].start > address)
		*next = c->functions[low].start;
	else if (low + 1 < c->function_count)
		*next = c->functions[low + 1].start;
	return low < c->function_count && c->functions[low].start <= address ? &c->functions[low] : NULL;
}

bool instruction_at(const struct code *c, uint64_t address, uint64_t end, ZydisDecodedInstruction *out)
{
	static ZydisDecoder decoder;
	static bool ready;

	if (!ready)
		ready = ZYAN_SUCCESS(ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64));
	return ready && address >= c->start && address < end && end <= c->end &&
	       ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&decoder, NULL, at(c, address), end - address, out));
}

bool instruction_before(const struct code *c, const struct function *f, uint64_t end, uint64_t *address, ZydisDecodedInstruction *out)
{
	bool known = c->border > f->start && c->border < end;

	for (uint64_t now = *address = known ? c->border : f->start; now < end; now += out->length) {
		if (!instruction_at(c, now, f->end, out))
			return false;
		*address = now;
	}
	return true;
}

/* 7x rel8, 0f 8x rel32 */
bool is_condition(const ZydisDecodedInstruction *i)
{
	bool far = i->opcode_map == ZYDIS_OPCODE_MAP_0F && (i->opcode & 0xf0) == 0x80 && i->length == 6;

	return far || (i->opcode_map == ZYDIS_OPCODE_MAP_DEFAULT && (i->opcode & 0xf0) == 0x70 && i->length == 2);
}

bool is_movable(const ZydisDecodedInstruction *i)
{
	if (i->mnemonic == ZYDIS_MNEMONIC_UD0 || i->mnemonic == ZYDIS_MNEMONIC_UD1 || i->mnemonic == ZYDIS_MNEMONIC_UD2)
		return false; /* who handles that, the kernel's own included, asks where it is */
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
