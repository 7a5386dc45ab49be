/* The first line of a script, as Linux reads it (fs/binfmt_script.c says what). */
#include <check.h>
#include <string.h>

#include "kernel/script.h"
#include "run_suite.h"

static struct script s;

static bool parse(const char *head, size_t length)
{
	memset(&s, 'j', sizeof s);
	return script_parse(head, length, &s);
}

/* A text's own length, its NUL not counted. */
#define NAMES(text, name, word) do { \
	ck_assert_msg(parse(text, sizeof text - 1), "<%s> names nothing", text); \
	ck_assert_str_eq(s.interpreter, name); \
	ck_assert_str_eq(s.argument, word); \
} while (0)
#define NAMES_NOTHING(text) ck_assert_msg(!parse(text, sizeof text - 1), "<%s> names %s", text, s.interpreter)

START_TEST(an_interpreter_is_named_alone)
{
	NAMES("#!/bin/sh\n", "/bin/sh", "");
	NAMES("#!/bin/sh\necho x\n", "/bin/sh", "");
	NAMES("#! \t /bin/sh \t \n", "/bin/sh", "");
	NAMES("#!sh\n", "sh", "");
}
END_TEST

START_TEST(all_that_follows_is_one_argument)
{
	NAMES("#!/bin/sh -e\n", "/bin/sh", "-e");
	NAMES("#!/usr/bin/env  python3 -u x \t\n", "/usr/bin/env", "python3 -u x");
	NAMES("#!a b#c\n", "a", "b#c");
}
END_TEST

START_TEST(other_white_space_is_part_of_the_name)
{
	NAMES("#!/bin/sh\r\n", "/bin/sh\r", "");
	NAMES("#!/bin/sh\v-e\n", "/bin/sh\v-e", "");
}
END_TEST

START_TEST(the_end_of_the_file_ends_the_line)
{
	NAMES("#!/bin/sh", "/bin/sh", "");
	NAMES("#!/bin/sh -e", "/bin/sh", "-e");
	NAMES("#!/bin/sh ", "/bin/sh", "");
	NAMES("#!/bin/echo a  ", "/bin/echo", "a  ");
}
END_TEST

START_TEST(so_does_a_nul)
{
	NAMES("#!/bin/sh\0 -e\n", "/bin/sh", "");
	NAMES("#!/bin/sh -e\0x\n", "/bin/sh", "-e");
	NAMES("#!\0/bin/sh\n", "", "");
	NAMES("#!", "", "");
	NAMES("#!  ", "", "");
}
END_TEST

START_TEST(a_line_without_a_name_names_nothing)
{
	NAMES_NOTHING("#!\n");
	NAMES_NOTHING("#! \t \n/bin/sh\n");
	NAMES_NOTHING("#\n");
	NAMES_NOTHING("");
	NAMES_NOTHING("!#/bin/sh\n");
}
END_TEST

/* "#!", `blanks`, then so many 'n', then `rest`. */
static size_t line_of(char *line, size_t blanks, size_t length, const char *rest)
{
	strcpy(line, "#!");
	memset(line + 2, ' ', blanks);
	memset(line + 2 + blanks, 'n', length);
	strcpy(line + 2 + blanks + length, rest);
	return strlen(line);
}

START_TEST(a_name_that_is_cut_off_is_none)
{
	char line[1024];

	ck_assert(parse(line, line_of(line, 0, SCRIPT_LINE - 3, "\n")));
	ck_assert_uint_eq(strlen(s.interpreter), SCRIPT_LINE - 3);
	ck_assert(parse(line, line_of(line, 0, SCRIPT_LINE - 3, " rest")));
	ck_assert(!parse(line, line_of(line, 0, SCRIPT_LINE - 2, "\n")));
	ck_assert(!parse(line, line_of(line, 0, 600, "")));
	ck_assert(!parse(line, line_of(line, SCRIPT_LINE, 3, "\n")));
	ck_assert(!parse(line, line_of(line, SCRIPT_LINE - 3, 3, "\n")));
}
END_TEST

START_TEST(an_argument_that_is_cut_off_is_cut)
{
	char line[1024];
	size_t n = line_of(line, 0, 600, "\n");

	memcpy(line, "#!/bin/sh ", 10);
	ck_assert(parse(line, n));
	ck_assert_str_eq(s.interpreter, "/bin/sh");
	ck_assert_uint_eq(strlen(s.argument), SCRIPT_LINE - 1 - 10);
}
END_TEST

START_TEST(a_script_begins_with_two_characters)
{
	ck_assert(script_begins("#!", 2) && script_begins("#!/bin/sh", 9));
	ck_assert(!script_begins("#!", 1) && !script_begins("", 0) && !script_begins(" #!", 3) && !script_begins("# !", 3));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("script");
	TCase *tests = tcase_create("first line");

	tcase_add_test(tests, an_interpreter_is_named_alone);
	tcase_add_test(tests, all_that_follows_is_one_argument);
	tcase_add_test(tests, other_white_space_is_part_of_the_name);
	tcase_add_test(tests, the_end_of_the_file_ends_the_line);
	tcase_add_test(tests, so_does_a_nul);
	tcase_add_test(tests, a_line_without_a_name_names_nothing);
	tcase_add_test(tests, a_name_that_is_cut_off_is_none);
	tcase_add_test(tests, an_argument_that_is_cut_off_is_cut);
	tcase_add_test(tests, a_script_begins_with_two_characters);
	suite_add_tcase(suite, tests);
	return run_suite(suite);
}
