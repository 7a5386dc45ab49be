/* What a few noisy measurements allow to say. Pure functions. */
#ifndef UOS_CLI_SIGNIFICANCE_H
#define UOS_CLI_SIGNIFICANCE_H

#include <stdbool.h>

struct estimate {
	double median, low, high; /* low to high: a 95 % confidence interval of the median, if n >= 6; else all there is */
};

/*
 * The median of v[0..n-1], n >= 1, and its confidence interval by order
 * statistics (binomial, no assumption of a distribution). Sorts v.
 */
struct estimate estimate_median(double *v, int n);

/* Half the interval's width: the "± x" of a table. */
double estimate_half(struct estimate e);

/*
 * Mann-Whitney U, two-sided: the probability of samples that differ as much if
 * they came from one distribution. Exact where n, m <= 20, ties or not (of all
 * ways to deal the values out); else by the normal approximation with the
 * corrections for ties and continuity. Changes neither sample; n, m >= 1.
 */
double mann_whitney_p(const double *a, int n, const double *b, int m);

/* Jain's index of x[0..n-1], none negative: (sum x)^2 / (n sum x^2). 1: all equal, 1/n: one has all; 1 if nobody has any. */
double jain_index(const double *x, int n);

#endif
