/* SPDX-License-Identifier: MIT */
/*
 * What the files of lib/store share and nobody above sees: the insides of a
 * database, of a reader, and of a record at hand.
 */
#ifndef STORE_DB_INTERNAL_H
#define STORE_DB_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "record/row.h"
#include "record/schema.h"
#include "store/agg.h"
#include "store/codec.h"
#include "store/db.h"
#include "store/dict.h"
#include "store/driver.h"
#include "store/index.h"

enum { FORMAT_MAJOR = 1, FORMAT_MINOR = 0 };
enum {
	DBREC_SLOTS = 10,
	/* 8 of the callers, two of our own */ KINDS_MAX = 256,
	HASH_BYTES = 32
};
enum { BLOB_KEY = ID_BYTES + 10 + 2 };

/* What meta says besides schema, dictionary, catalogue and counts. */
struct head {
	uint32_t node;
	struct stamp clock;     /* the last HLC given */
	struct id last_id;      /* the last id given */
	uint64_t lsn, log_from; /* newest operation; oldest kept */
	unsigned char chain[HASH_BYTES];
	unsigned char schema[HASH_BYTES]; /* of its text */
	char currency[4]; /* where the schema's text names none */
};
struct counts {
	uint64_t live[KINDS_MAX]; /* records by kind number */
	uint64_t dead[TREES];     /* tombstones by tree */
};

/* A vec. */
struct ids {
	struct id *v;
	size_t n, cap;
};

struct schema_kept;
struct db {
	const struct driver *driver;
	struct store *store; /* NULL: not made yet, it is empty */
	char *url, *prog;
	unsigned flags, lock_ms;
	const struct clock *clock;
	/* What db_schema gives, at one address for good: a copy of `base`
	 * with the store's currency. */
	struct schema schema;
	const struct schema *base;
	struct schema_kept *kept; /* loaded ones: rows point into them */
	struct agg_rules *rules;
	struct dict dict;
	struct catalogue cat;
	struct buf cat_bytes; /* what cat was made from */
	char currency[4];     /* what schema.currency points to */
	bool newer;           /* its format has a higher minor: only read */
	struct head head;     /* as of the last look */
	bool loaded;
	bool stop;               /* db_check was asked to */
	struct overdue *overdue; /* cadence rules, bound when asked */
	bool in_overdue;
	/* Of a past (past.c): the snapshot that it is laid over. */
	struct reading *under;
};

/* A record at hand: what struct dbrec is. */
struct dbrec {
	struct reading *r;
	enum tree tree;
	struct rowview view;
	struct buf bytes;        /* a copy, inside operations */
	struct rowview_pos each; /* where dbrec_each stands */
	/* Where the last dbrec_value stopped: repeats go on from there. */
	unsigned last_no;
	size_t last_state;
	struct rowview_pos pos;
	struct buf text;       /* the last long text */
	bool have_agg, no_agg; /* no_agg: nothing is kept of it */
	struct agg agg;
};

struct display_cache;
struct reading {
	struct db *db;
	struct tx *tx;  /* NULL: an empty store, or paused */
	bool own;       /* begun by db_read, not an op's */
	struct err err; /* where the driver leaves what goes wrong */
	/* Rises with each pause and renew: cursors of before are ended, and
	 * views into the map are gone. */
	unsigned generation;
	struct dbrec rec[DBREC_SLOTS];
	struct tl_cursor *cursors; /* open ones */
	struct arena arena;        /* emptied by renew */
	struct display_cache *display;
	struct counts *counts; /* read when asked, or the op's */
	bool op_counts;
};
void reading_init(struct reading *, struct db *, struct tx *, bool own);
void reading_release(struct reading *);
/* Ends the driver's cursors of open timelines; they go on by themselves. */
void tl_suspend(struct reading *);

/* ---- dbrec.c ---- */
/* Lays the record of a key and value over a slot (a scan's rows): 1 live,
 * 0 a tombstone, -1 damaged.  Valid as long as value is. */
int dbrec_at(struct reading *, unsigned slot, enum tree, struct str key,
    struct str value, struct dbrec **, struct err *) BASE_MUST;
/* Gives it the derived fields that a walk beside it found (value none: it
 * has none), so that they are not looked up. */
int dbrec_at_agg(
    struct dbrec *, struct str key, struct str value, struct err *) BASE_MUST;
/* Whether no derived field of it can say anything: it has none kept, and
 * its kind computes none: 1, 0, -1. */
int dbrec_no_agg(struct dbrec *, struct err *) BASE_MUST;
/* Whether this derived field of it is zero or unset, told without computing
 * it; false: it has to be computed.  After dbrec_no_agg. */
