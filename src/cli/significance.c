#define _GNU_SOURCE
#include "cli/significance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_MAX 20
#define SUM_MAX (EXACT_MAX * 4 * EXACT_MAX) /* of so many doubled ranks */

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * The interval from the k-th smallest to the k-th largest misses the median
 * with probability 2 P(fewer than k of n coins show heads); the largest k for
 * which that is at most 5 %. By logarithms: 2^-n is nothing from n = 1,075 on.
 */
static int rank_of_interval(int n)
{
	double tail = 0;
	int k = 0;

	for (; k < n / 2; k++) {
		tail += exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) - n * M_LN2);
		if (2 * tail > 0.05)
			break;
	}
	return k;
}

struct estimate estimate_median(double *v, int n)
{
	int k = rank_of_interval(n);

	qsort(v, (size_t)n, sizeof *v, ascending);
	if (k > 0)
		k--;
	return (struct estimate){ (v[(n - 1) / 2] + v[n / 2]) / 2, v[k], v[n - 1 - k] };
}

double estimate_half(struct estimate e)
{
	return (e.high - e.low) / 2;
}

/* How often b is smaller than a, ties half. */
static double u_statistic(const double *a, int n, const double *b, int m)
{
	double u = 0;

	for (int i = 0; i < n; i++)
		for (int j = 0; j < m; j++)
			u += a[i] > b[j] ? 1 : a[i] == b[j] ? 0.5 : 0;
	return u;
}

/*
 * Of all ways to choose which n of the n + m values are a's, how many have a
 * sum of ranks as far from the middle? Ranks are doubled: equal values share
 * the mean of theirs.
 */
static double exact_p(const double *a, int n, const double *b, int m)
{
	static double ways[EXACT_MAX + 1][SUM_MAX + 1]; /* to choose so many values with such a sum */
	double all = 0, far = 0;
	int sum = 0, middle = n * (n + m + 1);

	memset(ways, 0, sizeof ways);
	ways[0][0] = 1;
	for (int v = 0; v < n + m; v++) {
		double x = v < n ? a[v] : b[v - n];
		int rank = 1;

		for (int w = 0; w < n + m; w++) {
			double y = w < n ? a[w] : b[w - n];

			rank += y < x ? 2 : y == x;
		}
		sum += v < n ? rank : 0;
		for (int chosen = n; chosen > 0; chosen--)
			for (int s = rank; s <= SUM_MAX; s++)
				ways[chosen][s] += ways[chosen - 1][s - rank];
	}
	for (int s = 0; s <= SUM_MAX; s++) {
		all += ways[n][s];
		far += abs(s - middle) >= abs(sum - middle) ? ways[n][s] : 0;
	}
	return far / all;
}

/* Sum of t^3 - t over groups of equal values. */
static double ties(const double *a, int n, const double *b, int m)
{
	double *all = malloc((size_t)(n + m) * sizeof *all), sum = 0;

	if (!all)
		abort();
	for (int i = 0; i < n + m; i++)
		all[i] = i < n ? a[i] : b[i - n];
	qsort(all, (size_t)(n + m), sizeof *all, ascending);
	for (int i = 0, j; i < n + m; i = j) {
		for (j = i; j < n + m && all[j] == all[i];)
			j++;
		sum += pow(j - i, 3) - (j - i);
	}
	free(all);
	return sum;
}

double mann_whitney_p(const double *a, int n, const double *b, int m)
{
	double far, tied, all = n + m, variance;

	if (n <= EXACT_MAX && m <= EXACT_MAX)
		return exact_p(a, n, b, m);
	far = fabs(u_statistic(a, n, b, m) - n * m / 2.0) - 0.5;
	tied = ties(a, n, b, m);
	variance = n * m / 12.0 * (all + 1 - tied / (all * (all - 1)));
	return far <= 0 || variance <= 0 ? 1 : erfc(far / sqrt(2 * variance));
}

double jain_index(const double *x, int n)
{
	double sum = 0, squares = 0;

	for (int i = 0; i < n; i++) {
		sum += x[i];
		squares += x[i] * x[i];
	}
	return squares > 0 ? sum * sum / (n * squares) : 1;
}
