/* SPDX-License-Identifier: MIT */
/* From a base to a fit, in one pass. */
#include "crm/scoring_clv_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

/* Rows are merged from here on before more room is taken, as a base of a
 * million has some hundred thousand that differ; where half of them do, more
 * are taken in before the next time. */
enum { MERGE_FROM = 1 << 16 };

#define SE_MAX 1e30

struct rows {
	VEC(struct clv_row) clv;
	VEC(struct spend_row) spend;
	size_t clv_at, spend_at; /* so many are merged */
};

static void
rows_release(struct rows *rows)
{
	vec_release(&rows->clv);
	vec_release(&rows->spend);
}

double
clv_whole(unsigned places)
{
	double whole = 1;

	while (places-- > 0)
		whole *= 10;
	return whole;
}

static void
add_customer(
    struct rows *rows, const struct customer *c, int32_t until, double whole)
{
	struct clv_row row = { c->days - 1, (uint32_t)(c->last - c->first),
		(uint32_t)(until - c->first), 1 };
	struct spend_row spend = { row.x, 1, 0 };

	if (rows->clv.n == rows->clv_at) {
		rows->clv.n = clv_merge(rows->clv.v, rows->clv.n);
		if (rows->clv.n > rows->clv_at / 2)
			rows->clv_at *= 2;
	}
	vec_push(&rows->clv, row);
	if (row.x == 0 || c->later <= 0)
		return;
	spend.m = (double)c->later / (whole * row.x);
	if (rows->spend.n == rows->spend_at) {
		rows->spend.n = spend_merge(rows->spend.v, rows->spend.n);
		if (rows->spend.n > rows->spend_at / 2)
			rows->spend_at *= 2;
	}
	vec_push(&rows->spend, spend);
}

static int
read_base(struct clv_learned *l, const struct scoring_opts *opts,
    struct rows *rows, struct err *err)
{
	struct customers_met met;
	struct customer c;
	int got;

	customers_rewind(opts->base);
	while ((got = customers_next(opts->base, &c, err)) == 1) {
		customers_met(opts->base, &met);
		if (rows->clv.n == 0 || c.first < l->first)
			l->first = c.first;
		if (rows->clv.n == 0 || c.last > l->last)
			l->last = c.last;
		add_customer(rows, &c, opts->until, clv_whole(met.places));
	}
	if (got < 0)
		return -1;
	customers_met(opts->base, &met);
	memcpy(l->currency, met.currency, sizeof(l->currency));
	customers_rewind(opts->base);
	rows->clv.n = clv_merge(rows->clv.v, rows->clv.n);
	rows->spend.n = spend_merge(rows->spend.v, rows->spend.n);
	return 0;
}

/* ---- the usual gap ---- */

struct gap {
	double days;
	uint32_t n;
};

static int
cmp_gaps(const void *pa, const void *pb)
{
	const struct gap *a = pa, *b = pb;

	return (a->days > b->days) - (a->days < b->days);
}

/* The k-th of gaps that are sorted, each n times. */
static double
kth_gap(const struct gap *v, uint64_t k)
{
	while (k >= v->n)
		k -= (v++)->n;
	return v->days;
}

/* 0: nobody came back. */
static double
median_gap(const struct clv_row *rows, size_t n)
{
	VEC(struct gap) gaps = VEC_INIT;
	uint64_t total = 0;
	double median = 0;

	for (size_t i = 0; rows != NULL && i < n; i++) {
		struct gap gap = { 0, rows[i].n };

		if (rows[i].x == 0)
			continue;
		gap.days = (double)rows[i].recency / rows[i].x;
		total += gap.n;
		vec_push(&gaps, gap);
	}
	if (total > 0) {
		qsort(gaps.v, gaps.n, sizeof(*gaps.v), cmp_gaps);
		median = (kth_gap(gaps.v, (total - 1) / 2) +
			     kth_gap(gaps.v, total / 2)) /
			 2;
	}
	vec_release(&gaps);
	return median;
}

/* At the edge a curvature may be next to nothing: no error is known then. */
static void
settle_errors(double *se, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(se[i] < SE_MAX))
			se[i] = 0;
}

int
clv_learn(
    struct clv_learned *l, const struct scoring_opts *opts, struct err *err)
{
	const struct model *model = opts->model;
	struct rows rows = { VEC_INIT, VEC_INIT, MERGE_FROM, MERGE_FROM };
	struct err none = ERR_INIT;
	int rc = -1;

	*l = (struct clv_learned){ .until = opts->until };
	if (read_base(l, opts, &rows, err) < 0)
		goto out;
	if (clv_fit(model->family, model->unit, rows.clv.v, rows.clv.n, &l->fit,
		err) < 0)
		goto out;
	l->median_gap = median_gap(rows.clv.v, rows.clv.n);
	settle_errors(l->fit.se, CLV_PARAMETERS);
	/* Without it there are still P(alive) and orders: who asks for the
	 * value says so. */
	l->has_spend =
	    spend_fit(rows.spend.v, rows.spend.n, &l->spend, &none) == 0;
	settle_errors(l->spend.se, SPEND_PARAMETERS);
	rc = 0;
out:
	rows_release(&rows);
	return rc;
}
