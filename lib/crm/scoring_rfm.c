/* SPDX-License-Identifier: MIT */
/*
 * Recency, frequency, monetary value (ANALYTICS.md 4).  Cuts by the data come
 * from order statistics of two or three passes over the base, in constant
 * memory; only levels of equal size, and nested ones, hold the base.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/mem.h"
#include "base/vec.h"
#include "crm/figure.h"
#include "crm/scoring.h"
#include "score/rfm.h"
#include "score/select.h"

static const char axis_names[] = "RFM";

struct held {
	struct str name;
	uint8_t level[RFM_AXES];
};

struct rfm {
	const struct scoring_opts *opts;
	const struct model *model;
	uint64_t n;
	unsigned places; /* of the currency */
	struct rfm_cuts cuts[RFM_AXES];
	bool in_memory;
	VEC(struct held) held; /* by name: in_memory */
	struct arena names;
};

static void
values_of(const struct rfm *r, const struct customer *c, int64_t v[RFM_AXES])
{
	v[RFM_R] = (int64_t)r->opts->until - c->last;
	v[RFM_F] = r->model->count_days ? c->days : c->orders;
	v[RFM_M] = c->amount;
}

/* ---- cuts ---- */

static double
whole(const struct rfm *r)
{
	double unit = 1;

	for (unsigned i = 0; i < r->places; i++)
		unit *= 10;
	return unit;
}

/* Cut points that the user gave: a value on one is above it. */
static void
given_cuts(struct rfm *r, enum rfm_axis axis)
{
	const struct model *m = r->model;
	struct rfm_cuts *c = &r->cuts[axis];

	*c = (struct rfm_cuts){ .bins = m->nbreaks[axis] + 1,
		.at = true,
		.reversed = axis == RFM_R };
	for (unsigned i = 0; i < m->nbreaks[axis]; i++)
		c->cut[i] = m->breaks[axis][i] * (axis == RFM_M ? whole(r) : 1);
}

/* Where many values are equal a level may be nobody's: the cuts on both sides
 * of it are then one. */
static void
find_empty(
    const struct rfm *r, enum rfm_axis axis, double most, struct buf *out)
{
	const struct rfm_cuts *c = &r->cuts[axis];

	if (r->model->method != RFM_CUTS)
		return;
	for (unsigned k = 1; k < c->bins; k++) {
		double above = k + 1 < c->bins ? c->cut[k] : most;

		if (above <= c->cut[k - 1])
			buf_addf(out, "%s%c %u", out->n > 0 ? ", " : "",
			    axis_names[axis],
			    c->reversed ? c->bins - k : k + 1);
	}
}

static void
note_empty(const struct rfm *r, const struct buf *empty)
{
	const struct crm_env *env = r->opts->env;
	struct buf b = BUF_INIT;

	if (empty->n > 0 && env->notes && env->event != NULL) {
		buf_addf(&b,
		    err_text("%s: too many values are equal: nobody has %s"),
		    r->model->name, empty->p);
		env->event(env->arg, EVENT_NOTE, b.p);
	}
	buf_release(&b);
}

static void
cut_axis(struct rfm *r, enum rfm_axis axis, const struct select *s, size_t n,
    struct buf *empty)
{
	const struct model *m = r->model;
	struct rfm_cuts *c = &r->cuts[axis];
	int64_t values[SELECT_RANKS] = { 0 };

	for (size_t i = 0; i < n; i++)
		values[i] = select_value(s, i);
	rfm_cut(m->method, m->bins, r->n, axis == RFM_R, values, c);
	/* The 1 that the package adds is one of the currency, not a cent. */
	for (unsigned k = 0;
	     axis == RFM_M && m->method == RFM_CRAN && k + 1 < c->bins; k++)
		c->cut[k] += whole(r) - 1;
	find_empty(r, axis, (double)values[n - 1], empty);
}

static int
one_pass(struct rfm *r, struct select *const *s, struct err *err)
{
	struct customers *base = r->opts->base;
	struct customer c;
	int64_t v[RFM_AXES];
	int rc;

	customers_rewind(base);
	while ((rc = customers_next(base, &c, err)) > 0) {
		values_of(r, &c, v);
		for (int axis = 0; axis < RFM_AXES; axis++)
			if (s[axis] != NULL)
				select_add(s[axis], v[axis]);
	}
	return rc;
}

