/* SPDX-License-Identifier: MIT */
/* Single values of a mail, decoded by GMime. */
#include <errno.h>
#include <gmime/gmime.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "mail/incoming_int.h"

enum {
	/* What of a value is looked at: GMime takes square time for some. */
	WORDS_MAX = 16 * 1024,
	PARAMS_MAX = 4 * 1024,
	DATE_MAX = 128,
	MSGID_MAX = 998,
	CHARSET_MAX = 40,
	CHUNK = 4096,
};

static const char bad_byte[] = "\xEF\xBF\xBD"; /* U+FFFD */

/* ---- characters ---- */

/* Bytes that should be UTF-8. */
static void
add_utf8(struct buf *out, struct str s, size_t max)
{
	while (s.n > 0 && out->n < max) {
		size_t good = utf8_check(s);

		if (good > max - out->n)
			good = max - out->n;
		buf_add(out, s.p, good);
		s = str_sub(s, good, s.n);
		if (s.n > 0 && out->n < max) {
			buf_addz(out, bad_byte);
			s = str_sub(s, 1, s.n);
		}
	}
}

/* A name goes to iconv: letters, digits and what names of charsets have. */
static bool
charset_name(struct str s, char out[CHARSET_MAX + 1])
{
	if (s.n == 0 || s.n > CHARSET_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!ascii_alnum((unsigned char)c) && !strchr("-_.:+", c))
			return false;
		out[i] = c;
	}
	out[s.n] = '\0';
	return true;
}

static bool
is_utf8_name(struct str s)
{
	return s.n == 0 || str_ieq(s, STR("utf-8")) ||
	       str_ieq(s, STR("utf8")) || str_ieq(s, STR("us-ascii"));
}

static void
convert(struct buf *out, iconv_t cd, struct str s, size_t max)
{
	char *in = mem_alloc(s.n), *p = in; /* iconv wants it writable */
	size_t left = s.n;

	memcpy(in, s.p, s.n);
	while (left > 0 && out->n < max) {
		char chunk[CHUNK], *to = chunk;
		size_t room = sizeof(chunk);
		size_t rc = iconv(cd, &p, &left, &to, &room);
		int why = errno;

		buf_add(out, chunk, (size_t)(to - chunk));
		if (rc != (size_t)-1 || why == E2BIG)
			continue;
		buf_addz(out, bad_byte);
		p++;
		left--;
	}
	mem_free(in);
}

void
incoming_utf8(struct buf *out, struct str bytes, struct str charset, size_t max)
{
	char name[CHARSET_MAX + 1];
	iconv_t cd = (iconv_t)-1;

	if (bytes.n == 0)
		return;
	if (!is_utf8_name(charset) && charset_name(charset, name))
		cd = g_mime_iconv_open("UTF-8", name);
	if (cd == (iconv_t)-1) {
		add_utf8(out, bytes, max);
		return;
	}
	convert(out, cd, bytes, max);
	(void)g_mime_iconv_close(cd); /* nothing is lost with it */
}

struct str
incoming_clean(struct arena *a, struct str s)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t n = 0;

	while (s.n > 0) {
		uint32_t cp;
		size_t k = utf8_decode(s, &cp);
		bool cr = cp == '\r';

		/* CR LF is one line end, and so is a CR alone. */
		if (cr && !(s.n > 1 && s.p[1] == '\n'))
			out[n++] = '\n';
		else if (cp == '\n' || cp == '\t' ||
			 (cp >= ' ' && cp != 0x7f &&
			     (cp < 0x80 || cp > 0x9f))) {
			memcpy(out + n, s.p, k);
			n += k;
		}
		s = str_sub(s, k, s.n);
	}
	out[n] = '\0';
	return str_trim(str_n(out, n));
}

/* ---- header values ---- */

/* A C string of valid UTF-8 without NULs. */
static char *
zstring(struct arena *a, struct str s, size_t max)
{
	struct buf b = BUF_INIT;
	char *z;

	add_utf8(&b, str_sub(s, 0, max), max + sizeof(bad_byte));
	z = arena_alloc(a, b.n + 1);
	for (size_t i = 0; i < b.n; i++)
		z[i] = b.p[i] != '\0' ? b.p[i] : ' ';
	z[b.n] = '\0';
	buf_release(&b);
	return z;
}

