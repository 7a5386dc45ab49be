/* What the runs said: rows of samples, what differs measurably, and one sentence. */
#define _GNU_SOURCE
#include <ctype.h>
#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/compare.h"
#include "cli/run.h"
#include "cli/significance.h"
#include "cli/stats.h"
#include "cli/table.h"
#include "machine/printable.h"

#define SIGNIFICANT 0.05
#define ENOUGH_FOR_INTERVAL 6 /* runs; see estimate_median */
#define ENOUGH_FOR_TEST 4     /* of 4 and 4, all in order has p = 0.029; of 3 and 3, 0.1 */

enum unit { TIME, COUNT, SHARE, INDEX };
enum { MAKESPAN, RESPONSE, TURNAROUND, WAIT, FAIRNESS, SWITCHES, BY_TIMER, OVERHEAD, ROWS };

static const struct {
	const char *label, *key;
	enum unit unit;
} rows[ROWS] = {
	[MAKESPAN] = { "makespan", "makespan_ns", TIME },
	[RESPONSE] = { "response, median", "response_ns", TIME },
	[TURNAROUND] = { "turnaround, mean", "turnaround_ns", TIME },
	[WAIT] = { "wait, mean", "wait_ns", TIME },
	[FAIRNESS] = { "fairness", "fairness", INDEX },
	[SWITCHES] = { "switches", "switches", COUNT },
	[BY_TIMER] = { "  by timer", "switches_by_timer", COUNT },
	[OVERHEAD] = { "overhead", "overhead", SHARE },
};

/* Rows from ROWS on are the response of one program each. */
static double *samples(const struct comparison *c, int row, int mode)
{
	return c->samples + ((size_t)row * (size_t)c->modes + (size_t)mode) * (size_t)c->runs;
}

void comparison_reserve(struct comparison *c)
{
	c->samples = calloc((size_t)(ROWS + c->programs) * (size_t)c->modes * (size_t)c->runs, sizeof *c->samples);
	c->failures = calloc((size_t)c->modes * (size_t)c->programs, sizeof *c->failures);
	if (!c->samples || !c->failures)
		err(STATUS_USAGE, "uos: compare");
}

static void note_failure(struct failures *f, const struct outcome *o)
{
	int status = o->signal ? 128 + o->signal : o->status;

	if (!status)
		return;
	f->status = f->runs++ && f->status != status ? -1 : status;
}

void comparison_add(struct comparison *c, int mode, int run, const struct report *r)
{
	uint64_t first = UINT64_MAX, last = 0, kernel = 0, busy = 0;
	double response[c->programs], turnaround = 0, wait = 0;
	double value[ROWS];

	for (int i = 0; i < c->programs; i++) {
		const struct usage *u = &r->outcomes[i].usage;

		first = u->arrival < first ? u->arrival : first;
		last = u->completion > last ? u->completion : last;
		samples(c, ROWS + i, mode)[run] = response[i] = (double)(u->first_run - u->arrival);
		turnaround += (double)(u->completion - u->arrival) / c->programs;
		wait += (double)u->wait / c->programs;
		kernel += u->kernel;
		busy += u->user + u->kernel;
		note_failure(&c->failures[mode * c->programs + i], &r->outcomes[i]);
	}
	value[MAKESPAN] = (double)(last - first);
	value[RESPONSE] = round(estimate_median(response, c->programs).median);
	value[TURNAROUND] = round(turnaround);
	value[WAIT] = round(wait);
	value[FAIRNESS] = stats_fairness(r->outcomes, c->programs, last);
	value[SWITCHES] = (double)r->machine.switches;
	value[BY_TIMER] = (double)r->machine.switches_by_timer;
	value[OVERHEAD] = busy ? (double)kernel / (double)busy : 0;
	for (int row = 0; row < ROWS; row++)
		samples(c, row, mode)[run] = value[row];
	if (!c->mode[mode].native)
		c->protect = r->protect;
}

static struct estimate estimate(const struct comparison *c, int row, int mode)
{
	double sorted[c->runs];

