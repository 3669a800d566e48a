/* SPDX-License-Identifier: MIT */
/* Items that name dates (QUERY.md 5), and items of labels without a type. */
#include "query/internal.h"

#include "base/utf8.h"

/* The period of the whole item; open where a side is. */
struct bounds {
	int64_t lo, hi; /* ms */
	bool open_lo, open_hi;
	int64_t from, to; /* of the value alone, for < <= > >= */
};

static int
read_period(struct binder *b, struct str s, struct period *p, struct err *why)
{
	return period_parse(s, b->env->clock, p, why);
}

static int
read_bounds(struct binder *b, const struct qnode *n, const struct qitem *it,
    struct bounds *o, struct err *why)
{
	struct period p;

	*o = (struct bounds){ INT64_MIN, INT64_MAX, true, true, 0, 0 };
	if (it->lo.p != NULL) {
		if (read_period(b, it->lo, &p, why) < 0)
			return -1;
		o->lo = o->from = p.from;
		o->open_lo = false;
		if (!it->range)
			o->hi = o->to = p.to;
		o->open_hi = it->range;
	}
	if (it->hi.p != NULL) {
		if (read_period(b, it->hi, &p, why) < 0)
			return -1;
		o->hi = p.to;
		o->open_hi = false;
	}
	if (n->cmp == CMP_LT || n->cmp == CMP_LE) {
		o->hi = n->cmp == CMP_LT ? o->from - 1 : o->to;
		o->lo = INT64_MIN;
		o->open_lo = true;
	} else if (n->cmp == CMP_GT || n->cmp == CMP_GE) {
		o->lo = n->cmp == CMP_GT ? o->to + 1 : o->from;
		o->hi = INT64_MAX;
		o->open_hi = true;
	}
	return 0;
}

static int
month_day(int32_t d)
{
	int year, month, day;

	date_to_civil(d, &year, &month, &day);
	return month * 100 + day;
}

/* Whether 28 February of a year without a 29th lies in [from, to]. */
static bool
has_short_february(int32_t from, int32_t to)
{
	int year, month, day;
	int32_t d;

	date_to_civil(from, &year, &month, &day);
	for (; year <= 9999; year++) {
		d = date_from_civil(year, 2, 28);
		if (d > to)
			return false;
		if (d >= from && date_month_days(year, 2) == 28)
			return true;
		if (d - from > 366 * 9)
			return true;
	}
	return false;
}

/* Month and day alone: birthdays. */
static int
test_yearless(struct binder *b, const struct qnode *n, const struct qitem *it,
    struct qtest *t, struct err *why)
{
	struct bounds o;
	int32_t lo, hi;

	t->how = TEST_MONTHDAY;
	t->lo = 101;
	t->hi = 1231;
	if (!it->range && date_parse(it->lo, true, &lo) && it->lo.p[0] == '-') {
		t->lo = n->cmp == CMP_LT || n->cmp == CMP_LE ? 101
			: n->cmp == CMP_GT                   ? month_day(lo) + 1
							     : month_day(lo);
		t->hi = n->cmp == CMP_GT || n->cmp == CMP_GE ? 1231
			: n->cmp == CMP_LT                   ? month_day(lo) - 1
							     : month_day(lo);
		if (t->lo > t->hi)
			t->how = TEST_NEVER;
		return 0;
	}
	if (read_bounds(b, n, it, &o, why) < 0)
		return -1;
	lo = o.open_lo ? 0 : zone_day_of(t->zone, o.lo);
	hi = o.open_hi ? 0 : zone_day_of(t->zone, o.hi);
	if (!o.open_lo && !o.open_hi) {
		if (hi < lo)
			t->how = TEST_NEVER;
		t->leap = has_short_february(lo, hi);
		if (hi - lo >= 365)
			return 0;
	}
	if (!o.open_lo)
		t->lo = month_day(lo);
	if (!o.open_hi)
		t->hi = month_day(hi);
	return 0;
}

