#define _GNU_SOURCE
#include "measure.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define ENOUGH 11       /* undisturbed batches */
#define BATCHES_MAX 40  /* then what there is must do */
#define WARM_UP 32      /* operations: a guest's first calls are slow, and would be all that a batch has */
#define TARGET_NS 1000000
#define PARTNERS_MAX 128
#define ALLOWED 0.02    /* share of a batch that others may have had */

static clockid_t partners[PARTNERS_MAX];
static int partner_count;

void measure_fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

void measure_partners(const pid_t *pids, int n)
{
	for (int i = 0; i < n && i < PARTNERS_MAX; i++)
		if ((errno = clock_getcpuclockid(pids[i], &partners[partner_count++])))
			measure_fail("clock_getcpuclockid");
}

static double ns_of(clockid_t clock)
{
	struct timespec t;

	if (clock_gettime(clock, &t) != 0)
		measure_fail("clock_gettime");
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* All CPU time that was ours: this process's threads, partners, children that were waited for. */
static double cpu_ns(void)
{
	double sum = ns_of(CLOCK_PROCESS_CPUTIME_ID);
	struct rusage u;

	for (int i = 0; i < partner_count; i++)
		sum += ns_of(partners[i]);
	getrusage(RUSAGE_CHILDREN, &u);
	sum += (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e9;
	return sum + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e3;
}

uint64_t measure_taken(void)
{
	return (uint64_t)(ns_of(CLOCK_MONOTONIC) - ns_of(CLOCK_PROCESS_CPUTIME_ID));
}

struct sample {
	double cycles, ns;
	double missing; /* share of the time that was not ours */
};

static struct sample run(batch *b, long n)
{
	double cpu = cpu_ns(), ns = ns_of(CLOCK_MONOTONIC), all;
	uint64_t start = measure_tsc(), end;
	long did = b(n);

	end = measure_tsc();
	ns = ns_of(CLOCK_MONOTONIC) - ns;
	all = cpu_ns() - cpu;
	return (struct sample){ (double)(end - start) / (double)did, ns, 1 - all / ns };
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * A little is always missing (a child's last steps are on nobody's account),
 * so a batch is disturbed if it lacks more than the least disturbed ones do:
 * the third, because clocks do not agree to the last and one or two may lie. Puts the undisturbed ones' costs into `good`.
 */
static int undisturbed(const struct sample *s, int n, double *good)
{
	double missing[BATCHES_MAX];
	int count = 0, reference = n / 4 < 2 ? n / 4 : 2;

	for (int i = 0; i < n; i++)
		missing[i] = s[i].missing;
	qsort(missing, (size_t)n, sizeof *missing, ascending);
	for (int i = 0; i < n; i++)
		if (s[i].missing <= missing[reference] + ALLOWED)
			good[count++] = s[i].cycles;
	return count;
}

static int tried, dropped; /* batches */

double measure_quiet(batch *b, long n, int enough)
{
	struct sample s[BATCHES_MAX];
	double good[BATCHES_MAX];
	int done = 0, count = 0;

	run(b, n); /* caches and predictors are warm from here on */
	while (count < enough && done < BATCHES_MAX) {
		s[done++] = run(b, n);
		count = undisturbed(s, done, good);
	}
	tried += done;
	dropped += done - count;
	return measure_median(good, count);
}

void measure(batch *b)
{
	double ns;
	long n = 1;

	run(b, WARM_UP);
	ns = run(b, n).ns;
	while (ns < TARGET_NS / 4 && n < 1l << 40)
		ns = run(b, n *= 2).ns;
	n = (long)((double)n * TARGET_NS / ns);
	measure_print(NULL, measure_quiet(b, n ? n : 1, ENOUGH));
	measure_print_noise();
}

void measure_print(const char *name, double value)
{
	printf("%s%s%.2f\n", name ? name : "", name ? " " : "", value);
}

void measure_print_noise(void)
{
	measure_print_disturbed(dropped, tried);
}

void measure_print_disturbed(int disturbed, int of)
{
	printf("disturbed %d of %d\n", disturbed, of);
}

double measure_median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof *v, ascending);
	return n ? (v[(n - 1) / 2] + v[n / 2]) / 2 : 0;
}

uint64_t measure_ms(void)
{
	double ns = ns_of(CLOCK_MONOTONIC), now;
	uint64_t start = measure_tsc();

	do
		now = ns_of(CLOCK_MONOTONIC);
	while (now - ns < 2e6);
	return (uint64_t)((double)(measure_tsc() - start) * 1e6 / (now - ns));
}

void *measure_shared(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		measure_fail("mmap");
	return p;
}

pid_t measure_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		measure_fail("fork");
	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}
