/* OSTEP's worked examples, chapters 7 and 8, on a virtual clock. Times are ms; A, B, C the jobs in their order. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/sched/burst.h"
#include "kernel/sched/levels.h"
#include "kernel/sched/policies.h"
#include "virtual_clock.h"
#include "run_suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

static void run(const struct uos_policy *p, uint64_t quantum, struct job *jobs, int n)
{
	simulate(&(struct machine){.policy = p, .quantum = quantum * MS, .seed = 1}, jobs, n);
}

START_TEST(are_there_nine_and_is_rr_the_default)
{
	static const char *const names[] = {"rr", "fifo", "sjf", "stcf", "prio", "mlfq", "lottery", "stride", "fair"};

	for (int i = 0; i < COUNT(names); i++) {
		ck_assert_str_eq(kernel_policy(i)->name, names[i]);
		ck_assert_uint_eq(kernel_policy(i)->version, UOS_POLICY_VERSION);
		for (const struct uos_option *o = kernel_policy(i)->options; o && o->key; o++)
			ck_assert(o->least <= o->most && o->help && (o->kind >= UOS_NUMBERS || o->value));
	}
	ck_assert_ptr_null(kernel_policy(COUNT(names)));
	ck_assert_ptr_null(kernel_policy(-1));
}

/* ---- Chapter 7: turnaround and response ------------------------------- */

static void arrivals(const struct uos_policy *p, uint64_t quantum, struct job *jobs, int n)
{
	for (int i = 0; i < n; i++)
		jobs[i].thread.length = jobs[i].length; /* as said */
	run(p, quantum, jobs, n);
}

START_TEST(is_fifo_s_turnaround_of_100_10_10_on_average_110)
{
	struct job jobs[] = {{.length = 100 * MS}, {.length = 10 * MS}, {.length = 10 * MS}};

	run(&fifo_policy, 10, jobs, 3);
	ck_assert_uint_eq(mean_turnaround(jobs, 3), 110 * MS);
	ck_assert_int_eq(spans, 3);
	ck_assert_int_eq(ticks, 0);
}

START_TEST(is_sjf_s_turnaround_of_100_10_10_arriving_together_50)
{
	struct job jobs[] = {{.length = 100 * MS}, {.length = 10 * MS}, {.length = 10 * MS}};

	arrivals(&sjf_policy, 10, jobs, 3);
	ck_assert_uint_eq(mean_turnaround(jobs, 3), 50 * MS);
}

START_TEST(is_sjf_s_turnaround_of_100_then_10_10_arriving_at_10_103_33)
{
	struct job jobs[] = {{.length = 100 * MS}, {10 * MS, .length = 10 * MS}, {10 * MS, .length = 10 * MS}};

	arrivals(&sjf_policy, 10, jobs, 3);
	ck_assert_uint_eq(mean_turnaround(jobs, 3), 310 * MS / 3);
}

START_TEST(is_stcf_s_turnaround_of_100_then_10_10_arriving_at_10_50)
{
	struct job jobs[] = {{.length = 100 * MS}, {10 * MS, .length = 10 * MS}, {10 * MS, .length = 10 * MS}};

	arrivals(&stcf_policy, 10, jobs, 3);
	ck_assert_uint_eq(mean_turnaround(jobs, 3), 50 * MS);
	ck_assert_str_eq(picture(10 * MS, 12), "ABCAAAAAAAAA");
}

START_TEST(is_sjf_s_response_of_5_5_5_on_average_5)
{
	struct job jobs[] = {{.length = 5 * MS}, {.length = 5 * MS}, {.length = 5 * MS}};

	arrivals(&sjf_policy, 1, jobs, 3);
	ck_assert_uint_eq(mean_response(jobs, 3), 5 * MS);
	ck_assert_uint_eq(mean_turnaround(jobs, 3), 10 * MS);
}

START_TEST(is_rr_s_response_of_5_5_5_by_quanta_of_1_on_average_1_and_turnaround_14)
{
	struct job jobs[] = {{.length = 5 * MS}, {.length = 5 * MS}, {.length = 5 * MS}};

	run(&rr_policy, 1, jobs, 3);
	ck_assert_uint_eq(mean_response(jobs, 3), 1 * MS);
	ck_assert_uint_eq(mean_turnaround(jobs, 3), 14 * MS);
	ck_assert_str_eq(picture(MS, 15), "ABCABCABCABCABC");
}

