/* SPDX-License-Identifier: MIT */
/* The key ranges that answer a test of a query (STORE.md, Planner). */
#include "base/date.h"
#include "base/num.h"
#include "base/utf8.h"
#include "record/value.h"
#include "store/index.h"

enum { NO_BYTES = 2, SUFFIX_KEY = 10, FEBRUARY = 2, DAY_MS = 86400000 };

struct maker {
	const struct catalogue *c;
	const struct qbind *b;
	const struct qtest *t;
	struct arena *arena;
	struct kranges *out;
	struct buf key;
	unsigned label; /* of a saved score, else 0 */
};

static struct str
keep(struct maker *m)
{
	return arena_str(m->arena, buf_str(&m->key));
}

static void
key_begin(struct maker *m, const struct index *x)
{
	unsigned char no[NO_BYTES];

	num_put_be16(no, x->no);
	buf_clear(&m->key);
	buf_add(&m->key, no, sizeof(no));
}

/* The first key behind all that begin with what m->key holds. */
static struct str
behind(struct maker *m)
{
	while (m->key.n > 0 && (unsigned char)m->key.p[m->key.n - 1] == 0xff)
		buf_cut(&m->key, m->key.n - 1);
	if (m->key.n > 0)
		m->key.p[m->key.n - 1]++;
	return keep(m);
}

static void
add(struct maker *m, const struct index *x, struct str lo, struct str hi)
{
	m->out->v[m->out->n++] = (struct krange){ x, lo, hi };
}

/* All keys that begin with m->key. */
static void
add_prefix(struct maker *m, const struct index *x)
{
	struct str lo = keep(m);

	add(m, x, lo, behind(m));
}

static void
room(struct maker *m, size_t n)
{
	m->out->v = arena_array(m->arena, n == 0 ? 1 : n, sizeof(*m->out->v));
	m->out->n = 0;
}

static const struct index *
form_index(const struct maker *m, enum index_form form)
{
	return m->label != 0 ? index_score(m->c, m->b->kind, m->label, form)
			     : index_find(m->c, m->b->kind, m->b->f, form);
}

/* The index that holds single values: unique, else whole. */
static const struct index *
value_index(const struct maker *m)
{
	const struct index *x;

	if (m->label != 0)
		return form_index(m, INDEX_WHOLE);
	x = index_find(m->c, m->b->kind, m->b->f, INDEX_UNIQUE);
	return x != NULL ? x
			 : index_find(m->c, m->b->kind, m->b->f, INDEX_WHOLE);
}

static bool
is_text(const struct field *f)
{
	if (f->alt != TYPE_NONE)
		return false;
	switch (f->type) {
	case TYPE_TEXT:
	case TYPE_ENUM:
	case TYPE_TAG:
	case TYPE_URL:
	case TYPE_EMAIL:
		return true;
	default:
		return false;
	}
}

static int
range_text(struct maker *m, struct str folded, bool exact)
{
	const struct index *x = value_index(m);

	if (x == NULL || !is_text(m->b->f))
		return 0;
	room(m, 1);
	key_begin(m, x);
	key_text(&m->key, folded);
	add_prefix(m, x);
	m->out->one_value = true;
	m->out->exact = exact && folded.n <= KEY_VALUE_MAX;
	return 1;
}

static int
range_words(struct maker *m)
{
	const struct index *x = form_index(m, INDEX_WORD);
	size_t pos = 0;
	struct str w;
	size_t n = 0;

	if (x == NULL)
		return 0;
	while (utf8_word(m->t->s, &pos, &w))
		n++;
	if (n == 0)
		return 0;
	room(m, n);
	m->out->all = true;
	m->out->exact = !m->t->marks;
	for (pos = 0; utf8_word(m->t->s, &pos, &w);) {
		if (w.n > WORD_MAX) {
			w.n = WORD_MAX;
			m->out->exact = false;
		}
		key_begin(m, x);
		buf_adds(&m->key, w);
		add_prefix(m, x);
	}
	return 1;
}

/* An ordered enum: the values from place lo to place hi. */
static int
range_enum(struct maker *m, const struct index *x)
{
	const struct enum_def *e = m->b->f->values;
	size_t i;

	if (e == NULL)
		return 0;
	room(m, e->n);
	for (i = 0; i < e->n; i++) {
		if ((m->t->has_lo && (int64_t)i < m->t->lo) ||
		    (m->t->has_hi && (int64_t)i > m->t->hi))
			continue;
		key_begin(m, x);
		key_text(&m->key, utf8_fold(str_of(e->v[i].name), m->arena));
		add_prefix(m, x);
	}
	m->out->one_value = true;
	m->out->exact = true;
	return 1;
}

