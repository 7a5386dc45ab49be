/* Proportional shares (OSTEP 9) on a virtual clock, and what every policy must hold to, with jobs by chance. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/sched/average.h"
#include "kernel/sched/policies.h"
#include "virtual_clock.h"

#include "../../docs/least_ran.c" /* the plug-in of the documents: uos_policy */
#include "run_suite.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* ---- Lottery ---------------------------------------------------------- */

/* 10,000 draws among A, with 75 tickets, and B, with 25: how many A wins. */
static uint64_t lottery(uint64_t seed)
{
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER}};

	option_each(&lottery_policy, "tickets", jobs, 2, (uint64_t[]){75, 25});
	simulate(&(struct machine){&lottery_policy, .quantum = MS, .seed = seed, .until = 10000 * MS}, jobs, 2);
	return had_cpu(0, 0, 10000 * MS) / MS;
}

START_TEST(do_75_and_25_tickets_win_75_and_25_percent_of_10000_draws_within_4_sigma)
{
	for (uint64_t seed = 0; seed < 5; seed++) { /* sigma is sqrt(10,000 * 3/4 * 1/4) = 43.3 */
		ck_assert_uint_ge(lottery(seed), 7500 - 174);
		ck_assert_uint_le(lottery(seed), 7500 + 174);
	}
}

START_TEST(does_a_seed_give_the_same_schedule_again_and_another_seed_another)
{
	char first[1001];

	lottery(7);
	strcpy(first, picture(MS, 1000));
	lottery(7);
	ck_assert_str_eq(first, picture(MS, 1000));
	lottery(8);
	ck_assert_str_ne(first, picture(MS, 1000));
}

START_TEST(is_each_of_7_equally_likely_and_are_draws_independent)
{
	struct job jobs[7] = {{0}};

	for (int i = 0; i < 7; i++)
		jobs[i].length = NEVER;
	simulate(&(struct machine){&lottery_policy, .quantum = MS, .seed = 3, .until = 7000 * MS}, jobs, 7);
	for (int i = 0; i < 7; i++) { /* sigma is sqrt(7,000 * 1/7 * 6/7) = 29.3 */
		ck_assert_uint_ge(had_cpu(i, 0, 7000 * MS), 883 * MS);
		ck_assert_uint_le(had_cpu(i, 0, 7000 * MS), 1117 * MS);
	}
	ck_assert_int_ge(7000 - spans, 883); /* a seventh of the draws goes to who has the CPU */
	ck_assert_int_le(7000 - spans, 1117);
}

/* ---- Stride ----------------------------------------------------------- */

static void stride(struct job *jobs, int n, const uint64_t *tickets, uint64_t until)
{
	option_each(&stride_policy, "tickets", jobs, n, tickets);
	simulate(&(struct machine){&stride_policy, .quantum = MS, .until = until * MS}, jobs, n);
}

START_TEST(is_the_order_of_100_50_and_250_tickets_the_book_s_a_b_c_c_c_a_c_c)
{
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER}, {.length = NEVER}};

	stride(jobs, 3, (uint64_t[]){100, 50, 250}, 8000);
	ck_assert_str_eq(picture(MS, 24), "ABCCCACCABCCCACCABCCCACC");
	ck_assert_uint_eq(had_cpu(0, 0, 8000 * MS), 2000 * MS);
	ck_assert_uint_eq(had_cpu(1, 0, 8000 * MS), 1000 * MS);
	ck_assert_uint_eq(had_cpu(2, 0, 8000 * MS), 5000 * MS);
}

START_TEST(are_1_and_1000_tickets_exact_over_10_of_1001_rounds)
{
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER}};

	stride(jobs, 2, (uint64_t[]){1000, 1}, 10010);
	ck_assert_uint_eq(had_cpu(1, 0, 10010 * MS), 10 * MS);
}

START_TEST(does_a_late_comer_get_its_share_from_then_on_and_no_more)
{
	struct job jobs[] = {{.length = NEVER}, {.arrival = 500 * MS, .length = NEVER}};

	stride(jobs, 2, (uint64_t[]){1, 1}, 600);
	ck_assert_str_eq(picture(MS, 520) + 502, "ABABABABABABABABAB");
	ck_assert_uint_eq(had_cpu(1, 0, 600 * MS), 50 * MS);
}

START_TEST(is_one_who_runs_half_its_quantum_charged_for_half)
{
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER, .run = 500 * US, .yields = true}};

	stride(jobs, 2, (uint64_t[]){1, 1}, 1000);
	ck_assert_uint_ge(had_cpu(1, 0, 1000 * MS), 499 * MS);
	ck_assert_uint_le(had_cpu(1, 0, 1000 * MS), 501 * MS);
}