START_TEST(does_stcf_overlap_io_of_10_each_after_10_of_50_with_another_job_of_50)
{
	struct job jobs[] = {{.length = 50 * MS, .run = 10 * MS, .wait = 10 * MS}, {.length = 50 * MS}};

	jobs[1].thread.length = 50 * MS; /* of A, each burst counts as a job: section 7.8 */
	run(&stcf_policy, 10, jobs, 2);
	ck_assert_str_eq(picture(10 * MS, 8), "ABABABAB"); /* then both have 10 left */
}

START_TEST(do_two_that_yield_alternate_under_fifo)
{
	struct job jobs[] = {{.length = 3 * MS, .run = MS, .yields = true}, {.length = 3 * MS, .run = MS, .yields = true}};

	run(&fifo_policy, 10, jobs, 2);
	ck_assert_str_eq(picture(MS, 6), "ABABAB");
	ck_assert_int_eq(ticks, 0);
}

START_TEST(does_sjf_learn_whose_bursts_are_short)
{
	struct job jobs[] = {{.length = 16 * MS, .run = 8 * MS, .wait = 10 * MS},
			     {.length = 4 * MS, .run = 2 * MS, .wait = 10 * MS},
			     {.arrival = 15 * MS, .length = 10 * MS}};

	run(&sjf_policy, 10, jobs, 3); /* at 25 both have come back */
	ck_assert_str_eq(picture(MS, 35), "AAAAAAAABB-----CCCCCCCCCCBBAAAAAAAA");
}

START_TEST(does_stcf_learn_whose_bursts_are_short)
{
	struct job jobs[] = {{.length = 16 * MS, .run = 8 * MS, .wait = 10 * MS},
			     {.length = 4 * MS, .run = 2 * MS, .wait = 10 * MS}};

	run(&stcf_policy, 10, jobs, 2); /* at 20 A has 6 left of 8 */
	ck_assert_str_eq(picture(MS, 28), "AAAAAAAABB--------AABBAAAAAA");
}

START_TEST(is_a_burst_expected_to_be_half_the_last_and_half_those_before)
{
	struct uos_thread t = {0};

	ck_assert_uint_eq(burst_expected(&t, 10), 10); /* nothing is known: the quantum */
	t.ran = 8;
	burst_ended(&t);
	ck_assert_uint_eq(burst_expected(&t, 10), 8);
	t.ran += 2;
	burst_ended(&t);
	ck_assert_uint_eq(burst_expected(&t, 10), 5);
	t.ran += 7;
	burst_ended(&t);
	ck_assert_uint_eq(burst_expected(&t, 10), 6);
	t.length = 100; /* what its user says, counts */
	ck_assert_uint_eq(burst_expected(&t, 10), 100);
}

START_TEST(does_a_wrong_word_about_its_length_not_keep_the_cpu_for_ever)
{
	struct job jobs[] = {{.length = 100 * MS}, {.arrival = 5 * MS, .length = 20 * MS}};

	jobs[0].thread.length = 1 * MS; /* at 30 it is overdue by more than B's 20 */
	jobs[1].thread.length = 20 * MS;
	run(&stcf_policy, 10, jobs, 2);
	ck_assert_str_eq(picture(10 * MS, 12), "AAABBAAAAAAA");
}

START_TEST(do_the_most_urgent_go_first_in_turn_and_does_a_waker_not_wait)
{
	struct job jobs[] = {{.length = 2 * MS}, {.length = 2 * MS}, {.arrival = 500 * US, .length = 2 * MS},
			     {.arrival = MS, .length = MS}};

	option_each(&prio_policy, "priorities", jobs, 4, (uint64_t[]){7, 7, 3, 3});
	run(&prio_policy, 1, jobs, 4); /* C does not wait for A's turn to end, D does for C's; A has half a turn left */
	ck_assert_str_eq(picture(500 * US, 14), "ACCDDCCABBAABB");
}

START_TEST(does_who_is_preempted_often_keep_only_its_turn_from_its_equals)
{
	/* C interrupts A each 9 ms of 10. */
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER}, {.length = NEVER, .run = MS, .wait = 8 * MS}};

	option_each(&prio_policy, "priorities", jobs, 3, (uint64_t[]){1, 1, 0});
	simulate(&(struct machine){&prio_policy, .quantum = 10 * MS, .until = SECOND}, jobs, 3);
	ck_assert_uint_lt(had_cpu(0, 0, SECOND), 460 * MS);
	ck_assert_uint_lt(had_cpu(1, 0, SECOND), 460 * MS);
}

/* ---- Chapter 8: the multi-level feedback queue ------------------------ */

