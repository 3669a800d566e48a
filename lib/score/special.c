/* SPDX-License-Identifier: MIT */
#include "score/special.h"

#include <float.h>
#include <math.h>

enum { SERIES_MAX = 200000 };
#define SCALE 1e200

double
log_add(double u, double v)
{
	if (u < v)
		return v + log1p(exp(u - v));
	/* Both -inf: their difference is no number. */
	return u == -INFINITY ? u : u + log1p(exp(v - u));
}

/* lgamma sets a global; for x > 0 the sign that it sets is always 1, and one
 * thread asks, so this is lgamma_r in ISO C. */
double
log_gamma(double x)
{
	return lgamma(x);
}

double
log_beta(double u, double v)
{
	return log_gamma(u) + log_gamma(v) - log_gamma(u + v);
}

double
digamma(double x)
{
	/* Bernoulli numbers B(2k) / 2k */
	static const double b[] = { 1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240,
		1.0 / 132, -691.0 / 32760 };
	double r = 0, tail = 0, q;

	/* The asymptotic series needs x well above 1. */
	while (x < 10)
		r -= 1 / x++;
	q = 1 / (x * x);
	for (size_t i = sizeof(b) / sizeof(b[0]); i-- > 0;)
		tail = q * (b[i] + tail);
	return r + log(x) - 0.5 / x - tail;
}

double
hyp2f1(double a, double b, double c, double z)
{
	struct sum s = { 1, 0 };
	double term = 1;

	for (int k = 0; k < SERIES_MAX; k++) {
		term *= (a + k) * (b + k) / ((c + k) * (k + 1)) * z;
		sum_add(&s, term);
		/* Terms fall from here on by about z each. */
		if (fabs(term) <= DBL_EPSILON / 4 * (1 - z) * fabs(s.s))
			break;
	}
	return sum_value(&s);
}

double
log_hyp2f1(double a, double b, double c, double z)
{
	double sum = 1, term = 1, scale = 0;

	for (int k = 0; k < SERIES_MAX; k++) {
		double ratio = (a + k) * (b + k) / ((c + k) * (k + 1)) * z;

		term *= ratio;
		sum += term;
		if (ratio < 1 && term <= DBL_EPSILON / 4 * (1 - ratio) * sum)
			break;
		if (sum > SCALE) {
			sum /= SCALE;
			term /= SCALE;
			scale++;
		}
	}
	return log(sum) + scale * log(SCALE);
}

/* The n-th coefficient of the fraction, from 1. */
static double
gauss_coefficient(double b, double c, int n)
{
	int m = n / 2;

	if (n % 2 == 1)
		return (b + m) * (c - 1 + m) / ((c + n - 2) * (c + n - 1));
	return m * (c - b + m - 1) / ((c + n - 2) * (c + n - 1));
}

/* 1/(1 - k1 z/(1 - k2 z/(1 - ...))), by Lentz's method. */
double
hyp2f1_one(double b, double c, double z)
{
	double f = 1, up = 1, down = 0, step, k;

	for (int n = 1; n < SERIES_MAX; n++) {
		k = -gauss_coefficient(b, c, n) * z;
		down = 1 / (1 + k * down);
		up = 1 + k / up;
		step = up * down;
		f *= step;
		if (fabs(step - 1) < DBL_EPSILON)
			break;
	}
	return 1 / f;
}

double
sum_value(const struct sum *sum)
{
	return sum->s + sum->lost;
}
