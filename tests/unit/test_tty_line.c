/* The line discipline: what is typed, echoed, read and shown. The answers are Linux's own, asked by a program beside it. */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/tty_line.h"
#include "run_suite.h"

static struct line line;

static void setup(void)
{
	line_init(&line);
}

static void type(const char *bytes)
{
	ck_assert_uint_eq(line_type(&line, bytes, strlen(bytes)), strlen(bytes));
}

static void shows(const char *wanted)
{
	char seen[LINE_SHOWN + 1];

	seen[line_show(&line, seen, LINE_SHOWN)] = 0;
	ck_assert_str_eq(seen, wanted);
}

static void reads(const char *wanted)
{
	char seen[LINE_TYPED + 1];
	ssize_t n = line_read(&line, seen, LINE_TYPED);

	ck_assert_int_eq(n, (ssize_t)strlen(wanted));
	seen[n] = 0;
	ck_assert_str_eq(seen, wanted);
}

static void reads_nothing(void)
{
	char byte;

	ck_assert_int_eq(line_read(&line, &byte, 1), -EAGAIN);
}

static void set(unsigned iflag, unsigned oflag, unsigned lflag)
{
	struct termios2 modes = line.modes;

	modes.c_iflag = iflag;
	modes.c_oflag = oflag;
	modes.c_lflag = lflag;
	line_set(&line, &modes);
}

START_TEST(does_a_line_wait_for_its_end)
{
	type("abc");
	reads_nothing();
	type("\r");
	reads("abc\n");
	shows("abc\r\n");
	reads_nothing();
}

START_TEST(do_keys_edit_the_line)
{
	type("abX\177c d e\027\027f\n");
	reads("abc f\n");
	line_forget_shown(&line);
	setup();
	type("gone\025kept\n");
	reads("kept\n");
	shows("gone\b \b\b \b\b \b\b \bkept\r\n");
}

START_TEST(does_erasing_a_tab_go_back_to_where_it_began)
{
	type("ab\t\177c\n");
	shows("ab\t\b\b\b\b\b\bc\r\n");
}

START_TEST(is_a_character_of_several_bytes_erased_as_one)
{
	struct termios2 modes = line.modes;

	modes.c_iflag |= IUTF8;
	line_set(&line, &modes);
	type("a\303\244\177b\n");
	shows("a\303\244\b \bb\r\n");
	reads("ab\n");
}

START_TEST(is_the_end_of_the_file_a_line_without_a_byte)
{
	type("ab\004\004");
	reads("ab");
	reads("");
	reads_nothing();
}

START_TEST(is_a_literal_character_taken_as_it_is)
{
	type("\026\003\026\n\n");
	reads("\003\n\n");
	ck_assert_uint_eq(line.signals, 0);
	shows("^\b^C^\b^J\r\n");
}

START_TEST(do_signals_flush_what_was_typed_unless_told_not_to)
{
	type("abc\003");
	ck_assert_uint_eq(line.signals, 1ul << SIGINT);
	type("d\n");
	reads("d\n");
	set(ICRNL, OPOST, ISIG | ICANON | NOFLSH);
	line.signals = 0;
	type("ab\032\034c\n");
	ck_assert_uint_eq(line.signals, 1ul << SIGTSTP | 1ul << SIGQUIT);
	reads("abc\n");
}

START_TEST(does_output_stop_and_go_on)
{
	type("\023");
	ck_assert_uint_eq(line_write(&line, "x", 1), 0);
	type("a");
	shows("");
	type("\021");
	ck_assert_uint_eq(line_write(&line, "x", 1), 1);
	shows("ax");
}

START_TEST(is_raw_input_there_at_once)
{
	set(0, 0, 0);
	type("\003\r\177");
	reads("\003\r\177");
	shows("");
	ck_assert_uint_eq(line.signals, 0);
	type("ab");
	ck_assert(!line_readable(&line, 3));
	type("c");
	ck_assert(line_readable(&line, 3));
}

START_TEST(does_a_change_of_mode_lose_nothing)
{
	type("abc");
	set(0, 0, 0);
	reads("abc");
	type("def");
	set(ICRNL, OPOST, ICANON);
	reads("def");
}

START_TEST(can_a_line_too_long_still_be_ended)
{
	static char seen[LINE_TYPED];

	for (unsigned i = 0; i < 2 * LINE_TYPED; i++)
		ck_assert_uint_eq(line_type(&line, "a", 1), 1);
	type("\n");
	ck_assert_int_eq(line_read(&line, seen, sizeof seen), LINE_TYPED);
	ck_assert_int_eq(seen[LINE_TYPED - 1], '\n');
}

START_TEST(does_nobody_who_reads_hold_up_who_types)
{
	unsigned taken = 0;

	while (line_type(&line, "\n", 1))
		taken++;
	ck_assert_uint_eq(taken, LINE_TYPED - 1);
	reads("\n");
	type("\n");
}

START_TEST(does_output_get_its_returns_and_tabs)
{
	ck_assert_uint_eq(line_write(&line, "a\nb\tc", 5), 5);
	shows("a\r\nb\tc");
	set(ICRNL, OPOST | XTABS, ICANON);
	line_write(&line, "\r1\t2", 4);
	shows("\r1       2");
}

START_TEST(does_output_that_nobody_takes_end)
{
	size_t taken = 0;

	while (line_write(&line, "x", 1))
		taken++;
	ck_assert_uint_gt(taken, LINE_TYPED);
	ck_assert(!line_writable(&line));
	type("e"); /* its echo still fits */
	ck_assert_uint_eq(line.shown_count, taken + 1);
}

int main(void)
{
	Suite *s = suite_create("tty-line");
	TCase *c = tcase_create("tty-line");

	tcase_add_checked_fixture(c, setup, NULL);
	tcase_add_test(c, does_a_line_wait_for_its_end);
	tcase_add_test(c, do_keys_edit_the_line);
	tcase_add_test(c, does_erasing_a_tab_go_back_to_where_it_began);
	tcase_add_test(c, is_a_character_of_several_bytes_erased_as_one);
	tcase_add_test(c, is_the_end_of_the_file_a_line_without_a_byte);
	tcase_add_test(c, is_a_literal_character_taken_as_it_is);
	tcase_add_test(c, do_signals_flush_what_was_typed_unless_told_not_to);
	tcase_add_test(c, does_output_stop_and_go_on);
	tcase_add_test(c, is_raw_input_there_at_once);
	tcase_add_test(c, does_a_change_of_mode_lose_nothing);
	tcase_add_test(c, can_a_line_too_long_still_be_ended);
	tcase_add_test(c, does_nobody_who_reads_hold_up_who_types);
	tcase_add_test(c, does_output_get_its_returns_and_tabs);
	tcase_add_test(c, does_output_that_nobody_takes_end);
	suite_add_tcase(s, c);
	return run_suite(s);
}