	memcpy(sorted, samples(c, row, mode), sizeof sorted);
	return estimate_median(sorted, c->runs);
}

static double p_value(const struct comparison *c, int row, int mode)
{
	return mann_whitney_p(samples(c, row, 0), c->runs, samples(c, row, mode), c->runs);
}

/* ---- The table -------------------------------------------------------- */

/* "10.1 ms ± 0.1": both in one unit, to the same decimal. */
static void cell_time(struct table *t, int column, struct estimate e)
{
	char text[16];
	const char *point = strchr(table_time(e.median, text), '.');
	const char *end = strchr(text, ' ') + 1;
	double unit = *end == 'n' ? 1 : *end == 'u' ? 1e3 : *end == 'm' ? 1e6 : 1e9;

	table_cell(t, column, "%s ± %.*f", text, point ? (int)(end - point) - 2 : 0, estimate_half(e) / unit);
}

static void cell(struct table *t, int column, enum unit unit, struct estimate e)
{
	double half = estimate_half(e);

	if (unit == TIME)
		cell_time(t, column, e);
	else if (unit == SHARE)
		table_cell(t, column, "%.2f %% ± %.2f", 100 * e.median, 100 * half);
	else if (unit == INDEX)
		table_cell(t, column, "%.3f ± %.3f", e.median, half);
	else if (half > 0)
		table_cell(t, column, "%g ± %g", e.median, half);
	else
		table_cell(t, column, "%g", e.median);
}

static void cell_change(const struct comparison *c, struct table *t, int column, int row, int mode)
{
	double before = estimate(c, row, 0).median, ratio = estimate(c, row, mode).median / before;

	if (p_value(c, row, mode) >= SIGNIFICANT)
		table_cell(t, column, "~");
	else if (before == 0)
		table_cell(t, column, "-"); /* no ratio to nothing */
	else if (ratio < 0.1)
		table_cell(t, column, "%.2gx", ratio);
	else
		table_cell(t, column, "%.*fx", ratio < 10 ? 2 : 0, ratio);
}

static void print_table(const struct comparison *c)
{
	struct table t = { .columns = 2 * c->modes };
	char quantum[16];

	printf("%d runs each, random order, seed %lu; %s, %s, %s; median ± %s\n", c->runs, c->options->seed,
	       c->options->policy ? c->options->policy : "rr", table_time((double)c->options->quantum_ns, quantum),
	       c->options->backend == SWITCH_ASM ? "asm" : "swapcontext",
	       c->runs >= ENOUGH_FOR_INTERVAL ? "95 % CI" : "half the range");
	table_row(&t, NULL);
	for (int m = 0; m < c->modes; m++) {
		table_cell(&t, m ? 2 * m : 1, "%s", c->mode[m].word);
		if (m && c->modes == 2)
			table_cell(&t, 2 * m + 1, "change");
		else if (m)
			table_cell(&t, 2 * m + 1, "/ %s", c->mode[0].word);
	}
	for (int row = 0; row < ROWS; row++) {
		table_row(&t, (const char *[2 * MODES_MAX]){ rows[row].label });
		for (int m = 0; m < c->modes; m++) {
			cell(&t, m ? 2 * m : 1, rows[row].unit, estimate(c, row, m));
			if (m)
				cell_change(c, &t, 2 * m + 1, row, m);
		}
	}
	table_print(&t, stdout);
}

/* ---- In words --------------------------------------------------------- */

/* A program's name on paper; good until the next call. */
static const char *shown(const char *name)
{
	static char text[64];

	snprintf(text, sizeof text, "%s", basename(name));
	make_printable(text);
	return text;
}

/* Does another program look the same on paper? */
static bool has_namesake(const struct comparison *c, int program)
{
	for (int i = 0; i < c->programs; i++)
		if (i != program && !strcmp(basename(*c->jobs[i].program.argv), basename(*c->jobs[program].program.argv)))
			return true;
	return false;
}

