/* Is one quoted command line split as a POSIX shell would split it? */
#include <check.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cmdline.h"
#include "run_suite.h"

/* TEXT must split into exactly the words that follow, up to a NULL. */
static void splits_into(const char *text, ...)
{
	const char *why = "not set", *expected;
	char **words = cmdline_split(text, &why);
	size_t i = 0;
	va_list args;

	ck_assert_msg(words != NULL, "<%s> was refused: %s", text, why);
	ck_assert_ptr_null(why);
	va_start(args, text);
	for (; (expected = va_arg(args, const char *)); i++) {
		ck_assert_msg(words[i] != NULL, "<%s> has only %zu words", text, i);
		ck_assert_str_eq(words[i], expected);
	}
	va_end(args);
	ck_assert_msg(words[i] == NULL, "<%s> has a word too many: <%s>", text, words[i]);
	free(words);
}

static void is_refused(const char *text, const char *expected)
{
	const char *why = NULL;

	ck_assert_ptr_null(cmdline_split(text, &why));
	ck_assert_str_eq(why, expected);
}

START_TEST(one_word_is_one_argument)
{
	splits_into("hello", "hello", NULL);
	splits_into("x", "x", NULL);
}

START_TEST(blanks_tabs_and_newlines_separate_however_many)
{
	splits_into("primes 5000", "primes", "5000", NULL);
	splits_into("  a \t b\n\nc  ", "a", "b", "c", NULL);
}

START_TEST(other_white_space_is_text)
{
	splits_into("a\rb\vc\fd", "a\rb\vc\fd", NULL);
}

START_TEST(single_quotes_keep_everything)
{
	splits_into("'a b'", "a b", NULL);
	splits_into("'\"\\$`\n'", "\"\\$`\n", NULL);
	splits_into("'a\\'", "a\\", NULL);
}

START_TEST(double_quotes_keep_all_but_four_escapes)
{
	splits_into("\"a b\"", "a b", NULL);
	splits_into("\"it's\"", "it's", NULL);
	splits_into("\"\\\" \\\\ \\$ \\`\"", "\" \\ $ `", NULL);
	splits_into("\"\\n\\a\\'\"", "\\n\\a\\'", NULL);
}

START_TEST(a_backslash_quotes_the_next_character)
{
	splits_into("a\\ b", "a b", NULL);
	splits_into("\\'\\\"\\\\", "'\"\\", NULL);
	splits_into("\\n", "n", NULL);
	splits_into("\\ ", " ", NULL);
}

START_TEST(a_backslash_before_a_newline_joins_lines)
{
	splits_into("ab\\\ncd", "abcd", NULL);
	splits_into("\"ab\\\ncd\"", "abcd", NULL);
	splits_into("a \\\n b", "a", "b", NULL);
	splits_into("a \\\n", "a", NULL);
	splits_into("\\\na", "a", NULL);
}

START_TEST(quoted_pieces_that_touch_are_one_word)
{
	splits_into("a'b'\"c\"\\d", "abcd", NULL);
	splits_into("'it'\\''s'", "it's", NULL);
	splits_into("--x='a b'", "--x=a b", NULL);
}

START_TEST(an_empty_word_that_was_quoted_is_an_argument)
{
	splits_into("''", "", NULL);
	splits_into("\"\"", "", NULL);
	splits_into("a '' b \"\"", "a", "", "b", "", NULL);
	splits_into("''''\"\"", "", NULL);
	splits_into("\"\\\n\"", "", NULL);
}

START_TEST(nothing_is_expanded)
{
	splits_into("$HOME ~ * ? [a] {b,c} `d` $(e)", "$HOME", "~", "*", "?", "[a]", "{b,c}", "`d`", "$(e)", NULL);
	splits_into("a|b > c; d & # e", "a|b", ">", "c;", "d", "&", "#", "e", NULL);
	splits_into("\"$x\"", "$x", NULL);
	splits_into("A=1 ls", "A=1", "ls", NULL);
}

START_TEST(bytes_over_127_are_text)
{
	splits_into("gr\xc3\xbc\xc3\x9f \xff\x80", "gr\xc3\xbc\xc3\x9f", "\xff\x80", NULL);
}

START_TEST(a_quote_without_its_partner_is_refused)
{
	is_refused("'", "unbalanced quote");
	is_refused("\"", "unbalanced quote");
	is_refused("a 'b c", "unbalanced quote");
	is_refused("a \"b'", "unbalanced quote");
	is_refused("\"a\\\"", "unbalanced quote");
	is_refused("\"a\\", "unbalanced quote");
	is_refused("'a' 'b' '", "unbalanced quote");
	is_refused("it's", "unbalanced quote");
}

START_TEST(a_last_backslash_that_quotes_nothing_is_refused)
{
	is_refused("\\", "nothing after the last backslash");
	is_refused("a b\\", "nothing after the last backslash");
	is_refused("a \\", "nothing after the last backslash");
}

START_TEST(a_line_without_a_word_is_refused)
{
	is_refused("", "nothing to run");
	is_refused(" ", "nothing to run");
	is_refused(" \t\n ", "nothing to run");
	is_refused("\\\n", "nothing to run");
}

START_TEST(a_very_long_line_is_split_whole)
{
	enum { WORDS = 100000 };
	char *text = malloc(2 * WORDS + 1);
	const char *why;
	char **words;
	size_t n = 0;

	for (size_t i = 0; i < WORDS; i++)
		memcpy(text + 2 * i, i % 2 ? "a " : "b ", 2);
	text[2 * WORDS] = '\0';
	words = cmdline_split(text, &why);
	ck_assert_ptr_nonnull(words);
	while (words[n])
		n++;
	ck_assert_uint_eq(n, WORDS);
	ck_assert_str_eq(words[0], "b");
	ck_assert_str_eq(words[WORDS - 1], "a");
	free(words);
	free(text);
}

START_TEST(the_words_do_not_depend_on_the_text)
{
	char text[] = "fib 27";
	const char *why;
	char **words = cmdline_split(text, &why);

	memset(text, 'x', sizeof text - 1);
	ck_assert_str_eq(words[0], "fib");
	ck_assert_str_eq(words[1], "27");
	words[0][0] = 'F'; /* and they may be written to, as argv may */
	free(words);
}

int main(void)
{
	const TTest *const tests[] = {
		one_word_is_one_argument,
		blanks_tabs_and_newlines_separate_however_many,
		other_white_space_is_text,
		single_quotes_keep_everything,
		double_quotes_keep_all_but_four_escapes,
		a_backslash_quotes_the_next_character,
		a_backslash_before_a_newline_joins_lines,
		quoted_pieces_that_touch_are_one_word,
		an_empty_word_that_was_quoted_is_an_argument,
		nothing_is_expanded,
		bytes_over_127_are_text,
		a_quote_without_its_partner_is_refused,
		a_last_backslash_that_quotes_nothing_is_refused,
		a_line_without_a_word_is_refused,
		a_very_long_line_is_split_whole,
		the_words_do_not_depend_on_the_text,
	};
	Suite *suite = suite_create("cmdline");
	TCase *tcase = tcase_create("splitting");

	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
