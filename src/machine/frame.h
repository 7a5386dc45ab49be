/*
 * The trap frame, the page that guests read, and the scratch slots of the
 * gate: the three layouts that assembly and C share. Offsets in bytes;
 * frame.c-side asserts are in trap.c.
 *
 * A trap frame always lies at the top of its thread's kernel stack, above
 * it the vector state:
 *
 *      higher  | vector state, XSAVE    |  FRAME_XSTATE, 64-byte aligned
 *              | (padding)              |
 *              | ss rsp rflags cs rip   |  as the CPU itself would push them
 *              | vector_saved           |  0: the vector registers are live
 *              | fs rdi ... r15         |
 *      lower   +------------------------+  <- struct frame *, kernel rsp = here
 */
#ifndef UOS_MACHINE_FRAME_H
#define UOS_MACHINE_FRAME_H

#define FRAME_R15 0
#define FRAME_R14 8
#define FRAME_R13 16
#define FRAME_R12 24
#define FRAME_RBP 32
#define FRAME_RBX 40
#define FRAME_R11 48
#define FRAME_R10 56
#define FRAME_R9 64
#define FRAME_R8 72
#define FRAME_RAX 80
#define FRAME_RCX 88
#define FRAME_RDX 96
#define FRAME_RSI 104
#define FRAME_RDI 112
#define FRAME_FS 120
#define FRAME_VECTOR_SAVED 128
#define FRAME_RIP 136
#define FRAME_CS 144
#define FRAME_RFLAGS 152
#define FRAME_RSP 160
#define FRAME_SS 168
#define FRAME_PUSHED 176 /* the gate pushes down from here */
#define FRAME_XSTATE 192
#define XSTATE_MAX 2752 /* up to AVX-512, in either XSAVE format */

/* The page that guests read and only the kernel writes (key 1). */
#define PAGE_SELECTOR 0 /* Syscall User Dispatch looks here */
#define PAGE_PKRU 8     /* what the way out may put into PKRU */
#define PAGE_RAX 16
#define PAGE_RCX 24
#define PAGE_RDX 32
#define PAGE_RIP 40 /* from here on an iretq frame */
#define PAGE_CS 48
#define PAGE_RFLAGS 56
#define PAGE_RSP 64
#define PAGE_SS 72
#define PAGE_SCRATCH 80 /* guest address of the scratch page in force */

/* The scratch page of an address space. */
#define SLOT_RAX 0
#define SLOT_RDX 8
#define SLOT_RCX 16

#define SELECTOR_ALLOW 0
#define SELECTOR_BLOCK 1

#define KERNEL_PKRU 0x55555550 /* keys 0 and 1 open, every guest's closed */
#define XSTATE_PKRU 0x200 /* of XSAVE's components */
#define VECTOR_SYSCALL_OFFSET 32 /* bytes into cpu_vectors */
#define USER_CS 0x33
#define USER_SS 0x2b
#define RFLAGS_TF 0x100
#define RFLAGS_UNRULY 0x44500 /* trap, direction, nested task, alignment check */

/*
 * A test-only build (-DBREAK_RULE=n) leaves out one rollback rule; the proof
 * (tests/proof) must then fail. Rule numbers stand beside the rules.
 */
#ifndef BREAK_RULE
#define BREAK_RULE 0
#endif

#ifndef __ASSEMBLER__
#include <stdint.h>

/* A guest's registers, as they were when it entered the kernel. */
struct frame {
	uint64_t r15, r14, r13, r12, rbp, rbx, r11, r10, r9, r8;
	uint64_t rax, rcx, rdx, rsi, rdi, fs;
	uint64_t vector_saved; /* 1: xstate holds the guest's vector state */
	uint64_t rip, cs, rflags, rsp, ss;
	uint64_t padding[2];
	uint8_t xstate[XSTATE_MAX];
} __attribute__((aligned(64)));
#endif
#endif
