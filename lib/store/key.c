/* SPDX-License-Identifier: MIT */
/*
 * Order-preserving forms: the order of the bytes is the order of the values
 * (STORE.md, Value bytes by type).
 */
#include "store/codec.h"

#include "base/date.h"
#include "base/num.h"
#include "base/utf8.h"

enum {
	DECIMAL_ZERO = 0x80,
	DECIMAL_E = 0xC0, /* of a positive number below 1, above 0.1 */
	SUFFIX_CHARS = 10,
	DAY_MS = 86400000,
};

void
key_text(struct buf *out, struct str folded)
{
	buf_add(out, folded.p,
	    folded.n > KEY_VALUE_MAX ? (size_t)KEY_VALUE_MAX : folded.n);
	buf_addc(out, '\0');
}

void
key_i64(struct buf *out, int64_t v)
{
	unsigned char b[8];

	num_put_be64(b, (uint64_t)v ^ (uint64_t)1 << 63);
	buf_add(out, b, sizeof(b));
}

void
key_i32(struct buf *out, int32_t v)
{
	unsigned char b[4];

	num_put_be32(b, (uint32_t)v ^ (uint32_t)1 << 31);
	buf_add(out, b, sizeof(b));
}

/*
 * |v| = 0.d1d2.. * 10^E: a byte C0 + E, each pair of digits + 1, then 00.  A
 * negative number is the complement of every byte, so that a larger one in
 * size sorts before.
 */
void
key_decimal(struct buf *out, struct decimal d)
{
	uint64_t n = d.n < 0 ? 0 - (uint64_t)d.n : (uint64_t)d.n;
	unsigned char digit[20], b[16];
	size_t nd = 0, nb = 0;
	unsigned char flip = d.n < 0 ? 0xFF : 0;

	if (n == 0) {
		buf_addc(out, (char)DECIMAL_ZERO);
		return;
	}
	for (; n != 0; n /= 10)
		digit[nd++] = (unsigned char)(n % 10); /* last first */
	b[nb++] = (unsigned char)(DECIMAL_E + (int)nd - (int)d.places);
	for (size_t i = nd; i > 0;) {
		unsigned pair = digit[--i] * 10U;

		if (i > 0)
			pair += digit[--i];
		b[nb++] = (unsigned char)(1 + pair);
	}
	while (nb > 1 && b[nb - 1] == 1) /* zeros at the end say nothing */
		nb--;
	b[nb++] = 0;
	for (size_t i = 0; i < nb; i++)
		b[i] ^= flip;
	buf_add(out, b, nb);
}

/* An extension (";ext=12") is no part of the number that people look for. */
void
key_phone(struct buf *out, struct str phone)
{
	size_t n = str_find(phone, ';');
	size_t from = out->n;

	while (n > 0 && out->n - from < KEY_VALUE_MAX)
		if (ascii_digit((unsigned char)phone.p[--n]))
			buf_addc(out, phone.p[n]);
	buf_addc(out, '\0');
}

void
key_suffix(struct buf *out, const struct id *id)
{
	char text[ID_TEXT];

	id_format(id, text);
	for (int i = 1; i <= SUFFIX_CHARS; i++)
		buf_addc(out, text[ID_TEXT - i]);
}

void
key_monthday(struct buf *out, int32_t days)
{
	int year, month, day;

	date_to_civil(days, &year, &month, &day);
	buf_addc(out, (char)month);
	buf_addc(out, (char)day);
}

/* What is stored is the same, biased: taken back for those that change. */
static int64_t
stored_i64(struct str s)
{
	return (int64_t)(num_get_be64((const unsigned char *)s.p) ^ (uint64_t)1
									<< 63);
}

static int32_t
stored_i32(struct str s)
{
	return (int32_t)(num_get_be32((const unsigned char *)s.p) ^ (uint32_t)1
									<< 31);
}

/* Of a field of two types the length tells which one a value has. */
static bool
key_moment(struct buf *out, struct str stored)
{
	if (stored.n == 8)
		buf_adds(out, stored);
	else if (stored.n == 4)
		key_i64(out, (int64_t)stored_i32(stored) * DAY_MS);
	else
		return false;
	return true;
}

static bool
key_same(struct buf *out, struct str stored, size_t n)
{
	if (stored.n != n)
		return false;
	buf_adds(out, stored);
	return true;
}

static bool
key_date(struct buf *out, const struct field *f, struct str stored)
{
	if (stored.n != 4)
		return false;
	if (!f->yearless)
		return key_same(out, stored, 4);
	if (stored_i32(stored) > DATE_MAX ||
	    stored_i32(stored) < DATE_MIN - 366)
		return false;
	key_monthday(out, stored_i32(stored));
	return true;
}

static bool
key_number(struct buf *out, struct str stored)
{
	struct decimal d;

	if (decimal_parse(stored, false, &d, NULL) != DECIMAL_OK)
		return false;
	key_decimal(out, d);
	return true;
}

static bool
key_money(struct buf *out, struct str stored, int places)
{
	if (stored.n != 8 || places < 0)
		return false;
	key_i64(out, money_scale4(stored_i64(stored), places));
	return true;
}

bool
key_value(struct buf *out, const struct field *f, struct str stored, int places,
    struct arena *a)
{
	if (f->alt != TYPE_NONE)
		return (f->type == TYPE_DATE || f->type == TYPE_DATETIME) &&
		       (f->alt == TYPE_DATE || f->alt == TYPE_DATETIME) &&
		       key_moment(out, stored);
	switch (f->type) {
	case TYPE_TEXT:
	case TYPE_ENUM:
	case TYPE_TAG:
	case TYPE_URL:
	case TYPE_EMAIL:
		key_text(out, utf8_fold(stored, a));
		return true;
	case TYPE_PHONE:
		key_phone(out, stored);
		return true;
	case TYPE_ID:
	case TYPE_REF:
		return key_same(out, stored, ID_BYTES);
	case TYPE_INT:
	case TYPE_DATETIME:
		return key_same(out, stored, 8);
	case TYPE_MONEY:
		return key_money(out, stored, places);
	case TYPE_DECIMAL:
		return key_number(out, stored);
	case TYPE_DATE:
		return key_date(out, f, stored);
	case TYPE_BOOL:
		return key_same(out, stored, 1);
	case TYPE_NONE:
	case TYPE_DURATION:
	case TYPE_LINEITEM:
		break;
	}
	return false;
}
