/* SPDX-License-Identifier: MIT */
/* Gamma-Gamma: what a purchase is worth, from what those before were. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "score/clv_int.h"
#include "score/minimize.h"
#include "score/special.h"

enum { S = SPEND_PARAMETERS };

static int
cmp_spend(const void *pa, const void *pb)
{
	const struct spend_row *a = pa, *b = pb;

	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	return (a->m > b->m) - (a->m < b->m);
}

size_t
spend_merge(struct spend_row *v, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(v, n, sizeof(*v), cmp_spend);
	for (size_t i = 0; i < n; i++) {
		if (kept > 0 && cmp_spend(&v[kept - 1], &v[i]) == 0)
			v[kept - 1].n += v[i].n;
		else
			v[kept++] = v[i];
	}
	return kept;
}

struct spend {
	const struct spend_row *rows;
	size_t n;
	double customers;
	double scale; /* mean m, so that the fit is about 1 */
	double *ln_m; /* of the rows, scaled: each evaluation wants them */
};

/* The sum, and its derivatives by p q gamma.  Rows come by x: what depends
 * on x alone is taken once for each. */
static double
spend_sum(const struct spend *s, const double *par, double *grad)
{
	double p = par[0], q = par[1], gamma = par[2];
	double ln_gamma = log(gamma), lg_q = log_gamma(q), psi_q = digamma(q);
	double of_x = 0, psi_pxq = 0, psi_px = 0, ln_x = 0;
	struct sum ll = { 0, 0 };
	uint32_t last = 0;

	memset(grad, 0, S * sizeof(*grad));
	for (size_t i = 0; i < s->n; i++) {
		const struct spend_row *row = &s->rows[i];
		double x = row->x, px = p * x, n = row->n;
		double m = row->m / s->scale, whole = gamma + x * m;
		double ln_m = s->ln_m[i], ln_whole = log(whole);

		if (row->x != last) {
			last = row->x;
			of_x = log_gamma(px + q) - log_gamma(px) - lg_q;
			psi_pxq = digamma(px + q);
			psi_px = digamma(px);
			ln_x = log(x);
		}
		sum_add(&ll, n * (of_x + q * ln_gamma + (px - 1) * ln_m +
				     px * ln_x - (px + q) * ln_whole));
		grad[0] += n * x * (psi_pxq - psi_px + ln_m + ln_x - ln_whole);
		grad[1] += n * (psi_pxq - psi_q + ln_gamma - ln_whole);
		grad[2] += n * (q / gamma - (px + q) / whole);
	}
	return sum_value(&ll);
}

static double
objective(void *arg, const double *x, double *g)
{
	const struct spend *s = arg;
	double p[S], f;

	for (int i = 0; i < S; i++)
		p[i] = exp(x[i]);
	f = spend_sum(s, p, g);
	for (int i = 0; i < S; i++)
		g[i] *= -p[i] / s->customers;
	return -f / s->customers;
}

static void
take_logs(struct spend *s)
{
	s->ln_m = mem_zero(s->n + 1, sizeof(*s->ln_m));
	for (size_t i = 0; i < s->n; i++)
		s->ln_m[i] = log(s->rows[i].m / s->scale);
}

static void
spend_open(struct spend *s, const struct spend_row *rows, size_t n)
{
	struct sum sum = { 0, 0 };

	*s = (struct spend){ .rows = rows, .n = n, .scale = 1 };
	for (size_t i = 0; i < n; i++) {
		s->customers += rows[i].n;
		sum_add(&sum, rows[i].n * rows[i].m);
	}
	if (s->customers > 0)
		s->scale = sum_value(&sum) / s->customers;
	take_logs(s);
}

static double
correlation(const struct spend *s)
{
	double mx = 0, xx = 0, mm = 0, xm = 0, n = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct spend_row *row = &s->rows[i];
		double dx, dm = row->m - s->scale;

		n += row->n;
		dx = row->x - mx;
		mx += dx * row->n / n;
		xx += row->n * dx * (row->x - mx);
		mm += row->n * dm * dm;
		xm += row->n * dm * row->x;
	}
	return xx > 0 && mm > 0 ? xm / sqrt(xx * mm) : 0;
}

static void
take_over(struct spend_fit *fit, struct spend *s, const struct minimum *min)
{
	double cov[S * S];
	bool known = minimize_covariance(objective, s, S, min->x, cov);

	fit->ll = -min->f * s->customers - s->customers * log(s->scale);
	fit->evaluations = min->evaluations;
	fit->unconverged = !min->converged;
	for (int i = 0; i < S; i++) {
		fit->boundary |= fabs(min->x[i]) > CLV_BOUNDARY;
		fit->p[i] = exp(min->x[i]) * (i == 2 ? s->scale : 1);
		fit->se[i] =
		    known ? fit->p[i] * sqrt(cov[i * S + i] / s->customers) : 0;
	}
	fit->no_mean = fit->p[1] <= 1;
	fit->corr = correlation(s);
}

int
spend_fit(const struct spend_row *rows, size_t n, struct spend_fit *fit,
    struct err *err)
{
	struct spend s;
	/* q = 4, gamma = 3 of the mean: as shops are, and a mean exists. */
	struct minimum min[] = { { .f = 0 }, { .x = { 1.4, 1.4, 1.1 } } };
	unsigned evaluations = 0;
	int best = 0;

	*fit = (struct spend_fit){ .ll = 0 };
	if (n == 0)
		return err_set(err, STATUS_DATA,
		    "nobody bought twice for money: there is no spend to fit");
	spend_open(&s, rows, n);
	fit->customers = (uint64_t)s.customers;
	for (int i = 0; i < 2; i++) {
		minimize(objective, &s, S, &clv_minimize, &min[i]);
		evaluations += min[i].evaluations;
		if (min[i].f < min[best].f)
			best = i;
	}
	take_over(fit, &s, &min[best]);
	fit->evaluations = evaluations;
	mem_free(s.ln_m);
	return 0;
}

double
spend_likelihood(
    const struct spend_fit *fit, const struct spend_row *rows, size_t n)
{
	struct spend s = { .rows = rows, .n = n, .scale = 1 };
	double grad[S], ll;

	take_logs(&s);
	ll = spend_sum(&s, fit->p, grad);
	mem_free(s.ln_m);
	return ll;
}

double
spend_expected(const struct spend_fit *fit, double x, double m)
{
	double p = fit->p[0], q = fit->p[1], gamma = fit->p[2];

	return p * (gamma + x * m) / (p * x + q - 1);
}
