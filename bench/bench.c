/* uos bench: which items, in which order; what becomes of their numbers is bench_print.c's. */
#define _GNU_SOURCE
#include "bench.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "cli/complaint.h"
#include "cli/host.h"
#include "cli/run.h" /* statuses */

#define NOTES_MAX 16
#define LEVELS_MAX 4

static const char *notes[NOTES_MAX + 1];
static int note_count;

__attribute__((format(printf, 1, 2)))
static void note(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (note_count < NOTES_MAX && vasprintf(&text, format, args) >= 0)
		notes[note_count++] = text;
	va_end(args);
}

/* ---- Which ------------------------------------------------------------ */

static int refuse_what(const char *name)
{
	const char *names[16] = { NULL };
	char list[200] = "", message[400];

	for (int i = 0; i < bench_what_count; i++) {
		names[i] = bench_whats[i].name;
		strcat(strcat(list, i ? ", " : ""), names[i]);
	}
	complain_unknown(message, sizeof message, "bench", name, strlen(name), names, list);
	fprintf(stderr, "uos: %s\n", message);
	return STATUS_USAGE;
}

static const struct bench_what *what_of(const char *name)
{
	for (int i = 0; i < bench_what_count; i++)
		if (!strcmp(bench_whats[i].name, name))
			return &bench_whats[i];
	return NULL;
}

static bool named(const char *name, char **what)
{
	while (*what && strcmp(name, *what))
		what++;
	return *what;
}

static bool chosen(const struct bench_item *item, char **what)
{
	return named(item->what, what) || (!what[0] && !what_of(item->what)->asked);
}

/* Can its level of protection be had? Looked at once, with a note if not. */
static bool level_there(const char *level)
{
	static struct { const char *name; bool there; } seen[LEVELS_MAX];
	char why[160];
	int i = 0;

	if (!level)
		return true;
	while (i < LEVELS_MAX - 1 && seen[i].name && strcmp(seen[i].name, level))
		i++;
	if (!seen[i].name) {
		seen[i].name = level;
		seen[i].there = bench_level_there(level, why, sizeof why);
		if (!seen[i].there)
			note("no rows at level %s: %s", level, why);
	}
	return seen[i].there;
}

/* The items that are asked for and can be had; a note for what cannot. Returns how many. */
static int choose(struct bench_result *results, char **what, int rounds)
{
	int count = 0;

	for (int i = 0; i < bench_item_count; i++) {
		const struct bench_item *item = &bench_items[i];

		if (!chosen(item, what) || !level_there(item->level))
			continue;
		if (!bench_item_built(item)) {
			note("not built, so not measured: %s", item->name);
			continue;
		}
		results[count] = (struct bench_result){ .item = item };
		for (int k = 0; k < BENCH_NUMBERS; k++)
			if (!(results[count].samples[k] = calloc(BENCH_MORE * (size_t)rounds, sizeof(double))))
				err(1, "uos: bench");
		count++;
	}
	return count;
}

/* ---- In which order --------------------------------------------------- */

/* xorshift64, Marsaglia 2003. */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Every round all items once, in an order of its own: what the host does meanwhile falls on all alike. */
static int *shuffle(int count, int rounds, uint64_t seed)
{
	int *order = calloc((size_t)count * (size_t)rounds + 1, sizeof *order);
	uint64_t state = (seed + 1) * 0x9e3779b97f4a7c15u | 1;

	if (!order)
		err(1, "uos: bench");
	for (int r = 0; r < rounds; r++) {
		int *o = order + r * count;

		for (int i = 0; i < count; i++) {
			int j = (int)(next_random(&state) % (uint64_t)(i + 1));

			o[i] = o[j];
			o[j] = i;
		}
	}
	return order;
}

#define LONGEST_NS 14000000000 /* a round, further ones included; whole programs take what they take */
#define PATIENCE_NS 1000000000 /* a round: for a core that nobody shares */

#define ERASE "\r\033[K"

static bool tty;

/* Ends us as the signal would have, but with no half line left on the terminal, and no file. */
static void on_interrupt(int sig)
{
	if (tty)
		(void)!write(2, ERASE, strlen(ERASE));
	bench_work_end();
	raise(sig);
}

