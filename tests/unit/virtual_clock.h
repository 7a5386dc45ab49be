/*
 * A machine of nothing but time, for policies: jobs that run and wait, and a
 * mechanism that calls the policy exactly when uos/policy.h says, checks what
 * it promises there, and writes down who ran when.
 */
#ifndef VIRTUAL_CLOCK_H
#define VIRTUAL_CLOCK_H

#include <uos/policy.h>

#define US ((uint64_t)1000)
#define MS (1000 * US)
#define SECOND (1000 * MS)
#define NEVER UINT64_MAX

struct job {
	uint64_t arrival;
	uint64_t length;    /* CPU time in all; NEVER: it has no end */
	uint64_t run, wait; /* after each `run` of CPU it waits for `wait`; run 0: it never does */
	bool yields;        /* after each `run` it does not wait, but yields */
	/* What became of it; NEVER: it did not come to that. */
	uint64_t first_run, completion;
	uint64_t longest_wait;   /* for the CPU, at one time */
	struct uos_thread thread; /* members of interest to the policy may be set before */
	/* The mechanism's. */
	uint64_t wake_at, burst, since;
	bool runnable;
};

struct span {
	int who; /* the index of the job */
	uint64_t from, to;
};

/* How to run. What is 0 is left away. */
struct machine {
	const struct uos_policy *policy;
	uint64_t quantum, seed;
	uint64_t until; /* stops then, jobs or not */
	uint64_t late;  /* ticks come up to so much late, by chance */
	bool coop;
	/* Called whenever somebody has run, if set. */
	void (*watch)(const struct job *jobs, int n, uint64_t now);
};

extern struct span history[];
extern int spans, ticks, continued;

/* Runs them until all have ended, or `until`. */
void simulate(const struct machine *m, struct job *jobs, int n);

/* As the command line would: fails the test if there is no such option, or it does not accept the value. */
void option(const struct uos_policy *p, const char *key, uint64_t value);
/* One value a job, by an option that is of that kind. */
void option_each(const struct uos_policy *p, const char *key, struct job *jobs, int n, const uint64_t *values);

uint64_t mean_turnaround(const struct job *jobs, int n);
uint64_t mean_response(const struct job *jobs, int n);
/* How long a job had the CPU between two times. */
uint64_t had_cpu(int who, uint64_t from, uint64_t to);
/* Who ran in each `unit` of the first n, as A, B, C; - for nobody; ? for several. Valid until the next call. */
const char *picture(uint64_t unit, int n);

uint64_t chance(uint64_t n); /* 0 to n-1 */
void chance_start(uint64_t seed);

#endif
