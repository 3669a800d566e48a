/* SPDX-License-Identifier: MIT */
/*
 * The driver in memory: for tests, and the empty store of a reader where none
 * exists yet.  A tree is a persistent treap: nodes are shared by snapshots
 * and copied when a writer changes one that somebody else still holds, so a
 * snapshot or an abort costs nothing.  No limits on readers, no files.
 */
#include "store/driver.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "store/internal.h"

struct item {
	size_t refs;
	size_t kn, vn;
	char bytes[];
};

struct node {
	size_t refs;
	uint64_t prio;
	struct node *left, *right;
	struct item *item;
};

struct store {
	struct node *root[TREES];
	uint64_t rnd;
	bool writing;
};

struct tx {
	struct tx_head head;
	struct store *store;
	struct node *root[TREES];
	enum tx_mode mode;
	bool own; /* begin_read's: freed by end_read */
};

struct cur {
	struct tx *tx;
	enum tree tree;
	unsigned flags;
	bool after; /* the row of `at` itself was given */
	struct str lo, hi;
	char *at; /* the next row is found from this key */
	size_t at_n, at_cap;
	bool done;    /* the end was reached; seek goes on */
	bool start;   /* not placed yet: from lo, or from hi down */
	char bytes[]; /* of lo and hi */
};

/* ---- nodes ---- */

static void
item_drop(struct item *it)
{
	if (it != NULL && --it->refs == 0)
		mem_free(it);
}

static void
node_drop(struct node *n)
{
	if (n == NULL || --n->refs != 0)
		return;
	node_drop(n->left);
	node_drop(n->right);
	item_drop(n->item);
	mem_free(n);
}

static struct node *
node_take(struct node *n)
{
	if (n != NULL)
		n->refs++;
	return n;
}

/* Uses the caller's reference up and gives a node that nobody else holds. */
static struct node *
node_own(struct node *n)
{
	struct node *copy;

	if (n->refs == 1)
		return n;
	copy = mem_alloc(sizeof(*copy));
	*copy = *n;
	copy->refs = 1;
	(void)node_take(copy->left);
	(void)node_take(copy->right);
	copy->item->refs++;
	n->refs--;
	return copy;
}

static struct item *
item_new(const struct kv *kv)
{
	struct item *it = mem_alloc(sizeof(*it) + kv->k.n + kv->v.n);

	it->refs = 1;
	it->kn = kv->k.n;
	it->vn = kv->v.n;
	memcpy(it->bytes, kv->k.p, kv->k.n);
	if (kv->v.n != 0)
		memcpy(it->bytes + kv->k.n, kv->v.p, kv->v.n);
	return it;
}

static struct str
node_key(const struct node *n)
{
	return str_n(n->item->bytes, n->item->kn);
}

static struct str
node_value(const struct node *n)
{
	return str_n(n->item->bytes + n->item->kn, n->item->vn);
}

static uint64_t
next_rnd(struct store *s)
{
	s->rnd ^= s->rnd << 13;
	s->rnd ^= s->rnd >> 7;
	s->rnd ^= s->rnd << 17;
	return s->rnd;
}

static const struct node *
node_find(const struct node *n, struct str k)
{
	int c;

	while (n != NULL && (c = str_cmp(k, node_key(n))) != 0)
		n = c < 0 ? n->left : n->right;
	return n;
}

