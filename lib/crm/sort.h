/* SPDX-License-Identifier: MIT */
/*
 * Sorting of answers (QUERY.md section 7): by type, numbers and dates by
 * value, enums by declared order, text by folded key then bytes; ties by id;
 * absent last both ways.  With a limit only the first N are kept.
 */
#ifndef CRM_SORT_H
#define CRM_SORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "record/schema.h"
#include "record/value.h"

enum { SORT_KEYS_MAX = 16 };

struct sort_key {
	struct str label;
	bool descending;
};

struct sorter_row;
struct sort;

/* keys: `revenue`, `-name`; whether a kind has them is the caller's to ask.
 * 2 for more keys than SORT_KEYS_MAX. */
int sort_open(
    struct sort **, const char *const *keys, size_t n, struct err *) BASE_MUST;
void sort_close(struct sort **);
size_t sort_keys(const struct sort *, const struct sort_key **);
/* Adds a record: value i of each key, type TYPE_NONE where absent; payload is
 * copied (the line's bytes, or nothing).  limit 0: all are kept. */
void sort_add(struct sort *, const struct id *, const struct scalar *values,
    struct str payload, size_t limit);
/* A value as sorting sees it: of an enum with declared values the place of
 * this one. */
void sort_scalar(const struct field *, struct scalar *);
/* After the last: puts them in order; how many were added in all. */
size_t sort_run(struct sort *);
/* The next one; false at the end. */
bool sort_next(struct sort *, struct id *, struct str *payload);

#endif
