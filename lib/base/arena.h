/* SPDX-License-Identifier: MIT */
/*
 * arena: chunks that are freed at once.  The strings of a record live in the
 * arena that the *caller* passes; a stream resets it per record.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct arena_chunk;
struct arena {
	struct arena_chunk *head; /* the chunk in use */
	char *p;                  /* its free bytes */
	size_t left;
};

#define ARENA_INIT                                                             \
	{                                                                      \
		NULL, NULL, 0                                                  \
	}

void arena_init(struct arena *);
void arena_release(struct arena *);
void arena_clear(struct arena *);            /* keeps one chunk for reuse */
void *arena_alloc(struct arena *, size_t n); /* aligned to 16 */
void *arena_zero(struct arena *, size_t n, size_t size);  /* checked */
void *arena_array(struct arena *, size_t n, size_t size); /* checked */
/* An array of cap items that begins with the n of v, which is given up. */
void *arena_more(
    struct arena *, const void *v, size_t n, size_t cap, size_t size);
/* Copies with a NUL behind, so p may be used as a C string where the bytes
 * hold none. */
struct str arena_str(struct arena *, struct str);
/* ... in lower case, as far as it is ASCII. */
struct str arena_lower(struct arena *, struct str);
char *arena_dup(struct arena *, const char *z);
struct str arena_printf(struct arena *, const char *fmt, ...) BASE_PRINTF(2, 3);
/* Gives the last n bytes of the newest allocation back (of a guess that was
 * too large); returns nothing, does nothing if other allocations followed. */
void arena_trim(struct arena *, void *end_of_used, void *end_of_alloc);

struct arena_mark {
	struct arena_chunk *head;
	char *p;
	size_t left;
};
/* Back to an earlier moment: everything allocated since is given up. */
struct arena_mark arena_mark(const struct arena *);
void arena_rewind(struct arena *, struct arena_mark);

#endif
