/* SPDX-License-Identifier: MIT */
/*
 * Erasing one record: it is removed as any other, then what the log holds of
 * it is replaced by digests, so that the audit chain stays whole and says
 * nothing (RELIABILITY.md, Privacy).
 */
#include "store/erasure.h"

#include "base/num.h"
#include "record/labels.h"
#include "store/meta.h"
#include "store/op_int.h"

/* What stands in the place of an entry: its head without salt, its digest. */
static bool
erased_form(struct str value, struct buf *out)
{
	unsigned char digest[LOG_DIGEST];
	struct log_entry e;

	if (!log_entry_read(value, &e) || !log_digest(value, digest))
		return false;
	buf_clear(out);
	buf_add(out, value.p, (size_t)((const char *)e.salt - value.p));
	out->p[1] = LOG_ERASED;
	buf_add(out, digest, sizeof(digest));
	return true;
}

/* A long value stands in pages of its own, where LMDB would write a shorter
 * one over its beginning: they are given up first. */
static int
replace(struct op *op, struct str key, struct str value, struct err *err)
{
	if (tree_del(op_driver(op), op->tx, T_LOG, key, err) != 0)
		return -1;
	return op_put_bytes(op, T_LOG, key, value, 0, err);
}

/* An entry and its value, views of what is read: 1; 0 it was trimmed; -1. */
static int
read_entry(struct op *op, uint64_t lsn, uint64_t seq, struct str *v,
    struct log_entry *e, struct err *err)
{
	unsigned char key[LOG_KEY];
	struct str k = str_n(key, LOG_KEY);
	struct str raw;

	log_key(lsn, (uint32_t)seq, key);
	if (tree_get_raw(op_driver(op), op->tx, T_LOG, k, &raw, err) != 0)
		return -1;
	if (raw.p == NULL && lsn < op->head.log_from)
		return 0;
	if (raw.p == NULL || !crc_take(T_LOG, k, raw, v) ||
	    !log_entry_read(*v, e) || !log_goes_back(e, lsn, seq))
		return crc_error(T_LOG, k, err);
	return 1;
}

static int
put_erased(
    struct op *op, uint64_t lsn, uint64_t seq, struct str v, struct err *err)
{
	unsigned char key[LOG_KEY];
	struct str k = str_n(key, LOG_KEY);

	log_key(lsn, (uint32_t)seq, key);
	if (!erased_form(v, &op->scratch))
		return crc_error(T_LOG, k, err);
	crc_add(T_LOG, k, &op->scratch);
	return replace(op, k, buf_str(&op->scratch), err);
}

/* Scores that went with the record were logged just before it: their chain. */
static int
cleanse_scores(struct op *op, const struct id *id, uint64_t lsn, uint64_t seq,
    struct err *err)
{
	struct log_entry e = { 0 };
	struct str v = STR("");
	int rc = 1;

	while (lsn != 0 && seq != 0 &&
	       (rc = read_entry(op, lsn, seq, &v, &e, err)) == 1) {
		if (e.tree != T_AGG || id_cmp(&e.id, id) != 0)
			break;
		if (e.type != LOG_ERASED &&
		    put_erased(op, lsn, seq, v, err) != 0)
			return -1;
		lsn = e.prev_lsn;
		seq = e.prev_seq;
	}
	return rc < 0 ? -1 : 0;
}

int
op_cleanse(struct op *op, const struct row *at,
    bool (*holds)(const void *arg, const struct log_entry *), const void *arg,
    struct err *err)
{
	uint64_t lsn = at->lsn, seq = at->seq;
	unsigned char key[LOG_KEY];
	enum log_type type;
	struct log_entry e = { 0 };
	struct str v = STR("");
	int rc;

	while (lsn != 0) {
		rc = read_entry(op, lsn, seq, &v, &e, err);
		if (rc <= 0)
			return rc;
		type = e.type;
		if (id_cmp(&e.id, &at->id) != 0) {
			log_key(lsn, (uint32_t)seq, key);
			return crc_error(T_LOG, str_n(key, LOG_KEY), err);
		}
		if (type != LOG_ERASED && (holds == NULL || holds(arg, &e)) &&
		    put_erased(op, lsn, seq, v, err) != 0)
			return -1;
		if (holds == NULL &&
		    (type == LOG_DELETE || type == LOG_ERASED) &&
		    cleanse_scores(op, &at->id, lsn, seq - 1, err) != 0)
			return -1;
		lsn = e.prev_lsn;
		seq = e.prev_seq;
	}
	return 0;
}

/* Of a record that was removed before: an entry that says what was done to
 * it now, of which nobody knows what it stood for. */
static int
log_again(struct op *op, struct row *dead, enum tree tree, struct err *err)
{
	unsigned char digest[LOG_DIGEST];
	struct buf *v = &op->log.value;

	log_entry_begin(
	    &op->log, LOG_DELETE, tree, &dead->id, dead->lsn, dead->seq);
	if (!log_digest(buf_str(v), digest))
		bug("an entry of the log that cannot be read");
	v->p[1] = LOG_ERASED;
	buf_cut(v, v->n - LOG_SALT);
	buf_add(v, digest, sizeof(digest));
	dead->lsn = op->log.lsn;
	dead->seq = op->log.seq;
	return log_entry_end(&op->log, err);
}

/* The row of a tombstone: 1; 0 there is no record, or it was erased; -1. */
static int
dead_row(struct op *op, const struct id *id, enum tree *tree, struct row *row,
    struct err *err)
{
	struct rowview view;
	int rc = op_old(op, id, tree, &view, row, err);

	if (rc <= 0)
		return rc;
	return (row->flags & ROW_ERASED) == 0;
}

int
op_erase(struct op *op, const struct id *given, struct err *err)
{
	struct id id = *given;
	struct row row = { 0 };
	enum tree tree;
	bool live;
	int rc;

	arena_clear(&op->arena);
	rc = dead_row(op, &id, &tree, &row, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return op_no_such(&id, err);
	live = (row.flags & ROW_DELETED) == 0;
	if (live && op_remove(op, &id, err) != 0)
		return -1;
	arena_clear(&op->arena);
	row = (struct row){ 0 };
	rc = dead_row(op, &id, &tree, &row, err);
	if (rc <= 0)
		return rc < 0 ? -1 : op_no_such(&id, err);
	if (!live && log_again(op, &row, tree, err) != 0)
		return -1;
	if (op_cleanse(op, &row, NULL, NULL, err) != 0)
		return -1;
	/* Where it was merged nobody shall see either. */
	if (op_index_row(op, &row, true, err) != 0)
		return -1;
	row_drop(&row, LABEL_MERGED_INTO);
	row.flags |= ROW_ERASED;
	row.stamp = op->stamp;
	return op_store_row(op, &row, tree, NULL, err);
}
