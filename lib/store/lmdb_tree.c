/* SPDX-License-Identifier: MIT */
/*
 * Keys, values and ranges of the LMDB driver.  No cursor deletes repeatedly:
 * that is where LMDB had its faults (STORE.md, LMDB rules).
 */
#include "store/lmdb_env.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum { DEL_CHUNK = 256 };

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
	struct buf last;   /* sought; a writer's: the last row given */
	struct str before; /* the key given out last, while the page stands */
	struct str leaf;   /* the page that was looked at last */
	bool after;        /* go on behind that key, not at it */
	char bytes[];      /* of lo and hi */
};

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
get_one(struct tx *tx, enum tree t, MDB_val *key, MDB_val *val)
{
	int rc = 0;

	/* A writer's pages move. */
	if (tx->mode != TX_READ)
		return mdb_get(tx->txn, tx->store->dbi[t], key, val);
	if (tx->place[t] == NULL)
		rc = mdb_cursor_open(tx->txn, tx->store->dbi[t], &tx->place[t]);
	return rc != 0 ? rc : mdb_cursor_get(tx->place[t], key, val, MDB_SET);
}

void
lmdb_forget_places(struct tx *tx)
{
	for (int t = 0; t < TREES; t++) {
		if (tx->place[t] != NULL)
			mdb_cursor_close(tx->place[t]);
		tx->place[t] = NULL;
	}
}

int
lmdb_get(
    struct tx *tx, enum tree t, size_t n, const struct str *k, struct str *v)
{
	int rc = 0;

	fault_enter();
	for (size_t i = 0; i < n; i++) {
		MDB_val key = val_of(k[i]), val = { 0, NULL };

		v[i] = STR_NONE;
		if (!tx->trees || k[i].n == 0 || k[i].n > STORE_KEY_MAX)
			continue;
		rc = get_one(tx, t, &key, &val);
		if (rc == 0 && val.mv_data == NULL)
			rc = MDB_CORRUPTED; /* as in cur_get */
		if (rc == 0)
			v[i] = str_val(&val);
		else if (rc != MDB_NOTFOUND)
			break;
		rc = 0;
	}
	fault_leave();
	return rc == 0 ? 0 : lmdb_tx_fail(tx, rc, "cannot read it");
}

int
lmdb_near(struct tx *tx, enum tree t, struct str k, struct kv near[2])
{
	int rc;

	fault_enter();
	rc = lmdb_vet_near(tx, t, k, near);
	fault_leave();
	return rc == 0 ? 0 : lmdb_tx_fail(tx, rc, "cannot read it");
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

int
lmdb_put(struct tx *tx, enum tree t, size_t n, const struct kv *kv,
    unsigned flags, size_t *clash)
{
	MDB_cursor *c = NULL;
	size_t i;
	int rc;

	if (n == 0)
		return 0;
	if (driver_may_write(tx->mode, tx->head.err) < 0)
		return -1;
	for (i = 0; i < n; i++)
		if (driver_key_fits(t, kv[i].k, tx->head.err) < 0)
			return -1;
	tx->changes++;
	fault_enter();
	/* A cursor stays on its page: keys in order need no search each. */
	rc = mdb_cursor_open(tx->txn, tx->store->dbi[t], &c);
	for (i = 0; rc == 0 && i < n; i++)
		if ((rc = lmdb_vet_write(tx, t, kv[i].k, false)) != 0 ||
		    (rc = put_one(c, &kv[i], flags)) != 0)
			break;
	if (c != NULL)
		mdb_cursor_close(c);
	fault_leave();
	if (rc == MDB_KEYEXIST) {
		if (clash != NULL)
			*clash = i;
		return 1;
	}
	return rc == 0 ? 0 : lmdb_tx_fail(tx, rc, "cannot write to it");
}

int
lmdb_del(struct tx *tx, enum tree t, size_t n, const struct str *k)
{
	int rc = 0;

	if (driver_may_write(tx->mode, tx->head.err) < 0)
		return -1;
	tx->changes++;
	fault_enter();
	for (size_t i = 0; i < n; i++) {
		MDB_val key = val_of(k[i]);

		if (k[i].n == 0 || k[i].n > STORE_KEY_MAX)
			continue;
		rc = lmdb_vet_write(tx, t, k[i], true);
		if (rc == 0)
			rc = mdb_del(tx->txn, tx->store->dbi[t], &key, NULL);
		if (rc != 0 && rc != MDB_NOTFOUND)
			break;
		rc = 0;
	}
	fault_leave();
	return rc == 0 ? 0 : lmdb_tx_fail(tx, rc, "cannot write to it");
}

/* ---- ranges ---- */

int
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
			(void)lmdb_tx_fail(
			    tx, rc, "cannot read it"); /* always -1 */
			return -1;
		}
	}
	*out = c;
	return 0;
}

/* mdb_cursor_get; of a page whose flags are damaged it gives a key and leaves
 * the value as it was. */
static int
cur_get(struct cur *c, MDB_val *key, MDB_val *val, MDB_cursor_op op)
{
	int rc;

	if (op != MDB_SET_RANGE)
		*key = (MDB_val){ 0, NULL };
	*val = (MDB_val){ 0, NULL };
	rc = mdb_cursor_get(c->cursor, key, val, op);
	if (rc == 0 && (key->mv_data == NULL || val->mv_data == NULL))
		rc = MDB_CORRUPTED;
	return rc;
}

