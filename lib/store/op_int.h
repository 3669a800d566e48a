/* SPDX-License-Identifier: MIT */
/*
 * One write operation, as the files that make it share it.
 *
 * Records, blobs and log entries are put as they come.  Index entries and
 * timeline rows are gathered, sorted and put at the end, and derived fields
 * are brought up to date along the sorted timeline rows, subject by subject.
 */
#ifndef STORE_OP_INT_H
#define STORE_OP_INT_H

#include "store/db_internal.h"
#include "store/log.h"
#include "store/sorter.h"

/* Unique values that an operation gave and took, before the index has them. */
struct pending;
struct pending *pending_new(void);
void pending_free(struct pending **);
void pending_set(struct pending *, struct str key, const struct id *owner);
void pending_unset(struct pending *, struct str key);
/* 1 owned (id), 0 taken back, -1 nothing is known of it here. */
int pending_get(const struct pending *, struct str key, struct id *);

/* Puts gathered for one tree, so that each call of the driver has many. */
enum { PUTTER_ROWS = 256 };
struct putter {
	const struct driver *driver;
	struct tx *tx;
	enum tree tree;
	unsigned flags;
	struct buf bytes;
	size_t at[PUTTER_ROWS][3]; /* key, value, end */
	size_t n;
};
void putter_init(struct putter *, const struct driver *, struct tx *, enum tree,
    unsigned flags);
void putter_release(struct putter *);
/* value comes with its checksum. */
int putter_add(
    struct putter *, struct str key, struct str value, struct err *) BASE_MUST;
int putter_flush(struct putter *, struct err *) BASE_MUST;

/* Entries of indexes, sorted.  Those of unique ones have their owner behind the
 * key, so that a second owner of a value is seen: the older id keeps it. */
struct index_rows {
	struct sorter *from;
	bool (*unique)(void *arg, struct str key);
	/* NULL: nobody asks.  Keys with the owners behind. */
	void (*twice)(void *arg, struct str kept, struct str left_out);
	void *arg;
};
int index_rows_put(const struct index_rows *, const struct driver *,
    struct tx *, struct err *) BASE_MUST;

/* The flag byte behind a timeline row in the sorter. */
enum {
	TL_VALUE = 20,
	TL_HAS_AGG = 1, /* the subject is a contact or company */
	TL_RECOUNT = 2, /* what it adds cannot just be added */
	TL_ITEM = TL_KEY + TL_VALUE + 1,
};

/* Companies of the contacts seen last: each event asks. */
enum { COMPANIES = 1024 };
struct company_of {
	struct id contact, company;
	bool used, none;
};

/* What an operation did, for its summary. */
enum op_deed {
	DEED_ADDED,
	DEED_CHANGED,
	DEED_SCORED,
	DEED_RESTORED,
	DEED_REMOVED,
	DEED_ERASED,
	DEEDS
};

struct op {
	struct db *db;
	struct tx *tx;
	unsigned flags;
	const char *summary; /* NULL: made of the tallies */
	unsigned undoes;     /* LOG_UNDO or LOG_REDO */
	struct id undone;
	uint64_t tally[DEEDS][KINDS_MAX];
	struct reading reading;
	bool begun, founded;
	bool empty; /* the store had no records */
	bool new_schema, new_indexes;
	bool unlogged;         /* something is written that no entry tells */
	struct schema *loaded; /* by op_schema */
	const struct schema *old_base;
	struct buf old_catalogue;
	char old_currency[4];
	struct dict_mark mark;
	struct head head;
	struct counts counts;
	struct stamp stamp;
	struct id op_id;
	struct log_writer log;
	struct id last[TREES]; /* greatest key of each tree of ids */
	bool know_last[TREES], has_last[TREES];
	struct index_maker maker;
	struct sorter *x, *tl;
	struct pending *pending; /* NULL: unique entries are put at once */
	struct {
		struct id *v;
		size_t n, cap;
	} gone; /* contacts and companies removed */
	struct company_of *companies;
	struct arena arena; /* emptied by each call */
	struct buf rec, scratch, keys;
	size_t written; /* since the last checkpoint */
};

/* ---- op.c ---- */
const struct driver *op_driver(const struct op *);
/* 75 where the row's kind is of another schema than the store's. */
int op_check_kind(
    const struct op *, const struct row *, struct err *) BASE_MUST;
/* PUT_APPEND where the id is above all of its tree, which is noted. */
int op_append(struct op *, enum tree, const struct id *, unsigned *flags,
    struct err *) BASE_MUST;
/* The same without noting it. */
int op_last(struct op *, enum tree, const struct id *, unsigned *flags,
    struct err *) BASE_MUST;
int op_put_bytes(struct op *, enum tree, struct str key, struct str value,
    unsigned flags, struct err *) BASE_MUST;