START_TEST(does_a_sleeper_gain_nothing_for_its_time_away)
{
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER, .run = 10 * MS, .wait = 200 * MS}};

	stride(jobs, 2, (uint64_t[]){1, 1}, 1000);
	for (uint64_t i = 1; i < 4; i++) /* awake at 220, 440, ...: 10 take it 20 */
		ck_assert_uint_le(had_cpu(1, i * 220 * MS - MS, (i * 220 + 10) * MS), 7 * MS);
}

/* ---- Fair ------------------------------------------------------------- */

static uint64_t all_weights, slack;

/* Nobody is more than a slice away from its share of all that was run. */
static void watch_lag(const struct job *jobs, int n, uint64_t now)
{
	for (int i = 0; i < n; i++) {
		uint64_t share = now * jobs[i].thread.weight / all_weights, ran = jobs[i].thread.ran;

		if (ran > share + slack || share > ran + slack)
			ck_abort_msg("at %lu us %c has run %lu, its share is %lu", now / US, 'A' + i, ran / US, share / US);
	}
}

static void lags(struct job *jobs, int n, const uint64_t *weights, uint64_t quantum, uint64_t until)
{
	all_weights = 0;
	slack = quantum + 10;
	for (int i = 0; i < n; i++)
		all_weights += weights[i];
	option_each(&fair_policy, "weights", jobs, n, weights);
	simulate(&(struct machine){&fair_policy, .quantum = quantum, .until = until, .watch = watch_lag}, jobs, n);
}

START_TEST(are_shares_of_1_2_4_within_one_slice_at_every_instant)
{
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER}, {.length = NEVER}};

	lags(jobs, 3, (uint64_t[]){1, 2, 4}, 10 * MS, 70 * SECOND);
	ck_assert_uint_ge(had_cpu(2, 0, 70 * SECOND), 40 * SECOND - 10 * MS);
}

START_TEST(are_shares_of_1_and_1000000_and_odd_ones_within_one_slice_at_every_instant)
{
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER}, {.length = NEVER}, {.length = NEVER, .run = 3 * US, .yields = true}};

	lags(jobs, 3, (uint64_t[]){1, 1000000, 999983}, MS, 20 * SECOND);
	lags(jobs, 4, (uint64_t[]){7, 999983, 31, 1000000}, 50 * US, 200 * MS);
	lags(jobs, 3, (uint64_t[]){3, 7, 11}, 20 * US, SECOND);
}

START_TEST(is_the_average_of_virtual_times_rounded_down_and_its_rest_kept)
{
	struct average a;

	average_start(&a);
	average_move(&a, 4, (uint64_t)-1); /* one of weight 1 is now 1 behind: -1/4 */
	ck_assert_uint_eq(a.time, (uint64_t)-1);
	ck_assert_int_eq(a.moment, 3);
	average_move(&a, 4, 9);
	ck_assert_uint_eq(a.time, 2);
	ck_assert_int_eq(a.moment, 0);
	ck_assert_uint_eq(average_join(&a, 4, 2, 5), (uint64_t)-5); /* 10 owed, 4: moves by 2; at 0 it is 5 behind */
	ck_assert_uint_eq(a.time, (uint64_t)-1); /* exactly -1/3 */
	ck_assert_int_eq(a.moment, 4);
}

START_TEST(does_one_of_much_weight_not_run_far_ahead_of_many_of_little)
{
	struct job jobs[21];

	for (int i = 0; i < 21; i++) /* by deadlines alone A would run 20 slices at once */
		jobs[i] = (struct job){.length = NEVER};
	lags(jobs, 21, (uint64_t[21]){20, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, MS, SECOND);
}

START_TEST(is_what_a_sleeper_missed_kept_for_it)
{
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER, .run = MS, .wait = MS}};

	simulate(&(struct machine){&fair_policy, .quantum = 10 * MS, .until = 10 * SECOND}, jobs, 2);
	/* Of each 11 it would have 1 if it came with no claim each time, as A's slice is 10; at most every other. */
	ck_assert_uint_ge(had_cpu(1, 0, 10 * SECOND), 3 * SECOND);
	ck_assert_uint_le(had_cpu(1, 0, 10 * SECOND), 5 * SECOND);
}

START_TEST(is_a_debt_after_a_second_in_coop_bounded_to_a_slice)
{
	struct job jobs[] = {{.length = 2 * SECOND, .run = SECOND, .wait = MS},
			     {.length = NEVER, .run = MS, .yields = true},
			     {.length = NEVER, .run = MS, .yields = true}};

	simulate(&(struct machine){&fair_policy, .quantum = 10 * MS, .until = 4 * SECOND, .coop = true}, jobs, 3);
	ck_assert_uint_le(jobs[0].longest_wait, 40 * MS);
	ck_assert_uint_ge(jobs[0].longest_wait, 10 * MS);
}

