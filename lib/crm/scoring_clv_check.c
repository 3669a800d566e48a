/* SPDX-License-Identifier: MIT */
/* --validate: learns from what lies before a span, compares with the span. */
#include "crm/scoring_clv_int.h"

#include <math.h>

#include "base/date.h"
#include "base/vec.h"
#include "crm/figure.h"
#include "score/special.h"

/* A customer at the beginning of the span. */
struct seen {
	double orders; /* predicted within it */
	uint32_t days; /* purchase days before it */
	int64_t later; /* money after the first of them */
};
struct backtest {
	VEC(struct seen) seen;
	struct sum actual, predicted, error, bias;
	struct sum value, predicted_value;
	bool has_value;
};

static int
predict(struct backtest *k, struct clv_scorer *s, struct err *err)
{
	struct customers *base = s->opts->base;
	struct clv_figures f;
	struct customer c;
	int got;

	customers_rewind(base);
	while ((got = customers_next(base, &c, err)) == 1) {
		struct seen seen = { 0, c.days, c.later };

		if (clv_scorer_figures(s, &c, &f, err) < 0)
			return -1;
		seen.orders = f.orders;
		vec_push(&k->seen, seen);
		sum_add(&k->predicted, f.orders);
		k->has_value |= f.has_value;
		if (f.has_value)
			sum_add(&k->predicted_value, f.clv);
	}
	return got;
}

/* Who bought before the span comes again, in the same order, among those who
 * did not. */
static int
compare(
    struct backtest *k, struct customers *base, int32_t before, struct err *err)
{
	struct customers_met met;
	struct customer c;
	size_t i = 0;
	int got;

	while ((got = customers_next(base, &c, err)) == 1) {
		const struct seen *seen = &k->seen.v[i];
		double bought;

		if (c.first > before)
			continue;
		if (i++ == k->seen.n)
			break;
		customers_met(base, &met);
		bought = (double)c.days - seen->days;
		sum_add(&k->actual, bought);
		sum_add(&k->error, fabs(seen->orders - bought));
		sum_add(&k->bias, seen->orders - bought);
		sum_add(&k->value,
		    (double)(c.later - seen->later) / clv_whole(met.places));
	}
	if (got < 0)
		return -1;
	if (i != k->seen.n)
		return err_set(err, STATUS_BUSY,
		    "the orders changed while they were read; try again");
	return 0;
}

static void
put(struct buf *out, const char *name, double v)
{
	buf_addf(out, "%s: ", name);
	figure_put(out, v);
	buf_addc(out, '\n');
}

static void
report(const struct backtest *k, const struct clv_scorer *s, int32_t until,
    struct buf *out)
{
	const struct clv_fit *fit = &s->learned.fit;
	double n = (double)k->seen.n;

	buf_addf(out, "model: %s\nfamily: %s\n", s->opts->model->name,
	    clv_family_names[fit->family]);
	figure_day_line(out, "from", ": ", s->opts->until + 1);
	figure_day_line(out, "until", ": ", until);
	put(out, "customers", n);
	put(out, "actual", sum_value(&k->actual));
	put(out, "predicted", sum_value(&k->predicted));
	put(out, "mae", sum_value(&k->error) / n);
	put(out, "bias", sum_value(&k->bias) / n);
	if (!k->has_value)
		return;
	put(out, "actual_value", sum_value(&k->value));
	put(out, "predicted_value", sum_value(&k->predicted_value));
	if (*s->learned.currency != '\0')
		buf_addf(out, "currency: %s\n", s->learned.currency);
}

int
clv_scorer_validate(const struct scoring_opts *opts, uint32_t days,
    struct buf *out, struct err *err)
{
	struct scoring_opts past = *opts;
	struct backtest k = { .seen = VEC_INIT };
	struct clv_scorer *s = NULL;
	char day[DATE_TEXT];
	int rc = -1;

	past.params = NULL;
	if (days > (uint32_t)(opts->until - DATE_MIN)) {
		(void)err_set(err, STATUS_USAGE,
		    "--validate: the span goes back before the year 1");
		goto out;
	}
	past.until -= (int32_t)days;
	customers_until(opts->base, past.until);
	if (clv_scorer_open(&s, &past, err) < 0) {
		date_format(past.until, day);
		(void)err_prefix(err, "until %.*s", (int)DATE_TEXT, day);
		goto out;
	}
	/* The span is the horizon: one month of its length. */
	s->terms = (struct clv_terms){ .months = 1,
		.month = (double)days / s->learned.fit.unit,
		.margin = 1 };
	if (predict(&k, s, err) < 0)
		goto out;
	customers_until(opts->base, opts->until);
	if (compare(&k, opts->base, past.until, err) < 0)
		goto out;
	report(&k, s, opts->until, out);
	rc = 0;
out:
	customers_until(opts->base, opts->until);
	clv_scorer_close(&s);
	vec_release(&k.seen);
	return rc;
}
