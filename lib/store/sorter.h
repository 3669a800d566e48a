/* SPDX-License-Identifier: MIT */
/*
 * Keys sorted before they are put: what fits in memory is sorted there, the
 * rest in runs on a temporary file that are merged at the end (STORE.md,
 * Write path).  Of equal keys the last one added counts, so that what an
 * operation first puts and then takes back is taken back.
 */
#ifndef STORE_SORTER_H
#define STORE_SORTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

enum { SORTER_KEY_MAX = 1024, SORTER_VALUE_MAX = 127 };
#define SORTER_MEMORY ((size_t)64 << 20)

struct sorter;
/* dir: where a run is spilled (copied); NULL: never, all is kept in memory.
 * memory: bytes that a run may take; 0: SORTER_MEMORY. */
struct sorter *sorter_new(const char *dir, size_t memory);
void sorter_free(struct sorter **);
/* Empties it for reuse; memory is kept. */
void sorter_clear(struct sorter *);
/*
 * Copies key and value.  tail: how many bytes at the end of the key (16: an
 * id; 0) mostly rise from one call to the next; where they all do, keys that
 * are alike before them are in order as they came (what is before them must
 * then be no beginning of another's).  -1: a run could not be
 * written.
 */
int sorter_add(struct sorter *, struct str key, size_t tail, struct str value,
    bool del, struct err *) BASE_MUST;
bool sorter_empty(const struct sorter *);
/* Ends adding. */
int sorter_sort(struct sorter *, struct err *) BASE_MUST;
/* Back to the first key, to go through them again. */
int sorter_rewind(struct sorter *, struct err *) BASE_MUST;
/* The next key in order: 1, 0, -1.  Views are valid until the next call. */
int sorter_next(struct sorter *, struct str *key, struct str *value, bool *del,
    struct err *) BASE_MUST;

#endif
