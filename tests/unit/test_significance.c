/* Do the statistics say what the books and R say? */
#include <check.h>
#include <stdlib.h>

#include "cli/significance.h"
#include "run_suite.h"

#define COUNT(x) ((int)(sizeof(x) / sizeof *(x)))

static void near(double seen, double wanted, double within)
{
	ck_assert_msg(seen > wanted - within && seen < wanted + within, "%.9g, should be %.9g", seen, wanted);
}

START_TEST(is_the_median_the_one_in_the_middle)
{
	double odd[] = { 5, 1, 3 }, even[] = { 4, 1, 3, 2 }, one[] = { 7 };

	ck_assert(estimate_median(odd, 3).median == 3);
	ck_assert(estimate_median(even, 4).median == 2.5);

	struct estimate e = estimate_median(one, 1);

	ck_assert(e.median == 7 && e.low == 7 && e.high == 7 && estimate_half(e) == 0);
}

/* The ranks of the 95 % interval as printed in tables of the sign test, e.g. Conover, Practical Nonparametric Statistics. */
START_TEST(are_the_ranks_of_the_interval_those_of_the_tables)
{
	static const int table[][2] = { { 6, 1 }, { 8, 1 }, { 9, 2 }, { 10, 2 }, { 12, 3 }, { 15, 4 }, { 20, 6 },
					{ 25, 8 }, { 30, 10 }, { 40, 14 }, { 50, 18 }, { 100, 40 } };

	for (int row = 0; row < COUNT(table); row++) {
		int n = table[row][0];
		double v[100];

		for (int i = 0; i < n; i++)
			v[i] = n - i;

		struct estimate e = estimate_median(v, n);

		ck_assert_msg(e.low == table[row][1] && e.high == n + 1 - table[row][1], "n = %d: ranks %g to %g", n, e.low, e.high);
	}
}

START_TEST(is_the_interval_all_there_is_for_fewer_than_six)
{
	double v[] = { 3, 9, 1, 4, 5 };
	struct estimate e = estimate_median(v, 5);

	ck_assert(e.low == 1 && e.high == 9 && estimate_half(e) == 4);
}

/* By the normal approximation: n/2 - 1.96 sqrt(n)/2 */
START_TEST(does_the_interval_hold_for_ten_thousand)
{
	static double v[10000];

	for (int i = 0; i < 10000; i++)
		v[i] = i + 1;

	struct estimate e = estimate_median(v, 10000);

	near(e.low, 4902, 2);
	near(e.high, 5099, 2);
}

/* R's help page of wilcox.test, from Hollander and Wolfe: W = 35, one-sided p = 0.1272. */
START_TEST(is_p_that_of_r_s_example)
{
	static const double at_term[] = { 0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46 };
	static const double before[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };

	near(mann_whitney_p(at_term, 10, before, 5), 0.2544, 5e-5);
	near(mann_whitney_p(before, 5, at_term, 10), 0.2544, 5e-5);
}

/* The same page: ozone in New York, May and August: with ties, by the normal approximation: W = 127.5, p = 0.0001208. */
START_TEST(is_p_with_ties_that_of_r_s_example)
{
	static const double may[] = { 41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45,
				      115, 37 };
	static const double august[] = { 39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168,
					 73, 76, 118, 84, 85 };

	near(mann_whitney_p(may, COUNT(may), august, COUNT(august)), 0.0001208, 5e-8);
}

/* Two samples without ties whose U is u: the first m places of b, then what is missing one by one. */
static double p_of_u(int n, int m, int u)
{
	double a[20], b[20];

	for (int i = 0; i < m; i++)
		b[i] = 100 * (i + 1);
	for (int i = 0; i < n; i++) { /* a[i] exceeds as many of b as are left of u */
		int over = u < m ? u : m;

		u -= over;
		a[i] = 100 * over + 50 + i;
	}
	return mann_whitney_p(a, n, b, m);
}

