/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"

enum { BUF_FIRST = 64 };

char buf_empty[1];

void
buf_init(struct buf *b)
{
	b->p = buf_empty;
	b->n = 0;
	b->cap = 0;
}

void
buf_release(struct buf *b)
{
	if (b->cap != 0)
		mem_free(b->p);
	buf_init(b);
}

void
buf_clear(struct buf *b)
{
	buf_cut(b, 0);
}

char *
buf_reserve_more(struct buf *b, size_t n)
{
	size_t need, cap;

	if (num_add_size(&need, b->n, n) || num_add_size(&need, need, 1))
		need = SIZE_MAX; /* mem_resize gives up on it */
	if (need > b->cap) {
		cap = b->cap < BUF_FIRST ? BUF_FIRST : b->cap;
		while (cap < need)
			cap = cap > SIZE_MAX / 2 ? need : cap * 2;
		b->p = mem_resize(b->cap != 0 ? b->p : NULL, cap, 1);
		b->cap = cap;
		b->p[b->n] = '\0';
	}
	return b->p + b->n;
}

void
buf_addi(struct buf *b, long long v)
{
	buf_grew(b, num_format(v, buf_reserve(b, 24)));
}

void
buf_add_noun(struct buf *b, const char *noun, unsigned long long n)
{
	size_t len = strlen(noun);

	if (n != 1 && len > 0 && noun[len - 1] == 'y') {
		buf_add(b, noun, len - 1);
		buf_addz(b, "ies");
	} else {
		buf_add(b, noun, len);
		buf_addz(b, n != 1 ? "s" : "");
	}
}

void
buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	buf_reserve(b, BUF_FIRST);
	n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, ap);
	if (n > 0 && (size_t)n >= b->cap - b->n) {
		buf_reserve(b, (size_t)n);
		n = vsnprintf(b->p + b->n, b->cap - b->n, fmt, again);
	}
	va_end(again);
	buf_grew(b, n > 0 ? (size_t)n : 0);
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}

void
buf_cut(struct buf *b, size_t n)
{
	if (n < b->n)
		b->n = n;
	if (b->cap != 0)
		b->p[b->n] = '\0';
}

void
buf_add_visible(struct buf *b, struct str s)
{
	size_t i = 0;

	while (i < s.n) {
		unsigned char c = (unsigned char)s.p[i];
		uint32_t cp;
		size_t k;

		if (c >= 0x20 && c < 0x7F) {
			buf_addc(b, (char)c);
			i++;
			continue;
		}
		k = utf8_decode(str_sub(s, i, s.n), &cp);
		if (k == 1 && c >= 0x80)
			buf_addf(b, "\\x%02x", (unsigned)c); /* no UTF-8 */
		else if (!utf8_invisible(cp))
			buf_add(b, s.p + i, k);
		else if (cp < 0xA0)
			buf_addf(b, "\\x%02x", (unsigned)cp);
		else
			buf_addf(b, "\\u{%04X}", (unsigned)cp);
		i += k;
	}
}
