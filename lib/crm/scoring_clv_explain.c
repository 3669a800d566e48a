/* SPDX-License-Identifier: MIT */
/*
 * --explain: each number of a customer as `NAME = FORMULA = NUMBER`, from the
 * orders to the value, so that `awk -F' = '` finds and redoes them.
 */
#include "crm/scoring_clv_int.h"

#include "base/date.h"
#include "crm/figure.h"

static const struct {
	const char *alive, *expected;
} formulas[] = {
	[CLV_MBG] = { "1 / (1 + a / (b + x) * ((alpha + T) / (alpha + t_x))"
		      "^(r + x))",
	    "(a + b + x) / (a - 1) * (1 - (1 - z)^(a - 1) * 2F1(a + b - r, "
	    "a - 1; a + b + x; z)) * p_alive, z: t / (alpha + T + t)" },
	[CLV_BG] = { "1 / (1 + a / (b + x - 1) * ((alpha + T) / "
		     "(alpha + t_x))^(r + x)), 1 where x is 0",
	    "(a + b + x - 1) / (a - 1) * (1 - (1 - z)^(a - 1) * "
	    "2F1(a + b - 1 - r, a - 1; a + b + x - 1; z)) * p_alive, "
	    "z: t / (alpha + T + t)" },
	[CLV_PARETO] = { "1 / (1 + s / q * (alpha + T)^(r + x) * (beta + T)^s "
			 "* (L(t_x) - L(T))), q: r + s + x, L(u): "
			 "2F1(q, c; q + 1; |alpha - beta| / (M + u)) / "
			 "(M + u)^q, M: the larger of alpha and beta, "
			 "c: s + 1 where that is alpha, else r + x",
	    "(r + x) * (beta + T) / ((alpha + T) * (s - 1)) * "
	    "(1 - ((beta + T) / (beta + T + t))^(s - 1)) * p_alive" },
};

static void
line(struct buf *why, const char *name, const char *formula, double v)
{
	buf_addz(why, name);
	if (formula != NULL)
		buf_addf(why, " = %s", formula);
	buf_addz(why, " = ");
	figure_put(why, v);
	buf_addc(why, '\n');
}

static void
explain_orders(const struct clv_scorer *s, const struct customer *c,
    const struct clv_figures *f, struct buf *why)
{
	bool weeks = s->learned.fit.unit == CLV_WEEK;

	line(why, "days", NULL, c->days);
	figure_day_line(why, "first", " = ", c->first);
	figure_day_line(why, "last", " = ", c->last);
	figure_day_line(why, "until", " = ", s->opts->until);
	line(why, "x", "days - 1", f->x);
	line(why, "t_x", weeks ? "(last - first) / 7" : "last - first", f->t_x);
	line(why, "T", weeks ? "(until - first) / 7" : "until - first", f->T);
}

static void
explain_alive(
    const struct clv_scorer *s, const struct clv_figures *f, struct buf *why)
{
	const struct clv_fit *fit = &s->learned.fit;
	const char *const *names = clv_parameter_names(fit->family);

	buf_addf(why, "family = %s\n", clv_family_names[fit->family]);
	for (int i = 0; i < CLV_PARAMETERS; i++)
		line(why, names[i], NULL, fit->p[i]);
	line(why, "p_alive", formulas[fit->family].alive, f->alive);
}

static void
explain_expected(
    const struct clv_scorer *s, const struct clv_figures *f, struct buf *why)
{
	const struct clv_fit *fit = &s->learned.fit;
	const struct clv_terms *terms = &s->terms;

	buf_addf(why, "E(t) = %s\n", formulas[fit->family].expected);
	line(why, "month", fit->unit == CLV_WEEK ? "weeks" : "days",
	    terms->month);
	line(why, "horizon", "months", terms->months);
	for (unsigned k = 1; k <= terms->months; k++) {
		buf_addf(why, "E(%u * month) = ", k);
		figure_put(why,
		    clv_expected(fit, f->x, f->t_x, f->T, k * terms->month));
		buf_addc(why, '\n');
	}
	line(why, "exp_orders", "E(horizon * month)", f->orders);
}

static void
explain_value(
    const struct clv_scorer *s, const struct clv_figures *f, struct buf *why)
{
	const struct spend_fit *spend = &s->learned.spend;

	if (!f->has_value) {
		buf_addz(why, "clv = left out: spend has no mean\n");
		return;
	}
	line(why, "m", "mean of the purchase days after the first", f->m);
	for (int i = 0; i < SPEND_PARAMETERS; i++)
		line(why, spend_parameter_names[i], NULL, spend->p[i]);
	line(why, "corr(x, m)", "taken as 0, in the base", spend->corr);
	line(why, "exp_value", "p * (gamma + x * m) / (p * x + q - 1)",
	    f->value);
	line(why, "discount", "a month", s->terms.discount);
	line(why, "margin", "of a purchase", s->terms.margin);
	line(why, "clv",
	    "margin * exp_value * sum over k from 1 to horizon of "
	    "(E(k * month) - E((k - 1) * month)) / (1 + discount)^k",
	    f->clv);
}

void
clv_scorer_explain(struct clv_scorer *s, const struct customer *c,
    const struct clv_figures *f, bool value, struct buf *why)
{
	explain_orders(s, c, f, why);
	explain_alive(s, f, why);
	if (!value)
		return;
	explain_expected(s, f, why);
	explain_value(s, f, why);
}
