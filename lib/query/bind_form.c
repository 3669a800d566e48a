/* SPDX-License-Identifier: MIT */
/* Values whose form says what is meant: enums, addresses, numbers to call,
 * hosts, tags, spans (QUERY.md 3). */
#include "query/internal.h"

#include "base/utf8.h"

enum { PHONE_DIGITS = 7 };

/* "LABEL: got 'X', WANTED": the item does not fit. */
int
making_refuse(const struct making *m, const char *wanted)
{
	struct str shown = m->it->lo;

	if (m->it->range)
		shown = str_sub(m->b->text, m->it->pos, m->it->len);

	return err_set(m->why, STATUS_USAGE, "%.*s: got '%s', %s",
	    STR_ARG(m->label), query_shown(shown, &m->b->q->arena),
	    err_text(wanted));
}

/* ---- canonical values ---- */

int
making_canon(const struct making *m, struct str in, struct str *out)
{
	const struct schema *s = m->b->env->schema;
	struct value_env env = { .schema = s,
		.clock = m->b->env->clock,
		.country = str_of(s->country),
		.places = -1 };
	struct err why = ERR_INIT;

	if (s->currency != NULL) {
		env.currency = s->currency;
		env.places = money_places(str_of(s->currency));
	}
	if (value_canon(m->f, m->label, in, &env, &m->b->q->arena, out, &why) ==
	    0)
		return 0;
	return err_set(m->why, STATUS_USAGE, "%s", why.msg);
}

int
test_enum(const struct making *m, struct qtest *t, size_t *more)
{
	const struct enum_def *e = m->f->values;
	const struct enum_value *now;
	struct str lo = STR_NONE, hi = STR_NONE;
	bool order = m->n->cmp >= CMP_LT && m->n->cmp <= CMP_GE;

	if ((m->it->lo.p != NULL && making_canon(m, m->it->lo, &lo) < 0) ||
	    (m->it->hi.p != NULL && making_canon(m, m->it->hi, &hi) < 0))
		return -1;
	if (!m->it->range && !order) {
		test_folded(m->b->q, lo, TEST_WHOLE, t);
		now = e == NULL ? NULL : enum_value(e, lo);
		/* What was stored under the former name is indexed there;
		 * tests_make has room for it. */
		if (now != NULL && now->was != NULL && m->n->cmp == CMP_MATCH) {
			test_folded(
			    m->b->q, str_of(now->was), TEST_WHOLE, &t[1]);
			*more = 1;
		}
		return 0;
	}
	if (!m->f->ordered || e == NULL)
		return making_refuse(m, "whose values have no order");
	t->how = TEST_RANGE;
	t->as = TYPE_ENUM;
	if (lo.p != NULL)
		t->lo = enum_value(e, lo) - e->v;
	if (hi.p != NULL)
		t->hi = enum_value(e, hi) - e->v;
	t->has_lo = lo.p != NULL;
	t->has_hi = hi.p != NULL;
	if (!order)
		return 0;
	t->hi = m->n->cmp == CMP_LE ? t->lo : t->lo - 1;
	if (m->n->cmp == CMP_LT || m->n->cmp == CMP_LE) {
		t->lo = INT64_MIN;
		return 0;
	}
	t->lo += m->n->cmp == CMP_GT;
	t->hi = INT64_MAX;
	return 0;
}

int
test_bool(const struct making *m, struct qtest *t)
{
	struct str v;

	if (m->it->range || (m->n->cmp >= CMP_LT && m->n->cmp <= CMP_GE))
		return making_refuse(m, "wanted true or false");
	if (making_canon(m, m->it->lo, &v) < 0)
		return -1;
	t->how = TEST_RANGE;
	t->as = TYPE_BOOL;
	t->lo = t->hi = str_eqz(v, "true");
	t->has_lo = t->has_hi = true;
	return 0;
}

int
test_email(const struct making *m, struct qtest *t)
{
	struct str v = m->it->lo;

	if (v.p[0] == '@') {
		if (v.n == 1)
			return making_refuse(
			    m, "wanted local@domain, @domain or a glob");
		test_folded(m->b->q, str_sub(v, 1, v.n), TEST_DOMAIN, t);
		return 0;
	}
	if (making_canon(m, v, &v) < 0)
		return -1;
	test_folded(m->b->q, v, TEST_WHOLE, t);
	return 0;
}

/* Only digits and what people write between them. */
static bool
phone_like(struct str v)
{
	const struct str between = STR(" -.()+");
	size_t i;

	if (str_starts(v, STR("tel:")))
		return true;
	for (i = 0; i < v.n; i++)
		if (!ascii_digit((unsigned char)v.p[i]) &&
		    str_find(between, v.p[i]) == between.n)
			return false;
	return v.n > 0;
}