static void mlfq(struct job *jobs, int n, uint64_t boost, uint64_t until)
{
	option(&mlfq_policy, "queues", 3);
	option(&mlfq_policy, "quantum", 10 * MS);
	option(&mlfq_policy, "allotment", 10 * MS);
	option(&mlfq_policy, "boost", boost * MS);
	simulate(&(struct machine){&mlfq_policy, .quantum = MS, .until = until * MS}, jobs, n);
}

/* A used up its 10 on the first level and comes back, on the second, at `at`. When does it run again? */
static uint64_t comes_back(uint64_t at)
{
	struct job jobs[] = {{.length = 11 * MS, .run = 10 * MS, .wait = (at - 10) * MS}, {.length = NEVER}, {.length = NEVER}};

	mlfq(jobs, 3, 0, 200);
	return jobs[0].completion / MS - 1;
}

START_TEST(does_a_long_running_job_go_down_the_three_queues_10_each)
{
	/* B, C, both on the first level, to 30; both on the second, A's, to 50; then below. */
	ck_assert_uint_eq(comes_back(25), 40);
	ck_assert_uint_eq(comes_back(45), 50);
	ck_assert_uint_eq(comes_back(55), 55);
	ck_assert_uint_eq(comes_back(63), 63);
}

START_TEST(does_a_short_job_of_20_that_comes_at_100_end_at_120_before_the_long_one)
{
	struct job jobs[] = {{.length = 200 * MS}, {.arrival = 100 * MS, .length = 20 * MS}};

	mlfq(jobs, 2, 0, 0);
	ck_assert_str_eq(picture(10 * MS, 22), "AAAAAAAAAABBAAAAAAAAAA");
	ck_assert_int_gt(continued, 0); /* B stays, alone on the second level */
}

START_TEST(does_an_interactive_job_of_1_and_9_of_io_never_wait_for_a_hog)
{
	struct job jobs[] = {{.length = NEVER}, {.arrival = 30 * MS, .length = 20 * MS, .run = MS, .wait = 9 * MS}};

	mlfq(jobs, 2, 0, 300);
	ck_assert_uint_eq(jobs[1].completion, 221 * MS);
	ck_assert_uint_eq(jobs[1].longest_wait, 0);
	ck_assert_str_eq(picture(MS, 60) + 30, "BAAAAAAAAABAAAAAAAAABAAAAAAAAA");
}

START_TEST(does_a_boost_keep_an_interactive_job_near_the_top_for_ever)
{
	struct job jobs[] = {{.length = NEVER}, {.arrival = 30 * MS, .length = NEVER, .run = MS, .wait = 9 * MS}};

	mlfq(jobs, 2, 150, 3000);
	ck_assert_uint_ge(had_cpu(1, 30 * MS, 3000 * MS), 270 * MS);
	ck_assert_uint_le(jobs[1].longest_wait, 10 * MS);
}

/* The share of B, which gives up the CPU for a moment after `run` us of 10 ms, against a hog, in percent. */
static uint64_t gaming(uint64_t run)
{
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER, .run = run * US, .wait = 100 * US}};

	mlfq(jobs, 2, 0, 2000);
	return had_cpu(1, 0, 2000 * MS) / (20 * MS);
}

START_TEST(does_giving_up_the_cpu_at_99_percent_of_the_allotment_win_no_more_than_half)
{
	ck_assert_uint_le(gaming(9900), 51);
	ck_assert_uint_le(gaming(9000), 51);
	ck_assert_uint_ge(gaming(9900), 45);
}

/* How much of a second A, on the last level, gets when a new short job comes each 10 ms. */
static uint64_t starving(uint64_t boost)
{
	struct job jobs[121] = {{.length = NEVER}};

	for (uint64_t i = 1; i < 121; i++)
		jobs[i] = (struct job){.arrival = (20 + 10 * i) * MS, .length = 10 * MS};
	mlfq(jobs, 121, boost, 1030);
	return had_cpu(0, 30 * MS, 1030 * MS) / MS;
}

START_TEST(does_a_boost_each_100_let_a_starving_job_run_10_each_time)
{
	ck_assert_uint_eq(starving(0), 0);
	ck_assert_uint_ge(starving(100), 90);
	ck_assert_uint_le(starving(100), 110);
}

START_TEST(does_a_boost_move_both_to_the_top_in_their_order)
{
	/* After the boost at 100 A and B are both on top, in the order in which they were below. */
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER}, {.arrival = 115 * MS, .length = 10 * MS}};

	mlfq(jobs, 3, 100, 200); /* C comes while one of them has its turn on the first level: it waits for both */
	ck_assert_uint_eq(jobs[2].first_run, 120 * MS);
	ck_assert_uint_eq(jobs[2].completion, 130 * MS);
}

