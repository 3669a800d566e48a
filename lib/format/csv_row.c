/* SPDX-License-Identifier: MIT */
#include "format/csv_row.h"

#include <assert.h>
#include <string.h>

#include "format/internal.h"
#include "record/rec.h"

bool
csv_scan_row(const struct csv_form *f, struct csv_scan *s, struct str text)
{
	const char *q;

	for (; s->at < text.n; s->at++) {
		char b = text.p[s->at];

		if (s->state == AT_QUOTED) {
			q = memchr(text.p + s->at, '"', text.n - s->at);
			if (q == NULL)
				break;
			s->at = (size_t)(q - text.p);
			s->state = AT_QUOTE;
			continue;
		}
		if (b == '\n' || (b == '\r' && f->cr))
			return true;
		if (b == f->delim)
			s->state = AT_CELL;
		else if (b == '"' && f->quotes && s->state != AT_PLAIN)
			/* Within quotes two of them are one. */
			s->state = AT_QUOTED;
		else
			s->state = AT_PLAIN;
	}
	s->at = text.n;
	return false;
}

/* Where the quote is that closes a cell (the one that is not doubled), or end;
 * *doubled: there was one that is. */
static const char *
closing_quote(const char *p, const char *end, bool *doubled)
{
	*doubled = false;
	while (p < end && (p = memchr(p, '"', (size_t)(end - p))) != NULL) {
		if (p + 1 == end || p[1] != '"')
			return p;
		*doubled = true;
		p += 2;
	}
	return end;
}

/* A quoted cell at its quote; *p is moved behind it. */
static bool
quoted_cell(const struct csv_form *f, const char **p, const char *end,
    struct arena *a, struct str *out, struct err *err)
{
	const char *from = *p + 1, *q;
	char *w, *begin;
	bool doubled;
	const char *close = closing_quote(from, end, &doubled);

	*out = str_n(from, (size_t)(close - from));
	if (doubled) {
		begin = w = arena_alloc(a, out->n);
		for (q = from; q < close; q++) {
			if (*q == '"')
				q++;
			*w++ = *q;
		}
		*out = str_n(begin, (size_t)(w - begin));
	}
	*p = close < end ? close + 1 : end;
	if (*p < end && **p != f->delim) {
		reader_bad(err, "text behind the closing quote of '%.*s'",
		    STR_ARG(reader_clip(*out)));
		return false;
	}
	return true;
}

bool
csv_split_row(const struct csv_form *f, struct str row, struct arena *a,
    struct str *cell, size_t max, size_t *n, struct err *err)
{
	const char *p = row.p, *end = row.p + row.n;

	assert(p != NULL);
	for (*n = 0;;) {
		struct str v;

		if (f->quotes && p < end && *p == '"') {
			if (!quoted_cell(f, &p, end, a, &v, err))
				return false;
		} else {
			const char *q = memchr(p, f->delim, (size_t)(end - p));

			v = str_n(p, (size_t)((q != NULL ? q : end) - p));
			p = q != NULL ? q : end;
			if (!f->quotes && memchr(v.p, '\\', v.n) != NULL)
				v = unescape(v, a);
		}
		if (*n < max)
			cell[*n] = v;
		++*n;
		if (p >= end)
			return true;
		p++;
	}
}

/* Where the n-th delimiter stands, or row.n; *seen: how many were met. */
static size_t
find_delim(const struct csv_form *f, struct str row, size_t n, size_t *seen)
{
	struct csv_scan s = CSV_SCAN_INIT;
	size_t i;

	*seen = 0;
	for (i = 0; i < row.n; i++) {
		if (s.state != AT_QUOTED && row.p[i] == f->delim &&
		    ++*seen == n)
			return i;
		(void)csv_scan_row(f, &s, str_n(row.p, i + 1));
	}
	return row.n;
}

size_t
csv_cells_length(const struct csv_form *f, struct str row, size_t n)
{
	size_t seen;

	return find_delim(f, row, n, &seen);
}

size_t
csv_cells_count(const struct csv_form *f, struct str row)
{
	size_t seen;

	(void)find_delim(f, row, 0, &seen);
	return seen + 1;
}

void
csv_put_cell(const struct csv_form *f, struct str s, struct buf *out)
{
	size_t i;

	if (!f->quotes) {
		escape_into(s, out);
		return;
	}
	buf_addc(out, '"');
	for (i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_addc(out, '"');
		buf_addc(out, s.p[i]);
	}
	buf_addc(out, '"');
}
