/* A file's code as a file in memory: what sites.c, which rewrites system calls there, and disarm.c share. */
#ifndef UOS_KERNEL_TWIN_H
#define UOS_KERNEL_TWIN_H

#include "kernel/code.h"
#include "kernel/functions.h"
#include "kernel/mapped.h"
#include "machine/relocate.h"

/* A site that was looked at. */
struct look {
	uint64_t site;
	unsigned traps; /* since it could not be rewritten by what is before it; DONE: will not be looked at again */
};

/* An instruction that is not what it was: level full. */
struct scar {
	enum relocated_kind kind;
	uint64_t at, slot; /* offsets, the slot's as if it were of the same segment */
	uint64_t checked;  /* the slot's length, if it has an XRSTOR's check; or 0 */
};

/* Pages of the file that hold code, and how far behind their offset they are loaded: lld's and BOLT's parts differ in that. */
struct segment {
	uint64_t low, high, bias;
};

#define SEGMENTS 4 /* of one file, that differ in their bias: BOLT makes two */

/*
 * At the same offsets as in the file. Behind it the slots. Addresses here are
 * the file's own, as its headers have them; those of the slots are below all of
 * it, and wrap: only distances matter.
 */
struct twin {
	struct mapped *copy, *original;
	char *bytes;          /* of the copy, from offset 0 on; only [low, high) and the slots are touched */
	uint64_t low, high;
	struct segment segments[SEGMENTS];
	size_t segment_count;
	uint64_t counted;     /* bytes, against memory */
	uint64_t slots;       /* the first slot's page, as an address */
	size_t used;          /* bytes of them */
	bool learned;         /* functions is all that the file tells */
	struct functions functions;
	struct look *looks;
	size_t look_count;
	struct border *borders;
	size_t border_count;
	uint64_t *targets;    /* of rewrite_far_targets, once it is needed */
	size_t target_count;
	struct scar *scars;   /* ascending */
	size_t scar_count;
	uint64_t *armed;      /* of each page that is never executed, the first of what there is still that must not be; ascending */
	size_t armed_count;
};

/*
 * twin.c. Its file's code goes to the copy; false: it cannot. At level full every file's code is copied, and what must not be
 * executed taken out of it; else such as can be rewritten.
 */
bool twin_fill(struct twin *t);
/* What the file's headers say is code, in however many segments. */
void twin_find_code(struct twin *t);
/* The first segment that has some of these bytes of the file; NULL: none. */
const struct segment *twin_segment(const struct twin *t, uint64_t low, uint64_t high);
bool twin_is_of_one(const struct twin *t, uint64_t low, uint64_t high); /* all these bytes, or none, are of one */
uint64_t twin_bias(const struct twin *t, uint64_t offset);
/* What the file tells of its functions; false: nothing. */
bool twin_learn_functions(struct twin *t);
struct code twin_code(const struct twin *t, uint64_t offset); /* of its segment: distances to others are others */

/*
 * disarm.c, at level full: nothing in the new copy sets PKRU any more, or
 * `armed` says where. What stood there is done in the slots, or at a trap.
 */
bool twin_disarm(struct twin *t); /* false: no memory for it */
/* The first place from `at` on, before `end`, that is still armed; or `end`. */
uint64_t twin_next_armed(const struct twin *t, uint64_t at, uint64_t end);
/* "WRPKRU at offset 0x123 of /usr/bin/x" */
void twin_describe(const struct twin *t, const char *what, uint64_t at, char out[CODE_WRONG]);
/* Bytes of the copy, or of its slots, were written: is all still so? */
bool twin_is_harmless(const struct twin *t, uint64_t at, size_t length);
bool twin_joins_nothing(const struct twin *t, uint64_t at, size_t length); /* nor makes such bytes with those of pages beside it, whatever they are */
/* An illegal instruction: was it one of those? Then it is done, and the guest goes on behind it, unless `wrong` says what it wanted. */
struct frame;
bool twin_trapped(struct frame *f, char wrong[CODE_WRONG]);

#endif