int
test_phone_value(const struct making *m, struct qtest *t, size_t *more)
{
	struct arena *a = &m->b->q->arena;
	struct str v = m->it->lo, full;
	struct err why = ERR_INIT;
	struct making quiet = *m;
	bool international;

	quiet.why = &why;
	if (!phone_like(str_sub(v, 0, str_find(v, ';'))))
		return making_refuse(m,
		    "wanted +34627472858 or its last 7 digits or "
		    "more");
	if (str_starts(v, STR("tel:")))
		v = str_sub(v, 4, v.n);
	v = str_sub(v, 0, str_find(v, ';'));
	international = str_starts(v, STR("+")) || str_starts(v, STR("00"));
	t->how = TEST_PHONE;
	t->exact = m->it->lo;
	if (making_canon(&quiet, m->it->lo, &full) < 0)
		full = STR_NONE;
	full = str_sub(full, 0, str_find(full, ';'));
	if (international && full.n > 0 && full.p[0] == '+') {
		t->s = phone_digits(full, a);
		t->whole = true;
		return 0;
	}
	t->s = phone_digits(v, a);
	if (t->s.n < PHONE_DIGITS)
		return making_refuse(m,
		    "wanted +34627472858 or its last 7 digits or "
		    "more");
	/* 020 7946 0018 is stored as +442079460018. */
	if (!international && full.n > 0 && full.p[0] == '+' &&
	    m->n->cmp == CMP_MATCH && !str_ends(full, t->s)) {
		/* tests_make has room for it */
		t[1] = t[0];
		t[1].s = phone_digits(full, a);
		t[1].whole = true;
		*more = 1;
	}
	return 0;
}

int
test_url(const struct making *m, struct qtest *t)
{
	struct str v = m->it->lo;

	if (str_find(v, '/') == v.n) {
		if (str_starts(v, STR("www.")) && v.n > 4)
			v = str_sub(v, 4, v.n);
		test_folded(m->b->q, v, TEST_HOST, t);
		return 0;
	}
	if (making_canon(m, v, &v) < 0)
		return -1;
	test_folded(m->b->q, v, TEST_WHOLE, t);
	return 0;
}

/* An invalid tag is one that nobody has: no error (QUERY.md 9). */
int
test_tag(const struct making *m, struct qtest *t)
{
	struct err ignored = ERR_INIT;
	struct making quiet = *m;
	struct str v;

	quiet.why = &ignored;
	if (making_canon(&quiet, m->it->lo, &v) < 0)
		v = m->it->lo;
	test_folded(m->b->q, v, TEST_WHOLE, t);
	return 0;
}

/* ---- durations ---- */

static int
read_span(const struct making *m, struct str s, int64_t *v, int *unit)
{
	struct err why = ERR_INIT;
	struct span span;

	if (span_parse(s, &span, &why) < 0)
		return err_set(m->why, STATUS_USAGE, "%.*s: %s",
		    STR_ARG(m->label), why.msg);
	*unit = span.days != 0 ? 1 : span.months != 0 ? 2 : 0;
	*v = *unit == 0 ? span.secs : *unit == 1 ? span.days : span.months;
	return 0;
}

int
test_duration(const struct making *m, struct qtest *t)
{
	int lo_unit = -1, hi_unit = -1;

	if ((m->it->lo.p != NULL &&
		read_span(m, m->it->lo, &t->lo, &lo_unit) < 0) ||
	    (m->it->hi.p != NULL &&
		read_span(m, m->it->hi, &t->hi, &hi_unit) < 0))
		return -1;
	if (lo_unit >= 0 && hi_unit >= 0 && lo_unit != hi_unit)
		return making_refuse(m, "whose ends are of different units");
	t->how = TEST_SPAN;
	t->unit = lo_unit >= 0 ? lo_unit : hi_unit;
	t->has_lo = lo_unit >= 0;
	t->has_hi = hi_unit >= 0;
	if (m->it->range)
		return 0;
	t->hi = m->n->cmp == CMP_LT ? t->lo - 1 : t->lo;
	t->lo += m->n->cmp == CMP_GT;
	t->has_hi = true;
	if (m->n->cmp == CMP_LT || m->n->cmp == CMP_LE)
		t->lo = INT64_MIN;
	if (m->n->cmp == CMP_GT || m->n->cmp == CMP_GE)
		t->hi = INT64_MAX;
	return 0;
}
