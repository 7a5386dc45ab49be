/* Are tables aligned, times short, and JSON strings such that any parser takes them? */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "run_suite.h"

static char *text;
static size_t length;

static FILE *begin(void)
{
	free(text);
	text = NULL;
	return open_memstream(&text, &length);
}

static void printed(struct table *t, const char *wanted)
{
	FILE *out = begin();

	table_print(t, out);
	fclose(out);
	ck_assert_str_eq(text, wanted);
	ck_assert_uint_eq(t->rows, 0);
	ck_assert_ptr_null(t->cells);
}

START_TEST(is_the_first_column_left_and_are_the_others_right)
{
	struct table t = { .columns = 3 };

	table_row(&t, (const char *[]){ "a", "b", "c" });
	table_row(&t, (const char *[]){ "long", "1", "1234" });
	printed(&t, "a     b     c\nlong  1  1234\n");
}

START_TEST(are_characters_counted_and_not_bytes)
{
	struct table t = { .columns = 2 };

	table_row(&t, (const char *[]){ "µs", "1 ± 2" });
	table_row(&t, (const char *[]){ "ms", "12345" });
	printed(&t, "µs  1 ± 2\nms  12345\n");
}

START_TEST(is_an_empty_cell_a_gap_and_never_a_blank_at_the_end)
{
	struct table t = { .columns = 3 };

	table_row(&t, (const char *[]){ "a", NULL, "c" });
	table_row(&t, (const char *[]){ "b", "22", "" });
	table_row(&t, NULL);
	table_cell(&t, 2, "%d", 333);
	printed(&t, "a        c\nb  22\n       333\n");
}

START_TEST(are_control_characters_kept_from_the_terminal)
{
	struct table t = { .columns = 1 };

	table_row(&t, (const char *[]){ "\033[2J\a\n\177" });
	printed(&t, "?[2J???\n");
}

START_TEST(does_a_table_hold_many_rows)
{
	struct table t = { .columns = 1 };
	FILE *out;

	for (int i = 0; i < 1000; i++) {
		table_row(&t, NULL);
		table_cell(&t, 0, "%03d", i);
	}
	out = begin();
	table_print(&t, out);
	fclose(out);
	ck_assert_uint_eq(length, 4000);
	ck_assert_str_eq(text + 3996, "999\n");
}

START_TEST(do_times_have_three_digits_and_a_unit)
{
	static const struct { double ns; const char *text; } times[] = {
		{ 0, "0.00 ns" }, { 1, "1.00 ns" }, { 9.994, "9.99 ns" }, { 9.996, "10.0 ns" }, { 99.94, "99.9 ns" },
		{ 99.96, "100 ns" }, { 999.4, "999 ns" }, { 999.6, "1.00 us" }, { 240e3, "240 us" }, { 10.1e6, "10.1 ms" },
		{ 999.6e6, "1.00 s" }, { 1.21e9, "1.21 s" }, { 3600e9, "3600 s" }, { -1.5e6, "-1.50 ms" },
	};
	char out[16];

	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		ck_assert_str_eq(table_time(times[i].ns, out), times[i].text);
}

static void json(const char *in, const char *wanted)
{
	FILE *out = begin();

	json_string(out, in);
	fclose(out);
	ck_assert_str_eq(text, wanted);
}

START_TEST(are_json_strings_escaped)
{
	json(NULL, "null");
	json("", "\"\"");
	json("spin 2", "\"spin 2\"");
	json("a\"b\\c", "\"a\\\"b\\\\c\"");
	json("\n\t\033\177", "\"\\u000a\\u0009\\u001b\\u007f\"");
	json("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x99\x82", "\"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x99\x82\"");
}

/* RFC 3629: cut short, too long, surrogates, above U+10FFFF, a byte that only continues */
START_TEST(do_bytes_that_are_no_utf_8_become_the_replacement)
{
	json("\xff", "\"\\ufffd\"");
	json("\x80x", "\"\\ufffdx\"");
	json("a\xc3", "\"a\\ufffd\"");
	json("\xe2\x82", "\"\\ufffd\\ufffd\"");
	json("\xc0\xaf", "\"\\ufffd\\ufffd\"");
	json("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
	json("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
	json("\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\"");
}

int main(void)
{
	Suite *s = suite_create("table");
	TCase *c = tcase_create("table");

	tcase_add_test(c, is_the_first_column_left_and_are_the_others_right);
	tcase_add_test(c, are_characters_counted_and_not_bytes);
	tcase_add_test(c, is_an_empty_cell_a_gap_and_never_a_blank_at_the_end);
	tcase_add_test(c, are_control_characters_kept_from_the_terminal);
	tcase_add_test(c, does_a_table_hold_many_rows);
	tcase_add_test(c, do_times_have_three_digits_and_a_unit);
	tcase_add_test(c, are_json_strings_escaped);
	tcase_add_test(c, do_bytes_that_are_no_utf_8_become_the_replacement);
	suite_add_tcase(s, c);
	return run_suite(s);
}
