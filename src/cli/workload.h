/* What is to run: the PROGs of the command line, and the lines of workload files (docs/workloads.md). */
#ifndef UOS_CLI_WORKLOAD_H
#define UOS_CLI_WORKLOAD_H

#include "kernel/kernel.h"

struct job {
	char *text;       /* as typed */
	const char *file; /* where: a line of this file; NULL: on the command line */
	unsigned line;
	char **words;     /* of the text, in one block */
	struct program program; /* argv: the words from the program's name on; what the words before it say; path: once it is found */
	char wrong[400];  /* one line about what is wrong with it; "": nothing */
	int status;       /* that it makes uos end with, if something is */
};

struct workload {
	struct job *jobs;
	int count;
};

/*
 * Adds one job: a command line (cli/cmdline.h), which may begin with what
 * policies are to know of the program, length=2s, weight=3, priority=1. The
 * text is copied, `file` is not.
 */
void workload_add(struct workload *w, const char *text, const char *file, unsigned line);

/*
 * Adds the lines of a file. Lines end with a newline, or a carriage return and
 * a newline, the last one perhaps with neither; blank ones are skipped, and
 * those whose first character that is no blank is '#'.
 */
void workload_parse(struct workload *w, const char *file, const char *bytes, size_t length);

/* Likewise, from the file itself; "-" is standard input. NULL, or why it cannot be read. */
const char *workload_read(struct workload *w, const char *file);

#endif
