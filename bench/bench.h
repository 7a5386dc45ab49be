/* What the files of `uos bench` itself share; docs/bench.md explains each row. */
#ifndef UOS_BENCH_BENCH_H
#define UOS_BENCH_BENCH_H

#include "cli/bench.h"

#define BENCH_ROUNDS 15
#define BENCH_STEADY 4.0      /* percent: a row whose median is known no better gets up to as many rounds again */
#define BENCH_ROUNDS_LEAST 6 /* under which there is no 95 % interval of a median */

/* ---- The items: bench_items.c ----------------------------------------- */

enum bench_unit { BENCH_NS, BENCH_PERCENT };

/* One command that measures one thing, in a batch, and prints cycles (or a percentage). */
struct bench_item {
	const char *what, *name;
	const char *command; /* words, run in the directory bench/; "@" is this uos */
	const char *guest;   /* one more word, `copies` times: a guest of uos */
	int copies;
	enum bench_unit unit;
	bool keys;           /* needs protection keys */
};
extern const struct bench_item bench_items[];
extern const int bench_item_count;

struct bench_what {
	const char *name, *about, *denominator; /* an item's name */
};
extern const struct bench_what bench_whats[];
extern const int bench_what_count;

/* ---- Running them: bench_run.c ---------------------------------------- */

/* A number that an item prints: its own (name NULL), or one more, as "p99". */
#define BENCH_NUMBERS 3

struct bench_result {
	const struct bench_item *item;
	const char *names[BENCH_NUMBERS];
	double *samples[BENCH_NUMBERS]; /* one a round, cycles or percent */
	int numbers, rounds;            /* rounds: how many samples there are; more than others' if it needed them */
	int disturbed, batches;
	char failed[160];               /* why there is none, or "" */
};

/* Runs the item once; keeps what it prints, or sets failed. */
void bench_run_item(struct bench_result *r, bool keep);
/* Its last round does not count. */
void bench_forget_round(struct bench_result *r);

/* bench_pace.c. A round begins: so much more patience. */
void bench_pace_round(void);
/* Waits, not for ever, until the core is as fast as it has been. */
void bench_await_pace(void);
/* Has it become slow, and is it worth while to do again what took `spent` ns? */
bool bench_was_slow(uint64_t spent);

/* Where the items' programs are: beside uos. */
const char *bench_directory(void);
/* Is the program there? Peers need not be. */
bool bench_item_built(const struct bench_item *item);
/* Why there are no protection keys, or NULL. */
const char *bench_keys_missing(void);

/* ---- What is printed: bench_print.c ----------------------------------- */

struct bench_report {
	struct bench_result *results;
	int count, rounds;
	const int *order;       /* of each round, `count` numbers of results */
	uint64_t seed;
	double ns_per_cycle;
	int cpu;                /* pinned to */
	const char *const *notes; /* NULL-terminated */
};
void bench_print_tables(const struct bench_report *b);
void bench_print_json(const struct bench_report *b);
/* Half the interval of a result's median, in percent of that. */
double bench_spread(const struct bench_report *b, const struct bench_result *r);
/* The median of result r in ns (or percent); false if it has none. */
bool bench_median(const struct bench_report *b, const char *what, const char *name, double *median);

#endif
