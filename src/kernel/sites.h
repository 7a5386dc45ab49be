/*
 * The fast way in: `syscall` instructions become jumps to the gate
 * (machine/rewrite.h) in a copy of the file's code, which all processes that
 * run it show in the file's place: the second program finds done what the first
 * one did. The slots are in the same copy, and lie below what a process maps of
 * the file, at the same distance in all of them: that room is left free.
 */
#ifndef UOS_KERNEL_SITES_H
#define UOS_KERNEL_SITES_H

#include "kernel/vm.h"

#define SLOTS_SIZE (4 * PAGE_SIZE) /* below each file that is mapped */

struct mapped;
struct twin;

extern bool sites_on;
extern struct site_counts {
	uint64_t rewritten, refused; /* refused: of those that a program came by */
} site_counts;

/* The current thread made a system call by signal: from now on its site may do without. */
void sites_trapped(struct frame *f);
/* What is to be shown in place of a file's code: its rewritten copy, if there is one that can be; else the file. */
struct mapped *sites_choose(struct vm *vm, const struct area *a);
/* How much is to stay free below an area: perhaps a file begins there. */
size_t sites_room(const struct area *a);
/* Areas are gone: so are slots that none of the others needs. */
void sites_unmapped(struct vm *vm);
/* The file that area `i` shows gives way to its copy. NULL: there can be none there. */
struct twin *sites_adopt(struct vm *vm, int i);
void sites_let_go(void); /* of the copies that nobody shows: memory is short, or all processes have ended */
void sites_forget(struct twin *t);
/*
 * Where a thread of this address space goes on that is to go on at `rip`: that
 * may have moved into a slot. And where the current thread, with this frame,
 * would be had nothing been rewritten: at its call, or behind it. Signal frames
 * have the latter: programs look there whether a call was made (musl), and the
 * C++ library for whose frames lie above.
 */
uint64_t sites_resume(const struct vm *vm, uint64_t rip);
uint64_t sites_original(const struct frame *f);

#endif
