/* SPDX-License-Identifier: MIT */
/* Numbers, money, bool and the lines of an order. */
#include <string.h>

#include "base/num.h"
#include "base/utf8.h"
#include "record/value_int.h"

/* No currency of ISO 4217 has more than 4 decimals. */
enum { QTY_PLACES = 3, PRICE_PLACES = 6, MONEY_PLACES = 4 };

/* Whether in is out already; else it goes to the arena. */
static struct str
settle(const struct canon *c, struct str in, const char *out, size_t n)
{
	if (in.n == n && memcmp(in.p, out, n) == 0)
		return in;
	return arena_str(c->arena, str_n(out, n));
}

static bool
is_canonical_int(struct str s)
{
	size_t i = s.n > 0 && s.p[0] == '-';

	if (s.n == i || s.n - i > 18 || (s.p[i] == '0' && s.n > 1))
		return false;
	for (; i < s.n; i++)
		if (!ascii_digit((unsigned char)s.p[i]))
			return false;
	return true;
}

int
canon_int(const struct canon *c, struct str in, struct str *out)
{
	char text[24];
	int64_t v;

	if (!c->f->bounded && is_canonical_int(in)) {
		*out = in;
		return 0;
	}
	if (!num_i64(in, &v))
		return canon_refuse(c, in, "wanted a whole number");
	if (c->f->bounded && (v < c->f->lo || v > c->f->hi))
		return canon_refuse(c, in,
		    arena_printf(c->arena,
			err_text("wanted a whole number from %lld to %lld"),
			(long long)c->f->lo, (long long)c->f->hi)
			.p);
	*out = settle(c, in, text, num_format(v, text));
	return 0;
}

static int
read_decimal(const struct canon *c, struct str in, struct decimal *d)
{
	char hint[DECIMAL_TEXT + 1];

	hint[0] = '\0';
	switch (decimal_parse(
	    in, c->env != NULL && c->env->decimal_comma, d, hint)) {
	case DECIMAL_OK:
		return 0;
	case DECIMAL_RANGE:
		return canon_refuse(c, in,
		    "wanted at most 18 digits, 9 of them after the point");
	case DECIMAL_COMMA:
		return canon_refuse(c, in,
		    arena_printf(c->arena,
			err_text("wanted '%s'; --decimal comma reads it"), hint)
			.p);
	case DECIMAL_NOT:
		break;
	}
	return canon_refuse(c, in, "wanted a number such as 1234.5");
}

int
canon_decimal(const struct canon *c, struct str in, struct str *out)
{
	char text[DECIMAL_TEXT];
	struct decimal d;

	if (read_decimal(c, in, &d) < 0)
		return -1;
	*out = settle(c, in, text, decimal_format(d, text));
	return 0;
}

static int
refuse_places(const struct canon *c, struct str in, int places)
{
	const char *currency = c->env->currency;
	struct str wanted;

	if (places == 0 && currency == NULL)
		return canon_refuse(c, in, "wanted no decimals");
	if (currency == NULL)
		wanted = arena_printf(
		    c->arena, err_text("wanted at most %d decimals"), places);
	else if (places == 0)
		wanted = arena_printf(
		    c->arena, err_text("wanted no decimals in %s"), currency);
	else
		wanted = arena_printf(c->arena,
		    err_text("wanted at most %d decimals in %s"), places,
		    currency);
	return canon_refuse(c, in, wanted.p);
}

int
canon_money(const struct canon *c, struct str in, struct str *out)
{
	int places = c->env != NULL ? c->env->places : -1;
	char text[DECIMAL_TEXT];
	struct decimal d;
	int64_t minor;

	if (read_decimal(c, in, &d) < 0)
		return -1;
	if (places < 0) {
		/* Whoever learns the currency reads it again. */
		if (d.places > MONEY_PLACES)
			return canon_refuse(c, in, "wanted at most 4 decimals");
		*out = settle(c, in, text, decimal_format(d, text));
		return 0;
	}
	if ((int)d.places > places)
		return refuse_places(c, in, places);
	if (!money_from(d, places, &minor))
		return canon_refuse(c, in, "wanted a smaller amount");
	*out = settle(c, in, text, money_format(minor, places, text));
	return 0;
}

int
canon_bool(const struct canon *c, struct str in, struct str *out)
{
	static const struct {
		const char *typed, *value;
	} forms[] = {
		{ "true", "true" },
		{ "false", "false" },
		{ "yes", "true" },
		{ "no", "false" },
		{ "1", "true" },
		{ "0", "false" },
		{ "si", "true" },
	};
	struct str folded;
	size_t i;

	folded = in.n <= 16 ? utf8_fold(in, c->arena) : in;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (str_eqz(folded, forms[i].typed)) {
			*out = str_of(forms[i].value);
			return 0;
		}
	return canon_refuse(c, in, "wanted true or false");
}

