#define _GNU_SOURCE
#include "cli/policy.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/complaint.h"
#include "cli/duration.h"

#define MOST_NAMES 64
#define SURVIVED 42 /* a constructor that exits says something else */

static char message[1024];
static uint64_t *lists[3]; /* the latest choice's */

#define fail(...) complain(message, sizeof message, __VA_ARGS__)

/* What may be said of a program, by a policy's list or before its name; in the order of policy_choice.lists. */
static const struct uos_option settings[] = {
	{"length", UOS_TIMES, NULL, offsetof(struct uos_thread, length), 0, INT64_MAX, "CPU time that it needs in all"},
	{"weight", UOS_NUMBERS, NULL, offsetof(struct uos_thread, weight), 1, UINT64_MAX, "its share against others'"},
	{"priority", UOS_NUMBERS, NULL, offsetof(struct uos_thread, priority), 0, UINT64_MAX, "0 is the most urgent"},
	{.key = NULL},
};
static const uint64_t unsaid[] = {0, 1, 0};

/* Index of the option's member; 0 also if it is none of them. */
static int list_of(const struct uos_option *o)
{
	int i = 2;

	while (i > 0 && settings[i].member != o->member)
		i--;
	return i;
}

static bool is_list(const struct uos_option *o)
{
	return o->kind == UOS_NUMBERS || o->kind == UOS_TIMES;
}

static bool is_time(const struct uos_option *o)
{
	return o->kind == UOS_TIME || o->kind == UOS_TIMES;
}

/* ---- Which policy ------------------------------------------------------ */

/* A NULL-terminated vector of names, and the same as one text, "a, b, c". */
struct names {
	const char *each[MOST_NAMES + 1];
	char text[700];
	int n;
};

static void add_name(struct names *v, const char *name, const char *help)
{
	size_t used = strlen(v->text);

	if (v->n == MOST_NAMES)
		return;
	v->each[v->n++] = name;
	snprintf(v->text + used, sizeof v->text - used, "%s%s%s%s", used ? (help ? " | " : ", ") : "", name,
	         help ? ": " : "", help ? help : "");
}

static const struct uos_policy *find_builtin(const char *name)
{
	struct names all = {.n = 0};
	const struct uos_policy *p;

	for (int i = 0; (p = kernel_policy(i)); i++) {
		if (!strcmp(p->name, name))
			return p;
		add_name(&all, p->name, NULL);
	}
	complain_unknown(message, sizeof message, "policy", name, strlen(name), all.each, all.text);
	return NULL;
}

/* What it must have, beyond the version: NULL, or what is wrong. */
static const char *defect(const struct uos_policy *p)
{
	const struct uos_option *o = p->options;

	if (!p->name || !*p->name)
		return "has no name";
	if (!p->start || !p->enqueue || !p->dequeue || !p->pick_next || !p->tick || !p->yield)
		return "lacks one of start, enqueue, dequeue, pick_next, tick, yield";
	for (; o && o->key; o++)
		if (o->kind > UOS_TIMES || o->least > o->most || (is_list(o) ? settings[list_of(o)].member != o->member : !o->value))
			return "has an option without a place for its value, or with least > most";
	return NULL;
}

/* Why the loader refused, without the path that it begins with. */
static const char *reason(const char *path)
{
	const char *why = dlerror();
	size_t length = strlen(path);

	if (!why)
		return "damaged: who loads it dies";
	return !strncmp(why, path, length) && !strncmp(why + length, ": ", 2) ? why + length + 2 : why;
}

/* A file that was cut short kills who loads it, as its own constructors may: a child goes first. */
static bool survives_loading(const char *path)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
		const struct uos_policy *p = object ? dlsym(object, "uos_policy") : NULL;

		if (p && p->version == UOS_POLICY_VERSION)
			defect(p);
		_exit(SURVIVED);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == SURVIVED;
}

/*
 * Only a regular file is opened (a FIFO would wait for ever); a name without a
 * slash is a file here, not one on the loader's path.
 */
static const struct uos_policy *load_plug_in(const char *file)
{
	const struct uos_policy *p;
	char *path = NULL;
	struct stat st;
	void *object;

	if (stat(file, &st) != 0)
		return fail("%.200s: %s", file, strerror(errno)), NULL;
	if (!S_ISREG(st.st_mode))
		return fail("%.200s: not a regular file", file), NULL;
	if (asprintf(&path, "%s%s", strchr(file, '/') ? "" : "./", file) < 0)
		return fail("%.200s: %s", file, strerror(errno)), NULL;
	object = survives_loading(path) ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
	if (!object)
		fail("%.200s: not a shared object that can be loaded: %.300s", file, reason(path));
	free(path);
	if (!object)
		return NULL;
	p = dlsym(object, "uos_policy");
	if (!p)
		return fail("%.200s: no policy: it does not define uos_policy", file), NULL;
	if (p->version != UOS_POLICY_VERSION)
		return fail("%.200s: made for version %u of uos/policy.h; this uos has version %d", file, p->version,
		            UOS_POLICY_VERSION), NULL;
	if (defect(p))
		return fail("%.200s: its policy %s", file, defect(p)), NULL;
	return p;
}

/* ---- Its options ------------------------------------------------------- */

static const struct uos_option *find_option(const struct uos_option *o, const char *what, const char *key)
{
	struct names all = {.n = 0};

	for (; o->key; o++) {
		if (!strcmp(o->key, key))
			return o;
		add_name(&all, o->key, o->help ? o->help : "");
	}
	complain_unknown(message, sizeof message, what, key, strlen(key), all.each, all.text);
	return NULL;
}

