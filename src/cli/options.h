#ifndef UOS_CLI_OPTIONS_H
#define UOS_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/machine.h" /* what can be chosen */

/*
 * A timer interrupt costs 7 us and more (DESIGN section 3), so under 20 us more
 * than a third of the CPU would go to the interrupts, and at 6 us all of it.
 */
#define QUANTUM_FLOOR_NS 20000ull
#define QUANTUM_DEFAULT_NS 10000000ull
#define QUANTUM_CEILING_NS 60000000000ull

#define ONLY_MAX 64
#define REPEATS_MAX 64 /* of an option that may come again */

enum verb { VERB_RUN, VERB_COMPARE, VERB_BENCH, VERB_DOCTOR }; /* the first word; none: run */
enum stats_form { STATS_NONE, STATS_TEXT, STATS_JSON };

#define RUNS_MAX 10000
#define PROCS_DEFAULT 4096
#define PROCS_MAX 100000

struct options {
	enum verb verb;
	bool preempt;
	uint64_t quantum_ns; /* QUANTUM_FLOOR_NS to QUANTUM_CEILING_NS */
	enum switch_backend backend;
	enum protect protect; /* PROTECT_BEST if not said */
	bool keep_sites;     /* --rewrite=off */
	uint64_t timeout_ns; /* 0: none; at most INT64_MAX */
	uint64_t memory;     /* --memory, bytes; 0: what the host has */
	uint64_t procs;      /* --procs; PROCS_DEFAULT if not said */
	bool trace_lde;         /* -t lde */
	const char *trace_file; /* -t lde:FILE, else NULL: standard error */
	int only[ONLY_MAX + 1]; /* pids of --only, 0-terminated; [0] is 0: all */
	uint64_t first;         /* --first; 0: all */
	const char *policy;     /* -s as typed: NAME[:key=value,...] or FILE.so[:...]; NULL: the default */
	uint64_t seed;          /* --seed; 1 if not said */
	enum stats_form stats;  /* --stats[=json[:FILE]] */
	const char *stats_file; /* NULL: standard error */
	const char *root, *cwd; /* --root, a directory of the host; --cwd, as programs see it; NULL: not said */
	char *rw[REPEATS_MAX + 1], *ro[REPEATS_MAX + 1]; /* --rw, --ro: as programs see them; these lists end with NULL */
	char *env[REPEATS_MAX + 1];   /* --env: NAME=VALUE, or NAME to remove it */
	char *files[REPEATS_MAX + 1]; /* -f */
	/* Of compare and bench only: */
	unsigned runs, warmups; /* -r, -w; 0: the verb's own default */
	bool json;              /* --json: the result on standard output */
	bool show_output;       /* --show-output: what the compared programs wrote */
	int verbose;         /* how many times -v was given */
	bool help, version, policies; /* parsing stops at the one that comes first; policies: -s help */
	int first_prog;      /* index into argv of the first PROG, or word of the verb; argc if none */
};

/*
 * Reads the command line into *o, defaults included. Prints nothing, never
 * exits, changes neither argv nor its words.
 *
 * Returns 0; then either help, version or policies is set, or argv[first_prog]
 * and all that follow it are PROGs (with files: maybe none; bench: what to
 * measure, maybe nothing; doctor: nothing). Returns -1 if the line is wrong (exit status 125);
 * then *o is unspecified and err, of errlen bytes, holds one NUL-terminated
 * line, without "uos: ", without a newline, control characters shown as '?',
 * cut where it does not fit (256 bytes are enough). errlen may be 0.
 */
int options_parse(int argc, char **argv, struct options *o, char *err, size_t errlen);

/* Levels of --protect, by enum protect; ends with NULL. */
extern const char *const options_levels[PROTECT_FULL + 2];

/* What --help prints, by verb: whole lines of at most 80 columns. */
extern const char *const options_help[VERB_DOCTOR + 1];

#endif
