/* SPDX-License-Identifier: MIT */
/* From a cell to the values that a line of ours has. */
#include "base/utf8.h"
#include "crm/import_map_int.h"

enum { CLEAN_BYTES = 64, SHOWN = 60 };

/* What a spreadsheet takes for a formula, in ASCII or full width. */
static bool
is_formula(struct str s)
{
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b",
		"\xef\xbc\x8d", "\xef\xbc\xa0" };

	if (s.n && (s.p[0] == '\t' || s.p[0] == '\r'))
		return true;
	s = str_trim(s);
	if (!s.n)
		return false;
	if (strchr("=+-@", s.p[0]) && s.p[0])
		return true;
	for (size_t i = 0; i < 4; i++)
		if (str_starts(s, str_of(wide[i])))
			return true;
	return false;
}

struct str
import_plain(struct str cell)
{
	/* The guard of FORMAT.md 11, Spreadsheets. */
	if (cell.n > 1 && cell.p[0] == '\'' &&
	    is_formula(str_sub(cell, 1, cell.n)))
		cell = str_sub(cell, 1, cell.n);
	return str_trim(cell);
}

bool
import_holds(const struct import_bound *b, const struct source_row *row)
{
	for (size_t i = 0; i < b->ncond; i++) {
		const struct import_cond *c = &b->cond[i];
		struct str cell = STR("");

		if (c->col < row->n)
			cell = import_plain(row->cell[c->col]);
		if (import_like_any(&c->when->values, cell) == c->when->unless)
			return false;
	}
	return true;
}

/* ---- what the rule does to a value ---- */

static struct str
strip(const struct import_rule *r, struct str s)
{
	for (size_t i = 0; i < r->strip.n; i++) {
		struct str what = r->strip.v[i];

		if (what.n && str_starts(s, what))
			s = str_trim(str_sub(s, what.n, s.n));
		if (what.n && str_ends(s, what))
			s = str_trim(str_sub(s, 0, s.n - what.n));
	}
	return s;
}

/* The first n characters. */
static struct str
cut(struct str s, size_t n)
{
	size_t at = 0;
	uint32_t cp;

	while (n-- > 0 && at < s.n)
		at += utf8_decode(str_sub(s, at, s.n), &cp);
	return str_sub(s, 0, at);
}

/* The value of a tag in a comment of hledger: `a, crm:01HX, b:c`. */
static struct str
tag_value(struct str s, struct str tag)
{
	struct str word;

	for (size_t i = 0; i + tag.n < s.n; i++) {
		if (i > 0 && !ascii_space((unsigned char)s.p[i - 1]) &&
		    s.p[i - 1] != ',')
			continue;
		if (!str_starts(str_sub(s, i, s.n), tag) ||
		    s.p[i + tag.n] != ':')
			continue;
		word = str_sub(s, i + tag.n + 1, s.n);
		word = str_sub(word, 0, str_find(word, '\n'));
		return str_trim(str_sub(word, 0, str_find(word, ',')));
	}
	return STR("");
}

static struct str
replace(const struct import_rule *r, struct str s)
{
	for (size_t i = 0; i < r->nvalues; i++)
		if (import_like(r->values[i].from, s))
			return r->values[i].to;
	return s;
}

static struct str
apply_rule(const struct import *im, const struct import_rule *r, struct str s)
{
	s = str_trim(s);
	if (r->tag.n)
		s = tag_value(s, r->tag);
	if (!s.n || import_like_any(&im->table->null, s) ||
	    import_like_any(&r->null, s))
		return STR("");
	s = strip(r, s);
	if (r->cut)
		s = cut(s, r->cut);
	return r->nvalues && s.n ? replace(r, s) : s;
}

/* Cells of our own CSV: `;` between values, a backslash before one in them
 * (FORMAT.md 11). */
static struct str
next_ours(struct str *rest, struct arena *a)
{
	struct str s = *rest;
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0, i;

	for (i = 0; i < s.n && s.p[i] != ';'; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n &&
		    (s.p[i + 1] == ';' || s.p[i + 1] == '\\'))
			i++;
		p[n++] = s.p[i];
	}
	*rest = i < s.n ? str_sub(s, i + 1, s.n) : STR_NONE;
	return str_n(p, n);
}

static struct str
next_part(const struct import *im, const struct import_rule *r,
    struct str *rest, struct arena *a)
{
	struct str part = *rest;
	size_t at;

	if (im->map->fields && r->f && r->f->multi && !r->f->family)
		return next_ours(rest, a);
	at = r->split.n ? str_search(part, r->split) : part.n;
	*rest = at < part.n ? str_sub(part, at + r->split.n, part.n) : STR_NONE;
	return str_sub(part, 0, at);
}

