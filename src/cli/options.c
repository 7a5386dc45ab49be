#include "cli/options.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"
#define DURATIONS "10ms, 200us, 1.5s"
#define LONGEST_NAME 16 /* a longer unknown option resembles none of ours */

const char options_help[] =
	"Examples:\n"
	"  ./uos spin hello                    two programs share one CPU\n"
	"  ./uos -m coop spin hello            the same, but nobody is interrupted\n"
	"  ./uos \"primes 5000\" 'fib 30'        quote a program with its arguments\n"
	"  ./uos -q 200us spin spin            take turns every 200 us\n"
	"  ./uos -t lde --first=20 spin hello  the table of the book, from this run\n"
	"  ./uos --timeout=2s \"spin forever\"   stop what does not stop\n"
	"\n"
	"Usage: uos [OPTIONS] PROG...\n"
	"  Each PROG is one quoted command line. A name without a slash is one of the\n"
	"  programs built with uos, else it is looked up in PATH. Options come first.\n"
	"\n"
	"Options:\n"
	"  -m, --mode=coop|preempt      preempt (default): a timer takes the CPU back;\n"
	"                               coop: it changes hands when a program gives it up\n"
	"  -q, --quantum=DUR            a program's turn; 10ms by default, at least 20us\n"
	"                               (a timer interrupt costs about 7us), at most 60s\n"
	"      --switch=ucontext|asm    context switch: swapcontext (default), or ours\n"
	"      --protect=none|keys      keep programs apart by memory protection keys;\n"
	"                               by default the most that this machine can do\n"
	"      --timeout=DUR            after DUR, kill all that still run\n"
	"  -t, --trace=lde[:FILE]       print limited direct execution's table at the end\n"
	"      --only=PID,... --first=N only these processes, only the first N rows\n"
	"  -v, --verbose                say more; twice, say still more\n"
	"  -h, --help                   this text\n"
	"      --version                the version\n"
	"      --                       options end here; the first PROG follows\n"
	"  DUR is a number and a unit, us, ms, s or m: 200us, 10ms, 1.5s.\n"
	"\n"
	"Exit status:\n"
	"  0      every program succeeded\n"
	"  N      else that of the first program, in the order given, that failed\n"
	"  128+n  if signal n killed it\n"
	"  124    the timeout came\n"
	"  125    uos was called wrongly\n"
	"  126    a program cannot be loaded\n"
	"  127    a program was not found\n"
	"  130    a second Ctrl-C: all were killed\n"
	"  70     panic: uos itself broke; please report it\n";

/* The line being read. next is the index of the first word not yet taken. */
struct parse {
	int argc;
	char **argv;
	int next;
	struct options *o;
	char *err;
	size_t errlen;
};

