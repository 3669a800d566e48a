/* SPDX-License-Identifier: MIT */
/*
 * The LMDB driver: ten named trees of one environment.  No cursor deletes
 * repeatedly, no value is written in place, and nothing but a put, a delete
 * or a commit changes the file (STORE.md, LMDB rules).
 */
#include "store/lmdb_env.h"

#include <assert.h>

#include "base/mem.h"

/* ---- opening ---- */

/* Ends what is begun, if anything is. */
static void
tx_abort(struct tx *tx)
{
	fault_enter();
	lmdb_forget_places(tx);
	if (tx->txn != NULL)
		mdb_txn_abort(tx->txn);
	fault_leave();
	tx->txn = NULL;
	lmdb_vet_free(tx);
}

/* Lets go of dropped readers' transactions and opens the file again with a
 * map of `size`; a live one holds the old map. */
static int
reopen(struct store *s, size_t size, struct err *err)
{
	for (struct tx *r = s->readers; r != NULL; r = r->next)
		if (r->live)
			return err_set(err, STATUS_BUSY,
			    "%s: the file grew while it was read; try again",
			    s->path);
	for (struct tx *r = s->readers; r != NULL; r = r->next) {
		tx_abort(r);
	}
	return lmdb_reopen_env(s, size, err);
}

/* mdb_txn_begin, with the cures of STORE.md, each once. */
static int
begin(struct store *s, unsigned flags, MDB_txn **txn, struct err *err)
{
	bool resized = false, checked = false;
	int dead = 0;
	int rc;

	for (;;) {
		fault_enter();
		rc = mdb_txn_begin(s->env, NULL, flags, txn);
		fault_leave();
		if (rc == MDB_READERS_FULL && !checked) {
			checked = true;
			fault_enter();
			(void)mdb_reader_check(s->env, &dead); /* as below */
			fault_leave();
		} else if (rc == MDB_MAP_RESIZED && !resized) {
			/* Not mdb_env_set_mapsize: where that cannot map, the
			 * environment is left without a map. */
			resized = true;
			if (reopen(s, 0, err) < 0)
				return -1;
		} else {
			break;
		}
	}
	if (rc != 0) {
		*txn = NULL;
		return lmdb_fail(s, rc,
		    (flags & MDB_RDONLY) != 0 ? "cannot read it"
					      : "cannot write to it",
		    err);
	}
	return 0;
}

/* Opens the trees where they exist by now. */
static int
find_trees(struct store *s, struct err *err)
{
	MDB_txn *txn = NULL;
	int rc;

	if (s->trees)
		return 0;
	if (begin(s, MDB_RDONLY, &txn, err) < 0)
		return -1;
	fault_enter();
	rc = lmdb_open_trees(s, txn, false, err);
	if (rc == 0 && (rc = mdb_txn_commit(txn)) != 0)
		rc = lmdb_fail(s, rc, "cannot open it", err);
	else if (rc != 0)
		mdb_txn_abort(txn);
	fault_leave();
	s->trees = rc == 0;
	return rc < 0 ? -1 : 0;
}

static void
lmdb_close(struct store **sp)
{
	struct store *s = *sp;

	if (s == NULL)
		return;
	assert(s->readers == NULL);
	lmdb_close_path(s);
	mem_free(s->path);
	mem_free(s);
	*sp = NULL;
}

static int
lmdb_open(struct store **out, const char *url, unsigned flags, unsigned lock_ms,
    struct err *err)
{
	struct store *s = mem_zero(1, sizeof(*s));
	int dead = 0;

	s->path = mem_dup(url);
	s->dir = -1;
	s->flags = flags;
	if ((flags & (OPEN_CREATE | OPEN_NEW | OPEN_NOSYNC)) != 0)
		s->flags |= OPEN_WRITE;
	if ((flags & OPEN_NEW) != 0)
		s->flags |= OPEN_CREATE;
	s->lock_ms = lock_ms;
	if (lmdb_open_path(s, err) < 0)
		goto fail;
	/* Slots of readers that were killed; if it fails they stay. */
	fault_enter();
	(void)mdb_reader_check(s->env, &dead);
	fault_leave();
	if (find_trees(s, err) < 0)
		goto fail;
	*out = s;
	return 0;
fail:
	lmdb_close(&s);
	return -1;
}

/* ---- transactions ---- */

