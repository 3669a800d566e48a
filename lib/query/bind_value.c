/* SPDX-License-Identifier: MIT */
/* The items of a term as tests for the type of a field (QUERY.md 3). */
#include "query/internal.h"

#include "base/utf8.h"

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
	if (making_canon(m, m->it->lo, &v) < 0) {
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
			return making_refuse(m, "wanted a date");
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
		return making_refuse(
		    m, "which has no order: no range, no < or >");
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
		return test_enum(m, t, more);
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

int
tests_make(struct binder *b, const struct qnode *n, const struct kind *kind,
    const struct field *f, struct str label, struct fitting *fit,
    struct qtest **out, size_t *nout)
{
	bool two = f != NULL && (f->type == TYPE_PHONE || f->type == TYPE_ENUM);
	size_t room = two ? 2 : 1;
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
