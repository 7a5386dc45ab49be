/*
 * OSTEP's figures 6.2 and 6.3, printed from the event ring. A view knows
 * events only: names come with EVENT_SPAWN, nothing is asked of the kernel.
 */
#include "trace/lde.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "trace/ring.h"

#define CELL 160
#define TIME_WIDTH 9
#define GAP 2
#define NARROWEST 18
#define NATURAL 42 /* of a column on a wide terminal */
#define WIDEST 64  /* in a file: no cell is longer, so that a row is a line */

enum column { OS, HARDWARE, PROGRAM, COLUMNS };

struct view {
	FILE *out;
	const struct lde_options *o;
	int width; /* of a column */
	uint64_t rows;
	char (*names)[EVENT_TEXT + 1]; /* by pid */
	int pids;
	uint64_t start; /* ns: when the first event was */
};

/* A row of the table while it is filled; print_row empties it. */
struct row {
	uint64_t tsc;
	char cell[COLUMNS][CELL];
};

static const char *const headings[COLUMNS] = { "OS (kernel mode)", "Hardware", "Program" };
static const char *const colours[COLUMNS] = { "\033[36m", "\033[33m", "\033[32m" };

__attribute__((format(printf, 3, 4)))
static void say(struct row *r, enum column c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->cell[c], CELL, format, args);
	va_end(args);
}

/* How much of `text` goes on a line of `width`: up to a blank, if there is one late enough. */
static int piece(const char *text, int width)
{
	int n = (int)strlen(text);

	if (n <= width)
		return n;
	for (int at = width; at > width / 2; at--)
		if (text[at] == ' ')
			return at;
	return width;
}

/* One line of the cells; what does not fit is left in `rest` for the next. */
static void print_line(const struct view *v, const char *rest[COLUMNS], const char *time)
{
	int blanks = GAP;

	fprintf(v->out, "%*s", TIME_WIDTH, time);
	for (int c = 0; c < COLUMNS; c++) {
		int n = piece(rest[c], v->width);

		if (n)
			fprintf(v->out, v->o->colour ? "%*s%s%.*s\033[0m" : "%*s%s%.*s", blanks, "",
				v->o->colour ? colours[c] : "", n, rest[c]);
		blanks = n ? v->width - n + GAP : blanks + v->width + GAP;
		rest[c] += n;
		rest[c] += *rest[c] == ' ';
	}
	fputc('\n', v->out);
}

static void print_row(struct view *v, struct row *r)
{
	const char *rest[COLUMNS] = { r->cell[OS], r->cell[HARDWARE], r->cell[PROGRAM] };
	uint64_t us = (v->o->ns_of(r->tsc) - v->start) / 1000;
	char time[32];

	if (!v->o->first || v->rows < v->o->first) {
		snprintf(time, sizeof time, "%lu.%03lu", us / 1000, us % 1000);
		print_line(v, rest, time);
		while (*rest[OS] || *rest[HARDWARE] || *rest[PROGRAM])
			print_line(v, rest, "");
	}
	v->rows++;
	memset(r->cell, 0, sizeof r->cell);
}

static const char *name_of(const struct view *v, int pid)
{
	return pid == 1 ? "init" : pid > 0 && pid < v->pids && *v->names[pid] ? v->names[pid] : "?";
}

static void learn_name(struct view *v, const struct event *e)
{
	if (e->pid >= v->pids) {
		int pids = 2 * (e->pid + 1);
		char (*more)[EVENT_TEXT + 1] = realloc(v->names, (size_t)pids * sizeof *more);

		if (!more)
			return;
		memset(more + v->pids, 0, (size_t)(pids - v->pids) * sizeof *more);
		v->names = more;
		v->pids = pids;
	}
	memcpy(v->names[e->pid], e->text, e->length < EVENT_TEXT ? e->length : EVENT_TEXT);
	for (char *c = v->names[e->pid]; *c; c++) /* no terminal is to obey a name */
		if ((unsigned char)*c < ' ' || (unsigned char)*c > 126)
			*c = '?';
}

/* ` "spin 1/3"`: what a call writes, without the end of the line, unprintable bytes as dots. */
static void quote(const struct event *e, char *out, size_t room)
{
	size_t shown = e->length < EVENT_TEXT ? e->length : EVENT_TEXT, n = 0;

	n += (size_t)snprintf(out, room, " \"");
	for (size_t i = 0; i < shown && n + 8 < room; i++) {
		unsigned char c = (unsigned char)e->text[i];

		if (c != '\n' || i + 1 < e->length)
			out[n++] = c >= ' ' && c < 127 ? (char)c : '.';
	}
	snprintf(out + n, room - n, e->length > shown ? "...\"" : "\"");
}

static void trap_row(const struct view *v, const struct event *e, struct row *r)
{
	const char *name = v->o->call_name(e->sub);
	char text[2 * EVENT_TEXT] = "";

	if (e->length)
		quote(e, text, sizeof text);
	if (!name)
		say(r, PROGRAM, "trap: call %u", e->sub);
	else if (!strncmp(name, "exit", 4))
		say(r, PROGRAM, "trap: %s(%d)", name, (int)e->a);
	else
		say(r, PROGRAM, "trap: %s%s", name, text);
}

static void return_row(const struct view *v, const struct event *e, struct row *r)
{
	const char *name = e->sub ? v->o->call_name(e->sub - 1u) : NULL;

	if (name)
		say(r, OS, e->a < 1ul << 32 || (long)e->a < 0 ? "%s = %ld, return-from-trap" : "%s = 0x%lx, return-from-trap",
		    name, (long)e->a);
	else
		say(r, OS, "return-from-trap");
	say(r, HARDWARE, "restore regs(%d), user mode", e->pid);
}

