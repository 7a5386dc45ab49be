/*
 * Runs the programs under each mode in turn, each run in a child: a machine
 * boots once in a host process.
 */
#define _GNU_SOURCE
#include "cli/compare.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/host.h"
#include "cli/run.h"

#define PROGRESS_AFTER_S 2
static struct comparison it;
static struct workload work;
static struct report *report; /* shared with the child */
static volatile pid_t child;
static volatile sig_atomic_t interrupted; /* by which signal */
static const int interrupts[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };

/* ---- Modes ------------------------------------------------------------ */

static bool is_policy(const char *name, size_t length)
{
	const struct uos_policy *p;

	for (int i = 0; (p = kernel_policy(i)); i++)
		if (strlen(p->name) == length && !strncmp(p->name, name, length))
			return true;
	return length > 3 && !strncmp(name + length - 3, ".so", 3);
}

static bool is_mode(const char *part)
{
	static const char *const ours[] = { "coop", "preempt", "native" };
	size_t length = strcspn(part, ":@,");

	for (int i = 0; i < 3; i++)
		if (strlen(ours[i]) == length && part[length] != ':' && !strncmp(ours[i], part, length))
			return true;
	return is_policy(part, length);
}

static bool are_modes(const char *word)
{
	for (; is_mode(word); word++) {
		word += strcspn(word, ",");
		if (!*word)
			return true;
	}
	return false;
}

static _Noreturn void refuse(const char *subject, const char *why)
{
	console_line("compare: %s: %s", subject, why);
	exit(STATUS_USAGE);
}

/* PART is NAME[:KEY=VALUE...][@QUANTUM]. The comma parts modes, so a policy's options are joined by colons here. */
static void add_mode(const struct options *o, const char *part)
{
	struct mode *m = &it.mode[it.modes++];
	char *policy = strdup(part), *quantum = policy + strcspn(policy, "@"), error[256];
	struct options parsed;

	m->word = part;
	m->options = *o;
	m->options.first_prog = 0;
	m->options.stats = STATS_NONE;
	m->options.trace_lde = false;
	if (*quantum)
		*quantum++ = 0;
	m->native = !strcmp(policy, "native");
	if (m->native && (o->root || *o->ro))
		refuse(o->root ? "--root" : "--ro", "native programs are processes of Linux, which nothing keeps to it: leave out native");
	if (strchr(part, '@')) {
		if (m->native)
			refuse(part, "Linux has no quantum to choose");
		if (options_parse(4, (char *[]){ "uos", "-q", quantum, "x", NULL }, &parsed, error, sizeof error) != 0)
			refuse(part, error);
		m->options.quantum_ns = parsed.quantum_ns;
	}
	if (m->native || !strcmp(policy, "coop") || !strcmp(policy, "preempt")) {
		m->options.preempt = *policy == 'p';
		return;
	}
	m->options.policy = policy;
	for (char *colon = strchr(policy, ':'); colon && (colon = strchr(colon + 1, ':'));)
		*colon = ',';
}

static void add_modes(const struct options *o, char *word)
{
	for (char *part; (part = strsep(&word, ","));) {
		if (it.modes == MODES_MAX)
			refuse(part, "8 modes at most");
		add_mode(o, part);
	}
}

/* ---- The child -------------------------------------------------------- */

static void write_report(void)
{
	const struct outcome *outcomes;
	int n = kernel_outcomes(&outcomes);

	report->machine = kernel_stats();
	report->protect = machine_info.protect;
	memcpy(report->outcomes, outcomes, (size_t)n * sizeof *outcomes);
	report->complete = true;
}

/* What run_load finds wrong with the files, as far as it matters to Linux. */
static _Noreturn void check_files(void)
{
	for (int i = 0; i < it.programs; i++) {
		const char *path = it.jobs[i].program.path;
		struct stat st;
		int status;

		errno = EACCES; /* what Linux says of a directory */
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0)
			continue;
		status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_LOADABLE;
		console_line("%s: %s", path, strerror(errno));
		_exit(status);
	}
	if (it.options->cwd && chdir(it.options->cwd) != 0) {
		console_line("--cwd: %s: %s", it.options->cwd, strerror(errno));
		_exit(STATUS_USAGE);
	}
	_exit(0);
}

