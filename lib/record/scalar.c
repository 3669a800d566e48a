/* SPDX-License-Identifier: MIT */
/* Stored bytes of values, and values ready to be compared (STORE.md). */
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "record/value.h"

#define BIAS64 ((uint64_t)1 << 63)
#define BIAS32 ((uint32_t)1 << 31)

enum { DATE_BYTES = 4, WIDE_BYTES = 8 };

static struct str
wide_bytes(int64_t v, struct arena *a)
{
	unsigned char *p = arena_alloc(a, WIDE_BYTES);

	num_put_be64(p, (uint64_t)v ^ BIAS64);
	return str_n(p, WIDE_BYTES);
}

static struct str
day_bytes(int32_t v, struct arena *a)
{
	unsigned char *p = arena_alloc(a, DATE_BYTES);

	num_put_be32(p, (uint32_t)v ^ BIAS32);
	return str_n(p, DATE_BYTES);
}

/* False: not canonical text of this type. */
static bool
encode_type(const struct field *f, enum type t, struct str s, int places,
    struct arena *a, struct str *out)
{
	struct decimal d;
	struct id id;
	int64_t wide;
	int32_t day;

	switch (t) {
	case TYPE_ID:
	case TYPE_REF:
		if (!id_parse(s, &id))
			return false;
		*out = arena_str(a, id_str(&id));
		return true;
	case TYPE_INT:
		if (!num_i64(s, &wide))
			return false;
		*out = wide_bytes(wide, a);
		return true;
	case TYPE_MONEY:
		if (decimal_parse(s, false, &d, NULL) != DECIMAL_OK ||
		    !money_from(d, places < 0 ? 2 : places, &wide))
			return false;
		*out = wide_bytes(wide, a);
		return true;
	case TYPE_DATE:
		if (!date_parse(s, f->yearless, &day))
			return false;
		*out = day_bytes(day, a);
		return true;
	case TYPE_DATETIME:
		if (!datetime_parse_canon(s, &wide))
			return false;
		*out = wide_bytes(wide, a);
		return true;
	case TYPE_BOOL:
		*out = str_n(str_eqz(s, "true") ? "\1" : "\0", 1);
		return true;
	case TYPE_NONE:
	case TYPE_TEXT:
	case TYPE_DECIMAL:
	case TYPE_ENUM:
	case TYPE_EMAIL:
	case TYPE_PHONE:
	case TYPE_URL:
	case TYPE_TAG:
	case TYPE_DURATION:
	case TYPE_LINEITEM:
		break;
	}
	*out = s;
	return true;
}

struct str
value_encode(
    const struct field *f, struct str canon, int places, struct arena *a)
{
	struct str out;

	if (encode_type(f, f->type, canon, places, a, &out) ||
	    (f->alt != TYPE_NONE &&
		encode_type(f, f->alt, canon, places, a, &out)))
		return out;
	return STR("");
}

/* Which of the two types these bytes are of. */
static enum type
type_of_bytes(const struct field *f, struct str b)
{
	if (f->alt == TYPE_NONE)
		return f->type;
	if (f->type == TYPE_DATE && f->alt == TYPE_DATETIME)
		return b.n == DATE_BYTES ? TYPE_DATE : TYPE_DATETIME;
	return TYPE_NONE;
}

static bool
get_wide(struct str b, int64_t *v)
{
	if (b.n != WIDE_BYTES)
		return false;
	*v = (int64_t)(num_get_be64((const unsigned char *)b.p) ^ BIAS64);
	return true;
}

static bool
get_day(struct str b, int64_t *v)
{
	if (b.n != DATE_BYTES)
		return false;
	*v = (int32_t)(num_get_be32((const unsigned char *)b.p) ^ BIAS32);
	return *v >= DATE_MIN - 366 && *v <= DATE_MAX;
}

