/* SPDX-License-Identifier: MIT */
/* What clv.c and clv_fit.c share. */
#ifndef SCORE_CLV_INT_H
#define SCORE_CLV_INT_H

#include "score/clv.h"

/*
 * How many terms the sum over ln((b+j)/(a+b+j)) has: in MBG a customer may
 * leave after the first purchase already, in BG after the first repeat.  The
 * other places of b in the formulas go with it: b + terms - 1.
 */
static inline double
clv_bg_terms(enum clv_family family, double x)
{
	return family == CLV_BG ? x : x + 1;
}

/* l(u) and G of Pareto/NBD (ANALYTICS.md 3.2). */
double pareto_l(const double *p, double x, double u);
double pareto_g(double l_tx, double l_T);

/* Beyond this |ln parameter| in rescaled time or money a fit has run to the
 * edge of what the model can say. */
#define CLV_BOUNDARY 9.0
/* Time is rescaled so that the longest age is this. */
#define CLV_SPAN 10.0

extern const struct minimize_opts clv_minimize;

#endif