static _Noreturn void run_child(const struct mode *m, bool only_load, const int *out)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < sizeof interrupts / sizeof *interrupts; i++)
		if (signal(interrupts[i], SIG_DFL) == SIG_IGN)
			signal(interrupts[i], SIG_IGN);
	if (null < 0 || dup2(null, 0) < 0 || dup2(out[0], 1) < 0 || dup2(out[1], 2) < 0)
		_exit(STATUS_USAGE);
	sigprocmask(SIG_UNBLOCK, &(sigset_t){ { ~0ul } }, NULL);
	if (only_load && m->native)
		check_files();
	if (only_load)
		run_load(&m->options, &work);
	if (m->native && m->options.timeout_ns) {
		uint64_t us = m->options.timeout_ns / 1000;

		signal(SIGALRM, SIG_DFL);
		setitimer(ITIMER_REAL, &(struct itimerval){ .it_value = { (time_t)(us / 1000000), (suseconds_t)(us % 1000000) } }, NULL);
	}
	if (m->native)
		native_run(&it, report);
	if (host_pin() < 0)
		err(STATUS_USAGE, "uos: compare: cannot choose a CPU");
	run(&m->options, &work, NULL, write_report);
}

/* ---- One run ---------------------------------------------------------- */

static void on_interrupt(int signal)
{
	interrupted = signal;
	if (child > 0)
		kill(-child, SIGKILL);
}

/* The child's exit status, or 128 + n. out: where its standard output and error are kept. */
static int run_one(const struct mode *m, bool only_load, int *out)
{
	sigset_t all, before;
	int status;

	memset(report, 0, sizeof *report + (size_t)it.programs * sizeof *report->outcomes);
	out[0] = memfd_create("stdout", MFD_CLOEXEC);
	out[1] = memfd_create("stderr", MFD_CLOEXEC);
	/* To append, because writes to a memfd do not lock the offset that processes share: lines would be lost */
	if (fcntl(out[0], F_SETFL, O_APPEND) != 0 || fcntl(out[1], F_SETFL, O_APPEND) != 0)
		err(STATUS_USAGE, "uos: compare: memfd");
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before); /* no interrupt may miss the child */
	child = fork();
	if (child == 0)
		run_child(m, only_load, out);
	if (child < 0)
		err(STATUS_USAGE, "uos: compare: fork");
	setpgid(child, child);
	sigprocmask(SIG_SETMASK, &before, NULL);
	while (waitid(P_PID, (id_t)child, &(siginfo_t){ 0 }, WEXITED | WNOWAIT) != 0 && errno == EINTR)
		;
	kill(-child, SIGKILL); /* while its number is still its own: whoever it left */
	sigprocmask(SIG_SETMASK, &all, &before);
	waitpid(child, &status, 0);
	child = 0;
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGALRM ? STATUS_TIMEOUT : 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}

/* What was written to a file of run_one's; NUL-terminated, to be freed. Closes it. */
static char *contents(int fd, size_t *length)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = malloc((size_t)size + 1);
	ssize_t n = 0;

	if (!text)
		err(STATUS_USAGE, "uos: compare");
	for (*length = 0; *length < (size_t)size && (n = pread(fd, text + *length, (size_t)size - *length, (off_t)*length)) > 0;)
		*length += (size_t)n;
	text[*length] = 0;
	close(fd);
	return text;
}

static void show(int fd)
{
	size_t length;
	char *text = contents(fd, &length);

	fwrite(text, 1, length, stderr);
	free(text);
}

/* ---- All runs --------------------------------------------------------- */

/* The status that run() makes of these outcomes. */
static int status_of(const struct report *r)
{
	for (int i = 0; i < it.programs; i++)
		if (r->outcomes[i].signal || r->outcomes[i].status)
			return r->outcomes[i].signal ? 128 + r->outcomes[i].signal : r->outcomes[i].status;
	return 0;
}

/* One run of a mode; run < 0: to warm up. -1, or the exit status if there is no going on. */
static int measure_one(int mode, int run)
{
	static bool shown;
	const struct mode *m = &it.mode[mode];
	int out[2], status = run_one(m, false, out);
	bool broken = !report->complete || status != (m->native ? 0 : status_of(report));
	size_t length;
	char *text;

	if (interrupted)
		return 128 + interrupted;
	if (!shown && (broken || status_of(report))) {
		shown = true;
		show(out[1]);
	} else {
		close(out[1]);
	}
	if (broken) {
		console_line("compare: a run of %s ended with status %d", m->word, status);
		return status ? status : STATUS_USAGE;
	}
	text = contents(out[0], &length);
	if (run < 0) {
		free(text);
		return -1;
	}
	comparison_add(&it, mode, run, report);
	comparison_add_output(&it, mode, run, text, length);
	return -1;
}