int
import_values(const struct import *im, const struct import_bound *b,
    struct str cell, struct arena *a,
    int (*fn)(
	void *arg, const struct import_bound *, struct str value, struct err *),
    void *arg, struct err *err)
{
	struct str rest = import_plain(cell);

	while (rest.p && rest.n) {
		struct str s = next_part(im, b->rule, &rest, a);
		int rc = 0;

		s = apply_rule(im, b->rule, s);
		if (s.n)
			rc = fn(arg, b, s, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* ---- types ---- */

struct str
import_clean_tag(struct str s, struct arena *a)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0, k;
	uint32_t cp;

	for (s = str_trim(s); s.n; s = str_sub(s, k, s.n)) {
		bool blank = ascii_space((unsigned char)s.p[0]);

		k = utf8_decode(s, &cp);
		if (n + k > CLEAN_BYTES)
			break;
		/* `a..b` would be a range in a query. */
		if (cp == '.' && n && p[n - 1] == '.')
			continue;
		if (blank && n && p[n - 1] != '-')
			p[n++] = '-';
		else if (!blank &&
			 (utf8_is_word(cp) ||
			     (cp < 0x80 && strchr("_-./+#", (int)cp)))) {
			memcpy(p + n, s.p, k);
			n += k;
		}
	}
	while (n && p[n - 1] == '-')
		n--;
	return str_n(p, n);
}

/* Days of the zone for a date, first second of the day for a datetime. */
static int
read_date(struct import *im, const struct import_bound *b, struct str s,
    struct str *out, struct err *err)
{
	const struct field *f = b->rule->f;
	char text[DATETIME_TEXT];
	int32_t day;
	int64_t ms;

	if (guess_date(&im->guess[b->col], s, im->zone, im->out, out, err) < 0)
		return -1;
	if (!f || f->alt != TYPE_NONE)
		return 0;
	if (f->type == TYPE_DATETIME && date_parse(*out, false, &day))
		*out = arena_str(im->out,
		    str_n(text,
			datetime_format(zone_day_start(im->zone, day), text)));
	else if (f->type == TYPE_DATE && datetime_parse_canon(*out, &ms))
		*out = arena_str(im->out,
		    str_n(text, date_format(zone_day_of(im->zone, ms), text)));
	return 0;
}

void
import_warn(struct import *im, const struct import_bound *b, struct str value,
    const char *what)
{
	struct buf text = BUF_INIT;

	if (!im->opts.warn)
		return;
	if (im->opts.name)
		buf_addf(&text, "%s:%zu: ", im->opts.name, im->number);
	buf_addf(&text, "%.*s: '", STR_ARG(im->column[b->col]));
	buf_add_visible(&text, str_sub(value, 0, SHOWN));
	buf_addf(&text, "' %s", err_text(what));
	im->opts.warn(im->opts.arg, text.p);
	buf_release(&text);
}

/* What no number can be is kept, but not as one. */
static enum import_read
read_phone(struct import *im, const struct import_bound *b, struct str s,
    struct str *out)
{
	struct value_env env = { .schema = im->map->schema, .places = -1 };
	struct err none = ERR_INIT;
	struct str canon;

	*out = s;
	if (!b->rule->f || value_canon(b->rule->f, b->rule->label, s, &env,
			       im->out, &canon, &none) == 0)
		return IMPORT_GOOD;
	import_warn(im, b, s, ERR_N("kept in x.phone: it is no phone number"));
	return IMPORT_ASIDE;
}

static enum import_read
read_country(struct import *im, const struct import_bound *b, struct str s,
    struct str *out)
{
	*out = guess_country(s);
	if (out->n)
		return IMPORT_GOOD;
	*out = s;
	import_warn(
	    im, b, s, ERR_N("kept in x.country: no country known here"));
	return IMPORT_ASIDE;
}

enum import_read
import_read_value(struct import *im, const struct import_bound *b, struct str s,
    struct str *out, struct str *second, struct err *err)
{
	const struct guess *g = &im->guess[b->col];
	int rc = 0;

	*second = STR_NONE;
	*out = s;
	switch (b->rule->as) {
	case AS_DATE:
		rc = read_date(im, b, s, out, err);
		break;
	case AS_NUMBER:
		rc = guess_number(g, s, im->out, out, err);
		break;
	case AS_MONEY:
		rc = guess_money(g, s, im->currency, im->out, out, second, err);
		break;
	case AS_COUNTRY:
		return read_country(im, b, s, out);
	case AS_PHONE:
		return read_phone(im, b, s, out);
	case AS_TAG:
		*out = import_clean_tag(s, im->out);
		break;
	case AS_TEXT:
		break;
	}
	if (rc < 0) {
		(void)err_prefix(err, "%.*s", STR_ARG(im->column[b->col]));
		return IMPORT_BAD;
	}
	return IMPORT_GOOD;
}

/* ---- labels ---- */

struct str
import_own_label(struct arena *a, struct str header)
{
	struct str s = utf8_fold(str_trim(header), a);
	char *p = arena_alloc(a, LABEL_MAX + 1);
	size_t n = 0;

	p[n++] = 'x';
	p[n++] = '.';
	for (size_t i = 0; i < s.n && n < LABEL_MAX; i++) {
		if (ascii_alnum((unsigned char)s.p[i]))
			p[n++] = ascii_tolower(s.p[i]);
		else if (n > 2 && p[n - 1] != '_')
			p[n++] = '_';
	}
	while (n > 2 && p[n - 1] == '_')
		n--;
	return n > 2 ? str_n(p, n) : STR("x.column");
}

struct str
import_concat(struct arena *arena, struct str a, struct str b, struct str c)
{
	char *p = arena_alloc(arena, a.n + b.n + c.n + 1);

	if (a.n)
		memcpy(p, a.p, a.n);
	if (b.n)
		memcpy(p + a.n, b.p, b.n);
	if (c.n)
		memcpy(p + a.n + b.n, c.p, c.n);
	p[a.n + b.n + c.n] = '\0';
	return str_n(p, a.n + b.n + c.n);
}
