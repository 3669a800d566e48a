/* SPDX-License-Identifier: MIT */
/* Why a lead has its points: reasons for the line, and each step. */
#include "crm/scoring_lead.h"

#include <math.h>
#include <stdlib.h>

#include "base/date.h"
#include "crm/figure.h"

enum { REASONS = 3, EXACT_DIGITS = 15, ALL_DIGITS = 17 };

int32_t
lead_decay_day(const struct lead *l)
{
	uint32_t next = 0, days;

	for (size_t i = 0; i < l->n; i++) {
		const struct lead_part *p = &l->parts[i];

		if (p->rule->axis != AXIS_ENGAGE)
			continue;
		days = lead_next_change(&p->rule->rule, p->days.v, p->days.n);
		if (days != 0 && (next == 0 || days < next))
			next = days;
	}
	if (next == 0 || next > (uint32_t)(DATE_MAX - l->opts->until))
		return DATE_MIN;
	return l->opts->until + (int32_t)next;
}

/* ---- reasons ---- */

static double
cents(double v)
{
	return floor(fabs(v) * 100 + 0.5) / 100;
}

static void
add_reason(const struct lead *l, const struct lead_part *p, struct arena *a,
    struct rec *out)
{
	struct buf b = BUF_INIT;
	char day[DATE_TEXT];

	buf_addc(&b, p->sum < 0 ? '-' : '+');
	figure_put(&b, cents(p->sum));
	buf_addc(&b, ' ');
	buf_adds(&b, p->word);
	if (p->days.n > 0) {
		buf_addc(&b, ' ');
		buf_add(&b, day,
		    date_format(
			l->opts->until - (int32_t)p->days.v[0].age, day));
	}
	rec_add(out, a, STR("reason"), arena_str(a, buf_str(&b)));
	buf_release(&b);
}

void
lead_reasons(const struct lead *l, struct arena *a, struct rec *out)
{
	const struct lead_part *told[REASONS] = { NULL };

	for (int n = 0; n < REASONS; n++) {
		const struct lead_part *best = NULL;

		for (size_t i = 0; i < l->n; i++) {
			const struct lead_part *p = &l->parts[i];
			bool again = false;

			for (int k = 0; k < n; k++)
				again = again || told[k] == p;
			if (!again && cents(p->sum) > 0 &&
			    (best == NULL || cents(p->sum) > cents(best->sum)))
				best = p;
		}
		if (best == NULL)
			return;
		told[n] = best;
		add_reason(l, best, a, out);
	}
}

/* ---- each step ---- */

/* A number that gives the same double back, so that the steps add up. */
static void
put_exact(struct buf *b, double v)
{
	size_t from = b->n;

	buf_addf(b, "%.*g", (int)EXACT_DIGITS, v);
	if (strtod(b->p + from, NULL) == v)
		return;
	buf_cut(b, from);
	buf_addf(b, "%.*g", (int)ALL_DIGITS, v);
}

static void
put_sum(struct buf *b, bool *first, double v)
{
	if (!*first)
		buf_addz(b, " + ");
	*first = false;
	put_exact(b, v);
}

/* subscribe 2026-01-03 = 50 * 1 * 2^(-58/30) = 13.09 */
static void
explain_day(const struct lead *l, const struct lead_part *p,
    const struct lead_day *d, double value, struct buf *b)
{
	const struct lead_rule *r = &p->rule->rule;
	char day[DATE_TEXT];

	buf_adds(b, p->word);
	buf_addc(b, ' ');
	buf_add(b, day, date_format(l->opts->until - (int32_t)d->age, day));
	buf_addz(b, " = ");
	put_exact(b, r->points);
	buf_addf(b, " * %lu",
	    (unsigned long)(r->once         ? 1
			    : d->n < r->cap ? d->n
					    : r->cap));
	if (r->half_life > 0) {
		buf_addf(b, " * 2^(-%lu/", (unsigned long)d->age);
		put_exact(b, r->half_life);
		buf_addc(b, ')');
	} else if (r->step_days > 0) {
		buf_addz(b, " * (1 - ");
		put_exact(b, r->step_loss);
		buf_addf(b, ")^%.0f", floor(d->age / r->step_days));
	}
	buf_addz(b, " = ");
	put_exact(b, value);
	buf_addc(b, '\n');
}

static void
explain_part(const struct lead *l, const struct lead_part *p, struct buf *b)
{
	struct lead_rule free_of = p->rule->rule;
	bool first = true;
	struct buf sum = BUF_INIT;
	size_t n = free_of.once && p->days.n > 1 ? 1 : p->days.n;

	free_of.limit = INFINITY;
	for (size_t i = 0; i < n; i++) {
		double v = lead_points(&free_of, &p->days.v[i], 1);

		explain_day(l, p, &p->days.v[i], v, b);
		put_sum(&sum, &first, v);
	}
	buf_addz(b, "engage ");
	buf_adds(b, p->word);
	buf_addz(b, " = ");
	buf_adds(b, first ? STR("0") : buf_str(&sum));
	if (!isinf(p->rule->rule.limit)) {
		buf_addz(b, ", at most ");
		put_exact(b, p->rule->rule.limit);
	}
	buf_addz(b, " = ");
	put_exact(b, p->sum);
	buf_addc(b, '\n');
	buf_release(&sum);
}

static void
explain_engage(const struct lead *l, struct buf *b)
{
	bool first = true;

	for (size_t i = 0; i < l->n; i++)
		if (l->parts[i].days.n > 0)
			explain_part(l, &l->parts[i], b);
	buf_addz(b, "engage = ");
	for (size_t i = 0; i < l->n; i++)
		if (l->parts[i].days.n > 0)
			put_sum(b, &first, l->parts[i].sum);
	buf_addz(b, first ? "0, at least 0 = " : ", at least 0 = ");
	figure_put(b, l->engage);
	buf_addc(b, '\n');
}

static void
explain_fit(const struct lead *l, struct buf *b)
{
	bool first = true;

	for (size_t i = 0; i < l->n; i++) {
		if (!l->parts[i].met)
			continue;
		buf_addz(b, "fit ");
		buf_adds(b, l->parts[i].word);
		buf_addz(b, " = ");
		put_exact(b, l->parts[i].sum);
		buf_addc(b, '\n');
	}
	buf_addz(b, "fit = ");
	for (size_t i = 0; i < l->n; i++)
		if (l->parts[i].met)
			put_sum(b, &first, l->parts[i].sum);
	buf_addz(b, first ? "0, 0 to 100 = " : ", 0 to 100 = ");
	figure_put(b, l->fit);
	buf_addf(b, "\ngrade = %s\n", l->grade);
}

void
lead_explain(const struct lead *l, struct buf *b)
{
	char day[DATE_TEXT];

	buf_addz(b, "until = ");
	buf_add(b, day, date_format(l->opts->until, day));
	buf_addc(b, '\n');
	explain_fit(l, b);
	explain_engage(l, b);
}