START_TEST(do_shares_hold_for_three_years_without_overflow)
{
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER}};
	const struct uos_policy *policies[] = {&fair_policy, &stride_policy};

	for (int i = 0; i < 2; i++) {
		jobs[1].thread.weight = 3;
		simulate(&(struct machine){policies[i], .quantum = 900 * SECOND, .until = 3 * 365 * 86400 * SECOND}, jobs, 2);
		ck_assert_uint_ge(jobs[0].thread.ran, 3 * 365 * 21600 * SECOND - 900 * SECOND);
		ck_assert_uint_le(jobs[0].thread.ran, 3 * 365 * 21600 * SECOND + 900 * SECOND);
	}
}

START_TEST(does_a_sleeper_gain_no_more_than_one_slice_on_waking)
{
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER, .run = 35 * MS, .wait = 500 * MS}, {.length = NEVER}};

	simulate(&(struct machine){&fair_policy, .quantum = 10 * MS, .until = 10 * SECOND}, jobs, 3);
	for (int i = 0; i < spans; i++) {
		uint64_t woke = history[i].from;

		if (history[i].who != 1 || had_cpu(1, woke - 400 * MS, woke))
			continue; /* the first span since it woke: it began to wait for the CPU 30 before at most */
		for (uint64_t x = 0; x < 100; x++)
			ck_assert_uint_le(had_cpu(1, woke, woke + x * MS), (x + 30) * MS / 3 + 10 * MS);
	}
	ck_assert_uint_le(jobs[1].longest_wait, 30 * MS);
}

START_TEST(does_short_sleep_not_win_more_than_its_share)
{
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER, .run = 9 * MS, .wait = 10 * US}};

	simulate(&(struct machine){&fair_policy, .quantum = 10 * MS, .until = 10 * SECOND}, jobs, 2);
	ck_assert_uint_le(had_cpu(1, 0, 10 * SECOND), 5 * SECOND + 10 * MS);
	ck_assert_uint_ge(had_cpu(1, 0, 10 * SECOND), 4 * SECOND);
}

START_TEST(does_a_waker_whose_deadline_is_nearer_not_wait)
{
	struct job jobs[] = {{.length = NEVER}, {.length = NEVER}, {.length = NEVER, .run = 100 * US, .wait = 33 * MS}};

	option_each(&fair_policy, "weights", jobs, 3, (uint64_t[]){1, 1, 1000});
	simulate(&(struct machine){&fair_policy, .quantum = 10 * MS, .until = SECOND}, jobs, 3);
	ck_assert_uint_eq(jobs[2].longest_wait, 0);
	ck_assert_int_gt(continued + spans, 60);
	option_each(&fair_policy, "weights", jobs, 3, (uint64_t[]){1, 1, 1}); /* an equal's is not, as a rule */
	simulate(&(struct machine){&fair_policy, .quantum = 10 * MS, .until = SECOND}, jobs, 3);
	ck_assert_uint_gt(jobs[2].longest_wait, MS);
	ck_assert_uint_le(jobs[2].longest_wait, 20 * MS);
}

/* ---- Chance ----------------------------------------------------------- */

static void random_jobs(struct job *jobs, int n, bool endless)
{
	for (int i = 0; i < n; i++) {
		struct job *j = &jobs[i];

		memset(j, 0, sizeof(*j));
		j->arrival = chance(3) * chance(200) * MS;
		j->length = endless ? NEVER : 1 + chance(300 * MS);
		j->run = chance(3) ? 1 + chance(2 + chance(20 * MS)) : 0;
		j->run += j->run && j->length != NEVER ? j->length / 1000 : 0;
		j->wait = chance(30 * MS);
		j->yields = !chance(3);
		j->thread.weight = 1 + chance(chance(2) ? 10 : 1000000);
		j->thread.priority = chance(4);
		j->thread.length = chance(2) ? 0 : chance(2) ? j->length % SECOND : 1 + chance(SECOND);
	}
}

static void finishes(const struct uos_policy *p, uint64_t seed, bool coop)
{
	struct job jobs[12];
	int n = 1 + (int)chance(COUNT(jobs));

	random_jobs(jobs, n, false);
	simulate(&(struct machine){.policy = p, .quantum = 1 + chance(10 * MS), .seed = seed, .late = chance(50 * US), .coop = coop},
		 jobs, n); /* checks each pick */
	for (int i = 0; i < n; i++)
		ck_assert_msg(jobs[i].completion != NEVER, "%s lost %c, seed %lu", p->name, 'A' + i, seed);
	ck_assert(!coop || !ticks);
}

