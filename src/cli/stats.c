#define _GNU_SOURCE
#include "cli/stats.h"

#include <string.h>

#include "cli/host.h"
#include "cli/significance.h"
#include "cli/table.h"

#define HIGHEST_CALL 1023

double stats_fairness(const struct outcome *outcomes, int n, uint64_t now)
{
	double share[n + 1];

	for (int i = 0; i < n; i++) {
		const struct usage *u = &outcomes[i].usage;
		uint64_t there = (outcomes[i].ended ? u->completion : now) - u->arrival;

		share[i] = there ? (double)u->run / (double)there : 0;
	}
	return jain_index(share, n);
}

static double part(uint64_t of, uint64_t all)
{
	return all ? (double)of / (double)all : 0;
}

/*
 * The busy part of the time in which the CPU was ours. By the terms that were
 * measured, not by elapsed - stolen: so it is at most 1 whatever is missing.
 */
static double utilisation(const struct kernel_stats *m)
{
	return part(m->user + m->kernel, m->user + m->kernel + m->idle);
}

static double accounted(const struct kernel_stats *m)
{
	return part(m->user + m->kernel + m->idle + m->stolen, m->elapsed);
}

/* ---- Text ------------------------------------------------------------- */

/* Numbers as text; the last 16 stay good. */
static const char *ns(uint64_t time)
{
	static char text[16][16];
	static unsigned n;

	return table_time((double)time, text[n++ % 16]);
}

static const char *count(const char *before, uint64_t number)
{
	static char text[16][32];
	static unsigned n;

	snprintf(text[++n % 16], sizeof *text, "%s%lu", before, number);
	return text[n % 16];
}

static const char *end_of(const struct outcome *o)
{
	const char *name = sigabbrev_np(o->signal);

	if (!o->ended)
		return "running";
	return !o->signal ? count("exit ", (uint64_t)o->status) : name ? name : count("signal ", (uint64_t)o->signal);
}

static void print_processes(FILE *out, const struct stats_context *c)
{
	struct table times = { .columns = 9 }, counts = { .columns = 8 };

	table_row(&times, (const char *[]){ "times", "pid", "arrival", "response", "turnaround", "wait", "run", "user", "kernel" });
	table_row(&counts, (const char *[]){ "counts", "pid", "end", "voluntary", "involuntary", "calls", "faults", "peak memory" });
	for (int i = 0; i < c->count; i++) {
		const struct outcome *o = &c->outcomes[i];
		const struct usage *u = &o->usage;
		const char *pid = count("", (uint64_t)i + 2);

		table_row(&times, (const char *[]){ basename(o->name), pid, ns(u->arrival), u->first_run ? ns(u->first_run - u->arrival) : "-",
			o->ended ? ns(u->completion - u->arrival) : "-", ns(u->wait), ns(u->run), ns(u->user), ns(u->kernel) });
		table_row(&counts, (const char *[8]){ basename(o->name), pid, end_of(o), count("", u->voluntary), count("", u->involuntary),
			count("", u->calls), count("", u->faults) });
		table_cell(&counts, 7, "%lu KiB", u->peak_memory / 1024);
	}
	table_print(&times, out);
	table_print(&counts, out);
}

/* The calls that were made, each as FORMAT has its name and number. */
static void list_calls(FILE *out, const uint64_t *made, const char *format)
{
	unsigned last = HIGHEST_CALL;
	const char *comma = "";

	while (last && !kernel_call_name(last)) /* the array ends with the table, which has gaps */
		last--;
	for (unsigned nr = 0; made && nr <= last; nr++)
		if (made[nr] && kernel_call_name(nr)) {
			fputs(comma, out);
			fprintf(out, format, kernel_call_name(nr), made[nr]);
			comma = ", ";
		}
}

static void print_machine(FILE *out, const struct stats_context *c)
{
	const struct kernel_stats *m = &c->machine;

	fprintf(out, "elapsed %s; user %s + kernel %s + idle %s + stolen %s = %.2f %% of it\n", ns(m->elapsed), ns(m->user),
		ns(m->kernel), ns(m->idle), ns(m->stolen), 100 * accounted(m));
	fprintf(out, "CPU time by the host's count %s; ours, user + kernel, is %.2f %% of it\n", ns(m->host_cpu),
		100 * part(m->user + m->kernel, m->host_cpu));
	fprintf(out, "switches %lu (%lu by timer); system calls %lu\n", m->switches, m->switches_by_timer, m->calls);
	fprintf(out, "ticks: raised %lu = ended %lu + continued %lu + early %lu + alone %lu + merged %lu\n", c->traps.ticks,
		m->ticks_ended, m->ticks_continued, m->ticks_early, m->ticks_alone, c->traps.ticks_merged);
	fprintf(out, "utilisation %.2f %%; fairness (Jain's index) %.3f\n", 100 * utilisation(m),
		stats_fairness(c->outcomes, c->count, m->elapsed));
}

