/* Is a workload file read as its manual says (docs/workloads.md)? */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cli/workload.h"
#include "run_suite.h"
#include "some_policies.h"

static struct workload w;

static void begin(void)
{
	for (int i = 0; i < w.count; i++) {
		free(w.jobs[i].text);
		free(w.jobs[i].words);
	}
	free(w.jobs);
	w = (struct workload){.count = 0};
}

static void reads(const char *text, int jobs)
{
	begin();
	workload_parse(&w, "f", text, strlen(text));
	ck_assert_int_eq(w.count, jobs);
}

static void is(int job, unsigned line, const char *first, const char *second)
{
	ck_assert_str_eq(w.jobs[job].wrong, "");
	ck_assert_str_eq(w.jobs[job].file, "f");
	ck_assert_uint_eq(w.jobs[job].line, line);
	ck_assert_str_eq(w.jobs[job].program.argv[0], first);
	if (second)
		ck_assert_str_eq(w.jobs[job].program.argv[1], second);
	ck_assert_ptr_null(w.jobs[job].program.argv[second ? 2 : 1]);
}

static void wrong(const char *text, const char *expected)
{
	reads(text, 1);
	ck_assert_str_eq(w.jobs[0].wrong, expected);
	ck_assert_int_eq(w.jobs[0].status, 125);
}

START_TEST(a_line_is_a_program_and_lines_are_counted)
{
	reads("spin 2\n\n  hello\n# no\n\t# nor this\n'a b' \"c d\"", 3);
	is(0, 1, "spin", "2");
	is(1, 3, "hello", NULL);
	is(2, 6, "a b", "c d");
	ck_assert_str_eq(w.jobs[1].text, "hello");
}

START_TEST(a_hash_is_a_comment_only_where_a_line_begins)
{
	reads("a #b\n#c\n'#d'\n", 2);
	is(0, 1, "a", "#b");
	is(1, 3, "#d", NULL);
}

START_TEST(nothing_and_comments_are_no_jobs)
{
	reads("", 0);
	reads("\n \t\n#\n#x", 0);
	reads("\r\n \r\n#\r\n\r", 0);
}

START_TEST(files_of_other_systems_mean_the_same)
{
	reads("\xef\xbb\xbfspin 2\r\n\r\nhello\r", 2);
	is(0, 1, "spin", "2");
	is(1, 3, "hello", NULL);
	reads("a\rb \r\r\n", 1);
	is(0, 1, "a\rb", "\r");
}

START_TEST(what_is_known_of_a_program_stands_before_it)
{
	reads("length=2s weight=3 priority=7 spin length=1s\nhello\nweight=2 weight=4 ./weight=5", 3);
	is(0, 1, "spin", "length=1s");
	ck_assert_uint_eq(w.jobs[0].program.length, 2000000000);
	ck_assert_uint_eq(w.jobs[0].program.weight, 3);
	ck_assert_uint_eq(w.jobs[0].program.priority, 7);
	ck_assert_uint_eq(w.jobs[1].program.length, 0);
	ck_assert_uint_eq(w.jobs[1].program.weight, 1);
	ck_assert_uint_eq(w.jobs[1].program.priority, 0);
	is(2, 3, "./weight=5", NULL);
	ck_assert_uint_eq(w.jobs[2].program.weight, 4);
}

START_TEST(what_is_wrong_is_told)
{
	wrong("hello 'x", "hello 'x: unbalanced quote");
	wrong("hello \\", "hello \\: nothing after the last backslash");
	wrong("weight=0 hello", "weight=0: at least 1, at most 18446744073709551615");
	wrong("length=2 hello", "length: '2': a duration needs a unit: 10ms, 200us, 1.5s");
	wrong("weight=2", "nothing to run after what is said about it");
	wrong("a\033[31m'", "a?[31m': unbalanced quote");
}

START_TEST(one_wrong_line_hides_no_other)
{
	reads("a '\nb\nc \"", 3);
	ck_assert(*w.jobs[0].wrong && *w.jobs[2].wrong);
	is(1, 2, "b", NULL);
}

START_TEST(bytes_that_are_no_text_are_told)
{
	begin();
	workload_parse(&w, "f", "a\0b\n\0\n#\0\nc", 10);
	ck_assert_int_eq(w.count, 4);
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(w.jobs[i].wrong, "a NUL byte: this is not text");
	is(3, 4, "c", NULL);
}

START_TEST(a_program_of_the_command_line_is_the_same_without_a_line)
{
	begin();
	workload_add(&w, "weight=2 spin 1", NULL, 0);
	workload_add(&w, "", NULL, 0);
	workload_add(&w, "#x\nb", NULL, 0);
	ck_assert_int_eq(w.count, 3);
	ck_assert_ptr_null(w.jobs[0].file);
	ck_assert_uint_eq(w.jobs[0].program.weight, 2);
	ck_assert_str_eq(w.jobs[1].wrong, "'': nothing to run");
	ck_assert_str_eq(w.jobs[2].program.argv[1], "b");
}

START_TEST(a_file_is_read_and_what_cannot_be_is_told)
{
	begin();
	ck_assert_str_eq(workload_read(&w, "/nonexistent/file"), "No such file or directory");
	ck_assert_str_eq(workload_read(&w, "/"), "Is a directory");
	ck_assert_str_eq(workload_read(&w, "/dev/zero"), "over 16 MiB: not a workload");
	ck_assert_ptr_null(workload_read(&w, "/dev/null"));
	ck_assert_int_eq(w.count, 0);
}

int main(void)
{
	const TTest *const tests[] = {
		a_line_is_a_program_and_lines_are_counted,
		a_hash_is_a_comment_only_where_a_line_begins,
		nothing_and_comments_are_no_jobs,
		files_of_other_systems_mean_the_same,
		what_is_known_of_a_program_stands_before_it,
		what_is_wrong_is_told,
		one_wrong_line_hides_no_other,
		bytes_that_are_no_text_are_told,
		a_program_of_the_command_line_is_the_same_without_a_line,
		a_file_is_read_and_what_cannot_be_is_told,
	};
	Suite *suite = suite_create("workload");
	TCase *tcase = tcase_create("reading");

	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
