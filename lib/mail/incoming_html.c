/* SPDX-License-Identifier: MIT */
/* HTML as text that can be read: one pass, no tree, nothing is fetched. */
#include "base/num.h"
#include "base/utf8.h"
#include "mail/incoming_int.h"

struct entity {
	const char *name;
	uint32_t cp;
};
/* Those of Latin letters and of what mail programs write. */
static const struct entity entities[] = {
	{ "amp", '&' },
	{ "lt", '<' },
	{ "gt", '>' },
	{ "quot", '"' },
	{ "apos", '\'' },
	{ "nbsp", ' ' },
	{ "iexcl", 0xa1 },
	{ "pound", 0xa3 },
	{ "copy", 0xa9 },
	{ "laquo", 0xab },
	{ "reg", 0xae },
	{ "ordf", 0xaa },
	{ "ordm", 0xba },
	{ "middot", 0xb7 },
	{ "raquo", 0xbb },
	{ "iquest", 0xbf },
	{ "Aacute", 0xc1 },
	{ "Auml", 0xc4 },
	{ "Ccedil", 0xc7 },
	{ "Eacute", 0xc9 },
	{ "Iacute", 0xcd },
	{ "Ntilde", 0xd1 },
	{ "Oacute", 0xd3 },
	{ "Ouml", 0xd6 },
	{ "Uacute", 0xda },
	{ "Uuml", 0xdc },
	{ "szlig", 0xdf },
	{ "agrave", 0xe0 },
	{ "aacute", 0xe1 },
	{ "acirc", 0xe2 },
	{ "auml", 0xe4 },
	{ "ccedil", 0xe7 },
	{ "egrave", 0xe8 },
	{ "eacute", 0xe9 },
	{ "ecirc", 0xea },
	{ "euml", 0xeb },
	{ "iacute", 0xed },
	{ "icirc", 0xee },
	{ "ntilde", 0xf1 },
	{ "oacute", 0xf3 },
	{ "ocirc", 0xf4 },
	{ "ouml", 0xf6 },
	{ "ugrave", 0xf9 },
	{ "uacute", 0xfa },
	{ "ucirc", 0xfb },
	{ "uuml", 0xfc },
	{ "ndash", 0x2013 },
	{ "mdash", 0x2014 },
	{ "lsquo", 0x2018 },
	{ "rsquo", 0x2019 },
	{ "ldquo", 0x201c },
	{ "rdquo", 0x201d },
	{ "bull", 0x2022 },
	{ "hellip", 0x2026 },
	{ "euro", 0x20ac },
	{ "trade", 0x2122 },
};
enum { ENTITY_MAX = 12, CP_MAX = 0x10ffff };

struct reducing {
	struct buf *out;
	struct str hidden; /* inside <style>, <script>, ...: its name */
	unsigned lines;    /* line ends that are due before the next word */
	bool gap;          /* a blank is due */
	bool any;
};

static void
put(struct reducing *r, const char *p, size_t n)
{
	for (; r->any && r->lines; r->lines--)
		buf_addc(r->out, '\n');
	if (r->any && r->gap && r->out->p[r->out->n - 1] != '\n')
		buf_addc(r->out, ' ');
	r->gap = false;
	r->lines = 0;
	r->any = true;
	buf_add(r->out, p, n);
}

static bool
entity_cp(struct str name, uint32_t *cp)
{
	uint64_t n = 0;

	if (name.n > 1 && name.p[0] == '#') {
		bool hex = name.p[1] == 'x' || name.p[1] == 'X';

		for (size_t i = hex ? 2 : 1; i < name.n; i++) {
			char c = ascii_tolower(name.p[i]);
			bool letter = hex && c >= 'a' && c <= 'f';

			if (!letter && !ascii_digit((unsigned char)c))
				return false;
			n = n * (hex ? 16 : 10) +
			    (uint64_t)(letter ? c - 'a' + 10 : c - '0');
		}
		*cp = (uint32_t)n;
		return n > 0 && n <= CP_MAX && (n < 0xd800 || n > 0xdfff);
	}
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++)
		if (str_eqz(name, entities[i].name)) {
			*cp = entities[i].cp;
			return true;
		}
	return false;
}

