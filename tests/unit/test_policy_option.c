/* Does the word after -s choose the policy that it names, with the options that it says? */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/policy.h"
#include "some_policies.h"
#include "run_suite.h"

#define QUEUES "(queues: how many | boost: all to the top again)"

static struct policy_choice chosen;

static void choose(const char *word, int programs, const struct uos_policy *expected)
{
	const char *wrong = policy_choose(word, programs, &chosen);

	ck_assert_msg(!wrong, "%s: %s", word, wrong);
	ck_assert_ptr_eq(chosen.policy, expected);
	ck_assert_ptr_null(chosen.plug_in);
}

static void refused(const char *word, const char *expected)
{
	const char *wrong = policy_choose(word, 2, &chosen);

	ck_assert_msg(wrong, "%s was accepted", word);
	ck_assert_str_eq(wrong, expected);
}

/* What the index-th program gets, of which nothing else was said. */
static void gets(int index, uint64_t length, uint64_t weight, uint64_t priority)
{
	struct program p = {.weight = 1};

	ck_assert_ptr_null(policy_program(&chosen, index, &p));
	ck_assert_uint_eq(p.length, length);
	ck_assert_uint_eq(p.weight, weight);
	ck_assert_uint_eq(p.priority, priority);
}

START_TEST(the_first_is_the_default)
{
	choose(NULL, 2, &plain);
	gets(0, 0, 1, 0);
	gets(1, 0, 1, 0);
}

START_TEST(a_name_chooses)
{
	choose("plain", 1, &plain);
	choose("feedback", 1, &feedback);
	choose("shares", 1, &shares);
}

START_TEST(an_unknown_name_lists_the_known_the_nearest_first)
{
	refused("feedbak", "unknown policy 'feedbak': did you mean feedback? (plain, feedback, shares)");
	refused("pla", "unknown policy 'pla': did you mean plain? (plain, feedback, shares)");
	refused("zz:x=1", "unknown policy 'zz': plain, feedback, shares");
	refused("", "unknown policy '': plain, feedback, shares");
	refused(":queues=1", "unknown policy '': plain, feedback, shares");
	refused("so", "unknown policy 'so': plain, feedback, shares");
	refused("Plain\n", "unknown policy 'Plain?': did you mean plain? (plain, feedback, shares)");
}

START_TEST(numbers_and_times_are_stored_where_the_policy_said)
{
	choose("feedback:queues=16,boost=1.5s", 1, &feedback);
	ck_assert_uint_eq(queues, 16);
	ck_assert_uint_eq(boost, 1500000000);
	choose("feedback:boost=1ms", 1, &feedback);
	ck_assert_uint_eq(queues, 16);
	ck_assert_uint_eq(boost, 1000000);
	choose("feedback:queues=2,queues=3", 1, &feedback);
	ck_assert_uint_eq(queues, 3);
}

START_TEST(an_unknown_key_lists_the_known_with_their_help)
{
	refused("feedback:queue=1", "unknown option of feedback 'queue': did you mean queues? " QUEUES);
	refused("feedback:boots=1s", "unknown option of feedback 'boots': did you mean boost? " QUEUES);
	refused("feedback:zzz", "unknown option of feedback 'zzz': queues: how many | boost: all to the top again");
	refused("feedback:", "unknown option of feedback '': queues: how many | boost: all to the top again");
	refused("feedback:queues=1,", "unknown option of feedback '': queues: how many | boost: all to the top again");
	refused("plain:queues=1", "plain has no options: 'queues'");
	refused("plain:", "plain has no options: ''");
}

START_TEST(a_value_outside_its_limits_is_told_both)
{
	refused("feedback:queues=0", "queues=0: at least 1, at most 16");
	refused("feedback:queues=17", "queues=17: at least 1, at most 16");
	refused("feedback:queues=18446744073709551617", "queues=18446744073709551617: at least 1, at most 16");
	refused("feedback:boost=999us", "boost=999us: at least 1ms, at most 60s");
	refused("feedback:boost=61s", "boost=61s: at least 1ms, at most 60s");
	refused("shares:weight=1/0", "weight=0: at least 1, at most 1000");
	refused("shares:weight=1001", "weight=1001: at least 1, at most 1000");
	refused("shares:length=0s", "length=0s: at least 0.001us, at most 9223372036854775.807us");
	refused("shares:priority=18446744073709551616",
	        "priority=18446744073709551616: at least 0, at most 18446744073709551615");
}

START_TEST(a_value_that_is_none_is_told)
{
	refused("feedback:queues", "'queues' needs a value: queues=...");
	refused("feedback:queues=", "queues=: not a number");
	refused("feedback:queues=-1", "queues=-1: not a number");
	refused("feedback:queues=+1", "queues=+1: not a number");
	refused("feedback:queues= 1", "queues= 1: not a number");
	refused("feedback:queues=1x", "queues=1x: not a number");
	refused("feedback:queues=1=2", "queues=1=2: not a number");
	refused("feedback:boost=5", "boost: '5': a duration needs a unit: 10ms, 200us, 1.5s");
	refused("feedback:boost=-5ms", "boost: '-5ms': a duration cannot be negative");
	refused("shares:weight=", "weight=: not a number");
	refused("shares:weight=1//", "weight=: not a number");
	refused("shares:length=1s/x", "length: 'x': not a duration: write 10ms, 200us, 1.5s");
}