START_TEST(does_a_boost_give_a_whole_allotment)
{
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER}, {.arrival = 135 * MS, .length = 10 * MS}};

	/* At 100 A and B have used 20 of 30 on the second level; C comes to the first, where they are to 160. */
	option(&mlfq_policy, "queues", 2);
	option(&mlfq_policy, "quantum", 10 * MS);
	option(&mlfq_policy, "allotment", 30 * MS);
	option(&mlfq_policy, "boost", 100 * MS);
	simulate(&(struct machine){&mlfq_policy, .quantum = MS, .until = 190 * MS}, jobs, 3);
	ck_assert_str_eq(picture(10 * MS, 19), "ABABABABABABABACBAB");
}

START_TEST(do_all_levels_become_the_first_in_order)
{
	static struct levels levels;
	struct uos_thread t[6], *at, *last = NULL;
	int n = 0;

	for (int i = 0; i < 6; i++)
		levels_append(&levels, (uint64_t[]){2, 2, 5, 63, 63, 63}[i], &t[i]);
	levels_splice(&levels);
	ck_assert_uint_eq(levels.filled, 1);
	for (at = levels_first(&levels); at; last = at, at = at->next) {
		ck_assert_ptr_eq(at, &t[n++]);
		ck_assert_ptr_eq(at->prev, last);
	}
	ck_assert_int_eq(n, 6);
	ck_assert_ptr_eq(levels.queue[0].tail, last);
	for (int i = 0; i < 6; i++)
		levels_remove(&levels, 0, &t[i]);
	levels_splice(&levels);
	ck_assert_ptr_null(levels_first(&levels));
}

/* ---- */

static void add_mlfq(TCase *c)
{
	tcase_add_test(c, does_a_long_running_job_go_down_the_three_queues_10_each);
	tcase_add_test(c, does_a_short_job_of_20_that_comes_at_100_end_at_120_before_the_long_one);
	tcase_add_test(c, does_an_interactive_job_of_1_and_9_of_io_never_wait_for_a_hog);
	tcase_add_test(c, does_a_boost_keep_an_interactive_job_near_the_top_for_ever);
	tcase_add_test(c, does_giving_up_the_cpu_at_99_percent_of_the_allotment_win_no_more_than_half);
	tcase_add_test(c, does_a_boost_each_100_let_a_starving_job_run_10_each_time);
	tcase_add_test(c, does_a_boost_move_both_to_the_top_in_their_order);
	tcase_add_test(c, does_a_boost_give_a_whole_allotment);
	tcase_add_test(c, do_all_levels_become_the_first_in_order);
}

int main(void)
{
	Suite *s = suite_create("policies");
	TCase *c = tcase_create("policies");

	tcase_add_test(c, are_there_nine_and_is_rr_the_default);
	tcase_add_test(c, is_fifo_s_turnaround_of_100_10_10_on_average_110);
	tcase_add_test(c, is_sjf_s_turnaround_of_100_10_10_arriving_together_50);
	tcase_add_test(c, is_sjf_s_turnaround_of_100_then_10_10_arriving_at_10_103_33);
	tcase_add_test(c, is_stcf_s_turnaround_of_100_then_10_10_arriving_at_10_50);
	tcase_add_test(c, is_sjf_s_response_of_5_5_5_on_average_5);
	tcase_add_test(c, is_rr_s_response_of_5_5_5_by_quanta_of_1_on_average_1_and_turnaround_14);
	tcase_add_test(c, does_stcf_overlap_io_of_10_each_after_10_of_50_with_another_job_of_50);
	tcase_add_test(c, do_two_that_yield_alternate_under_fifo);
	tcase_add_test(c, does_sjf_learn_whose_bursts_are_short);
	tcase_add_test(c, does_stcf_learn_whose_bursts_are_short);
	tcase_add_test(c, is_a_burst_expected_to_be_half_the_last_and_half_those_before);
	tcase_add_test(c, does_a_wrong_word_about_its_length_not_keep_the_cpu_for_ever);
	tcase_add_test(c, do_the_most_urgent_go_first_in_turn_and_does_a_waker_not_wait);
	tcase_add_test(c, does_who_is_preempted_often_keep_only_its_turn_from_its_equals);
	add_mlfq(c);
	suite_add_tcase(s, c);
	return run_suite(s);
}
