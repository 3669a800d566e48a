/* SPDX-License-Identifier: MIT */
/*
 * Refused rows: their bytes as they came, with where and why behind, under the
 * source's header and in its encoding, so that the mended file is a source
 * again.
 */
#include <errno.h>
#include <string.h>

#include "crm/import_source_int.h"
#include "format/json.h"

/* Appends UTF-8 in the source's encoding; what that has not as '?'. */
static void
put(struct source *s, struct buf *text, struct buf *out)
{
	char *in = text->p, *to;
	size_t left = text->n, room, rc;

	if (!s->text.converts) {
		buf_adds(out, buf_str(text));
		return;
	}
	if (s->to == NO_ICONV)
		s->to = iconv_open(s->text.encoding, "UTF-8");
	if (s->to == NO_ICONV)
		return; /* one that can only be read */
	while (left > 0) {
		room = left * 4 + 16;
		to = buf_reserve(out, room);
		rc = iconv(s->to, &in, &left, &to, &room);
		buf_grew(out, (size_t)(to - (out->p + out->n)));
		if (rc != (size_t)-1 || errno == E2BIG)
			continue;
		/* A character that the encoding has not: all of its bytes. */
		*in = '?';
		for (rc = 1;
		     rc < left && ((unsigned char)in[rc] & 0xC0) == 0x80; rc++)
			;
		in[rc - 1] = '?';
		in += rc - 1;
		left -= rc - 1;
	}
}

static bool
stands_alone(const struct source *s, size_t line)
{
	size_t i;

	for (i = 0; i < s->alone.n; i++)
		if (s->alone.v[i] == line)
			return true;
	return false;
}

static void
table_reject(struct source *s, struct str raw, size_t line, struct str why,
    struct buf *out)
{
	struct buf b = BUF_INIT;
	size_t end;

	if (!s->rejected) {
		buf_adds(out, s->text.bom);
		buf_adds(out, s->header);
		buf_addf(&b, "%c_line%c_error%.*s", s->form.delim,
		    s->form.delim, STR_ARG(s->eol));
		put(s, &b, out);
		buf_clear(&b);
	}
	buf_adds(out, raw);
	if (stands_alone(s, line)) {
		/* What goes on to the end of the file has its line end. */
		end = out->n;
		buf_adds(&b, s->eol);
		put(s, &b, out);
		if (str_ends(raw, str_sub(buf_str(out), end, out->n)))
			buf_cut(out, end);
	} else {
		buf_addf(&b, "%c%zu%c", s->form.delim, line, s->form.delim);
		csv_put_cell(&s->form, why, &b);
		buf_adds(&b, s->eol);
		put(s, &b, out);
	}
	buf_release(&b);
}

/* raw is its text: no byte of an object is more than what it says. */
static void
json_reject(struct source *s, struct str raw, size_t line, struct str why,
    struct buf *out)
{
	struct buf b = BUF_INIT;
	size_t i, n = stands_alone(s, line) ? 0 : json_tail(raw);

	if (!s->rejected)
		buf_adds(out, s->text.bom);
	if (n == 0) {
		/* No object that could take two keys more. */
		buf_adds(&b, raw);
	} else {
		/* On one line, whatever came: so the file is lines. */
		for (i = 0; i < n; i++)
			buf_addc(&b, raw.p[i] == '\n' || raw.p[i] == '\r'
					 ? ' '
					 : raw.p[i]);
		buf_addf(
		    &b, "%s\"_line\":%zu,\"_error\":", n > 1 ? "," : "", line);
		json_put_string(&b, why);
		buf_addc(&b, '}');
	}
	buf_addc(&b, '\n');
	put(s, &b, out);
	buf_release(&b);
}

void
source_reject(struct source *s, struct str raw, size_t line, struct str why,
    struct buf *out)
{
	if (raw.n == 0)
		return; /* a row of the object before it */
	if (s->json)
		json_reject(s, raw, line, why, out);
	else
		table_reject(s, raw, line, why, out);
	s->rejected = true;
}
