/* SPDX-License-Identifier: MIT */
/*
 * Who is leaving (ANALYTICS.md 6): by P(alive) of the fit that clv has, by a
 * customer's own rhythm, or by a fixed window.
 */
#include <math.h>

#include "base/mem.h"
#include "crm/figure.h"
#include "crm/scoring.h"
#include "crm/scoring_clv.h"
#include "score/churn.h"
#include "score/select.h"

/* Gaps are fractions of days; order statistics are of whole numbers. */
#define GAP_SCALE 1e6

struct churn {
	const struct scoring_opts *opts;
	const struct model *model;
	struct clv_scorer *clv; /* CHURN_MODEL */
	double median_gap;      /* of the base; not by CHURN_WINDOW */
};

/* What is said of one customer. */
struct churn_of {
	double silent, gap; /* days; gap 0: one purchase day */
	double p_churn, value;
	bool has_value;
	enum churn_state state;
};

/* ---- the base ---- */

static int
one_pass(struct customers *base, struct select *s, struct err *err)
{
	struct customer c;
	double gap;
	int rc;

	customers_rewind(base);
	while ((rc = customers_next(base, &c, err)) > 0) {
		gap = churn_gap((double)c.last - c.first, c.days);
		if (gap > 0)
			select_add(s, llround(gap * GAP_SCALE));
	}
	return rc;
}

/* The median of the usual gaps of those who came back: 0 where nobody did. */
static int
learn_median(struct churn *k, struct err *err)
{
	struct select *s = select_new();
	struct customers_met met;
	uint64_t ranks[2], n;
	int rc = one_pass(k->opts->base, s, err);

	customers_met(k->opts->base, &met);
	n = select_count(s);
	if (rc == 0 && met.customers == 0)
		rc = err_set(err, STATUS_DATA,
		    "%s: no customer has a purchase until then: there is "
		    "nothing to learn from",
		    k->model->name);
	if (rc == 0 && n > 0) {
		ranks[0] = (n - 1) / 2;
		ranks[1] = n / 2;
		select_ask(s, ranks, 2);
		while (rc == 0 && select_again(s))
			rc = one_pass(k->opts->base, s, err);
		if (rc == 0)
			k->median_gap = ((double)select_value(s, 0) +
					    (double)select_value(s, 1)) /
					2 / GAP_SCALE;
	}
	select_free(&s);
	return rc;
}

static int
churn_open(void **out, const struct scoring_opts *opts, struct err *err)
{
	struct churn *k = mem_zero(1, sizeof(*k));

	*out = k;
	k->opts = opts;
	k->model = opts->model;
	if (k->model->churn == CHURN_MODEL) {
		if (clv_scorer_open(&k->clv, opts, err) < 0)
			return -1;
		k->median_gap = clv_scorer_learned(k->clv)->median_gap;
		return 0;
	}
	if (opts->params != NULL)
		return err_set(err, STATUS_USAGE,
		    "--params: only --method model has parameters");
	return k->model->churn == CHURN_GAP ? learn_median(k, err) : 0;
}

static void
churn_close(void **state)
{
	struct churn *k = *state;

	clv_scorer_close(&k->clv);
	mem_free(k);
	*state = NULL;
}

/* ---- one customer ---- */

static void
put_figures(const struct churn *k, const struct churn_of *f,
    const struct customer *c, struct arena *a, struct rec *out)
{
	const struct scoring_opts *o = k->opts;

	if (k->model->churn == CHURN_MODEL)
		(void)figure_add(out, a, STR("p_churn"), f->p_churn);
	if (f->gap > 0 && figure_wanted(o, STR("usual_gap_days")))
		(void)figure_add(out, a, STR("usual_gap_days"), f->gap);
	if (f->gap > 0 && figure_wanted(o, STR("silent_ratio")))
		(void)figure_add(
		    out, a, STR("silent_ratio"), f->silent / f->gap);
	rec_add(out, a, STR("state"), str_of(churn_names[f->state]));
	if (f->has_value && figure_wanted(o, STR("value_at_risk")))
		(void)figure_add(
		    out, a, STR("value_at_risk"), f->value * f->p_churn);
	if (f->gap > 0 && c->last + f->gap < DATE_MAX &&
	    figure_wanted(o, STR("next_contact")))
		figure_add_day(out, a, STR("next_contact"),
		    c->last + (int32_t)llround(f->gap));
}

