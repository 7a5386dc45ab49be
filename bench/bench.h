/* What the files of `uos bench` itself share; docs/bench.md explains each row. */
#ifndef UOS_BENCH_BENCH_H
#define UOS_BENCH_BENCH_H

#include "cli/bench.h"

#define BENCH_ROUNDS 8
#define BENCH_ROUNDS_LEAST 3
#define BENCH_ALONE 6    /* rounds on a core that nobody shared, from which there is a confidence interval */
#define BENCH_MORE 8     /* a row that is not steady yet gets up to so many times the rounds */
#define BENCH_FAIR 9.0   /* percent (bench_spread): over it, near the mark, a row is in each further round; */
#define BENCH_STEADY 4.0 /* over this, in every second */
#define BENCH_WORK "work"
#define BENCH_WORK_ROUNDS 5

/* ---- The items: bench_items.c ----------------------------------------- */

enum bench_unit { BENCH_NS, BENCH_MS, BENCH_PERCENT };

/* One command that measures one thing, in a batch, and prints cycles (or a percentage). */
struct bench_item {
	const char *what, *name;
	const char *command; /* words, run in the directory bench/; "@" is this uos */
	const char *guest;   /* one more word, `copies` times: a guest of uos */
	int copies;
	enum bench_unit unit;
	const char *level;   /* of protection, that it needs; or NULL */
	const char *against; /* what it is compared with, an item's name; NULL: its WHAT's denominator */
};
extern const struct bench_item bench_items[];
extern const int bench_item_count;

struct bench_what {
	const char *name, *about, *denominator; /* an item's name */
	bool asked;                             /* runs only when named */
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
	int alone;                      /* how many of them, the first, were on a core that nobody shared */
	int disturbed, batches;
	char failed[160];               /* why there is none, or "" */
};

/* Runs the item once; keeps what it prints, or sets failed. */
void bench_run_item(struct bench_result *r, bool keep);
/* Its last round was on a core that nobody shared. */
void bench_note_alone(struct bench_result *r);
/* How many rounds count, from the first: those, if they are enough, or all. */
int bench_counted(const struct bench_result *r);

/* bench_pace.c. From now on we, and all that we start, have one CPU at a time. */
bool bench_pin(void);
/* Goes to a CPU that nobody shares; waits for one, as long as there is patience (ns). */
void bench_await_alone(uint64_t *patience);
bool bench_is_alone(void);
#define BENCH_CPUS 1024
bool bench_used(int cpu); /* has a run been there? */

/* Where the items' programs are: beside uos. */
const char *bench_directory(void);
/* Is the program there? Peers need not be. */
bool bench_item_built(const struct bench_item *item);
/* Runs it once; false, and why, if it failed. */
bool bench_try_item(const struct bench_item *item, char *why, size_t size);
/* Can uos have this level of protection here? False, and why. */
bool bench_level_there(const char *level, char *why, size_t size);

/* bench_work.c. Makes the directory that `work` needs, and what is in it. False, and why. */
bool bench_work_begin(char *why, size_t size);
/* Removes it; async-signal-safe. It goes in any case when we end. */
void bench_work_end(void);

/* ---- What is printed: bench_print.c ----------------------------------- */

struct bench_report {
	struct bench_result *results;
	int count, rounds;
	const int *order;       /* of each round, `count` numbers of results */
	uint64_t seed;
	uint64_t longest;       /* ns: then no further round begins */
	double ns_per_cycle;
	bool pinned;
	const char *const *notes; /* NULL-terminated */
};
void bench_print_tables(const struct bench_report *b);
void bench_print_json(const struct bench_report *b);
/* Half the confidence interval of a result's median, in percent of that. */
double bench_spread(const struct bench_report *b, const struct bench_result *r);
/* What a result's item costs, in ns (or percent); false if nobody knows. */
bool bench_cost(const struct bench_report *b, const char *what, const char *name, double *cost);

#endif
