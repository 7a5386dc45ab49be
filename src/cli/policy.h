/* From the word after -s to a policy: one of the kernel's, or a plug-in, with its options. */
#ifndef UOS_CLI_POLICY_H
#define UOS_CLI_POLICY_H

#include <stdio.h>

#include "kernel/kernel.h"

struct policy_choice {
	const struct uos_policy *policy;
	const char *plug_in; /* the file it came from; NULL: it is one of the kernel's own */
	int programs;        /* as many as the lists below have room for */
	uint64_t *lists[3];  /* by program: length, weight, priority */
	int said[3];         /* of how many programs, the first ones */
};

/*
 * Reads NAME[:key=value,...] or FILE[:key=value,...], where FILE has a slash or
 * ends in .so; NULL means the kernel's first policy. `programs` is how many
 * there are to fill lists for. Returns NULL, or one line. There is one choice
 * in a process: options are stored where the policy said, and what *out and
 * the line point to is good until the next call. A plug-in is loaded, so call
 * it before machine_boot.
 */
const char *policy_choose(const char *word, int programs, struct policy_choice *out);

/*
 * Reads a word such as length=2s, weight=3 or priority=1 that stands before a
 * program; *wrong is NULL then, or one line, good until the next call here.
 * False: it is none: not letters, digits and '_' up to an '='.
 */
bool policy_setting(const char *word, struct program *p, const char **wrong);

/*
 * What the lists say of the index-th program, from 0, into *p; what they do not
 * say stays. NULL, or one line: what *p says then is beyond the policy's limits.
 */
const char *policy_program(const struct policy_choice *c, int index, struct program *p);

/* The kernel's policies and their options, for a person. */
void policy_help(FILE *out);

#endif