/* The bytes of a bound in the index's form; false: this type has none. */
static bool
bound(struct maker *m, int64_t v)
{
	const struct field *f = m->b->f;

	switch (f->type) {
	case TYPE_DATE:
	case TYPE_DATETIME:
		if (f->alt == TYPE_NONE && f->type == TYPE_DATE) {
			if (v > INT32_MAX || v < INT32_MIN)
				return false;
			key_i32(&m->key, (int32_t)v);
			return true;
		}
		key_i64(&m->key, v);
		return true;
	case TYPE_INT:
	case TYPE_MONEY:
		if (f->alt != TYPE_NONE)
			return false;
		key_i64(&m->key, v);
		return true;
	case TYPE_BOOL:
		if (f->alt != TYPE_NONE || v < 0 || v > 1)
			return false;
		buf_addc(&m->key, (char)v);
		return true;
	default:
		return false;
	}
}

/* Between two bounds; an open or unwritable one ends with the index. */
static int
range_between(struct maker *m, const struct index *x, bool has_lo, int64_t lo,
    bool has_hi, int64_t hi)
{
	struct str from, to;

	if (has_lo && has_hi && lo > hi) {
		room(m, 0);
		return 1;
	}
	room(m, 1);
	key_begin(m, x);
	if (has_lo)
		(void)bound(m, lo);
	from = keep(m);
	key_begin(m, x);
	if (has_hi)
		(void)bound(m, hi);
	to = behind(m);
	add(m, x, from, to);
	m->out->one_value = has_lo && has_hi && lo == hi;
	return 1;
}

static int
range_number(struct maker *m)
{
	const struct index *x = value_index(m);
	const struct field *f = m->b->f;
	int64_t lo = m->t->lo;
	int64_t hi = m->t->hi;

	if (x == NULL || f->yearless)
		return 0;
	if (f->type == TYPE_ENUM)
		return range_enum(m, x);
	if (is_text(f) || f->type == TYPE_PHONE || f->type == TYPE_REF ||
	    f->type == TYPE_ID || f->type == TYPE_DECIMAL)
		return 0;
	if (f->alt != TYPE_NONE) {
		/* A day is kept as its midnight UTC and means the local day:
		 * a day on both sides, and the record decides. */
		if (m->t->as == TYPE_DATE) {
			if (num_mul_i64(&lo, lo, DAY_MS))
				lo = INT64_MIN;
			if (num_mul_i64(&hi, hi, DAY_MS))
				hi = INT64_MAX;
		}
		if (num_sub_i64(&lo, lo, DAY_MS))
			lo = INT64_MIN;
		if (num_add_i64(&hi, hi, 2 * (int64_t)DAY_MS))
			hi = INT64_MAX;
	}
	if (range_between(m, x, m->t->has_lo, lo, m->t->has_hi, hi) == 0)
		return 0;
	m->out->exact = f->alt == TYPE_NONE && f->type != TYPE_MONEY;
	return 1;
}

static int
range_decimal(struct maker *m)
{
	const struct index *x = value_index(m);
	struct str from, to;

	if (x == NULL || m->b->f->type != TYPE_DECIMAL ||
	    m->b->f->alt != TYPE_NONE)
		return 0;
	room(m, 1);
	key_begin(m, x);
	if (m->t->has_lo)
		key_decimal(&m->key, m->t->dlo);
	from = keep(m);
	key_begin(m, x);
	if (m->t->has_hi)
		key_decimal(&m->key, m->t->dhi);
	to = behind(m);
	if (str_cmp(from, to) < 0)
		add(m, x, from, to);
	return 1;
}

static void
add_monthdays(struct maker *m, const struct index *x, int64_t lo, int64_t hi)
{
	struct str from;

	key_begin(m, x);
	buf_addc(&m->key, (char)(lo / 100));
	buf_addc(&m->key, (char)(lo % 100));
	from = keep(m);
	/* 29 February meets the 28th in other years. */
	if (hi == FEBRUARY * 100 + 28)
		hi++;
	key_begin(m, x);
	buf_addc(&m->key, (char)(hi / 100));
	buf_addc(&m->key, (char)(hi % 100));
	add(m, x, from, behind(m));
}

static int
range_monthday(struct maker *m)
{
	const struct index *x = value_index(m);
	int64_t lo = m->t->has_lo ? m->t->lo : 101;
	int64_t hi = m->t->has_hi ? m->t->hi : 1231;

	if (x == NULL || !m->b->f->yearless || lo < 101 || lo > 1231 ||
	    hi < 101 || hi > 1231)
		return 0;
	if (lo == FEBRUARY * 100 + 29)
		lo--;
	room(m, 2);
	if (lo <= hi) {
		add_monthdays(m, x, lo, hi);
	} else {
		add_monthdays(m, x, lo, 1231);
		add_monthdays(m, x, 101, hi);
	}
	return 1;
}