static bool
text_of_type(enum type t, struct str b, int places, struct buf *out)
{
	char text[32];
	struct id id;
	int64_t v;

	switch (t) {
	case TYPE_ID:
	case TYPE_REF:
		if (b.n != ID_BYTES)
			return false;
		memcpy(id.b, b.p, ID_BYTES);
		id_format(&id, text);
		buf_add(out, text, ID_TEXT);
		return true;
	case TYPE_INT:
		if (!get_wide(b, &v))
			return false;
		buf_add(out, text, num_format(v, text));
		return true;
	case TYPE_MONEY:
		if (!get_wide(b, &v))
			return false;
		buf_add(
		    out, text, money_format(v, places < 0 ? 2 : places, text));
		return true;
	case TYPE_DATE:
		if (!get_day(b, &v))
			return false;
		buf_add(out, text, date_format((int32_t)v, text));
		return true;
	case TYPE_DATETIME:
		if (!get_wide(b, &v))
			return false;
		buf_add(out, text, datetime_format(v, text));
		return true;
	case TYPE_BOOL:
		if (b.n != 1 || (unsigned char)b.p[0] > 1)
			return false;
		buf_addz(out, b.p[0] == 1 ? "true" : "false");
		return true;
	case TYPE_NONE:
	case TYPE_TEXT:
	case TYPE_DECIMAL:
	case TYPE_ENUM:
	case TYPE_EMAIL:
	case TYPE_PHONE:
	case TYPE_URL:
	case TYPE_TAG:
	case TYPE_DURATION:
	case TYPE_LINEITEM:
		break;
	}
	buf_adds(out, b);
	return true;
}

struct str
value_enum_now(const struct field *f, struct str stored)
{
	const struct enum_def *e = f->values;

	for (size_t i = 0; e != NULL && i < e->n; i++)
		if (e->v[i].was != NULL && str_eqz(stored, e->v[i].was))
			return str_of(e->v[i].name);
	return stored;
}

bool
value_text(const struct field *f, struct str bytes, int places, struct buf *out)
{
	if (f->type == TYPE_ENUM)
		bytes = value_enum_now(f, bytes);
	return text_of_type(type_of_bytes(f, bytes), bytes, places, out);
}

/* --- scalars --- */

static bool
text_scalar(enum type t, struct str s, struct scalar *out)
{
	struct err err = ERR_INIT;
	struct span span;

	out->s = s;
	if (t == TYPE_DECIMAL)
		return decimal_parse(s, false, &out->d, NULL) == DECIMAL_OK;
	if (t == TYPE_DURATION) {
		if (span_parse(s, &span, &err) < 0)
			return false;
		/* Ordered by usual length: a month as 30.4375 days. */
		out->i = span.secs + span.days * 86400 + span.months * 2629800;
	}
	return true;
}

bool
scalar_stored(
    const struct field *f, struct str b, int places, struct scalar *out)
{
	enum type t = type_of_bytes(f, b);

	/* duration|text and their like are told apart by the text. */
	if (t == TYPE_NONE)
		return scalar_text(f, b, places, out);
	if (t == TYPE_ENUM)
		b = value_enum_now(f, b);
	*out = (struct scalar){ .type = t, .s = b, .places = places };
	switch (t) {
	case TYPE_ID:
	case TYPE_REF:
		return b.n == ID_BYTES;
	case TYPE_INT:
	case TYPE_DATETIME:
		return get_wide(b, &out->i);
	case TYPE_MONEY:
		out->places = places < 0 ? 2 : places;
		return get_wide(b, &out->i);
	case TYPE_DATE:
		return get_day(b, &out->i);
	case TYPE_BOOL:
		if (b.n != 1 || (unsigned char)b.p[0] > 1)
			return false;
		out->i = (unsigned char)b.p[0];
		return true;
	default:
		return text_scalar(t, b, out);
	}
}

/* A moment as a line of another program may spell it: with an offset, a
 * fraction, without seconds; a local one has no meaning here. */
