/* SPDX-License-Identifier: MIT */
/*
 * Ids: ULID (github.com/ulid/spec): 48 bits of milliseconds, 80 random bits;
 * 16 bytes, written as 26 characters of Crockford base 32 in upper case.
 * Byte order is creation order.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/str.h"

enum { ID_TEXT = 26, ID_BYTES = 16 };

struct id {
	unsigned char b[ID_BYTES];
};

static inline int
id_cmp(const struct id *a, const struct id *b)
{
	return memcmp(a->b, b->b, ID_BYTES);
}

/* Its bytes, as keys and references have them; a view. */
static inline struct str
id_str(const struct id *id)
{
	return str_n(id->b, ID_BYTES);
}

/* Writes 26 characters, no NUL. */
void id_format(const struct id *, char out[ID_TEXT]);
/* 26 characters, any case, I and L as 1, O as 0, the first 0 to 7. */
bool id_parse(struct str, struct id *);
/* Whether s has the form of an id suffix: 4 to 25 characters of the alphabet
 * (any case, I L O read as above). */
bool id_is_suffix(struct str);
/* Canonical (upper case, I L O mapped) form of a suffix into out, NUL behind.
 */
void id_suffix_canon(struct str, char out[ID_TEXT]);
int64_t id_ms(const struct id *); /* its milliseconds since 1970 */
bool id_next(struct id *);        /* + 1; false on overflow */
/* An id of that millisecond with 80 random bits (rnd.h). */
void id_make(int64_t ms, struct id *);

#endif
