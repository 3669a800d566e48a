/* SPDX-License-Identifier: MIT */
/*
 * Maximum likelihood of BG, MBG and Pareto/NBD, in logarithms of the
 * parameters and in rescaled time (ANALYTICS.md 3.3).
 *
 * Times are whole days and x counts days, so logarithms are taken once for
 * each day and each x, not for each customer: a row costs one exp and one
 * log1p.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "score/clv_int.h"
#include "score/minimize.h"
#include "score/special.h"

enum { P = CLV_PARAMETERS, STARTS = 2 };

#define GRADIENT_STEP 1e-5 /* of a central difference, Pareto */

const struct minimize_opts clv_minimize = {
	.bound = 20,
	.gradient = 1e-7,
	.change = 1e-14,
	.evaluations = 200,
};

/* ---- rows ---- */

static int
cmp_u32(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

static int
cmp_rows(const void *pa, const void *pb)
{
	const struct clv_row *a = pa, *b = pb;
	int c = cmp_u32(a->x, b->x);

	if (c == 0)
		c = cmp_u32(a->recency, b->recency);
	return c != 0 ? c : cmp_u32(a->age, b->age);
}

size_t
clv_merge(struct clv_row *v, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(v, n, sizeof(*v), cmp_rows);
	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && cmp_rows(&v[kept - 1], &v[i]) == 0)
			v[kept - 1].n += v[i].n;
		else
			v[kept++] = v[i];
	}
	return kept;
}

/* ---- the likelihood ---- */

struct likelihood {
	enum clv_family family;
	const struct clv_row *rows;
	size_t n;
	double customers;
	double day; /* the length of a day in rescaled time */
	uint32_t x_max, day_max;
	/* By x: of ln(r+j), of ln((b+j)/(a+b+j)), and their derivatives. */
	double *ln_r, *d_r, *ln_ab, *d_a, *d_b;
	double *ln_b;   /* by the terms of a and b: ln(b+m-1) */
	double *ln_day; /* by day: ln(alpha + day) */
	double *l_age;  /* Pareto: l(T) by day, of one x */
	uint32_t *l_of; /* of which, plus 1; 0: not known */
};

static void
likelihood_open(struct likelihood *l, enum clv_family family,
    const struct clv_row *rows, size_t n)
{
	size_t nx, nd;

	*l = (struct likelihood){ .family = family, .rows = rows, .n = n };
	for (size_t i = 0; i < n; i++) {
		if (rows[i].x > l->x_max)
			l->x_max = rows[i].x;
		if (rows[i].age > l->day_max)
			l->day_max = rows[i].age;
		l->customers += rows[i].n;
	}
	l->day = l->day_max > 0 ? CLV_SPAN / l->day_max : 1;
	nx = (size_t)l->x_max + 2;
	nd = (size_t)l->day_max + 1;
	l->ln_r = mem_zero(nx, sizeof(double));
	l->d_r = mem_zero(nx, sizeof(double));
	l->ln_ab = mem_zero(nx, sizeof(double));
	l->d_a = mem_zero(nx, sizeof(double));
	l->d_b = mem_zero(nx, sizeof(double));
	l->ln_b = mem_zero(nx, sizeof(double));
	l->ln_day = mem_zero(nd, sizeof(double));
	l->l_age = mem_zero(nd, sizeof(double));
	l->l_of = mem_zero(nd, sizeof(*l->l_of));
}

static void
likelihood_close(struct likelihood *l)
{
	mem_free(l->ln_r);
	mem_free(l->d_r);
	mem_free(l->ln_ab);
	mem_free(l->d_a);
	mem_free(l->d_b);
	mem_free(l->ln_b);
	mem_free(l->ln_day);
	mem_free(l->l_age);
	mem_free(l->l_of);
}

/* Sums over j < x, for every x that occurs (and one more: MBG). */
static void
tables(struct likelihood *l, const double *p)
{
	double r = p[0], alpha = p[1], a = p[2], b = p[3];

	for (uint32_t x = 0; x <= l->x_max; x++) {
		l->ln_r[x + 1] = l->ln_r[x] + log(r + x);
		l->d_r[x + 1] = l->d_r[x] + 1 / (r + x);
		l->ln_ab[x + 1] = l->ln_ab[x] - log1p(a / (b + x));
		l->d_a[x + 1] = l->d_a[x] - 1 / (a + b + x);
		l->d_b[x + 1] = l->d_b[x] + a / ((b + x) * (a + b + x));
		l->ln_b[x + 1] = log(b + (x + 1) - 1);
	}
	for (uint32_t d = 0; d <= l->day_max; d++)
		l->ln_day[d] = log(alpha + d * l->day);
}

