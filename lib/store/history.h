/* SPDX-License-Identifier: MIT */
/*
 * The change log read again (STORE.md, Change log): operations by number,
 * and the states of one record, newest first, each made from the one after
 * it by taking an entry back.  Audit, undo, as-of and feed stand on this.
 *
 * Everything is read in the snapshot of the reading that is given; what is
 * handed out lives in the arena that is named, or until the next step.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "record/row.h"
#include "store/db.h"

enum history_flags {
	HISTORY_UNDO = 1,
	HISTORY_REDO = 2,
	HISTORY_PEER = 4,
	HISTORY_MERGE = 16
};

/* The header of an operation. */
struct history_op {
	uint64_t lsn;
	struct id op, undone; /* undone: the one that an undo took back, or
			       * the undo that a redo took back */
	unsigned flags;       /* HISTORY_* */
	int64_t ms;           /* when, of its hybrid clock */
	uint32_t uid;
	uint64_t entries;
	struct str prog, summary; /* in the arena */
};

enum history_type {
	HISTORY_CREATE = 1, /* before: none */
	HISTORY_EDIT,
	HISTORY_DELETE, /* after: none */
	HISTORY_ERASED, /* neither is known any more */
	HISTORY_SCHEMA, /* of no record: text */
	HISTORY_SCORE,  /* saved scores of a record, which stays as it is */
};
/* One entry by its number, without the states. */
struct history_entry {
	uint64_t lsn;
	uint32_t seq;
	enum history_type type;
	struct id id;    /* SCHEMA: zeros */
	struct str text; /* SCHEMA: what stood before, in the arena; SCORE:
			  * bytes for history_score_next */
};
/* One label that a SCORE entry set, changed or took away. */
struct history_score {
	struct str label;    /* score.clv */
	struct str old, new; /* empty: none; views of the entry */
	enum type old_type, new_type;
};

/* Oldest and newest operation that the log holds; 0, 0: none. */
int history_range(
    struct reading *, uint64_t *from, uint64_t *to, struct err *) BASE_MUST;
/* 1, 0 no such operation (any more), -1. */
int history_op(struct reading *, uint64_t lsn, struct arena *,
    struct history_op *, struct err *) BASE_MUST;
/* Entry seq (from 1) of an operation: 1, 0, -1. */
int history_entry(struct reading *, uint64_t lsn, uint32_t seq, struct arena *,
    struct history_entry *, struct err *) BASE_MUST;
/* The newest operation not later than ms; 0: none is kept from then, though
 * the store had none either; -1 with 66 where the log no longer reaches it. */
int history_at(
    struct reading *, int64_t ms, uint64_t *lsn, struct err *) BASE_MUST;

/* The labels of a SCORE entry in turn: *pos from 0; 1, 0, -1. */
int history_score_next(struct reading *, const struct history_entry *,
    size_t *pos, struct history_score *, struct err *) BASE_MUST;
/* Calls fn for each entry about the scores of a record, dead ones too, newest
 * first as far as the log goes (erased ones too), until it gives non-zero,
 * which is returned. */
typedef int history_at_fn(void *arg, uint64_t lsn, uint32_t seq, struct err *);
int history_scores(struct reading *, const struct id *, history_at_fn *,
    void *arg, struct err *) BASE_MUST;
/* The newest operation that changed one of them: 1, 0 none is known, -1. */
int history_score_by(struct reading *, const struct id *, struct str label,
    uint64_t *lsn, struct err *) BASE_MUST;

/* A state before or after a step; rows have rev, stamps, lsn and seq as they
 * were, but for stamps of single values older than the record's newest. */
struct history_step {
	uint64_t lsn;
	uint32_t seq;
	enum history_type type;
	const struct kind *kind;          /* NULL: ERASED */
	const struct row *before, *after; /* NULL: it was not there */
};
/* The entries about one record, dead ones too, newest first. */
struct history;
int history_open(struct reading *, const struct id *, struct history **,
    struct err *) BASE_MUST;
/* 1; 0 at the beginning, or where the log was cut; -1.  The rows are
 * valid until the next call; after is then what before was. */
int history_prev(
    struct history *, struct history_step *, struct err *) BASE_MUST;
/* Whether the walk ended because older entries were trimmed. */
bool history_cut(const struct history *);
void history_close(struct history **);

/* The record as operation lsn left it, in the arena: 1, 0 it was not there
 * (or was erased since), -1; 66 where the log no longer reaches it. */
int history_row(struct reading *, const struct id *, uint64_t lsn,
    struct arena *, struct row *, struct err *) BASE_MUST;
/* Where a record led that was merged by then (db_survivor), its kind too: 1, 0
 * it was there, or was not merged, -1. */
int history_into(struct reading *, const struct id *, uint64_t lsn,
    const struct kind **, struct id *into, struct err *) BASE_MUST;

#endif
