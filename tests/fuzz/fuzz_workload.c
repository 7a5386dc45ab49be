/*
 * libFuzzer target: the input is a workload file. Each line that is not blank or a comment is a job, with its number; one that is
 * accepted is the same as its text alone, within limits; one that is refused is explained in one line. Carriage returns change nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "../unit/some_policies.h"
#include "cli/workload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int truth)
{
	if (!truth)
		abort();
}

static void release(struct workload *w)
{
	for (int i = 0; i < w->count; i++) {
		free(w->jobs[i].text);
		free(w->jobs[i].words);
	}
	free(w->jobs);
}

static void check_same(const struct job *a, const struct job *b)
{
	require(!strcmp(a->wrong, b->wrong) && a->line == b->line);
	if (*a->wrong)
		return;
	require(a->program.length == b->program.length && a->program.weight == b->program.weight &&
	        a->program.priority == b->program.priority);
	for (char **x = a->program.argv, **y = b->program.argv; *x || *y; x++, y++)
		require(*x && *y && !strcmp(*x, *y));
}

static void check_job(const struct job *j)
{
	struct workload alone = {.count = 0};
	size_t length = strlen(j->wrong);

	require(j->status == 125 && !strchr(j->text, '\n') && length < sizeof j->wrong);
	for (size_t i = 0; i < length; i++)
		require((unsigned char)j->wrong[i] >= ' ' && j->wrong[i] != 0x7f);
	if (!length)
		require(j->words && *j->program.argv && j->program.weight >= 1 && j->program.length <= INT64_MAX);
	workload_add(&alone, j->text, j->file, j->line);
	require(alone.count == 1);
	if (strncmp(j->wrong, "a NUL", 5))
		check_same(j, alone.jobs);
	release(&alone);
}

/* How many lines are to be jobs, by another way: as text, line by line, from the end of each backwards. */
static int count_jobs(const uint8_t *data, size_t size)
{
	int jobs = 0, first = '\n', nul = 0;

	for (size_t i = size; i-- > 0;) {
		if (data[i] == '\n') {
			jobs += nul || (first != '\n' && first != '#');
			first = '\n';
			nul = 0;
		} else if (!(data[i] == '\r' && (i + 1 == size || data[i + 1] == '\n')) && data[i] != ' ' && data[i] != '\t') {
			first = data[i];
			nul |= !data[i];
		}
	}
	return jobs + (nul || (first != '\n' && first != '#'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct workload w = {.count = 0}, again = {.count = 0};
	size_t mark = size >= 3 && !memcmp(data, "\xef\xbb\xbf", 3) ? 3 : 0, length = 0;
	char *returns = malloc(2 * size + 1);

	workload_parse(&w, "f", (const char *)data, size);
	require(w.count == count_jobs(data + mark, size - mark));
	for (int i = 0; i < w.count; i++) {
		check_job(&w.jobs[i]);
		require(w.jobs[i].line > (i ? w.jobs[i - 1].line : 0));
	}
	for (size_t i = 0; i < size; i++) {
		if (data[i] == '\n' && (!i || data[i - 1] != '\r'))
			returns[length++] = '\r';
		returns[length++] = (char)data[i];
	}
	workload_parse(&again, "f", returns, length);
	require(again.count == w.count);
	for (int i = 0; i < w.count; i++)
		check_same(&w.jobs[i], &again.jobs[i]);
	release(&w);
	release(&again);
	free(returns);
	return 0;
}
