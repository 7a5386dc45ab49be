#include "cli/options.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/complaint.h"
#include "cli/duration.h"

#define DIGITS "0123456789"

/* The line being read. next is the index of the first word not yet taken. */
struct parse {
	int argc;
	char **argv;
	int next;
	struct options *o;
	char *err;
	size_t errlen;
};

#define fail(p, ...) complain((p)->err, (p)->errlen, __VA_ARGS__)

static const char *const verbs[] = {NULL, "compare", "bench", "doctor"}; /* by enum verb */

/* Which of NAMES the value is; else a complaint and -1. */
static int choose(struct parse *p, const char *what, const char *value, const char *const *names, const char *list)
{
	for (int i = 0; names[i]; i++)
		if (!strcmp(names[i], value))
			return i;
	return complain_unknown(p->err, p->errlen, what, value, strlen(value), names, list);
}

static int set_mode(struct parse *p, const char *value)
{
	int mode = choose(p, "mode", value, (const char *const[]){"coop", "preempt", NULL}, "coop or preempt");

	p->o->preempt = mode == 1;
	return mode < 0 ? -1 : 0;
}

static int set_quantum(struct parse *p, const char *value)
{
	uint64_t ns;

	if (duration_parse(value, &ns, p->err, p->errlen))
		return -1;
	if (ns < QUANTUM_FLOOR_NS)
		return fail(p, "'%.60s': a quantum is at least 20us: "
		            "a timer interrupt takes over 7us", value);
	if (ns > QUANTUM_CEILING_NS)
		return fail(p, "'%.60s': a quantum is at most 60s", value);
	p->o->quantum_ns = ns;
	return 0;
}

static int set_switch(struct parse *p, const char *value)
{
	int backend = choose(p, "switch", value, (const char *const[]){"ucontext", "asm", NULL}, "ucontext or asm");

	p->o->backend = backend == 1 ? SWITCH_ASM : SWITCH_UCONTEXT;
	return backend < 0 ? -1 : 0;
}

const char *const options_levels[] = {[PROTECT_NONE] = "none", [PROTECT_KEYS] = "keys", [PROTECT_FULL] = "full", NULL};

static int set_protect(struct parse *p, const char *value)
{
	int level = choose(p, "protection", value, options_levels, "none, keys or full");

	p->o->protect = (enum protect)level;
	return level < 0 ? -1 : 0;
}

static int set_rewrite(struct parse *p, const char *value)
{
	int rewrite = choose(p, "choice", value, (const char *const[]){"off", "on", NULL}, "on or off");

	p->o->keep_sites = rewrite == 0;
	return rewrite < 0 ? -1 : 0;
}

/* Zero is refused: in the options it means that there is no timeout. */
static int set_timeout(struct parse *p, const char *value)
{
	uint64_t ns;

	if (duration_parse(value, &ns, p->err, p->errlen))
		return -1;
	if (!ns)
		return fail(p, "'%.60s': a timeout must be longer than nothing", value);
	p->o->timeout_ns = ns;
	return 0;
}

/* The one form that there is, NAME or NAME:FILE. */
static int set_form(struct parse *p, const char *what, const char *value, const char *name, const char *list,
                    const char **file)
{
	size_t length = strcspn(value, ":");

	if (strlen(name) != length || memcmp(value, name, length))
		return complain_unknown(p->err, p->errlen, what, value, length, (const char *const[]){name, NULL}, list);
	if (value[length] && !value[length + 1])
		return fail(p, "'%.60s': the file's name is missing", value);
	*file = value[length] ? value + length + 1 : NULL;
	return 0;
}

/* The one view yet. */
static int set_trace(struct parse *p, const char *value)
{
	p->o->trace_lde = true;
	return set_form(p, "view", value, "lde", "lde or lde:FILE", &p->o->trace_file);
}

static int set_stats(struct parse *p, const char *value)
{
	p->o->stats = value ? STATS_JSON : STATS_TEXT;
	p->o->stats_file = NULL;
	return value ? set_form(p, "form of statistics", value, "json", "json or json:FILE", &p->o->stats_file) : 0;
}

