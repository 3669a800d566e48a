/* SPDX-License-Identifier: MIT */
/* Hosts, e-mail addresses, URLs. Forms alone: nothing is looked up. */
#include <string.h>

#include "base/num.h"
#include "base/punycode.h"
#include "base/utf8.h"
#include "record/labels.h"
#include "record/value_int.h"

enum {
	HOST_BYTES = 253,
	HOST_LABEL = 63,   /* of the A-label: bytes, and letters of the other */
	HOST_ULABEL = 189, /* three bytes a letter */
	EMAIL_BYTES = 254,
	LOCAL_BYTES = 64,
	URL_BYTES = 2048,
};

/* --- hosts --- */

static bool
is_ascii_label(struct str s)
{
	unsigned char c;
	size_t i;

	if (s.n == 0 || s.n > HOST_LABEL || s.p[0] == '-' ||
	    s.p[s.n - 1] == '-')
		return false;
	for (i = 0; i < s.n; i++) {
		c = (unsigned char)s.p[i];
		if (!ascii_lower(c) && !ascii_digit(c) && c != '-' && c != '_')
			return false;
	}
	return true;
}

static bool
is_label(struct str s)
{
	uint32_t cp;
	size_t k;

	if (s.n == 0 || s.n > HOST_ULABEL || s.p[0] == '-' ||
	    s.p[s.n - 1] == '-')
		return false;
	for (; s.n > 0; s = str_n(s.p + k, s.n - k)) {
		k = utf8_decode(s, &cp);
		if (cp < 0x80 ? !ascii_lower((unsigned char)cp) &&
				    !ascii_digit((unsigned char)cp) &&
				    cp != '-' && cp != '_'
			      : !utf8_is_word(cp) && cp != 0xb7)
			return false;
	}
	return true;
}

/* One label in lower case to out, xn-- decoded. */
static bool
add_label(struct str s, struct arena *a, struct buf *out)
{
	uint32_t points[HOST_LABEL];
	struct buf text = BUF_INIT;
	char bytes[4];
	size_t i, n = 0;
	bool good;

	if (!str_starts(s, STR("xn--"))) {
		buf_adds(out, s);
		return is_label(s);
	}
	good = s.n <= HOST_LABEL &&
	       punycode_decode(str_n(s.p + 4, s.n - 4), points, HOST_LABEL, &n);
	for (i = 0; i < n && good; i++)
		buf_add(&text, bytes, utf8_encode(points[i], bytes));
	if (good) {
		s = utf8_nfc(lower_text(buf_str(&text), a), a);
		good = is_label(s) && !utf8_ascii(s);
		buf_adds(out, s);
	}
	buf_release(&text);
	return good;
}

static bool
is_number(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!ascii_digit((unsigned char)s.p[i]))
			return false;
	return true;
}

/* A last label of digits alone is the end of an IPv4 address. */
static bool
is_top_label(struct str s)
{
	return s.n > 1 && !is_number(s);
}

/* Already canonical: ASCII in lower case, nothing to decode. */
static bool
is_plain_host(struct str s)
{
	struct str rest = s, label = STR_NONE;
	size_t labels = 0;

	if (s.n > HOST_BYTES)
		return false;
	while (rest.p != NULL) {
		label = str_cut(&rest, '.');
		if (!is_ascii_label(label) || str_starts(label, STR("xn--")))
			return false;
		labels++;
	}
	return labels > 1 && is_top_label(label);
}

/* of: how many labels there are at least. */
static bool
canon_labels(struct str in, size_t of, struct arena *a, struct str *out)
{
	struct buf text = BUF_INIT;
	struct str rest, label = STR_NONE;
	size_t labels = 0;
	bool good = true;

	if (is_plain_host(in)) {
		*out = in;
		return true;
	}
	if (in.n == 0 || in.n > HOST_BYTES)
		return false;
	rest = lower_text(in, a);
	while (rest.p != NULL && good) {
		label = str_cut(&rest, '.');
		if (labels++ > 0)
			buf_addc(&text, '.');
		good = add_label(label, a, &text);
	}
	good = good && labels >= of && text.n <= HOST_BYTES &&
	       (labels == 1 ? !is_number(label) : is_top_label(label));
	if (good)
		*out = arena_str(a, buf_str(&text));
	buf_release(&text);
	return good;
}

