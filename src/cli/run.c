/* Finding the programs, booting the machine, and what is said at the end. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/complaint.h"
#include "cli/policy.h"
#include "cli/run.h"
#include "cli/stats.h"
#include "cli/table.h"
#include "kernel/kernel.h"
#include "machine/machine.h"
#include "trace/lde.h"
#include "trace/ring.h"

extern char **environ;

#define RING_EVENTS (1u << 20) /* 56 MB when full */
#define WRONG_SHOWN 20         /* of a workload's lines */

static const struct options *options;
static struct policy_choice policy;
static char **command_line;
static FILE *trace, *stats; /* where the view and the statistics go, if they do */
static void (*report)(void);

/* The directory of the programs that were built with this uos. */
static const char *programs_directory(void)
{
	static char directory[PATH_MAX + 16];
	ssize_t n = readlink("/proc/self/exe", directory, PATH_MAX - 1);

	if (n < 0)
		return ".";
	directory[n] = 0;
	strcpy(strrchr(directory, '/') + 1, "programs");
	return directory;
}

/* DIRECTORY/NAME if that is an executable file, for the caller to free; else NULL. */
static char *executable_in(const char *directory, size_t length, const char *name)
{
	struct stat st;
	char *path;

	if (asprintf(&path, "%.*s/%s", length ? (int)length : 1, length ? directory : ".", name) < 0)
		return NULL;
	if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0)
		return path;
	free(path);
	return NULL;
}

/* The file that a program's name means: the built ones first, then PATH. NULL if it is nowhere. */
static char *find(const char *name)
{
	const char *built = programs_directory(), *path = getenv("PATH");
	char *found;

	if (strchr(name, '/'))
		return strdup(name);
	found = executable_in(built, strlen(built), name);
	if (!path)
		path = "/usr/local/bin:/usr/bin:/bin";
	while (!found) {
		size_t n = strcspn(path, ":");

		found = executable_in(path, n, name);
		if (!path[n])
			break;
		path += n + 1;
	}
	return found;
}

#define refuse(status, ...) (console_line(__VA_ARGS__), machine_halt(status))

static void resolve(struct job *j)
{
	const char *name = *j->program.argv;

	j->program.path = *name ? find(name) : NULL;
	if (j->program.path)
		return;
	j->status = STATUS_NOT_FOUND;
	if (*name)
		complain(j->wrong, sizeof j->wrong, "%.255s: no such program among the built ones or in PATH", name);
	else
		complain(j->wrong, sizeof j->wrong, "'': an empty name is no program");
}

/* "FILE:LINE: ", for what is said about a job; good until the next call. */
static const char *where(const struct job *j)
{
	static char text[PATH_MAX];

	snprintf(text, sizeof text, j->file ? "%s:%u: " : "", j->file, j->line);
	return text;
}

int run_workload(const struct options *o, char **progs, struct workload *w)
{
	const char *why;
	int status = 0, said = 0;

	for (int i = 0; progs[i]; i++)
		workload_add(w, progs[i], NULL, 0);
	for (int i = 0, before = w->count; o->files[i]; i++, before = w->count)
		if ((why = workload_read(w, o->files[i])) || w->count == before) {
			console_line("-f %s: %s", o->files[i], why ? why : "nothing to run: a line of it is a program and its arguments");
			return STATUS_USAGE;
		}
	for (struct job *j = w->jobs; j < w->jobs + w->count; j++) {
		if (!*j->wrong)
			resolve(j);
		if (!*j->wrong)
			continue;
		status = status ? status : j->status;
		if (said++ < WRONG_SHOWN)
			console_line("%s%s", where(j), j->wrong);
	}
	if (said > WRONG_SHOWN)
		console_line("%d more are wrong", said - WRONG_SHOWN);
	return status;
}

