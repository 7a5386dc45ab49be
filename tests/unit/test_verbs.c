/* Do uos's verbs, and the options that came with them, mean what they say? Also what --help prints. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/duration.h"
#include "options_line.h"
#include "run_suite.h"

static void refused(char **argv, const char *expected)
{
	struct options o;

	ck_assert_int_eq(parse(argv, &o), -1);
	ck_assert_str_eq(message, expected);
}

static void is(char **argv, enum verb verb, int first_prog)
{
	struct options o = accepted(argv);

	ck_assert_int_eq(o.verb, verb);
	ck_assert_int_eq(o.first_prog, first_prog);
}

START_TEST(a_verb_is_the_very_first_word)
{
	is(ARGV("compare", "coop,preempt", "spin 2", "hello"), VERB_COMPARE, 2);
	is(ARGV("bench"), VERB_BENCH, 2);
	is(ARGV("bench", "switch", "trap"), VERB_BENCH, 2);
	is(ARGV("doctor"), VERB_DOCTOR, 2);
}

START_TEST(any_other_place_or_spelling_is_a_program)
{
	is(ARGV("./bench"), VERB_RUN, 1);
	is(ARGV("/usr/bin/compare", "p"), VERB_RUN, 1);
	is(ARGV("--", "bench"), VERB_RUN, 2);
	is(ARGV("--", "doctor", "compare"), VERB_RUN, 2);
	is(ARGV("-v", "bench"), VERB_RUN, 2);
	is(ARGV("bench 1"), VERB_RUN, 1);
	is(ARGV("Bench"), VERB_RUN, 1);
	is(ARGV("ben"), VERB_RUN, 1);
	is(ARGV("spin", "doctor"), VERB_RUN, 1);
	is(ARGV("top"), VERB_RUN, 1);
}

START_TEST(options_come_between_the_verb_and_its_words)
{
	struct options o = accepted(ARGV("compare", "-r", "20", "--warmup=3", "--json", "--show-output", "-q1ms", "--seed=7",
	                                 "-s", "mlfq", "-v", "coop", "p"));

	ck_assert_uint_eq(o.runs, 20);
	ck_assert_uint_eq(o.warmups, 3);
	ck_assert_uint_eq(o.quantum_ns, 1000000);
	ck_assert_uint_eq(o.seed, 7);
	ck_assert_str_eq(o.policy, "mlfq");
	ck_assert(o.json && o.show_output && o.verbose == 1);
	ck_assert_int_eq(o.first_prog, 12);
	o = accepted(ARGV("bench", "-r9", "-w", "1", "--json", "--", "scale"));
	ck_assert(o.runs == 9 && o.warmups == 1 && o.json && o.first_prog == 7);
	ck_assert(accepted(ARGV("doctor", "--json")).json);
	o = accepted(ARGV("compare", "p"));
	ck_assert(!o.runs && !o.warmups && !o.json && !o.show_output && o.seed == 1);
}

START_TEST(an_option_of_another_verb_is_refused)
{
	refused(ARGV("-r", "5", "p"), "--runs is an option of uos compare, uos bench only");
	refused(ARGV("-vw5", "p"), "--warmup is an option of uos compare, uos bench only");
	refused(ARGV("--json", "p"), "--json is an option of uos compare, uos bench, uos doctor only");
	refused(ARGV("--show-output", "p"), "--show-output is an option of uos compare only");
	refused(ARGV("compare", "-t", "lde", "p"), "--trace is no option of uos compare: try ./uos compare --help");
	refused(ARGV("compare", "--mode=coop", "p"), "--mode is no option of uos compare: try ./uos compare --help");
	refused(ARGV("compare", "--stats", "p"), "--stats is no option of uos compare: try ./uos compare --help");
	refused(ARGV("bench", "--show-output"), "--show-output is no option of uos bench: try ./uos bench --help");
	refused(ARGV("bench", "-q", "1ms"), "--quantum is no option of uos bench: try ./uos bench --help");
	refused(ARGV("doctor", "-v"), "--verbose is no option of uos doctor: try ./uos doctor --help");
	refused(ARGV("bench", "--nosuch"), "unknown option '--nosuch': try --help");
	refused(ARGV("bench", "--sed=2"), "unknown option '--sed=2': did you mean --seed?");
}

START_TEST(each_verb_says_which_words_it_lacks_or_does_not_take)
{
	refused(ARGV("compare"), "nothing to compare: try ./uos compare spin hello");
	refused(ARGV("compare", "-r5"), "nothing to compare: try ./uos compare spin hello");
	refused(ARGV("compare", "ls", "-la"), "'-la' after 'ls': quote it: ./uos compare 'ls -la'");
	refused(ARGV("compare", "ls", "-r", "5"), "'-r' after 'ls': quote it: ./uos compare 'ls -r'"
	        " (options of uos go before the first PROG)");
	refused(ARGV("doctor", "who"), "'who': uos doctor takes options only");
	refused(ARGV("doctor", "--", "--json"), "'--json': uos doctor takes options only");
	refused(ARGV("bench", "switch", "-r", "5"), "'-r' after 'switch': options of uos bench go before its words");
}

START_TEST(a_policy_is_taken_as_typed_and_help_ends_the_line)
{
	ck_assert_str_eq(accepted(ARGV("-s", "mlfq:boost=1s", "p")).policy, "mlfq:boost=1s");
	ck_assert_str_eq(accepted(ARGV("-s./mine.so", "p")).policy, "./mine.so");
	ck_assert_str_eq(accepted(ARGV("--sched=x", "p")).policy, "x");
	ck_assert_ptr_null(accepted(ARGV("p")).policy);
	ck_assert(accepted(ARGV("-s", "help")).policies);
	ck_assert(accepted(ARGV("compare", "--sched=help", "--nonsense")).policies);
	ck_assert(!accepted(ARGV("-s", "helper", "p")).policies);
	refused(ARGV("-s"), "-s needs a value: a policy; ./uos -s help lists them");
}

START_TEST(statistics_take_a_value_in_the_same_word_only)
{
	struct options o = accepted(ARGV("--stats", "json"));

	ck_assert_int_eq(o.stats, STATS_TEXT);
	ck_assert_int_eq(o.first_prog, 2);
	o = accepted(ARGV("--stats=json", "p"));
	ck_assert_int_eq(o.stats, STATS_JSON);
	ck_assert_ptr_null(o.stats_file);
	o = accepted(ARGV("--stats=json:a:b", "p"));
	ck_assert_int_eq(o.stats, STATS_JSON);
	ck_assert_str_eq(o.stats_file, "a:b");
	o = accepted(ARGV("--stats=json:f", "--stats", "p"));
	ck_assert(o.stats == STATS_TEXT && !o.stats_file);
	ck_assert_int_eq(accepted(ARGV("p")).stats, STATS_NONE);
	refused(ARGV("--stats=", "p"), "unknown form of statistics '': json or json:FILE");
	refused(ARGV("--stats=jsn", "p"), "unknown form of statistics 'jsn': did you mean json? (json or json:FILE)");
	refused(ARGV("--stats=json:", "p"), "'json:': the file's name is missing");
	refused(ARGV("--stats=csv:f", "p"), "unknown form of statistics 'csv': json or json:FILE");
}

START_TEST(numbers_have_limits)
{
	ck_assert_uint_eq(accepted(ARGV("--seed=18446744073709551615", "p")).seed, UINT64_MAX);
	ck_assert_uint_eq(accepted(ARGV("--seed", "0012", "p")).seed, 12);
	ck_assert_uint_eq(accepted(ARGV("bench", "-r10000")).runs, RUNS_MAX);
	for (int i = 0; i < 6; i++) {
		char *bad = (char *[]){"0", "", "-1", "1x", "18446744073709551616", "1e3"}[i], expected[128];

		snprintf(expected, sizeof expected, "'%s': not a seed: a number from 1 to 18446744073709551615", bad);
		refused(ARGV("--seed", bad, "p"), expected);
		snprintf(expected, sizeof expected, "'%s': not a number of runs: 1 to 10000", bad);
		refused(ARGV("bench", "-r", bad), expected);
		refused(ARGV("compare", "--warmup", bad, "p"), expected);
	}
	refused(ARGV("bench", "-r10001"), "'10001': not a number of runs: 1 to 10000");
	refused(ARGV("--only=2147483648", "p"), "'2147483648': not a list of pids: 2,3");
}

static void fits(const char *help, const char *const *facts)
{
	const char *line = help, *end;

	ck_assert_int_eq(strncmp(help, "Example", 7), 0);
	for (; (end = strchr(line, '\n')); line = end + 1)
		ck_assert_msg(end - line <= 80, "over 80 columns: %.*s", (int)(end - line), line);
	ck_assert_msg(*line == '\0', "the last line has no end");
	for (; *facts; facts++)
		ck_assert_msg(strstr(help, *facts), "the help does not say: %s", *facts);
}

START_TEST(each_help_begins_with_examples_fits_80_columns_and_has_its_options)
{
	fits(options_help[VERB_RUN], (const char *const[]){
		"10ms by default", "at least 20us", "at most 60s", "124", "125", "126", "127", "128+n", "130", "70 ",
		"--switch", "--protect", "--timeout", "--verbose", "--help", "--version", "-m, --mode", "-q, --quantum",
		"-s, --sched", "--seed", "--stats", "-t, --trace", "--only", "--first", "compare", "bench", "doctor",
		"-s help", "-f, --file", "--rw=DIR", "--ro=DIR", "--root", "--cwd", "--env", "/tmp", "/dev", "/proc", NULL});
	fits(options_help[VERB_COMPARE], (const char *const[]){
		"MODES", "native", "@QUANTUM", "-r, --runs", "-w, --warmup", "--json", "--show-output", "--seed",
		"-q, --quantum", "-s, --sched", "--switch", "--protect", "--timeout", "-v, --verbose", "-f, --file", "--rw", "--ro",
		"--root", "--cwd", "--env", NULL});
	fits(options_help[VERB_BENCH], (const char *const[]){
		"switch", "trap", "preempt", "spawn", "timer", "scale", "-r, --runs", "-w, --warmup", "--json", "--seed",
		NULL});
	fits(options_help[VERB_DOCTOR], (const char *const[]){"--json", NULL});
	ck_assert(accepted(ARGV("compare", "--help")).help && accepted(ARGV("doctor", "-h")).help);
}

START_TEST(a_duration_that_is_written_is_read_as_the_same)
{
	static const uint64_t some[] = {0, 1, 999, 1000, 1001, 20000, 1000000, 1500000, 60000000000, INT64_MAX};
	char text[24], err[200];
	uint64_t again;

	for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
		duration_text(some[i], text);
		ck_assert_int_eq(duration_parse(text, &again, err, sizeof err), 0);
		ck_assert_uint_eq(again, some[i]);
	}
	ck_assert_str_eq(duration_text(10000000, text), "10ms");
	ck_assert_str_eq(duration_text(60000000000, text), "60s");
	ck_assert_str_eq(duration_text(20000, text), "20us");
	ck_assert_str_eq(duration_text(1500, text), "1.500us");
}

int main(void)
{
	const TTest *const tests[] = {
		a_verb_is_the_very_first_word,
		any_other_place_or_spelling_is_a_program,
		options_come_between_the_verb_and_its_words,
		an_option_of_another_verb_is_refused,
		each_verb_says_which_words_it_lacks_or_does_not_take,
		a_policy_is_taken_as_typed_and_help_ends_the_line,
		statistics_take_a_value_in_the_same_word_only,
		numbers_have_limits,
		each_help_begins_with_examples_fits_80_columns_and_has_its_options,
		a_duration_that_is_written_is_read_as_the_same,
	};
	Suite *suite = suite_create("verbs");
	TCase *tcase = tcase_create("parsing");

	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
