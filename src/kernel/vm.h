/* Address spaces, and the kernel's access to what is in them. */
#ifndef UOS_KERNEL_VM_H
#define UOS_KERNEL_VM_H

#include "machine/machine.h"

#define STACK_SIZE (8ul << 20)
#define STACK_GUARD (1ul << 20)
#define IMAGE_OFFSET 0x10000ul /* of the program in its window */
#define TABLE_SPAN 0x200000ul  /* what the host's page tables of the lowest level show: they are moved as wholes if that fits */

enum {
	AREA_STACK = 1,     /* does not count against memory: few use what they may */
	AREA_SHARED = 2,    /* MAP_SHARED: what is written there is not its owner's alone */
	AREA_COW = 8,       /* private memory that others may use, too: copied before it is written to, and shown as not writable */
	AREA_SWAPPED = 16,  /* while one takes over from another: swap.h */
	AREA_CODE = 32,     /* level full: executable now, and so not writable; code.h */
	AREA_SLOTS = 64,    /* the machine's: where rewritten system calls go by; sites.h */
	AREA_OPENED = 128,  /* its program may not touch it now, but could before: it may hold something */
	AREA_EMPTY = 4,     /* beyond the end of a file that was copied: nothing is there, access is SIGBUS */
	AREA_ITS_OWN = AREA_STACK | AREA_COW | AREA_CODE, /* what private memory like it, made elsewhere, is not */
};

/* Consecutive pages of one kind; what is behind them is consecutive, too. */
struct area {
	uintptr_t start, end;
	uint64_t at;         /* what is behind it: offset in `file`, else physical address */
	struct mapped *file; /* it shows this file itself; NULL: physical memory */
	struct mapped *origin; /* the file that it is a copy of, and from where there; or NULL */
	uint64_t origin_at;
	int prot;
	unsigned flags;
};

/* What is shown together: what lies in its window, and a program at a fixed address, which others may be linked at, too. */
enum part { PART_WINDOW, PART_IMAGE };

/*
 *	window base  | program (unless linked elsewhere), brk -> ... <- mmap | guard | stack, scratch page |
 */
struct vm {
	int uses;           /* processes: vfork(2)'s child has its parent's */
	struct space space;
	unsigned place;     /* the window whose addresses it has: after fork(2), its parent's; */
	unsigned window;    /* that with memory of its own */
	struct area *areas; /* ascending, never overlapping, merged where they can be */
	int count, capacity;
	uintptr_t image_low, image_high; /* of the program; at a fixed address, */
	size_t image_room;  /* this much of it is before its first segment: room for slots (sites.h) */
	uintptr_t brk_start, brk;
	uintptr_t stack_low, stack_top;
	bool fixed;         /* the program lies outside its window: others may want the same addresses */
	bool resident;      /* the host's mappings show it now: one at most of those who share their addresses, */
	bool lost;          /* but the host had no room for all of it: nothing is shown, and its process ends */
	enum image_state { IMAGE_GONE, IMAGE_PARKED, IMAGE_SHOWN } image; /* but for what lies outside its window, perhaps */
	uint64_t peak;      /* bytes touched at most, as far as vm_note_peak has looked; files' pages are not its own */
	uint64_t last_used; /* residency is a cache: least recently used is evicted */
	struct kept *kept;  /* memory that waiting calls still have pointers to; area_kept.c */
	struct vm *next;    /* all address spaces */
	/* Where exec put them on the stack: for /proc. */
	uintptr_t arguments, arguments_end, environment, environment_end, auxv, auxv_end;
};

extern struct vm *vm_list; /* all address spaces */

