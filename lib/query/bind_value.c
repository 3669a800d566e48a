/* SPDX-License-Identifier: MIT */
/* The items of a term as tests for the type of a field (QUERY.md 3). */
#include "query/internal.h"

#include <stdlib.h>

#include "base/num.h"
#include "base/utf8.h"

enum { PHONE_DIGITS = 7 };

struct making {
	struct binder *b;
	const struct qnode *n;
	const struct qitem *it;
	const struct kind *kind;
	const struct field *f;
	struct str label;
	struct err *why;
};

/* "LABEL: got 'X', WANTED": the item does not fit. */
static int
refuse(const struct making *m, const char *wanted)
{
	struct str shown = m->it->lo;

	if (m->it->range)
		shown = str_sub(m->b->text, m->it->pos, m->it->len);

	return err_set(m->why, STATUS_USAGE, "%.*s: got '%s', %s",
	    STR_ARG(m->label), query_shown(shown, &m->b->q->arena), wanted);
}

/* ---- text ---- */

void
test_folded(struct query *q, struct str v, enum qhow how, struct qtest *t)
{
	struct qletter *l;

	t->how = how;
	t->s = utf8_fold(v, &q->arena);
	t->exact = v;
	t->marks = text_marks(v, &q->arena, &l, &t->nletters);
	t->letters = l;
}

/* A value without letter or digit is looked for as it stands. */
void
test_words(struct query *q, struct str v, struct qtest *t)
{
	struct str folded = utf8_fold(v, &q->arena);
	size_t *starts, i, n = 0;
	struct qletter *l, *all;

	starts = arena_array(&q->arena, folded.n + 1, sizeof(*starts));
	for (i = 0; i < folded.n; i++)
		starts[i] = SIZE_MAX;
	t->how = TEST_WORDS;
	t->s = text_split(folded, &q->arena, starts);
	t->exact = v;
	if (t->s.n == 0) {
		test_folded(q, v, TEST_WHOLE, t);
		return;
	}
	text_marks(v, &q->arena, &l, &n);
	all = arena_array(&q->arena, n + 1, sizeof(*all));
	for (i = 0; i < n; i++) {
		if (starts[l[i].at] == SIZE_MAX)
			continue; /* between words */
		all[t->nletters] = l[i];
		all[t->nletters++].at = starts[l[i].at];
	}
	t->letters = all;
	t->marks = t->nletters > 0;
}

int
test_regex(
    struct query *q, struct str pattern, struct qtest *t, struct err *err)
{
	struct err why = ERR_INIT;

	t->how = TEST_REGEX;
	t->exact = pattern;
	if (regex_make(q, pattern, &t->re, &why) == 0)
		return 0;
	return err_set(err, STATUS_USAGE, "regular expression: %s", why.msg);
}

static int
test_sku(const struct making *m, struct qtest *t)
{
	test_folded(m->b->q, m->it->lo, TEST_SKU, t);
	return 0;
}

/* ---- canonical values ---- */

static int
canon(const struct making *m, struct str in, struct str *out)
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

