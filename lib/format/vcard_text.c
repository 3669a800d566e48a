/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a property: quoted-printable, base64 and charsets on the way
 * in; heads without them, and lines as each version has them, on the way out.
 */
#include "format/vcard_int.h"

#include <iconv.h>

#include "base/mem.h"
#include "base/utf8.h"

/* ---- in ---- */

static int
hex(char c)
{
	if (ascii_digit((unsigned char)c))
		return c - '0';
	c = ascii_tolower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* What is no escape stays as it is. */
static struct str
decode_qp(struct str s, struct arena *a)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t i, n = 0;
	int high, low;

	for (i = 0; i < s.n; i++) {
		high = low = -1;
		if (s.p[i] == '=' && i + 2 < s.n) {
			high = hex(s.p[i + 1]);
			low = hex(s.p[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			out[n++] = (char)(high * 16 + low);
			i += 2;
		} else if (s.p[i] != '=' || i + 1 < s.n) {
			out[n++] = s.p[i];
		}
	}
	return str_n(out, n);
}

static int
base64_digit(char c)
{
	if (ascii_upper((unsigned char)c))
		return c - 'A';
	if (ascii_lower((unsigned char)c))
		return c - 'a' + 26;
	if (ascii_digit((unsigned char)c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static struct str
decode_base64(struct str s, struct arena *a)
{
	char *out = arena_alloc(a, s.n + 1);
	unsigned bits = 0, held = 0;
	size_t i, n = 0;

	for (i = 0; i < s.n && s.p[i] != '='; i++) {
		int d = base64_digit(s.p[i]);

		if (d < 0)
			continue; /* folds leave blanks */
		bits = (bits << 6 | (unsigned)d) & 0xFFFF;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[n++] = (char)(bits >> held & 0xFF);
		}
	}
	return str_n(out, n);
}

/* CR LF and CR become LF. */
static struct str
plain_ends(struct str s, struct arena *a)
{
	char *out;
	size_t i, n = 0;

	if (str_find(s, '\r') == s.n)
		return s;
	out = arena_alloc(a, s.n + 1);
	for (i = 0; i < s.n; i++) {
		if (s.p[i] != '\r')
			out[n++] = s.p[i];
		else if (i + 1 == s.n || s.p[i + 1] != '\n')
			out[n++] = '\n';
	}
	return str_n(out, n);
}

/* A name goes to iconv: letters, digits and what names of charsets have. */
static bool
charset_name(struct str s, char *out, size_t max)
{
	size_t i;

	if (s.n == 0 || s.n >= max)
		return false;
	for (i = 0; i < s.n; i++) {
		if (!ascii_alnum((unsigned char)s.p[i]) && s.p[i] != '-' &&
		    s.p[i] != '_' && s.p[i] != '.' && s.p[i] != ':')
			return false;
		out[i] = s.p[i];
	}
	out[s.n] = '\0';
	return true;
}

static int
convert(struct str s, struct str charset, struct arena *a, struct str *out,
    struct err *err)
{
	char name[64], *in, *from, *to;
	size_t left = s.n, room = s.n * 4 + 16;
	iconv_t cd = (iconv_t)-1;
	int rc = 0;

	if (charset_name(charset, name, sizeof(name)))
		cd = iconv_open("UTF-8", name);
	if (cd == (iconv_t)-1)
		return err_set(err, STATUS_DATA, "unknown charset '%.*s'",
		    STR_ARG(reader_clip(charset)));
	in = mem_alloc(s.n + 1); /* iconv wants it writable */
	memcpy(in, s.p, s.n);
	from = in;
	to = arena_alloc(a, room);
	out->p = to;
	if (iconv(cd, &from, &left, &to, &room) == (size_t)-1)
		rc = err_set(
		    err, STATUS_DATA, "bytes that %s does not have", name);
	out->n = (size_t)(to - out->p);
	mem_free(in);
	(void)iconv_close(cd); /* nothing is lost with it */
	return rc;
}

static bool
has_coding(const struct content_line *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->nparams; i++)
		if ((l->param[i].name.p == NULL ||
			str_ieq(l->param[i].name, STR("ENCODING"))) &&
		    str_ieq(l->param[i].value, str_of(name)))
			return true;
	return false;
}

bool
vcard_is_base64(const struct content_line *l)
{
	return has_coding(l, "BASE64") || has_coding(l, "B");
}

int
vcard_decode(const struct content_line *l, struct arena *a, struct str *out,
    bool *decoded, struct err *err)
{
	struct str charset = content_param(l, "CHARSET");

	*out = l->value;
	if (has_coding(l, "QUOTED-PRINTABLE"))
		*out = decode_qp(*out, a);
	else if (vcard_is_base64(l))
		*out = decode_base64(*out, a);
	if (charset.n > 0 && !str_ieq(charset, STR("UTF-8")) &&
	    !utf8_ascii(*out) && convert(*out, charset, a, out, err) < 0)
		return -1;
	*decoded = out->p != l->value.p;
	*out = plain_ends(*out, a);
	return 0;
}

/* ---- out ---- */

/* Up to a bare sep; *rest is what is behind it (none: there was none). */
static struct str
cut_bare(struct str *rest, char sep)
{
	bool quoted = false;
	struct str s = *rest;
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == sep && !quoted)
			break;
	}
	*rest = i < s.n ? str_sub(s, i + 1, s.n) : STR_NONE;
	return str_sub(s, 0, i);
}

/* The list of a TYPE without PREF; within quotes too, as errata of RFC 6350
 * show it.  False: nothing is left. */
static bool
put_types(struct buf *out, struct str list, const char *before, bool pref)
{
	struct str item, inner, word;
	size_t n = 0, k;

	while (list.p != NULL) {
		item = cut_bare(&list, ',');
		if (item.n < 2 || item.p[0] != '"') {
			if ((!pref && str_ieq(item, STR("PREF"))) ||
			    item.n == 0)
				continue;
			buf_addz(out, n++ > 0 ? "," : before);
			buf_adds(out, item);
			continue;
		}
		inner = str_sub(item, 1, item.n - 2);
		for (k = 0; inner.p != NULL;) {
			word = str_cut(&inner, ',');
			if (!pref && str_ieq(word, STR("PREF")))
				continue;
			if (k == 0)
				buf_addz(out, n > 0 ? "," : before);
			buf_addc(out, k++ > 0 ? ',' : '"');
			buf_adds(out, word);
		}
		if (k > 0)
			buf_addc(out, '"');
		n += k;
	}
	return n > 0;
}

/* Parameters of our own doing: how the value was encoded, and the preference,
 * which is the order of our values. */
static bool
param_goes(struct str name, bool pref, bool decoded)
{
	return (!pref && str_ieq(name, STR("PREF"))) ||
	       str_ieq(name, STR("CHARSET")) ||
	       (decoded && str_ieq(name, STR("ENCODING")));
}

static bool
is_coding(struct str word)
{
	return str_ieq(word, STR("QUOTED-PRINTABLE")) ||
	       str_ieq(word, STR("BASE64")) || str_ieq(word, STR("B"));
}

void
vcard_put_head(struct buf *out, const struct vcard_line *line)
{
	const struct content_line *l = &line->l;
	struct str rest, part, name;
	bool list = false; /* of TYPE, which 2.1 does not name */
	/* Of several, only one of which is ours, it tells which. */
	bool pref = line->prop >= PROPS ||
		    prop_defs[line->prop].form == FORM_PARTS ||
		    line->prop == PROP_BDAY;

	rest = str_n(l->text.p, (size_t)(l->value.p - l->text.p) - 1);
	buf_adds(out, cut_bare(&rest, ';'));
	while (rest.p != NULL) {
		part = cut_bare(&rest, ';');
		if (str_find(part, '=') == part.n) {
			if (!(line->decoded && is_coding(part)))
				list |= put_types(
				    out, part, list ? "," : ";TYPE=", pref);
			continue;
		}
		list = false;
		name = part;
		name = str_cut(&name, '=');
		if (param_goes(name, pref, line->decoded))
			continue;
		if (str_ieq(name, STR("TYPE"))) {
			struct buf before = BUF_INIT;

			buf_addf(&before, ";%.*s=", STR_ARG(name));
			(void)put_types(out, str_sub(part, name.n + 1, part.n),
			    before.p, pref);
			buf_release(&before);
		} else {
			buf_addc(out, ';');
			buf_adds(out, part);
		}
	}
}

void
vcard_put_raw(struct buf *out, struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '\n')
			buf_addz(out, "\\n");
		else
			buf_addc(out, s.p[i]);
	}
}

