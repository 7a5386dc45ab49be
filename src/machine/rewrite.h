/*
 * How a `syscall` instruction is made a jump to the gate: bytes in, bytes out;
 * pure. Of a jump's five bytes the instruction has two, so it takes others'
 * along, which then stand in a slot, within 2 GiB:
 *
 *      before it, one of five bytes or more       behind it, as many as it takes
 *      mov $1, %eax   ->  jmp slot                mov %ebx, %eax
 *      syscall            syscall                 syscall         ->  jmp slot
 *      cmp ...            cmp ...                 cmp $-4096, %rax
 *                                                 ja ...              ja ...
 *      slot: mov $1, %eax                         slot: lea 1f, %rcx
 *            lea (behind syscall), %rcx                 jmp *gate
 *            jmp *gate                            1:    cmp $-4096, %rax
 *                                                       jmp (ja ...)
 *
 * The first is without any risk: nobody stands or jumps to within an instruction,
 * and the `syscall` is still there for who jumps to that. The second is for who
 * can show that nobody jumps to what was behind it; who stands there is moved
 * (border). No instruction in a slot touches a flag that the original did not.
 * Instruction borders are decoded from a function's beginning, never guessed.
 */
#ifndef UOS_MACHINE_REWRITE_H
#define UOS_MACHINE_REWRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYSCALL_LENGTH 2
#define REWRITE_REACH 0x10000ul /* bytes of a function: it is decoded at once, while nobody else runs */
#define REWRITE_JUMP 5   /* jmp rel32 */
#define REWRITE_PATCH 20 /* no more bytes are written over, */
#define REWRITE_SLOT 64  /* and no slot is longer */
#define REWRITE_BORDERS (REWRITE_JUMP - SYSCALL_LENGTH + 2)

struct function {
	uint64_t start, end;
};

/* Addresses are of any origin, if all are of the same. */
struct code {
	const uint8_t *bytes; /* of executable memory: */
	uint64_t start, end;
	const struct function *functions; /* all that are known, ascending, not overlapping */
	size_t function_count;
	const uint64_t *targets; /* of rewrite_far_targets; NULL: what is behind a site is not to be touched */
	size_t target_count;
	const uint8_t *slots; /* what was written already, from the gate's address on; NULL: nothing */
	uint64_t reach;  /* no site farther behind its function's beginning is looked at; 0: REWRITE_REACH */
	uint64_t border; /* an instruction's address, or where none could be decoded, found from its function's beginning; 0: none */
};

/* Whoever stands at `from` goes on at `to`; and who stands at `to` would stand at `from`, had nothing been rewritten. */
struct border {
	uint64_t from, to;
};

struct rewrite {
	uint64_t at; /* what is written over: whole instructions, so that all can still be decoded */
	uint8_t patch[REWRITE_PATCH];
	size_t patch_length;
	uint8_t slot[REWRITE_SLOT];
	size_t slot_length;
	struct border borders[REWRITE_BORDERS];
	int border_count;
	int64_t number; /* of the call, if the instruction before it tells; or -1 */
};

/*
 * Replaces the `syscall` at `site`, with a slot at `slot` and the address of the
 * gate at `gate`. NULL, or why it cannot be.
 */
const char *rewrite_plan(const struct code *code, uint64_t site, uint64_t slot, uint64_t gate, struct rewrite *out);
/* Where branches of any distance may lead, of what is behind a site: how many there are, and the first `room`. Looks at every byte. */
size_t rewrite_far_targets(const struct code *code, uint64_t *targets, size_t room);

#endif