/* --- lines of an order: SKU*QTY@PRICE --- */

/* Cuts what is behind the last c off *s; p NULL where there is no c. */
static struct str
cut_last(struct str *s, char c)
{
	struct str tail;
	size_t i = s->n;

	while (i > 0 && s->p[i - 1] != c)
		i--;
	if (i == 0)
		return STR_NONE;
	tail = str_n(s->p + i, s->n - i);
	s->n = i - 1;
	return tail;
}

static bool
parse_parts(struct str s, bool comma, struct str *sku, struct decimal *qty,
    struct decimal *price, bool *has_price)
{
	struct str text;

	text = cut_last(&s, '@');
	*has_price = text.p != NULL;
	*price = (struct decimal){ 0, 0 };
	if (*has_price &&
	    (decimal_parse(text, comma, price, NULL) != DECIMAL_OK ||
		price->places > PRICE_PLACES))
		return false;
	text = cut_last(&s, '*');
	*qty = (struct decimal){ 1, 0 };
	if (text.p != NULL &&
	    (decimal_parse(text, comma, qty, NULL) != DECIMAL_OK ||
		qty->places > QTY_PLACES || qty->n == 0))
		return false;
	*sku = s;
	return s.n > 0 && s.n <= 64 && tag_chars(s);
}

bool
lineitem_parse(struct str s, struct str *sku, struct decimal *qty,
    struct decimal *price, bool *has_price)
{
	return parse_parts(s, false, sku, qty, price, has_price);
}

int
canon_lineitem(const struct canon *c, struct str in, struct str *out)
{
	char qty_text[DECIMAL_TEXT + 1], price_text[DECIMAL_TEXT + 1];
	struct decimal qty, price;
	struct str sku, text;
	bool has_price;

	if (!parse_parts(in, c->env != NULL && c->env->decimal_comma, &sku,
		&qty, &price, &has_price))
		return canon_refuse(
		    c, in, "wanted SKU*QTY@PRICE, for example A-100*2@19.90");
	qty_text[decimal_format(qty, qty_text)] = '\0';
	price_text[decimal_format(price, price_text)] = '\0';
	text = arena_printf(c->arena, "%.*s*%s%s%s", STR_ARG(sku), qty_text,
	    has_price ? "@" : "", has_price ? price_text : "");
	*out = settle(c, in, text.p, text.n);
	return 0;
}

/* a * b in two halves of 64 bits: 36 digits do not fit one. */
static void
multiply(uint64_t a, uint64_t b, uint64_t *high, uint64_t *low)
{
	uint64_t a1 = a >> 32, a0 = a & UINT32_MAX;
	uint64_t b1 = b >> 32, b0 = b & UINT32_MAX;
	uint64_t mid = a1 * b0 + (a0 * b0 >> 32);
	uint64_t mid2 = a0 * b1 + (mid & UINT32_MAX);

	*high = a1 * b1 + (mid >> 32) + (mid2 >> 32);
	*low = a * b;
}

/* high:low / by, bit by bit; false: the answer exceeds 64 bits. */
static bool
divide(uint64_t high, uint64_t low, uint64_t by, uint64_t *out)
{
	uint64_t rest = high, q = 0;
	bool carry;
	int i;

	if (high == 0) {
		*out = low / by;
		return true;
	}
	if (high >= by)
		return false;
	for (i = 63; i >= 0; i--) {
		carry = rest >> 63;
		rest = rest << 1 | (low >> i & 1);
		q <<= 1;
		if (carry || rest >= by) {
			rest -= by;
			q |= 1;
		}
	}
	*out = q;
	return true;
}

static uint64_t
magnitude(int64_t n)
{
	return n < 0 ? (uint64_t) - (n + 1) + 1 : (uint64_t)n;
}

bool
lineitem_total(
    struct decimal qty, struct decimal price, int places, int64_t *minor)
{
	uint64_t high, low, half, by = 1, n;
	int drop = (int)qty.places + (int)price.places - places;

	multiply(magnitude(qty.n), magnitude(price.n), &high, &low);
	if (drop > 18 || (drop < 0 && high != 0))
		return false;
	for (; drop > 0; drop--)
		by *= 10;
	for (; drop < 0; drop++) {
		if (low > UINT64_MAX / 10)
			return false;
		low *= 10;
	}
	half = by / 2; /* half away from zero: signs are put back last */
	low += half;
	if (low < half)
		high++;
	if (!divide(high, low, by, &n) || n > INT64_MAX)
		return false;
	*minor = (qty.n < 0) != (price.n < 0) ? -(int64_t)n : (int64_t)n;
	return true;
}