/* ---- JSON ------------------------------------------------------------- */

static void json_member(FILE *out, const char *key, uint64_t value, bool known)
{
	fprintf(out, known ? ", \"%s\": %lu" : ", \"%s\": null", key, value);
}

static void json_process(FILE *out, int pid, const struct outcome *o)
{
	const struct usage *u = &o->usage;

	fprintf(out, "%s\n    {\"pid\": %d, \"name\": ", pid > 2 ? "," : "", pid);
	json_string(out, basename(o->name));
	fprintf(out, ", \"state\": \"%s\"", !o->ended ? "running" : o->signal ? "killed" : "exited");
	json_member(out, "status", (uint64_t)o->status, o->ended && !o->signal);
	json_member(out, "signal", (uint64_t)o->signal, o->ended && o->signal);
	fprintf(out, ", \"arrival_ns\": %lu, \"wait_ns\": %lu, \"run_ns\": %lu, \"user_ns\": %lu, \"kernel_ns\": %lu, "
		"\"voluntary_switches\": %lu, \"involuntary_switches\": %lu, \"system_calls\": %lu, \"faults\": %lu, "
		"\"peak_memory_bytes\": %lu", u->arrival, u->wait, u->run, u->user, u->kernel, u->voluntary, u->involuntary,
		u->calls, u->faults, u->peak_memory);
	json_member(out, "first_run_ns", u->first_run, u->first_run);
	json_member(out, "completion_ns", u->completion, o->ended);
	json_member(out, "response_ns", u->first_run - u->arrival, u->first_run);
	json_member(out, "turnaround_ns", u->completion - u->arrival, o->ended);
	fputs(", \"calls\": {", out);
	list_calls(out, o->calls_by_number, "\"%s\": %lu");
	fputs("}}", out);
}

void stats_print_origin(FILE *out, const struct options *o)
{
	struct host h;

	host_describe(&h);
	fprintf(out, "\"schema\": %d, \"uos\": \"" UOS_VERSION "\",\n  \"kernel\": ", STATS_SCHEMA);
	json_string(out, h.kernel);
	fputs(", \"cpu\": ", out);
	json_string(out, h.cpu);
	fprintf(out, ",\n  \"switch\": \"%s\", \"seed\": %lu, ", o->backend == SWITCH_ASM ? "asm" : "ucontext", o->seed);
}

static void print_json(FILE *out, const struct stats_context *c)
{
	const struct options *o = c->options;
	const struct kernel_stats *m = &c->machine;

	fputs("{", out);
	stats_print_origin(out, o);
	fputs("\"command\": [", out);
	for (char **word = c->argv; *word; word++) {
		fputs(word == c->argv ? "" : ", ", out);
		json_string(out, *word);
	}
	fprintf(out, "],\n  \"mode\": \"%s\", \"policy\": ", o->preempt ? "preempt" : "coop");
	json_string(out, o->policy ? o->policy : "rr");
	fprintf(out, ", \"quantum_ns\": %lu, \"protect\": \"%s\",\n  \"processes\": [", o->quantum_ns,
		options_levels[machine_info.protect]);
	for (int i = 0; i < c->count; i++)
		json_process(out, i + 2, &c->outcomes[i]);
	fprintf(out, "],\n  \"machine\": {\"elapsed_ns\": %lu, \"user_ns\": %lu, \"kernel_ns\": %lu, \"idle_ns\": %lu, "
		"\"stolen_ns\": %lu, \"host_cpu_ns\": %lu,\n    \"switches\": %lu, \"switches_by_timer\": %lu, "
		"\"system_calls\": %lu, \"system_calls_by_signal\": %lu, "
		"\"sites_rewritten\": %lu, \"sites_refused\": %lu,\n", m->elapsed, m->user, m->kernel, m->idle, m->stolen,
		m->host_cpu, m->switches, m->switches_by_timer, m->calls, c->traps.sigsys,
		m->sites_rewritten, m->sites_refused);
	fprintf(out, "    \"ticks\": {\"raised\": %lu, \"ended\": %lu, \"continued\": %lu, \"early\": %lu, \"alone\": %lu, "
		"\"merged\": %lu},\n    \"accounted\": %.6f, \"utilisation\": %.6f, \"fairness\": %.6f}}\n", c->traps.ticks,
		m->ticks_ended, m->ticks_continued, m->ticks_early, m->ticks_alone, c->traps.ticks_merged, accounted(m),
		utilisation(m), stats_fairness(c->outcomes, c->count, m->elapsed));
}

void stats_print(FILE *out, enum stats_form form, const struct stats_context *c)
{
	if (form == STATS_JSON) {
		print_json(out, c);
		return;
	}
	print_processes(out, c);
	for (int i = 0; i < c->count && c->options->verbose; i++) {
		fprintf(out, "calls of pid %d: ", i + 2);
		list_calls(out, c->outcomes[i].calls_by_number, "%s %lu");
		fputc('\n', out);
	}
	print_machine(out, c);
}