/* What was decoded may again hold anything. */
static struct str
one_line(struct arena *a, char *text)
{
	struct buf b = BUF_INIT;
	struct str s;
	char *to;
	size_t n = 0;
	bool gap = false;

	add_utf8(&b, str_of(text), SIZE_MAX);
	g_free(text);
	s = incoming_clean(a, buf_str(&b));
	buf_release(&b);
	to = arena_alloc(a, s.n + 1);
	for (size_t i = 0; i < s.n; i++) {
		bool blank = ascii_space((unsigned char)s.p[i]);

		if (!blank && gap)
			to[n++] = ' ';
		if (!blank)
			to[n++] = s.p[i];
		gap = blank;
	}
	to[n] = '\0';
	return str_n(to, n);
}

struct str
incoming_words(struct arena *a, struct str value)
{
	return one_line(a, g_mime_utils_header_decode_text(
			       NULL, zstring(a, value, WORDS_MAX)));
}

bool
incoming_date(struct str value, int64_t *ms)
{
	struct arena a = ARENA_INIT;
	GDateTime *when =
	    g_mime_utils_header_decode_date(zstring(&a, value, DATE_MAX));
	int64_t secs = when ? g_date_time_to_unix(when) : -1;

	if (when)
		g_date_time_unref(when);
	arena_release(&a);
	*ms = secs * 1000;
	return secs >= 0;
}

struct str
incoming_msgid(struct arena *a, struct str *value)
{
	size_t from = str_find(*value, '<');
	struct str id = str_sub(*value, from + 1, value->n);
	size_t n = str_find(id, '>');

	if (n == id.n) {
		/* Some write it bare. */
		id = from == value->n ? str_trim(*value) : STR_NONE;
		*value = STR_NONE;
	} else {
		id = str_trim(str_sub(id, 0, n));
		*value = str_sub(*value, from + n + 2, value->n);
	}
	if (id.n == 0 || id.n > MSGID_MAX || utf8_check(id) < id.n ||
	    utf8_control(id) < id.n)
		return STR_NONE;
	for (size_t i = 0; i < id.n; i++)
		if (ascii_space((unsigned char)id.p[i]))
			return STR_NONE;
	return arena_str(a, id);
}

/* ---- parts ---- */

struct str
incoming_file_name(struct arena *a, const struct mime_part *p)
{
	struct str said = mime_get(p->head, "Content-Disposition");
	GMimeContentDisposition *d;
	GMimeContentType *t;
	const char *name;
	struct str out = STR_NONE;

	d = g_mime_content_disposition_parse(
	    NULL, zstring(a, said, PARAMS_MAX));
	name =
	    d ? g_mime_content_disposition_get_parameter(d, "filename") : NULL;
	if (name)
		out = one_line(a, g_strdup(name));
	if (d)
		g_object_unref(d);
	if (out.n || !p->type.n)
		return out;
	t = g_mime_content_type_parse(NULL, zstring(a, p->type, PARAMS_MAX));
	name = t ? g_mime_content_type_get_parameter(t, "name") : NULL;
	if (name)
		out = one_line(a, g_strdup(name));
	if (t)
		g_object_unref(t);
	return out;
}

void
incoming_undo(struct buf *out, struct str body, struct str how)
{
	GMimeContentEncoding encoding = GMIME_CONTENT_ENCODING_DEFAULT;
	GMimeEncoding state;

	if (str_ieq(how, STR("base64")))
		encoding = GMIME_CONTENT_ENCODING_BASE64;
	else if (str_ieq(how, STR("quoted-printable")))
		encoding = GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
	else if (str_ieq(how, STR("x-uuencode")) ||
		 str_ieq(how, STR("uuencode")))
		encoding = GMIME_CONTENT_ENCODING_UUENCODE;
	if (encoding == GMIME_CONTENT_ENCODING_DEFAULT || body.n == 0) {
		buf_adds(out, body);
		return;
	}
	g_mime_encoding_init_decode(&state, encoding);
	(void)buf_reserve(out, g_mime_encoding_outlen(&state, body.n));
	buf_grew(
	    out, g_mime_encoding_step(&state, body.p, body.n, out->p + out->n));
}
