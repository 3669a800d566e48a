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
enum { DBREC_SLOTS = 8, KINDS_MAX = 256, HASH_BYTES = 32 };

/* What meta says besides schema, dictionary and catalogue. */
struct head {
	unsigned major, minor;
	uint32_t node;
	struct stamp clock;     /* the last HLC given */
	struct id last_id;      /* the last id given */
	uint64_t lsn, log_from; /* newest operation; oldest kept */
	unsigned char chain[HASH_BYTES];
	uint64_t live[KINDS_MAX]; /* records by kind number */
	uint64_t dead[TREES];     /* tombstones by tree */
};

struct schema_kept;
struct db {
	const struct driver *driver;
	struct store *store; /* NULL: not made yet, it is empty */
	char *url, *prog;
	unsigned flags, lock_ms;
	const struct clock *clock;
	const struct schema *schema;
	unsigned char schema_hash[HASH_BYTES];
	struct schema_kept *kept; /* former ones: rows point into them */
	struct dict dict;
	struct catalogue cat;
	struct head head;        /* as of the last look */
	struct overdue *overdue; /* cadence rules, bound when asked */
};

/* A record at hand: what struct dbrec is. */
struct dbrec {
	struct reading *r;
	enum tree tree;
	struct rowview view;
	struct buf bytes; /* a copy, inside operations */
	/* Where the last dbrec_value stopped: repeats go on from there. */
	unsigned last_no;
	size_t last_state;
	struct rowview_pos pos;
	struct buf text; /* the last long text */
	bool have_agg;
	struct agg agg;
	int places; /* of its currency, -2: not looked */
};

struct reading {
	struct db *db;
	struct tx *tx; /* NULL: an empty store, or paused */
	bool own;      /* begun by db_read, not an op's */
	bool paused;
	/* Rises with each pause and renew: cursors of before are ended, and
	 * views into the map are gone. */
	unsigned generation;
	struct dbrec rec[DBREC_SLOTS];
	struct dbrec row; /* of reading_row */
	struct arena arena;
	struct display_cache *display;
};

/* ---- dbrec.c ---- */
/* Lays the record of a key and value over a slot (a scan's rows): 1 live,
 * 0 a tombstone, -1 damaged.  Valid as long as value is. */
int dbrec_at(struct reading *, unsigned slot, enum tree, struct str key,
    struct str value, struct dbrec **, struct err *) BASE_MUST;
/* Gives it the derived fields that a walk beside it found (value none: it
 * has none), so that they are not looked up. */
int dbrec_at_agg(
    struct dbrec *, struct str key, struct str value, struct err *) BASE_MUST;
/* The tree of a kind's records. */
enum tree kind_tree(const struct kind *);
/* The bytes of a live or dead record wherever it stands: 1, 0, -1. */
int record_find(struct tx *, const struct db *, const struct id *, enum tree *,
    struct str *value, struct err *) BASE_MUST;
/* The whole text of a value in blob, appended to out. nth: of the blob
 * values of this label in the record, from 0. */
int blob_read(struct tx *, const struct db *, const struct id *, unsigned no,
    size_t first_part, struct str stub, struct buf *out,
    struct err *) BASE_MUST;
/* A row of stored bytes, blobs fetched into the arena; values are views. */
int row_whole(struct tx *, const struct db *, const struct rowview *,
    struct arena *, struct row *, struct err *) BASE_MUST;

/* ---- db.c ---- */
/* Reads meta in this transaction; a new schema replaces db->schema. */
int db_load(struct db *, struct tx *, struct err *) BASE_MUST;

#endif
