/* SPDX-License-Identifier: MIT */
/* The model clv: a line of each customer, and its place among all. */
#include "crm/scoring_clv.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/vec.h"
#include "crm/figure.h"

enum { DECILES = 10 };

/* By value, the highest first, then by id. */
struct ranked {
	double clv;
	struct str name;
};

struct clv {
	const struct scoring_opts *opts;
	struct clv_scorer *scorer;
	struct arena names;
	VEC(struct ranked) ranks;
};

static void
clv_close(void **state)
{
	struct clv *m = *state;

	if (m == NULL)
		return;
	clv_scorer_close(&m->scorer);
	arena_release(&m->names);
	vec_release(&m->ranks);
	mem_free(m);
	*state = NULL;
}

/* ---- ranks ---- */

static int
cmp_ranked(const void *pa, const void *pb)
{
	const struct ranked *a = pa, *b = pb;

	if (a->clv != b->clv)
		return a->clv > b->clv ? -1 : 1;
	return str_cmp(a->name, b->name);
}

static int
rank_all(struct clv *m, struct err *err)
{
	struct customers *base = m->opts->base;
	struct clv_figures f;
	struct customer c;
	int got;

	customers_rewind(base);
	while ((got = customers_next(base, &c, err)) == 1) {
		if (clv_scorer_figures(m->scorer, &c, &f, err) < 0)
			return -1;
		if (f.has_value)
			vec_push(
			    &m->ranks, ((struct ranked){ f.clv,
					   arena_str(&m->names, c.name) }));
	}
	customers_rewind(base);
	if (m->ranks.n > 1)
		qsort(m->ranks.v, m->ranks.n, sizeof(*m->ranks.v), cmp_ranked);
	return got;
}

/* rank 1 and decile 1 are the best.  Who is not of the base (--base input,
 * a log) stands where it would stand. */
static void
add_rank(const struct clv *m, const struct customer *c, double clv,
    struct rec *out, struct arena *a)
{
	struct ranked key = { clv, c->name };
	size_t lo = 0, hi = m->ranks.n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (cmp_ranked(&m->ranks.v[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	figure_add_int(out, a, STR("rank"), (int64_t)lo + 1);
	if (lo == m->ranks.n && lo > 0)
		lo--;
	figure_add_int(out, a, STR("decile"),
	    m->ranks.n == 0
		? 1
		: (int64_t)((uint64_t)lo * DECILES / m->ranks.n) + 1);
}

/* ---- the ops ---- */

static int
clv_open(void **out, const struct scoring_opts *opts, struct err *err)
{
	struct clv *m = mem_zero(1, sizeof(*m));

	*out = m;
	m->opts = opts;
	if (clv_scorer_open(&m->scorer, opts, err) < 0 ||
	    (opts->ranks && rank_all(m, err) < 0)) {
		clv_close(out);
		return -1;
	}
	return 0;
}

static void
put_number(const struct clv *m, struct str label, double v, struct rec *out,
    struct arena *a)
{
	if (figure_wanted(m->opts, label))
		(void)figure_add(out, a, label, v);
}

static int
clv_customer(void *state, const struct customer *c, struct arena *a,
    struct rec *out, struct buf *why, struct err *err)
{
	struct clv *m = state;
	const struct clv_learned *l = clv_scorer_learned(m->scorer);
	struct customers_met met;
	struct clv_figures f;

	if (clv_scorer_figures(m->scorer, c, &f, err) < 0)
		return -1;
	customers_met(m->opts->base, &met);
	figure_head(out, a, m->opts, clv_family_names[l->fit.family], c);
	put_number(m, STR("p_alive"), f.alive, out, a);
	put_number(m, STR("exp_orders"), f.orders, out, a);
	if (f.has_value) {
		put_number(m, STR("exp_value"), f.value, out, a);
		put_number(m, STR("clv"), f.clv, out, a);
	}
	if (figure_wanted(m->opts, STR("clv_past")))
		figure_add_money(
		    out, a, STR("clv_past"), c->amount, (int)met.places);
	if (*met.currency != '\0')
		rec_add(out, a, STR("currency"),
		    arena_str(a, str_of(met.currency)));
	if (m->opts->ranks && f.has_value)
		add_rank(m, c, f.clv, out, a);
	clv_scorer_flags(m->scorer, c, true, out, a);
	if (why != NULL)
		clv_scorer_explain(m->scorer, c, &f, true, why);
	return 1;
}

static int
clv_fit_text(void *state, struct buf *out, struct err *err)
{
	struct clv *m = state;

	(void)err; /* writes what it has */
	clv_scorer_text(m->scorer, out);
	return 0;
}

static const char *const saved[] = { "p_alive", NULL };

const struct scoring_ops scoring_clv = {
	.open = clv_open,
	.close = clv_close,
	.customer = clv_customer,
	.fit_text = clv_fit_text,
	.validate = clv_scorer_validate,
	.saved = saved,
	.score = "clv",
};
