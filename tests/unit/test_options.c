/* Does the command line of uos mean what it says, and is a wrong one explained? */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "options_line.h"
#include "run_suite.h"

#define MS 1000000ull
#define S 1000000000ull

static struct options parsed(char **argv)
{
	struct options o;

	ck_assert_int_eq(parse(argv, &o), 0);
	return o;
}

static void refused(char **argv, const char *expected)
{
	struct options o;

	ck_assert_int_eq(parse(argv, &o), -1);
	ck_assert_str_eq(message, expected);
}

static uint64_t timeout_of(char *text)
{
	return accepted(ARGV("--timeout", text, "p")).timeout_ns;
}

static void bad_duration(char *text, const char *expected)
{
	refused(ARGV("--timeout", text, "p"), expected);
	refused(ARGV("-q", text, "p"), expected);
}

START_TEST(without_options_it_preempts_every_10_ms)
{
	struct options o = accepted(ARGV("spin", "hello"));

	ck_assert(o.preempt && !o.help && !o.version);
	ck_assert_uint_eq(o.quantum_ns, 10 * MS);
	ck_assert_int_eq(o.backend, SWITCH_UCONTEXT);
	ck_assert_int_eq(o.protect, PROTECT_BEST);
	ck_assert(!o.keep_sites);
	ck_assert_uint_eq(o.timeout_ns, 0);
	ck_assert_int_eq(o.verbose, 0);
	ck_assert_int_eq(o.first_prog, 1);
}

START_TEST(a_value_may_be_attached_or_be_the_next_word)
{
	ck_assert(!accepted(ARGV("-m", "coop", "p")).preempt);
	ck_assert(!accepted(ARGV("-mcoop", "p")).preempt);
	ck_assert(!accepted(ARGV("--mode", "coop", "p")).preempt);
	ck_assert(!accepted(ARGV("--mode=coop", "p")).preempt);
	ck_assert(accepted(ARGV("-m", "preempt", "p")).preempt);
	ck_assert_int_eq(accepted(ARGV("-mcoop", "p")).first_prog, 2);
	ck_assert_int_eq(accepted(ARGV("-m", "coop", "p")).first_prog, 3);
}

START_TEST(every_option_sets_what_it_names)
{
	struct options o = accepted(ARGV("-q1ms", "--switch=asm", "--protect", "none",
	                                 "--timeout=1.5s", "-v", "--verbose", "p", "q"));

	ck_assert_uint_eq(o.quantum_ns, MS);
	ck_assert_int_eq(o.backend, SWITCH_ASM);
	ck_assert_int_eq(o.protect, PROTECT_NONE);
	ck_assert_uint_eq(o.timeout_ns, 1500 * MS);
	ck_assert_int_eq(o.verbose, 2);
	ck_assert_int_eq(o.first_prog, 8);
	ck_assert_int_eq(accepted(ARGV("--protect=keys", "p")).protect, PROTECT_KEYS);
	ck_assert_int_eq(accepted(ARGV("--protect=full", "p")).protect, PROTECT_FULL);
	ck_assert(accepted(ARGV("--rewrite=off", "p")).keep_sites);
	ck_assert(!accepted(ARGV("--rewrite=off", "--rewrite=on", "p")).keep_sites);
	ck_assert_int_eq(accepted(ARGV("--switch", "ucontext", "p")).backend, SWITCH_UCONTEXT);
}

START_TEST(letters_may_share_a_word)
{
	struct options o = accepted(ARGV("-vvmcoop", "-vq", "2ms", "p"));

	ck_assert_int_eq(o.verbose, 3);
	ck_assert(!o.preempt);
	ck_assert_uint_eq(o.quantum_ns, 2 * MS);
}

START_TEST(the_last_of_two_wins)
{
	ck_assert(accepted(ARGV("-mcoop", "-mpreempt", "p")).preempt);
	ck_assert_uint_eq(accepted(ARGV("-q1ms", "-q2ms", "p")).quantum_ns, 2 * MS);
}

