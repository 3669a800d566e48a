/* SPDX-License-Identifier: MIT */
/*
 * The LMDB driver: ten named trees of one environment.  No cursor deletes
 * repeatedly, no value is written in place, and nothing but a put, a delete
 * or a commit changes the file (STORE.md, LMDB rules).
 */
#include "store/lmdb_env.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum { DEL_CHUNK = 256 };

struct tx {
	struct tx_head head;
	struct store *store;
	MDB_txn *txn; /* NULL: given up by a reopened environment */
	enum tx_mode mode;
	bool live;        /* a reader: not dropped */
	bool trees;       /* the store's handles hold in this snapshot */
	bool full;        /* the map was: grow and run again */
	bool halfway;     /* checkpoint: nothing can be run again */
	uint64_t changes; /* cursors find their place again after one */
	struct tx *next;  /* of store->readers */
};

/* Where a cursor goes on: at or behind the key `last`, or where LMDB's is. */
enum cur_at { AT_START, AT_KEY, AT_NEXT, AT_END };

struct cur {
	struct tx *tx;
	enum tree tree;
	unsigned flags;
	MDB_cursor *cursor; /* NULL: the tree does not exist yet */
	enum cur_at at;
	uint64_t changes;
	struct str lo, hi;
	struct buf last; /* sought; a writer's: the last row given */
	bool after;      /* go on behind that key, not at it */
	char bytes[];    /* of lo and hi */
};

/* ---- opening ---- */

/*
 * The map's address: LMDB tells it for fixed maps only.  A page carries its
 * number, and a key of the tree of names lies in one.
 */
static void
find_map(struct store *s, MDB_txn *txn, MDB_dbi names)
{
	MDB_cursor *c = NULL;
	MDB_val k, v;
	MDB_stat st;
	MDB_envinfo info;
	long os_page = sysconf(_SC_PAGESIZE);
	uintptr_t page, base;
	size_t no;

	if (mdb_env_stat(s->env, &st) != 0 ||
	    mdb_env_info(s->env, &info) != 0 || os_page <= 0 ||
	    st.ms_psize == 0 || (size_t)os_page % st.ms_psize != 0)
		return;
	if (mdb_cursor_open(txn, names, &c) != 0)
		return;
	if (mdb_cursor_get(c, &k, &v, MDB_FIRST) == 0) {
		page = (uintptr_t)k.mv_data & ~((uintptr_t)st.ms_psize - 1);
		memcpy(&no,
		    (const char *)k.mv_data - ((uintptr_t)k.mv_data - page),
		    sizeof(no));
		base = page - no * st.ms_psize;
		if (no <= info.me_last_pgno && base % (size_t)os_page == 0) {
			s->base =
			    (char *)k.mv_data - ((uintptr_t)k.mv_data - base);
			fault_map(s->base, s->map_size);
		}
	}
	mdb_cursor_close(c);
}

/* Handles of the ten trees: 0, 1 none there yet, -1. */
static int
open_trees(struct store *s, MDB_txn *txn, bool create, struct err *err)
{
	MDB_dbi names;
	MDB_stat st;
	int rc;

	if ((rc = mdb_dbi_open(txn, NULL, 0, &names)) != 0 ||
	    (rc = mdb_stat(txn, names, &st)) != 0)
		return lmdb_fail(s, rc, "open it", err);
	if (st.ms_entries == 0 && !create)
		return 1;
	for (int t = 0; t < TREES; t++) {
		rc = mdb_dbi_open(txn, tree_names[t],
		    create && st.ms_entries == 0 ? MDB_CREATE : 0, &s->dbi[t]);
		if (rc == MDB_NOTFOUND || rc == MDB_INCOMPATIBLE)
			return err_set(err, STATUS_CONFIG,
			    "%s: no store of ours: it has no tree '%s'",
			    s->path, tree_names[t]);
		if (rc != 0)
			return lmdb_fail(s, rc, "open it", err);
	}
	if (!create)
		find_map(s, txn, names);
	return 0;
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
		if (r->txn != NULL)
			mdb_txn_abort(r->txn);
		r->txn = NULL;
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
		    (flags & MDB_RDONLY) != 0 ? "read it" : "write to it", err);
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
	rc = open_trees(s, txn, false, err);
	if (rc == 0 && (rc = mdb_txn_commit(txn)) != 0)
		rc = lmdb_fail(s, rc, "open it", err);
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

