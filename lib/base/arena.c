/* SPDX-License-Identifier: MIT */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/num.h"

enum {
	ARENA_ALIGN = 16,
	ARENA_FIRST = 4096,      /* bytes of the first chunk, header included */
	ARENA_MOST = 256 * 1024, /* chunks double up to this */
	ARENA_KEEP = 4 * 1024 * 1024, /* a larger one is not kept for reuse */
};

struct arena_chunk {
	struct arena_chunk *older;
	size_t size; /* header included */
};

/* Bytes of the header, so that what follows is aligned as malloc's is. */
#define ARENA_HEAD                                                             \
	((sizeof(struct arena_chunk) + ARENA_ALIGN - 1) & ~(size_t)15)

void
arena_init(struct arena *a)
{
	a->head = NULL;
	a->p = NULL;
	a->left = 0;
}

static void
chunk_use(struct arena *a, struct arena_chunk *c)
{
	a->head = c;
	a->p = c != NULL ? (char *)c + ARENA_HEAD : NULL;
	a->left = c != NULL ? c->size - ARENA_HEAD : 0;
}

/* Frees the chunks that are newer than `last`. */
static void
chunks_drop(struct arena *a, const struct arena_chunk *last)
{
	while (a->head != last && a->head != NULL) {
		struct arena_chunk *older = a->head->older;

		mem_free(a->head);
		a->head = older;
	}
}

void
arena_release(struct arena *a)
{
	chunks_drop(a, NULL);
	arena_init(a);
}

void
arena_clear(struct arena *a)
{
	struct arena_chunk *keep = a->head;

	if (keep != NULL && keep->size <= ARENA_KEEP) {
		a->head = keep->older;
		keep->older = NULL;
	} else {
		keep = NULL;
	}
	chunks_drop(a, NULL);
	chunk_use(a, keep);
}

static void
chunk_new(struct arena *a, size_t n)
{
	size_t size = ARENA_FIRST;
	size_t need;
	struct arena_chunk *c;

	if (num_add_size(&need, n, ARENA_HEAD + ARENA_ALIGN))
		need = SIZE_MAX; /* mem_alloc gives up on it */
	if (a->head != NULL)
		size = a->head->size < ARENA_MOST / 2 ? a->head->size * 2
						      : ARENA_MOST;
	if (size < need)
		size = need;
	c = mem_alloc(size);
	c->older = a->head;
	c->size = size;
	chunk_use(a, c);
}

/* n bytes at the next address that is a multiple of align. */
static void *
take(struct arena *a, size_t n, size_t align)
{
	size_t skip = (size_t)(-(uintptr_t)a->p & (align - 1));
	char *p;

	if (n == 0)
		n = 1; /* so that arena_trim can tell what is newest */
	if (a->left < skip || a->left - skip < n) {
		chunk_new(a, n);
		skip = 0;
	}
	p = a->p + skip;
	a->p = p + n;
	a->left -= skip + n;
	return p;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	return take(a, n, ARENA_ALIGN);
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	size_t total;

	if (num_mul_size(&total, n, size))
		total = SIZE_MAX;
	return take(a, total, ARENA_ALIGN);
}

void *
arena_more(struct arena *a, const void *v, size_t n, size_t cap, size_t size)
{
	void *more = arena_array(a, cap, size);

	if (n > 0)
		memcpy(more, v, n * size);
	return more;
}

void *
arena_zero(struct arena *a, size_t n, size_t size)
{
	void *p = arena_array(a, n, size);

	memset(p, 0, n * size);
	return p;
}

struct str
arena_str(struct arena *a, struct str s)
{
	char *p;

	if (s.p == NULL)
		return s;
	p = take(a, s.n + 1, 1);
	memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

struct str
arena_lower(struct arena *a, struct str s)
{
	char *p = take(a, s.n + 1, 1);

	for (size_t i = 0; i < s.n; i++)
		p[i] = ascii_tolower(s.p[i]);
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

char *
arena_dup(struct arena *a, const char *z)
{
	size_t n = strlen(z) + 1;
	char *p = take(a, n, 1);

	memcpy(p, z, n);
	return p;
}

struct str
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	p = take(a, (size_t)n + 1, 1);
	p[0] = '\0';
	va_start(ap, fmt);
	n = vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (struct str){ p, n > 0 ? (size_t)n : 0 };
}

void
arena_trim(struct arena *a, void *end_of_used, void *end_of_alloc)
{
	char *used = end_of_used;

	if ((char *)end_of_alloc != a->p || used > a->p)
		return;
	a->left += (size_t)(a->p - used);
	a->p = used;
}

struct arena_mark
arena_mark(const struct arena *a)
{
	return (struct arena_mark){ a->head, a->p, a->left };
}

void
arena_rewind(struct arena *a, struct arena_mark m)
{
	/* A mark of an empty arena: keep one chunk for reuse. */
	if (m.head == NULL) {
		arena_clear(a);
		return;
	}
	chunks_drop(a, m.head);
	a->p = m.p;
	a->left = m.left;
}