START_TEST(help_and_version_need_no_program_and_end_the_line)
{
	ck_assert(accepted(ARGV("-h")).help);
	ck_assert(accepted(ARGV("--help")).help);
	ck_assert(accepted(ARGV("--version")).version);
	ck_assert(accepted(ARGV("--help", "--nonsense", "ls", "-la")).help);
	ck_assert(!accepted(ARGV("--version", "--help")).help);
	ck_assert_int_eq(accepted(ARGV("-v", "--help")).first_prog, 3);
}

START_TEST(two_dashes_end_the_options)
{
	ck_assert_int_eq(accepted(ARGV("--", "p")).first_prog, 2);
	ck_assert_int_eq(accepted(ARGV("-v", "--", "-odd-name", "p")).first_prog, 3);
	ck_assert_int_eq(accepted(ARGV("--", "--")).first_prog, 2);
	refused(ARGV("--"), "nothing to run: try ./uos spin hello");
	refused(ARGV("--", "ls", "-la"), "'-la' after 'ls': quote it: ./uos 'ls -la'");
}

START_TEST(one_dash_is_a_program_like_any_operand)
{
	ck_assert_int_eq(accepted(ARGV("-")).first_prog, 1);
}

START_TEST(an_empty_program_is_for_others_to_refuse)
{
	ck_assert_int_eq(accepted(ARGV("")).first_prog, 1);
}

START_TEST(durations_have_four_units_and_decimals)
{
	ck_assert_uint_eq(timeout_of("1us"), 1000);
	ck_assert_uint_eq(timeout_of("1\xc2\xb5s"), 1000);
	ck_assert_uint_eq(timeout_of("1\xce\xbcs"), 1000);
	ck_assert_uint_eq(timeout_of("10ms"), 10 * MS);
	ck_assert_uint_eq(timeout_of("3s"), 3 * S);
	ck_assert_uint_eq(timeout_of("2m"), 120 * S);
	ck_assert_uint_eq(timeout_of("0.25s"), 250 * MS);
	ck_assert_uint_eq(timeout_of(".5ms"), 500000);
	ck_assert_uint_eq(timeout_of("5.s"), 5 * S);
	ck_assert_uint_eq(timeout_of("007s"), 7 * S);
	ck_assert_uint_eq(timeout_of("1.5m"), 90 * S);
	ck_assert_uint_eq(timeout_of("1.0015us"), 1001);
	ck_assert_uint_eq(timeout_of("0.123456789s"), 123456789);
}

START_TEST(durations_end_at_int64_max_nanoseconds)
{
	ck_assert_uint_eq(timeout_of("9223372036.854775807s"), INT64_MAX);
	bad_duration("9223372036.854775808s", "'9223372036.854775808s': too long a time");
	bad_duration("18446744073709551616us", "'18446744073709551616us': too long a time");
	bad_duration("99999999999999999999999m", "'99999999999999999999999m': too long a time");
	bad_duration("18446744073.709551615s", "'18446744073.709551615s': too long a time");
	bad_duration("18446744073.709551616s", "'18446744073.709551616s': too long a time");
}

START_TEST(a_number_without_a_unit_is_shown_the_units)
{
	bad_duration("10", "'10': a duration needs a unit: 10ms, 200us, 1.5s");
	bad_duration("0", "'0': a duration needs a unit: 10ms, 200us, 1.5s");
	bad_duration("1.5", "'1.5': a duration needs a unit: 10ms, 200us, 1.5s");
	bad_duration("1.", "'1.': a duration needs a unit: 10ms, 200us, 1.5s");
}

START_TEST(an_unknown_unit_is_named)
{
	bad_duration("10h", "'10h': 'h' is no unit: us, ms, s or m");
	bad_duration("10 ms", "'10 ms': ' ms' is no unit: us, ms, s or m");
	bad_duration("10ms ", "'10ms ': 'ms ' is no unit: us, ms, s or m");
	bad_duration("10msx", "'10msx': 'msx' is no unit: us, ms, s or m");
	bad_duration("1e3ms", "'1e3ms': 'e3ms' is no unit: us, ms, s or m");
	bad_duration("1.2.3s", "'1.2.3s': '.3s' is no unit: us, ms, s or m");
	bad_duration("0x10s", "'0x10s': 'x10s' is no unit: us, ms, s or m");
	bad_duration("1,5s", "'1,5s': ',5s' is no unit: us, ms, s or m");
	bad_duration("10MS", "'10MS': 'MS' is no unit: us, ms, s or m");
	bad_duration("10ns", "'10ns': 'ns' is no unit: us, ms, s or m");
	bad_duration("1\xc2s", "'1?s': '?s' is no unit: us, ms, s or m"); /* no UTF-8 */
	bad_duration("1\xc3\xa9s", "'1\xc3\xa9s': '\xc3\xa9s' is no unit: us, ms, s or m");
}