/* A value of the option, as people write it. `out` has 24 bytes. */
static const char *show(const struct uos_option *o, uint64_t value, char *out)
{
	if (is_time(o))
		return duration_text(value < INT64_MAX ? value : INT64_MAX, out);
	snprintf(out, 24, "%lu", value);
	return out;
}

static int check_limits(const struct uos_option *o, const char *key, const char *text, uint64_t value, bool fits)
{
	char least[24], most[24];

	if (!fits || value < o->least || value > o->most)
		return fail("%s=%.60s: at least %s, at most %s", key, text, show(o, o->least, least), show(o, o->most, most));
	return 0;
}

/* One value: a number or a duration, within the limits. */
static int read_value(const struct uos_option *o, const char *text, uint64_t *value)
{
	char wrong[200], *end;
	bool fits = true;

	if (is_time(o)) {
		if (duration_parse(text, value, wrong, sizeof wrong))
			return fail("%s: %s", o->key, wrong);
	} else {
		errno = 0;
		*value = strtoull(text, &end, 10);
		if (*text < '0' || *text > '9' || *end)
			return fail("%s=%.60s: not a number", o->key, text);
		fits = !errno;
	}
	return check_limits(o, o->key, text, *value, fits);
}

/* N/N/N, one for each program from the first on. Changes the text. */
static int read_list(const struct uos_option *o, char *text, struct policy_choice *c)
{
	int which = list_of(o), n = 0;
	uint64_t *list = calloc((size_t)c->programs + 1, sizeof *list);

	if (!list)
		return fail("%s: %s", o->key, strerror(errno));
	free(lists[which]);
	c->lists[which] = lists[which] = list;
	for (char *each; (each = strsep(&text, "/")); n++) {
		if (n == c->programs)
			return fail("%s: more values than programs (%d)", o->key, c->programs);
		if (read_value(o, each, &list[n]))
			return -1;
	}
	c->said[which] = n;
	return 0;
}

/* key=value,key=value. Changes the text. */
static int read_options(char *text, struct policy_choice *c)
{
	for (char *key; (key = strsep(&text, ","));) {
		char *value = strchr(key, '=');
		const struct uos_option *o = c->policy->options;
		char what[64];

		if (value)
			*value++ = 0;
		if (!o || !o->key)
			return fail("%.40s has no options: '%.60s'", c->policy->name, key);
		snprintf(what, sizeof what, "option of %.40s", c->policy->name);
		o = find_option(o, what, key);
		if (!o)
			return -1;
		if (!value)
			return fail("'%.60s' needs a value: %s=...", key, key);
		if (is_list(o) ? read_list(o, value, c) : read_value(o, value, o->value))
			return -1;
	}
	return 0;
}

const char *policy_choose(const char *word, int programs, struct policy_choice *out)
{
	static char *name; /* the latest choice's */
	char *options;
	size_t length;

	*out = (struct policy_choice){.policy = kernel_policy(0), .programs = programs};
	if (!word)
		return NULL;
	for (int i = 0; i < 3; i++) {
		free(lists[i]);
		lists[i] = NULL;
	}
	free(name);
	options = name = strdup(word);
	if (!name)
		return strerror(errno);
	strsep(&options, ":");
	length = strlen(name);
	if (strchr(name, '/') || (length > 3 && !strcmp(name + length - 3, ".so"))) {
		out->policy = load_plug_in(name);
		out->plug_in = name;
	} else {
		out->policy = find_builtin(name);
	}
	return !out->policy || (options && read_options(options, out)) ? message : NULL;
}

bool policy_setting(const char *word, struct program *p, const char **wrong)
{
	uint64_t *to[] = {&p->length, &p->weight, &p->priority};
	const struct uos_option *o;
	char key[32];
	size_t n = 0;

	while (isalnum((unsigned char)word[n]) || word[n] == '_')
		n++;
	if (!n || word[n] != '=')
		return false;
	snprintf(key, sizeof key, "%.*s", (int)n, word);
	o = find_option(settings, "setting", key);
	*wrong = o && !read_value(o, word + n + 1, to[list_of(o)]) ? NULL : message;
	return true;
}

const char *policy_program(const struct policy_choice *c, int index, struct program *p)
{
	uint64_t *to[] = {&p->length, &p->weight, &p->priority};
	char text[24];

	for (int i = 0; i < 3; i++)
		if (index < c->said[i])
			*to[i] = c->lists[i][index];
	for (const struct uos_option *o = c->policy->options; o && o->key; o++) {
		int i = is_list(o) ? list_of(o) : 0;

		if (is_list(o) && *to[i] != unsaid[i] && check_limits(o, settings[i].key, show(o, *to[i], text), *to[i], true))
			return message;
	}
	return NULL;
}

void policy_help(FILE *out)
{
	static const char *const forms[] = {"N", "DUR", "N/N/...", "DUR/DUR/..."};
	const struct uos_policy *p;
	char now[24];

	for (int i = 0; (p = kernel_policy(i)); i++) {
		fprintf(out, "%s%s\n", p->name, i ? "" : " (the default)");
		for (const struct uos_option *o = p->options; o && o->key; o++) {
			int n = fprintf(out, "  %s=%s", o->key, forms[o->kind]);

			fprintf(out, "%*s%s", n < 26 ? 26 - n : 1, "", o->help ? o->help : "");
			if (is_list(o))
				fputs(" (one a program)\n", out);
			else
				fprintf(out, " (%s)\n", show(o, *o->value, now));
		}
	}
}
