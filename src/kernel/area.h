/* The list of areas, from within: what area.c, area_file.c, area_cow.c and fork.c share. */
#ifndef UOS_KERNEL_AREA_H
#define UOS_KERNEL_AREA_H

#include <sys/mman.h>

#include "kernel/vm.h"

static inline uint64_t area_length(const struct area *a)
{
	return a->end - a->start;
}

static inline bool area_has_memory(const struct area *a)
{
	return !a->file && !(a->flags & AREA_EMPTY);
}

bool area_affordable(uint64_t bytes);
uint64_t area_charge(const struct area *a); /* what it counts against memory */
void area_pay(uint64_t bytes, uint64_t instead_of);

/* Uses of what is behind it. */
void area_hold(const struct area *a);
void area_release(const struct area *a, bool wipe); /* as frames_leave */

/* False: out of memory. */
bool area_insert(struct vm *vm, int at, struct area a); /* takes over the caller's uses */
bool area_split(struct vm *vm, uintptr_t va);           /* makes va a border between areas */
void area_join(struct vm *vm, uintptr_t start, uintptr_t end); /* neighbours of one kind */
/* area_kept.c: has a call of another thread that waits pointers into it? Before it is released: then its memory stays until then. */
bool area_is_pinned(const struct vm *vm, const struct area *a);
void area_keep(struct vm *vm, const struct area *a);
void area_forget_kept(struct vm *vm);
/* With uses of its own, if it succeeds. 0 or -errno. */
int area_add(struct vm *vm, struct area a);
/* Memory of its own for a range, as far as the address says where; false: there is none, or the address is not its to have. */
bool area_backing(const struct vm *vm, uintptr_t va, size_t length, phys_t *phys);

/* area_file.c: a private area of a file that is to be written to. 0 or -errno. */
int area_make_own(struct vm *vm, int i, int prot);
/* area_cow.c: other memory for a part of an area, with the same in it. 0 or -errno. */
int area_copy(struct vm *vm, uintptr_t start, uintptr_t end);
/* Zeros of its own in place of what a part of a copy-on-write area shows; part->at says where they are then. 0 or -errno. */
int area_renew(struct vm *vm, struct area *part);

#endif