static int
nobody(const struct rfm *r, struct err *err)
{
	return err_set(err, STATUS_DATA,
	    "%s: no customer has a purchase until then: there is nothing to "
	    "learn from",
	    r->model->name);
}

static int
learn_cuts(struct rfm *r, struct err *err)
{
	struct select *s[RFM_AXES] = { NULL, NULL, NULL };
	struct customers_met met;
	uint64_t ranks[SELECT_RANKS];
	struct buf empty = BUF_INIT;
	size_t n = 0;
	int rc = -1;
	bool again;

	for (int axis = 0; axis < RFM_AXES; axis++)
		s[axis] = select_new();
	if (one_pass(r, s, err) < 0)
		goto out;
	customers_met(r->opts->base, &met);
	r->places = met.places;
	r->n = met.customers;
	if (r->n == 0) {
		rc = nobody(r, err);
		goto out;
	}
	n = rfm_ranks(r->model->method, r->model->bins, r->n, ranks);
	ranks[n++] = r->n - 1; /* the greatest: is the last level empty? */
	for (int axis = 0; axis < RFM_AXES; axis++)
		select_ask(s[axis], ranks, n);
	do {
		again = false;
		for (int axis = 0; axis < RFM_AXES; axis++)
			again |= select_again(s[axis]);
		if (again && one_pass(r, s, err) < 0)
			goto out;
	} while (again);
	for (int axis = 0; axis < RFM_AXES; axis++) {
		if (r->model->nbreaks[axis] > 0)
			given_cuts(r, (enum rfm_axis)axis);
		else
			cut_axis(r, (enum rfm_axis)axis, s[axis], n, &empty);
	}
	note_empty(r, &empty);
	rc = 0;
out:
	buf_release(&empty);
	for (int axis = 0; axis < RFM_AXES; axis++)
		select_free(&s[axis]);
	return rc;
}

/* ---- the base in memory ---- */

static int
cmp_held(const void *pa, const void *pb)
{
	const struct held *a = pa, *b = pb;

	return str_cmp(a->name, b->name);
}

static int
learn_levels(struct rfm *r, struct err *err)
{
	VEC(struct rfm_row) rows = VEC_INIT;
	struct customers_met met;
	struct held held = { { NULL, 0 }, { 0 } };
	struct rfm_row row = { .order = 0 };
	struct customer c;
	int rc;

	customers_rewind(r->opts->base);
	while ((rc = customers_next(r->opts->base, &c, err)) > 0) {
		values_of(r, &c, row.v);
		row.order = r->held.n;
		vec_push(&rows, row);
		held.name = arena_str(&r->names, c.name);
		vec_push(&r->held, held);
	}
	if (rc == 0 && rows.n == 0)
		rc = nobody(r, err);
	if (rc == 0) {
		customers_met(r->opts->base, &met);
		r->places = met.places;
		r->n = rows.n;
		rfm_levels(rows.v, rows.n, r->model->method, r->model->bins);
		for (size_t i = 0; i < rows.n; i++)
			memcpy(r->held.v[i].level, rows.v[i].level,
			    sizeof(held.level));
		qsort(r->held.v, r->held.n, sizeof(*r->held.v), cmp_held);
	}
	vec_release(&rows);
	return rc;
}

/* False: it is not of the base. */
static bool
held_levels(
    const struct rfm *r, const struct customer *c, uint8_t level[RFM_AXES])
{
	struct held key = { c->name, { 0 } };
	const struct held *h =
	    bsearch(&key, r->held.v, r->held.n, sizeof(key), cmp_held);

	if (h == NULL)
		return false;
	memcpy(level, h->level, sizeof(h->level));
	return true;
}

/* ---- one customer ---- */

static void
put_code(struct rec *out, struct arena *a, const uint8_t level[RFM_AXES])
{
	bool wide = level[RFM_R] > 9 || level[RFM_F] > 9 || level[RFM_M] > 9;
	char text[RFM_AXES * 4];
	size_t n = 0;

	for (int axis = 0; axis < RFM_AXES; axis++) {
		if (wide && axis > 0)
			text[n++] = '-';
		if (level[axis] > 9)
			text[n++] = (char)('0' + level[axis] / 10 % 10);
		text[n++] = (char)('0' + level[axis] % 10);
	}
	rec_add(out, a, STR("rfm"), arena_str(a, str_n(text, n)));
}

