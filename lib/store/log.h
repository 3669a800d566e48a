/* SPDX-License-Identifier: MIT */
/*
 * The change log (STORE.md) and its audit chain (RELIABILITY.md, Privacy).
 * Keys are lsn 8, seq 4; seq 0 is the header of an operation, written last.
 *
 * An entry's value: version 1, type 1, tree 1, id 16, prev lsn and seq
 * (varints), salt 8, then by type
 *   create  16 B of BLAKE2b(salt, record)
 *   edit    changes: label varint, what 1, and by that
 *             0 one value: old and new, each length varint and bytes, empty
 *               where there was or is none
 *             1 added: length and bytes, its place (varint, from 0) among
 *               the values of the label after the edit
 *             2 removed: length, bytes, its place among the values before
 *               the edit (varint), stamp 12 of its adding
 *           per label first what was removed, then what was added, each by
 *           rising place; the values that stay keep their order, else all
 *           of them are removed and added: so both lists follow from either
 *   delete  the old record: length varint, bytes; number of long texts
 *           varint, each label varint, length varint, bytes
 *   erased  no salt; 32 B digest of what stood there
 *   schema  tree 0, id zeros; the former text: length varint and bytes
 *   score   tree 7; prev is the entry before it about scores of the same
 *           subject, which agg names, as the record itself is not changed.
 *           Per label that was set, changed or taken away: its number
 *           varint, type 1 and text (length varint, bytes) of the old value,
 *           then of the new one; of none the type is 0 and the text empty
 */
#ifndef STORE_LOG_H
#define STORE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "record/row.h"
#include "store/driver.h"

enum { LOG_VERSION = 1, LOG_KEY = 12, LOG_SALT = 8, LOG_DIGEST = 32 };
enum log_type {
	LOG_CREATE = 1,
	LOG_EDIT,
	LOG_DELETE,
	LOG_ERASED,
	LOG_SCHEMA,
	LOG_SCORE
};
enum log_change { LOG_ONE, LOG_ADDED, LOG_REMOVED };
enum { LOG_UNDO = 1, LOG_REDO = 2, LOG_PEER = 4, LOG_BULK = 8, LOG_MERGE = 16 };

struct log_header {
	unsigned flags;
	struct id op, undone;
	uint32_t uid;
	uint64_t entries;
	struct str prog, summary;
	unsigned char chain[LOG_DIGEST];
};
struct log_entry {
	enum log_type type;
	unsigned tree;
	struct id id;
	uint64_t prev_lsn, prev_seq;
	const unsigned char *salt; /* NULL: erased */
	struct str rest;
};
struct log_field {
	unsigned label;
	enum log_change what;
	struct str old, new; /* added: new; removed: old */
	uint64_t place;      /* added: in the new list; removed: in the old */
	struct stamp stamp;  /* of what was removed */
};

struct log_score {
	unsigned label;
	uint8_t old_type, new_type; /* enum type */
	struct str old, new;
};

/* Whether the entry that this one names is older than itself, lsn and seq: a
 * damaged log must not lead in circles. */
static inline bool
log_goes_back(const struct log_entry *e, uint64_t lsn, uint64_t seq)
{
	return e->prev_lsn < lsn || (e->prev_lsn == lsn && e->prev_seq < seq);
}

void log_key(uint64_t lsn, uint32_t seq, unsigned char out[LOG_KEY]);
/* What a value (checksum off) says; false: damaged.  Views. */
bool log_header_read(struct str value, struct log_header *);
bool log_entry_read(struct str value, struct log_entry *);
/* The changes of an edit in turn: *pos from 0; 1, 0, -1 damaged. */
int log_field_next(const struct log_entry *, size_t *pos, struct log_field *);
/* The record (without checksum) and long texts of a delete. */
bool log_delete_read(
    const struct log_entry *, struct str *record, struct str *texts);
/* The long texts in turn, in order of the slots: *pos from 0; 1, 0, -1. */
int log_text_next(
    struct str texts, size_t *pos, unsigned *label, struct str *text);
/* The former text of the schema. */
bool log_schema_read(const struct log_entry *, struct str *text);

/* The scores of a score entry in turn: *pos from 0; 1, 0, -1 damaged.  rest:
 * of the entry. */
int log_score_next(struct str rest, size_t *pos, struct log_score *);

/* The digest of an entry for the chain: of what was erased the one kept. */
bool log_digest(struct str value, unsigned char out[LOG_DIGEST]);
/* h(n) from h(n-1), the header's value without chain, and all digests. */
void log_chain(const unsigned char prev[LOG_DIGEST], struct str header,
    struct str digests, unsigned char out[LOG_DIGEST]);

/* ---- writing one operation ---- */
struct log_writer {
	const struct driver *driver;
	struct tx *tx;
	uint64_t lsn;
	uint32_t seq;     /* of the last entry */
	struct buf value; /* the entry being made */
	struct buf digests;
	unsigned char key[32], block[64]; /* where salts come from */
	uint64_t drawn;
	size_t left;
};
void log_begin(
    struct log_writer *, const struct driver *, struct tx *, uint64_t lsn);
void log_release(struct log_writer *);
/* Begins the value of the next entry, whose seq is then w->seq. */
void log_entry_begin(struct log_writer *, enum log_type, enum tree,
    const struct id *, uint64_t prev_lsn, uint64_t prev_seq);
/* Of a create: the digest of the record, whose bytes come without checksum;
 * they may hold w->seq. */
void log_put_record(struct log_writer *, struct str record);
void log_put_field(struct log_writer *, const struct log_field *);
void log_put_score(struct log_writer *, const struct log_score *);
void log_put_bytes(struct log_writer *, struct str);
void log_put_number(struct log_writer *, uint64_t);
/* Gives up the entry that was begun. */
void log_entry_drop(struct log_writer *);
int log_entry_end(struct log_writer *, struct err *) BASE_MUST;
/* Writes the header; chain: in h(n-1), out h(n). */
int log_end(struct log_writer *, struct log_header *,
    unsigned char chain[LOG_DIGEST], struct err *) BASE_MUST;

#endif
