#ifndef UOS_CLI_OPTIONS_H
#define UOS_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "machine/machine.h" /* what can be chosen */

/*
 * A timer interrupt costs about 7 us (DESIGN section 3), so under 20 us more
 * than a third of the CPU would go to the interrupts, and at 6 us all of it.
 */
#define QUANTUM_FLOOR_NS 20000ull
#define QUANTUM_DEFAULT_NS 10000000ull
#define QUANTUM_CEILING_NS 60000000000ull

#define ONLY_MAX 64

struct options {
	bool preempt;
	uint64_t quantum_ns; /* QUANTUM_FLOOR_NS to QUANTUM_CEILING_NS */
	enum switch_backend backend;
	enum protect protect; /* PROTECT_BEST if not said */
	uint64_t timeout_ns; /* 0: none; at most INT64_MAX */
	bool trace_lde;         /* -t lde */
	const char *trace_file; /* -t lde:FILE, else NULL: standard error */
	int only[ONLY_MAX + 1]; /* pids of --only, 0-terminated; [0] is 0: all */
	uint64_t first;         /* --first; 0: all */
	int verbose;         /* how many times -v was given */
	bool help, version;  /* parsing stops at the one that comes first */
	int first_prog;      /* index into argv of the first PROG; argc if none */
};

/*
 * Reads the command line into *o, defaults included. Prints nothing, never
 * exits, changes neither argv nor its words.
 *
 * Returns 0; then either help or version is set, or argv[first_prog] and all
 * that follow it are PROGs. Returns -1 if the line is wrong (exit status 125);
 * then *o is unspecified and err, of errlen bytes, holds one NUL-terminated
 * line, without "uos: ", without a newline, control characters shown as '?',
 * cut where it does not fit (256 bytes are enough). errlen may be 0.
 */
int options_parse(int argc, char **argv, struct options *o, char *err, size_t errlen);

/* What --help prints: whole lines of at most 80 columns. */
extern const char options_help[];

#endif
