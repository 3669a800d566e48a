/* SPDX-License-Identifier: MIT */
/*
 * The log says which records were changed since; each is put over the
 * snapshot as it was then, by an operation that writes no log.
 */
#include "store/past.h"

#include "base/ids.h"
#include "base/mem.h"
#include "base/vec.h"
#include "record/labels.h"
#include "store/history.h"
#include "store/internal.h"
#include "store/meta.h"
#include "store/op_int.h"
#include "store/overlay.h"

enum { SECOND_MS = 1000, ROWS = 64, IDS_FIRST = 1 << 12 };

struct past {
	struct reading *under;
	uint64_t lsn;     /* what it left is wanted */
	struct ids ids;   /* records that were changed since */
	bool scored;      /* scores were changed since */
	struct ids unset; /* of them those that are not live now; later those
			   * whose derived fields are to be made */
	struct arena arena;
	struct err *err;
};

/* ---- which records ---- */

static void
ids_settle(struct ids *ids)
{
	ids->n = ids_sort_once(ids->v, ids->n);
}

static int
entry_id(struct past *p, struct kv *kv, struct err *err)
{
	struct log_entry e;
	struct str value;

	if (kv->k.n != LOG_KEY || !crc_take(T_LOG, kv->k, kv->v, &value))
		return crc_error(T_LOG, kv->k, err);
	/* The last four bytes are 0 in the key of an operation's header. */
	if (memcmp(kv->k.p + LOG_KEY - 4, "\0\0\0\0", 4) == 0)
		return 0;
	if (!log_entry_read(value, &e))
		return codec_damaged(T_LOG, kv->k, "no entry", err);
	if (e.tree == T_AGG)
		p->scored = true;
	else if (e.type != LOG_SCHEMA)
		vec_push(&p->ids, e.id);
	return 0;
}

/* A record changed often is kept once: memory follows the records. */
static int
changed_since(struct past *p, struct err *err)
{
	const struct driver *d = p->under->db->driver;
	unsigned char key[LOG_KEY];
	size_t full = IDS_FIRST;
	struct cur *cur = NULL;
	struct kv kv[ROWS];
	int n, i;
	int rc = 0;

	log_key(p->lsn + 1, 0, key);
	if (d->range(p->under->tx, T_LOG, str_n(key, LOG_KEY), STR_NONE, 0,
		&cur) != 0)
		return tx_fail(p->under->tx, err);
	while (rc == 0 && (n = d->next(cur, kv, ROWS)) != 0) {
		if (n < 0)
			rc = tx_fail(p->under->tx, err);
		for (i = 0; rc == 0 && i < n; i++)
			rc = entry_id(p, &kv[i], err);
		if (p->ids.n >= full) {
			ids_settle(&p->ids);
			full = p->ids.n * 2 > full ? p->ids.n * 2 : full;
		}
	}
	d->end(&cur);
	ids_settle(&p->ids);
	return rc;
}

/* ---- scores ---- */

static int
score_entry(struct op *op, struct kv *kv, struct err *err)
{
	struct log_entry e;
	struct str value;

	if (kv->k.n != LOG_KEY || !crc_take(T_LOG, kv->k, kv->v, &value))
		return crc_error(T_LOG, kv->k, err);
	if (memcmp(kv->k.p + LOG_KEY - 4, "\0\0\0\0", 4) == 0 ||
	    !log_entry_read(value, &e) || e.type != LOG_SCORE)
		return 0;
	return op_scores_back(op, &e, err);
}

/* From the end of the log, each entry about scores is taken back: they are
 * then those of that moment, whatever became of the records. */
static int
scores_back(struct past *p, struct op *op, struct err *err)
{
	struct reading *r = p->under;
	const struct driver *d = r->db->driver;
	unsigned char key[LOG_KEY];
	struct cur *cur = NULL;
	struct kv kv[ROWS];
	int n = 0, i;
	int rc = 0;

	if (!p->scored)
		return 0;
	log_key(p->lsn + 1, 0, key);
	if (d->range(r->tx, T_LOG, str_n(key, LOG_KEY), STR_NONE, RANGE_REVERSE,
		&cur) != 0)
		return tx_fail(r->tx, err);
	while (rc == 0 && (n = d->next(cur, kv, ROWS)) > 0)
		for (i = 0; rc == 0 && i < n; i++)
			rc = score_entry(op, &kv[i], err);
	d->end(&cur);
	return n < 0 ? tx_fail(r->tx, err) : rc;
}

