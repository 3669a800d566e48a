/* SPDX-License-Identifier: MIT */
/*
 * row: a record as the store has it: numbered fields with stored bytes.
 * Between a line (rec) and the store's codec.  Bytes are views: of an arena
 * when it is made from input, of the map when it is read (valid until the
 * transaction moves).
 */
#ifndef RECORD_ROW_H
#define RECORD_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/id.h"
#include "record/rec.h"
#include "record/schema.h"
#include "record/value.h"

/* Hybrid logical clock stamp (STORE.md, Change log). */
struct stamp {
	uint64_t ms; /* 48 bits */
	uint16_t counter;
	uint32_t node;
};
int stamp_cmp(const struct stamp *, const struct stamp *);

struct slot {
	const struct field *f; /* NULL: a number the schema no longer knows */
	uint16_t no;
	struct str v; /* stored bytes; n 0: removed, kept for stamp */
	bool stamped; /* stamp differs from the row's */
	struct stamp stamp;
};

enum {
	ROW_DELETED = 4,
	ROW_RESTRICTED = 8,
	ROW_ERASED = 16, /* with DELETED: gone for good */
};

struct row {
	struct id id;
	const struct kind *kind;
	unsigned flags;
	struct stamp stamp; /* of the newest whole-record write */
	uint64_t rev;
	uint64_t lsn; /* newest log entry about this record */
	uint32_t seq;
	struct slot *v; /* canonical order; x.NAME by label bytes */
	size_t n, cap;
	/* x.NAME labels have no struct field of their own: f is the family
	 * and their label is found through the store's dictionary. */
};

/* When a slot was written: with the row, or by itself. */
static inline struct stamp
slot_stamp(const struct row *row, const struct slot *s)
{
	return s->stamped ? s->stamp : row->stamp;
}

void row_add(struct row *, struct arena *, const struct field *, unsigned no,
    struct str bytes);
/* The next live value of a label number after *i; false at the end. */
bool row_next(const struct row *, unsigned no, size_t *i, struct str *v);
/* The next record of that kind that the row refers to. */
bool row_next_ref(
    const struct row *, const char *kind, size_t *i, struct str *id);
struct str row_get(const struct row *, unsigned no); /* first, or none */
int row_places(const struct row *); /* of its currency; -1 none */
/* How many slots a label has, removed ones too; they stand together, from
 * *from. */
size_t row_slots(const struct row *, unsigned no, size_t *from);
void row_drop(struct row *, unsigned no); /* all slots of a label */

#endif
