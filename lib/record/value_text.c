/* SPDX-License-Identifier: MIT */
/* Tags, and text that the schema has checked: bcp47 iana-tz domain ext rrule.
 */
#include <string.h>

#include <utf8proc.h>

#include "base/num.h"
#include "base/utf8.h"
#include "record/value_int.h"

enum { TAG_BYTES = 64 };

struct str
lower_text(struct str s, struct arena *a)
{
	struct str rest = s;
	uint32_t cp, low;
	bool change = false;
	char *p;
	size_t n = 0, k;

	for (; rest.n > 0 && !change; rest = str_n(rest.p + k, rest.n - k)) {
		k = utf8_decode(rest, &cp);
		change = (uint32_t)utf8proc_tolower((int32_t)cp) != cp;
	}
	if (!change)
		return s;
	/* The lower letter of one of n bytes may have up to 4. */
	p = arena_alloc(a, s.n * 4 + 1);
	for (rest = s; rest.n > 0; rest = str_n(rest.p + k, rest.n - k)) {
		k = utf8_decode(rest, &cp);
		low = (uint32_t)utf8proc_tolower((int32_t)cp);
		n += utf8_encode(low, p + n);
	}
	p[n] = '\0';
	return utf8_nfc(str_n(p, n), a);
}

/* --- tags --- */

static bool
is_tag_mark(unsigned char c)
{
	return c != '\0' && strchr("_-./+#", c) != NULL;
}

bool
tag_chars(struct str s)
{
	uint32_t cp;
	size_t k;

	for (; s.n > 0; s = str_n(s.p + k, s.n - k)) {
		k = utf8_decode(s, &cp);
		if (cp < 0x80 ? !ascii_alnum((unsigned char)cp) &&
				    !is_tag_mark((unsigned char)cp)
			      : !utf8_is_word(cp))
			return false;
	}
	return true;
}

/* Nearly every tag is in canonical form already. */
static bool
is_plain_tag(struct str s)
{
	unsigned char c;
	size_t i;

	for (i = 0; i < s.n; i++) {
		c = (unsigned char)s.p[i];
		if (!ascii_lower(c) && !ascii_digit(c) && !is_tag_mark(c))
			return false;
		if (c == '.' && i > 0 && s.p[i - 1] == '.')
			return false;
	}
	return s.n <= TAG_BYTES;
}

/* Runs of blanks become one `-`. */
static struct str
dash_blanks(struct str s, struct arena *a)
{
	char *p;
	size_t i, n = 0;

	for (i = 0; i < s.n && !ascii_space((unsigned char)s.p[i]); i++)
		;
	if (i == s.n)
		return s;
	p = arena_alloc(a, s.n + 1);
	for (i = 0; i < s.n; i++) {
		if (!ascii_space((unsigned char)s.p[i]))
			p[n++] = s.p[i];
		else if (n > 0 && p[n - 1] != '-')
			p[n++] = '-';
	}
	p[n] = '\0';
	return str_n(p, n);
}

int
canon_tag(const struct canon *c, struct str in, struct str *out)
{
	struct str s;

	if (is_plain_tag(in)) {
		*out = in;
		return 0;
	}
	s = lower_text(dash_blanks(in, c->arena), c->arena);
	if (s.n > TAG_BYTES)
		return canon_refuse(c, in, "wanted at most 64 bytes");
	/* `a..b` would be a range in a query. */
	if (!tag_chars(s) || str_search(s, STR("..")) < s.n)
		return canon_refuse(
		    c, in, "wanted letters, digits and _ - . / + # alone");
	*out = s;
	return 0;
}

/* --- language tags (RFC 5646, form alone) --- */

static bool
is_subtag(struct str s, size_t i, bool primary)
{
	size_t j;

	if (s.n < (primary ? 2u : 1u) || s.n > 8 || (primary && s.n > 3))
		return false;
	for (j = 0; j < s.n; j++)
		if (!ascii_alnum((unsigned char)s.p[j]) ||
		    (i == 0 && !ascii_alpha((unsigned char)s.p[j])))
			return false;
	return true;
}

/* es, pt-BR, zh-Hant: script in title case, region in capitals. */
static int
canon_bcp47(const struct canon *c, struct str in, struct str *out)
{
	static const char wanted[] =
	    ERR_N("wanted a language of BCP 47, such as es or pt-BR");
	struct str rest = in, part;
	bool single = false;
	char text[64];
	size_t i, j, n = 0;

	if (in.n >= sizeof(text))
		return canon_refuse(c, in, wanted);
	for (i = 0; rest.p != NULL; i++) {
		part = str_cut(&rest, '-');
		if (!is_subtag(part, i, i == 0))
			return canon_refuse(c, in, wanted);
		if (i > 0)
			text[n++] = '-';
		for (j = 0; j < part.n; j++)
			text[n + j] = ascii_tolower(part.p[j]);
		if (i > 0 && !single && part.n == 4 &&
		    ascii_alpha((unsigned char)part.p[0]))
			text[n] = (char)(text[n] - 32);
		if (i > 0 && !single && part.n == 2)
			for (j = 0; j < 2; j++)
				if (ascii_lower((unsigned char)text[n + j]))
					text[n + j] = (char)(text[n + j] - 32);
		single = single || part.n == 1;
		n += part.n;
	}
	part = str_n(text, n);
	*out = str_eq(part, in) ? in : arena_str(c->arena, part);
	return 0;
}

/* --- keys of other systems: SYSTEM/KEY --- */