/* ---- one record ---- */

/* What others may wait for, or are counted by: its unique values and its rows
 * in timelines.  1: it is live, 0, -1. */
static int
let_go(struct op *op, const struct id *id, struct err *err)
{
	struct row now = { 0 };
	struct rowview view;
	enum tree tree;
	int rc;

	arena_clear(&op->arena);
	rc = op_old(op, id, &tree, &view, &now, err);
	if (rc <= 0 || (now.flags & ROW_DELETED))
		return rc < 0 ? -1 : 0;
	if (op_unique_lost(op, &now, NULL, &op->keys, err) != 0 ||
	    op_unique_put(op, buf_str(&op->keys), id, true, err) != 0 ||
	    op_timeline(op, &now, true, err) != 0)
		return -1;
	return 1;
}

/* What stands there now; not live: a tombstone, or nothing. */
struct standing {
	struct row row;
	enum tree tree;
	bool live;
};

/* The rest of it goes, but for index entries, which `then` may share. */
static int
take_away(
    struct op *op, const struct id *id, struct standing *now, struct err *err)
{
	struct str key = id_str(id);
	struct rowview view;
	int rc;

	*now = (struct standing){ 0 };
	rc = op_old(op, id, &now->tree, &view, &now->row, err);
	if (rc <= 0)
		return rc;
	now->live = !(now->row.flags & ROW_DELETED);
	if (!now->live) {
		op->counts.dead[now->tree]--;
		/* One that was merged is found by its id still. */
		if (op_index_row(op, &now->row, true, err) != 0)
			return -1;
	} else if (op_blobs(op, &now->row, op_stored_blobs(op, &view), true,
		       err) != 0) {
		return -1;
	} else {
		op->counts.live[now->row.kind->no]--;
	}
	return tree_del(op_driver(op), op->tx, now->tree, key, err);
}

static int
put_index(struct op *op, const struct standing *now, const struct row *then,
    struct err *err)
{
	if (!now->live)
		return op_index_row(op, then, false, err);
	if (now->row.kind == then->kind)
		return op_index_edit(op, &now->row, then, err);
	if (op_index_row(op, &now->row, true, err) != 0)
		return -1;
	return op_index_row(op, then, false, err);
}

/* The record just as it was.  Unique values are not asked about: all that
 * changed let theirs go before, and those that did not had theirs then. */
static int
put_back(struct op *op, const struct standing *now, struct row *then,
    struct err *err)
{
	bool *blob = arena_zero(&op->arena, then->n + 1, sizeof(*blob));

	then->flags = 0;
	op_row_flags(then);
	if (row_blobs(then, blob) > 0 &&
	    op_blobs(op, then, blob, false, err) != 0)
		return -1;
	if (op_store_row(op, then, kind_tree(then->kind), blob, err) != 0 ||
	    op_unique_lost(op, then, NULL, &op->keys, err) != 0 ||
	    op_unique_put(op, buf_str(&op->keys), &then->id, false, err) != 0 ||
	    put_index(op, now, then, err) != 0 ||
	    op_timeline(op, then, false, err) != 0)
		return -1;
	op->counts.live[then->kind->no]++;
	return 0;
}

static bool
has_agg(const struct row *row)
{
	return row->kind->no == KIND_CONTACT || row->kind->no == KIND_COMPANY;
}

/* One that was merged by then, and is not now, leads on as it did. */
static int
put_merged(struct past *p, struct op *op, const struct id *id, struct err *err)
{
	struct row dead = { .id = *id, .flags = ROW_DELETED };
	struct id into;
	int rc = history_into(p->under, id, p->lsn, &dead.kind, &into, err);

	if (rc <= 0)
		return rc;
	row_merged(op->db, &dead, &op->arena, &into);
	op->counts.dead[kind_tree(dead.kind)]++;
	if (op_store_row(op, &dead, kind_tree(dead.kind), NULL, err) != 0)
		return -1;
	return op_index_row(op, &dead, false, err);
}

