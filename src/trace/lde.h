/* The table of the book: limited direct execution in three columns, from a real run. */
#ifndef UOS_TRACE_LDE_H
#define UOS_TRACE_LDE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct lde_options {
	int width;       /* columns of the paper; 0: as wide as it likes */
	bool colour;
	const int *only; /* pids to show, 0-terminated; NULL: all */
	uint64_t first;  /* so many rows at most; 0: all */
	uint64_t (*ns_of)(uint64_t tsc);
	const char *(*call_name)(unsigned nr); /* NULL: there is no such call */
};

/* Prints what the ring holds. False if `out` cannot be written. */
bool lde_print(FILE *out, const struct lde_options *o);

#endif