static int
test_enum(const struct making *m, struct qtest *t)
{
	const struct enum_def *e = m->f->values;
	struct str lo = STR_NONE, hi = STR_NONE;
	bool order = m->n->cmp >= CMP_LT && m->n->cmp <= CMP_GE;

	if ((m->it->lo.p != NULL && canon(m, m->it->lo, &lo) < 0) ||
	    (m->it->hi.p != NULL && canon(m, m->it->hi, &hi) < 0))
		return -1;
	if (!m->it->range && !order) {
		test_folded(m->b->q, lo, TEST_WHOLE, t);
		return 0;
	}
	if (!m->f->ordered || e == NULL)
		return refuse(m, "whose values have no order");
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

static int
test_bool(const struct making *m, struct qtest *t)
{
	struct str v;

	if (m->it->range || (m->n->cmp >= CMP_LT && m->n->cmp <= CMP_GE))
		return refuse(m, "wanted true or false");
	if (canon(m, m->it->lo, &v) < 0)
		return -1;
	t->how = TEST_RANGE;
	t->as = TYPE_BOOL;
	t->lo = t->hi = str_eqz(v, "true");
	t->has_lo = t->has_hi = true;
	return 0;
}

static int
test_email(const struct making *m, struct qtest *t)
{
	struct str v = m->it->lo;

	if (v.p[0] == '@') {
		if (v.n == 1)
			return refuse(
			    m, "wanted local@domain, @domain or a glob");
		test_folded(m->b->q, str_sub(v, 1, v.n), TEST_DOMAIN, t);
		return 0;
	}
	if (canon(m, v, &v) < 0)
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

static int
test_phone_value(const struct making *m, struct qtest *t, size_t *more)
{
	struct arena *a = &m->b->q->arena;
	struct str v = m->it->lo, full;
	struct err why = ERR_INIT;
	struct making quiet = *m;
	bool international;

	quiet.why = &why;
	if (!phone_like(str_sub(v, 0, str_find(v, ';'))))
		return refuse(m, "wanted +34627472858 or its last 7 digits or "
				 "more");
	if (str_starts(v, STR("tel:")))
		v = str_sub(v, 4, v.n);
	v = str_sub(v, 0, str_find(v, ';'));
	international = str_starts(v, STR("+")) || str_starts(v, STR("00"));
	t->how = TEST_PHONE;
	t->exact = m->it->lo;
	if (canon(&quiet, m->it->lo, &full) < 0)
		full = STR_NONE;
	full = str_sub(full, 0, str_find(full, ';'));
	if (international && full.n > 0 && full.p[0] == '+') {
		t->s = phone_digits(full, a);
		t->whole = true;
		return 0;
	}
	t->s = phone_digits(v, a);
	if (t->s.n < PHONE_DIGITS)
		return refuse(m, "wanted +34627472858 or its last 7 digits or "
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

static int
test_url(const struct making *m, struct qtest *t)
{
	struct str v = m->it->lo;

	if (str_find(v, '/') == v.n) {
		if (str_starts(v, STR("www.")) && v.n > 4)
			v = str_sub(v, 4, v.n);
		test_folded(m->b->q, v, TEST_HOST, t);
		return 0;
	}
	if (canon(m, v, &v) < 0)
		return -1;
	test_folded(m->b->q, v, TEST_WHOLE, t);
	return 0;
}

/* An invalid tag is one that nobody has: no error (QUERY.md 9). */
static int
test_tag(const struct making *m, struct qtest *t)
{
	struct err ignored = ERR_INIT;
	struct making quiet = *m;
	struct str v;

	quiet.why = &ignored;
	if (canon(&quiet, m->it->lo, &v) < 0)
		v = m->it->lo;
	test_folded(m->b->q, v, TEST_WHOLE, t);
	return 0;
}

/* ---- ids ---- */

static int
compare_ids(const void *a, const void *b)
{
	return id_cmp(a, b);
}

int
test_ids(struct binder *b, const struct kind *kind, struct str v,
    struct qtest *t, struct err *err)
{
	struct id id;
	/* A whole id on a line is compared as it stands: no store is asked. */
	bool as_it_stands = b->lines && id_parse(v, &id);

	t->how = TEST_IDSET;
	t->exact = v;
	t->ids = NULL;
	t->nids = 0;
	if (b->env->handle != NULL && !as_it_stands &&
	    b->env->handle(
		b->env->arg, kind, v, &t->ids, &t->nids, &b->q->arena, err) < 0)
		return -1;
	if (t->nids == 0 && id_parse(v, &id)) {
		t->how = TEST_ID;
		t->ids = arena_alloc(&b->q->arena, sizeof(id));
		t->ids[0] = id;
		t->nids = 1;
	}
	if (t->nids > 1)
		qsort(t->ids, t->nids, sizeof(id), compare_ids);
	return 0;
}

/* A suffix where no store could resolve it. */
static void
test_suffix(struct binder *b, struct str v, struct qtest *t)
{
	char *p = arena_zero(&b->q->arena, 1, ID_TEXT + 1);

	id_suffix_canon(v, p);
	t->how = TEST_IDSUFFIX;
	t->s = str_of(p);
	t->exact = v;
}

static int
test_ref(const struct making *m, struct qtest *t)
{
	struct binder *b = m->b;
	const struct kind *other = NULL;
	struct str v = m->it->lo;

	if (m->f->ref != NULL)
		other = schema_kind(b->env->schema, str_of(m->f->ref));
	if (m->f->type == TYPE_ID && b->lines && !id_is_suffix(v)) {
		struct id id;

		if (!id_parse(v, &id))
			return refuse(m, "wanted an id");
	}
	/* A line's own id, by its suffix: no store is asked. */
	if (id_is_suffix(v) &&
	    (b->env->handle == NULL || (m->f->type == TYPE_ID && b->lines))) {
		test_suffix(b, v, t);
		return 0;
	}
	if (test_ids(b, other, v, t, b->err) < 0)
		return -1;
	if (t->nids == 0 && m->f->type == TYPE_ID && !id_is_suffix(v) &&
	    b->env->handle == NULL)
		return refuse(m, "wanted an id or its last 4 characters or "
				 "more");
	return 0;
}

/* ---- numbers ---- */

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

static int
test_duration(const struct making *m, struct qtest *t)
{
	int lo_unit = -1, hi_unit = -1;

	if ((m->it->lo.p != NULL &&
		read_span(m, m->it->lo, &t->lo, &lo_unit) < 0) ||
	    (m->it->hi.p != NULL &&
		read_span(m, m->it->hi, &t->hi, &hi_unit) < 0))
		return -1;
	if (lo_unit >= 0 && hi_unit >= 0 && lo_unit != hi_unit)
		return refuse(m, "whose ends are of different units");
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

/* ---- `=` ---- */

/* On a line the bytes decide; what is stored as a number is one. */
static int
test_equal(const struct making *m, enum type type, struct qtest *t)
{
	struct qitem item = *m->it;
	struct qnode n = *m->n;
	struct scalar sc;
	struct str v;

	if (type == TYPE_ID || type == TYPE_REF)
		return test_ref(m, t);
	if (canon(m, m->it->lo, &v) < 0) {
		if (type != TYPE_TEXT && type != TYPE_TAG)
			return -1;
		err_clear(m->why);
		v = m->it->lo;
	}
	t->how = TEST_BYTES;
	t->s = t->exact = v;
	if (m->b->lines)
		return 0;
	switch (type) {
	case TYPE_INT:
	case TYPE_DECIMAL:
	case TYPE_MONEY:
		item.lo = v;
		n.cmp = CMP_EQ;
		return test_number(&n, &item, type, t, m->why);
	case TYPE_BOOL:
		return test_bool(m, t);
	case TYPE_DATE:
	case TYPE_DATETIME:
		if (!scalar_text(m->f, v, -1, &sc))
			return refuse(m, "wanted a date");
		t->how = TEST_RANGE;
		t->as = sc.type;
		t->lo = t->hi = sc.i;
		t->has_lo = t->has_hi = true;
		return 0;
	default:
		return 0;
	}
}

/* ---- any type ---- */

static bool
takes_glob(enum type t)
{
	switch (t) {
	case TYPE_TEXT:
	case TYPE_TAG:
	case TYPE_ENUM:
	case TYPE_EMAIL:
	case TYPE_PHONE:
	case TYPE_URL:
	case TYPE_LINEITEM:
		return true;
	default:
		return false;
	}
}

static bool
takes_order(enum type t)
{
	switch (t) {
	case TYPE_TEXT: /* numbers and dates where both sides are */
	case TYPE_INT:
	case TYPE_DECIMAL:
	case TYPE_MONEY:
	case TYPE_DATE:
	case TYPE_DATETIME:
	case TYPE_ENUM:
	case TYPE_BOOL: /* refuses by itself */
	case TYPE_DURATION:
		return true;
	default:
		return false;
	}
}

static int
test_type(const struct making *m, enum type type, struct qtest *t, size_t *more)
{
	const struct qitem *it = m->it;
	bool order = it->range || (m->n->cmp >= CMP_LT && m->n->cmp <= CMP_GE);

	if (m->n->cmp == CMP_EQ)
		return test_equal(m, type, t);
	if (order && !takes_order(type))
		return refuse(m, "which has no order: no range, no < or >");
	if (!order && !it->quoted && takes_glob(type) && lex_has_glob(it->lo))
		return test_glob(m->b->q, it->lo, t, m->why);
	switch (type) {
	case TYPE_INT:
	case TYPE_DECIMAL:
	case TYPE_MONEY:
		return test_number(m->n, it, type, t, m->why);
	case TYPE_DATE:
	case TYPE_DATETIME: {
		struct err why = ERR_INIT;

		if (test_date(m->b, m->n, it, m->f, t, &why) == 0)
			return 0;
		return err_set(m->why, STATUS_USAGE, "%.*s: %s",
		    STR_ARG(m->label), why.msg);
	}
	case TYPE_BOOL:
		return test_bool(m, t);
	case TYPE_ENUM:
		return test_enum(m, t);
	case TYPE_EMAIL:
		return test_email(m, t);
	case TYPE_PHONE:
		return test_phone_value(m, t, more);
	case TYPE_URL:
		return test_url(m, t);
	case TYPE_TAG:
		return test_tag(m, t);
	case TYPE_ID:
	case TYPE_REF:
		return test_ref(m, t);
	case TYPE_DURATION:
		return test_duration(m, t);
	case TYPE_LINEITEM:
		return test_sku(m, t);
	default:
		if (order)
			return test_guess(m->b, m->n, it, t, m->why);
		test_words(m->b->q, it->lo, t);
		return 0;
	}
}

static void
test_clear(struct qtest *t)
{
	memset(t, 0, sizeof(*t));
	t->lo = INT64_MIN;
	t->hi = INT64_MAX;
}

/* The item for the field: 0, or -1 with why (an error of the value) or with
 * b->err (any other). */
static int
test_item(const struct making *m, struct qtest *t, size_t *more)
{
	*more = 0;
	test_clear(t);
	if (m->n->cmp == CMP_RE)
		return test_regex(m->b->q, m->it->lo, t, m->why);
	if (m->f == NULL) {
		if (m->n->cmp == CMP_EQ) {
			t->how = TEST_BYTES;
			t->s = t->exact = m->it->lo;
			return 0;
		}
		if (!m->it->range && !m->it->quoted &&
		    (m->n->cmp == CMP_MATCH || m->n->cmp == CMP_NE) &&
		    lex_has_glob(m->it->lo))
			return test_glob(m->b->q, m->it->lo, t, m->why);
		return test_guess(m->b, m->n, m->it, t, m->why);
	}
	if (test_type(m, m->f->type, t, more) == 0)
		return 0;
	/* date|datetime read the same forms. */
	if (m->f->alt == TYPE_NONE || m->f->alt == TYPE_DATETIME ||
	    m->b->err->status != 0)
		return -1;
	*more = 0;
	test_clear(t);
	err_clear(m->why);
	return test_type(m, m->f->alt, t, more);
}

/* An item that fits no value of the field. */
static void
test_unfit(const struct making *m, struct qtest *t)
{
	test_clear(t);
	t->how = TEST_NEVER;
	/* Values of lines are not checked: the odd text may stand there. */
	if (!m->b->lines || m->it->range || m->n->cmp == CMP_RE)
		return;
	if (m->n->cmp == CMP_EQ) {
		t->how = TEST_BYTES;
		t->s = t->exact = m->it->lo;
	} else if (m->n->cmp == CMP_MATCH || m->n->cmp == CMP_NE) {
		test_folded(m->b->q, m->it->lo, TEST_WHOLE, t);
	}
}

/* A list of ids is one set. */
static size_t
merge_ids(struct query *q, struct qtest *v, size_t n)
{
	size_t i, total = 0;
	struct id *ids;

	for (i = 0; i < n; i++) {
		if ((v[i].how != TEST_ID && v[i].how != TEST_IDSET) ||
		    v[i].negated)
			return n;
		total += v[i].nids;
	}
	if (n < 2)
		return n;
	ids = arena_array(&q->arena, total + 1, sizeof(*ids));
	total = 0;
	for (i = 0; i < n; i++) {
		if (v[i].nids > 0)
			memcpy(ids + total, v[i].ids, v[i].nids * sizeof(*ids));
		total += v[i].nids;
	}
	qsort(ids, total, sizeof(*ids), compare_ids);
	v[0].how = TEST_IDSET;
	v[0].ids = ids;
	v[0].nids = total;
	return 1;
}

int
tests_make(struct binder *b, const struct qnode *n, const struct kind *kind,
    const struct field *f, struct str label, struct fitting *fit,
    struct qtest **out, size_t *nout)
{
	size_t room = f != NULL && f->type == TYPE_PHONE ? 2 : 1;
	struct qtest *v =
	    arena_zero(&b->q->arena, n->nitems * room + 1, sizeof(*v));
	struct making m = { b, n, NULL, kind, f, label, &fit->why };
	size_t i, k = 0, more;

	for (i = 0; i < n->nitems; i++) {
		err_clear(&fit->why);
		m.it = &n->items[i];
		more = 0;
		if (test_item(&m, &v[k], &more) == 0)
			fit->fits[i] = true;
		else if (b->err->status != 0)
			return -1;
		else
			test_unfit(&m, &v[k]);
		v[k].negated = n->cmp == CMP_NE;
		k += 1 + more;
	}
	*out = v;
	*nout = merge_ids(b->q, v, k);
	return 0;
}