/* Writes the message and returns -1. Words of the user enter it by %.60s at most. */
__attribute__((format(printf, 2, 3)))
static int fail(struct parse *p, const char *format, ...)
{
	va_list args;

	if (!p->errlen)
		return -1;
	va_start(args, format);
	vsnprintf(p->err, p->errlen, format, args);
	va_end(args);
	/* A word may hold a newline or a terminal's escape: the message stays one line. */
	for (char *c = p->err; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return -1;
}

/* The nanoseconds in one UNIT, 0 if it is none. The micro sign has two encodings. */
static uint64_t unit_ns(const char *unit)
{
	static const struct {
		const char *name;
		uint64_t ns;
	} units[] = {
		{"us", 1000}, {"\u00b5s", 1000}, {"\u03bcs", 1000},
		{"ms", 1000000}, {"s", 1000000000}, {"m", 60000000000},
	};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (!strcmp(unit, units[i].name))
			return units[i].ns;
	return 0;
}

/* NUMBER times UNIT nanoseconds, what is below one dropped; false if over INT64_MAX. */
static bool scale(const char *number, uint64_t unit, uint64_t *ns)
{
	uint64_t total = 0;

	for (; isdigit((unsigned char)*number); number++)
		if (__builtin_mul_overflow(total, 10, &total) ||
		    __builtin_add_overflow(total, (uint64_t)(*number - '0'), &total))
			return false;
	if (__builtin_mul_overflow(total, unit, &total))
		return false;
	if (*number == '.')
		for (number++; isdigit((unsigned char)*number); number++) {
			unit /= 10;
			if (__builtin_add_overflow(total, (uint64_t)(*number - '0') * unit, &total))
				return false;
		}
	*ns = total;
	return total <= INT64_MAX;
}

static int parse_duration(struct parse *p, const char *text, uint64_t *ns)
{
	size_t whole = strspn(text, DIGITS), fraction = 0, end = whole;
	uint64_t unit;

	if (text[0] == '-' && text[1] && strchr("." DIGITS, text[1]))
		return fail(p, "'%.60s': a duration cannot be negative", text);
	if (text[whole] == '.') {
		fraction = strspn(text + whole + 1, DIGITS);
		end += 1 + fraction;
	}
	if (!whole && !fraction)
		return fail(p, "'%.60s': not a duration: write %s", text, DURATIONS);
	if (!text[end])
		return fail(p, "'%.60s': a duration needs a unit: %s", text, DURATIONS);
	unit = unit_ns(text + end);
	if (!unit)
		return fail(p, "'%.60s': '%.60s' is no unit: us, ms, s or m", text, text + end);
	if (!scale(text, unit, ns))
		return fail(p, "'%.60s': too long a time", text);
	return 0;
}

static int set_mode(struct parse *p, const char *value)
{
	if (strcmp(value, "coop") && strcmp(value, "preempt"))
		return fail(p, "unknown mode '%.60s': coop or preempt", value);
	p->o->preempt = !strcmp(value, "preempt");
	return 0;
}

static int set_quantum(struct parse *p, const char *value)
{
	uint64_t ns;

	if (parse_duration(p, value, &ns))
		return -1;
	if (ns < QUANTUM_FLOOR_NS)
		return fail(p, "'%.60s': a quantum is at least 20us: "
		            "a timer interrupt costs about 7us", value);
	if (ns > QUANTUM_CEILING_NS)
		return fail(p, "'%.60s': a quantum is at most 60s", value);
	p->o->quantum_ns = ns;
	return 0;
}

static int set_switch(struct parse *p, const char *value)
{
	if (strcmp(value, "ucontext") && strcmp(value, "asm"))
		return fail(p, "unknown switch '%.60s': ucontext or asm", value);
	p->o->backend = strcmp(value, "asm") ? SWITCH_UCONTEXT : SWITCH_ASM;
	return 0;
}

static int set_protect(struct parse *p, const char *value)
{
	if (strcmp(value, "none") && strcmp(value, "keys"))
		return fail(p, "unknown protection '%.60s': none or keys", value);
	p->o->protect = strcmp(value, "keys") ? PROTECT_NONE : PROTECT_KEYS;
	return 0;
}

/* Zero is refused: in the options it means that there is no timeout. */
static int set_timeout(struct parse *p, const char *value)
{
	uint64_t ns;

	if (parse_duration(p, value, &ns))
		return -1;
	if (!ns)
		return fail(p, "'%.60s': a timeout must be longer than nothing", value);
	p->o->timeout_ns = ns;
	return 0;
}

/* The one view yet: lde, or lde:FILE. */
static int set_trace(struct parse *p, const char *value)
{
	if (strncmp(value, "lde", 3) || (value[3] && value[3] != ':'))
		return fail(p, "unknown view '%.60s': lde or lde:FILE", value);
	if (value[3] && !value[4])
		return fail(p, "'%.60s': the file's name is missing", value);
	p->o->trace_lde = true;
	p->o->trace_file = value[3] ? value + 4 : NULL;
	return 0;
}

/* A positive number of at most nine digits; *end is what follows. 0 if there is none. */
static int parse_number(const char *text, const char **end)
{
	size_t digits = strspn(text, DIGITS);

	*end = text + digits;
	return digits && digits < 10 ? atoi(text) : 0;
}

static int set_only(struct parse *p, const char *value)
{
	const char *rest = value;

	for (int n = 0; n < ONLY_MAX; n++) {
		p->o->only[n] = parse_number(rest, &rest);
		if (!p->o->only[n] || (*rest && *rest != ','))
			return fail(p, "'%.60s': not a list of pids: 2,3", value);
		p->o->only[n + 1] = 0;
		if (!*rest++)
			return 0;
	}
	return fail(p, "'%.60s': more than %d pids", value, ONLY_MAX);
}

static int set_first(struct parse *p, const char *value)
{
	const char *end;

	p->o->first = (uint64_t)parse_number(value, &end);
	return p->o->first && !*end ? 0 : fail(p, "'%.60s': not a number of rows", value);
}

static int set_verbose(struct parse *p, const char *value)
{
	(void)value;
	p->o->verbose++;
	return 0;
}

static int set_help(struct parse *p, const char *value)
{
	(void)value;
	p->o->help = true;
	return 0;
}

static int set_version(struct parse *p, const char *value)
{
	(void)value;
	p->o->version = true;
	return 0;
}

static const struct definition {
	const char *name;
	char letter;        /* '\0': it has only a name */
	const char *values; /* which values it takes; NULL: it takes none */
	int (*set)(struct parse *p, const char *value);
} definitions[] = {
	{"mode", 'm', "coop or preempt", set_mode},
	{"quantum", 'q', DURATIONS, set_quantum},
	{"switch", '\0', "ucontext or asm", set_switch},
	{"protect", '\0', "none or keys", set_protect},
	{"timeout", '\0', DURATIONS, set_timeout},
	{"trace", 't', "lde or lde:FILE", set_trace},
	{"only", '\0', "pids: 2,3", set_only},
	{"first", '\0', "a number of rows", set_first},
	{"verbose", 'v', NULL, set_verbose},
	{"help", 'h', NULL, set_help},
	{"version", '\0', NULL, set_version},
};

#define DEFINITIONS (sizeof definitions / sizeof *definitions)

static const struct definition *find_letter(char letter)
{
	for (size_t i = 0; i < DEFINITIONS; i++)
		if (letter && definitions[i].letter == letter)
			return &definitions[i];
	return NULL;
}

static const struct definition *find_name(const char *name, size_t length)
{
	for (size_t i = 0; i < DEFINITIONS; i++)
		if (strlen(definitions[i].name) == length && !memcmp(definitions[i].name, name, length))
			return &definitions[i];
	return NULL;
}

static size_t least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Edits that make NAME of the LENGTH (at most LONGEST_NAME) bytes at TYPED (Levenshtein). */
static size_t distance(const char *typed, size_t length, const char *name)
{
	size_t row[LONGEST_NAME + 1];

	for (size_t i = 0; i <= length; i++)
		row[i] = i;
	for (size_t n = 1; name[n - 1]; n++) {
		size_t diagonal = row[0];

		row[0] = n;
		for (size_t i = 1; i <= length; i++) {
			size_t same = diagonal + (typed[i - 1] != name[n - 1]);

			diagonal = row[i];
			row[i] = least(same, row[i] + 1, row[i - 1] + 1);
		}
	}
	return row[length];
}

/* The option that TYPED (no dashes) was meant to be, or NULL if it resembles none. */
static const char *nearest(const char *typed, size_t length)
{
	const char *best = NULL;
	size_t fewest = length < 4 ? 2 : length / 2 + 1;

	if (!length || length > LONGEST_NAME)
		return NULL;
	for (size_t i = 0; i < DEFINITIONS; i++) {
		const char *name = definitions[i].name;
		size_t edits = strncmp(typed, name, length) ? distance(typed, length, name) : 0;

		if (edits < fewest) {
			best = name;
			fewest = edits;
		}
	}
	return best;
}

static int fail_unknown(struct parse *p, const char *word)
{
	const char *typed = word + strspn(word, "-");
	const char *name = nearest(typed, strcspn(typed, "="));

	if (name)
		return fail(p, "unknown option '%.60s': did you mean --%s?", word, name);
	return fail(p, "unknown option '%.60s': try --help", word);
}

/* ATTACHED is the value that came in the same word, NULL if none did. */
static int apply(struct parse *p, const struct definition *d, const char *as, const char *attached)
{
	if (!d->values || attached)
		return d->set(p, attached);
	if (p->next >= p->argc)
		return fail(p, "%s needs a value: %s", as, d->values);
	return d->set(p, p->argv[p->next++]);
}

static int parse_name(struct parse *p, const char *word)
{
	const char *name = word + 2;
	size_t length = strcspn(name, "=");
	const struct definition *d = find_name(name, length);

	if (!d)
		return fail_unknown(p, word);
	if (name[length] && !d->values)
		return fail(p, "'%.60s': --%s takes no value", word, d->name);
	return apply(p, d, word, name[length] ? name + length + 1 : NULL);
}

/* Letters may share a word, as in -vv; what follows one that takes a value is the value. */
static int parse_letters(struct parse *p, const char *word)
{
	for (const char *c = word + 1; *c; c++) {
		const struct definition *d = find_letter(*c);
		char as[] = {'-', *c, '\0'};

		if (!d)
			return fail_unknown(p, word);
		if (d->values)
			return apply(p, d, as, c[1] ? c + 1 : NULL);
		d->set(p, NULL);
	}
	return 0;
}

/* A lone "-" is a PROG, as it is an operand to every other command. */
static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

static bool is_ours(const char *word)
{
	return word[1] == '-' ? find_name(word + 2, strcspn(word + 2, "=")) : find_letter(word[1]);
}

/* A dash after the first PROG is an argument that lost its quotes, or an option come late. */
static int check_progs(struct parse *p)
{
	if (p->next >= p->argc)
		return fail(p, "nothing to run: try ./uos spin hello");
	for (int i = p->next + 1; i < p->argc; i++) {
		const char *before = p->argv[i - 1], *word = p->argv[i];

		if (word[0] == '-')
			return fail(p, "'%.40s' after '%.40s': quote it: ./uos '%.40s %.40s'%s",
			            word, before, before, word,
			            is_ours(word) ? " (options of uos go before the first PROG)" : "");
	}
	return 0;
}

int options_parse(int argc, char **argv, struct options *o, char *err, size_t errlen)
{
	struct parse p = {argc, argv, 1, o, err, errlen};

	*o = (struct options){.preempt = true, .protect = PROTECT_BEST, .quantum_ns = QUANTUM_DEFAULT_NS, .first_prog = argc};
	while (p.next < argc && is_option(argv[p.next])) {
		const char *word = argv[p.next++];

		if (!strcmp(word, "--"))
			break;
		if (word[1] == '-' ? parse_name(&p, word) : parse_letters(&p, word))
			return -1;
		if (o->help || o->version)
			return 0;
	}
	if (check_progs(&p))
		return -1;
	o->first_prog = p.next;
	return 0;
}