/* "59 times sooner", "20 % later": the last mode against the first. */
static void say_change(FILE *out, const struct comparison *c, int row, const char *less, const char *more)
{
	double before = estimate(c, row, 0).median, after = estimate(c, row, c->modes - 1).median;
	double factor = after < before ? before / after : after / before;

	if (factor >= 2)
		fprintf(out, "%.*f times %s", factor < 9.95, factor, after < before ? less : more);
	else
		fprintf(out, "%.2g %% %s", 100 * fabs(after / before - 1), after < before ? less : more);
}

/*
 * The last mode against the first: the program whose response changed most, by
 * time and by ratio (microseconds more may be many times more), of those where
 * it did measurably (n are tested: p times n), the first of those that are
 * about alike; and the makespan.
 */
static void verdict(const struct comparison *c, FILE *out)
{
	int last = c->modes - 1, most = -1;
	double difference = 0;

	for (int i = 0; i < c->programs; i++) {
		double before = estimate(c, ROWS + i, 0).median + 1, after = estimate(c, ROWS + i, last).median + 1; /* ns */
		double d = fabs(after - before) * fabs(log(after / before));

		if (d > 1.05 * difference && p_value(c, ROWS + i, last) * c->programs < SIGNIFICANT) {
			difference = d;
			most = i;
		}
	}
	fprintf(out, "%c%s answered ", toupper((unsigned char)*c->mode[last].word), c->mode[last].word + 1);
	if (most < 0)
		fputs("no program measurably sooner or later", out);
	else
		fprintf(out, has_namesake(c, most) ? "%s (pid %d) " : "%s ", shown(*c->jobs[most].program.argv), most + 2);
	if (most >= 0)
		say_change(out, c, ROWS + most, "sooner", "later");
	fputs(p_value(c, MAKESPAN, last) < SIGNIFICANT ? "; total time was " : "; total time ", out);
	if (p_value(c, MAKESPAN, last) >= SIGNIFICANT)
		fputs("did not change measurably", out);
	else
		say_change(out, c, MAKESPAN, "shorter", "longer");
	fputs(".\n", out);
}

/* A program's failures, mode by mode, a line. The status that they make: -1 if they are not the same in all. */
static int say_failures(const struct comparison *c, int program, FILE *out)
{
	const struct failures *f = c->failures + program, *first = f;
	bool any = false, alike = true;

	for (int m = 0; m < c->modes; m++, f += c->programs) {
		any |= f->runs;
		alike &= f->runs == c->runs && f->status == first->status && f->status > 0;
	}
	if (!any)
		return 0;
	fprintf(out, "%s (pid %d) failed ", shown(*c->jobs[program].program.argv), program + 2);
	f = first;
	for (int m = 0; m < (alike ? 1 : c->modes); m++, f += c->programs) {
		if (alike)
			fputs("in every run of every mode", out);
		else
			fprintf(out, "%sin %d of %d runs of %s", m ? ", " : "", f->runs, c->runs, c->mode[m].word);
		if (f->runs && f->status > 128)
			fprintf(out, " (signal %d)", f->status - 128);
		else if (f->runs && f->status > 0)
			fprintf(out, " (exit %d)", f->status);
	}
	fputc('\n', out);
	return alike ? first->status : -1;
}

/* All that stands below the table, a line each, for the caller to free. */
static char *notes(const struct comparison *c, int *status)
{
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	bool differ = false;

	if (!out)
		err(STATUS_USAGE, "uos: compare");
	*status = 0;
	for (int i = 0; i < c->programs; i++) {
		int s = say_failures(c, i, out);

		differ |= s < 0;
		*status = *status ? *status : s;
	}
	if (differ)
		*status = 1;
	if (c->difference)
		fprintf(out, "output differs: %s\n", c->difference);
	if (c->modes > 1 && c->runs < ENOUGH_FOR_TEST)
		fprintf(out, "from fewer than %d runs each, no difference can be told from chance\n", ENOUGH_FOR_TEST);
	if (c->modes > 1)
		verdict(c, out);
	fclose(out);
	return text;
}