/* Bytes of the entity at the beginning; 0: the & stands for itself. */
static size_t
put_entity(struct reducing *r, struct str s)
{
	size_t n = str_find(str_sub(s, 0, ENTITY_MAX), ';');
	char utf8[4];
	uint32_t cp;

	if (n >= s.n || n == ENTITY_MAX ||
	    !entity_cp(str_sub(s, 1, n - 1), &cp))
		return 0;
	if (cp == ' ' || cp == 0xa0)
		r->gap = true;
	else
		put(r, utf8, utf8_encode(cp, utf8));
	return n + 1;
}

static bool
is_one(struct str name, const char *const *names)
{
	for (; *names; names++)
		if (str_ieq(name, str_of(*names)))
			return true;
	return false;
}

static void
take_tag(struct reducing *r, struct str name, bool ends)
{
	static const char *const hidden[] = { "head", "script", "style",
		"title", "noscript", NULL };
	static const char *const blocks[] = { "p", "div", "h1", "h2", "h3",
		"h4", "table", "ul", "ol", "blockquote", "hr", "pre", NULL };
	static const char *const lines[] = { "br", "li", "tr", "dt", "dd",
		NULL };

	if (r->hidden.n) {
		if (ends && str_ieq(name, r->hidden))
			r->hidden = STR_NONE;
	} else if (!ends && is_one(name, hidden)) {
		r->hidden = name;
	} else if (str_ieq(name, STR("br"))) {
		if (r->lines < 2)
			r->lines++;
	} else if (is_one(name, lines)) {
		if (r->lines < 1)
			r->lines = 1;
		if (!ends && str_ieq(name, STR("li")))
			put(r, "- ", 2);
	} else if (is_one(name, blocks)) {
		/* A division is a line, a paragraph has one before it. */
		unsigned due = str_ieq(name, STR("div")) ? 1 : 2;

		if (r->lines < due)
			r->lines = due;
	} else if (str_ieq(name, STR("td")) || str_ieq(name, STR("th"))) {
		r->gap = true;
	}
}

/* Bytes of the tag or comment at the beginning; 0: the < stands for itself. */
static size_t
skip_tag(struct reducing *r, struct str s)
{
	bool ends = s.n > 1 && s.p[1] == '/';
	size_t from = ends ? 2 : 1, n = from;
	char quote = 0;

	if (str_starts(s, STR("<!--"))) {
		for (n = 4; n + 2 < s.n; n++)
			if (s.p[n] == '-' && s.p[n + 1] == '-' &&
			    s.p[n + 2] == '>')
				return n + 3;
		return s.n;
	}
	/* A comparison in a script. */
	if (r->hidden.n && !ends)
		return 0;
	if (n >= s.n || (!ascii_alpha((unsigned char)s.p[n]) && s.p[n] != '!' &&
			    s.p[n] != '?'))
		return 0;
	while (n < s.n && ascii_alnum((unsigned char)s.p[n]))
		n++;
	take_tag(r, str_sub(s, from, n - from), ends);
	for (; n < s.n && (quote || s.p[n] != '>'); n++) {
		if (quote ? s.p[n] == quote : s.p[n] == '"' || s.p[n] == '\'')
			quote = quote ? 0 : s.p[n];
	}
	return n < s.n ? n + 1 : s.n;
}

void
incoming_html(struct str s, struct buf *out)
{
	struct reducing r = { .out = out };

	while (s.n > 0) {
		size_t n = 0;

		if (s.p[0] == '<')
			n = skip_tag(&r, s);
		else if (s.p[0] == '&' && !r.hidden.n)
			n = put_entity(&r, s);
		if (n == 0) {
			n = 1;
			if (ascii_space((unsigned char)s.p[0]))
				r.gap = true;
			else if (!r.hidden.n)
				put(&r, s.p, 1);
		}
		s = str_sub(s, n, s.n);
	}
}