START_TEST(does_everyone_finish_and_is_the_cpu_never_idle_while_one_can_run)
{
	const struct uos_policy *p = kernel_policy(_i) ? kernel_policy(_i) : &uos_policy;

	for (uint64_t seed = 0; seed < 40; seed++) {
		chance_start(seed * 100 + (uint64_t)_i);
		finishes(p, seed, false);
		finishes(p, seed, true);
	}
}

/* The longest that any of 12 endless jobs waits for the CPU at one time; weights 1 to 10. */
static uint64_t longest_wait(const struct uos_policy *p, uint64_t seed)
{
	struct job jobs[12];
	uint64_t longest = 0;

	chance_start(seed);
	random_jobs(jobs, COUNT(jobs), true);
	for (int i = 0; i < COUNT(jobs); i++)
		jobs[i].thread.weight = 1 + chance(10);
	simulate(&(struct machine){p, .quantum = 10 * MS, .seed = seed, .until = 10 * SECOND}, jobs, COUNT(jobs));
	for (int i = 0; i < COUNT(jobs); i++)
		if (jobs[i].longest_wait > longest)
			longest = jobs[i].longest_wait;
	return longest;
}

START_TEST(does_nobody_starve_under_rr_mlfq_lottery_stride_and_fair)
{
	static const struct {
		const struct uos_policy *policy;
		uint64_t bound;
	} fair[] = {
		{&rr_policy, 11 * 10 * MS},              /* the others' quanta */
		{&mlfq_policy, SECOND + 12 * 20 * MS},   /* a boost and the others' allotments */
		{&lottery_policy, 20 * 120 * 10 * MS},   /* 1 ticket of 120 at least: missed 2,400 times once in 5e8 */
		{&stride_policy, 12 * 11 * 10 * MS},     /* who has 1 ticket waits for 10 quanta of each other, and one more */
		{&fair_policy, 12 * 11 * 10 * MS},
	};

	for (uint64_t seed = 1; seed < 15; seed++)
		ck_assert_msg(longest_wait(fair[_i].policy, seed) <= fair[_i].bound, "%s, seed %lu: %lu ms", fair[_i].policy->name,
			      seed, longest_wait(fair[_i].policy, seed) / MS);
}

START_TEST(would_starving_be_seen)
{
	ck_assert_uint_gt(longest_wait(&prio_policy, 1), 9 * SECOND);
	ck_assert_uint_gt(longest_wait(&fifo_policy, 1), 9 * SECOND);
}

int main(void)
{
	Suite *s = suite_create("shares");
	TCase *c = tcase_create("shares");

	tcase_set_timeout(c, 60);
	tcase_add_test(c, do_75_and_25_tickets_win_75_and_25_percent_of_10000_draws_within_4_sigma);
	tcase_add_test(c, does_a_seed_give_the_same_schedule_again_and_another_seed_another);
	tcase_add_test(c, is_each_of_7_equally_likely_and_are_draws_independent);
	tcase_add_test(c, is_the_order_of_100_50_and_250_tickets_the_book_s_a_b_c_c_c_a_c_c);
	tcase_add_test(c, are_1_and_1000_tickets_exact_over_10_of_1001_rounds);
	tcase_add_test(c, does_a_late_comer_get_its_share_from_then_on_and_no_more);
	tcase_add_test(c, is_one_who_runs_half_its_quantum_charged_for_half);
	tcase_add_test(c, does_a_sleeper_gain_nothing_for_its_time_away);
	tcase_add_test(c, are_shares_of_1_2_4_within_one_slice_at_every_instant);
	tcase_add_test(c, are_shares_of_1_and_1000000_and_odd_ones_within_one_slice_at_every_instant);
	tcase_add_test(c, is_the_average_of_virtual_times_rounded_down_and_its_rest_kept);
	tcase_add_test(c, does_one_of_much_weight_not_run_far_ahead_of_many_of_little);
	tcase_add_test(c, is_what_a_sleeper_missed_kept_for_it);
	tcase_add_test(c, is_a_debt_after_a_second_in_coop_bounded_to_a_slice);
	tcase_add_test(c, do_shares_hold_for_three_years_without_overflow);
	tcase_add_test(c, does_a_sleeper_gain_no_more_than_one_slice_on_waking);
	tcase_add_test(c, does_short_sleep_not_win_more_than_its_share);
	tcase_add_test(c, does_a_waker_whose_deadline_is_nearer_not_wait);
	tcase_add_loop_test(c, does_everyone_finish_and_is_the_cpu_never_idle_while_one_can_run, 0, 10);
	tcase_add_loop_test(c, does_nobody_starve_under_rr_mlfq_lottery_stride_and_fair, 0, 5);
	tcase_add_test(c, would_starving_be_seen);
	suite_add_tcase(s, c);
	return run_suite(s);
}