START_TEST(what_is_no_number_is_refused)
{
	bad_duration("", "'': not a duration: write 10ms, 200us, 1.5s");
	bad_duration("nan", "'nan': not a duration: write 10ms, 200us, 1.5s");
	bad_duration("infs", "'infs': not a duration: write 10ms, 200us, 1.5s");
	bad_duration("ms", "'ms': not a duration: write 10ms, 200us, 1.5s");
	bad_duration(".ms", "'.ms': not a duration: write 10ms, 200us, 1.5s");
	bad_duration(" 1ms", "' 1ms': not a duration: write 10ms, 200us, 1.5s");
	bad_duration("+1ms", "'+1ms': not a duration: write 10ms, 200us, 1.5s");
	bad_duration("-x", "'-x': not a duration: write 10ms, 200us, 1.5s");
}

START_TEST(a_negative_duration_is_refused)
{
	bad_duration("-5ms", "'-5ms': a duration cannot be negative");
	bad_duration("-.5ms", "'-.5ms': a duration cannot be negative");
	bad_duration("-0s", "'-0s': a duration cannot be negative");
}

START_TEST(a_quantum_has_a_floor_and_a_ceiling)
{
	ck_assert_uint_eq(accepted(ARGV("-q", "20us", "p")).quantum_ns, QUANTUM_FLOOR_NS);
	ck_assert_uint_eq(accepted(ARGV("-q", "60s", "p")).quantum_ns, QUANTUM_CEILING_NS);
	ck_assert_uint_eq(accepted(ARGV("-q", "1m", "p")).quantum_ns, QUANTUM_CEILING_NS);
	refused(ARGV("-q", "19.999us", "p"),
	        "'19.999us': a quantum is at least 20us: a timer interrupt takes over 7us");
	refused(ARGV("--quantum=0s", "p"),
	        "'0s': a quantum is at least 20us: a timer interrupt takes over 7us");
	refused(ARGV("-q60.001s", "p"), "'60.001s': a quantum is at most 60s");
}

START_TEST(memory_has_units_and_processes_a_limit)
{
	ck_assert_uint_eq(accepted(ARGV("--memory=1", "p")).memory, 1);
	ck_assert_uint_eq(accepted(ARGV("--memory", "3K", "p")).memory, 3072);
	ck_assert_uint_eq(accepted(ARGV("--memory=2G", "p")).memory, 2ul << 30);
	ck_assert_uint_eq(accepted(ARGV("--memory=1T", "p")).memory, 1ul << 40);
	ck_assert_uint_eq(accepted(ARGV("p")).memory, 0);
	refused(ARGV("--memory=0", "p"), "'0': not an amount of memory: 64M, 2G");
	refused(ARGV("--memory=2GB", "p"), "'2GB': not an amount of memory: 64M, 2G");
	refused(ARGV("--memory=2m", "p"), "'2m': not an amount of memory: 64M, 2G");
	refused(ARGV("--memory=-1", "p"), "'-1': not an amount of memory: 64M, 2G");
	refused(ARGV("--memory=99999999999T", "p"), "'99999999999T': more than there can be");
	ck_assert_uint_eq(accepted(ARGV("p")).procs, PROCS_DEFAULT);
	ck_assert_uint_eq(accepted(ARGV("--procs=100000", "p")).procs, PROCS_MAX);
	refused(ARGV("--procs=0", "p"), "'0': not a number of processes and threads: 1 to 100000");
	refused(ARGV("--procs=100001", "p"), "'100001': not a number of processes and threads: 1 to 100000");
}
END_TEST

START_TEST(a_timeout_of_nothing_is_refused)
{
	refused(ARGV("--timeout=0s", "p"), "'0s': a timeout must be longer than nothing");
	refused(ARGV("--timeout=0.0001us", "p"), "'0.0001us': a timeout must be longer than nothing");
}