char **run_environment(const struct options *o)
{
	size_t n = 0;
	char **all, **to;

	while (environ[n])
		n++;
	all = calloc(n + REPEATS_MAX + 1, sizeof *all);
	if (!all)
		refuse(STATUS_USAGE, "--env: %s", strerror(errno));
	memcpy(all, environ, n * sizeof *all);
	for (char *const *change = o->env; *change; change++) {
		size_t length = strcspn(*change, "=");

		to = all;
		for (char **from = all; *from; from++)
			if (strncmp(*from, *change, length) != 0 || (*from)[length] != '=')
				*to++ = *from;
		*to = (*change)[length] ? *change : NULL;
		to[*to != NULL] = NULL;
	}
	return all;
}

static void load(const struct job *j, int index)
{
	struct program p = j->program;
	const char *error = policy_program(&policy, index, &p);
	int status;

	if (error)
		refuse(STATUS_USAGE, "%s%s", where(j), error);
	error = kernel_load(&p, &status);
	if (error)
		refuse(status, "%s%s: %s", where(j), p.path, error);
	/* argv[0] names the process from now on: neither it nor the path is freed */
}

static void say_missing_calls(void)
{
	char line[900] = "";
	const char *name;
	uint64_t count;

	for (int i = 0; (name = kernel_missing_call(i, &count)); i++) {
		size_t n = strlen(line);

		snprintf(line + n, sizeof line - n, "%s%s (%lu)", i ? ", " : "", name, count);
	}
	if (*line)
		console_line("not implemented: %s", line);
}

static void say_details(const struct kernel_stats *s, const struct outcome *outcomes, int n)
{
	for (int i = 0; i < n; i++)
		console_line("pid %d: %s: %s %d", i + 2, outcomes[i].name, outcomes[i].signal ? "signal" : "exit",
			     outcomes[i].signal ? outcomes[i].signal : outcomes[i].status);
	console_line("machine: protect %s, switch %s, mode %s, quantum %lu ns, policy %s",
		     options_levels[machine_info.protect],
		     machine_info.backend == SWITCH_ASM ? "asm" : "ucontext", options->preempt ? "preempt" : "coop",
		     options->quantum_ns, policy.policy->name);
	if (machine_info.why_not_higher)
		console_line("machine: protected no better, because %s", machine_info.why_not_higher);
	console_line("switches: %lu (%lu by timer)", s->switches, s->switches_by_timer);
	console_line("ticks: raised %lu = ended %lu + continued %lu + early %lu + alone %lu + merged %lu", trap_counts.ticks,
		     s->ticks_ended, s->ticks_continued, s->ticks_early, s->ticks_alone, trap_counts.ticks_merged);
	console_line("calls: %lu (%lu by gate)", s->calls, s->calls - trap_counts.sigsys);
	console_line("sites: %lu rewritten, %lu refused; %lu %% of the calls went by the gate", s->sites_rewritten, s->sites_refused,
		     s->calls ? 100 * (s->calls - trap_counts.sigsys) / s->calls : 100);
	console_line("left: %lu pages, %lu descriptors, %lu mappings, %lu entries", s->pages, s->descriptors, s->mappings,
		     s->entries);
}

static int finished(void)
{
	const struct outcome *outcomes;
	int n = kernel_outcomes(&outcomes);
	struct kernel_stats s = kernel_stats();
	char time[16];

	say_missing_calls();
	if (options->verbose)
		say_details(&s, outcomes, n);
	if (n > 1 && isatty(2))
		console_line("%d processes, %lu switches (%lu by timer), %s", n, s.switches, s.switches_by_timer,
			     table_time((double)clock_now(), time));
	for (int i = 0; i < n; i++)
		if (outcomes[i].signal || outcomes[i].status)
			return outcomes[i].signal ? 128 + outcomes[i].signal : outcomes[i].status;
	return 0;
}

/* Before the run: a long one should not end with a file that cannot be written. */
static FILE *output(const char *file)
{
	int fd = file ? open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0666) : 2; /* emptied when all programs are there */
	FILE *out = !file ? stderr : fd >= 0 ? fdopen(fd, "w") : NULL;

	if (!out)
		refuse(STATUS_USAGE, "%s: %s", file, strerror(errno));
	return out;
}

