/*
 * Files of the host that guests have mapped: one for each file, as often as it
 * is mapped, counted by the areas that show it. It keeps a descriptor of its
 * own, as Linux does (closing the guest's does not unmap), and the kernel's
 * views of parts of it, made when the kernel has to look. Views are a cache:
 * what no call has a pointer into may be closed when another is made.
 */
#ifndef UOS_KERNEL_MAPPED_H
#define UOS_KERNEL_MAPPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapped {
	struct mapped *next; /* all of them */
	int uses;            /* areas that show it */
	int host;            /* the machine's descriptor */
	bool writable;       /* may be written through */
	bool written;        /* somebody may have, since it came to be: a copy of its code is perhaps out of date */
	uint64_t device, inode, changed;
	struct mapped *original; /* it is a rewritten copy of that one's code; else NULL */
	struct twin *twin;       /* what sites.c knows of the two; or NULL */
	unsigned traps;          /* system calls by signal from its code, */
	bool hopeless;           /* which cannot be copied */
	struct view *views;
};

/* One use more of the file that the descriptor is of, which is to be shown above `beside`, or above none. 0 or -errno. */
int mapped_get(int host, bool writable, const struct mapped *beside, struct mapped **out);
/* A copy of it, which sites.c fills: `host` is still to come. One use. NULL: no memory. */
struct mapped *mapped_new_copy(struct mapped *original, struct twin *twin);
/* What a guest mapped, whatever shows it. */
static inline struct mapped *mapped_original(struct mapped *m)
{
	return m && m->original ? m->original : m;
}
void mapped_hold(struct mapped *m);
void mapped_release(struct mapped *m);
#define MAPPED_VIEW (256ul << 20) /* so much of a file the kernel sees at once */
/*
 * The file's bytes from `offset` on in kernel memory, for as long as no other are asked for, and in *length at most how many
 * of them; NULL: the host has no more addresses. Whatever touches them must survive SIGBUS.
 */
void *mapped_pointer(struct mapped *m, uint64_t offset, size_t *length);
/* What was just asked for stays for the rest of the current thread's call. False: it has too much already. */
bool mapped_hold_view(struct mapped *m, uint64_t offset);
struct thread;
void mapped_let_go(struct thread *t); /* its call has ended */
/* Of these bytes, how many lie in pages that the file has. */
size_t mapped_within(const struct mapped *m, uint64_t offset, size_t length);
uint64_t mapped_count(void);
struct vm;
/* Has another thread that uses this address space pointers to its memory (user_pieces), for the call that it waits in? */
bool mapped_is_waited_in(const struct vm *vm);

#endif
