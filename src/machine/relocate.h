/*
 * Instructions that must not be where they are, because of their bytes (scan.h):
 * what is done instead. Bytes in, bytes out; pure. WRPKRU itself becomes a trap.
 * Another, which has such bytes by accident (a distance, mostly, or its last and
 * those of the next) goes to a slot:
 *
 *      call f      ->  jmp slot        slot: push %rax
 *                                            lea (behind the call), %rax
 *                                            xchg %rax, (%rsp)
 *                                            jmp f
 *      and $15, %edx  ->  ud2; nop     slot: and $15, %edx     which changes no flag that the
 *                                            jmp (behind it)   original did not
 *
 * So does XRSTOR, which loads what eax names, without PKRU, and is checked: who
 * jumps to it with another eax has PKRU as he likes, until the next instruction.
 *
 *      xrstor 64(%rsp)  ->  jmp slot   slot: lea -128(%rsp), %rsp    below the red zone
 *                                            pushfq
 *                                            push %rax
 *                                            and $~0x200, %eax
 *                                            xrstor 208(%rsp)
 *                                            test $0x200, %eax
 *                                            jz 1f
 *                                            ud2
 *                                      1:    pop %rax
 *                                            popfq
 *                                            lea 128(%rsp), %rsp
 *                                            jmp (behind it)
 *
 * Where there is no room for a jump there is a trap, and the kernel jumps.
 * Instruction borders are decoded from a function's beginning, never guessed.
 */
#ifndef UOS_MACHINE_RELOCATE_H
#define UOS_MACHINE_RELOCATE_H

#include "machine/rewrite.h"

#define RELOCATE_LENGTH 15 /* of an instruction, at most */
#define RELOCATE_SLOT 56

enum relocated_kind { RELOCATED_MOVED, RELOCATED_WRPKRU };

struct relocated {
	enum relocated_kind kind;
	uint64_t at; /* the instruction that was found, */
	uint64_t decoded; /* so many bytes behind where decoding began */
	size_t length;
	uint8_t trap[RELOCATE_LENGTH]; /* instead of it, */
	uint8_t jump[RELOCATE_LENGTH]; /* or so, if it is long enough: */
	bool may_jump;
	uint8_t slot[RELOCATE_SLOT];   /* if it is moved */
	size_t slot_length;
	size_t checked; /* where in the slot the bytes of an XRSTOR are that is checked, the only ones that may be there; 0: nowhere */
};

/* The instruction that has the byte at `found`, if it is to be at `slot`. NULL, or why it cannot be. */
const char *relocate_plan(const struct code *code, uint64_t found, uint64_t slot, struct relocated *out);

#endif
