/* SPDX-License-Identifier: MIT */
/*
 * Change lines (FORMAT.md section 14): what differs between two states of a
 * record, one line a field changed.
 */
#ifndef CRM_CHANGES_H
#define CRM_CHANGES_H

#include "base/arena.h"
#include "base/err.h"
#include "record/rec.h"
#include "record/row.h"
#include "store/db.h"
#include "store/history.h"

/* What the transport labels of the lines say; none (p NULL): left out. */
struct change_meta {
	struct str op, at, by, prog, seq;
	/* `undo`, `redo`, `merge`: what `_do` says instead of add, rm and
	 * edit.  Of a record that went or came `_field:id` then tells which:
	 * `_old` or `_new` is its id; of one that was merged both are there,
	 * `_new` that of the survivor. */
	struct str what;
	/* Ids that no stored record will have: the record's own and
	 * references to them are left out.  NULL: there are none. */
	bool (*hidden)(void *arg, const struct id *);
	void *arg;
};

/* A row as a line, stored fields in canonical order. */
void change_record(const struct db *, const struct row *,
    const struct change_meta *, struct arena *, struct rec *);
/*
 * Calls fn for each line: `before` NULL: one `_do:add` with the whole record;
 * `after` NULL: one `_do:rm`; else `_do:edit`, a line for each value that
 * came or went.
 */
int change_lines(const struct db *, const struct row *before,
    const struct row *after, const struct change_meta *, struct arena *,
    int (*fn)(void *arg, const struct rec *, struct err *), void *arg,
    struct err *) BASE_MUST;
/* The line of one saved score, of a record as `row` has it (NULL: its id is
 * all that is known). */
void change_score(const struct id *, const struct row *,
    const struct history_score *, const struct change_meta *, struct arena *,
    struct rec *);
/* A line that was made without meta, with it. */
void change_dress(const struct rec *, const struct change_meta *,
    struct arena *, struct rec *out);
/* The line of a change of the schema, or of a record that was erased. */
void change_schema(const struct change_meta *, struct arena *, struct rec *);
void change_erased(const struct id *, const struct change_meta *,
    struct arena *, struct rec *);

#endif
