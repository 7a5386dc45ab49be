/* The machine's memory: physical, and what guests see of it. Part of machine.h. */
#ifndef UOS_MACHINE_MEMORY_H
#define UOS_MACHINE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Physical memory is one sparse file, cut into windows of equal size. A window
 * is both a range of guest addresses and the memory behind it: guest address
 * GUEST_BASE + p holds physical address p unless mmu_map said otherwise.
 * Window 0 is the machine's own.
 */
#define PAGE_SIZE 4096ul
#define WINDOW_SIZE (32ul << 30)
#define WINDOW_COUNT 1024ul
#define GUEST_BASE 0x100000000000ul
#define GUEST_LOWEST 0x10000ul
#define GUEST_END (GUEST_BASE + WINDOW_COUNT * WINDOW_SIZE)
typedef uint64_t phys_t; /* byte offset into physical memory */
#define PHYS_END (WINDOW_COUNT * WINDOW_SIZE) /* from here on there is none: access is SIGBUS */

/* A free window's number, or 0 if all are taken. Its memory reads as zero. */
unsigned phys_window_alloc(void);
void phys_window_free(unsigned window);
void phys_discard(phys_t at, size_t length); /* back to zero; frees the pages */
void phys_copy(phys_t to, phys_t from, size_t length); /* onto zeros; what was never touched stays so */
#define PHYS_FEW 16 /* pages */
bool phys_copy_few(phys_t to, phys_t from, size_t length); /* likewise, if no more have been touched; else nothing, and false */
bool phys_swap(phys_t a, phys_t b, size_t length); /* each gets what the other has, if few pages are touched; else nothing, and false */
void *phys_pointer(phys_t at);               /* the kernel's alias */
uint64_t phys_pages_used(void);              /* pages that hold data, the machine's own not counted */
uint64_t phys_bytes(phys_t at, size_t length); /* likewise, of a range, in bytes */

/* The MMU's view of one address space. */
struct space {
	int key;               /* protection key, or -1 (level none, or not resident) */
	uint64_t *scratch;     /* the kernel's alias of the gate's scratch page */
	uintptr_t scratch_at;  /* where the guest has it */
};

int mmu_key_alloc(void); /* a guest key, or -1 if all are taken */
void mmu_key_free(int key);
/* Makes `length` bytes at `va` show physical memory. 0 or -errno. prot as PROT_*. */
int mmu_map(const struct space *s, uintptr_t va, size_t length, int prot, phys_t at);
int mmu_protect(const struct space *s, uintptr_t va, size_t length, int prot);
int mmu_unmap(uintptr_t va, size_t length); /* fails where it would split a mapping too many */
int mmu_move(uintptr_t va, size_t length, uintptr_t to); /* one mapping, elsewhere, whatever is there; its pages stay mapped */
void mmu_activate(const struct space *s);
uintptr_t mmu_gate(void); /* where guests enter by a jump, in every address space */

#endif
