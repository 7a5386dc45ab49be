/*
 * Files of the host that guests have mapped: one for each file, as often as it
 * is mapped, counted by the areas that show it. It keeps a descriptor of its
 * own, as Linux does (closing the guest's does not unmap), and the kernel's
 * alias, made when the kernel first has to look.
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
	uint64_t device, inode, changed;
	struct mapped *original; /* it is a rewritten copy of that one's code; else NULL */
	struct twin *twin;       /* what sites.c knows of the two; or NULL */
	unsigned traps;          /* system calls by signal from its code, */
	bool hopeless;           /* which cannot be copied */
	struct alias *alias; /* the newest, which reaches furthest; older ones last, for who waits with a pointer there */
};

/* One use more of the file that the descriptor is of. 0 or -errno. */
int mapped_get(int host, bool writable, struct mapped **out);
/* A copy of it, which sites.c fills: `host` is still to come. One use. NULL: no memory. */
struct mapped *mapped_new_copy(struct mapped *original, struct twin *twin);
/* What a guest mapped, whatever shows it. */
static inline struct mapped *mapped_original(struct mapped *m)
{
	return m && m->original ? m->original : m;
}
void mapped_hold(struct mapped *m);
void mapped_release(struct mapped *m);
/*
 * The file's bytes from `offset` on in kernel memory, and in *length at most how
 * much of it; NULL far beyond its end. Whatever touches it must survive SIGBUS.
 */
void *mapped_pointer(struct mapped *m, uint64_t offset, size_t *length);
/* Of these bytes, how many lie in pages that the file has. */
size_t mapped_within(const struct mapped *m, uint64_t offset, size_t length);
uint64_t mapped_count(void);
struct vm;
/* Has another thread that uses this address space pointers to its memory (user_pieces), for the call that it waits in? */
bool mapped_is_waited_in(const struct vm *vm);

#endif