START_TEST(an_unknown_value_lists_the_valid_ones)
{
	refused(ARGV("-m", "fast", "p"), "unknown mode 'fast': coop or preempt");
	refused(ARGV("--mode=", "p"), "unknown mode '': coop or preempt");
	refused(ARGV("--mode=Coop", "p"), "unknown mode 'Coop': did you mean coop? (coop or preempt)");
	refused(ARGV("-m=coop", "p"), "unknown mode '=coop': did you mean coop? (coop or preempt)");
	refused(ARGV("--switch=as", "p"), "unknown switch 'as': did you mean asm? (ucontext or asm)");
	refused(ARGV("--rewrite=no", "p"), "unknown choice 'no': on or off");
	refused(ARGV("--protect=all", "p"), "unknown protection 'all': none, keys or full");
}

START_TEST(a_missing_value_lists_the_valid_ones)
{
	refused(ARGV("-m"), "-m needs a value: coop or preempt");
	refused(ARGV("-vm"), "-m needs a value: coop or preempt");
	refused(ARGV("--quantum"), "--quantum needs a value: 10ms, 200us, 1.5s");
	refused(ARGV("--switch"), "--switch needs a value: ucontext or asm");
	refused(ARGV("--protect"), "--protect needs a value: none, keys or full");
}

START_TEST(a_value_where_none_belongs_is_refused)
{
	refused(ARGV("--help=me"), "'--help=me': --help takes no value");
	refused(ARGV("--verbose=", "p"), "'--verbose=': --verbose takes no value");
}

START_TEST(a_view_may_have_a_file_pids_and_a_number_of_rows)
{
	struct options o = parsed(ARGV("-t", "lde:a:b", "--only=3,17", "--first", "20", "p"));

	ck_assert(o.trace_lde);
	ck_assert_str_eq(o.trace_file, "a:b");
	ck_assert_int_eq(o.only[0], 3);
	ck_assert_int_eq(o.only[1], 17);
	ck_assert_int_eq(o.only[2], 0);
	ck_assert_uint_eq(o.first, 20);
	o = parsed(ARGV("-tlde", "p"));
	ck_assert(o.trace_lde);
	ck_assert_ptr_null(o.trace_file);
	ck_assert(!parsed(ARGV("p")).trace_lde);
}

START_TEST(a_view_that_is_none_and_numbers_that_are_none_are_told)
{
	refused(ARGV("-t", "ldf", "p"), "unknown view 'ldf': did you mean lde? (lde or lde:FILE)");
	refused(ARGV("-t", "strace:x", "p"), "unknown view 'strace': lde or lde:FILE");
	refused(ARGV("-t", "lde:", "p"), "'lde:': the file's name is missing");
	refused(ARGV("--only=", "p"), "'': not a list of pids: 2,3");
	refused(ARGV("--only=0", "p"), "'0': not a list of pids: 2,3");
	refused(ARGV("--only=2,", "p"), "'2,': not a list of pids: 2,3");
	refused(ARGV("--only=2;3", "p"), "'2;3': not a list of pids: 2,3");
	refused(ARGV("--only=12345678901", "p"), "'12345678901': not a list of pids: 2,3");
	refused(ARGV("--first=0", "p"), "'0': not a number of rows");
	refused(ARGV("--first=1x", "p"), "'1x': not a number of rows");
}

START_TEST(names_may_be_given_again_and_keep_their_order)
{
	struct options o = parsed(ARGV("--root=/r", "--rw", "a", "--ro=b", "--rw=c", "--cwd", "/d", "--env=A=1", "--env", "B", "-ff",
	                               "--file", "-", "p"));

	ck_assert_str_eq(o.root, "/r");
	ck_assert_str_eq(o.cwd, "/d");
	ck_assert_str_eq(o.rw[0], "a");
	ck_assert_str_eq(o.rw[1], "c");
	ck_assert_ptr_null(o.rw[2]);
	ck_assert_str_eq(o.ro[0], "b");
	ck_assert_ptr_null(o.ro[1]);
	ck_assert_str_eq(o.env[0], "A=1");
	ck_assert_str_eq(o.env[1], "B");
	ck_assert_str_eq(o.files[0], "f");
	ck_assert_str_eq(o.files[1], "-");
	ck_assert_ptr_null(o.files[2]);
	o = parsed(ARGV("--root=a", "--root=b", "p"));
	ck_assert_str_eq(o.root, "b");
	ck_assert(!o.cwd && !*o.rw && !*o.ro && !*o.env && !*o.files);
}

