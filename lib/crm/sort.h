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

struct sort_key {
	struct str label;
	bool descending;
};

struct sorter_row;
struct sort;

/* keys: `revenue`, `-name`.  2 for a label that no kind of `kinds` (n 0: any
 * label goes) has. */
int sort_open(struct sort **, const char *const *keys, size_t n,
    const struct kind *const *kinds, size_t nkinds, struct err *) BASE_MUST;
void sort_close(struct sort **);
size_t sort_keys(const struct sort *, const struct sort_key **);
/* Adds a record: value i of each key, type TYPE_NONE where absent; payload is
 * copied (the line's bytes, or nothing).  limit 0: all are kept. */
void sort_add(struct sort *, const struct id *, const struct scalar *values,
    struct str payload, size_t limit);
/* After the last: in order.  false at the end. */
void sort_run(struct sort *);
bool sort_next(struct sort *, struct id *, struct str *payload);

#endif