/* The first node with key >= k (> k where `after`). */
static const struct node *
node_from(const struct node *n, struct str k, bool after)
{
	const struct node *best = NULL;

	while (n != NULL) {
		int c = str_cmp(node_key(n), k);

		if (c > 0 || (c == 0 && !after)) {
			best = n;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	return best;
}

/* The last node with key <= k (< k where `after`); k none: the last of all. */
static const struct node *
node_down(const struct node *n, struct str k, bool after)
{
	const struct node *best = NULL;

	while (n != NULL) {
		int c = k.p == NULL ? -1 : str_cmp(node_key(n), k);

		if (c < 0 || (c == 0 && !after)) {
			best = n;
			n = n->right;
		} else {
			n = n->left;
		}
	}
	return best;
}

/* Takes both references; every key of a is below every key of b. */
static struct node *
node_merge(struct node *a, struct node *b)
{
	if (a == NULL || b == NULL)
		return a != NULL ? a : b;
	if (a->prio >= b->prio) {
		a = node_own(a);
		a->right = node_merge(a->right, b);
		return a;
	}
	b = node_own(b);
	b->left = node_merge(a, b->left);
	return b;
}

/* Takes the reference of n: below gets keys < k, above the rest. */
static void
node_split(
    struct node *n, struct str k, struct node **below, struct node **above)
{
	if (n == NULL) {
		*below = *above = NULL;
		return;
	}
	n = node_own(n);
	if (str_cmp(node_key(n), k) < 0) {
		node_split(n->right, k, &n->right, above);
		*below = n;
	} else {
		node_split(n->left, k, below, &n->left);
		*above = n;
	}
}

/* Takes the reference; the key is not in it. */
static struct node *
node_insert(struct node *n, struct node *add)
{
	if (n == NULL)
		return add;
	if (add->prio > n->prio) {
		node_split(n, node_key(add), &add->left, &add->right);
		return add;
	}
	n = node_own(n);
	if (str_cmp(node_key(add), node_key(n)) < 0)
		n->left = node_insert(n->left, add);
	else
		n->right = node_insert(n->right, add);
	return n;
}

/* Takes the reference; the key is in it. */
static struct node *
node_replace(struct node *n, const struct kv *kv)
{
	int c;

	if (n == NULL)
		bug("a key that was found is not there");
	n = node_own(n);
	c = str_cmp(kv->k, node_key(n));
	if (c == 0) {
		struct item *it = item_new(kv);

		item_drop(n->item);
		n->item = it;
	} else if (c < 0) {
		n->left = node_replace(n->left, kv);
	} else {
		n->right = node_replace(n->right, kv);
	}
	return n;
}

/* Takes the reference; the key is in it. */
static struct node *
node_remove(struct node *n, struct str k)
{
	struct node *rest;
	int c;

	n = node_own(n);
	c = str_cmp(k, node_key(n));
	if (c < 0) {
		n->left = node_remove(n->left, k);
		return n;
	}
	if (c > 0) {
		n->right = node_remove(n->right, k);
		return n;
	}
	rest = node_merge(n->left, n->right);
	n->left = n->right = NULL;
	node_drop(n);
	return rest;
}

static uint64_t
node_count(const struct node *n)
{
	return n == NULL ? 0 : 1 + node_count(n->left) + node_count(n->right);
}

/* ---- store and transactions ---- */

static int
mem_open(struct store **out, const char *url, unsigned flags, unsigned lock_ms,
    struct err *err)
{
	(void)url;
	(void)flags;
	(void)lock_ms;
	(void)err;
	*out = mem_zero(1, sizeof(**out));
	(*out)->rnd = 0x9E3779B97F4A7C15U;
	return 0;
}

static void
mem_close(struct store **s)
{
	if (*s == NULL)
		return;
	for (int t = 0; t < TREES; t++)
		node_drop((*s)->root[t]);
	mem_free(*s);
	*s = NULL;
}

static void
tx_snap(struct tx *tx)
{
	for (int t = 0; t < TREES; t++)
		tx->root[t] = node_take(tx->store->root[t]);
}

static int
mem_drop(struct tx *tx)
{
	for (int t = 0; t < TREES; t++) {
		node_drop(tx->root[t]);
		tx->root[t] = NULL;
	}
	return 0;
}

static int
mem_run(struct store *s, enum tx_mode mode, int (*fn)(struct tx *, void *),
    void *arg, struct err *err)
{
	struct tx tx = { { err }, s, { NULL }, mode, false };
	int rc;

	if (mode == TX_WRITE && s->writing)
		bug("a write transaction within another");
	s->writing = mode == TX_WRITE || s->writing;
	tx_snap(&tx);
	rc = fn(&tx, arg);
	if (rc == 0 && mode == TX_WRITE) {
		for (int t = 0; t < TREES; t++) {
			node_drop(s->root[t]);
			s->root[t] = tx.root[t];
			tx.root[t] = NULL;
		}
	}
	(void)mem_drop(&tx); /* always 0 */
	if (mode == TX_WRITE)
		s->writing = false;
	return rc;
}

static int
mem_begin_read(struct store *s, struct tx **out, struct err *err)
{
	struct tx *tx = mem_zero(1, sizeof(*tx));

	tx->head.err = err;
	tx->store = s;
	tx->mode = TX_READ;
	tx->own = true;
	tx_snap(tx);
	*out = tx;
	return 0;
}

static void
mem_end_read(struct tx **tx)
{
	if (*tx == NULL)
		return;
	(void)mem_drop(*tx); /* always 0 */
	mem_free(*tx);
	*tx = NULL;
}

static int
mem_renew(struct tx *tx)
{
	(void)mem_drop(tx); /* always 0 */
	tx_snap(tx);
	return 0;
}

/* ---- keys and values ---- */

static int
mem_get(
    struct tx *tx, enum tree t, size_t n, const struct str *k, struct str *v)
{
	for (size_t i = 0; i < n; i++) {
		const struct node *at = node_find(tx->root[t], k[i]);

		v[i] = at != NULL ? node_value(at) : STR_NONE;
	}
	return 0;
}

static int
mem_put(struct tx *tx, enum tree t, size_t n, const struct kv *kv,
    unsigned flags, size_t *clash)
{
	if (driver_may_write(tx->mode, tx->head.err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct node *add;

		if (driver_key_fits(t, kv[i].k, tx->head.err) < 0)
			return -1;
		if (node_find(tx->root[t], kv[i].k) != NULL) {
			if ((flags & PUT_NEW) != 0) {
				if (clash != NULL)
					*clash = i;
				return 1;
			}
			tx->root[t] = node_replace(tx->root[t], &kv[i]);
			continue;
		}
		add = mem_zero(1, sizeof(*add));
		add->refs = 1;
		add->prio = next_rnd(tx->store);
		add->item = item_new(&kv[i]);
		tx->root[t] = node_insert(tx->root[t], add);
	}
	return 0;
}

static int
mem_del(struct tx *tx, enum tree t, size_t n, const struct str *k)
{
	if (driver_may_write(tx->mode, tx->head.err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (node_find(tx->root[t], k[i]) != NULL)
			tx->root[t] = node_remove(tx->root[t], k[i]);
	return 0;
}

static int
mem_del_range(struct tx *tx, enum tree t, struct str lo, struct str hi)
{
	struct node *below, *middle, *above = NULL;

	if (driver_may_write(tx->mode, tx->head.err) < 0)
		return -1;
	if (hi.p != NULL && str_cmp(lo, hi) >= 0)
		return 0;
	node_split(tx->root[t], lo, &below, &middle);
	if (hi.p != NULL)
		node_split(middle, hi, &middle, &above);
	node_drop(middle);
	tx->root[t] = node_merge(below, above);
	return 0;
}

/* ---- ranges ---- */

static int
mem_range(struct tx *tx, enum tree t, struct str lo, struct str hi,
    unsigned flags, struct cur **out)
{
	struct cur *c = mem_zero(1, sizeof(*c) + lo.n + hi.n);

	c->tx = tx;
	c->tree = t;
	c->flags = flags;
	if (lo.n != 0)
		memcpy(c->bytes, lo.p, lo.n);
	if (hi.n != 0)
		memcpy(c->bytes + lo.n, hi.p, hi.n);
	c->lo = str_n(c->bytes, lo.n);
	c->hi = hi.p != NULL ? str_n(c->bytes + lo.n, hi.n) : STR_NONE;
	c->start = true;
	*out = c;
	return 0;
}

static void
cur_place(struct cur *c, struct str k, bool after)
{
	if (k.n > c->at_cap) {
		c->at = mem_resize(c->at, k.n, 1);
		c->at_cap = k.n;
	}
	if (k.n != 0)
		memmove(c->at, k.p, k.n);
	c->at_n = k.n;
	c->after = after;
	c->start = false;
}

static const struct node *
cur_step(struct cur *c)
{
	const struct node *root = c->tx->root[c->tree];
	struct str at = str_n(c->at != NULL ? c->at : "", c->at_n);
	const struct node *n;

	if ((c->flags & RANGE_REVERSE) != 0) {
		n = c->start ? node_down(root, c->hi, true)
			     : node_down(root, at, c->after);
		if (n != NULL && str_cmp(node_key(n), c->lo) < 0)
			n = NULL;
	} else {
		n = c->start ? node_from(root, c->lo, false)
			     : node_from(root, at, c->after);
	}
	if (n != NULL && c->hi.p != NULL && str_cmp(node_key(n), c->hi) >= 0)
		n = NULL;
	return n;
}

static int
mem_next(struct cur *c, struct kv *kv, size_t max)
{
	size_t i;

	for (i = 0; i < max && i < INT32_MAX; i++) {
		const struct node *n = c->done ? NULL : cur_step(c);

		if (n == NULL) {
			c->done = true;
			break;
		}
		kv[i].k = node_key(n);
		kv[i].v = node_value(n);
		cur_place(c, kv[i].k, true);
	}
	return (int)i;
}

static int
mem_seek(struct cur *c, struct str k)
{
	c->done = false;
	if ((c->flags & RANGE_REVERSE) != 0) {
		if (c->hi.p != NULL && str_cmp(k, c->hi) >= 0)
			c->start = true;
		else
			cur_place(c, k, false);
	} else {
		cur_place(c, str_cmp(k, c->lo) < 0 ? c->lo : k, false);
	}
	return 0;
}

static void
mem_end(struct cur **c)
{
	if (*c == NULL)
		return;
	mem_free((*c)->at);
	mem_free(*c);
	*c = NULL;
}

static int
mem_stat(struct store *s, struct store_stat *st, struct err *err)
{
	(void)err;
	memset(st, 0, sizeof(*st));
	for (int t = 0; t < TREES; t++)
		st->entries[t] = node_count(s->root[t]);
	return 0;
}

static int
mem_sync(struct store *s, struct err *err)
{
	(void)s;
	(void)err;
	return 0;
}

const struct driver driver_mem = {
	.abi = STORE_DRIVER_ABI,
	.name = "mem",
	.open = mem_open,
	.close = mem_close,
	.run = mem_run,
	.get = mem_get,
	.put = mem_put,
	.del = mem_del,
	.del_range = mem_del_range,
	.range = mem_range,
	.next = mem_next,
	.seek = mem_seek,
	.end = mem_end,
	.drop = mem_drop,
	.renew = mem_renew,
	.begin_read = mem_begin_read,
	.end_read = mem_end_read,
	.stat = mem_stat,
	.sync = mem_sync,
};