/* What it means is policy_choose's to say, which knows the policies. */
static int set_policy(struct parse *p, const char *value)
{
	p->o->policy = value;
	p->o->policies = !p->o->help && !strcmp(value, "help"); /* -hs help: the first */
	return 0;
}

/* A number from 1 to MOST; *end is what follows. 0 if there is none. */
static uint64_t parse_number(const char *text, uint64_t most, const char **end)
{
	uint64_t n = 0;

	for (*end = text + strspn(text, DIGITS); text < *end; text++)
		if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, (uint64_t)(*text - '0'), &n))
			return 0;
	return n <= most ? n : 0;
}

/* The same where nothing may follow; if it is none, a complaint, and 0. */
static uint64_t whole_number(struct parse *p, const char *value, uint64_t most, const char *what)
{
	const char *end;
	uint64_t n = parse_number(value, most, &end);

	if (!n || *end)
		fail(p, "'%.60s': not %s", value, what);
	return *end ? 0 : n;
}

static int set_only(struct parse *p, const char *value)
{
	const char *rest = value;

	for (int n = 0; n < ONLY_MAX; n++) {
		p->o->only[n] = (int)parse_number(rest, INT_MAX, &rest);
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
	p->o->first = whole_number(p, value, UINT64_MAX, "a number of rows");
	return p->o->first ? 0 : -1;
}

static int set_seed(struct parse *p, const char *value)
{
	p->o->seed = whole_number(p, value, UINT64_MAX, "a seed: a number from 1 to 18446744073709551615");
	return p->o->seed ? 0 : -1;
}

#define COUNT "a number of runs: 1 to 10000" /* RUNS_MAX */

static int set_runs(struct parse *p, const char *value)
{
	p->o->runs = (unsigned)whole_number(p, value, RUNS_MAX, COUNT);
	return p->o->runs ? 0 : -1;
}

static int set_warmups(struct parse *p, const char *value)
{
	p->o->warmups = (unsigned)whole_number(p, value, RUNS_MAX, COUNT);
	return p->o->warmups ? 0 : -1;
}

#define A_SIZE "an amount of memory: 64M, 2G"

static int set_memory(struct parse *p, const char *value)
{
	static const char units[] = "KMGT";
	const char *end, *unit;
	uint64_t n = parse_number(value, UINT64_MAX, &end);

	unit = *end ? strchr(units, *end) : NULL;
	if (!n || (*end && (!unit || end[1])))
		return fail(p, "'%.60s': not %s", value, A_SIZE);
	if (unit && __builtin_mul_overflow(n, 1ul << 10 * (unit - units + 1), &n))
		return fail(p, "'%.60s': more than there can be", value);
	p->o->memory = n;
	return 0;
}

static int set_procs(struct parse *p, const char *value)
{
	p->o->procs = whole_number(p, value, PROCS_MAX, "a number of processes and threads: 1 to 100000" /* PROCS_MAX */);
	return p->o->procs ? 0 : -1;
}

#define A_DIRECTORY "a directory"
#define A_VARIABLE "NAME=VALUE, or NAME to remove it"
#define A_FILE "a file of command lines, or -"

static int filled(struct parse *p, const char *option, const char *value, const char *what)
{
	return *value && *value != '=' ? 0 : fail(p, "%s needs a value: %s", option, what);
}

static int set_root(struct parse *p, const char *value)
{
	p->o->root = value;
	return filled(p, "--root", value, A_DIRECTORY);
}

static int set_cwd(struct parse *p, const char *value)
{
	p->o->cwd = value;
	return filled(p, "--cwd", value, A_DIRECTORY);
}

static int append(struct parse *p, const char *option, const char *value, char **list)
{
	int n = 0;

	while (list[n])
		n++;
	list[n] = n < REPEATS_MAX ? (char *)value : NULL;
	return list[n] ? 0 : fail(p, "%s: more than %d of them", option, REPEATS_MAX);
}

#define REPEATED(name, option, field, what) \
	static int name(struct parse *p, const char *value) \
	{ \
		return filled(p, option, value, what) || append(p, option, value, p->o->field) ? -1 : 0; \
	}

REPEATED(set_rw, "--rw", rw, A_DIRECTORY)
REPEATED(set_ro, "--ro", ro, A_DIRECTORY)
REPEATED(set_env, "--env", env, A_VARIABLE)
REPEATED(set_file, "-f", files, A_FILE)

#define SETTER(name, field, to) \
	static int name(struct parse *p, const char *value) \
	{ \
		(void)value; \
		p->o->field = to; \
		return 0; \
	}

SETTER(set_json, json, true)
SETTER(set_show_output, show_output, true)
SETTER(set_verbose, verbose, p->o->verbose + 1)
SETTER(set_help, help, true)
SETTER(set_version, version, true)

/* For which verbs an option is. */
#define RUN (1u << VERB_RUN)
#define COMPARE (1u << VERB_COMPARE)
#define BENCH (1u << VERB_BENCH)
#define DOCTOR (1u << VERB_DOCTOR)
#define ALL (RUN | COMPARE | BENCH | DOCTOR)

static const struct definition {
	const char *name;
	char letter;        /* '\0': it has only a name */
	unsigned of;        /* verbs */
	const char *values; /* which values it takes; NULL: it takes none */
	int (*set)(struct parse *p, const char *value);
	bool optional;      /* the value may be absent (value NULL), so it is never the next word */
} definitions[] = {
	{"mode", 'm', RUN, "coop or preempt", set_mode, false},
	{"quantum", 'q', RUN | COMPARE, DURATIONS, set_quantum, false},
	{"sched", 's', RUN | COMPARE, "a policy; ./uos -s help lists them", set_policy, false},
	{"seed", '\0', RUN | COMPARE | BENCH, "a number", set_seed, false},
	{"switch", '\0', RUN | COMPARE, "ucontext or asm", set_switch, false},
	{"protect", '\0', RUN | COMPARE, "none, keys or full", set_protect, false},
	{"rewrite", '\0', RUN | COMPARE, "on or off", set_rewrite, false},
	{"timeout", '\0', RUN | COMPARE, DURATIONS, set_timeout, false},
	{"memory", '\0', RUN | COMPARE, A_SIZE, set_memory, false},
	{"procs", '\0', RUN | COMPARE, "a number", set_procs, false},
	{"file", 'f', RUN | COMPARE, A_FILE, set_file, false},
	{"root", '\0', RUN | COMPARE, A_DIRECTORY, set_root, false},
	{"rw", '\0', RUN | COMPARE, A_DIRECTORY, set_rw, false},
	{"ro", '\0', RUN | COMPARE, A_DIRECTORY, set_ro, false},
	{"cwd", '\0', RUN | COMPARE, A_DIRECTORY, set_cwd, false},
	{"env", '\0', RUN | COMPARE, A_VARIABLE, set_env, false},
	{"stats", '\0', RUN, "json or json:FILE", set_stats, true},
	{"trace", 't', RUN, "lde or lde:FILE", set_trace, false},
	{"only", '\0', RUN, "pids: 2,3", set_only, false},
	{"first", '\0', RUN, "a number of rows", set_first, false},
	{"runs", 'r', COMPARE | BENCH, "a number", set_runs, false},
	{"warmup", 'w', COMPARE | BENCH, "a number", set_warmups, false},
	{"json", '\0', COMPARE | BENCH | DOCTOR, NULL, set_json, false},
	{"show-output", '\0', COMPARE, NULL, set_show_output, false},
	{"verbose", 'v', RUN | COMPARE, NULL, set_verbose, false},
	{"help", 'h', ALL, NULL, set_help, false},
	{"version", '\0', ALL, NULL, set_version, false},
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

static int fail_unknown(struct parse *p, const char *word)
{
	const char *typed = word + strspn(word, "-"), *names[DEFINITIONS + 1], *name;
	size_t n = 0;

	for (size_t i = 0; i < DEFINITIONS; i++)
		if (definitions[i].of & 1u << p->o->verb)
			names[n++] = definitions[i].name;
	names[n] = NULL;
	name = nearest(typed, strcspn(typed, "="), names);
	if (name)
		return fail(p, "unknown option '%.60s': did you mean --%s?", word, name);
	return fail(p, "unknown option '%.60s': try --help", word);
}

/* An option of another verb than this line's. */
static int fail_elsewhere(struct parse *p, const struct definition *d)
{
	char list[64] = "";

	if (p->o->verb != VERB_RUN)
		return fail(p, "--%s is no option of uos %s: try ./uos %s --help", d->name, verbs[p->o->verb],
		            verbs[p->o->verb]);
	for (unsigned v = VERB_COMPARE; v <= VERB_DOCTOR; v++)
		if (d->of & 1u << v)
			sprintf(list + strlen(list), "%suos %s", *list ? ", " : "", verbs[v]);
	return fail(p, "--%s is an option of %s only", d->name, list);
}

/* ATTACHED is the value that came in the same word, NULL if none did. */
static int apply(struct parse *p, const struct definition *d, const char *as, const char *attached)
{
	if (!(d->of & 1u << p->o->verb))
		return fail_elsewhere(p, d);
	if (!d->values || d->optional || attached)
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
		if (apply(p, d, as, NULL))
			return -1;
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
	const char *verb = p->o->verb == VERB_COMPARE ? "compare " : "";

	if (p->next >= p->argc && !*p->o->files)
		return fail(p, "nothing to %s: try ./uos %sspin hello", *verb ? "compare" : "run", verb);
	for (int i = p->next + 1; i < p->argc; i++) {
		const char *before = p->argv[i - 1], *word = p->argv[i];

		if (word[0] == '-')
			return fail(p, "'%.40s' after '%.40s': quote it: ./uos %s'%.40s %.40s'%s",
			            word, before, verb, before, word,
			            is_ours(word) ? " (options of uos go before the first PROG)" : "");
	}
	return 0;
}

/* The words that follow the options. */
static int check_words(struct parse *p)
{
	if (p->o->verb == VERB_RUN || p->o->verb == VERB_COMPARE)
		return check_progs(p);
	if (p->o->verb == VERB_DOCTOR && p->next < p->argc)
		return fail(p, "'%.60s': uos doctor takes options only", p->argv[p->next]);
	for (int i = p->next + 1; i < p->argc; i++)
		if (p->argv[i][0] == '-')
			return fail(p, "'%.60s' after '%.60s': options of uos bench go before its words", p->argv[i],
			            p->argv[i - 1]);
	return 0;
}

/* A verb is the very first word, spelt just so: `uos -- bench` and `uos ./bench` run a program. */
static enum verb parse_verb(struct parse *p)
{
	for (int v = VERB_COMPARE; v <= VERB_DOCTOR && p->argc > 1; v++)
		if (!strcmp(p->argv[1], verbs[v])) {
			p->next = 2;
			return (enum verb)v;
		}
	return VERB_RUN;
}

int options_parse(int argc, char **argv, struct options *o, char *err, size_t errlen)
{
	struct parse p = {argc, argv, 1, o, err, errlen};

	*o = (struct options){.preempt = true, .protect = PROTECT_BEST, .procs = PROCS_DEFAULT, .quantum_ns = QUANTUM_DEFAULT_NS, .seed = 1,
	                      .first_prog = argc};
	o->verb = parse_verb(&p);
	while (p.next < argc && is_option(argv[p.next])) {
		const char *word = argv[p.next++];

		if (!strcmp(word, "--"))
			break;
		if (word[1] == '-' ? parse_name(&p, word) : parse_letters(&p, word))
			return -1;
		if (o->help || o->version || o->policies)
			return 0;
	}
	if (check_words(&p))
		return -1;
	o->first_prog = p.next;
	return 0;
}