/* vm.c, resident.c: where things go, and residency */
uintptr_t vm_base(unsigned window);
bool vm_in_image(const struct vm *vm, uintptr_t va); /* of a program at a fixed address */
struct vm *vm_create(void); /* one use; nothing in it but a stack. NULL: no memory, or no window */
struct vm *vm_create_sibling(const struct vm *vm); /* with the same addresses, and nothing in it; NULL: as above */
void vm_release(struct vm *vm);
bool vm_activate(struct vm *vm); /* true if it had to be loaded */
bool vm_evict_one(const struct vm *except); /* false: nobody else is resident */
int vm_show(struct vm *vm, const struct area *a); /* makes the host's mapping of it, evicting others for it; 0 or -errno */
void vm_leave(struct vm *vm);             /* it will run no more */
bool vm_shows(const struct vm *vm, uintptr_t va); /* the host's mappings there are this address space's now */
int vm_shown_prot(const struct area *a);  /* what the host's mapping of it allows */
void vm_settle(struct vm *vm);            /* before its areas change: its image is not parked, but shown or gone */
uint64_t vm_bytes(const struct vm *vm);   /* of memory that have been touched; with fork(2), others' may be among them */
const struct vm *vm_owner_of(uintptr_t va); /* whose resident memory that is, or NULL */
/* Chooses where an image of this span goes. 0 or -errno. */
int vm_place_image(struct vm *vm, bool pie, uint64_t low, uint64_t high, uint64_t align);
/* Where the memory for an address is to be; false: the address is not this address space's to have. */
bool vm_backing(const struct vm *vm, uintptr_t va, size_t length, phys_t *phys);
bool vm_may_hold(const struct vm *vm, uintptr_t start, size_t length); /* likewise, and no page of the gate's */
void vm_note_peak(struct vm *vm); /* before memory is given back, if somebody wants to know */
uint64_t vm_mappings(void);       /* areas, of all address spaces together */

/* area.c: the list. 0 or -errno; addresses page-aligned. The vm_map functions replace nothing: the range must be free. */
int vm_map(struct vm *vm, uintptr_t start, size_t length, int prot, unsigned flags);
/*
 * Shows the file from `offset` on: itself if shared or not to be written, else
 * a copy. `host` is the machine's descriptor of a regular file, open for
 * reading (for writing, too, if shared and to be written), and stays the caller's.
 */
int vm_map_file(struct vm *vm, uintptr_t start, size_t length, int prot, bool shared, int host, uint64_t offset);
/* More of the same: what stands behind `like` from `offset` bytes past its start on. */
int vm_map_like(struct vm *vm, uintptr_t start, size_t length, const struct area *like, uint64_t offset);
/* Slots (sites.h): what the file has from `offset` on. */
int vm_map_slots(struct vm *vm, uintptr_t start, struct mapped *file, uint64_t offset);
int vm_show_instead(struct vm *vm, int i, struct mapped *file); /* area i shows that file, at the same offset */
/* What is mapped at `old`, one area, goes to `new`, and may grow or shrink on the way. */
int vm_move(struct vm *vm, uintptr_t old, size_t old_length, uintptr_t new, size_t new_length);
int vm_unmap(struct vm *vm, uintptr_t start, size_t length);
int vm_protect(struct vm *vm, uintptr_t start, size_t length, int prot);
int vm_discard(struct vm *vm, uintptr_t start, size_t length);
void vm_forget_areas(struct vm *vm); /* all; what else is in its window is the caller's to free */
uintptr_t vm_find_gap(const struct vm *vm, size_t length); /* 0: none */
bool vm_is_free(const struct vm *vm, uintptr_t start, size_t length);
bool vm_is_covered(const struct vm *vm, uintptr_t start, size_t length); /* without a hole */
int vm_index(const struct vm *vm, uintptr_t va); /* of the first area that ends above va */
const struct area *vm_area_at(const struct vm *vm, uintptr_t va);

/*
 * fork.c: another with the same addresses and contents; what is shared stays
 * so, the rest is copied when one of them writes. One use. 0 or -errno.
 */
int vm_fork(struct vm *vm, struct vm **out);
/* area_cow.c: a page of a copy-on-write area becomes its own, and some around it. False: it may not be written to. */
bool vm_write_fault(struct vm *vm, uintptr_t va, int *error);

/* uaccess.c: through the kernel's aliases, never through a guest's pointer. 0 or -EFAULT. */
int copy_in(void *to, uintptr_t from, size_t length);
int copy_out(uintptr_t to, const void *from, size_t length);
int vm_write(struct vm *vm, uintptr_t to, const void *from, size_t length); /* likewise, into any address space */
/* Length without the NUL, -EFAULT, or -ENAMETOOLONG. */
long string_in(char *to, uintptr_t from, size_t room);
struct event;
/* Notes the beginning of a guest's buffer with an event. */
void event_text_in(struct event *e, uintptr_t from, size_t length);
/*
 * The guest's buffer as pieces of kernel memory: how many pieces, -EFAULT if
 * not even its first byte is there. Stops at `max` pieces or the first bad page.
 * A piece may lie in a mapped file, which may shrink at any time: the host's
 * readv and writev answer EFAULT then; the kernel's own code uses copy_guarded.
 */
struct iovec;
int user_pieces(uintptr_t va, size_t length, int prot, struct iovec *out, int max);

#endif
