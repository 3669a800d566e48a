/* SPDX-License-Identifier: MIT */
#include "score/minimize.h"

#include <math.h>
#include <string.h>

enum { N = MINIMIZE_MAX, HALVINGS_MAX = 20, STILL_MAX = 2 };

#define ARMIJO 1e-4
#define STEP_FIRST 0.5 /* of the first, whose scale nobody knows */
#define STEP_MAX 4.0   /* in ln of a parameter: e^4 at once is wild enough */
#define CURVATURE_MIN 1e-14
#define DIFFERENCE 1e-4 /* of the covariance: second derivatives */

struct search {
	objective_fn *fn;
	void *arg;
	size_t n;
	const struct minimize_opts *opts;
	unsigned evaluations;
	double x[N], f, g[N]; /* where it stands */
	double h[N][N];       /* the inverse Hessian as far as known */
};

static double
dot(const double *a, const double *b, size_t n)
{
	double s = 0;

	for (size_t i = 0; i < n; i++)
		s += a[i] * b[i];
	return s;
}

static double
evaluate(struct search *s, const double *x, double *g)
{
	double f = s->fn(s->arg, x, g);

	s->evaluations++;
	/* At a bound what pulls outwards counts no more. */
	for (size_t i = 0; i < s->n; i++)
		if ((x[i] >= s->opts->bound && g[i] < 0) ||
		    (x[i] <= -s->opts->bound && g[i] > 0))
			g[i] = 0;
	return f;
}

static void
forget_curvature(struct search *s)
{
	memset(s->h, 0, sizeof(s->h));
	for (size_t i = 0; i < s->n; i++)
		s->h[i][i] = 1;
}

static double
greatest(const double *v, size_t n)
{
	double max = 0;

	for (size_t i = 0; i < n; i++)
		if (fabs(v[i]) > max)
			max = fabs(v[i]);
	return max;
}

/* The direction, downhill and of a length that one may go at once. */
static void
direction(struct search *s, bool first, double *d)
{
	double longest;

	for (size_t i = 0; i < s->n; i++)
		d[i] = -dot(s->h[i], s->g, s->n);
	if (dot(d, s->g, s->n) >= 0) {
		forget_curvature(s);
		for (size_t i = 0; i < s->n; i++)
			d[i] = -s->g[i];
	}
	longest = greatest(d, s->n);
	if (first && longest > 0)
		for (size_t i = 0; i < s->n; i++)
			d[i] *= STEP_FIRST / longest;
	else if (longest > STEP_MAX)
		for (size_t i = 0; i < s->n; i++)
			d[i] *= STEP_MAX / longest;
}

/* BFGS: the inverse takes in what the step showed. */
static void
learn(struct search *s, const double *step, const double *dg)
{
	double sy = dot(step, dg, s->n);
	double hy[N], yhy;

	if (sy <=
	    CURVATURE_MIN * sqrt(dot(step, step, s->n) * dot(dg, dg, s->n)))
		return;
	for (size_t i = 0; i < s->n; i++)
		hy[i] = dot(s->h[i], dg, s->n);
	yhy = dot(dg, hy, s->n);
	for (size_t i = 0; i < s->n; i++)
		for (size_t j = 0; j < s->n; j++)
			s->h[i][j] += (1 + yhy / sy) * step[i] * step[j] / sy -
				      (hy[i] * step[j] + step[i] * hy[j]) / sy;
}

/* One step along d, halved until it goes down enough; false: none does. */
static bool
step_down(struct search *s, const double *d)
{
	double slope = dot(d, s->g, s->n), t = 0;
	double x[N], g[N], step[N], dg[N], f;

	for (int i = 0; i <= HALVINGS_MAX; i++) {
		t = i == 0 ? 1 : t / 2;
		for (size_t k = 0; k < s->n; k++) {
			x[k] = s->x[k] + t * d[k];
			x[k] =
			    fmax(-s->opts->bound, fmin(s->opts->bound, x[k]));
		}
		if (s->evaluations >= s->opts->evaluations)
			return false;
		f = evaluate(s, x, g);
		if (!isfinite(f) || f > s->f + ARMIJO * t * slope)
			continue;
		for (size_t k = 0; k < s->n; k++) {
			step[k] = x[k] - s->x[k];
			dg[k] = g[k] - s->g[k];
		}
		memcpy(s->x, x, sizeof(x));
		memcpy(s->g, g, sizeof(g));
		s->f = f;
		learn(s, step, dg);
		return true;
	}
	return false;
}

void
minimize(objective_fn *fn, void *arg, size_t n,
    const struct minimize_opts *opts, struct minimum *min)
{
	struct search s = { .fn = fn, .arg = arg, .n = n, .opts = opts };
	double d[N] = { 0 }, before;
	int still = 0;
	bool first = true;

	memcpy(s.x, min->x, sizeof(s.x));
	forget_curvature(&s);
	s.f = evaluate(&s, s.x, s.g);
	while (greatest(s.g, n) >= opts->gradient && still < STILL_MAX &&
	       s.evaluations < opts->evaluations) {
		before = s.f;
		direction(&s, first, d);
		if (!step_down(&s, d)) {
			/* What was learned may be what misleads. */
			if (first)
				break;
			forget_curvature(&s);
			first = true;
			still++;
			continue;
		}
		first = false;
		still = fabs(before - s.f) <= opts->change * fabs(s.f)
			    ? still + 1
			    : 0;
	}
	memcpy(min->x, s.x, sizeof(s.x));
	min->f = s.f;
	min->evaluations = s.evaluations;
	min->converged = s.evaluations < opts->evaluations;
}

/* Cholesky, in place; false where the matrix is not positive definite. */
static bool
factor(double a[N][N], size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j <= i; j++) {
			double v = a[i][j] - dot(a[i], a[j], j);

			if (i != j)
				a[i][j] = v / a[j][j];
			else if (v <= 0 || !isfinite(v))
				return false;
			else
				a[i][i] = sqrt(v);
		}
	return true;
}

/* Solves L L' x = e_k. */
static void
solve(double a[N][N], size_t n, size_t k, double *x)
{
	for (size_t i = 0; i < n; i++)
		x[i] = ((i == k) - dot(a[i], x, i)) / a[i][i];
	for (size_t i = n; i-- > 0;) {
		for (size_t j = i + 1; j < n; j++)
			x[i] -= a[j][i] * x[j];
		x[i] /= a[i][i];
	}
}

bool
minimize_covariance(
    objective_fn *fn, void *arg, size_t n, const double *x, double *out)
{
	double a[N][N] = { { 0 } }, at[N], up[N], down[N], v[N];

	for (size_t i = 0; i < n; i++) {
		memcpy(at, x, n * sizeof(*x));
		at[i] = x[i] + DIFFERENCE;
		(void)fn(arg, at, up);
		at[i] = x[i] - DIFFERENCE;
		(void)fn(arg, at, down);
		for (size_t j = 0; j < n; j++)
			a[i][j] = (up[j] - down[j]) / (2 * DIFFERENCE);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			a[i][j] = a[j][i] = (a[i][j] + a[j][i]) / 2;
	if (!factor(a, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		solve(a, n, i, v);
		memcpy(out + i * n, v, n * sizeof(*v));
	}
	return true;
}
