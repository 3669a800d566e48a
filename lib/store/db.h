/* SPDX-License-Identifier: MIT */
/*
 * The store of records: rows over a driver, with indexes, timelines, derived
 * fields and the change log kept in the transaction of each change
 * (STORE.md).  Everything above lib/store works through this header and
 * store/plan.h.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/id.h"
#include "query/query.h"
#include "record/row.h"
#include "record/schema.h"
#include "store/driver.h"

struct db;

struct db_opts {
	const char *url;  /* path or URL */
	unsigned flags;   /* OPEN_* */
	unsigned lock_ms; /* wait for another writer */
	const struct clock *clock;
	const char *prog; /* for the change log */
};

/* 66 where a reader finds no store; 73, 74, 77, 78 as RELIABILITY.md. */
int db_open(struct db **, const struct db_opts *, struct err *) BASE_MUST;
void db_close(struct db **);
/* Opens the store anew, as after its directory was exchanged or where the
 * schema is another one by now (75).  No reading is open; db_schema stays
 * where it is, but kinds and fields of before are old ones. */
int db_reopen(struct db *, struct err *) BASE_MUST;
const struct schema *db_schema(const struct db *);
const char *db_url(const struct db *);
/* Now, by the clock that it was opened with: ms. */
int64_t db_now(const struct db *);

/* ---- the dictionary: numbers of labels that no source fixes ---- */
/* Number of a label (built-in, own or x.NAME); 0: none in this store yet. */
unsigned db_label_no(const struct db *, struct str label);
struct str db_label(const struct db *, unsigned no); /* none: unknown */
/* Whether one slot of a row stands before another in canonical order
 * (FORMAT.md 9): fields as the schema has them, x.NAME and what it no longer
 * knows by their labels, created. */
bool db_slot_before(
    const struct db *, const struct slot *, const struct slot *);
/* Moves slot number `at` to its place among those before it. */
void db_slot_settle(const struct db *, struct row *, size_t at);

/* ---- reading ---- */
/*
 * A reader: one snapshot, given up and renewed between chunks so that none is
 * pinned while a write of stdout may block.  Rows and values read from it are
 * views valid until it is renewed or closed.
 */
struct reading;
int db_read(struct db *, struct reading **, struct err *) BASE_MUST;
int reading_renew(struct reading *, struct err *) BASE_MUST;
/* Renews the reading that was begun here; where none was, begins it. */
int db_read_again(struct db *, struct reading **, struct err *) BASE_MUST;
/* Gives the snapshot up until the next renew (before a blocking write). */
void reading_pause(struct reading *);
void reading_close(struct reading **);
struct db *reading_db(struct reading *);

/* A record opened lazily: what the evaluator and line makers see. */
struct dbrec;
/* 1 found (live), 0 none (or deleted), -1.  The dbrec is one of the
 * reading's own, valid until the next dbrec_get on the same `slot` (0..7:
 * nested look-ups use their own). */
int dbrec_get(struct reading *, const struct id *, unsigned slot,
    struct dbrec **, struct err *) BASE_MUST;
const struct kind *dbrec_kind(const struct dbrec *);
const struct id *dbrec_id(const struct dbrec *);
uint64_t dbrec_rev(const struct dbrec *);
int64_t dbrec_created(const struct dbrec *);
int64_t dbrec_updated(const struct dbrec *);
int dbrec_places(const struct dbrec *);
/* The next stored value of a label number after *state (0 at first), long
 * texts fetched from blob: 1, 0, -1. */
int dbrec_value(struct dbrec *, unsigned no, size_t *state, struct str *v,
    struct err *) BASE_MUST;
/* A derived field, stored in agg or computed (quiet, overdue, state):
 * 1 with the scalar, 0 absent. label tells families apart. */
int dbrec_derived(struct dbrec *, const struct field *, struct str label,
    struct scalar *, struct err *) BASE_MUST;
/* Labels of derived families that this record has (revenue.USD, score.clv):
 * *state from 0; 1, 0, -1. */
int dbrec_family(struct dbrec *, const struct field *, size_t *state,
    struct str *label, struct scalar *, struct err *) BASE_MUST;
