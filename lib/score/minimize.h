/* SPDX-License-Identifier: MIT */
/*
 * The least value of a smooth function of a few variables: dense BFGS with
 * Armijo backtracking inside a box (Nocedal and Wright, Numerical
 * Optimization, 2nd ed., algorithms 3.1 and 6.1).  Deterministic: the same
 * function and start give the same bits.
 */
#ifndef SCORE_MINIMIZE_H
#define SCORE_MINIMIZE_H

#include <stdbool.h>
#include <stddef.h>

enum { MINIMIZE_MAX = 4 };

/* The value at x; its gradient into g. */
typedef double objective_fn(void *arg, const double *x, double *g);

struct minimize_opts {
	double bound;         /* |x[i]| stays at or below it */
	double gradient;      /* stop where max |g[i]| is below it */
	double change;        /* or f twice changes relatively by less */
	unsigned evaluations; /* or after so many */
};
struct minimum {
	double x[MINIMIZE_MAX], f;
	unsigned evaluations;
	bool converged; /* not stopped by the number of evaluations */
};

/* Goes down from min->x, which it leaves at the best point met. */
void minimize(objective_fn *, void *arg, size_t n, const struct minimize_opts *,
    struct minimum *);
/*
 * The inverse of the matrix of second derivatives at x, by central
 * differences of the gradient, row by row into out[n * n]; false where it is
 * not positive definite.
 */
bool minimize_covariance(
    objective_fn *, void *arg, size_t n, const double *x, double *out);

#endif
