/* SPDX-License-Identifier: MIT */
/* One customer under a fitted model: alive, expected purchases, value. */
#include "score/clv.h"

#include <math.h>

#include "score/clv_int.h"
#include "score/special.h"

/* At a = 1 and s = 1 the formulas have 0/0: so far away is near enough. */
#define SINGULAR 1e-7

static double
off_one(double a)
{
	return fabs(a - 1) < SINGULAR ? 1 + SINGULAR : a;
}

/* ---- BG and MBG differ by one in what is counted of b ---- */

static double
bg_alive(const struct clv_fit *fit, double x, double t_x, double T)
{
	double r = fit->p[0], alpha = fit->p[1], a = fit->p[2], b = fit->p[3];
	double m = clv_bg_terms(fit->family, x);

	/* BG: who bought once has had no occasion to leave. */
	if (m <= 0)
		return 1;
	return 1 / (1 + exp(log(a) - log(b + m - 1) +
			    (r + x) * (log(alpha + T) - log(alpha + t_x))));
}

static double
bg_expected(const struct clv_fit *fit, double x, double t_x, double T, double t)
{
	double r = fit->p[0], alpha = fit->p[1], a = off_one(fit->p[2]);
	double b = fit->p[3], c = a + b + clv_bg_terms(fit->family, x) - 1;
	double z = t / (alpha + T + t);
	double shift = fit->family == CLV_BG ? 1 : 0;
	double f = hyp2f1(a + b - shift - r, a - 1, c, z);

	if (t <= 0)
		return 0;
	return c / (a - 1) * -expm1((a - 1) * log1p(-z) + log(f)) *
	       bg_alive(fit, x, t_x, T);
}

/* ---- Pareto ---- */

double
pareto_l(const double *p, double x, double u)
{
	double r = p[0], alpha = p[1], s = p[2], beta = p[3];
	double most = fmax(alpha, beta), d = fabs(alpha - beta);
	double q = r + s + x, c = alpha >= beta ? s + 1 : r + x;
	double z = d / (most + u);

	/* Euler's transform keeps the series small for large x: 2F1(q, c; q+1;
	 * z) = (1-z)^(1-c) 2F1(1, q+1-c; q+1; z). */
	return (1 - c) * log1p(-z) + log(hyp2f1_one(q + 1 - c, q + 1, z)) -
	       q * log(most + u);
}

double
pareto_g(double l_tx, double l_T)
{
	return l_T >= l_tx ? -INFINITY : l_tx + log1p(-exp(l_T - l_tx));
}

static double
pareto_alive(const struct clv_fit *fit, double x, double t_x, double T)
{
	double r = fit->p[0], alpha = fit->p[1], s = fit->p[2];
	double beta = fit->p[3];
	double g = t_x >= T ? -INFINITY
			    : pareto_g(pareto_l(fit->p, x, t_x),
				  pareto_l(fit->p, x, T));

	return 1 / (1 + exp(log(s / (r + s + x)) + (r + x) * log(alpha + T) +
			    s * log(beta + T) + g));
}

static double
pareto_expected(
    const struct clv_fit *fit, double x, double t_x, double T, double t)
{
	double r = fit->p[0], alpha = fit->p[1], s = off_one(fit->p[2]);
	double beta = fit->p[3];

	return (r + x) * (beta + T) / ((alpha + T) * (s - 1)) *
	       -expm1((s - 1) * (log(beta + T) - log(beta + T + t))) *
	       pareto_alive(fit, x, t_x, T);
}

/* ---- all ---- */

double
clv_alive(const struct clv_fit *fit, double x, double t_x, double T)
{
	if (fit->family == CLV_PARETO)
		return pareto_alive(fit, x, t_x, T);
	return bg_alive(fit, x, t_x, T);
}

double
clv_expected(
    const struct clv_fit *fit, double x, double t_x, double T, double t)
{
	if (fit->family == CLV_PARETO)
		return pareto_expected(fit, x, t_x, T, t);
	return bg_expected(fit, x, t_x, T, t);
}

double
clv_value(const struct clv_fit *fit, const struct clv_terms *terms, double x,
    double t_x, double T, double spend)
{
	struct sum sum = { 0, 0 };
	double before = 0, now;

	for (unsigned k = 1; k <= terms->months; k++) {
		now = clv_expected(fit, x, t_x, T, k * terms->month);
		sum_add(
		    &sum, (now - before) * pow(1 + terms->discount, -(int)k));
		before = now;
	}
	return terms->margin * spend * sum_value(&sum);
}
