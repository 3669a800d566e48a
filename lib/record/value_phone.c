/* SPDX-License-Identifier: MIT */
/*
 * Phone numbers: E.164 where that is known, else the digits as typed with a
 * doubt (FORMAT.md 5).
 */
#include <string.h>

#include "record/value_int.h"

enum {
	E164_MIN = 7,
	E164_MAX = 15,
	NATIONAL_MIN = 5, /* shorter ones (112, 1004) have no E.164 form */
	KEPT_MAX = 20,
	DIGITS_MAX = 40, /* taken before the form is judged */
	EXT_MAX = 11,
};

static const char wanted[] =
    ERR_N("wanted a phone number such as +34 627 47 28 58");

/* +34627472858, perhaps ;ext=12: as nearly all come. */
static bool
is_canonical(struct str s)
{
	size_t i = 1;

	if (s.n < 1 + E164_MIN || s.p[0] != '+' || s.p[1] == '0')
		return false;
	while (i < s.n && ascii_digit((unsigned char)s.p[i]))
		i++;
	return i == s.n && i - 1 >= E164_MIN && i - 1 <= E164_MAX;
}

/* Digits of s to out, with the marks of FORMAT.md between; false: others. */
static bool
take_digits(struct str s, char *out, size_t *n, bool *plus)
{
	unsigned char c;
	size_t i;

	*n = 0;
	*plus = false;
	for (i = 0; i < s.n; i++) {
		c = (unsigned char)s.p[i];
		if (ascii_digit(c)) {
			if (*n == DIGITS_MAX)
				return false;
			out[(*n)++] = (char)c;
		} else if (c == '+') {
			if (*n > 0 || *plus)
				return false;
			*plus = true;
		} else if (c == '(' && *plus && *n > 0 &&
			   str_starts(str_n(s.p + i, s.n - i), STR("(0)"))) {
			i += 2; /* +44 (0)20: the 0 is for callers at home */
		} else if (!ascii_blank(c) && strchr("-.()", c) == NULL) {
			return false;
		}
	}
	return *n > 0;
}

/* What is behind `;ext=`: its digits; false where it is no extension. */
static bool
take_extension(struct str *s, struct str *ext)
{
	size_t i, semi = str_find(*s, ';');

	*ext = STR_NONE;
	if (semi == s->n)
		return true;
	*ext = str_n(s->p + semi + 1, s->n - semi - 1);
	s->n = semi;
	if (ext->n < 5 || !str_ieq(str_sub(*ext, 0, 4), STR("ext=")))
		return false;
	*ext = str_n(ext->p + 4, ext->n - 4);
	for (i = 0; i < ext->n; i++)
		if (!ascii_digit((unsigned char)ext->p[i]))
			return false;
	return ext->n <= EXT_MAX;
}

/* A 0 at the front is never part of a number where it is the trunk prefix; an
 * 8 or 1 may be, so that the length decides. */
static bool
has_trunk(struct str digits, struct str prefix, struct str trunk)
{
	if (trunk.n == 0 || !str_starts(digits, trunk))
		return false;
	if (trunk.p[0] == '0' || trunk.n > 1)
		return true;
	if (prefix.n == 1)
		return digits.n == 11; /* +1 and +7 */
	return digits.n == 12 - prefix.n || digits.n == 11 - prefix.n;
}

static int
finish(const struct canon *c, struct str in, bool plus, struct str prefix,
    struct str digits, struct str ext, struct str *out)
{
	struct str s;

	s = arena_printf(c->arena, "%s%.*s%.*s%s%.*s", plus ? "+" : "",
	    STR_ARG(prefix), STR_ARG(digits), ext.n > 0 ? ";ext=" : "",
	    STR_ARG(ext));
	*out = str_eq(s, in) ? in : s;
	return 0;
}

static void
doubt(const struct canon *c, struct str in, const char *what)
{
	if (c->env != NULL && c->env->doubt != NULL)
		c->env->doubt(c->env->arg, c->f, in, err_text(what));
}

int
canon_phone(const struct canon *c, struct str in, struct str *out)
{
	char text[DIGITS_MAX], code[2];
	struct str s = in, ext, digits, prefix, trunk, country = STR_NONE;
	bool plus;
	size_t n;

	if (is_canonical(in)) {
		*out = in;
		return 0;
	}
	if (s.n > 4 && str_ieq(str_sub(s, 0, 4), STR("tel:")))
		s = str_n(s.p + 4, s.n - 4);
	if (!take_extension(&s, &ext) || !take_digits(s, text, &n, &plus))
		return canon_refuse(c, in, wanted);
	digits = str_n(text, n);
	if (!plus && n > 2 + E164_MIN && str_starts(digits, STR("00"))) {
		plus = true;
		digits = str_n(text + 2, n - 2);
	}
	if (plus) {
		if (digits.n < E164_MIN || digits.n > E164_MAX ||
		    digits.p[0] == '0')
			return canon_refuse(c, in,
			    "wanted + and 7 to 15 digits, the country's "
			    "first");
		return finish(c, in, true, STR(""), digits, ext, out);
	}
	if (c->env != NULL && c->env->country.n > 0)
		country = c->env->country;
	else if (c->env != NULL && c->env->schema != NULL)
		country = str_of(c->env->schema->country);
	if (n > KEPT_MAX)
		return canon_refuse(c, in, wanted);
	if (country.n == 2) { /* of the same line, perhaps not read yet */
		code[0] = (char)(country.p[0] & ~0x20);
		code[1] = (char)(country.p[1] & ~0x20);
		country.p = code;
	}
	if (country.n == 0 || !country_dial(country, &prefix, &trunk)) {
		doubt(c, in, ERR_N("kept as typed: no country"));
		return finish(c, in, false, STR(""), digits, ext, out);
	}
	if (has_trunk(digits, prefix, trunk))
		digits = str_n(digits.p + trunk.n, digits.n - trunk.n);
	if (digits.n < NATIONAL_MIN || prefix.n + digits.n < E164_MIN ||
	    prefix.n + digits.n > E164_MAX) {
		doubt(c, in, ERR_N("kept as typed: no number of its country"));
		return finish(c, in, false, STR(""), str_n(text, n), ext, out);
	}
	return finish(c, in, true, prefix, digits, ext, out);
}

struct str
phone_digits(struct str phone, struct arena *a)
{
	char *p;
	size_t i, n = 0;

	/* An extension is no part of what finds the number. */
	phone.n = str_find(phone, ';');
	p = arena_alloc(a, phone.n + 1);
	for (i = 0; i < phone.n; i++)
		if (ascii_digit((unsigned char)phone.p[i]))
			p[n++] = phone.p[i];
	p[n] = '\0';
	return str_n(p, n);
}