/* Commits half-way where a store is built aside and enough is written. */
int op_breathe(struct op *, struct err *) BASE_MUST;
struct id op_next_id(struct op *);

/* ---- op_summary.c ---- */
/* Counts one record of a kind. */
void op_tally(struct op *, enum op_deed, const struct kind *);
/* "added 3 contacts and 1 company, changed 1 deal", appended. */
void op_summary(const struct op *, struct buf *);

/* ---- op_record.c: pieces of a write of one record ---- */
/* Unique keys of a row that are new, each length 2 and bytes, into out; 65
 * where another record has one.  old: a row whose own keys do not clash and
 * are left out, or NULL. */
int op_unique_keys(struct op *, const struct row *, const struct row *old,
    struct buf *out, struct err *) BASE_MUST;
/* Unique keys that old has and now (NULL: nothing) has not. */
int op_unique_lost(struct op *, const struct row *old, const struct row *now,
    struct buf *out, struct err *) BASE_MUST;
/* Takes away the entries that only the old row has, adds those of the new. */
int op_index_edit(struct op *, const struct row *old, const struct row *now,
    struct err *) BASE_MUST;
int op_index_row(
    struct op *, const struct row *, bool del, struct err *) BASE_MUST;
int op_unique_put(struct op *, struct str keys, const struct id *, bool del,
    struct err *) BASE_MUST;
int op_timeline(
    struct op *, const struct row *, bool del, struct err *) BASE_MUST;
int op_timeline_edit(struct op *, const struct row *old, const struct row *now,
    struct err *) BASE_MUST;
/* Texts of a row that are too long for it: puts or deletes their parts. */
int op_blobs(struct op *, const struct row *, const bool *blob, bool del,
    struct err *) BASE_MUST;
/* Encodes and puts; gives the bytes without checksum in op->rec. */
int op_store_row(struct op *, const struct row *, enum tree, const bool *blob,
    struct err *) BASE_MUST;
/* A record's row as it stands, in op->arena: 1 (dead too), 0, -1. */
int op_old(struct op *, const struct id *, enum tree *, struct rowview *,
    struct row *, struct err *) BASE_MUST;
/* Which slots of a stored record stand in blob. */
const bool *op_stored_blobs(struct op *, const struct rowview *);
int op_no_such(const struct id *, struct err *);
void op_row_flags(struct row *);
/* The company of a contact changes or goes. */
void op_forget_company(struct op *, const struct id *contact);

/* The timeline rows of a record, as the sorter has them: key, value, flags. */
void timeline_rows(const struct db *, const struct row *, struct buf *scratch,
    struct buf *out);

/* ---- op_score.c ---- */
/* Before a customer's derived fields go: logs the scores among them, takes
 * their index entries away.  The lists stand in op->arena. */
int op_scores_drop(struct op *, const struct id *, const struct kind *,
    struct err *) BASE_MUST;
/* Takes a score entry of the log back without a log (past.c). */
int op_scores_back(
    struct op *, const struct log_entry *, struct err *) BASE_MUST;

/* ---- op_link.c ---- */
/* Fills the links that an event takes over (MODEL.md, Links), in op->arena. */
int op_inherit(struct op *, struct row *, struct err *) BASE_MUST;

/* ---- op_flush.c ---- */
int op_flush_all(struct op *, struct err *) BASE_MUST;

/* ---- recount.c ---- */
/* Derived fields from rows in order of time. Lists are put in the arena. */
struct recount {
	const struct db *db;
	struct agg agg;
	struct arena *arena;
	struct {
		struct id *v;
		size_t n, cap;
	} consents;
};
void recount_begin(struct recount *, const struct db *, struct arena *);
void recount_row(
    struct recount *, const struct tl_row *, int64_t ms, const struct id *rec);
/* Folds consent; releases. */
int recount_end(struct recount *, struct tx *, struct err *) BASE_MUST;
/* The derived fields of a subject, anew from its timeline; scores are kept
 * from what *agg holds. */
int agg_recount(const struct db *, struct tx *, const struct id *subject,
    struct agg *, struct arena *, struct err *) BASE_MUST;
/* The same, put in place of what is kept of it: scores stay where they can be
 * read.  arena and scratch are overwritten. */
int agg_rebuild(const struct db *, struct tx *, const struct id *subject,
    struct arena *, struct buf *scratch, struct err *) BASE_MUST;

/* ---- bulk.c ---- */
/* 0, or -1; 1: the store was made by another meanwhile. */
int bulk_write(struct db *, unsigned flags, const char *summary,
    int (*fn)(struct op *, void *), void *arg, struct err *) BASE_MUST;
/* op.c: one run of the driver. */
int op_run(struct db *, unsigned flags, const char *summary,
    int (*fn)(struct op *, void *), void *arg, struct err *) BASE_MUST;

#endif
