#include "cli/cmdline.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Where the splitter reads, where it writes, and what went wrong if something did. */
struct splitter {
	const char *in;
	char *out;
	const char *why;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* A joined line is skipped here too, because between words it begins none. */
static void skip_blanks(struct splitter *s)
{
	for (;;) {
		if (is_blank(*s->in))
			s->in++;
		else if (s->in[0] == '\\' && s->in[1] == '\n')
			s->in += 2;
		else
			return;
	}
}

static bool take_single_quoted(struct splitter *s)
{
	s->in++;
	while (*s->in && *s->in != '\'')
		*s->out++ = *s->in++;
	if (!*s->in) {
		s->why = "unbalanced quote";
		return false;
	}
	s->in++;
	return true;
}

static bool take_double_quoted(struct splitter *s)
{
	s->in++;
	while (*s->in && *s->in != '"') {
		if (s->in[0] == '\\' && s->in[1] == '\n') {
			s->in += 2;
			continue;
		}
		if (s->in[0] == '\\' && s->in[1] && strchr("\"\\$`", s->in[1]))
			s->in++;
		*s->out++ = *s->in++;
	}
	if (!*s->in) {
		s->why = "unbalanced quote";
		return false;
	}
	s->in++;
	return true;
}

static bool take_escaped(struct splitter *s)
{
	s->in++;
	if (!*s->in) {
		s->why = "nothing after the last backslash";
		return false;
	}
	if (*s->in != '\n')
		*s->out++ = *s->in;
	s->in++;
	return true;
}

/* Takes one word, which begins at s->in, and ends it in s->out by a NUL. */
static bool take_word(struct splitter *s)
{
	while (*s->in && !is_blank(*s->in)) {
		bool ok = true;

		if (*s->in == '\'')
			ok = take_single_quoted(s);
		else if (*s->in == '"')
			ok = take_double_quoted(s);
		else if (*s->in == '\\')
			ok = take_escaped(s);
		else
			*s->out++ = *s->in++;
		if (!ok)
			return false;
	}
	*s->out++ = '\0';
	return true;
}

char **cmdline_split(const char *text, const char **why)
{
	/* A word takes a character and a separator at least, and never grows. */
	size_t length = strlen(text);
	size_t most_words = length / 2 + 1;
	char **words = malloc((most_words + 1) * sizeof *words + length + 1);
	size_t n = 0;

	if (!words) {
		*why = "out of memory";
		return NULL;
	}

	struct splitter s = {text, (char *)(words + most_words + 1), NULL};

	for (skip_blanks(&s); *s.in && !s.why; skip_blanks(&s)) {
		words[n++] = s.out;
		take_word(&s);
	}
	words[n] = NULL;
	if (!n && !s.why)
		s.why = "nothing to run";
	*why = s.why;
	if (s.why) {
		free(words);
		return NULL;
	}
	return words;
}