bool
host_canon(struct str in, struct arena *a, struct str *out)
{
	return canon_labels(in, 2, a, out);
}

/* Mail may go to a host of one's own network: root@mailhost. */
static bool
mail_host(struct str in, struct arena *a, struct str *out)
{
	return canon_labels(in, 1, a, out);
}

bool
host_alabels(struct str host, struct arena *a, struct str *out)
{
	uint32_t points[HOST_LABEL];
	struct buf text = BUF_INIT;
	struct str rest, label;
	size_t begin, n;
	bool good = mail_host(host, a, &rest);

	while (good && rest.p != NULL) {
		label = str_cut(&rest, '.');
		if (text.n > 0)
			buf_addc(&text, '.');
		begin = text.n;
		if (utf8_ascii(label)) {
			buf_adds(&text, label);
			continue;
		}
		for (n = 0; label.n > 0 && n < HOST_LABEL; n++) {
			size_t k = utf8_decode(label, &points[n]);

			label = str_n(label.p + k, label.n - k);
		}
		buf_addz(&text, "xn--");
		good = label.n == 0 && punycode_encode(points, n, &text) &&
		       text.n - begin <= HOST_LABEL;
	}
	good = good && text.n <= HOST_BYTES;
	if (good)
		*out = arena_str(a, buf_str(&text));
	buf_release(&text);
	return good;
}

/* --- e-mail --- */

