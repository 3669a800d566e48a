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
#include "base/vec.h"
#include "crm/ops.h"
#include "crm/undo.h"
#include "record/row.h"
#include "store/agg.h"
#include "store/db.h"
#include "store/history.h"

enum { UNDO_SUMMARY = 200 };

/* A reference that was set back while its record was not there (yet). */
struct undo_link {
	struct id from, to;
	unsigned no;
};

struct undoing {
	struct db *db;
	struct undo *want;
	struct op *op;
	struct reading *rd;
	struct ops *ops;
	struct history_op x; /* what is taken back */
	bool redo;           /* it is an undo */
	struct arena a;      /* of the entry at hand */
	VEC(struct undo_link) links;
	char summary[UNDO_SUMMARY];
	struct err *err;
};

/* One entry, and the record that it is about. */
struct taken {
	struct id id;
	uint32_t seq;
	struct row before, after, now;
	bool has_before, has_after, has_now;
	bool last;  /* the operation's last entry about it */
	bool later; /* other operations wrote it since */
};

/* Fields that later operations changed, each with the newest of them that
 * holds, else the newest. */
struct hit {
	unsigned no;
	uint64_t lsn;
	bool live;
};
struct hits {
	struct hit *v;
	size_t n, cap;
	uint64_t newest; /* that wrote the record at all */
	bool live;
};

/* ---- undo_judge.c ---- */
/* Notes a clash.  True: it does not count, as --force overwrites. */
bool undo_clash(struct undoing *, bool hard, const char *fmt, ...)
    BASE_PRINTF(3, 4);
void undo_add_clash(struct undoing *, const char *text);
/* "K7BV Ana Núñez", of the record as `row` has it (NULL: the id alone). */
const char *undo_name(
    struct undoing *, const struct id *, const struct row *row);
const char *undo_taken(struct undoing *, const struct taken *);
/* "operation 44, crm-edit of ana at 2026-03-02T09:05:00Z" */
const char *undo_operation(struct undoing *, uint64_t lsn);
const char *undo_label_text(
    struct undoing *, unsigned no, const struct taken *);
/* The states around the entry: 1; 0 they were erased; -1. */
int undo_states(struct undoing *, struct taken *, struct err *) BASE_MUST;
int undo_hits(struct undoing *, const struct taken *, struct hits *,
    struct err *) BASE_MUST;
const struct hit *undo_hit(const struct hits *, unsigned no);
/* Whether a field may be set back; says what is in the way.  stands: it has
 * the value that the entry left. */
bool undo_may_set(struct undoing *, const struct taken *, const struct hits *,
    unsigned no, bool stands);

/* ---- undo_entry.c, undo_score.c, undo_schema.c ---- */
int undo_record(
    struct undoing *, const struct history_entry *, struct err *) BASE_MUST;
/* An entry without payload: this operation erased, or a later one did. */
int undo_erased(
    struct undoing *, const struct history_entry *, struct err *) BASE_MUST;
int undo_score(
    struct undoing *, const struct history_entry *, struct err *) BASE_MUST;
int undo_schema(
    struct undoing *, const struct history_entry *, struct err *) BASE_MUST;
/* Leaves references out that were set back and lead nowhere. */
int undo_links(struct undoing *, struct err *) BASE_MUST;
/* Tells who listens of one record. */
int undo_tell(struct undoing *, const struct row *before,
    const struct row *after, struct err *) BASE_MUST;

/* ---- undo_row.c ---- */

/* A copy that outlives the bytes of `from`. */
void row_copy(struct row *to, const struct row *from, struct arena *);
/* Whether two states have the same values under a label; NULL: not there. */
bool row_same(const struct row *, const struct row *, unsigned no);
/* The numbers of labels whose values differ, but for updated, in the arena. */
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
