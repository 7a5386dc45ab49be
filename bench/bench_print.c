/* The tables of `uos bench`, and the same as JSON. */
#define _GNU_SOURCE
#include <err.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <x86intrin.h>

#include "bench.h"
#include "cli/host.h"
#include "cli/significance.h"
#include "cli/table.h"

#define SCHEMA 3
#define NOISY 10.0 /* percent */

struct clock {
	double resolution_ns; /* CLOCK_MONOTONIC, as it says */
	double step_ns;       /* smallest step of the TSC that was seen */
};

static struct clock measure_clock(double ns_per_cycle)
{
	struct timespec t;
	uint64_t smallest = UINT64_MAX;

	clock_getres(CLOCK_MONOTONIC, &t);
	for (int i = 0; i < 1000; i++) {
		uint64_t before = __rdtsc(), after = __rdtsc();

		if (after > before && after - before < smallest)
			smallest = after - before;
	}
	return (struct clock){ (double)t.tv_nsec, (double)smallest * ns_per_cycle };
}

static const char *const units[] = { [BENCH_NS] = "ns", [BENCH_MS] = "ms", [BENCH_PERCENT] = "percent" };

/* What makes the item's unit of what it printed. */
static double factor_of(const struct bench_report *b, const struct bench_item *item)
{
	return item->unit == BENCH_PERCENT ? 1 : item->unit == BENCH_MS ? b->ns_per_cycle / 1e6 : b->ns_per_cycle;
}

/* Number k of a result, in its unit. */
static struct estimate estimate(const struct bench_report *b, const struct bench_result *r, int k)
{
	double factor = factor_of(b, r->item), *v = malloc((size_t)r->rounds * sizeof *v);
	int n = bench_counted(r);
	struct estimate e;

	if (!v)
		err(1, "uos: bench");
	for (int i = 0; i < n; i++)
		v[i] = r->samples[k][i] * factor;
	e = estimate_median(v, n);
	free(v);
	return e;
}

static double largest(const struct bench_report *b, const struct bench_result *r, int k)
{
	double most = r->samples[k][0];

	for (int i = 1; i < bench_counted(r); i++)
		most = r->samples[k][i] > most ? r->samples[k][i] : most;
	return most * b->ns_per_cycle;
}

static const struct bench_result *find(const struct bench_report *b, const char *what, const char *name)
{
	for (int i = 0; i < b->count; i++) {
		const struct bench_result *r = &b->results[i];

		if (!strcmp(r->item->what, what) && !strcmp(r->item->name, name) && !*r->failed)
			return r;
	}
	return NULL;
}

bool bench_cost(const struct bench_report *b, const char *what, const char *name, double *cost)
{
	const struct bench_result *r = find(b, what, name);

	if (r)
		*cost = estimate(b, r, 0).median;
	return r;
}

static const char *denominator_of(const struct bench_item *item)
{
	if (item->against)
		return item->against;
	for (int i = 0; i < bench_what_count; i++)
		if (!strcmp(bench_whats[i].name, item->what))
			return bench_whats[i].denominator;
	return NULL;
}

static double percent(struct estimate e)
{
	return e.median > 0 ? 100 * estimate_half(e) / e.median : 0;
}

double bench_spread(const struct bench_report *b, const struct bench_result *r)
{
	return percent(estimate(b, r, 0));
}

static void disturbance(const struct bench_report *b, int *disturbed, int *batches)
{
	*disturbed = *batches = 0;
	for (int i = 0; i < b->count; i++) {
		*disturbed += b->results[i].disturbed;
		*batches += b->results[i].batches;
	}
}

/* ---- For people ------------------------------------------------------- */

/* Three digits. */
static void cell_number(struct table *t, int column, double v)
{
	table_cell(t, column, "%.*f", v < 9.995 ? 2 : v < 99.95 ? 1 : 0, v);
}

/* Name, cost, how sure that is, ratio, then p99 and max where an item has them. */
static void print_row(struct table *t, const struct bench_report *b, const struct bench_result *r)
{
	struct estimate e;
	double base;

	table_row(t, NULL);
	table_cell(t, 0, "  %s", r->item->name);
	if (*r->failed)
		return; /* a line below says why */
	e = estimate(b, r, 0);
	cell_number(t, 1, e.median);
	table_cell(t, 2, "%.0f %%%s", percent(e), percent(e) > NOISY ? " !" : "  ");
	if (bench_cost(b, r->item->what, denominator_of(r->item), &base) && base > 0)
		table_cell(t, 3, "%.3g", e.median / base);
	if (r->numbers > 2) {
		cell_number(t, 4, estimate(b, r, 1).median);
		cell_number(t, 5, largest(b, r, 2));
	}
}

static void print_what(const struct bench_report *b, const struct bench_what *w)
{
	struct table t = { .columns = 6 };
	int rows = 0;

	table_row(&t, NULL);
	table_cell(&t, 0, "%s: %s", w->name, w->about);
	for (int i = 0; i < b->count; i++) {
		const struct bench_result *r = &b->results[i];

		if (strcmp(r->item->what, w->name))
			continue;
		if (!rows++) {
			table_cell(&t, 1, "%s%s", strcmp(w->name, "preempt") ? "" : "p50 ", units[r->item->unit]);
			table_cell(&t, 2, "±95 %%  ");
			table_cell(&t, 3, "vs %s", w->denominator ? w->denominator : "Linux, or none");
			if (!strcmp(w->name, "preempt")) {
				table_cell(&t, 4, "p99 ns");
				table_cell(&t, 5, "max ns");
			}
		}
		print_row(&t, b, r);
	}
	if (rows) {
		putchar('\n');
		table_print(&t, stdout);
	}
	for (int i = 0; i < b->count; i++)
		if (!strcmp(b->results[i].item->what, w->name) && *b->results[i].failed)
			printf("  %s: failed: %s\n", b->results[i].item->name, b->results[i].failed);
}