/* BG and MBG: the sum, and its derivatives by r alpha a b. */
static double
bg_sum(struct likelihood *l, const double *p, double *grad)
{
	double r = p[0], alpha = p[1], a = p[2], b = p[3];
	double ln_alpha = log(alpha), ln_a = log(a);
	struct sum ll = { 0, 0 };

	tables(l, p);
	memset(grad, 0, P * sizeof(*grad));
	for (size_t i = 0; i < l->n; i++) {
		const struct clv_row *row = &l->rows[i];
		uint32_t m = (uint32_t)clv_bg_terms(l->family, row->x);
		double rx = r + row->x, n = row->n, p1 = 1, p2 = 0;
		double A = -rx * l->ln_day[row->age], lae = A;

		if (m > 0) {
			double D =
			    ln_a - l->ln_b[m] - rx * l->ln_day[row->recency];
			double e = exp(-fabs(A - D));

			lae = fmax(A, D) + log1p(e);
			p1 = (A >= D ? 1 : e) / (1 + e);
			p2 = (A >= D ? e : 1) / (1 + e);
			grad[2] += n * p2 / a;
			grad[3] -= n * p2 / (b + m - 1);
		}
		sum_add(&ll,
		    n * (l->ln_r[row->x] + r * ln_alpha + l->ln_ab[m] + lae));
		grad[0] +=
		    n * (l->d_r[row->x] + ln_alpha - p1 * l->ln_day[row->age] -
			    p2 * l->ln_day[row->recency]);
		grad[1] +=
		    n * (r / alpha -
			    rx * (p1 / (alpha + row->age * l->day) +
				     p2 / (alpha + row->recency * l->day)));
		grad[2] += n * l->d_a[m];
		grad[3] += n * l->d_b[m];
	}
	return sum_value(&ll);
}

/* l(T) of the rows' x, which come in order: kept from row to row. */
static double
age_l(struct likelihood *l, const double *p, const struct clv_row *row)
{
	if (l->l_of[row->age] != row->x + 1) {
		l->l_of[row->age] = row->x + 1;
		l->l_age[row->age] = pareto_l(p, row->x, row->age * l->day);
	}
	return l->l_age[row->age];
}

static double
pareto_sum(struct likelihood *l, const double *p)
{
	double r = p[0], alpha = p[1], s = p[2], beta = p[3];
	double constant = r * log(alpha) + s * log(beta);
	double l_tx = 0, g;
	struct sum ll = { 0, 0 };
	const struct clv_row *last = NULL;

	memset(l->l_of, 0, ((size_t)l->day_max + 1) * sizeof(*l->l_of));
	tables(l, p);
	for (size_t i = 0; i < l->n; i++) {
		const struct clv_row *row = &l->rows[i];

		if (last == NULL || last->x != row->x ||
		    last->recency != row->recency)
			l_tx = pareto_l(p, row->x, row->recency * l->day);
		last = row;
		g = row->recency >= row->age ? -INFINITY
					     : pareto_g(l_tx, age_l(l, p, row));
		sum_add(&ll,
		    row->n * (l->ln_r[row->x] + constant +
				 log_add(-(r + row->x) * l->ln_day[row->age] -
					     s * log(beta + row->age * l->day),
				     log(s / (r + s + row->x)) + g)));
	}
	return sum_value(&ll);
}

/* Minus the mean log-likelihood by the logarithms of the parameters. */
static double
objective(void *arg, const double *x, double *g)
{
	struct likelihood *l = arg;
	double p[P], up, down, f;

	for (int i = 0; i < P; i++)
		p[i] = exp(x[i]);
	if (l->family != CLV_PARETO) {
		f = bg_sum(l, p, g);
		for (int i = 0; i < P; i++)
			g[i] *= -p[i] / l->customers;
		return -f / l->customers;
	}
	for (int i = 0; i < P; i++) {
		double was = p[i];

		p[i] = was * exp(GRADIENT_STEP);
		up = pareto_sum(l, p);
		p[i] = was * exp(-GRADIENT_STEP);
		down = pareto_sum(l, p);
		p[i] = was;
		g[i] = (down - up) / (2 * GRADIENT_STEP * l->customers);
	}
	return -pareto_sum(l, p) / l->customers;
}

