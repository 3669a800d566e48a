/* SPDX-License-Identifier: MIT */
/* Numbers and money as other programs write them. */
#include <string.h>

#include "base/decimal.h"
#include "base/utf8.h"
#include "crm/import_guess_int.h"

/* What groups digits beside comma and point. */
static const struct str blanks[] = {
	STR_INIT(" "), STR_INIT("\xC2\xA0"), /* NO-BREAK SPACE */
	STR_INIT("\xE2\x80\xAF"),            /* NARROW NO-BREAK SPACE */
	STR_INIT("\xE2\x80\x89"),            /* THIN SPACE */
	STR_INIT("'"),
	STR_INIT("\xE2\x80\x99"), /* the apostrophe of typographers */
};
enum { BLANKS = sizeof(blanks) / sizeof(blanks[0]), BLANKS_ONLY = 4 };

static const struct str minuses[] = {
	STR_INIT("-"), STR_INIT("\xE2\x88\x92"), /* MINUS SIGN */
};

/* The length of the first of v that s starts with; 0: none. */
static size_t
starts_with(struct str s, const struct str *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (str_starts(s, v[i]))
			return v[i].n;
	return 0;
}

static struct str
rest_of(struct str s, size_t n)
{
	return str_sub(s, n, s.n);
}

/* Without blanks of all kinds around. */
static struct str
trim(struct str s)
{
	size_t i, n;

	s = str_trim(s);
	while ((n = starts_with(s, blanks, BLANKS_ONLY)) != 0)
		s = str_trim(rest_of(s, n));
	for (i = 0; i < BLANKS_ONLY; i++)
		if (s.n >= blanks[i].n && str_ends(s, blanks[i])) {
			s = str_trim(str_sub(s, 0, s.n - blanks[i].n));
			i = (size_t)-1;
		}
	return s;
}

static bool
is_digit_at(struct str s, size_t i)
{
	return i < s.n && ascii_digit((unsigned char)s.p[i]);
}

/* A sign, once. */
static struct str
take_sign(struct str s, bool *signed_, bool *minus)
{
	size_t n = starts_with(s, minuses, 2);

	if (*signed_ || (n == 0 && !str_starts(s, STR("+"))))
		return s;
	*signed_ = true;
	*minus = n != 0;
	return trim(rest_of(s, n != 0 ? n : 1));
}

/* Where the number begins: at a digit, or a decimal sign before one, or a sign
 * of its own. */
static size_t
number_start(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		struct str at = rest_of(s, i);

		if (is_digit_at(s, i) || starts_with(at, minuses, 2) != 0 ||
		    ((s.p[i] == '.' || s.p[i] == ',') && is_digit_at(s, i + 1)))
			break;
	}
	return i;
}

/* The length of digits with their separators. */
static size_t
number_length(struct str s)
{
	size_t i = 0, end = 0, n;

	while (i < s.n) {
		if (is_digit_at(s, i)) {
			end = ++i;
		} else if (s.p[i] == '.' || s.p[i] == ',') {
			i++;
		} else {
			n = starts_with(rest_of(s, i), blanks, BLANKS);
			if (n == 0)
				break;
			i += n;
		}
	}
	return end;
}

bool
guess_read_figure(struct str cell, struct guess_figure *f)
{
	struct str s = trim(cell), behind;
	bool signed_ = false;
	size_t n;

	*f = (struct guess_figure){ .minus = false };
	if (s.n == 0 || s.n > GUESS_CELL_MAX)
		return false;
	if (s.p[0] == '(' && s.p[s.n - 1] == ')') {
		signed_ = f->minus = true;
		s = trim(str_sub(s, 1, s.n - 2));
	}
	s = take_sign(s, &signed_, &f->minus);
	n = number_start(s);
	f->unit = trim(str_sub(s, 0, n));
	s = take_sign(rest_of(s, n), &signed_, &f->minus);
	n = number_length(s);
	f->digits = str_sub(s, 0, n);
	behind = trim(rest_of(s, n));
	if (!signed_ && starts_with(behind, minuses, 2) == behind.n &&
	    behind.n != 0) {
		f->minus = true;
		behind.n = 0;
	}
	/* `$12.00 USD` says of which dollar it speaks. */
	if (behind.n != 0 && (f->unit.n == 0 || str_eq(f->unit, STR("$"))))
		f->unit = behind;
	else if (behind.n != 0)
		return false;
	return n != 0;
}

