/* What a run used, as text or JSON; docs/statistics.md says what each number means. */
#ifndef UOS_CLI_STATS_H
#define UOS_CLI_STATS_H

#include <stdio.h>

#include "cli/options.h"
#include "kernel/kernel.h"

#define STATS_SCHEMA 1 /* of the JSON: changes when a key goes or means something else */

struct stats_context {
	const struct options *options;
	char **argv; /* the whole command line */
	const struct outcome *outcomes;
	int count;
	struct kernel_stats machine;
	struct trap_counts traps;
};

/* With options->verbose, the text has system calls by name, too; the JSON always has. */
void stats_print(FILE *out, enum stats_form form, const struct stats_context *c);

/* Jain's index of the shares of the CPU, run / turnaround; of who is still there, until `now`. */
double stats_fairness(const struct outcome *outcomes, int n, uint64_t now);

/* The JSON members that say what was measured on what: "schema" to "seed", each with a comma after it. */
void stats_print_origin(FILE *out, const struct options *o);

#endif