static void empty_outputs(void)
{
	if (stats && options->stats_file)
		(void)!ftruncate(fileno(stats), 0); /* what cannot be cut, as a pipe, needs not */
	if (trace && options->trace_file)
		(void)!ftruncate(fileno(trace), 0);
}

static void open_outputs(void)
{
	if (options->stats != STATS_NONE)
		stats = output(options->stats_file);
	if (!options->trace_lde)
		return;
	trace = output(options->trace_file);
	if (!ring_start(RING_EVENTS))
		refuse(STATUS_USAGE, "--trace: not enough memory for the event ring");
}

static bool told(const char *file, bool written)
{
	if (!written)
		console_line("%s: %s", file ? file : "standard error", strerror(errno));
	return written;
}

static bool print_trace(void)
{
	const char *no_colour = getenv("NO_COLOR");
	struct lde_options view = {
		.only = options->only[0] ? options->only : NULL, .first = options->first, .ns_of = clock_of,
		.call_name = kernel_call_name
	};
	struct winsize size;

	if (!trace)
		return true;
	if (isatty(fileno(trace))) {
		view.colour = !no_colour || !*no_colour;
		view.width = ioctl(fileno(trace), TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
	}
	return told(options->trace_file, lde_print(trace, &view));
}

/* A plug-in is loaded here, before the machine takes over. */
static void choose_policy(int programs)
{
	const char *wrong = policy_choose(options->policy, programs, &policy);

	if (wrong)
		refuse(STATUS_USAGE, "-s: %s", wrong);
}

static bool print_stats(void)
{
	struct stats_context c = {
		.options = options, .argv = command_line, .machine = kernel_stats(), .traps = trap_counts
	};

	if (!stats)
		return true;
	c.count = kernel_outcomes(&c.outcomes);
	stats_print(stats, options->stats, &c);
	return told(options->stats_file, fflush(stats) == 0 && !ferror(stats));
}

/* However the run ends, so that one cut short tells how far it came. What was asked for and is not there is a failure. */
static int halting(int status)
{
	bool written = print_stats(); /* first: printing the trace would be counted */

	written &= print_trace();
	if (report)
		report();
	return written || status ? status : 1;
}

static void boot(const struct options *o, const struct workload *w)
{
	struct kernel_options k = {
		.preempt = o->preempt, .quantum = o->quantum_ns, .seed = o->seed, .memory = o->memory, .procs = o->procs, .envp = run_environment(o),
		.rewrite = !o->keep_sites, .home = getenv("HOME"), .root = o->root, .cwd = o->cwd, .rw = (char **)o->rw, .ro = (char **)o->ro,
		.account = o->stats != STATS_NONE || report, .finished = finished, .halting = halting
	};
	const char *lacks, *wrong;

	options = o;
	choose_policy(w->count);
	k.policy = policy.policy;
	k.plug_in = policy.plug_in;
	lacks = machine_boot(o->protect, o->backend);
	if (lacks)
		refuse(STATUS_USAGE, "%s%s: %s", o->protect > PROTECT_NONE ? "--protect=" : "this machine cannot run it",
		       o->protect > PROTECT_NONE ? options_levels[o->protect] : "", lacks);
	open_outputs();
	wrong = kernel_boot(&k);
	if (wrong)
		refuse(STATUS_USAGE, "%s", wrong);
	for (int i = 0; i < w->count; i++)
		load(&w->jobs[i], i);
	empty_outputs();
}

void run(const struct options *o, const struct workload *w, char **argv, void (*reporter)(void))
{
	command_line = argv;
	report = reporter;
	boot(o, w);
	watchdog_start(o);
	kernel_run();
}

void run_load(const struct options *o, const struct workload *w)
{
	boot(o, w);
	machine_halt(0);
}