START_TEST(names_that_are_missing_are_told)
{
	refused(ARGV("--root=", "p"), "--root needs a value: a directory");
	refused(ARGV("--rw", "", "p"), "--rw needs a value: a directory");
	refused(ARGV("--ro"), "--ro needs a value: a directory");
	refused(ARGV("--cwd="), "--cwd needs a value: a directory");
	refused(ARGV("--env=", "p"), "--env needs a value: NAME=VALUE, or NAME to remove it");
	refused(ARGV("--env", "=x", "p"), "--env needs a value: NAME=VALUE, or NAME to remove it");
	refused(ARGV("-f"), "-f needs a value: a file of command lines, or -");
	refused(ARGV("-f=x"), "-f needs a value: a file of command lines, or -");
}

START_TEST(there_is_a_limit_to_how_often)
{
	char *argv[REPEATS_MAX + 4] = {"uos"};

	for (int i = 0; i < REPEATS_MAX; i++)
		argv[1 + i] = "--env=A";
	argv[REPEATS_MAX + 1] = "p";
	ck_assert_str_eq(accepted(argv).env[REPEATS_MAX - 1], "A");
	argv[REPEATS_MAX + 1] = "--env=B";
	argv[REPEATS_MAX + 2] = "p";
	refused(argv, "--env: more than 64 of them");
}

START_TEST(with_a_file_no_program_is_needed)
{
	ck_assert_int_eq(accepted(ARGV("-f", "w")).first_prog, 3);
	ck_assert_int_eq(accepted(ARGV("-fw", "--", "p")).first_prog, 3);
	ck_assert_int_eq(accepted(ARGV("compare", "-f", "w")).first_prog, 4);
	refused(ARGV("bench", "-f", "w"), "--file is no option of uos bench: try ./uos bench --help");
}

START_TEST(an_unknown_option_names_the_nearest)
{
	refused(ARGV("--swich=asm", "p"), "unknown option '--swich=asm': did you mean --switch?");
	refused(ARGV("--qantum", "1ms"), "unknown option '--qantum': did you mean --quantum?");
	refused(ARGV("--time=1s", "p"), "unknown option '--time=1s': did you mean --timeout?");
	refused(ARGV("--protection", "p"), "unknown option '--protection': did you mean --protect?");
	refused(ARGV("--ver", "p"), "unknown option '--ver': did you mean --verbose?");
	refused(ARGV("--versoin"), "unknown option '--versoin': did you mean --version?");
	refused(ARGV("-help"), "unknown option '-help': did you mean --help?");
	refused(ARGV("-p", "keys"), "unknown option '-p': did you mean --protect?");
	refused(ARGV("-o", "file"), "unknown option '-o': did you mean --only?");
}

START_TEST(an_option_like_none_of_ours_points_to_help)
{
	refused(ARGV("--zzzz", "p"), "unknown option '--zzzz': try --help");
	refused(ARGV("-x", "p"), "unknown option '-x': try --help");
	refused(ARGV("--=x", "p"), "unknown option '--=x': try --help");
	refused(ARGV("---", "p"), "unknown option '---': try --help");
	refused(ARGV("--a-very-long-name-of-nothing"),
	        "unknown option '--a-very-long-name-of-nothing': try --help");
}

START_TEST(no_program_is_told_what_to_try)
{
	char *nothing[] = {NULL};

	refused(ARGV(NULL), "nothing to run: try ./uos spin hello");
	refused(ARGV("-v"), "nothing to run: try ./uos spin hello");
	refused(ARGV("-m", "coop"), "nothing to run: try ./uos spin hello");
	refused(nothing, "nothing to run: try ./uos spin hello");
}