static int
tx_fail(struct tx *tx, int rc, const char *doing)
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
		if (r->txn != NULL)
			mdb_txn_abort(r->txn);
		r->txn = NULL;
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
		return lmdb_fail(s, MDB_MAP_FULL, "write to it", err);
	if (reopen(s, size * 2, err) < 0)
		return -1;
	if (s->map_size <= size) {
		s->map_limit = size;
		return lmdb_fail(s, MDB_MAP_FULL, "write to it", err);
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
		return tx_fail(tx, rc, "write to it");
	s->trees = true;
	return begin(s, 0, &tx->txn, tx->head.err);
}

/* One try: what fn gave; *again where the map has to grow first. */
static int
write_once(struct store *s, int (*fn)(struct tx *, void *), void *arg,
    bool *again, struct err *err)
{
	struct tx tx = { .head = { err }, .store = s, .mode = TX_WRITE };
	bool first = !s->trees;
	int rc;

	if (begin(s, 0, &tx.txn, err) < 0)
		return -1;
	tx.trees = true;
	if (first) {
		fault_enter();
		rc = open_trees(s, tx.txn, true, err);
		fault_leave();
		if (rc != 0) {
			mdb_txn_abort(tx.txn);
			return -1;
		}
	}
	rc = fn(&tx, arg);
	fault_enter();
	if (rc != 0) {
		if (tx.txn != NULL)
			mdb_txn_abort(tx.txn);
	} else if ((rc = mdb_txn_commit(tx.txn)) != 0) {
		rc = tx_fail(&tx, rc, "write to it");
	} else if (first) {
		s->trees = true;
		if ((s->flags & OPEN_NOSYNC) == 0)
			rc = lmdb_sync_names(s, err);
	}
	fault_leave();
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

	if (find_trees(s, tx->head.err) < 0 ||
	    begin(s, MDB_RDONLY, &tx->txn, tx->head.err) < 0)
		return -1;
	tx->trees = s->trees;
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

static int
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
	mdb_txn_abort(tx.txn);
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
	if (tx->txn != NULL)
		mdb_txn_abort(tx->txn);
	mem_free(tx);
	*txp = NULL;
}

static int
lmdb_drop(struct tx *tx)
{
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
		if (tx->txn != NULL)
			mdb_txn_abort(tx->txn);
		tx->txn = NULL;
		return tx_begin_read(tx);
	}
	fault_enter();
	rc = mdb_txn_renew(tx->txn);
	fault_leave();
	if (rc != 0) {
		/* Begun anew, with the cures of begin. */
		mdb_txn_abort(tx->txn);
		tx->txn = NULL;
		return tx_begin_read(tx);
	}
	tx->trees = true;
	tx->live = true;
	return 0;
}

/* ---- keys and values ---- */

/* LMDB's values are not const, though it only reads what is put. */
static MDB_val
val_of(struct str s)
{
	union {
		const char *c;
		void *v;
	} p;

	p.c = s.p;
	return (MDB_val){ s.n, p.v };
}

static struct str
str_val(const MDB_val *v)
{
	return str_n(v->mv_size != 0 ? v->mv_data : "", v->mv_size);
}

static int
key_fits(struct tx *tx, enum tree t, struct str k)
{
	if (k.n > 0 && k.n <= STORE_KEY_MAX)
		return 0;
	return err_set(tx->head.err, STATUS_BUG,
	    "%s: a key of %zu bytes, wanted 1 to %d", tree_names[t], k.n,
	    STORE_KEY_MAX);
}

static int
must_write(struct tx *tx)
{
	if (tx->mode == TX_WRITE)
		return 0;
	return err_set(
	    tx->head.err, STATUS_BUG, "a write in a reading transaction");
}

static int
lmdb_get(
    struct tx *tx, enum tree t, size_t n, const struct str *k, struct str *v)
{
	int rc = 0;

	fault_enter();
	for (size_t i = 0; i < n; i++) {
		MDB_val key = val_of(k[i]), val;

		v[i] = STR_NONE;
		if (!tx->trees || k[i].n == 0 || k[i].n > STORE_KEY_MAX)
			continue;
		rc = mdb_get(tx->txn, tx->store->dbi[t], &key, &val);
		if (rc == 0)
			v[i] = str_val(&val);
		else if (rc != MDB_NOTFOUND)
			break;
		rc = 0;
	}
	fault_leave();
	return rc == 0 ? 0 : tx_fail(tx, rc, "read it");
}

