/*
 * preempt latency|lost MS linux | latency|lost MS uos UOS OPTION... |
 *         latency MS alarm | lost MS alarm | lost MS alone
 *
 * Two programs that only compute share a CPU for MS milliseconds, as threads
 * that Linux preempts or as guests of uos. Both record when they ran
 * (segments.h). latency: from the last instruction of one to the first of the
 * next, p50, p99, max. lost: the percentage of the time in which neither ran.
 * A gap in which the other did not run is the host's own interrupt: time lost,
 * but no switch. One in which somebody else had the CPU is dropped, and one
 * beside which another hyperthread had a part of the core. alarm: one
 * program, every millisecond a timer signal with an empty handler. alone: one
 * thread, nobody beside it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"
#include "segments.h"

#define ENOUGH 50 /* undisturbed switches */
#define TRIES 4   /* runs of MS milliseconds */
#define TAKEN_NS 3000 /* more than this, and somebody else had the CPU */
#define FAR_LONGER 10 /* times the median gap */
#define READINGS 5000 /* which tell how fast the core was */
#define SLOW 1.15 /* as in bench_pace.c */
#define GAP_NS 500 /* over a cache miss, under any interrupt */

static struct segment all[2 * SEGMENTS_MAX];
static int count;
static uint64_t cycles, gap, cycles_per_ms;

static uint64_t cycles_of_ns(uint64_t ns)
{
	return cycles_per_ms * ns / 1000000;
}

/* ---- Recording -------------------------------------------------------- */

static pthread_barrier_t together;
static int schedstats[2]; /* of the two threads */
static uint64_t (*taken)(void) = measure_taken;

/*
 * As measure_taken at a switch. Asking a clock for CPU time brings the scheduler's books up to date, and that would often be
 * what lets the other thread in; these do not, and are right about who has just begun.
 */
static uint64_t taken_from_two(void)
{
	uint64_t had = 0;
	struct timespec t;
	char text[64];

	for (int i = 0; i < 2; i++) {
		ssize_t n = pread(schedstats[i], text, sizeof text - 1, 0);

		text[n > 0 ? n : 0] = 0;
		had += strtoul(text, NULL, 10);
	}
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec - had;
}

static void *compute(void *who)
{
	struct segment *s = &all[(long)who * SEGMENTS_MAX];

	schedstats[(long)who] = open("/proc/thread-self/schedstat", O_RDONLY);
	memset(s, 1, SEGMENTS_MAX * sizeof *s);
	pthread_barrier_wait(&together);
	return (void *)(long)segments_record(s, (unsigned)(long)who, cycles, gap, taken);
}

static void record_alone(void)
{
	memset(all, 1, sizeof all / 2);
	count = segments_record(all, 0, cycles, gap, measure_taken);
}

static void record_linux(void)
{
	pthread_t threads[2];
	void *n[2];

	pthread_barrier_init(&together, NULL, 2);
	for (long i = 0; i < 2; i++)
		if (pthread_create(&threads[i], NULL, compute, (void *)i) != 0)
			measure_fail("pthread_create");
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], &n[i]);
	memmove(&all[(long)n[0]], &all[SEGMENTS_MAX], (size_t)n[1] * sizeof *all);
	count = (int)((long)n[0] + (long)n[1]);
}

/* uos with the options in `argv`, of which the last two places are free for the guests. */
static void record_uos(char **argv, int argc)
{
	char guests[2][96];
	int ends[2], status;
	size_t got = 0;
	pid_t pid;

	for (int i = 0; i < 2; i++) {
		snprintf(guests[i], sizeof guests[i], "./compute %d %lu %lu", i, cycles, gap);
		argv[argc + i] = guests[i];
	}
	argv[argc + 2] = NULL;
	if (pipe(ends) != 0)
		measure_fail("pipe");
	if ((pid = measure_fork()) == 0) {
		dup2(open("/proc/thread-self/schedstat", O_RDONLY), 0); /* guest.h: host_delay */
		dup2(ends[1], 1);
		close(ends[0]);
		close(ends[1]);
		execv(argv[0], argv);
		measure_fail(argv[0]);
	}
	close(ends[1]);
	for (ssize_t n = 1; n > 0; got += (size_t)n)
		if ((n = read(ends[0], (char *)all + got, sizeof all - got)) < 0)
			measure_fail("read");
	count = (int)(got / sizeof *all);
	if (waitpid(pid, &status, 0) != pid || status)
		exit(1); /* it has said why */
}

/* ---- What they say ---------------------------------------------------- */