int
lmdb_tx_fail(struct tx *tx, int rc, const char *doing)
{
	tx->full = tx->full || rc == MDB_MAP_FULL;
	return lmdb_fail(tx->store, rc, doing, tx->head.err);
}

/* The data file of the path was exchanged (crm-db compact): ours is history.
 * Opens the new one and takes its lock. */
static int
follow_path(struct store *s, struct err *err)
{
	for (struct tx *r = s->readers; r != NULL; r = r->next)
		if (r->live)
			return err_set(err, STATUS_BUSY,
			    "%s: it was replaced while it was read; try again",
			    s->path);
	for (struct tx *r = s->readers; r != NULL; r = r->next) {
		tx_abort(r);
	}
	lmdb_close_path(s);
	if (lmdb_open_path(s, err) < 0)
		return -1;
	return find_trees(s, err);
}

static int
lock_current(struct store *s, struct err *err)
{
	for (;;) {
		if (lmdb_lock(s, err) < 0)
			return -1;
		if (!lmdb_replaced(s))
			return 0;
		if (follow_path(s, err) < 0)
			return -1;
	}
}

/* Doubles the map; 74 names the limit. */
static int
grow(struct store *s, struct err *err)
{
	size_t size = s->map_size;

	if (size > s->map_limit / 2)
		return lmdb_fail(s, MDB_MAP_FULL, "cannot write to it", err);
	if (reopen(s, size * 2, err) < 0)
		return -1;
	if (s->map_size <= size) {
		s->map_limit = size;
		return lmdb_fail(s, MDB_MAP_FULL, "cannot write to it", err);
	}
	return 0;
}

/* What was put so far stays, whatever comes: for a store that nobody sees
 * until it is whole. */
static int
lmdb_checkpoint(struct tx *tx)
{
	struct store *s = tx->store;
	int rc;

	if (tx->mode != TX_WRITE || (s->flags & OPEN_NOSYNC) == 0)
		return 0;
	tx->halfway = true;
	fault_enter();
	rc = mdb_txn_commit(tx->txn);
	fault_leave();
	tx->txn = NULL;
	if (rc != 0)
		return lmdb_tx_fail(tx, rc, "cannot write to it");
	s->trees = true;
	return begin(s, 0, &tx->txn, tx->head.err);
}

/* One try: what fn gave; *again where the map has to grow first. */
static int
write_once(struct store *s, int (*fn)(struct tx *, void *), void *arg,
    bool *again, struct err *err)
{
	struct tx tx = { .head = { err }, .store = s, .mode = TX_WRITE };
	bool first;
	int rc;

	if (begin(s, 0, &tx.txn, err) < 0)
		return -1;
	/* Where directories cannot be locked, LMDB's lock alone was waited
	 * for, and it is one of files that may be history by now. */
	if (!s->locked && lmdb_replaced(s)) {
		tx_abort(&tx);
		*again = true;
		return follow_path(s, err);
	}
	first = !s->trees; /* begin may have opened the file anew */
	tx.trees = true;
	if (first) {
		fault_enter();
		rc = lmdb_open_trees(s, tx.txn, true, err);
		fault_leave();
		if (rc != 0) {
			tx_abort(&tx);
			return -1;
		}
	}
	rc = fn(&tx, arg);
	fault_enter();
	if (rc != 0) {
		tx_abort(&tx);
	} else if ((rc = mdb_txn_commit(tx.txn)) != 0) {
		rc = lmdb_tx_fail(&tx, rc, "cannot write to it");
	} else {
		lmdb_tail_fill(s);
		if (first && (s->flags & OPEN_NOSYNC) == 0)
			rc = lmdb_sync_names(s, err);
		s->trees = true;
	}
	fault_leave();
	lmdb_vet_free(&tx);
	*again = rc < 0 && tx.full && !tx.halfway;
	return rc;
}

static int
run_write(
    struct store *s, int (*fn)(struct tx *, void *), void *arg, struct err *err)
{
	bool again;
	int rc;

	if ((s->flags & OPEN_WRITE) == 0)
		return err_set(
		    err, STATUS_BUG, "%s: opened for reading", s->path);
	if (s->writing)
		bug("a write transaction within another");
	if (lock_current(s, err) < 0) {
		lmdb_unlock(s);
		return -1;
	}
	s->writing = true;
	do {
		again = false;
		rc = write_once(s, fn, arg, &again, err);
		if (again && rc == 0)
			continue; /* it was replaced */
		if (again) {
			err_clear(err);
			again = grow(s, err) == 0;
		}
	} while (again);
	s->writing = false;
	lmdb_unlock(s);
	return rc;
}

