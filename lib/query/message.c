/* SPDX-License-Identifier: MIT */
/* Messages with the query and a caret below (QUERY.md 9, CLI.md 5). */
#include "query/internal.h"

#include <stdio.h>

#include "base/utf8.h"

enum {
	SHOWN_MAX = 72,   /* bytes of a value that a message shows */
	CARET_MAX = 40,   /* columns of caret and tildes */
	CONTEXT_MIN = 24, /* columns kept on either side of it */
};

/* s without its last character. */
static struct str
drop_last(struct str s)
{
	while (s.n > 0 && ((unsigned char)s.p[s.n - 1] & 0xc0) == 0x80)
		s.n--;
	if (s.n > 0)
		s.n--;
	return s;
}

const char *
query_shown(struct str s, struct arena *a)
{
	struct buf b = BUF_INIT;
	struct str cut = s;
	char *z;

	while (cut.n > SHOWN_MAX)
		cut = drop_last(cut);
	buf_add_visible(&b, cut);
	/* Escapes are longer than what they stand for. */
	while (b.n > SHOWN_MAX) {
		cut = drop_last(cut);
		buf_clear(&b);
		buf_add_visible(&b, cut);
	}
	if (cut.n < s.n)
		buf_addz(&b, "...");
	z = arena_dup(a, b.p);
	buf_release(&b);
	return z;
}

/* Appends s on one line, blanks for line ends and tabs. */
static void
add_line(struct buf *b, struct str s)
{
	size_t i, from = 0;

	for (i = 0; i <= s.n; i++) {
		if (i < s.n && !(ascii_space((unsigned char)s.p[i])))
			continue;
		buf_add_visible(b, str_sub(s, from, i - from));
		if (i < s.n)
			buf_addc(b, ' ');
		from = i + 1;
	}
}

static void
add_times(struct buf *b, char c, int n)
{
	while (n-- > 0)
		buf_addc(b, c);
}

/* The two lines; `room` is what the message still holds. */
static void
add_caret(struct buf *out, struct str text, size_t pos, size_t len, size_t room)
{
	struct buf pre = BUF_INIT, mid = BUF_INIT, post = BUF_INIT;
	struct str a, b, c;
	bool cut_a = false, cut_c = false;
	int width;

	add_line(&pre, str_sub(text, 0, pos));
	add_line(&mid, str_sub(text, pos, len));
	add_line(&post, str_sub(text, pos + len, text.n));
	a = buf_str(&pre);
	b = buf_str(&mid);
	c = buf_str(&post);
	while (utf8_width(b) > CARET_MAX) {
		b = drop_last(b);
		c = STR("...");
	}
	/* The line, its prefix again as blanks, the caret, and 16 over. */
	for (;;) {
		size_t need = 2 * (size_t)utf8_width(a) + a.n + b.n + c.n +
			      (size_t)utf8_width(b) + 16;

		if (need <= room)
			break;
		if (c.n > CONTEXT_MIN) {
			c = drop_last(c);
			cut_c = true;
		} else if (a.n > 0) {
			uint32_t cp;

			a = str_sub(a, utf8_decode(a, &cp), a.n);
			cut_a = true;
		} else {
			break;
		}
	}
	buf_addz(out, "\n  ");
	if (cut_a)
		buf_addz(out, "...");
	buf_adds(out, a);
	buf_adds(out, b);
	buf_adds(out, c);
	if (cut_c)
		buf_addz(out, "...");
	buf_addz(out, "\n  ");
	add_times(out, ' ', utf8_width(a) + (cut_a ? 3 : 0));
	width = utf8_width(b);
	buf_addc(out, '^');
	add_times(out, '~', width - 1);
	buf_release(&pre);
	buf_release(&mid);
	buf_release(&post);
}

int
query_fail(struct str text, bool caret, size_t pos, size_t len, struct err *err,
    const char *fmt, ...)
{
	struct buf b = BUF_INIT;
	va_list ap;

	buf_addz(&b, err_text("query: "));
	va_start(ap, fmt);
	buf_vaddf(&b, err_text(fmt), ap);
	va_end(ap);
	if (pos > text.n)
		pos = text.n;
	if (len > text.n - pos)
		len = text.n - pos;
	if (caret) {
		/* At most three lines: the cure gives way. */
		buf_cut(&b, str_find(buf_str(&b), '\n'));
		if (b.n < ERR_MSG_MAX)
			add_caret(&b, text, pos, len, ERR_MSG_MAX - b.n);
	}
	err_set(err, STATUS_USAGE, "%s", b.p);
	buf_release(&b);
	return -1;
}
