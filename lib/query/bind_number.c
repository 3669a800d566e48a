/* SPDX-License-Identifier: MIT */
/* Items that name numbers, as exact bounds. */
#include "query/internal.h"

#include "base/num.h"

static const int64_t powers[] = { 1, 10, 100, 1000, 10000 };

/* d in units of 10^-places, rounded down; *exact: nothing was lost. */
static bool
scaled(struct decimal d, unsigned places, int64_t *out, bool *exact)
{
	int64_t q = 1, r;
	unsigned i;

	*exact = true;
	if (d.places <= places)
		return !num_mul_i64(out, d.n, powers[places - d.places]);
	for (i = 0; i < d.places - places; i++)
		q *= 10;
	r = d.n % q;
	*exact = r == 0;
	*out = d.n / q - (r < 0);
	return true;
}

static int
read_number(struct str label, struct str s, struct decimal *d, struct err *why)
{
	char hint[DECIMAL_TEXT];

	switch (decimal_parse(s, false, d, hint)) {
	case DECIMAL_OK:
		return 0;
	case DECIMAL_COMMA:
		return err_set(why, STATUS_USAGE, "%.*s: got '%.*s', wanted %s",
		    STR_ARG(label), (int)(s.n > 60 ? 60 : s.n), s.p, hint);
	case DECIMAL_RANGE:
		return err_set(why, STATUS_USAGE,
		    "%.*s: a number of more than 18 digits", STR_ARG(label));
	default:
		return err_set(why, STATUS_USAGE,
		    "%.*s: got '%.*s', wanted a number", STR_ARG(label),
		    (int)(s.n > 60 ? 60 : s.n), s.p);
	}
}

/* Bounds of an int (0 places) or money (4) field from decimal ones. */
static void
whole_bounds(struct qtest *t, unsigned places, enum type as)
{
	bool exact;

	t->how = TEST_RANGE;
	t->as = as;
	if (t->has_lo) {
		if (!scaled(t->dlo, places, &t->lo, &exact)) {
			if (t->dlo.n > 0)
				t->how = TEST_NEVER;
			else
				t->lo = INT64_MIN;
		} else {
			t->lo += !exact || t->xlo;
		}
	}
	if (t->has_hi) {
		if (!scaled(t->dhi, places, &t->hi, &exact)) {
			if (t->dhi.n < 0)
				t->how = TEST_NEVER;
			else
				t->hi = INT64_MAX;
		} else {
			t->hi -= exact && t->xhi;
		}
	}
	t->xlo = t->xhi = false;
}

int
test_number(const struct qnode *n, const struct qitem *it, enum type type,
    struct qtest *t, struct err *why)
{
	if ((it->lo.p != NULL &&
		read_number(n->label, it->lo, &t->dlo, why) < 0) ||
	    (it->hi.p != NULL &&
		read_number(n->label, it->hi, &t->dhi, why) < 0))
		return -1;
	t->has_lo = it->lo.p != NULL;
	t->has_hi = it->hi.p != NULL;
	if (!it->range) {
		t->dhi = t->dlo;
		t->has_lo = n->cmp != CMP_LT && n->cmp != CMP_LE;
		t->has_hi = n->cmp != CMP_GT && n->cmp != CMP_GE;
		t->xlo = n->cmp == CMP_GT;
		t->xhi = n->cmp == CMP_LT;
	}
	t->how = TEST_DECIMAL;
	t->as = TYPE_DECIMAL;
	if (type == TYPE_INT)
		whole_bounds(t, 0, TYPE_INT);
	else if (type == TYPE_MONEY)
		whole_bounds(t, 4, TYPE_MONEY);
	return 0;
}
