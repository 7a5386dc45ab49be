/*
 * libFuzzer target: the input, split at its NULs, is argv from argv[1] on. What is accepted must be within its limits, and written
 * out in full must be read as the same; what is refused must be explained in one line that stays inside its buffer.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"

#define MOST_WORDS 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth)
{
	if (!truth)
		abort();
}

/* Every word in memory of its own, so that ASan sees every step outside; returns argc. */
static int make_argv(char **argv, const uint8_t *data, size_t size)
{
	int argc = 1;

	argv[0] = strdup("uos");
	while (size > 0 && argc < MOST_WORDS) {
		size_t length = strnlen((const char *)data, size);

		argv[argc++] = strndup((const char *)data, length);
		length += length < size;
		data += length;
		size -= length;
	}
	argv[argc] = NULL;
	return argc;
}

static int same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static int same_pids(const int *a, const int *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static int same_list(char *const *a, char *const *b)
{
	while (*a && same_text(*a, *b))
		a++, b++;
	return *a == *b;
}

static int same(const struct options *a, const struct options *b)
{
	if (!same_text(a->root, b->root) || !same_text(a->cwd, b->cwd) || !same_list(a->rw, b->rw) || !same_list(a->ro, b->ro) ||
	    !same_list(a->env, b->env) || !same_list(a->files, b->files))
		return 0;
	return a->preempt == b->preempt && a->quantum_ns == b->quantum_ns && a->backend == b->backend &&
	       a->protect == b->protect && a->keep_sites == b->keep_sites && a->timeout_ns == b->timeout_ns && a->verbose == b->verbose &&
	       a->help == b->help && a->version == b->version && a->policies == b->policies && a->verb == b->verb &&
	       a->seed == b->seed && a->stats == b->stats && same_text(a->stats_file, b->stats_file) &&
	       same_text(a->policy, b->policy) && a->trace_lde == b->trace_lde && same_text(a->trace_file, b->trace_file) &&
	       a->first == b->first && a->memory == b->memory && a->procs == b->procs && same_pids(a->only, b->only) && a->runs == b->runs &&
	       a->warmups == b->warmups && a->json == b->json && a->show_output == b->show_output;
}

static void check_limits(const struct options *o, int argc, char **argv)
{
	require(o->quantum_ns >= QUANTUM_FLOOR_NS && o->quantum_ns <= QUANTUM_CEILING_NS);
	require(o->timeout_ns <= INT64_MAX);
	require(o->procs >= 1 && o->procs <= PROCS_MAX);
	require(o->backend == SWITCH_UCONTEXT || o->backend == SWITCH_ASM);
	require(o->protect >= PROTECT_BEST && o->protect <= PROTECT_FULL);
	require(o->verbose >= 0 && o->help + o->version + o->policies <= 1);
	require(o->seed && o->runs <= RUNS_MAX && o->warmups <= RUNS_MAX && (!o->stats_file || o->stats == STATS_JSON));
	if (o->verb == VERB_RUN)
		require(!o->runs && !o->warmups && !o->json && !o->show_output);
	else
		require(o->preempt && o->stats == STATS_NONE && !o->trace_lde && !o->first && !o->only[0]);
	if (o->help || o->version || o->policies) {
		require(o->first_prog == argc);
		return;
	}
	require(o->first_prog >= 1 && o->first_prog <= argc);
	require(o->verb == VERB_BENCH || *o->files || (o->first_prog == argc) == (o->verb == VERB_DOCTOR));
	for (int i = o->first_prog + 1; i < argc; i++)
		require(argv[i][0] != '-');
}

/* A line that is being written. */
struct line {
	char *argv[32 + 4 * REPEATS_MAX];
	int argc;
};

__attribute__((format(printf, 2, 3)))
static void word(struct line *l, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	require(vasprintf(&l->argv[l->argc++], format, args) >= 0);
	va_end(args);
}

static void write_run(struct line *l, const struct options *o)
{
	char only[ONLY_MAX * 12 + 1], *end = only;

	word(l, "--mode=%s", o->preempt ? "preempt" : "coop");
	if (o->trace_lde)
		word(l, o->trace_file ? "-tlde:%s" : "-tlde", o->trace_file);
	if (o->first)
		word(l, "--first=%" PRIu64, o->first);
	for (int i = 0; o->only[i]; i++)
		end += sprintf(end, "%s%d", i ? "," : "", o->only[i]);
	if (end > only)
		word(l, "--only=%s", only);
	if (o->stats)
		word(l, o->stats == STATS_TEXT ? "--stats" : o->stats_file ? "--stats=json:%s" : "--stats=json", o->stats_file);
}

static void write_time(struct line *l, const char *name, uint64_t ns)
{
	word(l, "--%s=%" PRIu64 ".%03dus", name, ns / 1000, (int)(ns % 1000));
}

static void write_list(struct line *l, const char *option, char *const *list)
{
	for (; *list; list++)
		word(l, "%s%s", option, *list);
}

static void write_run_or_compare(struct line *l, const struct options *o)
{
	write_list(l, "--rw=", o->rw);
	write_list(l, "--ro=", o->ro);
	write_list(l, "--env=", o->env);
	write_list(l, "-f", o->files);
	if (o->root)
		word(l, "--root=%s", o->root);
	if (o->cwd)
		word(l, "--cwd=%s", o->cwd);
	write_time(l, "quantum", o->quantum_ns);
	if (o->timeout_ns)
		write_time(l, "timeout", o->timeout_ns);
	word(l, o->backend == SWITCH_ASM ? "--switch=asm" : "--switch=ucontext");
	if (o->keep_sites)
		word(l, "--rewrite=off");
	if (o->protect != PROTECT_BEST)
		word(l, "--protect=%s", options_levels[o->protect]);
	if (o->memory)
		word(l, "--memory=%" PRIu64, o->memory);
	word(l, "--procs=%" PRIu64, o->procs);
	if (o->show_output)
		word(l, "--show-output");
}

/* The same options written in another way must mean the same. */
static void check_written_out(const struct options *o)
{
	static const char *const verbs[] = {"", "compare", "bench", "doctor"};
	struct options again;
	struct line l = {.argc = 0};
	char err[256];

	word(&l, "uos");
	if (o->verb)
		word(&l, "%s", verbs[o->verb]);
	if (o->verb == VERB_RUN)
		write_run(&l, o);
	if (o->verb == VERB_RUN || o->verb == VERB_COMPARE)
		write_run_or_compare(&l, o);
	if (o->verb != VERB_DOCTOR)
		word(&l, "--seed=%" PRIu64, o->seed);
	if (o->runs)
		word(&l, "-r%u", o->runs);
	if (o->warmups)
		word(&l, "-w%u", o->warmups);
	if (o->json)
		word(&l, "--json");
	if (o->verbose)
		word(&l, "-%0*d", o->verbose, 0);
	for (char *c = o->verbose ? l.argv[l.argc - 1] + 1 : ""; *c; c++)
		*c = 'v';
	if (o->policy) { /* nothing is read after -s help, nor after the word with -h */
		word(&l, o->help ? "-hs" : "-s");
		word(&l, "%s", o->policy);
	}
	if (o->help || o->version)
		word(&l, o->help ? "-h" : "--version");
	else if (!o->policies && o->verb != VERB_DOCTOR)
		word(&l, "prog");
	require(options_parse(l.argc, l.argv, &again, err, sizeof err) == 0 && same(o, &again));
	for (int i = 0; i < l.argc; i++)
		free(l.argv[i]);
}

static void check_message(const char *err, size_t room)
{
	size_t length = strnlen(err, room);

	require(length > 0 && length < room && strncmp(err, "uos: ", 5));
	for (size_t i = 0; i < length; i++)
		require((unsigned char)err[i] >= ' ' && err[i] != 0x7f);
}

/* A smaller buffer holds the beginning of the same message, and nothing behind it is touched. */
static void check_cut(int argc, char **argv, const char *whole)
{
	for (size_t room = 0; room < 40; room += 13) {
		char *small = malloc(room + 1);
		struct options o;

		small[room] = 0x5a;
		require(options_parse(argc, argv, &o, small, room) == -1 && small[room] == 0x5a);
		if (room)
			require(strlen(small) < room && !strncmp(small, whole, strlen(small)));
		free(small);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *argv[MOST_WORDS + 1], *before[MOST_WORDS + 1], err[1024];
	int argc = make_argv(argv, data, size);
	struct options o, again;

	for (int i = 0; i < argc; i++)
		before[i] = strdup(argv[i]);
	if (options_parse(argc, argv, &o, err, sizeof err) == 0) {
		require(options_parse(argc, argv, &again, err, sizeof err) == 0 && same(&o, &again));
		check_limits(&o, argc, argv);
		check_written_out(&o);
	} else {
		require(strlen(err) < 256);
		check_message(err, sizeof err);
		check_cut(argc, argv, err);
	}
	for (int i = 0; i < argc; i++) {
		require(!strcmp(argv[i], before[i]));
		free(argv[i]);
		free(before[i]);
	}
	return 0;
}