START_TEST(a_list_goes_program_by_program)
{
	choose("shares:weight=3/1,length=10ms/2s,priority=0/18446744073709551615", 2, &shares);
	gets(0, 10000000, 3, 0);
	gets(1, 2000000000, 1, UINT64_MAX);
	gets(2, 0, 1, 0);
	choose("shares:weight=5", 3, &shares);
	gets(0, 0, 5, 0);
	gets(1, 0, 1, 0);
	gets(2, 0, 1, 0);
	choose("shares:weight=5/6,weight=7", 2, &shares);
	gets(0, 0, 7, 0);
	gets(1, 0, 1, 0);
}

START_TEST(a_list_longer_than_the_programs_are_is_refused)
{
	refused("shares:weight=1/2/3", "weight: more values than programs (2)");
	refused("shares:length=1s/1s/", "length: more values than programs (2)");
}

/* Settings before a program's name: what they make of *p, or what is wrong. */
static struct program said(const char *word, const char *expected)
{
	struct program p = {.weight = 1};
	const char *wrong;

	ck_assert_msg(policy_setting(word, &p, &wrong), "%s is none", word);
	ck_assert_msg(expected ? wrong && !strcmp(wrong, expected) : !wrong, "%s: %s", word, wrong);
	return p;
}

START_TEST(what_is_said_before_a_program_is_read_as_a_list_is)
{
	ck_assert_uint_eq(said("length=1.5s", NULL).length, 1500000000);
	ck_assert_uint_eq(said("weight=3", NULL).weight, 3);
	ck_assert_uint_eq(said("priority=18446744073709551615", NULL).priority, UINT64_MAX);
	said("weight=0", "weight=0: at least 1, at most 18446744073709551615");
	said("weight=x", "weight=x: not a number");
	said("weight=", "weight=: not a number");
	said("length=5", "length: '5': a duration needs a unit: 10ms, 200us, 1.5s");
	said("lenght=5s", "unknown setting 'lenght': did you mean length? (length: CPU time that it needs in all | "
	     "weight: its share against others' | priority: 0 is the most urgent)");
	said("FOO_1=", "unknown setting 'FOO_1': length: CPU time that it needs in all | weight: its share against others' | "
	     "priority: 0 is the most urgent");
}

START_TEST(a_word_that_does_not_begin_as_a_variable_does_is_a_program)
{
	static const char *const words[] = {"", "hello", "weight", "./weight=3", "/a=b", "a/b=c", "=x", "coop:x=1", "a-b=c", "a b=c"};
	struct program p;
	const char *wrong;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		ck_assert_msg(!policy_setting(words[i], &p, &wrong), "%s is one", words[i]);
}

START_TEST(a_list_counts_before_what_a_program_says_and_the_limits_are_the_policys)
{
	struct program p = {.length = 7, .weight = 5, .priority = 2};

	choose("shares:weight=3", 2, &shares);
	ck_assert_ptr_null(policy_program(&chosen, 0, &p));
	ck_assert_uint_eq(p.weight, 3);
	ck_assert_uint_eq(p.length, 7);
	p.weight = 1000;
	ck_assert_ptr_null(policy_program(&chosen, 1, &p));
	ck_assert_uint_eq(p.weight, 1000);
	p.weight = 1001;
	ck_assert_str_eq(policy_program(&chosen, 1, &p), "weight=1001: at least 1, at most 1000");
	choose("plain", 2, &plain);
	ck_assert_ptr_null(policy_program(&chosen, 1, &p));
}

START_TEST(a_file_is_told_from_a_name)
{
	refused("./plain", "./plain: No such file or directory");
	refused("nosuch.so", "nosuch.so: No such file or directory");
	refused("no/such:queues=1", "no/such: No such file or directory");
	refused("/dev/null", "/dev/null: not a regular file");
	refused("/", "/: not a regular file");
	refused(".so", "unknown policy '.so': plain, feedback, shares");
}

START_TEST(the_help_names_each_policy_and_option_with_its_value)
{
	char text[2000] = "";
	FILE *out = fmemopen(text, sizeof text, "w");

	queues = 3;
	boost = 1000000000;
	policy_help(out);
	fclose(out);
	ck_assert_str_eq(text, "plain (the default)\nfeedback\n"
	                 "  queues=N                how many (3)\n"
	                 "  boost=DUR               all to the top again (1s)\n"
	                 "shares\n"
	                 "  weight=N/N/...          tickets (one a program)\n"
	                 "  length=DUR/DUR/...      needs (one a program)\n"
	                 "  priority=N/N/...         (one a program)\n");
}

int main(void)
{
	const TTest *const tests[] = {
		the_first_is_the_default,
		a_name_chooses,
		an_unknown_name_lists_the_known_the_nearest_first,
		numbers_and_times_are_stored_where_the_policy_said,
		an_unknown_key_lists_the_known_with_their_help,
		a_value_outside_its_limits_is_told_both,
		a_value_that_is_none_is_told,
		a_list_goes_program_by_program,
		a_list_longer_than_the_programs_are_is_refused,
		what_is_said_before_a_program_is_read_as_a_list_is,
		a_word_that_does_not_begin_as_a_variable_does_is_a_program,
		a_list_counts_before_what_a_program_says_and_the_limits_are_the_policys,
		a_file_is_told_from_a_name,
		the_help_names_each_policy_and_option_with_its_value,
	};
	Suite *suite = suite_create("policy-option");
	TCase *tcase = tcase_create("choosing");

	for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
