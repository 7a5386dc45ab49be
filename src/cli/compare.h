/* `uos compare`: the same programs under several ways to share the CPU; docs/compare.md. */
#ifndef UOS_CLI_COMPARE_H
#define UOS_CLI_COMPARE_H

#include "cli/options.h"
#include "cli/workload.h"

/* Compares words, [MODES] PROG..., NULL-terminated. uos's exit status. */
int compare(const struct options *o, char **words);

/* ---- Between compare.c and its parts ----------------------------------- */

#define MODES_MAX 8
#define RUNS_DEFAULT 10
#define WARMUPS_DEFAULT 1

struct mode {
	const char *word; /* as typed */
	bool native;
	struct options options; /* of a run of uos in it */
};

/* What one run tells; in memory that is shared with the child that makes it. */
struct report {
	bool complete; /* written to its end */
	enum protect protect;
	struct kernel_stats machine;
	struct outcome outcomes[]; /* the pointers in them mean nothing here */
};

struct failures {
	int runs;   /* in how many it failed */
	int status; /* 128 + n if a signal ended it; -1: not always the same */
};

struct comparison {
	const struct options *options;
	int modes, programs, runs, warmups;
	struct mode mode[MODES_MAX];
	const struct job *jobs; /* the programs */
	double *samples;    /* by row, mode and run */
	struct failures *failures; /* by mode and program */
	enum protect protect;
	char *difference;   /* between outputs, or NULL */
	char *output[MODES_MAX];   /* what one run wrote; with --show-output */
	size_t output_length[MODES_MAX];
};

void comparison_reserve(struct comparison *c);
void comparison_add(struct comparison *c, int mode, int run, const struct report *r);
/* Compares what a run wrote with the first run's; notes the first difference of all. Frees `text`. */
void comparison_add_output(struct comparison *c, int mode, int run, char *text, size_t length);
/* Runs the programs as Linux's own processes, in a child of its own; exits. */
_Noreturn void native_run(const struct comparison *c, struct report *to);
/* On standard output; returns the exit status that the programs' failures make. */
int comparison_print(struct comparison *c);

#endif