/* One put with the hint, without it where the key is not the last. */
static int
put_one(MDB_cursor *c, const struct kv *kv, unsigned flags)
{
	MDB_val k = val_of(kv->k), v = val_of(kv->v);
	unsigned how = (flags & PUT_NEW) != 0 ? MDB_NOOVERWRITE : 0;
	int rc = MDB_KEYEXIST;

	if ((flags & PUT_APPEND) != 0)
		rc = mdb_cursor_put(c, &k, &v, MDB_APPEND);
	if (rc == MDB_KEYEXIST) {
		k = val_of(kv->k);
		v = val_of(kv->v);
		rc = mdb_cursor_put(c, &k, &v, how);
	}
	return rc;
}

static int
lmdb_put(struct tx *tx, enum tree t, size_t n, const struct kv *kv,
    unsigned flags, size_t *clash)
{
	MDB_cursor *c = NULL;
	size_t i;
	int rc;

	if (n == 0)
		return 0;
	if (must_write(tx) < 0)
		return -1;
	for (i = 0; i < n; i++)
		if (key_fits(tx, t, kv[i].k) < 0)
			return -1;
	tx->changes++;
	fault_enter();
	/* A cursor stays on its page: keys in order need no search each. */
	rc = mdb_cursor_open(tx->txn, tx->store->dbi[t], &c);
	for (i = 0; rc == 0 && i < n; i++)
		if ((rc = put_one(c, &kv[i], flags)) != 0)
			break;
	if (c != NULL)
		mdb_cursor_close(c);
	fault_leave();
	if (rc == MDB_KEYEXIST) {
		if (clash != NULL)
			*clash = i;
		return 1;
	}
	return rc == 0 ? 0 : tx_fail(tx, rc, "write to it");
}

static int
lmdb_del(struct tx *tx, enum tree t, size_t n, const struct str *k)
{
	int rc = 0;

	if (must_write(tx) < 0)
		return -1;
	tx->changes++;
	fault_enter();
	for (size_t i = 0; i < n; i++) {
		MDB_val key = val_of(k[i]);

		if (k[i].n == 0 || k[i].n > STORE_KEY_MAX)
			continue;
		rc = mdb_del(tx->txn, tx->store->dbi[t], &key, NULL);
		if (rc != 0 && rc != MDB_NOTFOUND)
			break;
		rc = 0;
	}
	fault_leave();
	return rc == 0 ? 0 : tx_fail(tx, rc, "write to it");
}

/* ---- ranges ---- */

static int
lmdb_range(struct tx *tx, enum tree t, struct str lo, struct str hi,
    unsigned flags, struct cur **out)
{
	struct cur *c = mem_alloc(sizeof(*c) + lo.n + hi.n);
	int rc;

	memset(c, 0, sizeof(*c));
	c->tx = tx;
	c->tree = t;
	c->flags = flags;
	c->changes = tx->changes;
	buf_init(&c->last);
	if (lo.n != 0)
		memcpy(c->bytes, lo.p, lo.n);
	if (hi.n != 0)
		memcpy(c->bytes + lo.n, hi.p, hi.n);
	c->lo = str_n(c->bytes, lo.n);
	c->hi = hi.p != NULL ? str_n(c->bytes + lo.n, hi.n) : STR_NONE;
	c->at = AT_START;
	if (tx->trees) {
		fault_enter();
		rc = mdb_cursor_open(tx->txn, tx->store->dbi[t], &c->cursor);
		fault_leave();
		if (rc != 0) {
			mem_free(c);
			return tx_fail(tx, rc, "read it");
		}
	}
	*out = c;
	return 0;
}

/* To the first key >= k (k empty: the first of all). */
static int
place_up(struct cur *c, struct str k, MDB_val *key, MDB_val *val)
{
	struct str cut = str_sub(k, 0, STORE_KEY_MAX);
	int rc;

	if (k.n == 0)
		return mdb_cursor_get(c->cursor, key, val, MDB_FIRST);
	*key = val_of(cut);
	rc = mdb_cursor_get(c->cursor, key, val, MDB_SET_RANGE);
	if (rc == 0 && cut.n < k.n && str_eq(str_val(key), cut))
		rc = mdb_cursor_get(c->cursor, key, val, MDB_NEXT);
	return rc;
}

/* To the last key <= k, or < k where below; k none: the last of all. */
static int
place_down(struct cur *c, struct str k, bool below, MDB_val *key, MDB_val *val)
{
	int rc;

	if (k.p == NULL)
		return mdb_cursor_get(c->cursor, key, val, MDB_LAST);
	rc = place_up(c, k, key, val);
	if (rc == MDB_NOTFOUND)
		return mdb_cursor_get(c->cursor, key, val, MDB_LAST);
	if (rc == 0 && (below || str_cmp(str_val(key), k) > 0))
		rc = mdb_cursor_get(c->cursor, key, val, MDB_PREV);
	return rc;
}