void bench_print_tables(const struct bench_report *b)
{
	struct clock clock = measure_clock(b->ns_per_cycle);
	struct host host;
	int disturbed, batches;

	host_describe(&host);
	disturbance(b, &disturbed, &batches);
	printf("CPU %s, %s, ", host.cpu, host.kernel);
	puts(b->pinned ? "each run pinned to one CPU" : "not pinned");
	printf("clock: TSC, %.1f MHz; timer resolution: clock_getres %.0f ns, TSC %.1f ns\n", 1e3 / b->ns_per_cycle,
	       clock.resolution_ns, clock.step_ns);
	printf("%d rounds interleaved, seed %lu; medians; noise: %d of %d batches disturbed by the host and dropped (%.1f %%)\n",
	       b->rounds, b->seed, disturbed, batches, batches ? 100.0 * disturbed / batches : 0);
	for (int i = 0; i < bench_what_count; i++)
		print_what(b, &bench_whats[i]);
	for (int i = 0; b->notes[i]; i++)
		printf("%snote: %s\n", i ? "" : "\n", b->notes[i]);
}

/* ---- For programs ----------------------------------------------------- */

static void json_samples(const struct bench_report *b, const struct bench_result *r, int k)
{
	double factor = factor_of(b, r->item);

	printf(", \"samples\": [");
	for (int i = 0; i < r->rounds; i++)
		printf("%s%.9g", i ? ", " : "", r->samples[k][i] * factor);
	putchar(']');
}

static void json_numbers(const struct bench_report *b, const struct bench_result *r)
{
	const char *denominator = denominator_of(r->item);
	struct estimate e = estimate(b, r, 0);
	double base;

	printf(", \"median\": %.9g, \"low\": %.9g, \"high\": %.9g", e.median, e.low, e.high);
	printf(", \"noisy\": %s, \"denominator\": ", percent(e) > NOISY ? "true" : "false");
	if (bench_cost(b, r->item->what, denominator, &base) && base > 0) {
		json_string(stdout, denominator);
		printf(", \"ratio\": %.9g", e.median / base);
	} else {
		printf("null, \"ratio\": null");
	}
	printf(", \"alone\": %d", r->alone);
	json_samples(b, r, 0);
	for (int k = 1; k < r->numbers; k++) {
		printf(", \"%s\": {\"median\": %.9g", r->names[k], estimate(b, r, k).median);
		json_samples(b, r, k);
		putchar('}');
	}
	printf(", \"disturbed\": %d, \"batches\": %d", r->disturbed, r->batches);
}

static void json_item(const struct bench_report *b, const struct bench_result *r)
{
	printf("{\"name\": ");
	json_string(stdout, r->item->name);
	printf(", \"what\": \"%s\", \"unit\": \"%s\"", r->item->what, units[r->item->unit]);
	if (!*r->failed)
		json_numbers(b, r);
	printf(", \"failed\": ");
	json_string(stdout, *r->failed ? r->failed : NULL);
	putchar('}');
}

static void json_host(const struct bench_report *b)
{
	struct clock clock = measure_clock(b->ns_per_cycle);
	struct host host;

	host_describe(&host);
	printf("\"host\": {\"cpu\": ");
	json_string(stdout, host.cpu);
	printf(", \"kernel\": ");
	json_string(stdout, host.kernel);
	printf(", \"cpus\": %d, \"pinned\": [", host.cpus);
	for (int cpu = 0, n = 0; cpu < BENCH_CPUS; cpu++)
		if (b->pinned && bench_used(cpu))
			printf("%s%d", n++ ? ", " : "", cpu);
	printf("], \"clock\": \"TSC\", \"tsc_hz\": %.0f, \"clock_resolution_ns\": %.0f, \"tsc_step_ns\": %.2f},\n",
	       1e9 / b->ns_per_cycle, clock.resolution_ns, clock.step_ns);
}

void bench_print_json(const struct bench_report *b)
{
	int disturbed, batches;

	disturbance(b, &disturbed, &batches);
	printf("{\"schema\": %d, \"uos\": \"%s\",\n", SCHEMA, UOS_VERSION);
	json_host(b);
	printf("\"seed\": %lu, \"rounds\": %d, \"noise\": {\"disturbed\": %d, \"batches\": %d},\n\"items\": [\n", b->seed, b->rounds,
	       disturbed, batches);
	for (int i = 0; i < b->count; i++) {
		json_item(b, &b->results[i]);
		puts(i + 1 < b->count ? "," : "");
	}
	printf("],\n\"order\": [\n"); /* of each round: indices into items */
	for (int r = 0; r < b->rounds; r++) {
		for (int i = 0; i < b->count; i++)
			printf("%s%d", i ? ", " : "[", b->order[r * b->count + i]);
		printf("]%s\n", r + 1 < b->rounds ? "," : "");
	}
	printf("],\n\"notes\": [");
	for (int i = 0; b->notes[i]; i++) {
		printf("%s", i ? ", " : "");
		json_string(stdout, b->notes[i]);
	}
	printf("]}\n");
}