static int earlier(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* Of the gap before it. */
static uint64_t length(const struct segment *s)
{
	return s->first - s[-1].last;
}

/* Cycles that somebody else had the CPU in the gap before s. */
static uint64_t taken_before(const struct segment *s)
{
	int64_t ns = (int64_t)(s->others - s[-1].others); /* a clock and a count: may differ by a little */

	return ns > 0 ? cycles_of_ns((uint64_t)ns) : 0;
}

/* Cycles that a reading took; of a segment with a few, which tell nothing, 0. */
static double pace(const struct segment *s)
{
	return s->readings < READINGS ? 0 : (double)(s->last - s->first) / (double)s->readings;
}

/* That of a core which nobody shared, if there was such a time, in this run or one before. */
static double best_pace(void)
{
	static double best;

	for (int i = 0; i < count; i++)
		if (pace(&all[i]) > 0 && (best == 0 || pace(&all[i]) < best))
			best = pace(&all[i]);
	return best;
}

/* The gap before s. */
static bool disturbed(const struct segment *s)
{
	return s->first & 1 || taken_before(s) > cycles_of_ns(TAKEN_NS);
}

static bool is_shared(const struct segment *s, double best)
{
	return pace(&s[-1]) > SLOW * best || pace(s) > SLOW * best;
}

static int who(const struct segment *s)
{
	return s->last & 1;
}

/* Only the time in which all were there: of two, from the later one's first to the earlier one's last instruction. False: none. */
static bool clip(uint64_t *start, uint64_t *end)
{
	uint64_t first[2] = { UINT64_MAX, UINT64_MAX }, last[2] = { 0, 0 };

	for (int i = 0; i < count; i++) {
		int w = who(&all[i]);

		first[w] = all[i].first < first[w] ? all[i].first : first[w];
		last[w] = all[i].last > last[w] ? all[i].last : last[w];
	}
	*start = first[0] > first[1] || !last[1] ? first[0] : first[1];
	*end = last[0] < last[1] || !last[1] ? last[0] : last[1];
	return *start < *end;
}

static double good[2 * SEGMENTS_MAX], bad[2 * SEGMENTS_MAX]; /* latencies */
static int goods, bads;

static void keep(double latency, bool is_bad)
{
	if (is_bad && bads < 2 * SEGMENTS_MAX)
		bad[bads++] = latency;
	else if (!is_bad && goods < 2 * SEGMENTS_MAX)
		good[goods++] = latency;
}

/* What was undisturbed, or if nothing was, all. */
static void print_percentiles(void)
{
	double *v = goods ? good : bad;
	int n = goods ? goods : bads;

	if (!n) {
		fprintf(stderr, "no switch from one to the other\n");
		exit(1);
	}
	measure_print(NULL, measure_median(v, n)); /* sorts */
	measure_print("p99", v[(int)(0.99 * (n - 1) + 0.5)]);
	measure_print("max", v[n - 1]);
	measure_print_disturbed(bads, goods + bads);
}

static void keep_latencies(void)
{
	double best = best_pace();
	uint64_t start, end;

	if (!clip(&start, &end))
		return;
	for (int i = 1; i < count; i++)
		if (who(&all[i]) != who(&all[i - 1]) && all[i - 1].last >= start && all[i].first <= end)
			keep((double)length(&all[i]), disturbed(&all[i]) || is_shared(&all[i], best));
}

static double median_gap(void)
{
	for (int i = 1; i < count; i++)
		good[i - 1] = (double)length(&all[i]);
	return measure_median(good, count - 1);
}

/*
 * Of the time in which both were there, the share that is in no segment. What
 * somebody else had the CPU for is no time of ours, and left out: what Linux
 * tells of, and a gap that is far longer than others, which a virtual machine's
 * host makes, and no interrupt of ours.
 */
static bool print_lost(void)
{
	uint64_t start, end, used = 0, lost = 0;
	int gaps = 0, bad_gaps = 0;
	double longest;

	if (!clip(&start, &end))
		return false;
	longest = FAR_LONGER * median_gap();
	for (int i = 1; i < count; i++) {
		uint64_t taken_of_it = taken_before(&all[i]), own = length(&all[i]) > taken_of_it ? length(&all[i]) - taken_of_it : 0;

		if (all[i - 1].first < start || all[i].first > end)
			continue;
		gaps++;
		bad_gaps += disturbed(&all[i]) || (double)own > longest;
		used += all[i - 1].last - all[i - 1].first;
		if (!(all[i].first & 1) && (double)own <= longest)
			lost += own;
	}
	measure_print(NULL, 100 * (double)lost / (double)(used + lost + !gaps));
	measure_print_disturbed(bad_gaps, gaps);
	return true;
}

/* ---- One program and a timer ------------------------------------------ */

static volatile int alarms;

static void on_alarm(int number)
{
	(void)number;
	alarms++;
}

static void alarm_each_ms(void)
{
	struct itimerval each_ms = { { 0, 1000 }, { 0, 1000 } };

	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &each_ms, NULL);
}

static void keep_alarms(void)
{
	uint64_t others = measure_taken(), begin = __builtin_ia32_rdtsc(), last = begin, now;
	int seen = alarms;

	alarm_each_ms();
	while (last - begin < cycles) {
		now = __builtin_ia32_rdtsc();
		if (alarms != seen) { /* it came before `now` was read, or since */
			uint64_t later = __builtin_ia32_rdtsc(), before = others;

			seen = alarms;
			others = measure_taken();
			keep((double)(now - last > later - now ? now - last : later - now), others - before > TAKEN_NS);
			now = __builtin_ia32_rdtsc();
		}
		last = now;
	}
}

static void record(char **argv, int argc)
{
	static char *run[64];

	count = 0;
	if (!strcmp(argv[3], "linux")) {
		record_linux();
	} else if (!strcmp(argv[3], "alarm")) {
		alarm_each_ms();
		record_alone();
	} else if (!strcmp(argv[3], "alone")) {
		record_alone();
	} else {
		memcpy(run, argv + 4, (size_t)(argc - 4) * sizeof *run);
		record_uos(run, argc - 4);
	}
	qsort(all, (size_t)count, sizeof *all, earlier);
}

int main(int argc, char **argv)
{
	if (argc < 4 || argc > 40)
		return 2;
	cycles_per_ms = measure_ms();
	cycles = cycles_per_ms * (uint64_t)atoi(argv[2]);
	gap = cycles_of_ns(GAP_NS);
	if (!strcmp(argv[1], "lost")) {
		for (int i = 0; i < TRIES; i++) {
			record(argv, argc);
			if (print_lost())
				return 0;
		}
		fprintf(stderr, "the two did not run at the same time\n");
		return 1;
	}
	taken = taken_from_two;
	for (int i = 0; i < TRIES && goods < ENOUGH; i++)
		if (!strcmp(argv[3], "alarm")) {
			keep_alarms();
		} else {
			record(argv, argc);
			keep_latencies();
		}
	print_percentiles();
	return 0;
}
