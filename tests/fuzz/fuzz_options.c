/*
 * libFuzzer target: the input, split at its NULs, is argv from argv[1] on. What is accepted must be within its limits, and written
 * out in full must be read as the same; what is refused must be explained in one line that stays inside its buffer.
 */
#include <inttypes.h>
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

static int same(const struct options *a, const struct options *b)
{
	return a->preempt == b->preempt && a->quantum_ns == b->quantum_ns && a->backend == b->backend &&
	       a->protect == b->protect && a->timeout_ns == b->timeout_ns && a->verbose == b->verbose &&
	       a->help == b->help && a->version == b->version;
}

static void check_limits(const struct options *o, int argc, char **argv)
{
	require(o->quantum_ns >= QUANTUM_FLOOR_NS && o->quantum_ns <= QUANTUM_CEILING_NS);
	require(o->timeout_ns <= INT64_MAX);
	require(o->backend == SWITCH_UCONTEXT || o->backend == SWITCH_ASM);
	require(o->protect == PROTECT_BEST || o->protect == PROTECT_NONE || o->protect == PROTECT_KEYS);
	require(o->verbose >= 0 && !(o->help && o->version));
	if (o->help || o->version) {
		require(o->first_prog == argc);
		return;
	}
	require(o->first_prog >= 1 && o->first_prog < argc);
	for (int i = o->first_prog + 1; i < argc; i++)
		require(argv[i][0] != '-');
}

/* The same options written in another way must mean the same. */
static void check_written_out(const struct options *o)
{
	char quantum[40], timeout[48], err[256], *letters = malloc((size_t)o->verbose + 2);
	char *argv[10] = {"uos", o->preempt ? "--mode=preempt" : "--mode=coop", quantum,
	                  o->backend == SWITCH_ASM ? "--switch=asm" : "--switch=ucontext"};
	int argc = 4;
	struct options again;

	snprintf(quantum, sizeof quantum, "-q%" PRIu64 ".%03dus", o->quantum_ns / 1000, (int)(o->quantum_ns % 1000));
	snprintf(timeout, sizeof timeout, "%" PRIu64 ".%03dus", o->timeout_ns / 1000, (int)(o->timeout_ns % 1000));
	if (o->timeout_ns) {
		argv[argc++] = "--timeout";
		argv[argc++] = timeout;
	}
	if (o->verbose) {
		memset(letters, 'v', (size_t)o->verbose + 1);
		letters[0] = '-';
		letters[o->verbose + 1] = '\0';
		argv[argc++] = letters;
	}
	if (o->protect != PROTECT_BEST)
		argv[argc++] = o->protect == PROTECT_KEYS ? "--protect=keys" : "--protect=none";
	argv[argc++] = o->help ? "-h" : o->version ? "--version" : "prog";
	require(options_parse(argc, argv, &again, err, sizeof err) == 0 && same(o, &again));
	free(letters);
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
