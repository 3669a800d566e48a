/* SPDX-License-Identifier: MIT */
/*
 * buf: growing bytes.  p is never NULL after init and there is always a NUL
 * behind p[n-1]; the bytes may hold NULs.  Growth doubles; sizes are checked.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct buf {
	char *p;
	size_t n;
	size_t cap;
};

extern char buf_empty[1];
#define BUF_INIT                                                               \
	{                                                                      \
		buf_empty, 0, 0                                                \
	}

void buf_init(struct buf *);
void buf_release(struct buf *);                 /* safe on a released one */
void buf_clear(struct buf *);                   /* keeps the memory */
char *buf_reserve_more(struct buf *, size_t n); /* for buf_reserve */
void buf_addi(struct buf *, long long);
/* An English noun for n of what it names: "contact", "companies". */
void buf_add_noun(struct buf *, const char *noun, unsigned long long n);
void buf_addf(struct buf *, const char *fmt, ...) BASE_PRINTF(2, 3);
void buf_vaddf(struct buf *, const char *fmt, va_list) BASE_PRINTF(2, 0);
void buf_cut(struct buf *, size_t n); /* shorten to n bytes */
/* Adds text that may hold anything so that a terminal and a log line stay
 * whole: control characters as \xNN, bidi and zero-width ones as \u{202E},
 * bytes that are no UTF-8 as \xNN (CLI.md section 5). */
void buf_add_visible(struct buf *, struct str);

/* Room for n more bytes (and the NUL); p[n..] may then be written and
 * buf_grew called. */
static inline char *
buf_reserve(struct buf *b, size_t n)
{
	if (n >= b->cap - b->n)
		return buf_reserve_more(b, n);
	return b->p + b->n;
}

static inline void
buf_grew(struct buf *b, size_t n)
{
	b->n += n;
	if (b->cap != 0)
		b->p[b->n] = '\0';
}

static inline void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0)
		return;
	memcpy(buf_reserve(b, n), p, n);
	buf_grew(b, n);
}

static inline void
buf_adds(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.n);
}

static inline void
buf_addz(struct buf *b, const char *z)
{
	buf_add(b, z, strlen(z));
}

static inline void
buf_addc(struct buf *b, char c)
{
	if (b->n + 1 >= b->cap)
		(void)buf_reserve(b, 1); /* never fails: mem.h */
	b->p[b->n++] = c;
	b->p[b->n] = '\0';
}

static inline struct str
buf_str(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}

#endif
