#include "cli/complaint.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "machine/printable.h"

#define LONGEST_NAME 16 /* a longer word resembles none of ours */

int complain(char *err, size_t errlen, const char *format, ...)
{
	char whole[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(whole, sizeof whole, format, args);
	va_end(args);
	/* A word may hold a newline or a terminal's escape: the message stays one line. */
	make_printable(whole);
	if (errlen)
		snprintf(err, errlen, "%s", whole);
	return -1;
}

static size_t least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Edits that make NAME of the LENGTH (at most LONGEST_NAME) bytes at TYPED (Levenshtein). */
static size_t distance(const char *typed, size_t length, const char *name)
{
	size_t row[LONGEST_NAME + 1];

	for (size_t i = 0; i <= length; i++)
		row[i] = i;
	for (size_t n = 1; name[n - 1]; n++) {
		size_t diagonal = row[0];

		row[0] = n;
		for (size_t i = 1; i <= length; i++) {
			size_t same = diagonal + (typed[i - 1] != name[n - 1]);

			diagonal = row[i];
			row[i] = least(same, row[i] + 1, row[i - 1] + 1);
		}
	}
	return row[length];
}

const char *nearest(const char *typed, size_t length, const char *const *names)
{
	const char *best = NULL;
	size_t fewest = length < 4 ? 2 : length / 2 + 1;

	if (!length || length > LONGEST_NAME)
		return NULL;
	for (; *names; names++) {
		size_t edits = strncmp(typed, *names, length) ? distance(typed, length, *names) : 0;

		if (edits < fewest) {
			best = *names;
			fewest = edits;
		}
	}
	return best;
}

int complain_unknown(char *err, size_t errlen, const char *what, const char *typed, size_t length,
                     const char *const *names, const char *list)
{
	const char *near = nearest(typed, length, names);
	int shown = length < 60 ? (int)length : 60;

	if (near)
		return complain(err, errlen, "unknown %s '%.*s': did you mean %s? (%s)", what, shown, typed, near, list);
	return complain(err, errlen, "unknown %s '%.*s': %s", what, shown, typed, list);
}