/* ---- the fit ---- */

/* Purchases a time unit: mean and variance give r and alpha. */
static void
moments(const struct likelihood *l, double *x)
{
	double n = 0, mean = 0, var = 0, rate, d;

	for (size_t i = 0; i < l->n; i++) {
		const struct clv_row *row = &l->rows[i];

		if (row->age == 0)
			continue;
		rate = row->x / (row->age * l->day);
		n += row->n;
		d = rate - mean;
		mean += d * row->n / n;
		var += row->n * d * (rate - mean);
	}
	memset(x, 0, P * sizeof(*x));
	if (n < 2 || mean <= 0 || var <= 0)
		return;
	var /= n;
	x[0] = log(mean * mean / var);
	x[1] = log(mean / var);
}

/* Parameters that are times: alpha, and Pareto's beta. */
static bool
is_time(enum clv_family family, int i)
{
	return i == 1 || (i == 3 && family == CLV_PARETO);
}

static void
take_over(struct clv_fit *fit, struct likelihood *l, const struct minimum *min)
{
	double cov[P * P], to_unit = 1 / (l->day * fit->unit), repeats = 0;
	bool known;

	for (size_t i = 0; i < l->n; i++)
		repeats += (double)l->rows[i].x * l->rows[i].n;
	fit->ll = -min->f * l->customers - repeats * log(to_unit);
	fit->evaluations = min->evaluations;
	fit->unconverged = !min->converged;
	known = minimize_covariance(objective, l, P, min->x, cov);
	for (int i = 0; i < P; i++) {
		double scale = is_time(fit->family, i) ? to_unit : 1;

		fit->boundary |= fabs(min->x[i]) > CLV_BOUNDARY;
		fit->p[i] = exp(min->x[i]) * scale;
		fit->se[i] =
		    known ? fit->p[i] * sqrt(cov[i * P + i] / l->customers) : 0;
	}
}

int
clv_fit(enum clv_family family, unsigned unit, const struct clv_row *rows,
    size_t n, struct clv_fit *fit, struct err *err)
{
	struct likelihood l;
	struct minimum min[STARTS] = { { .f = 0 } };
	unsigned evaluations = 0;
	int best = 0;

	*fit = (struct clv_fit){ .family = family, .unit = unit };
	likelihood_open(&l, family, rows, n);
	fit->customers = (uint64_t)l.customers;
	if (l.x_max == 0) {
		likelihood_close(&l);
		return err_set(err, STATUS_DATA,
		    n == 0 ? ERR_N("no purchases: there is nothing to fit")
			   : ERR_N("nobody bought twice: there is nothing to "
				   "fit"));
	}
	moments(&l, min[1].x);
	for (int i = 0; i < STARTS; i++) {
		minimize(objective, &l, P, &clv_minimize, &min[i]);
		evaluations += min[i].evaluations;
		if (min[i].f < min[best].f)
			best = i;
	}
	take_over(fit, &l, &min[best]);
	fit->evaluations = evaluations;
	likelihood_close(&l);
	return 0;
}

double
clv_likelihood(const struct clv_fit *fit, const struct clv_row *rows, size_t n)
{
	struct likelihood l;
	double p[P], grad[P], ll, repeats = 0, to_unit;

	likelihood_open(&l, fit->family, rows, n);
	to_unit = 1 / (l.day * fit->unit);
	for (int i = 0; i < P; i++)
		p[i] = fit->p[i] / (is_time(fit->family, i) ? to_unit : 1);
	ll =
	    fit->family == CLV_PARETO ? pareto_sum(&l, p) : bg_sum(&l, p, grad);
	for (size_t i = 0; i < n; i++)
		repeats += (double)rows[i].x * rows[i].n;
	likelihood_close(&l);
	return ll - repeats * log(to_unit);
}