/* To the first key >= k (k empty: the first of all). */
static int
place_up(struct cur *c, struct str k, MDB_val *key, MDB_val *val)
{
	struct str cut = str_sub(k, 0, STORE_KEY_MAX);
	int rc;

	if (k.n == 0)
		return cur_get(c, key, val, MDB_FIRST);
	*key = val_of(cut);
	rc = cur_get(c, key, val, MDB_SET_RANGE);
	if (rc == 0 && cut.n < k.n && str_eq(str_val(key), cut))
		rc = cur_get(c, key, val, MDB_NEXT);
	return rc;
}

/* To the last key <= k, or < k where below; k none: the last of all. */
static int
place_down(struct cur *c, struct str k, bool below, MDB_val *key, MDB_val *val)
{
	int rc;

	if (k.p == NULL)
		return cur_get(c, key, val, MDB_LAST);
	rc = place_up(c, k, key, val);
	if (rc == MDB_NOTFOUND)
		return cur_get(c, key, val, MDB_LAST);
	if (rc == 0 && (below || str_cmp(str_val(key), k) > 0))
		rc = cur_get(c, key, val, MDB_PREV);
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
		rc = cur_get(c, key, val, MDB_NEXT);
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
		return cur_get(c, key, val, down ? MDB_PREV : MDB_NEXT);
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

/*
 * Where the next row is sought by its key: what lies in between may be passed
 * over by a wrong search alone.
 */
static int
vet_place(struct cur *c)
{
	struct kv near[2];
	struct str k = buf_str(&c->last);

	c->leaf = STR_NONE;
	if (c->at == AT_START)
		k = (c->flags & RANGE_REVERSE) != 0 ? c->hi : c->lo;
	return k.n == 0 ? 0 : lmdb_vet_near(c->tx, c->tree, k, near);
}

/* A row of a page that was not looked at yet. */
static int
vet_row(struct cur *c, struct str k)
{
	if (c->leaf.p != NULL && k.p > c->leaf.p && k.p < c->leaf.p + c->leaf.n)
		return 0;
	return lmdb_vet_row(c->tx, c->tree, k, &c->leaf);
}

/*
 * Keys come in order, or pages were swapped or stand in for others: each value
 * of such a page has a checksum that fits, and an answer would lack records.
 */
static bool
in_order(const struct cur *c, struct str k)
{
	int cmp;

	/* A page that was looked at is in order, and where it belongs. */
	if (c->before.p == NULL ||
	    (c->leaf.p != NULL && c->tx->mode == TX_READ))
		return true;
	cmp = str_cmp(c->before, k);
	return (c->flags & RANGE_REVERSE) != 0 ? cmp > 0 : cmp < 0;
}

static void
cur_remember(struct cur *c, struct str k, bool after)
{
	buf_clear(&c->last);
	buf_adds(&c->last, k);
	c->after = after;
}

int
lmdb_next(struct cur *c, struct kv *kv, size_t max)
{
	MDB_val key, val;
	size_t n = 0;
	int rc = 0;

	if (c->cursor == NULL || max == 0 || c->at == AT_END)
		return 0;
	/* Only a writer's place can change under it. */
	if (c->at == AT_NEXT && c->changes != c->tx->changes)
		c->at = AT_KEY;
	if (c->at != AT_NEXT || c->tx->mode == TX_WRITE)
		c->before = STR_NONE;
	fault_enter();
	c->changes = c->tx->changes;
	if (c->at != AT_NEXT)
		rc = vet_place(c);
	while (rc == 0 && n < max && n < INT32_MAX) {
		rc = cur_step(c, &key, &val);
		if (rc == 0)
			rc = vet_row(c, str_val(&key));
		if (rc == 0 && !in_range(c, str_val(&key)))
			rc = MDB_NOTFOUND;
		if (rc == 0 && !in_order(c, str_val(&key)))
			rc = MDB_CORRUPTED;
		if (rc != 0)
			break;
		kv[n].k = str_val(&key);
		kv[n].v = str_val(&val);
		c->before = kv[n].k;
		n++;
		c->at = AT_NEXT;
	}
	fault_leave();
	if (rc != 0 && rc != MDB_NOTFOUND) {
		(void)lmdb_tx_fail(c->tx, rc, "cannot read it"); /* always -1 */
		return -1;
	}
	if (rc == MDB_NOTFOUND)
		c->at = AT_END;
	if (n > 0 && c->tx->mode == TX_WRITE)
		cur_remember(c, kv[n - 1].k, true);
	return (int)n;
}

int
lmdb_seek(struct cur *c, struct str k)
{
	bool outside = (c->flags & RANGE_REVERSE) != 0
			   ? c->hi.p != NULL && str_cmp(k, c->hi) >= 0
			   : str_cmp(k, c->lo) <= 0;

	c->at = outside ? AT_START : AT_KEY;
	cur_remember(c, k, false);
	return 0;
}

void
lmdb_end(struct cur **cp)
{
	struct cur *c = *cp;

	if (c == NULL)
		return;
	fault_enter();
	if (c->cursor != NULL)
		mdb_cursor_close(c->cursor);
	fault_leave();
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

int
lmdb_del_range(struct tx *tx, enum tree t, struct str lo, struct str hi)
{
	struct buf bytes = BUF_INIT;
	struct cur *c = NULL;
	int rc;

	if (driver_may_write(tx->mode, tx->head.err) < 0)
		return -1;
	if (lo.n == 0 && hi.p == NULL) {
		tx->changes++;
		fault_enter();
		rc = mdb_drop(tx->txn, tx->store->dbi[t], 0);
		fault_leave();
		return rc == 0 ? 0 : lmdb_tx_fail(tx, rc, "cannot write to it");
	}
	if (lmdb_range(tx, t, lo, hi, 0, &c) < 0)
		return -1;
	while ((rc = del_some(tx, t, c, &bytes)) > 0)
		continue;
	lmdb_end(&c);
	buf_release(&bytes);
	return rc;
}