/* ---- JSON ------------------------------------------------------------- */

static void json_row(const struct comparison *c, int row)
{
	fputs("[", stdout);
	for (int m = 0; m < c->modes; m++) {
		struct estimate e = estimate(c, row, m), first = estimate(c, row, 0);

		printf("%s\n    {\"median\": %.17g, \"low\": %.17g, \"high\": %.17g", m ? "," : "", e.median, e.low, e.high);
		if (m)
			printf(", \"p\": %.6g, \"measurable\": %s", p_value(c, row, m),
			       p_value(c, row, m) < SIGNIFICANT ? "true" : "false");
		if (m && first.median != 0)
			printf(", \"ratio\": %.17g", e.median / first.median);
		fputs(", \"samples\": [", stdout);
		for (int run = 0; run < c->runs; run++)
			printf("%s%.17g", run ? ", " : "", samples(c, row, m)[run]);
		fputs("]}", stdout);
	}
	fputs("]", stdout);
}

static void json_mode(const struct comparison *c, int m)
{
	const struct options *o = &c->mode[m].options;

	fputs(m ? ",\n    {\"mode\": " : "\n    {\"mode\": ", stdout);
	json_string(stdout, c->mode[m].word);
	if (!c->mode[m].native) {
		printf(", \"preempt\": %s, \"quantum_ns\": %lu, \"policy\": ", o->preempt ? "true" : "false", o->quantum_ns);
		json_string(stdout, o->policy ? o->policy : "rr");
	}
	if (c->output[m]) {
		fputs(", \"output\": ", stdout);
		json_bytes(stdout, c->output[m], c->output_length[m]);
	}
	fputs("}", stdout);
}

static void json_program(const struct comparison *c, int i)
{
	printf("%s\n   {\"pid\": %d, \"name\": ", i ? "," : "", i + 2);
	json_string(stdout, basename(*c->jobs[i].program.argv));
	fputs(", \"command\": ", stdout);
	json_string(stdout, c->jobs[i].text);
	fputs(", \"failures\": [", stdout);
	for (int m = 0; m < c->modes; m++) {
		const struct failures *f = &c->failures[m * c->programs + i];

		printf("%s{\"runs\": %d, \"status\": %d}", m ? ", " : "", f->runs, f->status);
	}
	fputs("], \"response_ns\": ", stdout);
	json_row(c, ROWS + i);
	fputs("}", stdout);
}

static void print_json(const struct comparison *c, char *lines)
{
	const char *comma = "";

	fputs("{", stdout);
	stats_print_origin(stdout, c->options);
	printf("\"protect\": \"%s\", \"runs\": %d, \"warmups\": %d,\n  \"modes\": [",
	       options_levels[c->protect], c->runs, c->warmups);
	for (int m = 0; m < c->modes; m++)
		json_mode(c, m);
	fputs("],\n  \"programs\": [", stdout);
	for (int i = 0; i < c->programs; i++)
		json_program(c, i);
	fputs("],\n  \"rows\": {", stdout);
	for (int row = 0; row < ROWS; row++) {
		printf("%s\n   \"%s\": ", row ? "," : "", rows[row].key);
		json_row(c, row);
	}
	printf("},\n  \"outputs_differ\": %s,\n  \"notes\": [", c->difference ? "true" : "false");
	for (char *line; (line = strsep(&lines, "\n")) && *line; comma = ", ") {
		fputs(comma, stdout);
		json_string(stdout, line);
	}
	fputs("]}\n", stdout);
}

int comparison_print(struct comparison *c)
{
	int status;
	char *lines = notes(c, &status);

	if (c->options->json) {
		print_json(c, lines);
	} else {
		print_table(c);
		fputs(lines, stdout);
		for (int m = 0; m < c->modes; m++)
			if (c->output[m]) {
				printf("\n%s wrote:\n", c->mode[m].word);
				fwrite(c->output[m], 1, c->output_length[m], stdout);
			}
	}
	free(lines);
	return status;
}
