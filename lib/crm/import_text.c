/* SPDX-License-Identifier: MIT */
#include "crm/import_text.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"

enum {
	BLOCK = 256 * 1024, /* bytes to ask for */
	SLACK = 32,         /* bytes that change a state, not the text */
	NO_TEXT = 0xFF,     /* for a byte that the encoding has not */
};

/* ---- windows ---- */

/* Room for at least n more behind the end. */
static char *
window_room(struct import_window *w, size_t n)
{
	size_t have = w->end - w->pos;

	if (w->pos != 0 && have != 0)
		memmove(w->p, w->p + w->pos, have);
	w->pos = 0;
	w->end = have;
	if (w->cap - have < n) {
		size_t cap = w->cap;

		/* By half, since a long row is looked at whole. */
		while (cap - have < n)
			cap += cap / 2 + BLOCK;
		w->p = mem_resize(w->p, cap, 1);
		w->cap = cap;
	}
	return w->p + w->end;
}

/* ---- opening ---- */

static int
read_block(struct import_text *t, struct import_window *w, struct err *err)
{
	char *p = window_room(w, BLOCK);
	long got;

	if (t->raw_eof)
		return 0;
	got = t->fn(t->arg, p, w->cap - w->end, err);
	if (got < 0)
		return -1;
	w->end += (size_t)got;
	t->raw_eof = got == 0;
	return got > 0;
}

struct mark {
	struct str bytes;
	const char *encoding; /* NULL: UTF-8 */
};

static const struct mark marks[] = {
	{ STR_INIT("\xEF\xBB\xBF"), NULL },
	{ STR_INIT("\xFF\xFE"), "UTF-16LE" },
	{ STR_INIT("\xFE\xFF"), "UTF-16BE" },
};

static const struct mark *
find_mark(const struct import_window *w)
{
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (str_starts(
			str_n(w->p + w->pos, w->end - w->pos), marks[i].bytes))
			return &marks[i];
	return NULL;
}

static bool
is_utf8(const char *name)
{
	return name == NULL || str_ieq(str_of(name), STR("utf-8")) ||
	       str_ieq(str_of(name), STR("utf8"));
}

/* Bytes to go over where they are no character. */
static size_t
unit_of(struct str encoding)
{
	if (str_ieq(str_sub(encoding, 0, 6), STR("utf-32")) ||
	    str_ieq(str_sub(encoding, 0, 5), STR("ucs-4")))
		return 4;
	return str_ieq(str_sub(encoding, 0, 6), STR("utf-16")) ||
		       str_ieq(str_sub(encoding, 0, 5), STR("ucs-2"))
		   ? 2
		   : 1;
}

int
import_text_open(struct import_text *t, const char *encoding,
    source_read_fn *fn, void *arg, struct err *err)
{
	const struct mark *mark;
	int got = 1;

	memset(t, 0, sizeof(*t));
	t->fn = fn;
	t->arg = arg;
	t->line = 1;
	t->from = t->map = NO_ICONV;
	t->encoding = is_utf8(encoding) ? NULL : encoding;
	while (got > 0 && t->raw.end < 3)
		got = read_block(t, &t->raw, err);
	if (got < 0)
		return -1;
	mark = find_mark(&t->raw);
	if (mark != NULL) {
		t->bom = mark->bytes;
		t->encoding = mark->encoding;
		t->raw.pos = mark->bytes.n;
	}
	if (t->encoding == NULL) {
		/* The bytes are the text. */
		t->text = t->raw;
		memset(&t->raw, 0, sizeof(t->raw));
		return 0;
	}
	t->converts = true;
	(void)window_room(&t->text, BLOCK); /* never NULL, as raw */
	t->unit = unit_of(str_of(t->encoding));
	t->from = iconv_open("UTF-8", t->encoding);
	t->map = iconv_open("UTF-8", t->encoding);
	if (t->from == NO_ICONV || t->map == NO_ICONV)
		return err_set(err, STATUS_DATA,
		    "encoding: got '%s', wanted one that iconv -l lists",
		    t->encoding);
	return 0;
}

void
import_text_close(struct import_text *t)
{
	/* Nothing is lost with them. */
	if (t->from != NO_ICONV)
		(void)iconv_close(t->from);
	if (t->map != NO_ICONV)
		(void)iconv_close(t->map);
	mem_free(t->text.p);
	mem_free(t->raw.p);
	memset(t, 0, sizeof(*t));
	t->from = t->map = NO_ICONV;
}

/* ---- converting ---- */

/*
 * Bytes [*at, end) into out until that is full: the bytes written; *at moves
 * on.  Both descriptors go this way, so both see the same text.
 */
static size_t
convert(const struct import_text *t, iconv_t cd, size_t *at, size_t end,
    char *out, size_t room)
{
	bool last = t->raw_eof && end == t->raw.end;
	char *to = out;

	while (*at < end && room > 0) {
		char *in = t->raw.p + *at;
		size_t left = end - *at;
		size_t rc = iconv(cd, &in, &left, &to, &room);

		*at = end - left;
		if (rc != (size_t)-1)
			break;
		if (errno == E2BIG || (errno == EINVAL && !last))
			break;
		if (room == 0)
			break;
		*to++ = (char)NO_TEXT;
		room--;
		*at += t->unit;
		if (errno == EINVAL || *at > end)
			*at = end;
	}
	return (size_t)(to - out);
}

int
import_text_fill(struct import_text *t, struct err *err)
{
	if (t->eof)
		return 0;
	if (!t->converts) {
		int got = read_block(t, &t->text, err);

		t->eof = got == 0;
		return got;
	}
	for (;;) {
		size_t at, n;
		char *out = window_room(&t->text, BLOCK);

		at = t->raw.pos + t->read;
		n = convert(t, t->from, &at, t->raw.end, out,
		    t->text.cap - t->text.end);
		t->read = at - t->raw.pos;
		t->text.end += n;
		if (n > 0)
			return 1;
		if (t->raw_eof)
			break;
		if (read_block(t, &t->raw, err) < 0)
			return -1;
	}
	t->eof = true;
	return 0;
}

size_t
import_text_lines(struct str s)
{
	const char *p = s.p, *end = s.p + s.n;
	size_t n = 0;

	for (; p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
		n++;
	for (p = s.p;
	     p < end && (p = memchr(p, '\r', (size_t)(end - p))) != NULL; p++)
		n += p + 1 == end || p[1] != '\n';
	return n;
}

/* The bytes that the next n of text were made of. */
static struct str
take_raw(struct import_text *t, size_t n)
{
	struct import_window *w = &t->raw;
	size_t from = w->pos, at = from, end = from + t->read;
	char out[4096];

	while (n > 0) {
		size_t room = n < sizeof(out) ? n : sizeof(out);
		size_t before = at;
		/* No more than room can want: iconv does over again what it
		 * has read too far. */
		size_t some = room * t->unit + SLACK;
		size_t got = convert(t, t->map, &at,
		    end - at < some ? end : at + some, out, room);

		n -= got;
		if (got == 0 && at == before)
			break; /* no whole character: see the header */
	}
	t->read -= at - from;
	w->pos = at;
	return str_n(w->p + from, at - from);
}

struct str
import_text_take(struct import_text *t, size_t n)
{
	struct str s = str_n(t->text.p + t->text.pos, n);

	t->line += import_text_lines(s);
	t->text.pos += n;
	return t->converts ? take_raw(t, n) : s;
}