static void
explain_gap(const struct churn *k, const struct churn_of *f,
    const struct customer *c, struct buf *why)
{
	buf_addf(why, "silent_days = until - last_order = %.0f\n", f->silent);
	if (f->gap > 0) {
		buf_addf(why,
		    "usual_gap_days = (last_order - first_order) / (purchase "
		    "days - 1) = %d / %u = ",
		    c->last - c->first, c->days - 1);
		figure_put(why, f->gap);
		buf_addz(why, "\nsilent_ratio = silent_days / usual_gap_days "
			      "= ");
		figure_put(why, f->silent / f->gap);
		buf_addc(why, '\n');
	} else if (k->model->churn != CHURN_WINDOW) {
		buf_addz(why, "one purchase day; the base's median gap = ");
		figure_put(why, k->median_gap);
		buf_addc(why, '\n');
	}
}

static void
explain_state(const struct churn *k, const struct churn_of *f, struct buf *why)
{
	const struct model *m = k->model;

	switch (m->churn) {
	case CHURN_MODEL:
		buf_addz(why, "p_churn = 1 - p_alive = ");
		figure_put(why, f->p_churn);
		buf_addz(why, "\nstate: at-risk from ");
		figure_put(why, m->levels.at_risk);
		buf_addz(why, ", lapsed from ");
		figure_put(why, m->levels.lapsed);
		break;
	case CHURN_GAP:
		buf_addz(why, "state: at-risk above ");
		figure_put(why, m->k);
		buf_addz(why, " gaps, lapsed above ");
		figure_put(why, 2 * m->k);
		break;
	case CHURN_WINDOW:
	default:
		buf_addf(why, "state: lapsed above %u days", m->window);
		break;
	}
	buf_addf(why, " = %s\n", churn_names[f->state]);
	if (f->has_value) {
		buf_addz(why, "value_at_risk = clv * p_churn = ");
		figure_put(why, f->value * f->p_churn);
		buf_addc(why, '\n');
	}
}

static int
by_model(struct churn *k, const struct customer *c, struct churn_of *f,
    struct buf *why, struct err *err)
{
	struct clv_figures v;

	if (clv_scorer_figures(k->clv, c, &v, err) < 0)
		return -1;
	f->p_churn = 1 - v.alive;
	f->has_value = v.has_value;
	f->value = v.clv;
	f->state = churn_by_model(
	    &k->model->levels, f->p_churn, c->days, f->silent, k->median_gap);
	if (why != NULL)
		clv_scorer_explain(k->clv, c, &v, v.has_value, why);
	return 0;
}

static int
churn_customer(void *state, const struct customer *c, struct arena *a,
    struct rec *out, struct buf *why, struct err *err)
{
	struct churn *k = state;
	const struct model *m = k->model;
	struct churn_of f = { .silent = (double)k->opts->until - c->last };
	const char *family = NULL;

	f.gap = churn_gap((double)c->last - c->first, c->days);
	if (m->churn == CHURN_MODEL) {
		if (by_model(k, c, &f, why, err) < 0)
			return -1;
		family =
		    clv_family_names[clv_scorer_learned(k->clv)->fit.family];
	} else {
		f.state =
		    m->churn == CHURN_GAP
			? churn_by_gap(m->k, f.gap, f.silent, k->median_gap)
			: churn_by_window(m->window, f.silent);
	}
	figure_head(out, a, k->opts, family, c);
	put_figures(k, &f, c, a, out);
	if (k->clv != NULL)
		clv_scorer_flags(k->clv, c, f.has_value, out, a);
	else if (c->days == 1)
		rec_add(out, a, STR("flag"), STR("few-data"));
	if (why != NULL) {
		explain_gap(k, &f, c, why);
		explain_state(k, &f, why);
	}
	return 1;
}

/* ---- parameters ---- */

static int
only_model(const struct model *m, const char *option, struct err *err)
{
	if (m->churn == CHURN_MODEL)
		return 0;
	return err_set(err, STATUS_USAGE,
	    "%s: only --method model estimates parameters", option);
}

static int
churn_fit_text(void *state, struct buf *out, struct err *err)
{
	const struct churn *k = state;

	if (only_model(k->model, "--fit", err) < 0)
		return -1;
	clv_scorer_text(k->clv, out);
	return 0;
}

static int
churn_validate(const struct scoring_opts *opts, uint32_t days, struct buf *out,
    struct err *err)
{
	if (only_model(opts->model, "--validate", err) < 0)
		return -1;
	return clv_scorer_validate(opts, days, out, err);
}

static const char *const saved[] = { "state", NULL };

const struct scoring_ops scoring_churn = {
	.open = churn_open,
	.close = churn_close,
	.customer = churn_customer,
	.fit_text = churn_fit_text,
	.validate = churn_validate,
	.saved = saved,
	.score = "p_churn",
};
