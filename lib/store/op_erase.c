/* SPDX-License-Identifier: MIT */
/*
 * Erasing one record: it is removed as any other, then what the log holds of
 * it is replaced by digests, so that the audit chain stays whole and says
 * nothing (RELIABILITY.md, Privacy).
 */
#include "store/erasure.h"

#include "base/num.h"
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

/* Whether an entry is older than the one that named it: a damaged log must
 * not lead in circles. */
static bool
goes_back(const struct log_entry *e, uint64_t lsn, uint64_t seq)
{
	return e->prev_lsn < lsn || (e->prev_lsn == lsn && e->prev_seq < seq);
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

int
op_cleanse(struct op *op, const struct row *at,
    bool (*holds)(const void *arg, const struct log_entry *), const void *arg,
    struct err *err)
{
	uint64_t lsn = at->lsn, seq = at->seq;
	unsigned char key[LOG_KEY] = { 0 };
	struct str k = str_n(key, LOG_KEY);
	struct log_entry e;
	struct str raw, v;

	while (lsn != 0) {
		log_key(lsn, (uint32_t)seq, key);
		if (tree_get_raw(op_driver(op), op->tx, T_LOG, k, &raw, err) !=
		    0)
			return -1;
		/* Older ones were trimmed. */
		if (raw.p == NULL && lsn < op->head.log_from)
			return 0;
		if (raw.p == NULL || !crc_take(T_LOG, k, raw, &v) ||
		    !log_entry_read(v, &e) || id_cmp(&e.id, &at->id) != 0 ||
		    !goes_back(&e, lsn, seq))
			return crc_error(T_LOG, k, err);
		if (e.type != LOG_ERASED && (holds == NULL || holds(arg, &e))) {
			if (!erased_form(v, &op->scratch))
				return crc_error(T_LOG, k, err);
			crc_add(T_LOG, k, &op->scratch);
			if (replace(op, k, buf_str(&op->scratch), err) != 0)
				return -1;
		}
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
	row.flags |= ROW_ERASED;
	row.stamp = op->stamp;
	return op_store_row(op, &row, tree, NULL, err);
}