/* xorshift64* (Marsaglia; Vigna 2014) */
static uint64_t chance(void)
{
	static uint64_t state;

	if (!state)
		state = it.options->seed ? it.options->seed : 1;
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 2685821657736338717u;
}

static void shuffle(int *order)
{
	for (int i = it.modes - 1; i > 0; i--) {
		int j = (int)(chance() % (uint64_t)(i + 1)), other = order[j];

		order[j] = order[i];
		order[i] = other;
	}
}

static void say_progress(int done, int all, uint64_t since)
{
	double elapsed = (double)(monotonic_ns() - since) / 1e9;
	char line[60] = "";

	if (!isatty(2) || elapsed < PROGRESS_AFTER_S)
		return;
	if (done < all)
		snprintf(line, sizeof line, "%d of %d runs, about %.0f s left", done, all, elapsed / done * (all - done));
	fprintf(stderr, "\r%-59s\r%s", "", line);
}

/* Every round has each mode once, in random order: what drifts on the host meets all alike. */
static int measure(void)
{
	int order[MODES_MAX], all = (it.warmups + it.runs) * it.modes, done = 0, status = -1;
	uint64_t start = monotonic_ns();

	for (int m = 0; m < it.modes; m++)
		order[m] = m;
	for (int run = -it.warmups; run < it.runs && status < 0; run++) {
		shuffle(order);
		for (int k = 0; k < it.modes && status < 0; k++) {
			status = measure_one(order[k], run);
			say_progress(status < 0 ? ++done : all, all, start);
		}
	}
	return status;
}

/* Loads the programs under every mode, so that what cannot be run is told before anything is measured. 0 or the status. */
static int check(void)
{
	for (int m = 0; m < it.modes; m++) {
		int out[2], status = run_one(&it.mode[m], true, out);

		close(out[0]);
		show(out[1]);
		if (interrupted)
			return 128 + interrupted;
		if (status)
			return status;
	}
	return 0;
}

/* Signals that end us end the child, too; descriptors 0 to 2 are open, so that no file of ours is one of them. */
static void prepare(void)
{
	int fd = fcntl(1, F_GETFL);

	if (fd < 0 || (fd & O_ACCMODE) == O_RDONLY)
		refuse("standard output", "not open for writing");
	while ((fd = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0 && fd < 3)
		fcntl(fd, F_SETFD, 0);
	close(fd);
	for (size_t i = 0; i < sizeof interrupts / sizeof *interrupts; i++)
		if (signal(interrupts[i], on_interrupt) == SIG_IGN)
			signal(interrupts[i], SIG_IGN);
}

int compare(const struct options *o, char **words)
{
	bool modes_given = *words && are_modes(*words);
	int status;

	it.options = o;
	it.runs = o->runs ? (int)o->runs : RUNS_DEFAULT;
	it.warmups = o->warmups ? (int)o->warmups : WARMUPS_DEFAULT;
	prepare();
	add_modes(o, strdup(modes_given ? *words : "coop,preempt"));
	words += modes_given;
	if (!*words && !*o->files)
		refuse(words[-1], "no program to run");
	status = run_workload(o, words, &work);
	if (status == STATUS_NOT_FOUND && !modes_given && *words && *work.jobs->wrong && !strchr(*words, ' '))
		console_line("compare: the first word is a program, unless it is MODES: coop, preempt, native or a policy, "
			     "each with @QUANTUM if wanted, joined by commas");
	if (status)
		return status;
	it.jobs = work.jobs;
	it.programs = work.count;
	report = mmap(NULL, sizeof *report + (size_t)it.programs * sizeof *report->outcomes, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (report == MAP_FAILED)
		err(STATUS_USAGE, "uos: compare");
	status = check();
	if (status)
		return status;
	comparison_reserve(&it);
	status = measure();
	if (status >= 0)
		return status;
	return comparison_print(&it);
}
