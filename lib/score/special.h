/* SPDX-License-Identifier: MIT */
/*
 * The functions that the models of lib/score are written in and that libm
 * lacks.  Pure; arguments are in the range that each line names.
 */
#ifndef SCORE_SPECIAL_H
#define SCORE_SPECIAL_H

#include <math.h>
#include <stddef.h>

/* ln(e^u + e^v); either may be -inf. */
double log_add(double u, double v);
/* ln |Gamma(x)|, without lgamma's global; x > 0. */
double log_gamma(double x);
/* ln B(u, v); u, v > 0. */
double log_beta(double u, double v);
/* d/dx ln Gamma(x); x > 0.  Abramowitz and Stegun 6.3.5 and 6.3.18. */
double digamma(double x);
/* Gauss's 2F1(a, b; c; z) by its plain series, 0 <= z < 1, c > 0: at most
 * 200,000 terms (ANALYTICS.md 3.3). */
double hyp2f1(double a, double b, double c, double z);

/* Its logarithm, a, b, c > 0, also where it is beyond a double. */
double log_hyp2f1(double a, double b, double c, double z);

/* 2F1(1, b; c; z), 0 <= z < 1, 0 < b < c, by Gauss's continued fraction (DLMF
 * 15.7.5), which is quick where the series is slow: z near 1. */
double hyp2f1_one(double b, double c, double z);

/* A sum that keeps what rounding drops (Neumaier 1974). */
struct sum {
	double s, lost;
};
static inline void
sum_add(struct sum *sum, double v)
{
	double t = sum->s + v;

	if (fabs(sum->s) >= fabs(v))
		sum->lost += (sum->s - t) + v;
	else
		sum->lost += (v - t) + sum->s;
	sum->s = t;
}
double sum_value(const struct sum *);

#endif
