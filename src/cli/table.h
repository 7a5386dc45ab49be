/* Tables on paper and in JSON: what statistics, compare and bench print with. */
#ifndef UOS_CLI_TABLE_H
#define UOS_CLI_TABLE_H

#include <stdint.h>
#include <stdio.h>

#define TABLE_COLUMNS 16

struct table {
	int columns;
	size_t rows, room;
	char *(*cells)[TABLE_COLUMNS];
};

/* Adds a row of t->columns strings, which are copied; a NULL cell is empty. */
void table_row(struct table *t, const char *const *cells);
/* The last row's cell, written as by printf; table_row with NULL begins an empty row. */
void table_cell(struct table *t, int column, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The first column to the left, all others to the right; widths count characters of UTF-8;
   control characters become '?'. Frees the rows. */
void table_print(struct table *t, FILE *out);

/* ns as a person reads it, three digits and a unit: "1.21 s", "10.1 ms", "240 ns". Into `out`, of 16 bytes. */
const char *table_time(double ns, char *out);

/* A JSON string, quoted and escaped; bytes that are no UTF-8 become U+FFFD. NULL: null. */
void json_string(FILE *out, const char *text);
/* The same of `length` bytes, NULs among them; one more NUL follows. */
void json_bytes(FILE *out, const char *text, size_t length);

#endif
