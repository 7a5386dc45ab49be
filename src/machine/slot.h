/* Instructions are written to a slot, for rewrite.c and relocate.c; and the jump to it where they were. */
#ifndef UOS_MACHINE_SLOT_H
#define UOS_MACHINE_SLOT_H

#include "machine/instruction.h"

#define NOP 0x90

struct slot {
	uint64_t address;
	uint8_t *bytes;
	size_t room, length; /* of bytes */
	bool failed;         /* there was no room, or a distance was too long */
};

void slot_put(struct slot *s, const void *bytes, size_t n);
/* An opcode that ends in 32 bits of distance to the target. */
void slot_put_relative(struct slot *s, const uint8_t *opcode, size_t n, uint64_t target);
void slot_put_jump(struct slot *s, uint64_t target);
/* A conditional branch's twin that reaches far. */
void slot_put_condition(struct slot *s, const ZydisDecodedInstruction *i, uint64_t target);
/* The instruction at `address`, which is_movable(). */
void slot_put_moved(struct slot *s, const struct code *c, uint64_t address, const ZydisDecodedInstruction *i);
/* What is to stand at `address`: a jump to the slot, then nops. False: out of reach. */
bool slot_patch(uint8_t *patch, size_t length, uint64_t address, uint64_t slot);

#endif