bool
guess_sign_figure(const struct guess_figure *f, enum decimal_sign sign,
    char out[GUESS_CELL_MAX + 4])
{
	struct str s = f->digits, group = STR_NONE;
	char decimal = sign == SIGN_COMMA ? ',' : '.';
	char other = sign == SIGN_COMMA ? '.' : ',';
	size_t i = 0, run = 0, n = 0, start;

	if (f->minus)
		out[n++] = '-';
	start = n;
	while (i < s.n && s.p[i] != decimal) {
		struct str at = rest_of(s, i);
		size_t k =
		    s.p[i] == other ? 1 : starts_with(at, blanks, BLANKS);

		if (k == 0) {
			out[n++] = s.p[i++];
			run++;
			continue;
		}
		/* 1.234: from one to three digits, then three each. */
		if (group.p == NULL
			? run == 0 || run > 3 || out[start] == '0'
			: run != 3 || !str_eq(group, str_sub(at, 0, k)))
			return false;
		group = str_sub(at, 0, k);
		run = 0;
		i += k;
	}
	if (group.p != NULL && run != 3)
		return false;
	if (n == start)
		out[n++] = '0';
	if (i < s.n) {
		out[n++] = '.';
		for (i++; i < s.n; i++) {
			if (!is_digit_at(s, i))
				return false;
			out[n++] = s.p[i];
		}
		if (out[n - 1] == '.')
			return false;
	}
	out[n] = '\0';
	return true;
}

unsigned
guess_figure_signs(const struct guess_figure *f, bool *same)
{
	char comma[GUESS_CELL_MAX + 4], point[GUESS_CELL_MAX + 4];
	unsigned set = 0;

	if (guess_sign_figure(f, SIGN_COMMA, comma))
		set |= 1U << SIGN_COMMA;
	if (guess_sign_figure(f, SIGN_POINT, point))
		set |= 1U << SIGN_POINT;
	*same = set == (1U << SIGN_COMMA | 1U << SIGN_POINT) &&
		strcmp(comma, point) == 0;
	return set;
}

/* ---- cells ---- */

static int
read_digits(const struct guess *g, const struct guess_figure *f,
    struct str cell, struct arena *a, struct str *out, struct err *err)
{
	char text[GUESS_CELL_MAX + 4];
	enum decimal_sign sign = g->decimal;
	bool same;
	unsigned set = guess_figure_signs(f, &same);

	if (set == 0)
		return guess_refuse(cell, "a number", err);
	if (sign == SIGN_UNKNOWN && !same &&
	    set == (1U << SIGN_COMMA | 1U << SIGN_POINT))
		return guess_refuse(cell,
		    "a number with one reading; --decimal=comma or "
		    "--decimal=point says which",
		    err);
	if (sign == SIGN_UNKNOWN)
		sign = (set & 1U << SIGN_COMMA) != 0 ? SIGN_COMMA : SIGN_POINT;
	if (!guess_sign_figure(f, sign, text))
		return guess_refuse(cell,
		    sign == SIGN_COMMA
			? ERR_N("a number with ',' before its decimals")
			: ERR_N("a number with '.' before its decimals"),
		    err);
	*out = arena_str(a, str_of(text));
	return 0;
}

int
guess_number(const struct guess *g, struct str cell, struct arena *a,
    struct str *out, struct err *err)
{
	struct guess_figure f;

	*out = str_n("", 0);
	if (trim(cell).n == 0)
		return 0;
	if (!guess_read_figure(cell, &f) || f.unit.n != 0)
		return guess_refuse(cell, "a number", err);
	return read_digits(g, &f, cell, a, out, err);
}

struct unit {
	struct str name;
	const char *code; /* NULL: of several */
};

static const struct unit units[] = {
	{ STR_INIT("\xE2\x82\xAC"), "EUR" },
	{ STR_INIT("\xC2\xA3"), "GBP" },
	{ STR_INIT("US$"), "USD" },
	{ STR_INIT("$"), NULL },
	{ STR_INIT("kr"), NULL },
	{ STR_INIT("kr."), NULL },
	{ STR_INIT("\xC2\xA5"), NULL },
};

/* The code of a unit; none: there is none, or it stands for several. */
static struct str
unit_code(struct str unit, bool *several, struct arena *a)
{
	struct str code;
	char upper[4] = "";
	size_t i;

	*several = false;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (str_ieq(unit, units[i].name)) {
			*several = units[i].code == NULL;
			return str_of(units[i].code);
		}
	if (unit.n != 3)
		return STR_NONE;
	for (i = 0; i < 3; i++)
		upper[i] = ascii_lower((unsigned char)unit.p[i])
			       ? (char)(unit.p[i] - 32)
			       : unit.p[i];
	code = str_n(upper, 3);
	return money_places(code) >= 0 ? arena_str(a, code) : STR_NONE;
}

int
guess_money(const struct guess *g, struct str cell, const char *said,
    struct arena *a, struct str *amount, struct str *currency, struct err *err)
{
	struct guess_figure f;
	bool several = false;

	*amount = str_n("", 0);
	*currency = STR_NONE;
	if (trim(cell).n == 0)
		return 0;
	if (!guess_read_figure(cell, &f))
		return guess_refuse(cell, "an amount", err);
	if (f.unit.n != 0) {
		*currency = unit_code(f.unit, &several, a);
		if (several && said != NULL)
			*currency = str_of(said);
		else if (several)
			return guess_refuse(cell,
			    "a currency with one meaning; --currency=CODE "
			    "names it",
			    err);
		else if (currency->p == NULL)
			return guess_refuse(cell, "an amount", err);
	}
	return read_digits(g, &f, cell, a, amount, err);
}