/*
 * For making lines: every live stored value in canonical order, with its
 * field (the family for x.NAME) and full label: 1, 0, -1.  Long texts are
 * fetched.  *state begins at 0.
 */
int dbrec_each(struct dbrec *, size_t *state, const struct field **,
    struct str *label, struct str *v, struct err *) BASE_MUST;
/* Every derived value that is neither zero nor unset, in schema order,
 * families and computed ones included: 1, 0, -1. */
int dbrec_each_derived(struct dbrec *, size_t *state, const struct field **,
    struct str *label, struct scalar *, struct err *) BASE_MUST;
/* A saved score as it is kept, by its whole label: 1, 0, -1.  Valid as the
 * record is. */
struct agg_score;
int dbrec_score(struct dbrec *, struct str label, const struct agg_score **,
    struct err *) BASE_MUST;
/* All that is kept of a customer (store/agg.h): valid as the record is. */
struct agg;
int dbrec_agg(struct dbrec *, const struct agg **, struct err *) BASE_MUST;
/* What else is kept of a customer's orders (STORE.md): distinct days with a
 * purchase, and the first day's total in minor units of the store's currency;
 * first and last order are derived fields.  For scores. */
int dbrec_orders(
    struct dbrec *, int64_t *days, int64_t *day1, struct err *) BASE_MUST;
/* All that is kept of them at once.  orders 0: first and last say nothing. */
struct order_sums {
	int64_t orders, returns, days;
	int64_t first, last;   /* ms */
	int64_t revenue, day1; /* minor units of the store's currency */
	size_t others;         /* currencies besides it */
};
int dbrec_order_sums(
    struct dbrec *, struct order_sums *, struct err *) BASE_MUST;
/*
 * The same of all customers of one kind, contact or company, who have any, in
 * the order of ids; no record is read.  1, 0, -1.  Before a pause or renew of
 * the reading buyers_pause is called; the walk goes on after the last id.
 */
struct buyers;
int buyers_open(struct buyers **, struct reading *, const struct kind *,
    struct err *) BASE_MUST;
int buyers_next(
    struct buyers *, struct id *, struct order_sums *, struct err *) BASE_MUST;
void buyers_pause(struct buyers *);
void buyers_close(struct buyers **);
/* The code of one of the others, 0 to others - 1. */
void dbrec_other_currency(const struct dbrec *, size_t i, char code[4]);
/* The whole as a row in the arena (values copied, blobs fetched). */
int dbrec_row(
    struct dbrec *, struct arena *, struct row *, struct err *) BASE_MUST;
/* The display value of a record (its kind's `display`): cached by id in the
 * reading, since every contact line asks for its company. none: no such. */
int reading_display(
    struct reading *, const struct id *, struct str *, struct err *) BASE_MUST;

/* Values for query_eval: rec is a struct dbrec *. */
extern const struct qsource db_source;

/* The owner of a unique value (value canonical text): 1, 0, -1. */
int db_unique(struct reading *, const struct kind *, const struct field *,
    struct str canon, struct id *, struct err *) BASE_MUST;
/* The record that has the values of `row` in fields of its kind that are unique
 * together (campaign, contact and step of a message): 1, 0, -1. */
int db_unique_group(
    struct reading *, const struct row *, struct id *, struct err *) BASE_MUST;
/*
 * Where a record that was merged went, over as many merges as there were: 1
 * out is live (the record itself, where it is); 0 out is where that ends, a
 * record that was removed or never was; -1.
 */
int db_survivor(struct reading *, const struct id *, struct id *out,
    struct err *) BASE_MUST;
/* Puts survivors in the place of ids that were merged; *changed: the ids may
 * be out of order, and some alike. */
int db_survivors(struct reading *, struct id *, size_t n, bool *changed,
    struct err *) BASE_MUST;
/* Live ids of `kind` (NULL: any) whose text ends in the canonical suffix, up
 * to max; returns how many were put, or -1.  Where there is none, those into
 * which records of such an id were merged. */