START_TEST(a_dash_after_a_program_is_shown_the_quoting)
{
	refused(ARGV("ls", "-la"), "'-la' after 'ls': quote it: ./uos 'ls -la'");
	refused(ARGV("spin", "ls", "-la"), "'-la' after 'ls': quote it: ./uos 'ls -la'");
	refused(ARGV("-v", "ls", "--all"), "'--all' after 'ls': quote it: ./uos 'ls --all'");
	refused(ARGV("cat", "-"), "'-' after 'cat': quote it: ./uos 'cat -'");
	refused(ARGV("a", "--"), "'--' after 'a': quote it: ./uos 'a --'");
}

START_TEST(an_option_of_ours_after_a_program_is_told_its_place)
{
	refused(ARGV("spin", "-m", "coop"), "'-m' after 'spin': quote it: ./uos 'spin -m'"
	        " (options of uos go before the first PROG)");
	refused(ARGV("spin", "--quantum=1ms"), "'--quantum=1ms' after 'spin': quote it: "
	        "./uos 'spin --quantum=1ms' (options of uos go before the first PROG)");
}

START_TEST(a_message_is_one_line_whatever_the_words_hold)
{
	refused(ARGV("-m", "a\nb\033[31m\x7f", "p"), "unknown mode 'a?b?[31m?': coop or preempt");
}

START_TEST(a_long_word_leaves_room_for_the_message)
{
	char word[1000] = "";

	memset(word, 'x', sizeof word - 1);
	refused(ARGV("-m", word), "unknown mode 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'"
	        ": coop or preempt");
	memcpy(word, "--mode", 6);
	ck_assert_int_eq(parse(ARGV(word, word), &(struct options){0}), -1);
	ck_assert_ptr_nonnull(strstr(message, ": try --help"));
	memcpy(word, "-m", 2);
	ck_assert_int_eq(parse(ARGV(word + 2, word), &(struct options){0}), -1);
	ck_assert_ptr_nonnull(strstr(message, "before the first PROG)"));
}

START_TEST(a_small_buffer_is_not_overrun)
{
	struct options o;
	char small[8] = "abcdefg";

	ck_assert_int_eq(options_parse(1, ARGV(NULL), &o, small, 4), -1);
	ck_assert_str_eq(small, "not");
	ck_assert_str_eq(small + 4, "efg");
	ck_assert_int_eq(options_parse(1, ARGV(NULL), &o, NULL, 0), -1);
}

int main(void)
{
	const TTest *const tests[] = {
		without_options_it_preempts_every_10_ms,
		a_value_may_be_attached_or_be_the_next_word,
		every_option_sets_what_it_names,
		letters_may_share_a_word,
		the_last_of_two_wins,
		help_and_version_need_no_program_and_end_the_line,
		two_dashes_end_the_options,
		one_dash_is_a_program_like_any_operand,
		an_empty_program_is_for_others_to_refuse,
		durations_have_four_units_and_decimals,
		durations_end_at_int64_max_nanoseconds,
		a_number_without_a_unit_is_shown_the_units,
		an_unknown_unit_is_named,
		what_is_no_number_is_refused,
		a_negative_duration_is_refused,
		a_quantum_has_a_floor_and_a_ceiling,
		memory_has_units_and_processes_a_limit,
		a_timeout_of_nothing_is_refused,
		an_unknown_value_lists_the_valid_ones,
		a_missing_value_lists_the_valid_ones,
		a_value_where_none_belongs_is_refused,
		a_view_may_have_a_file_pids_and_a_number_of_rows,
		a_view_that_is_none_and_numbers_that_are_none_are_told,
		names_may_be_given_again_and_keep_their_order,
		names_that_are_missing_are_told,
		there_is_a_limit_to_how_often,
		with_a_file_no_program_is_needed,
		an_unknown_option_names_the_nearest,
		an_option_like_none_of_ours_points_to_help,
		no_program_is_told_what_to_try,
		a_dash_after_a_program_is_shown_the_quoting,
		an_option_of_ours_after_a_program_is_told_its_place,
		a_message_is_one_line_whatever_the_words_hold,
		a_long_word_leaves_room_for_the_message,
		a_small_buffer_is_not_overrun,
	};
	Suite *suite = suite_create("options");
	TCase *tcase = tcase_create("parsing");

	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