static int
range_domain(struct maker *m)
{
	const struct index *x =
	    index_find(m->c, m->b->kind, m->b->f, INDEX_DOMAIN);
	struct str s = m->t->s;

	if (x == NULL)
		return 0;
	if (s.n > 0 && s.p[0] == '@')
		s = str_sub(s, 1, s.n);
	room(m, 1);
	key_begin(m, x);
	key_text(&m->key, s);
	add_prefix(m, x);
	m->out->one_value = true;
	return 1;
}

/* The digits stand last first: a number's end is a key's beginning. */
static int
range_phone(struct maker *m)
{
	const struct index *x = value_index(m);
	struct str s = m->t->s;
	size_t i;
	size_t digits = 0;

	if (x == NULL || m->b->f->type != TYPE_PHONE)
		return 0;
	key_begin(m, x);
	for (i = str_find(s, ';'); i > 0 && digits < KEY_VALUE_MAX; i--)
		if (ascii_digit((unsigned char)s.p[i - 1])) {
			buf_addc(&m->key, s.p[i - 1]);
			digits++;
		}
	if (digits == 0)
		return 0;
	room(m, 1);
	add_prefix(m, x);
	return 1;
}

static int
range_ids(struct maker *m)
{
	const struct index *x = value_index(m);
	size_t i;

	if (x == NULL || m->b->f->type != TYPE_REF)
		return 0;
	room(m, m->t->nids);
	for (i = 0; i < m->t->nids; i++) {
		key_begin(m, x);
		buf_add(&m->key, m->t->ids[i].b, ID_BYTES);
		add_prefix(m, x);
	}
	m->out->one_value = true;
	m->out->exact = true;
	return 1;
}

static int
range_suffix(struct maker *m)
{
	const struct index *x =
	    index_find(m->c, m->b->kind, NULL, INDEX_SUFFIX);
	struct str s = m->t->s;
	size_t i, n;

	if (x == NULL || !str_eqz(STR("id"), m->b->f->name) || s.n == 0)
		return 0;
	room(m, 1);
	key_begin(m, x);
	n = s.n > SUFFIX_KEY ? SUFFIX_KEY : s.n;
	for (i = 0; i < n; i++)
		buf_addc(&m->key, s.p[s.n - 1 - i]);
	add_prefix(m, x);
	return 1;
}

static int
ranges(struct maker *m)
{
	switch (m->t->how) {
	case TEST_WORDS:
		return range_words(m);
	case TEST_WHOLE:
		return range_text(m, m->t->s, !m->t->marks);
	case TEST_BYTES:
		return range_text(m, utf8_fold(m->t->s, m->arena), false);
	case TEST_RANGE:
		return range_number(m);
	case TEST_DECIMAL:
		return range_decimal(m);
	case TEST_MONTHDAY:
		return range_monthday(m);
	case TEST_DOMAIN:
		return range_domain(m);
	case TEST_PHONE:
		return range_phone(m);
	case TEST_ID:
	case TEST_IDSET:
		return range_ids(m);
	case TEST_IDSUFFIX:
		return range_suffix(m);
	case TEST_NEVER:
		room(m, 0);
		m->out->exact = true;
		return 1;
	default:
		return 0;
	}
}

int
index_ranges(const struct catalogue *c, const struct qbind *b,
    const struct qtest *t, struct arena *arena, struct kranges *out)
{
	struct maker m = { c, b, t, arena, out, BUF_INIT, 0 };
	int rc;

	*out = (struct kranges){ 0 };
	if (b->kind == NULL || b->f == NULL || b->ref != NULL || t->negated ||
	    b->f->family || b->f->role == ROLE_DERIVED ||
	    b->f->role == ROLE_LINK)
		return 0;
	rc = ranges(&m);
	buf_release(&m.key);
	return rc;
}

int
index_score_ranges(const struct catalogue *c, const struct qbind *b,
    unsigned label, const struct qtest *t, struct arena *arena,
    struct kranges *out)
{
	struct maker m = { c, b, t, arena, out, BUF_INIT, label };
	int rc = 0;

	*out = (struct kranges){ 0 };
	if (b->kind == NULL || b->ref != NULL || t->negated || label == 0)
		return 0;
	switch (t->how) {
	case TEST_WORDS:
	case TEST_WHOLE:
	case TEST_BYTES:
	case TEST_DECIMAL:
		rc = ranges(&m);
		break;
	default:
		break;
	}
	/* What is saved as of another type than its label's is kept by its
	 * text: the record decides. */
	out->exact = false;
	buf_release(&m.key);
	return rc;
}