/* base64 without the blanks that the folds of 2.1 leave; a soft break at the
 * very end would take the next line in. */
static void
put_verbatim(struct buf *out, const struct content_line *l)
{
	struct str head = str_n(l->text.p, l->text.n - l->value.n);
	struct str s = l->value;
	size_t i;

	buf_adds(out, head);
	if (has_coding(l, "QUOTED-PRINTABLE"))
		while (s.n > 0 && s.p[s.n - 1] == '=')
			s.n--;
	if (!vcard_is_base64(l)) {
		buf_adds(out, s);
		return;
	}
	for (i = 0; i < s.n; i++)
		if (!ascii_blank((unsigned char)s.p[i]))
			buf_addc(out, s.p[i]);
}

struct str
vcard_line_text(const struct vcard_line *line, struct arena *a)
{
	bool mapped = line->n > 0;
	bool foreign =
	    line->decoded && utf8_check(line->l.text) < line->l.text.n;
	struct buf b = BUF_INIT;
	struct str s;

	if (!mapped && !foreign && !vcard_is_base64(&line->l) &&
	    !has_coding(&line->l, "QUOTED-PRINTABLE"))
		return line->l.text;
	if (mapped || foreign) {
		vcard_put_head(&b, line);
		buf_addc(&b, ':');
		vcard_put_raw(&b, line->value);
	} else {
		put_verbatim(&b, &line->l);
	}
	s = arena_str(a, buf_str(&b));
	buf_release(&b);
	return s;
}

