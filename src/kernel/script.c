#include "script.h"

#include <string.h>

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static size_t skip(const char *line, size_t at, size_t end)
{
	while (at < end && blank(line[at]))
		at++;
	return at;
}

static size_t word_end(const char *line, size_t at, size_t end)
{
	while (at < end && !blank(line[at]) && line[at])
		at++;
	return at;
}

static void take(char *to, const char *line, size_t from, size_t end)
{
	memcpy(to, line + from, end - from);
	to[end - from] = 0;
}

bool script_begins(const char *head, size_t length)
{
	return length >= 2 && head[0] == '#' && head[1] == '!';
}

/*
 * Where the line ends: at a newline; at a NUL, as the file's end is one; or
 * where no more of it counts, which may cut the argument, never the name.
 */
static size_t line_end(const char *line)
{
	const char *newline = memchr(line, '\n', strnlen(line, SCRIPT_LINE));
	size_t last = SCRIPT_LINE - 1;

	if (newline)
		return (size_t)(newline - line);
	return word_end(line, skip(line, 2, SCRIPT_LINE), SCRIPT_LINE) < SCRIPT_LINE ? last : 0;
}

bool script_parse(const char *head, size_t length, struct script *out)
{
	char line[SCRIPT_LINE] = { 0 };
	size_t end, name, after;

	memcpy(line, head, length < SCRIPT_LINE ? length : SCRIPT_LINE);
	end = script_begins(head, length) ? line_end(line) : 0;
	while (end > 2 && blank(line[end - 1]))
		end--;
	name = skip(line, 2, end);
	if (end <= 2 || name == end)
		return false;
	after = word_end(line, name, end);
	take(out->interpreter, line, name, after);
	take(out->argument, line, after < end && line[after] ? skip(line, after, end) : end, end);
	return true;
}
