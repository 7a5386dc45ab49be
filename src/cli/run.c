/* Finding the programs, booting the machine, and what is said at the end. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cmdline.h"
#include "cli/run.h"
#include "kernel/kernel.h"
#include "machine/machine.h"
#include "trace/lde.h"
#include "trace/ring.h"

extern char **environ;

#define RING_EVENTS (1u << 20) /* 56 MB when full */

static const struct options *options;
static FILE *trace; /* where the view goes */

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

/* A name without a slash: the built programs first, then PATH. NULL if it is nowhere. */
static char *find_program(const char *name)
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

static _Noreturn void refuse(int status, const char *subject, const char *why)
{
	console_line("%s: %s", subject, why);
	machine_halt(status);
}

static void load(const char *command)
{
	const char *error;
	struct program p;
	char *exe;
	int status;

	p.argv = cmdline_split(command, &error);
	if (!p.argv)
		refuse(STATUS_USAGE, *command ? command : "''", error);
	if (!*p.argv[0])
		refuse(STATUS_NOT_FOUND, "''", "an empty name is no program");
	p.path = find_program(p.argv[0]);
	if (!p.path)
		refuse(STATUS_NOT_FOUND, p.argv[0], "no such program among the built ones or in PATH");
	exe = realpath(p.path, NULL);
	p.exe = exe ? exe : p.path; /* the kernel says what is wrong with it */
	error = kernel_load(&p, &status);
	free(exe);
	if (error)
		refuse(status, p.path, error);
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
	console_line("machine: protect %s, switch %s, mode %s, quantum %lu ns",
		     machine_info.protect == PROTECT_KEYS ? "keys" : "none",
		     machine_info.backend == SWITCH_ASM ? "asm" : "ucontext", options->preempt ? "preempt" : "coop",
		     options->quantum_ns);
	if (machine_info.why_not_keys)
		console_line("machine: not protected: %s", machine_info.why_not_keys);
	console_line("switches: %lu (%lu by timer)", s->switches, s->switches_by_timer);
	console_line("ticks: raised %lu = ended %lu + early %lu + alone %lu + merged %lu", trap_counts.ticks,
		     s->ticks_ended, s->ticks_early, s->ticks_alone, trap_counts.ticks_merged);
	console_line("calls: %lu (%lu by gate)", s->calls, s->calls - trap_counts.sigsys);
	console_line("left: %lu pages, %lu descriptors, %lu entries", s->pages, s->descriptors, s->entries);
}

static int finished(void)
{
	const struct outcome *outcomes;
	int n = kernel_outcomes(&outcomes);
	struct kernel_stats s = kernel_stats();

	say_missing_calls();
	if (options->verbose)
		say_details(&s, outcomes, n);
	if (n > 1 && isatty(2))
		console_line("%d processes, %lu switches (%lu by timer), %.1f s", n, s.switches, s.switches_by_timer,
			     (double)clock_now() / 1e9);
	for (int i = 0; i < n; i++)
		if (outcomes[i].signal || outcomes[i].status)
			return outcomes[i].signal ? 128 + outcomes[i].signal : outcomes[i].status;
	return 0;
}

/* Before the run: a long one should not end with a file that cannot be written. */
static void trace_open(void)
{
	if (!options->trace_lde)
		return;
	trace = options->trace_file ? fopen(options->trace_file, "we") : stderr;
	if (!trace)
		refuse(STATUS_USAGE, options->trace_file, strerror(errno));
	if (!ring_start(RING_EVENTS))
		refuse(STATUS_USAGE, "--trace", "not enough memory for the event ring");
}

static void trace_print(void)
{
	const char *no_colour = getenv("NO_COLOR");
	struct lde_options view = {
		.only = options->only[0] ? options->only : NULL, .first = options->first, .ns_of = clock_of,
		.call_name = kernel_call_name
	};
	struct winsize size;

	if (!trace)
		return;
	if (isatty(fileno(trace))) {
		view.colour = !no_colour || !*no_colour;
		view.width = ioctl(fileno(trace), TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
	}
	if (!lde_print(trace, &view))
		console_line("%s: %s", options->trace_file ? options->trace_file : "standard error", strerror(errno));
}

void run(const struct options *o, char **argv)
{
	struct kernel_options k = {
		.preempt = o->preempt, .quantum = o->quantum_ns, .envp = environ, .finished = finished,
		.halting = trace_print
	};
	const char *lacks = machine_boot(o->protect, o->backend);

	options = o;
	trace_open();
	if (lacks)
		refuse(STATUS_USAGE, o->protect == PROTECT_KEYS ? "--protect=keys" : "this machine cannot run it", lacks);
	kernel_boot(&k);
	for (char **prog = argv + o->first_prog; *prog; prog++)
		load(*prog);
	watchdog_start(o);
	kernel_run();
}
