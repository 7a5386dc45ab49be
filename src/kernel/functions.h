/*
 * Where the functions of an ELF file begin and end: from there on instructions
 * can be decoded without guessing. Pure: bytes in, borders out. Addresses are
 * as in the file. Formats: DWARF 5, 6.4 with LSB 5.0, 10.6 (.eh_frame); elf(5).
 */
#ifndef UOS_KERNEL_FUNCTIONS_H
#define UOS_KERNEL_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/rewrite.h"

struct functions {
	struct function *list; /* in no order, until functions_sort */
	size_t count, capacity;
};

/* Adds what the section's `length` bytes tell, which are to be at `at`; what makes no sense ends it. False: no memory. */
bool functions_from_unwind(struct functions *all, const void *eh_frame, size_t length, uint64_t at);
/*
 * Likewise, by the table of .eh_frame_hdr, which is to be at `table_at`: it is in
 * ascending order. Adds nothing if it is not written as linkers do here.
 */
bool functions_from_table(struct functions *all, const void *table, size_t table_length, uint64_t table_at, const void *eh_frame,
			  size_t length, uint64_t at);
bool functions_from_symbols(struct functions *all, const void *symbols, size_t length);
/* Ascending, and of those that overlap only the first. */
void functions_sort(struct functions *all);
/* All that a file of the host tells: false if that is nothing. functions_file.c: not pure. */
bool functions_of_file(int host, struct functions *out);
void functions_free(struct functions *all);

#endif