bool dbrec_derives_nothing(const struct dbrec *, const struct field *);
/* The tree of a kind's records. */
enum tree kind_tree(const struct kind *);
/* The bytes of a live or dead record wherever it stands: 1, 0, -1. */
int record_find(struct tx *, const struct db *, const struct id *, enum tree *,
    struct str *value, struct err *) BASE_MUST;
/* The whole text of a value in blob, appended to out.  first: its first part;
 * values of one label follow each other. */
int blob_read(struct tx *, const struct db *, const struct id *, unsigned no,
    size_t first, struct str ref, struct buf *out, struct err *) BASE_MUST;
size_t blob_parts(struct str ref);
size_t blob_key(
    const struct id *, unsigned no, size_t part, unsigned char out[BLOB_KEY]);
/* A row of stored bytes, blobs fetched into the arena; values are views. */
int row_whole(struct tx *, const struct db *, const struct rowview *,
    struct arena *, struct row *, struct err *) BASE_MUST;

/* ---- agg_orders.c ---- */
/* The orders among the derived fields of a row: 0, or -1 err 74. */
int agg_decode_orders(struct order_sums *, const struct id *, struct str value,
    struct err *) BASE_MUST;

/* ---- cadence.c ---- */
/* How often this one is to be contacted: its own, or the first rule of the
 * schema that it meets: 1, 0, -1. */
int cadence_of(struct dbrec *, struct span *, struct err *) BASE_MUST;
/* The moment a span after another; false: beyond the calendar. */
bool cadence_after(
    const struct zone *, int64_t from, struct span, int64_t *out);
void overdue_free(struct overdue **);

/* ---- tl.c ---- */
/* Touches of a subject in (from, to], by its timeline. */
int touches_counted(struct reading *, const struct id *, int64_t from,
    int64_t to, int64_t *n, struct err *) BASE_MUST;

/* ---- lookup.c ---- */
/* Calls fn for each live record of the kind in id order until it gives
 * non-zero, which is returned; -1 err. */
int kind_scan(struct reading *, const struct kind *,
    int (*fn)(void *, struct dbrec *, struct err *), void *arg,
    struct err *) BASE_MUST;
/* Live records that refer to target through one field, by id. */
typedef int referrer_fn(void *arg, const struct kind *, const struct field *,
    const struct id *, struct err *);
int field_referrers(struct reading *, const struct id *target,
    const struct kind *, const struct field *, referrer_fn *, void *arg,
    struct err *) BASE_MUST;
/* Ids of the entries in a range of tree x, up to max, appended. */
int krange_ids(struct reading *, const struct krange *, struct id *out,
    size_t max, size_t *n, struct err *) BASE_MUST;

/* ---- db.c ---- */
/* One without driver and store. */
struct db *db_new(const struct db_opts *);
/* Reads meta in this transaction, or what of it is new.  75: the schema is
 * another one than before (unless `again`, which takes it over). */
int db_load(struct db *, struct tx *, bool again, struct err *) BASE_MUST;
/* 78 where a newer release made the store, called `name`: it is only read. */
int db_writable(const struct db *, const char *name, struct err *) BASE_MUST;
/* Opens the driver's store where it was not made yet. */
int db_create(struct db *, struct err *) BASE_MUST;
/* Gives a store without meta its format, node, schema and catalogue. */
int db_found(struct db *, struct tx *, struct err *) BASE_MUST;

/* ---- head.c ---- */
/* 1, 0 where there is none, -1. */
int head_load(
    const struct db *, struct tx *, struct head *, struct err *) BASE_MUST;
int head_save(const struct db *, struct tx *, const struct head *,
    struct err *) BASE_MUST;
int counts_load(
    const struct db *, struct tx *, struct counts *, struct err *) BASE_MUST;
int counts_save(const struct db *, struct tx *, const struct counts *,
    struct err *) BASE_MUST;
int catalogue_store(struct db *, struct tx *, struct err *) BASE_MUST;
/* Writes a schema's text and compiled form; hash gets that of the text. */
int schema_store(const struct db *, struct tx *, const struct schema *,
    struct str text, unsigned char hash[HASH_BYTES], struct err *) BASE_MUST;
/* Takes over the schema that the head names. */
int schema_fetch(
    struct db *, struct tx *, const struct head *, struct err *) BASE_MUST;
/* The schema from here on; own: freed at the end. */
void db_take_schema(struct db *, const struct schema *, struct schema *own);
/* The currency of a store whose schema names none. */
void db_take_currency(struct db *, const char code[4]);
void kept_free(struct schema_kept **);

#endif
