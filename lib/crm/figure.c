/* SPDX-License-Identifier: MIT */
#include "crm/figure.h"

#include <math.h>

#include "base/date.h"
#include "base/num.h"

enum { FIGURE_DIGITS = 10 };

/* Exact as doubles. */
static const double power10[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
	1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18 };

static unsigned
digits_before(double v)
{
	unsigned n = 0;

	while (n < DECIMAL_DIGITS && v >= power10[n])
		n++;
	return n;
}

/* By hand: snprintf takes ten times as long, and a base is a million. */
size_t
figure_format(double v, char out[DECIMAL_TEXT])
{
	struct decimal d = { 0, 0 };
	double most = fabs(v), whole;
	unsigned before;

	if (!(most < 1e18))
		return 0;
	before = digits_before(most);
	if (before > FIGURE_DIGITS) {
		whole = power10[before - FIGURE_DIGITS];
		d.n = (int64_t)llround(most / whole) * (int64_t)whole;
		if (d.n >= (int64_t)1e18)
			return 0;
	} else {
		d.places = FIGURE_DIGITS - before;
		if (d.places > DECIMAL_PLACES)
			d.places = DECIMAL_PLACES;
		d.n = (int64_t)llround(most * power10[d.places]);
	}
	while (d.places > 0 && d.n % 10 == 0) {
		d.n /= 10;
		d.places--;
	}
	if (v < 0)
		d.n = -d.n;
	return decimal_format(d, out);
}

void
figure_put(struct buf *b, double v)
{
	char text[DECIMAL_TEXT];
	size_t n = figure_format(v, text);

	if (n == 0)
		buf_addc(b, '-');
	buf_add(b, text, n);
}

static void
add_text(struct rec *out, struct arena *a, struct str label, const char *text,
    size_t n)
{
	rec_add(out, a, label, arena_str(a, str_n(text, n)));
}

bool
figure_add(struct rec *out, struct arena *a, struct str label, double v)
{
	char text[DECIMAL_TEXT];
	size_t n = figure_format(v, text);

	if (n == 0)
		return false;
	add_text(out, a, label, text, n);
	return true;
}

void
figure_add_int(struct rec *out, struct arena *a, struct str label, int64_t v)
{
	char text[24];

	add_text(out, a, label, text, num_format(v, text));
}

void
figure_add_day(struct rec *out, struct arena *a, struct str label, int32_t day)
{
	char text[DATE_TEXT];

	add_text(out, a, label, text, date_format(day, text));
}

void
figure_add_money(struct rec *out, struct arena *a, struct str label,
    int64_t minor, int places)
{
	char text[DECIMAL_TEXT];

	add_text(out, a, label, text, money_format(minor, places, text));
}

bool
figure_wanted(const struct scoring_opts *opts, struct str label)
{
	size_t i = 0;

	if (opts->wanted == NULL)
		return true;
	while (i < opts->nwanted && !str_eq(opts->wanted[i], label))
		i++;
	return i < opts->nwanted;
}

void
figure_head(struct rec *out, struct arena *a, const struct scoring_opts *opts,
    const char *family, const struct customer *c)
{
	rec_add(out, a, STR("id"), arena_str(a, c->name));
	rec_add(out, a, STR("model"), str_of(opts->model->name));
	if (family != NULL)
		rec_add(out, a, STR("family"), str_of(family));
	if (figure_wanted(opts, STR("until")))
		figure_add_day(out, a, STR("until"), opts->until);
	if (figure_wanted(opts, STR("orders")))
		figure_add_int(out, a, STR("orders"), c->orders);
	if (figure_wanted(opts, STR("first_order")))
		figure_add_day(out, a, STR("first_order"), c->first);
	if (figure_wanted(opts, STR("last_order")))
		figure_add_day(out, a, STR("last_order"), c->last);
	if (figure_wanted(opts, STR("silent_days")))
		figure_add_int(
		    out, a, STR("silent_days"), (int64_t)opts->until - c->last);
}

void
figure_day_line(
    struct buf *out, const char *name, const char *parts, int32_t day)
{
	char text[DATE_TEXT];

	buf_addf(out, "%s%s", name, parts);
	buf_add(out, text, date_format(day, text));
	buf_addc(out, '\n');
}
