/* SPDX-License-Identifier: MIT */
/*
 * The catalogue of indexes in tree x (STORE.md, Indexes): which there are,
 * the entries that a row has in them, and the key ranges that answer a test
 * of a query.
 *
 * Entries of every form but `unique` end in the id of their record.  A key
 * begins with the number of its index, two bytes.
 */
#ifndef STORE_INDEX_H
#define STORE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "query/query.h"
#include "record/row.h"
#include "record/schema.h"
#include "store/codec.h"
#include "store/driver.h"

enum index_form {
	INDEX_UNIQUE = 1, /* value -> id: one owner a value */
	INDEX_WHOLE = 2,  /* value, id */
	INDEX_WORD = 3,   /* folded word 00, id */
	INDEX_SUFFIX = 4, /* 10 last characters of the id, last first */
	INDEX_DOMAIN = 5, /* folded domain of an e-mail 00, id */
};
enum index_state { INDEX_BUILDING = 1, INDEX_READY = 2, INDEX_DROPPING = 3 };
enum { INDEX_FIELDS_MAX = 8 }; /* fields of one composite unique index */

struct index {
	uint16_t no;
	uint8_t form, state;
	const struct kind *kind;
	/* NULL for suffix. Composite unique indexes have nfields > 1 and f
	 * their first. */
	const struct field *f;
	const struct field *fields[INDEX_FIELDS_MAX];
	unsigned nfields;
	/* Of one saved score: the number of its label; f then tells its type.
	 * Else 0. */
	uint16_t label;
};

/* The indexes of one kind, by position of their field, then form. */
struct kind_indexes {
	struct index *v;
	size_t n;
	/* Single-field ones of the field at position p: v[at[p]..at[p+1]);
	 * at[nfields]..n are suffix and composite ones. */
	uint16_t *at;
	size_t nfields;
};

struct catalogue {
	struct index *v; /* sorted by kind number, then number */
	size_t n, cap;
	struct kind_indexes by_kind[256];
	uint16_t next; /* number of the next index made */
	const struct schema *schema;
};

/* ---- which there are ---- */
/* The ready index of that form over (kind, field); field NULL for suffix;
 * NULL: there is none. Composite ones are never found here. */
const struct index *index_find(const struct catalogue *, const struct kind *,
    const struct field *, enum index_form);
/* The index that orders by the value of a field (to walk in its order, and
 * for ranges): whole, or unique where the form keeps order; NULL. */
const struct index *index_ordered(
    const struct catalogue *, const struct kind *, const struct field *);

/* The same of a saved score (score.clv): whole; of words, word too. */
const struct index *index_score(const struct catalogue *, const struct kind *,
    unsigned label, enum index_form);

/* ---- ranges that answer a test ---- */
/* lo <= key < hi in tree x, the index number included.  Bytes are in the
 * arena that was passed. */
struct krange {
	const struct index *x;
	struct str lo, hi;
};
struct kranges {
	struct krange *v;
	size_t n;
	/* A record must stand in each range (words), else in any of them. */
	bool all;
	/* Every entry is a hit: no value was cut, no mark or case matters.
	 * Else entries are candidates that the record decides. */
	bool exact;
	/* All entries of a range have one value: they are in id order. */
	bool one_value;
};
/*
 * The ranges by which a bound leaf finds its records, for one of its tests:
 * 1 filled; 0: no index can drive it (not sargable, or none is ready).
 * Uses unique, whole, word, suffix and domain forms, month and day of
 * yearless dates, and sets of ids.  Dotted and negated binds give 0.  For the
 * `id` label TEST_ID gives 0 too: the caller reads the ids itself.
 */
int index_ranges(const struct catalogue *, const struct qbind *,
    const struct qtest *, struct arena *, struct kranges *);

/* The same for a leaf about a saved score, whose label has this number. */
int index_score_ranges(const struct catalogue *, const struct qbind *,
    unsigned label, const struct qtest *, struct arena *, struct kranges *);

/* The id of an entry; false: damaged. */
bool index_entry_id(
    const struct index *, struct str key, struct str value, struct id *);
/* The value part of a key: without index number and id. */
struct str index_entry_value(const struct index *, struct str key);

/* ---- entries of a row ---- */
/* One key of tree x that a row has; the bytes live until the next call. */
typedef int index_entry_fn(
    void *arg, const struct index *, struct str key, struct err *);
struct index_word {
	struct str s;
	uint32_t hash;
};
struct index_maker { /* scratch, kept over many rows */
	struct arena arena;
	struct buf key, folded;
	struct index_word word[WORDS_MAX];
	uint8_t place[2 * 256]; /* of words by hash, from 1 */
};
void index_maker_init(struct index_maker *);
void index_maker_release(struct index_maker *);
/*
 * Calls fn for each entry of the row in every index that writers keep
 * (building and ready); twice where two values fold alike.  A unique value
 * that is too long for a key: 65.  forms: a bit for each form wanted.  Rows
 * hold whole texts here, not blob refs.
 */
int index_entries(const struct catalogue *, struct index_maker *,
    unsigned forms, const struct row *, index_entry_fn *, void *arg,
    struct err *) BASE_MUST;
/* The same for one index (a build). */
int index_entries_of(const struct index *, struct index_maker *,
    const struct row *, index_entry_fn *, void *arg, struct err *) BASE_MUST;
/* The entries of a saved score (canonical text) of a customer in the indexes of
 * its label. */
int index_score_entries(const struct catalogue *, struct index_maker *,
    const struct kind *, unsigned label, struct str text, const struct id *,
    index_entry_fn *, void *arg, struct err *) BASE_MUST;
/* The key of a unique value (canonical text) in its index. */
bool index_unique_key(
    const struct index *, struct str canon, struct arena *, struct buf *key);

/* ---- the catalogue itself ---- */
void catalogue_init(struct catalogue *);
void catalogue_release(struct catalogue *);
/* From its bytes in meta; 74 where they are damaged. Indexes of kinds and
 * fields that the schema lacks are kept, and found by nobody. */
int catalogue_load(struct catalogue *, const struct schema *, struct str,
    struct err *) BASE_MUST;
void catalogue_save(const struct catalogue *, struct buf *);
/* All that the schema wants and the catalogue lacks, numbered and in `state`;
 * returns how many were added. */
size_t catalogue_want(
    struct catalogue *, const struct schema *, enum index_state);
/* Those of a saved score that has none yet for that kind; how many. */
size_t catalogue_want_score(struct catalogue *, const struct kind *,
    const struct field *, unsigned label);
/* Whether the schema wants this index. */
bool index_wanted(const struct index *, const struct schema *);
void catalogue_drop(struct catalogue *, uint16_t no);
void catalogue_copy(
    struct catalogue *to, const struct catalogue *from, const struct schema *);

#endif
