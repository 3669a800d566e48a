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

/* What the transport labels of the lines say; none (p NULL): left out. */
struct change_meta {
	struct str op, at, by, prog, seq;
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

#endif
