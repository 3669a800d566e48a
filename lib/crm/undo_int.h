/* SPDX-License-Identifier: MIT */
/*
 * What undo.c (the operation) and undo_row.c (one record) share, and
 * changes.c with them.
 */
#ifndef CRM_UNDO_INT_H
#define CRM_UNDO_INT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "record/row.h"
#include "store/db.h"

/* A copy that outlives the bytes of `from`. */
void row_copy(struct row *to, const struct row *from, struct arena *);
/* Whether two states have the same values under a label; NULL: not there. */
bool row_same(const struct row *, const struct row *, unsigned no);
/* The numbers of labels whose values differ, times left out, in the arena. */
size_t row_changed(
    const struct row *, const struct row *, struct arena *, unsigned **nos);
/* Whether values that both have stand in another order. */
bool row_reordered(
    const struct row *before, const struct row *after, unsigned no);
/* The slot of a label, for its field; NULL: it has none. */
const struct slot *row_slot(const struct row *, unsigned no);

/*
 * Whether what an edit did to a label (before to after) and what a later one
 * did (was to is) concern the same: the field, or of a list one of its values.
 */
bool undo_meets(const struct row *before, const struct row *after,
    const struct row *was, const struct row *is, unsigned no);
/* Whether the label stands as the edit left it: of a list what it added is
 * there, what it removed is not. */
bool undo_stands(const struct row *before, const struct row *after,
    const struct row *now, unsigned no);
/* Takes the edit of one label back in `row`, a copy of what is stored. */
void undo_label(const struct db *, struct row *row, const struct row *before,
    const struct row *after, unsigned no, struct arena *);

#endif
