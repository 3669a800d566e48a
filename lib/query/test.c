/* SPDX-License-Identifier: MIT */
/* One value against one test. */
#include "query/internal.h"

#include "base/ids.h"
#include "base/num.h"
#include "base/utf8.h"

/* A comparison on a value that cannot be read is false, and so is its
 * negation by `!=`. */
enum answer { UNREADABLE = -1, NO = 0, YES = 1 };

#define DAY_MS INT64_C(86400000)

/* The value by the field's type; text of lines is read only now. */
static bool
read_typed(const struct field *f, const struct scalar *sc, struct scalar *out)
{
	if (sc->type != TYPE_NONE) {
		*out = *sc;
		return true;
	}
	return f != NULL && scalar_text(f, sc->s, -1, out);
}

/* The text of a value, canonical; tmp holds 48 bytes. */
static struct str
as_text(const struct scalar *sc, char *tmp)
{
	struct id id;

	switch (sc->type) {
	case TYPE_INT:
		return str_n(tmp, num_format(sc->i, tmp));
	case TYPE_DATE:
		return str_n(tmp, date_format((int32_t)sc->i, tmp));
	case TYPE_DATETIME:
		return str_n(tmp, datetime_format(sc->i, tmp));
	case TYPE_MONEY:
		return str_n(tmp,
		    money_format(sc->i, sc->places < 0 ? 2 : sc->places, tmp));
	case TYPE_DECIMAL:
		return str_n(tmp, decimal_format(sc->d, tmp));
	case TYPE_BOOL:
		return sc->i != 0 ? STR("true") : STR("false");
	case TYPE_ID:
	case TYPE_REF:
		if (sc->s.n != ID_BYTES)
			return sc->s;
		memcpy(id.b, sc->s.p, ID_BYTES);
		id_format(&id, tmp);
		return str_n(tmp, ID_TEXT);
	default:
		return sc->s;
	}
}

/* The place of an enum value in its declared order, or -1. */
static int64_t
enum_place(const struct field *f, struct str s)
{
	const struct enum_value *v;

	if (f == NULL || f->values == NULL)
		return -1;
	v = enum_value(f->values, s);
	return v != NULL ? v - f->values->v : -1;
}

static enum answer
in_range(const struct qtest *t, int64_t lo, int64_t hi)
{
	return hi >= t->lo && lo <= t->hi ? YES : NO;
}

/* A date as the whole local day that it names. */
static enum answer
day_in_range(const struct qtest *t, int64_t day)
{
	return in_range(t, zone_day_start(t->zone, (int32_t)day),
	    zone_day_start(t->zone, (int32_t)day + 1) - 1);
}

static enum answer
test_range(
    const struct qtest *t, const struct field *f, const struct scalar *sc)
{
	struct scalar v;
	int64_t i;

	if (t->as == TYPE_ENUM) {
		i = enum_place(f, sc->s);
		return i < 0 ? UNREADABLE : in_range(t, i, i);
	}
	if (!read_typed(f, sc, &v))
		return UNREADABLE;
	if (v.type == TYPE_DATE && t->as == TYPE_DATETIME && t->days)
		return day_in_range(t, v.i);
	if (v.type != t->as)
		return t->days ? UNREADABLE : NO;
	i = v.type == TYPE_MONEY ? money_scale4(v.i, v.places) : v.i;
	return in_range(t, i, i);
}

static enum answer
decimal_in_range(const struct qtest *t, struct decimal d)
{
	int c;

	if (t->has_lo) {
		c = decimal_cmp(d, t->dlo);
		if (c < 0 || (c == 0 && t->xlo))
			return NO;
	}
	if (t->has_hi) {
		c = decimal_cmp(d, t->dhi);
		if (c > 0 || (c == 0 && t->xhi))
			return NO;
	}
	return YES;
}

static enum answer
test_decimal(
    const struct qtest *t, const struct field *f, const struct scalar *sc)
{
	struct scalar v;

	if (!read_typed(f, sc, &v))
		return UNREADABLE;
	if (v.type == TYPE_INT)
		v.d = (struct decimal){ v.i, 0 };
	else if (v.type != TYPE_DECIMAL)
		return UNREADABLE;
	return decimal_in_range(t, v.d);
}

static enum answer
test_span(const struct qtest *t, const struct scalar *sc)
{
	struct err ignored = ERR_INIT;
	struct span span;
	int64_t v[3];
	int i;

	if (span_parse(sc->s, &span, &ignored) < 0)
		return UNREADABLE;
	v[0] = span.secs;
	v[1] = span.days;
	v[2] = span.months;
	for (i = 0; i < 3; i++)
		if (i != t->unit && v[i] != 0)
			return NO; /* they do not convert */
	return in_range(t, v[t->unit], v[t->unit]);
}

static enum answer
test_monthday(
    const struct qtest *t, const struct field *f, const struct scalar *sc)
{
	struct scalar v;
	int year, month, day;
	int64_t at;

	if (!read_typed(f, sc, &v) || v.type != TYPE_DATE)
		return UNREADABLE;
	date_to_civil((int32_t)v.i, &year, &month, &day);
	at = month * 100 + day;
	if (at == 229 && t->leap)
		return YES;
	if (t->lo <= t->hi)
		return at >= t->lo && at <= t->hi ? YES : NO;
	return at >= t->lo || at <= t->hi ? YES : NO;
}

/* Digits of the number from its end against those asked for. */
static enum answer
test_phone(const struct qtest *t, struct str v)
{
	size_t i, k = t->s.n;

	i = str_find(v, ';'); /* the extension is no part of it */
	while (i > 0) {
		unsigned char c = (unsigned char)v.p[--i];

		if (!ascii_digit(c))
			continue;
		if (k == 0)
			return t->whole ? NO : YES;
		if ((char)c != t->s.p[--k])
			return NO;
	}
	return k == 0 ? YES : NO;
}