int db_suffix(struct reading *, const struct kind *, struct str suffix,
    struct id *out, size_t max, struct err *) BASE_MUST;
/* Ids under a whole index (kind, field, canonical value; phone: its digits'
 * end, 7 or more; field company.name etc. by equal folded value), up to max. */
int db_whole(struct reading *, const struct kind *, const struct field *,
    struct str canon, struct id *out, size_t max, struct err *) BASE_MUST;
/*
 * Entries of the field's index (unique, whole or word form) whose folded
 * value begins with `prefix`, in order, until fn gives non-zero: for
 * completions and did-you-mean.
 */
int db_prefix(struct reading *, const struct kind *, const struct field *,
    struct str prefix,
    int (*fn)(void *arg, struct str value, const struct id *), void *arg,
    struct err *) BASE_MUST;
/* The shortest suffix, 4 characters at least, that tells this id. */
int db_suffix_len(struct reading *, const struct id *, struct err *);

/* Records of a subject's timeline, newest first (time, id downwards). */
struct tl_cursor;
int tl_open(struct reading *, const struct id *subject,
    const struct period *when, struct tl_cursor **, struct err *) BASE_MUST;
/* 1, 0, -1; kind number, time and id without reading the record. */
int tl_next(struct tl_cursor *, struct id *rec, int64_t *ms, unsigned *kind_no,
    struct err *) BASE_MUST;
/* Of the order that tl_next has just given, without reading it: its amount in
 * minor units, whose currency is "" where it has no amount either. */
struct tl_order {
	int64_t amount;
	char currency[4];
	bool counts; /* by its status */
};
void tl_order(const struct tl_cursor *, struct tl_order *);
void tl_close(struct tl_cursor **);
/* The moment of the n-th newest touch of a contact in a period, by a channel
 * (db_touch_channel) or TOUCH_ANY: 1; 0: there are not so many; -1. */
enum { TOUCH_ANY = -1 };
int db_touch_nth(struct reading *, const struct id *subject,
    const struct period *, int channel, int64_t nth, int64_t *at,
    struct err *) BASE_MUST;
/* The number of a channel in touches. */
int db_touch_channel(const struct db *, const char *name);
/* Records that refer to `target` through any ref field, by kind then id
 * (timeline kinds too where with_timeline): fn until non-zero. */
int db_referrers(struct reading *, const struct id *target, bool with_timeline,
    int (*fn)(void *arg, const struct kind *, const struct field *,
	const struct id *, struct err *),
    void *arg, struct err *) BASE_MUST;

uint64_t db_count(struct reading *, const struct kind *, struct err *);

/* ---- writing: one invocation, one operation, one transaction ---- */
struct op;
enum op_flags {
	OP_DRY = 1,  /* everything but the commit */
	OP_BULK = 2, /* many records are coming: into an empty store
		      * it is built aside (STORE.md, Write path) */
};
/*
 * Runs fn in a write transaction.  fn reads spooled input, calls op_*, and
 * may be called again from the start after a conflict or growth: it keeps no
 * state outside that it does not reset.  On 0 everything (indexes, tl, agg,
 * log) is flushed, checked and committed.  summary: words for crm-undo,
 * without a value of any record (the chain keeps them for good); NULL: made
 * of what was done ("added 3 contacts, changed 1 deal").
 */
int db_write(struct db *, unsigned flags, const char *summary,
    int (*fn)(struct op *, void *), void *arg, struct err *) BASE_MUST;

/* Looks up inside the operation: pending changes are seen. */
struct reading *op_reading(struct op *);
int op_unique(struct op *, const struct kind *, const struct field *,
    struct str canon, struct id *, struct err *) BASE_MUST;
/* What two values of a unique field have in common where they are the same
 * one, appended; false: the field has no index. */
bool op_unique_key(struct op *, const struct kind *, const struct field *,
    struct str canon, struct buf *key);
/* A record as the operation sees it, in the arena: 1, 0, -1. */
int op_get(struct op *, const struct id *, struct arena *, struct row *,
    struct err *) BASE_MUST;