/* A new cursor after a change of the tree: an old one that sets out from where
 * it stood may take a page for the last that no longer is (0.9.24). */
static int
cur_anew(struct cur *c)
{
	MDB_cursor *old = c->cursor;
	int rc;

	if (c->changes == c->tx->changes)
		return 0;
	c->cursor = NULL;
	mdb_cursor_close(old);
	rc =
	    mdb_cursor_open(c->tx->txn, c->tx->store->dbi[c->tree], &c->cursor);
	if (rc == 0)
		c->changes = c->tx->changes;
	return rc;
}

/* Where a seek, or a writer after a change, goes on. */
static int
place_again(struct cur *c, MDB_val *key, MDB_val *val)
{
	struct str last = buf_str(&c->last);
	int rc;

	if ((c->flags & RANGE_REVERSE) != 0)
		return place_down(c, last, c->after, key, val);
	rc = place_up(c, last, key, val);
	if (rc == 0 && c->after && str_eq(str_val(key), last))
		rc = mdb_cursor_get(c->cursor, key, val, MDB_NEXT);
	return rc;
}

/* The next row under the cursor, whether in the range or not. */
static int
cur_step(struct cur *c, MDB_val *key, MDB_val *val)
{
	bool down = (c->flags & RANGE_REVERSE) != 0;

	switch (c->at) {
	case AT_START:
		return down ? place_down(c, c->hi, true, key, val)
			    : place_up(c, c->lo, key, val);
	case AT_KEY:
		return place_again(c, key, val);
	case AT_NEXT:
		return mdb_cursor_get(
		    c->cursor, key, val, down ? MDB_PREV : MDB_NEXT);
	case AT_END:
	default:
		return MDB_NOTFOUND;
	}
}

static bool
in_range(const struct cur *c, struct str k)
{
	if ((c->flags & RANGE_REVERSE) != 0)
		return str_cmp(k, c->lo) >= 0;
	return c->hi.p == NULL || str_cmp(k, c->hi) < 0;
}

static void
cur_remember(struct cur *c, struct str k, bool after)
{
	buf_clear(&c->last);
	buf_adds(&c->last, k);
	c->after = after;
}

static int
lmdb_next(struct cur *c, struct kv *kv, size_t max)
{
	MDB_val key, val;
	size_t n = 0;
	int rc;

	if (c->cursor == NULL || max == 0 || c->at == AT_END)
		return 0;
	/* Only a writer's place can change under it. */
	if (c->at == AT_NEXT && c->changes != c->tx->changes)
		c->at = AT_KEY;
	fault_enter();
	rc = cur_anew(c);
	while (rc == 0 && n < max && n < INT32_MAX) {
		rc = cur_step(c, &key, &val);
		if (rc == 0 && !in_range(c, str_val(&key)))
			rc = MDB_NOTFOUND;
		if (rc != 0)
			break;
		kv[n].k = str_val(&key);
		kv[n].v = str_val(&val);
		n++;
		c->at = AT_NEXT;
	}
	fault_leave();
	if (rc != 0 && rc != MDB_NOTFOUND)
		return tx_fail(c->tx, rc, "read it");
	if (rc == MDB_NOTFOUND)
		c->at = AT_END;
	if (n > 0 && c->tx->mode == TX_WRITE)
		cur_remember(c, kv[n - 1].k, true);
	return (int)n;
}

static int
lmdb_seek(struct cur *c, struct str k)
{
	bool outside = (c->flags & RANGE_REVERSE) != 0
			   ? c->hi.p != NULL && str_cmp(k, c->hi) >= 0
			   : str_cmp(k, c->lo) <= 0;

	c->at = outside ? AT_START : AT_KEY;
	cur_remember(c, k, false);
	return 0;
}

static void
lmdb_end(struct cur **cp)
{
	struct cur *c = *cp;

	if (c == NULL)
		return;
	if (c->cursor != NULL)
		mdb_cursor_close(c->cursor);
	buf_release(&c->last);
	mem_free(c);
	*cp = NULL;
}

/* Keys of the range, copied, one batch; each delete finds its place itself:
 * deleting under a moving cursor is what LMDB had its faults in. */