/* "save regs" where there was somebody to save. */
static void interrupt_row(const struct event *e, const char *what, struct row *r)
{
	if (e->pid)
		say(r, HARDWARE, "%s interrupt: save regs(%d) to k-stack(%d), kernel mode", what, e->pid, e->pid);
	else
		say(r, HARDWARE, "%s interrupt: end of idling", what);
}

static void tick_rows(struct view *v, const struct event *e, const struct event *next, struct row *r)
{
	interrupt_row(e, "timer", r);
	print_row(v, r);
	if (e->sub == TICK_EARLY && e->pid)
		say(r, OS, "tick: continue, the quantum is not used");
	else if (!e->pid)
		say(r, OS, "tick: nobody was running");
	else if (e->sub == TICK_CONTINUED)
		say(r, OS, "tick: continue, the policy lets it go on");
	else if (e->sub == TICK_WOKEN && next && next->kind == EVENT_SWITCH)
		say(r, OS, "tick: pick %s(%d), which woke up", name_of(v, (int)next->a), (int)next->a);
	else if (e->sub == TICK_WOKEN)
		say(r, OS, "tick: somebody woke up, go on");
	else if (e->sub == TICK_ALONE)
		say(r, OS, "tick: continue, nobody else can run");
	else if (next && next->kind == EVENT_SWITCH)
		say(r, OS, "tick: quantum used, pick %s(%d)", name_of(v, (int)next->a), (int)next->a);
	else
		say(r, OS, "tick: quantum used, go on");
}

static void event_rows(struct view *v, const struct event *e, const struct event *next)
{
	struct row r = { .tsc = e->tsc };
	const char *name = name_of(v, e->pid);

	switch (e->kind) {
	case EVENT_TRAP_TABLE:
		say(&r, OS, "initialize trap table");
		print_row(v, &r);
		say(&r, HARDWARE, "remember syscall, timer, fault handlers");
		break;
	case EVENT_TIMER_START:
		say(&r, OS, "start interrupt timer");
		say(&r, HARDWARE, "interrupt CPU in %g ms", (double)e->a / 1e6);
		break;
	case EVENT_SPAWN:
		say(&r, OS, "create %s(%d): entry, memory, load, argv, fill k-stack", name, e->pid);
		break;
	case EVENT_TRAP:
		trap_row(v, e, &r);
		break;
	case EVENT_RETURN:
		return_row(v, e, &r);
		break;
	case EVENT_TICK:
		tick_rows(v, e, next, &r);
		break;
	case EVENT_SWITCH:
		say(&r, OS, "switch: regs(%d) to PCB(%d), PCB(%d) to regs, k-stack(%d)", e->pid, e->pid, (int)e->a,
		    (int)e->a);
		break;
	case EVENT_BLOCK:
		say(&r, OS, "%s(%d) waits", name, e->pid);
		break;
	case EVENT_WAKEUP:
		say(&r, OS, "wake up %s(%d)", name, e->pid);
		break;
	case EVENT_INTERRUPT:
		interrupt_row(e, e->sub == INTERRUPT_DEVICE ? "device" : "keyboard", &r);
		break;
	case EVENT_FAULT:
		say(&r, HARDWARE, "fault: save regs(%d) to k-stack(%d), kernel mode", e->pid, e->pid);
		say(&r, PROGRAM, "fault: signal %u", e->sub);
		break;
	case EVENT_EXIT:
		say(&r, OS, "free memory(%d)", e->pid);
		break;
	case EVENT_REAP:
		say(&r, OS, "remove %s(%d) from process list", name, e->pid);
		break;
	}
	print_row(v, &r);
}

static bool wanted(const struct view *v, const struct event *e)
{
	if (!v->o->only || e->pid == 0)
		return true;
	for (const int *pid = v->o->only; *pid; pid++)
		if (*pid == e->pid || (e->kind == EVENT_SWITCH && *pid == (int)e->a))
			return true;
	return false;
}

/* The event that a tick led to: whom it woke stands between them. */
static const struct event *after(uint64_t i)
{
	const struct event *e;

	do
		e = ring_event(++i);
	while (e && e->kind == EVENT_WAKEUP);
	return e;
}

static int column_width(int paper)
{
	int width = (paper - TIME_WIDTH) / COLUMNS - GAP;

	return width > NATURAL ? NATURAL : width < NARROWEST ? NARROWEST : width;
}

bool lde_print(FILE *out, const struct lde_options *o)
{
	const char *rest[COLUMNS] = { headings[OS], headings[HARDWARE], headings[PROGRAM] };
	struct view v = { .out = out, .o = o, .width = WIDEST };
	const struct event *e;

	if (o->width)
		v.width = column_width(o->width);
	v.start = ring_event(0) ? o->ns_of(ring_event(0)->tsc) : 0;
	print_line(&v, rest, "ms");
	if (ring_lost())
		fprintf(out, "%*s%*s(%lu earlier events were overwritten)\n", TIME_WIDTH, "...", GAP, "", ring_lost());
	for (uint64_t i = 0; (e = ring_event(i)); i++) {
		if (e->kind == EVENT_SPAWN)
			learn_name(&v, e);
		if (wanted(&v, e))
			event_rows(&v, e, after(i));
	}
	if (o->first && v.rows > o->first)
		fprintf(out, "%*s%*s(%lu more rows)\n", TIME_WIDTH, "...", GAP, "", v.rows - o->first);
	free(v.names);
	return fflush(out) == 0 && !ferror(out);
}