/*
 * Stores a new record.  row->id all zero: the next id is given out (and put
 * into row->id); else it is kept (65 where it exists).  rev 0: 1.  created
 * and updated slots as given, else now.  A unique clash: 65, "email: ... is
 * that of 3K7BV Marta Gil" (clash set).
 */
int op_add(struct op *, struct row *, struct err *) BASE_MUST;
/* Replaces a record by `row` (same id): fields that differ are logged and
 * stamped; nothing differs: 0 changed and no write.  *changed. */
int op_put(struct op *, struct row *, bool *changed, struct err *) BASE_MUST;
/* The same, and `created` of the row counts as well: none is that of its id.
 * For what was merged, and for who takes that back. */
int op_put_whole(
    struct op *, struct row *, bool *changed, struct err *) BASE_MUST;
/* Says in a row into which record it is merged, so that its id and the end of
 * it lead there once it is put and removed (db_survivor).  The log says it of
 * the record, so that an undo unsays it. */
void row_merged(
    const struct db *, struct row *, struct arena *, const struct id *into);
/* Removes a record (a tombstone stays).  References to it are the caller's
 * affair. */
int op_remove(struct op *, const struct id *, struct err *) BASE_MUST;
/*
 * Puts a removed record back as `row` has it (history.h): nothing is taken
 * over from other records, rev rises above the tombstone's, updated is now.
 * 65 where its id is live, or a unique value is another's by now.
 */
int op_restore(struct op *, struct row *, struct err *) BASE_MUST;
/*
 * Removes a record, dead or live, for good: no tombstone's payload, long
 * texts, index entries or timeline rows stay, and each entry of the log about
 * it is replaced by its digest (RELIABILITY.md, Privacy).  References to it
 * are the caller's affair.
 */
int op_erase(struct op *, const struct id *, struct err *) BASE_MUST;
/*
 * Sets saved scores of a contact or company; those that are not named stay,
 * an empty text takes one away.  Only what differs is written and logged;
 * neither rev nor updated of the record changes.  66: there is no such
 * customer.  The texts may be views of anything but what the operation reads.
 */
struct score_value {
	struct str label; /* whole: score.clv, score.clv.p_alive */
	enum type type;   /* TYPE_DECIMAL, TYPE_DATETIME or TYPE_TEXT */
	struct str text;  /* canonical */
};
int op_scores(struct op *, const struct id *subject, const struct score_value *,
    size_t n, bool *changed, struct err *) BASE_MUST;
/* Says that this operation merges records. */
void op_merges(struct op *);
/* Says that this operation undoes (redo: undoes the undo) another. */
void op_undoes(struct op *, bool redo, const struct id *undone);
/* Lays another schema over the store's: builds and drops indexes. */
int op_schema(struct op *, const struct schema *, struct str yaml,
    struct err *) BASE_MUST;
/* The number of a label, made where there is none (x.NAME). */
unsigned op_label(struct op *, struct str label);
/* Sets the store's currency where none is set (first one ever stored). */
int op_currency(struct op *, struct str code, struct err *) BASE_MUST;
/* Puts what is gathered so far, so that op_reading sees timelines, derived
 * fields and all indexes of this operation's writes too. */
int op_flush(struct op *, struct err *) BASE_MUST;
/* Numbers of this operation once committed (its lsn and id). */
uint64_t op_lsn(const struct op *);

/* ---- care ---- */
struct db_info {
	const char *format;
	char node[9];
	uint64_t size, free, ops, log_from;
	char chain[65], schema[65]; /* hex */
};
int db_info(struct reading *, struct db_info *, struct err *) BASE_MUST;
struct fault {
	const char *tree;
	struct str id, what;
	bool mended;
};
typedef void fault_fn(void *arg, const struct fault *);
/* false: stop; db_check then gives -1, 74, and mends nothing. */
typedef bool progress_fn(void *arg, uint64_t done, uint64_t of);
/* Default: meta, counts, chain head; full: everything (STORE.md, check).
 * Returns the number of faults left, -1 err. */
long db_check(struct db *, bool full, bool repair, fault_fn *, progress_fn *,
    void *arg, struct err *) BASE_MUST;

#endif