static int
del_some(struct tx *tx, enum tree t, struct cur *c, struct buf *bytes)
{
	struct kv kv[DEL_CHUNK];
	struct str k[DEL_CHUNK];
	size_t at = 0;
	int n = lmdb_next(c, kv, DEL_CHUNK);

	buf_clear(bytes);
	for (int i = 0; i < n; i++)
		buf_adds(bytes, kv[i].k);
	for (int i = 0; i < n; i++) {
		k[i] = str_n(bytes->p + at, kv[i].k.n);
		at += kv[i].k.n;
	}
	if (n > 0 && lmdb_del(tx, t, (size_t)n, k) < 0)
		return -1;
	return n;
}

static int
lmdb_del_range(struct tx *tx, enum tree t, struct str lo, struct str hi)
{
	struct buf bytes = BUF_INIT;
	struct cur *c = NULL;
	int rc;

	if (must_write(tx) < 0)
		return -1;
	if (lo.n == 0 && hi.p == NULL) {
		tx->changes++;
		fault_enter();
		rc = mdb_drop(tx->txn, tx->store->dbi[t], 0);
		fault_leave();
		return rc == 0 ? 0 : tx_fail(tx, rc, "write to it");
	}
	if (lmdb_range(tx, t, lo, hi, 0, &c) < 0)
		return -1;
	while ((rc = del_some(tx, t, c, &bytes)) > 0)
		continue;
	lmdb_end(&c);
	buf_release(&bytes);
	return rc;
}

/* ---- the rest ---- */

/* Pages of LMDB's list of free ones: each value begins with their number. */
static int
free_pages(MDB_txn *txn, uint64_t *pages)
{
	MDB_cursor *c = NULL;
	MDB_val k, v;
	size_t n;
	int rc;

	*pages = 0;
	if ((rc = mdb_cursor_open(txn, 0, &c)) != 0)
		return rc;
	while ((rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) == 0) {
		if (v.mv_size < sizeof(n))
			continue;
		memcpy(&n, v.mv_data, sizeof(n));
		*pages += n;
	}
	mdb_cursor_close(c);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/* One line a reader, after a head. */
static int
count_line(const char *line, void *arg)
{
	uint64_t *n = arg;

	*n += line[0] == ' ' || ascii_digit((unsigned char)line[0]);
	return 0;
}

static int
stat_tx(struct tx *tx, void *arg)
{
	struct store_stat *st = arg;
	struct store *s = tx->store;
	MDB_envinfo info;
	struct stat file;
	MDB_stat db;
	uint64_t pages;
	int fd = -1;
	int rc;

	if ((rc = mdb_env_get_fd(s->env, &fd)) != 0 ||
	    (rc = mdb_env_info(s->env, &info)) != 0 ||
	    (rc = mdb_env_stat(s->env, &db)) != 0 ||
	    (rc = free_pages(tx->txn, &pages)) != 0)
		return tx_fail(tx, rc, "read it");
	if (fstat(fd, &file) < 0)
		return tx_fail(tx, errno, "read it");
	st->page = db.ms_psize;
	st->size = (uint64_t)file.st_size;
	st->free = pages * st->page;
	/* What lies behind the last page was never used. */
	if (st->size > ((uint64_t)info.me_last_pgno + 1) * st->page)
		st->free +=
		    st->size - ((uint64_t)info.me_last_pgno + 1) * st->page;
	for (int t = 0; t < TREES && tx->trees; t++) {
		if ((rc = mdb_stat(tx->txn, s->dbi[t], &db)) != 0)
			return tx_fail(tx, rc, "read it");
		st->entries[t] = db.ms_entries;
	}
	return 0;
}

static int
lmdb_stat(struct store *s, struct store_stat *st, struct err *err)
{
	int rc;

	memset(st, 0, sizeof(*st));
	fault_enter();
	rc = mdb_reader_list(s->env, count_line, &st->readers);
	fault_leave();
	if (rc < 0)
		return lmdb_fail(s, rc, "read it", err);
	return lmdb_run(s, TX_READ, stat_tx, st, err);
}

/* A scan wants the read-ahead that MDB_NORDAHEAD took from the map. */
static void
lmdb_will_scan(struct store *s)
{
	struct stat st;
	int fd = -1;

	if (s->base == NULL || mdb_env_get_fd(s->env, &fd) != 0 ||
	    fstat(fd, &st) < 0)
		return;
	/* Advice: without it the scan is slower, no more. */
	(void)posix_madvise(s->base, (size_t)st.st_size, POSIX_MADV_NORMAL);
}

static int
lmdb_sync(struct store *s, struct err *err)
{
	int rc;

	fault_enter();
	rc = mdb_env_sync(s->env, 1);
	fault_leave();
	if (rc != 0)
		return lmdb_fail(s, rc, "write to it", err);
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
};