static bool
is_atom_char(unsigned char c)
{
	return ascii_alnum(c) || c >= 0x80 ||
	       (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* RFC 5321: atoms with single dots between, or a quoted string. */
static bool
is_local(struct str s)
{
	size_t i;

	if (s.n == 0 || s.n > LOCAL_BYTES)
		return false;
	if (s.p[0] == '"') {
		if (s.n < 3 || s.p[s.n - 1] != '"')
			return false;
		for (i = 1; i + 1 < s.n; i++) {
			if (s.p[i] == '"')
				return false;
			if (s.p[i] == '\\' && ++i + 1 == s.n)
				return false;
		}
		return true;
	}
	for (i = 0; i < s.n; i++) {
		if (is_atom_char((unsigned char)s.p[i]))
			continue;
		if (s.p[i] != '.' || i == 0 || i + 1 == s.n ||
		    s.p[i - 1] == '.')
			return false;
	}
	return true;
}

static size_t
last_at(struct str s)
{
	size_t i = s.n;

	while (i > 0 && s.p[i - 1] != '@')
		i--;
	return i;
}

struct str
email_domain(struct str s)
{
	size_t at = last_at(s);

	return at == 0 ? STR_NONE : str_n(s.p + at, s.n - at);
}

bool
email_valid(struct str s)
{
	size_t at = last_at(s);
	struct arena a = ARENA_INIT;
	struct str host;
	bool good;

	if (at < 2 || s.n > EMAIL_BYTES || !is_local(str_n(s.p, at - 1)))
		return false;
	host = str_n(s.p + at, s.n - at);
	if (is_plain_host(host))
		return true;
	good = mail_host(host, &a, &host);
	arena_release(&a);
	return good;
}

/* `mailto:a@b?subject=x` and `Ana <a@b>` to the address alone. */
static struct str
strip_email(const struct canon *c, struct str s)
{
	size_t n;

	if (s.n > 7 && str_ieq(str_sub(s, 0, 7), STR("mailto:"))) {
		s = str_n(s.p + 7, s.n - 7);
		n = str_find(s, '?');
		return str_n(s.p, n);
	}
	n = str_find(s, '<');
	if (n < s.n && s.p[s.n - 1] == '>' && c->f->no == LABEL_EMAIL)
		return str_n(s.p + n + 1, s.n - n - 2);
	return s;
}

int
canon_email(const struct canon *c, struct str in, struct str *out)
{
	struct str s = strip_email(c, in), host, local;
	size_t at = last_at(s);

	if (at < 2 || !is_local(str_n(s.p, at - 1)))
		return canon_refuse(c, in, "wanted local@domain");
	local = str_n(s.p, at);
	host = str_n(s.p + at, s.n - at);
	if (!mail_host(host, c->arena, &host))
		return canon_refuse(c, in, "wanted local@domain");
	if (local.n + host.n > EMAIL_BYTES)
		return canon_refuse(c, in, "wanted at most 254 bytes");
	if (host.p == s.p + at)
		*out = s;
	else
		*out = arena_printf(
		    c->arena, "%.*s%.*s", STR_ARG(local), STR_ARG(host));
	return 0;
}

/* --- URLs --- */

/* Bytes of "http://" or "https://" in front, any case; 0: another scheme or
 * none. */
static size_t
scheme_bytes(struct str s)
{
	if (s.n > 7 && str_ieq(str_sub(s, 0, 7), STR("http://")))
		return 7;
	if (s.n > 8 && str_ieq(str_sub(s, 0, 8), STR("https://")))
		return 8;
	return 0;
}

/* user@host:port of a URL behind its scheme: where each begins. */
struct authority {
	struct str user; /* with its @ */
	struct str host;
	struct str port; /* with its colon */
	struct str rest;
};

static void
split_authority(struct str s, struct authority *out)
{
	size_t end = 0, at, colon;

	while (end < s.n && strchr("/?#", s.p[end]) == NULL)
		end++;
	out->rest = str_n(s.p + end, s.n - end);
	s.n = end;
	at = last_at(s);
	out->user = str_n(s.p, at);
	s = str_n(s.p + at, s.n - at);
	colon = s.n;
	while (colon > 0 && ascii_digit((unsigned char)s.p[colon - 1]))
		colon--;
	if (colon == 0 || s.p[colon - 1] != ':')
		colon = s.n;
	else
		colon--;
	out->host = str_n(s.p, colon);
	out->port = str_n(s.p + colon, s.n - colon);
}

struct str
url_host(struct str url)
{
	size_t skip = scheme_bytes(url);
	struct authority a;

	split_authority(str_n(url.p + skip, url.n - skip), &a);
	if (str_starts(a.host, STR("www.")))
		a.host = str_n(a.host.p + 4, a.host.n - 4);
	return a.host;
}

/* A name, 192.0.2.1, [::1]; with a scheme `localhost` too. */
static bool
url_host_canon(struct str in, bool scheme, struct arena *a, struct str *out)
{
	size_t i;

	if (host_canon(in, a, out))
		return true;
	if (!scheme || in.n == 0)
		return false;
	*out = lower_text(in, a);
	for (i = 0; i < in.n; i++)
		if (!ascii_alnum((unsigned char)in.p[i]) &&
		    strchr(".-:[]", in.p[i]) == NULL)
			return false;
	return (in.p[0] == '[') == (in.p[in.n - 1] == ']') &&
	       (in.p[0] == '[' || str_find(in, ':') == in.n);
}

int
canon_url(const struct canon *c, struct str in, struct str *out)
{
	static const char wanted[] =
	    ERR_N("wanted a URL such as https://acme.es");
	size_t skip = scheme_bytes(in);
	struct authority a;
	struct str host;
	struct buf text = BUF_INIT;
	bool https = skip != 7;

	split_authority(str_n(in.p + skip, in.n - skip), &a);
	if (str_has_blank(in) ||
	    !url_host_canon(a.host, skip > 0, c->arena, &host) ||
	    (skip == 0 && a.user.n > 0))
		return canon_refuse(c, in, wanted);
	buf_addz(&text, https ? "https://" : "http://");
	buf_adds(&text, a.user);
	buf_adds(&text, host);
	buf_adds(&text, a.port);
	buf_adds(&text, a.rest);
	*out = str_eq(buf_str(&text), in) ? in
					  : arena_str(c->arena, buf_str(&text));
	buf_release(&text);
	if (out->n > URL_BYTES)
		return canon_refuse(c, in, "wanted at most 2048 bytes");
	return 0;
}
