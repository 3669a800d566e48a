/* SPDX-License-Identifier: MIT */
/* What a fit says of a customer, and how far it is to be believed. */
#include "crm/scoring_clv_int.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "crm/figure.h"
#include "score/special.h"

enum { CACHE_SLOTS = 1 << 16, CACHE_GOLDEN = 40503 };

/* A month in days and in weeks (ANALYTICS.md 3.2). */
#define MONTH_DAYS 30
#define MONTH_WEEKS 4.345

/* ---- opening ---- */

static void
warn(const struct scoring_opts *opts, const char *text)
{
	const struct crm_env *env = opts->env;
	struct buf line = BUF_INIT;

	if (env == NULL || env->event == NULL)
		return;
	buf_addf(&line, err_text("%s: warning: %s"), opts->model->name, text);
	env->event(env->arg, EVENT_WARN, line.p);
	buf_release(&line);
}

/* Each weakness: a warning, or the end under require_fit. */
static int
judge(const struct clv_scorer *s, struct err *err)
{
	const struct clv_learned *l = &s->learned;
	bool value = s->opts->model->type == MODEL_CLV;
	bool spend = value && l->has_spend;
	const struct {
		bool weak;
		const char *text;
	} rules[] = {
		{ l->fit.boundary || (spend && l->spend.boundary),
		    ERR_N("the fit ends on a boundary of what the model can "
			  "say; its figures are weak") },
		{ l->fit.unconverged || (spend && l->spend.unconverged),
		    ERR_N("the fit did not settle within 200 evaluations; its "
			  "figures are weak") },
		{ value && !l->has_spend,
		    ERR_N("nobody bought twice for money: clv is left out") },
		{ spend && l->spend.no_mean,
		    ERR_N("spend varies so much that it has no mean: clv is "
			  "left out") },
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (!rules[i].weak)
			continue;
		if (s->opts->require_fit)
			return err_set(err, STATUS_DATA, "%s: %s",
			    s->opts->model->name, err_text(rules[i].text));
		warn(s->opts, err_text(rules[i].text));
	}
	return 0;
}

int
clv_scorer_open(
    struct clv_scorer **out, const struct scoring_opts *opts, struct err *err)
{
	struct clv_scorer *s = mem_zero(1, sizeof(*s));
	const struct model *model = opts->model;
	int rc;

	s->opts = opts;
	rc = opts->params != NULL
		 ? clv_params_read(&s->learned, opts->params, err)
		 : clv_learn(&s->learned, opts, err);
	if (rc == 0)
		rc = judge(s, err);
	if (rc < 0) {
		mem_free(s);
		return -1;
	}
	s->terms = (struct clv_terms){ .months = model->horizon,
		.month =
		    s->learned.fit.unit == CLV_WEEK ? MONTH_WEEKS : MONTH_DAYS,
		.discount = model->discount,
		.margin = model->margin };
	s->cache = mem_zero(CACHE_SLOTS, sizeof(*s->cache));
	*out = s;
	return 0;
}

void
clv_scorer_close(struct clv_scorer **s)
{
	if (*s == NULL)
		return;
	mem_free((*s)->cache);
	mem_free(*s);
	*s = NULL;
}

const struct clv_learned *
clv_scorer_learned(const struct clv_scorer *s)
{
	return &s->learned;
}

void
clv_scorer_text(const struct clv_scorer *s, struct buf *out)
{
	clv_params_put(
	    &s->learned, model_type_names[s->opts->model->type], out);
}

/* ---- figures ---- */

/*
 * E[X(t)] is P(alive) times what x, T and t give: taken once for each x and T,
 * at t_x = T, where P(alive) is never 0.  Ages of one x lie side by side, and
 * multiples of the golden ratio lay the few x that most have far apart.
 */
static const struct clv_cached *
cached(struct clv_scorer *s, uint32_t days, uint32_t age)
{
	struct clv_cached *c =
	    &s->cache[(days * CACHE_GOLDEN + age) % CACHE_SLOTS];
	const struct clv_fit *fit = &s->learned.fit;
	double x = days - 1.0, T = (double)age / fit->unit, alive;

	if (c->days == days && c->age == age)
		return c;
	c->days = days;
	c->age = age;
	c->of_alive = clv_age(fit, x, T);
	alive = clv_age_alive(fit, &c->of_alive, x, T, T);
	c->worth = clv_worth(fit, &s->terms, x, T, alive, &c->orders) / alive;
	c->orders /= alive;
	return c;
}

static int
check_currency(const struct clv_scorer *s, const struct customers_met *met,
    struct err *err)
{
	const char *fitted = s->learned.currency;

	if (*fitted == '\0' || *met->currency == '\0' ||
	    strcmp(fitted, met->currency) == 0)
		return 0;
	return err_set(err, STATUS_DATA,
	    "%s: fitted to orders in %s, these are in %s", s->opts->params,
	    fitted, met->currency);
}

int
clv_scorer_figures(struct clv_scorer *s, const struct customer *c,
    struct clv_figures *out, struct err *err)
{
	const struct clv_learned *l = &s->learned;
	uint32_t age = (uint32_t)(s->opts->until - c->first);
	const struct clv_cached *of = cached(s, c->days, age);
	struct customers_met met;
	double unit = l->fit.unit;

	customers_met(s->opts->base, &met);
	if (check_currency(s, &met, err) < 0)
		return -1;
	*out = (struct clv_figures){ .x = c->days - 1,
		.t_x = (c->last - c->first) / unit,
		.T = age / unit };
	if (out->x > 0)
		out->m = (double)c->later / (clv_whole(met.places) * out->x);
	out->alive =
	    clv_age_alive(&l->fit, &of->of_alive, out->x, out->t_x, out->T);
	out->orders = out->alive * of->orders;
	if (!l->has_spend || l->spend.no_mean)
		return 0;
	out->value = spend_expected(&l->spend, out->x, out->m);
	out->clv = s->terms.margin * out->value * out->alive * of->worth;
	out->has_value = isfinite(out->value) && isfinite(out->clv);
	return 0;
}

void
clv_scorer_flags(const struct clv_scorer *s, const struct customer *c,
    bool value, struct rec *out, struct arena *a)
{
	const struct clv_learned *l = &s->learned;
	bool spend = value && l->has_spend;

	if (c->days == 1)
		rec_add(out, a, STR("flag"), STR("few-data"));
	if (l->fit.boundary || (spend && l->spend.boundary))
		rec_add(out, a, STR("flag"), STR("boundary"));
	if (l->fit.unconverged || (spend && l->spend.unconverged))
		rec_add(out, a, STR("flag"), STR("unconverged"));
	if (value && (!l->has_spend || l->spend.no_mean))
		rec_add(out, a, STR("flag"), STR("no-mean"));
}