/* Begins a reading transaction of tx. */
static int
tx_begin_read(struct tx *tx)
{
	struct store *s = tx->store;
	bool had;

	for (;;) {
		if (find_trees(s, tx->head.err) < 0)
			return -1;
		had = s->trees;
		if (begin(s, MDB_RDONLY, &tx->txn, tx->head.err) < 0)
			return -1;
		if (had == s->trees)
			break;
		/* begin had to open the file anew: the handles are gone. */
		tx_abort(tx);
	}
	tx->trees = had;
	tx->live = true;
	return 0;
}

static void
readers_add(struct tx *tx)
{
	tx->next = tx->store->readers;
	tx->store->readers = tx;
}

static void
readers_remove(struct tx *tx)
{
	struct tx **at = &tx->store->readers;

	while (*at != NULL && *at != tx)
		at = &(*at)->next;
	if (*at != NULL)
		*at = tx->next;
}

int
lmdb_run(struct store *s, enum tx_mode mode, int (*fn)(struct tx *, void *),
    void *arg, struct err *err)
{
	struct tx tx = { .head = { err }, .store = s, .mode = TX_READ };
	int rc;

	if (mode == TX_WRITE)
		return run_write(s, fn, arg, err);
	if (tx_begin_read(&tx) < 0)
		return -1;
	readers_add(&tx);
	rc = fn(&tx, arg);
	readers_remove(&tx);
	tx_abort(&tx);
	return rc;
}

static int
lmdb_begin_read(struct store *s, struct tx **out, struct err *err)
{
	struct tx *tx = mem_zero(1, sizeof(*tx));

	tx->head.err = err;
	tx->store = s;
	tx->mode = TX_READ;
	if (tx_begin_read(tx) < 0) {
		mem_free(tx);
		return -1;
	}
	readers_add(tx);
	*out = tx;
	return 0;
}

static void
lmdb_end_read(struct tx **txp)
{
	struct tx *tx = *txp;

	if (tx == NULL)
		return;
	readers_remove(tx);
	tx_abort(tx);
	mem_free(tx);
	*txp = NULL;
}

static int
lmdb_drop(struct tx *tx)
{
	lmdb_forget_places(tx);
	if (tx->live)
		mdb_txn_reset(tx->txn);
	tx->live = false;
	return 0;
}

static int
lmdb_renew(struct tx *tx)
{
	struct store *s = tx->store;
	int rc;

	(void)lmdb_drop(tx); /* always 0 */
	if (!s->trees || tx->txn == NULL) {
		tx_abort(tx);
		return tx_begin_read(tx);
	}
	fault_enter();
	rc = mdb_txn_renew(tx->txn);
	fault_leave();
	if (rc != 0) {
		/* Begun anew, with the cures of begin. */
		tx_abort(tx);
		return tx_begin_read(tx);
	}
	tx->trees = true;
	tx->live = true;
	return 0;
}

/* ---- the rest ---- */

static int
lmdb_sync(struct store *s, struct err *err)
{
	int rc;

	fault_enter();
	rc = mdb_env_sync(s->env, 1);
	fault_leave();
	if (rc != 0)
		return lmdb_fail(s, rc, "cannot write to it", err);
	return lmdb_sync_names(s, err);
}

const struct driver driver_lmdb = {
	.abi = STORE_DRIVER_ABI,
	.caps = CAP_RETRY,
	.name = "lmdb",
	.open = lmdb_open,
	.close = lmdb_close,
	.run = lmdb_run,
	.get = lmdb_get,
	.put = lmdb_put,
	.del = lmdb_del,
	.del_range = lmdb_del_range,
	.range = lmdb_range,
	.next = lmdb_next,
	.seek = lmdb_seek,
	.end = lmdb_end,
	.drop = lmdb_drop,
	.renew = lmdb_renew,
	.begin_read = lmdb_begin_read,
	.end_read = lmdb_end_read,
	.stat = lmdb_stat,
	.will_scan = lmdb_will_scan,
	.sync = lmdb_sync,
	.checkpoint = lmdb_checkpoint,
	.verify = lmdb_verify,
	.copy = lmdb_copy,
	.near = lmdb_near,
	.replaced = lmdb_replaced,
};