/* 1: a customer is there as it was, 0, -1. */
static int
bring_back(struct past *p, struct op *op, const struct id *id, struct err *err)
{
	struct str key = id_str(id);
	struct row then = { 0 };
	struct standing now;
	int rc;

	arena_clear(&p->arena);
	arena_clear(&op->arena);
	rc = history_row(p->under, id, p->lsn, &p->arena, &then, err);
	if (rc < 0 || take_away(op, id, &now, err) != 0)
		return -1;
	if (rc == 1)
		return put_back(op, &now, &then, err) == 0 ? has_agg(&then)
							   : -1;
	if (now.live && op_index_row(op, &now.row, true, err) != 0)
		return -1;
	/* Of a customer who was not there no score stays either. */
	if (tree_del(op_driver(op), op->tx, T_AGG, key, err) != 0)
		return -1;
	/* Customers alone are merged. */
	if (now.row.kind != NULL && !has_agg(&now.row))
		return 0;
	return put_merged(p, op, id, err);
}

/* ---- all of them ---- */

/*
 * First all let their unique values go, then each is put back, so that a value
 * may pass from one record to another.  Derived fields follow from the
 * timeline rows that go and, once those are gone, from those that come; of a
 * customer who was removed since, rows may have stayed, so his are made from
 * all of them.
 */
static int
go_back(struct op *op, void *arg)
{
	struct past *p = arg;
	struct ids *unset = &p->unset;
	size_t i, at = 0, n = 0;
	int rc;

	op->unlogged = true;
	unset->n = 0;
	if (scores_back(p, op, p->err) != 0)
		return -1;
	for (i = 0; i < p->ids.n; i++) {
		rc = let_go(op, &p->ids.v[i], p->err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			vec_push(unset, p->ids.v[i]);
	}
	if (op_flush(op, p->err) != 0)
		return -1;
	for (i = 0; i < p->ids.n; i++) {
		bool was_unset =
		    at < unset->n && id_cmp(&unset->v[at], &p->ids.v[i]) == 0;

		rc = bring_back(p, op, &p->ids.v[i], p->err);
		if (rc < 0)
			return -1;
		at += was_unset;
		if (rc == 1 && was_unset)
			unset->v[n++] = p->ids.v[i];
	}
	if (op_flush(op, p->err) != 0)
		return -1;
	for (i = 0; i < n; i++)
		if (agg_rebuild(op->db, op->tx, &unset->v[i], &p->arena,
			&op->scratch, p->err) != 0)
			return -1;
	op->head.lsn = p->lsn;
	return 0;
}

/* Takes `under` over. */
static struct db *
past_new(struct db *base, struct reading **under, const struct clock *when)
{
	const struct db_opts opts = { base->url, 0, 0, when, base->prog };
	struct db *db = db_new(&opts);

	db->driver = &driver_overlay;
	overlay_open(&db->store, base->driver, base->store, (*under)->tx);
	db->under = *under;
	*under = NULL;
	/* Kinds and fields are the base's own, so that queries and rows may
	 * pass from one to the other; the rest is read as at any opening. */
	memcpy(db->currency, base->currency, sizeof(db->currency));
	db_take_schema(db, base->base, NULL);
	db->head = base->head;
	db->head.lsn = UINT64_MAX;
	db->loaded = base->loaded;
	return db;
}

/* Times are whole seconds (FORMAT.md): of several operations in the one that
 * is named, the last counts. */
static int64_t
second_end(int64_t ms)
{
	int64_t part = ms % SECOND_MS;

	return ms - (part < 0 ? part + SECOND_MS : part) + SECOND_MS - 1;
}

int
db_past(
    struct db **out, struct db *base, const struct clock *when, struct err *err)
{
	struct past p = { 0 };
	struct reading *under = NULL;
	struct db *db = NULL;
	int rc = -1;

	*out = NULL;
	arena_init(&p.arena);
	p.err = err;
	if (db_read(base, &under, err) != 0)
		goto out;
	p.under = under;
	if (under->tx != NULL &&
	    (history_at(under, second_end(when->now), &p.lsn, err) < 0 ||
		changed_since(&p, err) != 0))
		goto out;
	db = past_new(base, &under, when);
	if (op_run(db, 0, NULL, go_back, &p, err) != 0)
		goto out;
	*out = db;
	db = NULL;
	rc = 0;
out:
	db_close(&db);
	reading_close(&under);
	vec_release(&p.ids);
	vec_release(&p.unset);
	arena_release(&p.arena);
	return rc;
}