static int
canon_ext(const struct canon *c, struct str in, struct str *out)
{
	size_t i, slash = str_find(in, '/');
	unsigned char ch;
	bool good = slash > 0 && slash + 1 < in.n &&
		    ascii_lower((unsigned char)in.p[0]);

	for (i = 0; i < slash && good; i++) {
		ch = (unsigned char)in.p[i];
		good = ascii_lower(ch) || ascii_digit(ch) || ch == '_' ||
		       ch == '-';
	}
	if (!good)
		return canon_refuse(c, in,
		    "wanted SYSTEM/KEY, for example erp/4711, SYSTEM in "
		    "lower case");
	*out = in;
	return 0;
}

/* --- repeat rules (RFC 5545 3.3.10) --- */

struct rule_part {
	const char *name;
	long long lo, hi;  /* of its numbers; lo < 0: signed and not 0 */
	const char *words; /* or one of these, between blanks */
	bool list;
};
static const struct rule_part rule_parts[] = {
	{ "FREQ", 0, 0,
	    " SECONDLY MINUTELY HOURLY DAILY WEEKLY MONTHLY YEARLY ", false },
	{ "UNTIL", 0, 0, NULL, false },
	{ "COUNT", 1, 100000, NULL, false },
	{ "INTERVAL", 1, 100000, NULL, false },
	{ "BYSECOND", 0, 60, NULL, true },
	{ "BYMINUTE", 0, 59, NULL, true },
	{ "BYHOUR", 0, 23, NULL, true },
	{ "BYDAY", -53, 53, " MO TU WE TH FR SA SU ", true },
	{ "BYMONTHDAY", -31, 31, NULL, true },
	{ "BYYEARDAY", -366, 366, NULL, true },
	{ "BYWEEKNO", -53, 53, NULL, true },
	{ "BYMONTH", 1, 12, NULL, true },
	{ "BYSETPOS", -366, 366, NULL, true },
	{ "WKST", 0, 0, " MO TU WE TH FR SA SU ", false },
};

static bool
has_word(const char *words, struct str s)
{
	const char *p = words;
	size_t n;

	while (*p == ' ') {
		p++;
		n = strcspn(p, " ");
		if (n > 0 && str_eq(s, str_n(p, n)))
			return true;
		p += n;
	}
	return false;
}

/* 20261225 or 20261225T090000Z */
static bool
is_until(struct str s)
{
	size_t i;

	if (s.n != 8 && s.n != 15 && s.n != 16)
		return false;
	for (i = 0; i < s.n; i++)
		if (i == 8    ? s.p[i] != 'T'
		    : i == 15 ? s.p[i] != 'Z'
			      : !ascii_digit((unsigned char)s.p[i]))
			return false;
	return true;
}

static bool
is_rule_value(const struct rule_part *part, struct str s)
{
	int64_t n;

	if (strcmp(part->name, "UNTIL") == 0)
		return is_until(s);
	if (part->words != NULL) {
		if (part->hi == 0 || s.n <= 2)
			return has_word(part->words, s);
		/* BYDAY: 2MO, -1FR */
		if (!has_word(part->words, str_sub(s, s.n - 2, 2)))
			return false;
		s.n -= 2;
	}
	return num_i64(s, &n) && n >= part->lo && n <= part->hi &&
	       (n != 0 || part->lo == 0);
}

static bool
is_rule_part(struct str s, unsigned *seen)
{
	const struct rule_part *part = NULL;
	struct str name = str_cut(&s, '=');
	size_t i;

	for (i = 0; i < sizeof(rule_parts) / sizeof(rule_parts[0]); i++)
		if (str_eqz(name, rule_parts[i].name)) {
			part = &rule_parts[i];
			break;
		}
	if (part == NULL || s.p == NULL || s.n == 0 || (*seen & 1u << i))
		return false;
	*seen |= 1u << i;
	if (!part->list)
		return is_rule_value(part, s);
	while (s.p != NULL)
		if (!is_rule_value(part, str_cut(&s, ',')))
			return false;
	return true;
}

static int
canon_rrule(const struct canon *c, struct str in, struct str *out)
{
	struct str rest = in;
	unsigned seen = 0;
	bool good = true;
	char *p;
	size_t i;

	for (i = 0; i < in.n && !ascii_lower((unsigned char)in.p[i]); i++)
		;
	if (i < in.n) {
		p = arena_alloc(c->arena, in.n + 1);
		for (i = 0; i < in.n; i++)
			p[i] = ascii_lower((unsigned char)in.p[i])
				   ? (char)(in.p[i] - 32)
				   : in.p[i];
		p[in.n] = '\0';
		rest = str_n(p, in.n);
	}
	if (str_starts(rest, STR("RRULE:")))
		rest = str_n(rest.p + 6, rest.n - 6);
	*out = rest;
	while (rest.p != NULL && good)
		good = is_rule_part(str_cut(&rest, ';'), &seen);
	/* FREQ is needed; UNTIL and COUNT exclude each other. */
	if (!good || !(seen & 1) || (seen & 6) == 6)
		return canon_refuse(
		    c, in, "wanted a rule such as FREQ=WEEKLY;BYDAY=MO");
	return 0;
}

int
canon_checked(const struct canon *c, struct str in, struct str *out)
{
	switch (c->f->check) {
	case CHECK_BCP47:
		return canon_bcp47(c, in, out);
	case CHECK_TZ:
		if (!zone_exists(in))
			return canon_refuse(
			    c, in, "wanted a time zone such as Europe/Madrid");
		break;
	case CHECK_DOMAIN:
		if (!host_canon(in, c->arena, out))
			return canon_refuse(
			    c, in, "wanted a domain such as acme.es");
		return 0;
	case CHECK_EXT:
		return canon_ext(c, in, out);
	case CHECK_RRULE:
		return canon_rrule(c, in, out);
	case CHECK_NONE:
		break;
	}
	*out = in;
	return 0;
}
