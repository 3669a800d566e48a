/* SPDX-License-Identifier: MIT */
/*
 * Records as bytes (STORE.md, Record codec), checksums of values, timeline
 * rows, and order-preserving keys.  Bounds are checked on every read: bytes
 * may be damaged.
 */
#ifndef STORE_CODEC_H
#define STORE_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/id.h"
#include "record/row.h"
#include "record/schema.h"
#include "store/driver.h"

enum {
	CODEC_VERSION = 1,
	RECORD_MAX = 1500,
	BLOB_PART = 1500,
	KEY_VALUE_MAX = 400,
	WORD_MAX = 64,
	WORDS_MAX = 200,
	WORDS_TEXT_MAX = 65536
};

/* ---- checksums: CRC32C over tree number, key, value ---- */
void crc_add(enum tree, struct str key, struct buf *value);
/* The same over what the buffer holds from `from` on (nothing where that is
 * empty): for values that are made one behind another. */
void crc_add_from(enum tree, struct str key, struct buf *, size_t from);
/* The value without its checksum; false: damaged.  An empty value has none. */
bool crc_take(enum tree, struct str key, struct str value, struct str *out);
/* err 74: "TREE ID: damaged ...". Returns -1. */
int crc_error(enum tree, struct str key, struct err *);

/* ---- records ---- */
/* Appends codec bytes and checksum of a row.  Values of slots marked in
 * `blob` (by index, may be NULL) are written as length and CRC only. */
void row_encode(const struct row *, enum tree, const bool *blob, struct buf *);
/* Which slots must go to blob so that the record stays under RECORD_MAX,
 * longest first; returns how many. */
size_t row_blobs(const struct row *, bool *blob);

/*
 * A stored record opened without copying: header offsets only.  Values are
 * views of the bytes.
 */
struct rowview {
	struct id id;
	const struct kind *kind;
	unsigned flags;
	struct stamp stamp;
	uint64_t rev, lsn, seq;
	const unsigned char *heads; /* n pairs of varints */
	const unsigned char *values, *end;
	const unsigned char *stamps; /* behind the heads, or NULL */
	unsigned n, nstamps;
};
/* 1; -1 with err 74 where damaged.  Checks the checksum.  A kind number that
 * the schema does not know is an error too. */
int rowview_open(struct rowview *, const struct schema *, enum tree,
    struct str key, struct str value, struct err *);
/* The next live value with label number no: *pos starts zeroed.
 * *blob: the value lives in blob (v is its length and CRC). */
struct rowview_pos {
	unsigned slot;
	size_t head, off;
};
bool rowview_next(const struct rowview *, unsigned no, struct rowview_pos *,
    struct str *v, bool *blob);
/* Every slot, removed ones (v.n 0) too, for decoding the whole. */
bool rowview_each(const struct rowview *, struct rowview_pos *, unsigned *no,
    struct str *v, bool *blob);
int rowview_places(const struct rowview *); /* of its currency */
/* The stamp of a slot that has its own; false: the record's is its stamp. */
bool rowview_stamp(const struct rowview *, unsigned slot, struct stamp *);
/* The whole into a row (values are views; blobs are left to the caller:
 * slot.v is then the 8 bytes and *nblobs counts them).  blob_of_slot has room
 * for view->n, or is NULL.  Labels that are no field of the kind (x.NAME, a
 * field since removed) come with f NULL: the dictionary knows them. */
int row_decode(const struct rowview *, struct arena *, struct row *,
    bool *blob_of_slot, size_t *nblobs, struct err *);

/* The 8 bytes that stand for a value in blob: its length and CRC32C. */
enum { BLOB_REF = 8 };
void blob_ref(struct str text, unsigned char out[BLOB_REF]);
/* Whether `text` is what those bytes stand for; *n: the length alone. */
bool blob_ref_is(struct str ref, struct str text);
bool blob_ref_len(struct str ref, size_t *n);

/* ---- timeline rows (tree tl): key subject 16, time 8, record 16 ---- */
struct tl_row {
	uint8_t kind, dir; /* dir: 1 in, 2 out, 4 by a person, 8 counted */
	uint16_t type, state;
	int64_t amount;
};
enum { TL_IN = 1, TL_OUT = 2, TL_PERSON = 4, TL_COUNTED = 8, TL_KEY = 40 };
void tl_key(const struct id *subject, int64_t ms, const struct id *rec,
    unsigned char out[TL_KEY]);
void tl_encode(
    const struct tl_row *, const unsigned char key[TL_KEY], struct buf *);
bool tl_decode(struct str key, struct str value, struct tl_row *, int64_t *ms,
    struct id *rec);

/* ---- order-preserving forms for index keys (appended) ---- */
void key_text(struct buf *, struct str folded); /* cut at KEY_VALUE_MAX, 00 */
void key_i64(struct buf *, int64_t);            /* + 2^63 */
void key_i32(struct buf *, int32_t);            /* + 2^31 */
void key_decimal(struct buf *, struct decimal);
void key_phone(struct buf *, struct str phone); /* digits, last first, 00 */
void key_suffix(
    struct buf *, const struct id *); /* 10 last chars, last first */
void key_monthday(struct buf *, int32_t days);
/*
 * The index form of one stored value of f; false: not indexed by value, or
 * bytes that are none of its type.  Of `date|datetime` both forms are
 * milliseconds, a day as its midnight UTC: who looks for local days widens by
 * a day on both sides and asks the record.  Money needs places >= 0.
 */
bool key_value(struct buf *, const struct field *, struct str stored,
    int places, struct arena *);

#endif
