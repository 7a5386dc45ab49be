/*
 * libFuzzer target: the input, up to its first NUL, is a command line. What it is split into, quoted again, must split into the
 * same; and quoting the whole line must give the line back.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmdline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth)
{
	if (!truth)
		abort();
}

/* Appends WORD in single quotes, a quote in it as '\''; returns the new end. */
static char *quote(char *out, const char *word)
{
	*out++ = '\'';
	for (; *word; word++) {
		if (*word == '\'') {
			memcpy(out, "'\\'", 3);
			out += 3;
		}
		*out++ = *word;
	}
	*out++ = '\'';
	return out;
}

static void check_same(char **words, char **again)
{
	size_t i = 0;

	for (; words[i]; i++)
		require(again[i] && !strcmp(words[i], again[i]));
	require(!again[i]);
}

static void check_quoted_again(char **words, size_t length)
{
	size_t bytes = 0, n = 0;
	const char *why = "not set";
	char *text, *end, **again;

	for (; words[n]; n++)
		bytes += strlen(words[n]);
	require(n > 0 && bytes + n - 1 <= length);
	text = end = malloc(4 * bytes + 3 * n + 1);
	for (size_t i = 0; i < n; i++) {
		end = quote(end, words[i]);
		*end++ = i % 2 ? '\n' : ' ';
	}
	*end = '\0';
	again = cmdline_split(text, &why);
	require(again && !why);
	check_same(words, again);
	free(again);
	free(text);
}

/* A whole line, quoted, is one word whatever it holds. */
static void check_one_word(const char *line)
{
	const char *why;
	char *text = malloc(4 * strlen(line) + 3), **words;

	*quote(text, line) = '\0';
	words = cmdline_split(text, &why);
	require(words && !strcmp(words[0], line) && !words[1]);
	free(words);
	free(text);
}

/* Without quotes and backslashes, blanks alone decide. */
static void check_plain(char *line, char **words)
{
	size_t i = 0;
	char *rest;

	for (char *word = strtok_r(line, " \t\n", &rest); word; word = strtok_r(NULL, " \t\n", &rest), i++)
		require(words && words[i] && !strcmp(words[i], word));
	require(words ? i > 0 && !words[i] : i == 0);
}

static void check_refusal(const char *line, const char *why)
{
	require(why != NULL);
	if (!strcmp(why, "unbalanced quote"))
		require(strpbrk(line, "'\"") != NULL);
	else if (!strcmp(why, "nothing after the last backslash"))
		require(line[strlen(line) - 1] == '\\');
	else
		require(!strcmp(why, "nothing to run") && line[strspn(line, " \t\n\\")] == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t length = size ? strnlen((const char *)data, size) : 0;
	char *line = malloc(length + 1); /* exactly, so that ASan sees every step outside */
	const char *why = "not set";
	char **words;

	if (length)
		memcpy(line, data, length);
	line[length] = '\0';
	words = cmdline_split(line, &why);
	if (words) {
		require(!why);
		check_quoted_again(words, length);
	} else {
		check_refusal(line, why);
	}
	check_one_word(line);
	if (!strpbrk(line, "'\"\\"))
		check_plain(line, words);
	free(words);
	free(line);
	return 0;
}
