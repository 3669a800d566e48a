/* SPDX-License-Identifier: MIT */
/* One customer under a fitted model: alive, expected purchases, value. */
#include "score/clv.h"

#include <math.h>

#include "score/clv_int.h"
#include "score/special.h"

/* At a = 1 and s = 1 the formulas have 0/0: so far away is near enough. */
#define SINGULAR 1e-7
#define NEAR_ONE (1 - 1e-12)
#define A_LARGE 30
#define ORDERS_LARGE 1e5

static double
off_one(double a)
{
	return fabs(a - 1) < SINGULAR ? 1 + SINGULAR : a;
}

/* ---- BG and MBG differ by one in what is counted of b ---- */

static struct clv_age
bg_age(const struct clv_fit *fit, double x, double T)
{
	double alpha = fit->p[1], a = fit->p[2], b = fit->p[3];
	double m = clv_bg_terms(fit->family, x);

	return (struct clv_age){ .odds = log(a) - log(b + m - 1),
		.log_T = log(alpha + T) };
}

static double
bg_alive(
    const struct clv_fit *fit, const struct clv_age *age, double x, double t_x)
{
	double r = fit->p[0], alpha = fit->p[1];

	/* BG: who bought once has had no occasion to leave. */
	if (clv_bg_terms(fit->family, x) <= 0)
		return 1;
	return 1 /
	       (1 + exp(age->odds + (r + x) * (age->log_T - log(alpha + t_x))));
}

/*
 * ln F, F = (1-z)^(a-1) 2F1(c-r-x, a-1; c; z).  That series is short where
 * its terms have one sign and a is no giant.  At the boundary of a fit, where
 * nobody leaves or all buy alike, it is neither: Euler's transform has the
 * same F as (1-z)^(r+x) 2F1(r+x, c-a+1; c; z), all of whose terms are
 * positive.
 */
static double
bg_log_rest(double rx, double a, double c, double z)
{
	double w = z / (1 - z);

	if (a <= A_LARGE && c >= rx)
		return (a - 1) * log1p(-z) + log(hyp2f1(c - rx, a - 1, c, z));
	if (rx * w <= ORDERS_LARGE)
		return rx * log1p(-z) + log_hyp2f1(rx, c - a + 1, c, z);
	/* So many orders to come that the first term of an asymptotic series
	 * tells all. */
	return a > A_LARGE ? -rx * log1p((a - 1) / c * w)
			   : log_gamma(c) - log_gamma(c - a + 1) -
				 (a - 1) * log(rx * w);
}

/* c (1 - F).  BG has c = a+b-1 of who bought once, which may be 0 or below: one
 * step up from there nothing is singular. */
static double
bg_part(double rx, double a, double c, double z)
{
	double b = c - a + 1, up;

	if (c > 0)
		return c * -expm1(bg_log_rest(rx, a, c, z));
	if (rx * z / (1 - z) > ORDERS_LARGE)
		return c - exp(log_gamma(c + 1) - log_gamma(b) -
			       (a - 1) * log(rx * z / (1 - z)));
	up = rx * log1p(-z);
	return c - c * exp(up + log_hyp2f1(rx, b, c + 1, z)) -
	       rx * b * z / (c + 1) *
		   exp(up + log_hyp2f1(rx + 1, b + 1, c + 2, z));
}

/* Of who is alive, as the other one. */
static double
bg_expected(const struct clv_fit *fit, double x, double T, double t)
{
	double r = fit->p[0], alpha = fit->p[1], a = off_one(fit->p[2]);
	double b = fit->p[3], c = a + b + clv_bg_terms(fit->family, x) - 1;
	double z = t / (alpha + T + t), stayed = (r + x) * t / (alpha + T);

	if (t <= 0)
		return 0;
	/* Whoever may leave buys less than who does not. */
	return fmin(stayed, fmax(0, bg_part(r + x, a, c, z) / (a - 1)));
}

/* ---- Pareto ---- */