enum { QP_LINE = 75 };

/* 2.1: no \n and no \,; what is no ASCII is quoted-printable. */
static void
put_line_2(struct buf *out, struct str line)
{
	size_t colon = str_find(line, ':'), i, room;
	struct buf v = BUF_INIT;
	bool quote;

	for (i = colon + 1; i < line.n; i++) {
		char c = line.p[i];
		char after = i + 1 < line.n ? line.p[i + 1] : '\0';

		if (c == '\\' && (after == 'n' || after == 'N')) {
			buf_addz(&v, "\r\n");
			i++;
		} else if (c != '\\' || after != ',') {
			buf_addc(&v, c);
		}
	}
	quote = !utf8_ascii(buf_str(&v)) || str_find(buf_str(&v), '\n') < v.n;
	buf_add(out, line.p, colon);
	if (quote)
		buf_addz(out, ";CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE");
	buf_addc(out, ':');
	for (i = 0, room = QP_LINE > colon + 50 ? QP_LINE - colon - 50 : 4;
	     i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (!quote) {
			buf_addc(out, v.p[i]);
			continue;
		}
		if (room < 4) {
			buf_addz(out, "=\r\n");
			room = QP_LINE;
		}
		if (c < ' ' || c >= 0x7F || c == '=') {
			buf_addf(out, "=%02X", (unsigned)c);
			room -= 3;
		} else {
			buf_addc(out, v.p[i]);
			room--;
		}
	}
	buf_addz(out, "\r\n");
	buf_release(&v);
}

void
vcard_put_line(struct buf *out, int version, struct str line)
{
	if (version == VCARD_2)
		put_line_2(out, line);
	else
		content_put(out, line);
}