/* Two-sided, 5 %: U at most the table's is significant, one more is not (Mann and Whitney 1947; any textbook). */
START_TEST(are_the_critical_values_those_of_the_tables)
{
	static const int table[][3] = { { 4, 4, 0 }, { 5, 5, 2 }, { 5, 8, 6 }, { 6, 6, 5 }, { 7, 7, 8 }, { 8, 8, 13 },
					{ 9, 9, 17 }, { 10, 10, 23 }, { 10, 15, 39 }, { 12, 12, 37 }, { 15, 15, 64 },
					{ 20, 20, 127 } };

	for (int row = 0; row < COUNT(table); row++) {
		int n = table[row][0], m = table[row][1], u = table[row][2];

		ck_assert_msg(p_of_u(n, m, u) <= 0.05, "U = %d of %d and %d", u, n, m);
		ck_assert_msg(p_of_u(n, m, u + 1) > 0.05, "U = %d of %d and %d", u + 1, n, m);
	}
	near(p_of_u(10, 10, 0), 2 / 184756.0, 1e-12);
	near(p_of_u(4, 4, 0), 2 / 70.0, 1e-12);
	near(p_of_u(10, 10, 23), 0.04326, 5e-6); /* R: 2 * pwilcox(23, 10, 10) */
}

/* Of the 20 ways to choose 3 of 6, two are as far apart; the normal approximation would say 0.047. */
START_TEST(is_p_of_three_and_three_never_significant)
{
	static const double low[] = { 3, 3, 3 }, high[] = { 5, 5, 5 };

	near(mann_whitney_p(low, 3, high, 3), 0.1, 1e-12);
}

/* Values 1, 2, 2 against 2, 3, ranks 1, 3, 3, 3, 5: of the 10 ways to choose 3, the sum is 7 in three, 11 in three, else 9. */
START_TEST(is_p_with_ties_counted_exactly)
{
	static const double a[] = { 1, 2, 2 }, b[] = { 2, 3 };

	near(mann_whitney_p(a, 3, b, 2), 0.6, 1e-12);
}

START_TEST(is_p_one_if_all_are_equal)
{
	static double same[30];

	near(mann_whitney_p(same, 10, same, 10), 1, 1e-12);
	near(mann_whitney_p(same, 30, same, 30), 1, 1e-12);
	near(mann_whitney_p(same, 1, same, 1), 1, 1e-12);
}

/* Where both may be used they agree, for 20 and 20 to some 3 %. */
START_TEST(does_the_approximation_meet_the_exact_value)
{
	double a[21], b[21];

	for (int i = 0; i < 21; i++) {
		a[i] = 2 * i;
		b[i] = 2 * i + 9;
	}
	near(mann_whitney_p(a, 21, b, 21), mann_whitney_p(a, 20, b, 20), 0.02);
}

START_TEST(is_jain_s_index_that_of_the_paper)
{
	static const double equal[] = { 3, 3, 3, 3 }, one[] = { 0, 7, 0, 0 }, some[] = { 1, 1, 0, 0, 0 }, mixed[] = { 1, 2, 3 };

	near(jain_index(equal, 4), 1, 1e-12);
	near(jain_index(one, 4), 0.25, 1e-12);
	near(jain_index(some, 5), 0.4, 1e-12); /* of 5, two share: Jain, Chiu, Hawe 1984 */
	near(jain_index(mixed, 3), 36.0 / 42, 1e-12);
	near(jain_index(one, 1), 1, 1e-12); /* nobody has any: nobody is worse off */
	near(jain_index(equal, 0), 1, 1e-12);
}

int main(void)
{
	Suite *s = suite_create("significance");
	TCase *c = tcase_create("significance");

	tcase_add_test(c, is_the_median_the_one_in_the_middle);
	tcase_add_test(c, are_the_ranks_of_the_interval_those_of_the_tables);
	tcase_add_test(c, is_the_interval_all_there_is_for_fewer_than_six);
	tcase_add_test(c, does_the_interval_hold_for_ten_thousand);
	tcase_add_test(c, is_p_that_of_r_s_example);
	tcase_add_test(c, is_p_with_ties_that_of_r_s_example);
	tcase_add_test(c, are_the_critical_values_those_of_the_tables);
	tcase_add_test(c, is_p_of_three_and_three_never_significant);
	tcase_add_test(c, is_p_with_ties_counted_exactly);
	tcase_add_test(c, is_p_one_if_all_are_equal);
	tcase_add_test(c, does_the_approximation_meet_the_exact_value);
	tcase_add_test(c, is_jain_s_index_that_of_the_paper);
	suite_add_tcase(s, c);
	return run_suite(s);
}
