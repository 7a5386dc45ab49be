#define _GNU_SOURCE
#include "cli/table.h"

#include <err.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "machine/printable.h"

static void *checked(void *p)
{
	if (!p)
		err(1, "uos");
	return p;
}

void table_row(struct table *t, const char *const *cells)
{
	if (t->rows == t->room) {
		t->room = t->room ? 2 * t->room : 16;
		t->cells = checked(realloc(t->cells, t->room * sizeof *t->cells));
	}
	for (int c = 0; c < t->columns; c++)
		t->cells[t->rows][c] = checked(strdup(cells && cells[c] ? cells[c] : ""));
	t->rows++;
}

void table_cell(struct table *t, int column, const char *format, ...)
{
	char **cell = &t->cells[t->rows - 1][column];
	va_list args;

	free(*cell);
	va_start(args, format);
	if (vasprintf(cell, format, args) < 0)
		checked(NULL);
	va_end(args);
}

/* Characters, not bytes: those that continue one are not counted. */
static int width(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

void table_print(struct table *t, FILE *out)
{
	int widest[TABLE_COLUMNS] = { 0 };

	for (size_t r = 0; r < t->rows; r++)
		for (int c = 0; c < t->columns; c++) {
			make_printable(t->cells[r][c]);
			if (width(t->cells[r][c]) > widest[c])
				widest[c] = width(t->cells[r][c]);
		}
	for (size_t r = 0; r < t->rows; r++) {
		int owed = 0; /* blanks, written only if something follows */

		for (int c = 0; c < t->columns; c++) {
			const char *cell = t->cells[r][c];
			int blanks = widest[c] - width(cell);

			if (*cell)
				fprintf(out, "%*s%s", owed + (c ? blanks : 0), "", cell);
			owed = (*cell ? (c ? 0 : blanks) : owed + widest[c]) + 2;
			free(t->cells[r][c]);
		}
		fputc('\n', out);
	}
	free(t->cells);
	*t = (struct table){ .columns = t->columns };
}

const char *table_time(double ns, char *out)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	int unit = 0;

	while (unit < 3 && fabs(ns) >= 999.5) {
		ns /= 1000;
		unit++;
	}
	snprintf(out, 16, "%.*f %s", fabs(ns) < 9.995 ? 2 : fabs(ns) < 99.95 ? 1 : 0, ns, units[unit]);
	return out;
}

/* Length of the UTF-8 character at `s`, 0 if it is none (RFC 3629). */
static int utf8(const unsigned char *s)
{
	int n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0;

	for (int i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
	    (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

void json_string(FILE *out, const char *text)
{
	if (text)
		json_bytes(out, text, strlen(text));
	else
		fputs("null", out);
}

void json_bytes(FILE *out, const char *text, size_t length)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + length;

	fputc('"', out);
	while (s < end) {
		int n = utf8(s); /* a NUL follows the text: it is never left */

		if (*s == '"' || *s == '\\')
			fprintf(out, "\\%c", *s);
		else if (*s < ' ' || *s == 127)
			fprintf(out, "\\u%04x", *s);
		else if (n == 0)
			fputs("\\ufffd", out);
		else
			fwrite(s, 1, (size_t)n, out);
		s += n ? n : 1;
	}
	fputc('"', out);
}
