/* Address spaces, and the kernel's access to what is in them. */
#ifndef UOS_KERNEL_VM_H
#define UOS_KERNEL_VM_H

#include "machine/machine.h"

#define STACK_SIZE (8ul << 20)
#define STACK_GUARD (1ul << 20)
#define IMAGE_OFFSET 0x10000ul /* of the program in its window */

/* Consecutive pages of one kind; their physical pages are consecutive, too. */
struct area {
	uintptr_t start, end;
	phys_t phys;
	int prot;
	bool uncharged; /* does not count against memory until touched (NORESERVE, stack) */
};

/*
 *	window base  | program (unless linked elsewhere) | brk -> ... <- mmap | guard | stack | trampoline, scratch |
 */
struct vm {
	struct space space;
	unsigned window;
	struct area *areas; /* ascending, never overlapping, merged where they can be */
	int count, capacity;
	uintptr_t image_low, image_high; /* of the program */
	uintptr_t brk_start, brk;
	uintptr_t stack_low, stack_top;
	bool fixed;         /* part of it lies outside its window: others may want the same addresses */
	bool resident;      /* the host's mappings show it now */
	uint64_t peak;      /* bytes touched at most, as far as vm_note_peak has looked */
	uint64_t last_used; /* residency is a cache: least recently used is evicted */
	struct vm *next;    /* all address spaces */
	/* Where exec put them on the stack: for /proc. */
	uintptr_t arguments, arguments_end, environment, environment_end, auxv, auxv_end;
};

bool vm_create(struct vm *vm);
void vm_free(struct vm *vm);
bool vm_activate(struct vm *vm); /* true if it had to be loaded */
/* Chooses where an image of this span goes. 0 or -errno. */
int vm_place_image(struct vm *vm, bool pie, uint64_t low, uint64_t high, uint64_t align);
phys_t vm_image_phys(const struct vm *vm, uintptr_t va);

/* 0 or -errno; addresses page-aligned. vm_map replaces nothing: the range must be free. */
int vm_map(struct vm *vm, uintptr_t start, size_t length, int prot, bool uncharged);
int vm_unmap(struct vm *vm, uintptr_t start, size_t length);
int vm_protect(struct vm *vm, uintptr_t start, size_t length, int prot);
int vm_discard(struct vm *vm, uintptr_t start, size_t length);
uintptr_t vm_find_gap(const struct vm *vm, size_t length); /* 0: none */
bool vm_is_free(const struct vm *vm, uintptr_t start, size_t length);
bool vm_may_hold(const struct vm *vm, uintptr_t start, size_t length);
const struct area *vm_area_at(const struct vm *vm, uintptr_t va);
void vm_note_peak(struct vm *vm); /* before memory is given back, if somebody wants to know */
const struct vm *vm_owner_of(uintptr_t va); /* whose resident memory that is, or NULL */

/* uaccess.c: through the kernel's alias, never through a guest's pointer. 0 or -EFAULT. */
int copy_in(void *to, uintptr_t from, size_t length);
int copy_out(uintptr_t to, const void *from, size_t length);
/* Length without the NUL, -EFAULT, or -ENAMETOOLONG. */
long string_in(char *to, uintptr_t from, size_t room);
struct event;
/* Notes the beginning of a guest's buffer with an event. */
void event_text_in(struct event *e, uintptr_t from, size_t length);
/*
 * The guest's buffer as pieces of kernel memory: how many pieces, -EFAULT if
 * not even its first byte is there. Stops at `max` pieces or the first bad page.
 */
struct iovec;
int user_pieces(uintptr_t va, size_t length, int prot, struct iovec *out, int max);

#endif