/* R = 6 - (1 + (205 > 114) + (205 > 180) + ...) = 3 */
static void
explain_axis(const struct rfm *r, enum rfm_axis axis, int64_t value,
    unsigned level, struct buf *why)
{
	const struct rfm_cuts *c = &r->cuts[axis];
	double unit = axis == RFM_M ? whole(r) : 1;

	buf_addf(why, "%c = ", axis_names[axis]);
	if (r->in_memory) {
		buf_addz(why, r->model->method == RFM_NESTED && axis != RFM_R
				  ? "level within the level before, of "
				  : "level among all, of ");
		figure_put(why, (double)value / unit);
		buf_addf(why, " = %u\n", level);
		return;
	}
	if (c->reversed)
		buf_addf(why, "%u - (", c->bins + 1);
	buf_addz(why, "1");
	for (unsigned k = 0; k + 1 < c->bins; k++) {
		buf_addz(why, " + (");
		figure_put(why, (double)value / unit);
		buf_addz(why, c->at ? " >= " : " > ");
		figure_put(why, c->cut[k] / unit);
		buf_addz(why, ")");
	}
	buf_addf(why, "%s = %u\n", c->reversed ? ")" : "", level);
}

static void
explain(const struct rfm *r, const int64_t v[RFM_AXES],
    const uint8_t level[RFM_AXES], const char *segment, struct buf *why)
{
	buf_addf(
	    why, "recency = until - last_order = %lld\n", (long long)v[RFM_R]);
	for (int axis = 0; axis < RFM_AXES; axis++)
		explain_axis(r, (enum rfm_axis)axis, v[axis], level[axis], why);
	buf_addf(why,
	    "segment = the first whose bounds hold for R %u, F %u, M %u = "
	    "%s\n",
	    level[RFM_R], level[RFM_F], level[RFM_M], segment);
}

static int
rfm_customer(void *state, const struct customer *c, struct arena *a,
    struct rec *out, struct buf *why, struct err *err)
{
	static const struct str labels[RFM_AXES] = { STR_INIT("r"),
		STR_INIT("f"), STR_INIT("m") };
	const struct rfm *r = state;
	uint8_t level[RFM_AXES];
	int64_t v[RFM_AXES];
	const char *segment;

	(void)err;
	values_of(r, c, v);
	if (r->in_memory) {
		if (!held_levels(r, c, level))
			return 0;
	} else {
		for (int axis = 0; axis < RFM_AXES; axis++)
			level[axis] =
			    (uint8_t)rfm_level(&r->cuts[axis], v[axis]);
	}
	segment = rfm_segment(r->model->segments, r->model->nsegments, level);
	figure_head(out, a, r->opts, NULL, c);
	if (figure_wanted(r->opts, STR("recency")))
		figure_add_int(out, a, STR("recency"), v[RFM_R]);
	if (figure_wanted(r->opts, STR("frequency")))
		figure_add_int(out, a, STR("frequency"), v[RFM_F]);
	if (figure_wanted(r->opts, STR("monetary")))
		figure_add_money(
		    out, a, STR("monetary"), v[RFM_M], (int)r->places);
	for (int axis = 0; axis < RFM_AXES; axis++)
		if (figure_wanted(r->opts, labels[axis]))
			figure_add_int(out, a, labels[axis], level[axis]);
	put_code(out, a, level);
	rec_add(out, a, STR("segment"), str_of(segment));
	if (c->days == 1)
		rec_add(out, a, STR("flag"), STR("few-data"));
	if (why != NULL)
		explain(r, v, level, segment, why);
	return 1;
}

/* ---- opening ---- */

static int
rfm_open(void **out, const struct scoring_opts *opts, struct err *err)
{
	struct rfm *r = mem_zero(1, sizeof(*r));

	*out = r;
	r->opts = opts;
	r->model = opts->model;
	r->in_memory =
	    r->model->method == RFM_RANK || r->model->method == RFM_NESTED;
	if (opts->params != NULL)
		return err_set(err, STATUS_USAGE,
		    "--params: model '%s' estimates no parameters",
		    r->model->name);
	return r->in_memory ? learn_levels(r, err) : learn_cuts(r, err);
}

static void
rfm_close(void **state)
{
	struct rfm *r = *state;

	vec_release(&r->held);
	arena_release(&r->names);
	mem_free(r);
	*state = NULL;
}

static const char *const saved[] = { "segment", NULL };

const struct scoring_ops scoring_rfm = {
	.open = rfm_open,
	.close = rfm_close,
	.customer = rfm_customer,
	.saved = saved,
	.score = "rfm",
};