static bool
read_id(const struct scalar *sc, struct id *id)
{
	if (sc->s.n == ID_BYTES) {
		memcpy(id->b, sc->s.p, ID_BYTES);
		return true;
	}
	return id_parse(sc->s, id);
}

static enum answer
test_id(const struct qtest *t, const struct scalar *sc)
{
	char text[ID_TEXT];
	struct id id;

	if (!read_id(sc, &id))
		return UNREADABLE;
	if (t->how == TEST_IDSUFFIX) {
		id_format(&id, text);
		return t->s.n <= ID_TEXT && memcmp(text + ID_TEXT - t->s.n,
						t->s.p, t->s.n) == 0
			   ? YES
			   : NO;
	}
	if (t->nids == 1)
		return id_cmp(&id, &t->ids[0]) == 0 ? YES : NO;
	return ids_have(t->ids, t->nids, &id) ? YES : NO;
}

static enum answer
test_regex_value(const struct qtest *t, struct str v, struct qscratch *s)
{
	if (v.n > SUBJECT_MAX)
		v = str_sub(v, 0, SUBJECT_MAX);
	buf_clear(&s->fold);
	utf8_fold_into(v, &s->fold);
	return regex_test(t->re, s->fold.p) ? YES : NO;
}

/* Bytes of a line's date: 2025-03-09 or a canonical moment, as [lo, hi]. */
static bool
read_date(const struct qtest *t, struct str v, int64_t *lo, int64_t *hi)
{
	int32_t day;

	if (v.n < DATE_TEXT || !ascii_digit((unsigned char)v.p[0]))
		return false;
	if (v.n == DATE_TEXT && date_parse(v, false, &day)) {
		*lo = zone_day_start(t->zone, day);
		*hi = zone_day_start(t->zone, day + 1) - 1;
		return true;
	}
	if (v.n != DATETIME_TEXT || !datetime_parse_canon(v, lo))
		return false;
	*hi = *lo;
	return true;
}

/* Neither side has a type: numbers, dates, else text. */
static enum answer
test_unknown(const struct qtest *t, struct str v, struct qscratch *s)
{
	struct decimal d;
	int64_t lo, hi;

	if (t->as == TYPE_DECIMAL &&
	    decimal_parse(v, false, &d, NULL) == DECIMAL_OK)
		return decimal_in_range(t, d);
	if (t->days && read_date(t, v, &lo, &hi))
		return in_range(t, lo, hi);
	if (!t->range)
		return (t->s.n > 0 ? text_words(t, v, s) : str_eq(v, t->exact))
			   ? YES
			   : NO;
	buf_clear(&s->fold);
	utf8_fold_into(v, &s->fold);
	v = buf_str(&s->fold);
	if (t->s.p != NULL) {
		int c = str_cmp(v, t->s);

		if (c < 0 || (c == 0 && t->xlo))
			return NO;
	}
	if (t->shi.p != NULL) {
		int c = str_cmp(v, t->shi);

		if (c > 0 || (c == 0 && t->xhi))
			return NO;
	}
	return YES;
}

/* What comes before `*` and `@` of a line item. */
static struct str
sku_of(struct str v)
{
	size_t i = 0;

	while (i < v.n && v.p[i] != '*' && v.p[i] != '@')
		i++;
	return str_sub(v, 0, i);
}

static enum answer
test_one(const struct qtest *t, const struct field *f, const struct scalar *sc,
    struct qscratch *s)
{
	char tmp[48];
	struct str v;

	switch (t->how) {
	case TEST_NEVER:
		return t->negated ? NO : UNREADABLE;
	case TEST_RANGE:
		return test_range(t, f, sc);
	case TEST_DECIMAL:
		return test_decimal(t, f, sc);
	case TEST_SPAN:
		return test_span(t, sc);
	case TEST_MONTHDAY:
		return test_monthday(t, f, sc);
	case TEST_ID:
	case TEST_IDSUFFIX:
	case TEST_IDSET:
		return test_id(t, sc);
	default:
		break;
	}
	v = as_text(sc, tmp);
	switch (t->how) {
	case TEST_WORDS:
		return text_words(t, v, s) ? YES : NO;
	case TEST_WHOLE:
		return text_whole(t, v, s) ? YES : NO;
	case TEST_DOMAIN:
		return text_whole(t, email_domain(v), s) ? YES : NO;
	case TEST_HOST:
		return text_ends(t, url_host(v), s) ? YES : NO;
	case TEST_PHONE:
		return test_phone(t, v);
	case TEST_GLOB:
		if (f != NULL && f->type == TYPE_LINEITEM)
			v = sku_of(v);
		return glob_match(t, v, s) ? YES : NO;
	case TEST_REGEX:
		return test_regex_value(t, v, s);
	case TEST_BYTES:
		return str_eq(v, t->s) ? YES : NO;
	case TEST_SKU:
		return text_whole(t, sku_of(v), s) ? YES : NO;
	case TEST_GUESS:
		return test_unknown(t, v, s);
	default:
		return NO;
	}
}

bool
test_scalar(const struct qtest *t, const struct field *f,
    const struct scalar *sc, struct qscratch *s)
{
	enum answer a = test_one(t, f, sc, s);

	if (a == UNREADABLE)
		return false;
	return t->negated ? a == NO : a == YES;
}

bool
qtest_value(
    const struct qtest *t, const struct field *f, const struct scalar *sc)
{
	struct qscratch s;
	bool hit;

	scratch_init(&s);
	hit = test_scalar(t, f, sc, &s);
	scratch_release(&s);
	return hit;
}