int
test_date(struct binder *b, const struct qnode *n, const struct qitem *it,
    const struct field *f, struct qtest *t, struct err *why)
{
	struct bounds o;
	bool only_days = f->type == TYPE_DATE && f->alt == TYPE_NONE;

	t->zone = b->env->clock->zone;
	if (f->yearless)
		return test_yearless(b, n, it, t, why);
	if (read_bounds(b, n, it, &o, why) < 0)
		return -1;
	t->how = TEST_RANGE;
	t->as = only_days ? TYPE_DATE : TYPE_DATETIME;
	t->days = !only_days && f->alt != TYPE_NONE;
	t->has_lo = !o.open_lo;
	t->has_hi = !o.open_hi;
	t->lo = o.lo;
	t->hi = o.hi;
	if (!only_days)
		return 0;
	/* Before and after a period: the days before and after its own. */
	if (t->has_lo)
		t->lo = n->cmp == CMP_GT ? zone_day_of(t->zone, o.to) + 1
					 : zone_day_of(t->zone, o.lo);
	if (t->has_hi)
		t->hi = n->cmp == CMP_LT ? zone_day_of(t->zone, o.from) - 1
					 : zone_day_of(t->zone, o.hi);
	return 0;
}

/* ---- labels without a type ---- */

static bool
read_side(struct str s, struct decimal *d)
{
	return s.p == NULL || decimal_parse(s, false, d, NULL) == DECIMAL_OK;
}

/* The item as a number, its bounds in dlo and dhi. */
static bool
guess_number(const struct qnode *n, const struct qitem *it, struct qtest *t)
{
	struct decimal lo = { 0, 0 }, hi = { 0, 0 };

	if (!read_side(it->lo, &lo) || !read_side(it->hi, &hi))
		return false;
	t->as = TYPE_DECIMAL;
	t->has_lo = it->lo.p != NULL;
	t->has_hi = it->hi.p != NULL;
	t->dlo = lo;
	t->dhi = hi;
	if (it->range)
		return true;
	t->dhi = lo;
	t->has_lo = n->cmp != CMP_LT && n->cmp != CMP_LE;
	t->has_hi = n->cmp != CMP_GT && n->cmp != CMP_GE;
	t->xlo = n->cmp == CMP_GT;
	t->xhi = n->cmp == CMP_LT;
	return true;
}

static bool
looks_like_date(struct str s)
{
	return s.p == NULL || period_looks(s);
}

static bool
guess_date(struct binder *b, const struct qnode *n, const struct qitem *it,
    struct qtest *t)
{
	struct err ignored = ERR_INIT;
	struct bounds o;

	if (b->env->clock == NULL || !looks_like_date(it->lo) ||
	    !looks_like_date(it->hi) || read_bounds(b, n, it, &o, &ignored) < 0)
		return false;
	t->days = true;
	t->zone = b->env->clock->zone;
	t->lo = o.lo;
	t->hi = o.hi;
	return true;
}

int
test_guess(struct binder *b, const struct qnode *n, const struct qitem *it,
    struct qtest *t, struct err *why)
{
	struct arena *a = &b->q->arena;
	bool order = n->cmp >= CMP_LT && n->cmp <= CMP_GE;

	(void)why;
	if (it->range || order) {
		t->range = true;
		t->s = it->lo.p != NULL ? utf8_fold(it->lo, a) : STR_NONE;
		t->shi = it->hi.p != NULL ? utf8_fold(it->hi, a) : STR_NONE;
		if (n->cmp == CMP_LT || n->cmp == CMP_LE) {
			t->shi = t->s;
			t->s = STR_NONE;
			t->xhi = n->cmp == CMP_LT;
		}
		t->xlo = n->cmp == CMP_GT;
	} else {
		test_words(b->q, it->lo, t);
	}
	t->how = TEST_GUESS;
	guess_number(n, it, t);
	guess_date(b, n, it, t);
	return 0;
}
