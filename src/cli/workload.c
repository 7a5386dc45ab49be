#define _GNU_SOURCE
#include "cli/workload.h"

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmdline.h"
#include "cli/complaint.h"
#include "cli/policy.h"
#include "cli/run.h"

#define LARGEST (16u << 20) /* bytes of a file; what is more is no workload */
#define BLANKS " \t"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static void *memory(void *got)
{
	if (!got)
		err(STATUS_USAGE, "uos: workload");
	return got;
}

void workload_add(struct workload *w, const char *text, const char *file, unsigned line)
{
	const char *why;
	struct job *j;

	w->jobs = memory(reallocarray(w->jobs, (size_t)w->count + 1, sizeof *w->jobs));
	j = &w->jobs[w->count++];
	*j = (struct job){ .text = memory(strdup(text)), .file = file, .line = line, .status = STATUS_USAGE };
	j->program.weight = 1;
	j->words = cmdline_split(text, &why);
	if (!j->words) {
		complain(j->wrong, sizeof j->wrong, "%.200s: %s", *text ? text : "''", why);
		return;
	}
	for (j->program.argv = j->words; policy_setting(*j->program.argv, &j->program, &why); j->program.argv++)
		if (why || !j->program.argv[1]) {
			complain(j->wrong, sizeof j->wrong, "%s", why ? why : "nothing to run after what is said about it");
			return;
		}
}

static void add_line(struct workload *w, const char *file, unsigned line, const char *bytes, size_t length)
{
	char *text = memory(strndup(bytes, length)), *begin = text + strspn(text, BLANKS);
	bool cut = strlen(text) < length;

	if (*begin && text[strlen(text) - 1] == '\r')
		text[strlen(text) - 1] = 0;
	if (cut || (*begin && *begin != '#'))
		workload_add(w, begin, file, line);
	if (cut)
		complain(w->jobs[w->count - 1].wrong, sizeof w->jobs->wrong, "a NUL byte: this is not text");
	free(text);
}

void workload_parse(struct workload *w, const char *file, const char *bytes, size_t length)
{
	const char *at = bytes, *end = bytes + length, *newline;

	if (length >= 3 && !memcmp(at, BYTE_ORDER_MARK, 3))
		at += 3;
	for (unsigned line = 1; at < end; line++, at = newline + 1) {
		newline = memchr(at, '\n', (size_t)(end - at));
		newline = newline ? newline : end;
		add_line(w, file, line, at, (size_t)(newline - at));
	}
}

const char *workload_read(struct workload *w, const char *file)
{
	FILE *in = strcmp(file, "-") ? fopen(file, "re") : stdin;
	char *bytes = memory(malloc(LARGEST + 1));
	size_t length = in ? fread(bytes, 1, LARGEST + 1, in) : 0;
	const char *wrong = !in || ferror(in) ? strerror(errno) : length > LARGEST ? "over 16 MiB: not a workload" : NULL;

	if (!wrong)
		workload_parse(w, file, bytes, length);
	free(bytes);
	if (in && in != stdin)
		fclose(in);
	return wrong;
}