double
pareto_l(const double *p, double x, double u)
{
	double r = p[0], alpha = p[1], s = p[2], beta = p[3];
	double most = fmax(alpha, beta), d = fabs(alpha - beta);
	double q = r + s + x, c = alpha >= beta ? s + 1 : r + x;
	/* Of scales that are worlds apart it would round to 1, where the
	 * fraction has no digits left. */
	double z = fmin(d / (most + u), NEAR_ONE);

	/* Euler's transform keeps the series small for large x: 2F1(q, c; q+1;
	 * z) = (1-z)^(1-c) 2F1(1, q+1-c; q+1; z). */
	return (1 - c) * log1p(-z) + log(hyp2f1_one(q + 1 - c, q + 1, z)) -
	       q * log(most + u);
}

double
pareto_g(double l_tx, double l_T)
{
	return l_T < l_tx ? l_tx + log1p(-exp(l_T - l_tx)) : -INFINITY;
}

static struct clv_age
pareto_age(const struct clv_fit *fit, double x, double T)
{
	double r = fit->p[0], alpha = fit->p[1], s = fit->p[2];
	double beta = fit->p[3];

	return (struct clv_age){ .odds = log(s / (r + s + x)) +
					 (r + x) * log(alpha + T) +
					 s * log(beta + T),
		.log_T = pareto_l(fit->p, x, T) };
}

static double
pareto_alive(const struct clv_fit *fit, const struct clv_age *age, double x,
    double t_x, double T)
{
	double g = t_x >= T ? -INFINITY
			    : pareto_g(pareto_l(fit->p, x, t_x), age->log_T);

	return 1 / (1 + exp(age->odds + g));
}

static double
pareto_expected(const struct clv_fit *fit, double x, double T, double t)
{
	double r = fit->p[0], alpha = fit->p[1], s = off_one(fit->p[2]);
	double beta = fit->p[3];

	return (r + x) * (beta + T) / ((alpha + T) * (s - 1)) *
	       -expm1((s - 1) * (log(beta + T) - log(beta + T + t)));
}

/* ---- all ---- */

struct clv_age
clv_age(const struct clv_fit *fit, double x, double T)
{
	if (fit->family == CLV_PARETO)
		return pareto_age(fit, x, T);
	return bg_age(fit, x, T);
}

double
clv_age_alive(const struct clv_fit *fit, const struct clv_age *age, double x,
    double t_x, double T)
{
	if (fit->family == CLV_PARETO)
		return pareto_alive(fit, age, x, t_x, T);
	return bg_alive(fit, age, x, t_x);
}

double
clv_alive(const struct clv_fit *fit, double x, double t_x, double T)
{
	struct clv_age age = clv_age(fit, x, T);

	return clv_age_alive(fit, &age, x, t_x, T);
}

static double
expected(const struct clv_fit *fit, double x, double T, double t)
{
	if (fit->family == CLV_PARETO)
		return pareto_expected(fit, x, T, t);
	return bg_expected(fit, x, T, t);
}

double
clv_expected(
    const struct clv_fit *fit, double x, double t_x, double T, double t)
{
	return expected(fit, x, T, t) * clv_alive(fit, x, t_x, T);
}

double
clv_worth(const struct clv_fit *fit, const struct clv_terms *terms, double x,
    double T, double alive, double *orders)
{
	struct sum sum = { 0, 0 };
	double before = 0;

	*orders = 0;
	for (unsigned k = 1; k <= terms->months; k++) {
		*orders = expected(fit, x, T, k * terms->month) * alive;
		sum_add(&sum,
		    (*orders - before) * pow(1 + terms->discount, -(int)k));
		before = *orders;
	}
	return sum_value(&sum);
}

double
clv_value(const struct clv_fit *fit, const struct clv_terms *terms, double x,
    double t_x, double T, double spend)
{
	double orders, alive = clv_alive(fit, x, t_x, T);

	return terms->margin * spend *
	       clv_worth(fit, terms, x, T, alive, &orders);
}