static void watch_interrupts(void)
{
	static const int interrupts[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	const struct sigaction once = { .sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND | SA_NODEFER };
	struct sigaction before;

	tty = isatty(2);
	for (int i = 0; i < 4; i++)
		if (sigaction(interrupts[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(interrupts[i], &once, NULL);
}

static void progress(int round, int rounds, const char *name)
{
	if (tty && name)
		fprintf(stderr, ERASE "%s %d of %d: %.50s", round ? "round" : "warm-up", round ? round : 1, rounds, name);
	else if (tty)
		fputs(ERASE, stderr);
}

static int runs, alone; /* how many, and how many of them on a core that nobody shared */

static void run_item(struct bench_result *r, uint64_t *patience)
{
	bool was;

	bench_await_alone(patience);
	was = bench_is_alone();
	bench_run_item(r, true);
	runs++;
	if (!*r->failed && was && bench_is_alone()) {
		bench_note_alone(r);
		alone++;
	}
}

static bool is_done(const struct bench_report *b, const struct bench_result *r, double steady)
{
	return *r->failed || (r->alone >= BENCH_ALONE && bench_spread(b, r) <= steady);
}

#define ALL -1.0 /* nothing is so steady */

/* One round: all items, or those that are less steady, until it is too late. False if there was none. */
static bool run_round(struct bench_report *b, int r, double steady, uint64_t until)
{
	bool all = steady == ALL;
	const int *order = b->order + r % b->rounds * b->count;
	uint64_t patience = PATIENCE_NS;
	bool any = false;

	for (int i = 0; i < b->count; i++) {
		struct bench_result *result = &b->results[order[i]];
		uint64_t now = monotonic_ns();

		if (!all && (is_done(b, result, steady) || now > until))
			continue;
		if (!all)
			patience = until - now;
		any = true;
		progress(r + 1, b->rounds, result->item->name);
		run_item(result, &patience);
	}
	return any;
}

/* As long again as the rounds of all took, but all together no longer than `longest`. */
static uint64_t further_until(const struct bench_report *b, uint64_t began, uint64_t now)
{
	uint64_t twice = now + (now - began);

	return twice - began < b->longest ? twice : began + b->longest;
}

/* Runs all; what a cycle was, over the whole time, comes out. */
static double run_all(struct bench_report *b, int warmups)
{
	uint64_t ns = monotonic_ns(), tsc = __rdtsc(), until;

	for (int w = 0; w < warmups; w++)
		for (int i = 0; i < b->count; i++) {
			progress(0, 1, b->results[i].item->name);
			bench_run_item(&b->results[i], false);
		}
	for (int r = 0; r < b->rounds; r++)
		run_round(b, r, ALL, 0);
	b->ns_per_cycle = 1; /* a spread is a ratio */
	until = further_until(b, ns, monotonic_ns());
	for (int r = b->rounds; r < BENCH_MORE * b->rounds; r++)
		if (!(r % 2 && run_round(b, r, BENCH_FAIR, until)) && !run_round(b, r, BENCH_STEADY, until))
			break;
	progress(0, 0, NULL);
	return (double)(monotonic_ns() - ns) / (double)(__rdtsc() - tsc);
}

/* ---- What follows from several rows ----------------------------------- */

/* A null call by the gate makes two events. */
static void note_tracing(const struct bench_report *b, const char *level)
{
	double off, on, none;
	char name[64];

	snprintf(name, sizeof name, "gate, %s", level);
	if (!bench_cost(b, "trap", name, &off))
		return;
	snprintf(name, sizeof name, "gate, %s, traced", level);
	if (bench_cost(b, "trap", name, &on))
		note("tracing, level %s: on, %.1f ns an event (a call makes two)", level, (on - off) / 2);
	snprintf(name, sizeof name, "gate, %s, no ring compiled in", level);
	if (bench_cost(b, "trap", name, &none))
		note("tracing, level %s: off, %+.2f ns (%+.1f %%) a call against a uos that has no ring", level, off - none,
		     100 * (off / none - 1));
}

/* Can it be done at all? 0, or the status to exit with. */
static int refuse(char **what, int rounds)
{
	for (int i = 0; what[i]; i++)
		if (!what_of(what[i]))
			return refuse_what(what[i]);
	if (rounds < BENCH_ROUNDS_LEAST) {
		fprintf(stderr, "uos: bench: -r %d: at least %d rounds\n", rounds, BENCH_ROUNDS_LEAST);
		return STATUS_USAGE;
	}
	if (access(bench_directory(), X_OK) != 0) {
		fprintf(stderr, "uos: bench: %s: %s: build it there\n", bench_directory(), strerror(errno));
		return STATUS_USAGE;
	}
	return 0;
}

static void measure_all(struct bench_report *b, const struct options *o, char **what)
{
	if (!(b->pinned = bench_pin()))
		note("not pinned to one CPU: %s", strerror(errno));
	if (!(b->results = calloc((size_t)bench_item_count, sizeof *b->results)))
		err(1, "uos: bench");
	b->count = choose(b->results, what, b->rounds);
	b->order = shuffle(b->count, b->rounds, b->seed);
	b->ns_per_cycle = run_all(b, o->warmups ? (int)o->warmups : 1);
	note("%d of %d runs had their core to themselves", alone, runs);
	note_tracing(b, "none");
	note_tracing(b, "keys");
}

int bench(const struct options *o, char **what)
{
	bool work = named(BENCH_WORK, what);
	struct bench_report b = { .seed = o->seed, .notes = notes, .rounds = o->runs ? (int)o->runs : work ? BENCH_WORK_ROUNDS : BENCH_ROUNDS };
	int failed = refuse(what, b.rounds);
	char why[160];

	if (failed)
		return failed;
	for (int fd; (fd = open("/dev/null", O_RDWR)) >= 0 && (fd < 3 || close(fd) != 0);) /* no file of ours is to be 0, 1 or 2 */
		;
	b.longest = work ? UINT64_MAX : (uint64_t)b.rounds * LONGEST_NS;
	watch_interrupts();
	if (work && !bench_work_begin(why, sizeof why)) {
		fprintf(stderr, "uos: bench: " BENCH_WORK ": %s\n", why);
		bench_work_end();
		return 1;
	}
	measure_all(&b, o, what);
	bench_work_end();
	if (o->json)
		bench_print_json(&b);
	else
		bench_print_tables(&b);
	for (int i = 0; i < b.count; i++)
		failed |= *b.results[i].failed != 0;
	return failed;
}
