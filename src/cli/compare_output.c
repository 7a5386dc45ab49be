/* Did two runs write the same? Their order is the scheduler's business: sets of lines are compared. */
#define _GNU_SOURCE
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/compare.h"
#include "cli/run.h"
#include "machine/printable.h"

struct lines {
	char *text, **line;
	size_t n;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Pids differ between us and Linux: each "pid 12" becomes "pid N". In place; NULs become visible. The new length. */
static size_t without_pids(char *text, size_t length)
{
	size_t to = 0;

	for (size_t i = 0; i < length; i++) {
		text[to++] = text[i] ? text[i] : '?';
		if (to >= 4 && !strncmp(text + to - 4, "pid ", 4) && isdigit((unsigned char)text[i + 1])) {
			while (isdigit((unsigned char)text[i + 1]))
				i++;
			text[to++] = 'N';
		}
	}
	text[to] = 0;
	return to;
}

static struct lines lines_of(char *text, size_t length)
{
	struct lines l = { .text = text };

	length = without_pids(text, length);
	l.line = malloc((length + 1) * sizeof *l.line);
	if (!l.line)
		err(STATUS_USAGE, "uos: compare");
	for (char *line; text && (line = strsep(&text, "\n")) && (text || *line);)
		l.line[l.n++] = line;
	qsort(l.line, l.n, sizeof *l.line, by_text);
	return l;
}

/* A line that stands in one only, NULL if there is none; *in_a: in which. */
static const char *only_in_one(const struct lines *a, const struct lines *b, bool *in_a)
{
	for (size_t i = 0; i < a->n || i < b->n; i++) {
		int order = i >= a->n ? 1 : i >= b->n ? -1 : strcmp(a->line[i], b->line[i]);

		*in_a = order < 0;
		if (order)
			return order < 0 ? a->line[i] : b->line[i];
	}
	return NULL;
}

void comparison_add_output(struct comparison *c, int mode, int run, char *text, size_t length)
{
	static struct lines first;
	static int first_mode;
	const char *line;
	bool in_first;

	if (c->options->show_output && !c->output[mode]) {
		c->output[mode] = memcpy(malloc(length + 1), text, length + 1);
		c->output_length[mode] = length;
	}

	struct lines these = lines_of(text, length);

	if (!first.text) {
		first = these;
		first_mode = mode;
		return;
	}
	line = c->difference ? NULL : only_in_one(&first, &these, &in_first);
	if (line && asprintf(&c->difference, "'%.60s' stands more often in the output of run %d of %s than of run %d of %s", line,
			     in_first ? 1 : run + 1, c->mode[in_first ? first_mode : mode].word, in_first ? run + 1 : 1,
			     c->mode[in_first ? mode : first_mode].word) < 0)
		err(STATUS_USAGE, "uos: compare");
	if (line)
		make_printable(c->difference); /* the terminal is not to obey it */
	free(these.line);
	free(these.text);
}