static bool
read_moment(struct str s, int64_t *ms)
{
	struct clock utc = { 0, zone_get("UTC") };
	struct err err = ERR_INIT;
	struct period p;

	if (datetime_parse_canon(s, ms))
		return true;
	if (s.n < 17 || s.p[10] != 'T' || !ascii_digit((unsigned char)s.p[0]) ||
	    (str_find(str_sub(s, 10, s.n), 'Z') == s.n - 10 &&
		str_find(str_sub(s, 10, s.n), '+') == s.n - 10 &&
		str_find(str_sub(s, 10, s.n), '-') == s.n - 10))
		return false;
	if (period_parse(s, &utc, &p, &err) < 0)
		return false;
	*ms = p.from;
	return true;
}

static bool
read_bool(struct str s, int64_t *v)
{
	*v = str_eqz(s, "true");
	return *v == 1 || str_eqz(s, "false");
}

static bool
read_money(struct str s, int places, struct scalar *out)
{
	struct decimal d;

	if (decimal_parse(s, false, &d, NULL) != DECIMAL_OK)
		return false;
	/* Without a currency the number as it stands; comparing scales. */
	if (places >= 0 && money_from(d, places, &out->i)) {
		out->places = places;
		return true;
	}
	out->i = d.n;
	out->places = (int)d.places;
	return true;
}

static bool
text_of_one_type(const struct field *f, enum type t, struct str s, int places,
    struct scalar *out)
{
	int32_t day;

	*out = (struct scalar){ .type = t, .s = s, .places = places };
	switch (t) {
	case TYPE_INT:
		return num_i64(s, &out->i);
	case TYPE_MONEY:
		return read_money(s, places, out);
	case TYPE_DATE:
		if (!date_parse(s, f->yearless, &day))
			return false;
		out->i = day;
		return true;
	case TYPE_DATETIME:
		return read_moment(s, &out->i);
	case TYPE_BOOL:
		return read_bool(s, &out->i);
	default:
		return text_scalar(t, s, out);
	}
}

bool
scalar_text(
    const struct field *f, struct str text, int places, struct scalar *out)
{
	return text_of_one_type(f, f->type, text, places, out) ||
	       (f->alt != TYPE_NONE &&
		   text_of_one_type(f, f->alt, text, places, out));
}

static int
order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Minor units of two currencies, by amount. */
static int
money_cmp(const struct scalar *a, const struct scalar *b)
{
	int64_t x = a->i, y = b->i, by = 1;
	int i, d = a->places - b->places;

	for (i = 0; i < (d < 0 ? -d : d) && i < 18; i++)
		by *= 10;
	/* The whole parts decide, or the rests do: nothing overflows. */
	if (d > 0) {
		if (x / by != y)
			return order(x / by, y);
		return order(x % by, 0);
	}
	if (x != y / by)
		return order(x, y / by);
	return order(0, y % by);
}

static int
text_cmp(struct str a, struct str b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	int c;

	utf8_fold_into(a, &x);
	utf8_fold_into(b, &y);
	c = str_cmp(buf_str(&x), buf_str(&y));
	buf_release(&x);
	buf_release(&y);
	return c != 0 ? c : str_cmp(a, b);
}

/* A date beside a datetime: its first moment, in UTC. */
static int64_t
moment(const struct scalar *a)
{
	return a->type == TYPE_DATE ? a->i * 86400000 : a->i;
}

int
scalar_cmp(const struct scalar *a, const struct scalar *b)
{
	if (a->type != b->type) {
		if ((a->type == TYPE_DATE || a->type == TYPE_DATETIME) &&
		    (b->type == TYPE_DATE || b->type == TYPE_DATETIME))
			return order(moment(a), moment(b));
		return order((int64_t)a->type, (int64_t)b->type);
	}
	switch (a->type) {
	case TYPE_INT:
	case TYPE_DATE:
	case TYPE_DATETIME:
	case TYPE_BOOL:
	case TYPE_DURATION:
		return order(a->i, b->i);
	case TYPE_MONEY:
		return money_cmp(a, b);
	case TYPE_DECIMAL:
		return decimal_cmp(a->d, b->d);
	case TYPE_ID:
	case TYPE_REF:
		return str_cmp(a->s, b->s);
	default:
		return text_cmp(a->s, b->s);
	}
}
