/* SPDX-License-Identifier: MIT */
#include "store/overlay.h"

#include <limits.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "store/internal.h"
#include "store/meta.h"

/*
 * In memory a value has one more byte in front: whether the key is there at
 * all.  A key that the base has not is deleted by forgetting it.
 */
enum { GONE, THERE };
enum { TAG = 1 }; /* bytes */
enum { ROWS = 64 };

struct store {
	const struct driver *base;
	struct store *under;
	struct tx *tx; /* of the base, NULL: it is empty */
	struct store *memory;
	struct buf value; /* on its way into memory */
};

struct tx {
	struct tx_head head;
	struct store *store;
	struct tx *memory;
	bool writing;
	size_t changes;
};

/* A cursor of the base or of memory, and the row that it gives next. */
struct side {
	struct cur *cur; /* NULL: it has no rows */
	struct kv row;
	bool has, done;
};

struct cur {
	struct tx *tx;
	bool reverse;
	struct side base, memory;
	size_t changes; /* of tx when memory's row was read */
	struct buf at;  /* writers: the last key that was given */
	bool given, done;
};

static int
base_fail(struct tx *tx)
{
	return tx_fail(tx->store->tx, tx->head.err);
}

/* ---- store and transactions ---- */

void
overlay_open(struct store **out, const struct driver *base, struct store *under,
    struct tx *tx)
{
	struct store *s = mem_zero(1, sizeof(*s));

	s->base = base;
	s->under = under;
	s->tx = tx;
	buf_init(&s->value);
	if (driver_mem.open(
		&s->memory, "mem:", OPEN_WRITE | OPEN_CREATE, 0, NULL) != 0)
		bug("memory that cannot be opened");
	*out = s;
}

static void
overlay_close(struct store **s)
{
	if (*s == NULL)
		return;
	driver_mem.close(&(*s)->memory);
	buf_release(&(*s)->value);
	mem_free(*s);
	*s = NULL;
}

struct run {
	struct tx tx;
	int (*fn)(struct tx *, void *);
	void *arg;
};

static int
run_memory(struct tx *memory, void *arg)
{
	struct run *r = arg;

	r->tx.memory = memory;
	return r->fn(&r->tx, r->arg);
}

static int
overlay_run(struct store *s, enum tx_mode mode, int (*fn)(struct tx *, void *),
    void *arg, struct err *err)
{
	struct run r = { { { err }, s, NULL, mode == TX_WRITE, 0 }, fn, arg };

	return driver_mem.run(s->memory, mode, run_memory, &r, err);
}

static int
overlay_begin_read(struct store *s, struct tx **out, struct err *err)
{
	struct tx *tx = mem_zero(1, sizeof(*tx));

	tx->head.err = err;
	tx->store = s;
	if (driver_mem.begin_read(s->memory, &tx->memory, err) != 0) {
		mem_free(tx);
		return -1;
	}
	*out = tx;
	return 0;
}

static void
overlay_end_read(struct tx **tx)
{
	if (*tx == NULL)
		return;
	driver_mem.end_read(&(*tx)->memory);
	mem_free(*tx);
	*tx = NULL;
}

static int
overlay_drop(struct tx *tx)
{
	return driver_mem.drop(tx->memory);
}

static int
overlay_renew(struct tx *tx)
{
	return driver_mem.renew(tx->memory);
}

/* ---- keys and values ---- */

static int
base_get(struct tx *tx, enum tree t, struct str k, struct str *v)
{
	const struct store *s = tx->store;

	*v = STR_NONE;
	if (s->tx == NULL || s->base->get(s->tx, t, 1, &k, v) == 0)
		return 0;
	return base_fail(tx);
}

/* v: with its tag, GONE where it is in neither. */
static bool
is_there(struct str v)
{
	return v.p[0] == THERE;
}

static int
overlay_get(
    struct tx *tx, enum tree t, size_t n, const struct str *k, struct str *v)
{
	size_t i;

	if (driver_mem.get(tx->memory, t, n, k, v) != 0)
		return -1;
	for (i = 0; i < n; i++) {
		if (v[i].p == NULL) {
			if (base_get(tx, t, k[i], &v[i]) != 0)
				return -1;
		} else {
			v[i] = is_there(v[i]) ? str_sub(v[i], TAG, v[i].n)
					      : STR_NONE;
		}
	}
	return 0;
}

/* Memory is believed. */
static int
overlay_near(struct tx *tx, enum tree t, struct str k, struct kv near[2])
{
	const struct store *s = tx->store;

	near[0] = near[1] = (struct kv){ STR_NONE, STR_NONE };
	if (s->tx == NULL || s->base->near == NULL ||
	    s->base->near(s->tx, t, k, near) == 0)
		return 0;
	return base_fail(tx);
}

static int
put_tagged(struct tx *tx, enum tree t, struct str k, char tag, struct str v)
{
	struct buf *b = &tx->store->value;
	struct kv kv;

	buf_clear(b);
	buf_addc(b, tag);
	buf_adds(b, v);
	kv.k = k;
	kv.v = buf_str(b);
	tx->changes++;
	return driver_mem.put(tx->memory, t, 1, &kv, 0, NULL);
}

static int
overlay_put(struct tx *tx, enum tree t, size_t n, const struct kv *kv,
    unsigned flags, size_t *clash)
{
	struct str old;
	size_t i;

	for (i = 0; i < n; i++) {
		if ((flags & PUT_NEW) != 0) {
			if (overlay_get(tx, t, 1, &kv[i].k, &old) != 0)
				return -1;
			if (old.p != NULL) {
				if (clash != NULL)
					*clash = i;
				return 1;
			}
		}
		if (put_tagged(tx, t, kv[i].k, THERE, kv[i].v) != 0)
			return -1;
	}
	return 0;
}

static int
overlay_del(struct tx *tx, enum tree t, size_t n, const struct str *k)
{
	struct str old;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < n; i++) {
		if (base_get(tx, t, k[i], &old) != 0)
			return -1;
		tx->changes++;
		rc = old.p != NULL ? put_tagged(tx, t, k[i], GONE, STR(""))
				   : driver_mem.del(tx->memory, t, 1, &k[i]);
	}
	return rc;
}

static int
overlay_del_range(struct tx *tx, enum tree t, struct str lo, struct str hi)
{
	const struct store *s = tx->store;
	struct cur *cur = NULL;
	struct kv kv[ROWS];
	int n, i;
	int rc;

	tx->changes++;
	rc = driver_mem.del_range(tx->memory, t, lo, hi);
	if (rc != 0 || s->tx == NULL)
		return rc;
	if (s->base->range(s->tx, t, lo, hi, 0, &cur) != 0)
		return base_fail(tx);
	while (rc == 0 && (n = s->base->next(cur, kv, ROWS)) != 0) {
		if (n < 0)
			rc = base_fail(tx);
		for (i = 0; rc == 0 && i < n; i++)
			rc = put_tagged(tx, t, kv[i].k, GONE, STR(""));
	}
	s->base->end(&cur);
	return rc;
}

/* ---- ranges ---- */

static void
overlay_end(struct cur **pc)
{
	struct cur *c = *pc;

	if (c == NULL)
		return;
	if (c->base.cur != NULL)
		c->tx->store->base->end(&c->base.cur);
	driver_mem.end(&c->memory.cur);
	buf_release(&c->at);
	mem_free(c);
	*pc = NULL;
}

static int
overlay_range(struct tx *tx, enum tree t, struct str lo, struct str hi,
    unsigned flags, struct cur **out)
{
	const struct store *s = tx->store;
	struct cur *c = mem_zero(1, sizeof(*c));
	int rc;

	c->tx = tx;
	c->reverse = (flags & RANGE_REVERSE) != 0;
	c->changes = tx->changes;
	buf_init(&c->at);
	rc = driver_mem.range(tx->memory, t, lo, hi, flags, &c->memory.cur);
	if (rc == 0 && s->tx != NULL &&
	    s->base->range(s->tx, t, lo, hi, flags, &c->base.cur) != 0)
		rc = base_fail(tx);
	if (rc != 0)
		overlay_end(&c);
	*out = c;
	return rc;
}

/* Has the row that comes next at hand: 0, -1. */
static int
side_fill(const struct driver *d, struct side *side)
{
	int n;

	if (side->has || side->done || side->cur == NULL)
		return 0;
	n = d->next(side->cur, &side->row, 1);
	side->has = n > 0;
	side->done = n == 0;
	return n < 0 ? -1 : 0;
}

/* A write since: the row at hand may be gone, or another come before it. */
static int
memory_again(struct cur *c)
{
	struct side *m = &c->memory;
	struct str at = buf_str(&c->at);

	if (c->changes == c->tx->changes)
		return 0;
	c->changes = c->tx->changes;
	if (!c->given) /* no row was taken ahead yet */
		return 0;
	m->has = m->done = false;
	if (driver_mem.seek(m->cur, at) != 0 || side_fill(&driver_mem, m) != 0)
		return -1;
	if (m->has && str_eq(m->row.k, at))
		m->has = false;
	return 0;
}

/* < 0: the base's row comes first, 0: memory's stands for it, > 0: memory's
 * alone. */
static int
cmp_sides(const struct cur *c)
{
	int cmp;

	if (!c->memory.has)
		return -1;
	if (!c->base.has)
		return 1;
	cmp = str_cmp(c->base.row.k, c->memory.row.k);
	return c->reverse ? -cmp : cmp;
}

/* Writers go on behind it, whatever is put meanwhile. */
static int
give(struct cur *c, struct kv *kv, struct str k, struct str v)
{
	if (c->tx->writing) {
		buf_clear(&c->at);
		buf_adds(&c->at, k);
		c->given = true;
	}
	kv->k = k;
	kv->v = v;
	return 1;
}

/* 1, 0 at the end, -1. */
static int
cur_step(struct cur *c, struct kv *kv)
{
	const struct kv *m = &c->memory.row;
	int cmp;

	for (;;) {
		if (side_fill(c->tx->store->base, &c->base) != 0)
			return base_fail(c->tx);
		if (side_fill(&driver_mem, &c->memory) != 0)
			return -1;
		if (!c->base.has && !c->memory.has)
			return 0;
		cmp = cmp_sides(c);
		if (cmp <= 0)
			c->base.has = false;
		if (cmp < 0)
			return give(c, kv, c->base.row.k, c->base.row.v);
		c->memory.has = false;
		if (is_there(m->v))
			return give(c, kv, m->k, str_sub(m->v, TAG, m->v.n));
	}
}

static int
overlay_next(struct cur *c, struct kv *kv, size_t max)
{
	size_t n = 0;
	int rc = 1;

	if (c->done)
		return 0;
	if (memory_again(c) != 0)
		return -1;
	while (n < max && n < INT_MAX && (rc = cur_step(c, &kv[n])) == 1)
		n++;
	if (rc < 0)
		return -1;
	c->done = rc == 0;
	return (int)n;
}

static int
overlay_seek(struct cur *c, struct str k)
{
	c->base.has = c->base.done = false;
	c->memory.has = c->memory.done = false;
	c->given = c->done = false;
	if (c->base.cur != NULL &&
	    c->tx->store->base->seek(c->base.cur, k) != 0)
		return base_fail(c->tx);
	return driver_mem.seek(c->memory.cur, k);
}

/* ---- the rest ---- */

static int
count_rows(struct tx *tx, enum tree t, uint64_t *total)
{
	struct cur *cur = NULL;
	struct kv kv[ROWS];
	int n;

	if (overlay_range(tx, t, STR(""), STR_NONE, 0, &cur) != 0)
		return -1;
	while ((n = overlay_next(cur, kv, ROWS)) > 0)
		*total += (uint64_t)n;
	overlay_end(&cur);
	return n;
}

/* Bytes are the base's affair. */
static int
overlay_stat(struct store *s, struct store_stat *st, struct err *err)
{
	struct tx *tx = NULL;
	int rc = 0;

	memset(st, 0, sizeof(*st));
	if (overlay_begin_read(s, &tx, err) != 0)
		return -1;
	for (int t = 0; rc == 0 && t < TREES; t++)
		rc = count_rows(tx, (enum tree)t, &st->entries[t]);
	overlay_end_read(&tx);
	return rc;
}

static void
overlay_will_scan(struct store *s)
{
	if (s->base->will_scan != NULL && s->under != NULL)
		s->base->will_scan(s->under);
}

static int
overlay_sync(struct store *s, struct err *err)
{
	(void)s;
	(void)err;
	return 0;
}

const struct driver driver_overlay = {
	.abi = STORE_DRIVER_ABI,
	.name = "overlay",
	.close = overlay_close,
	.run = overlay_run,
	.get = overlay_get,
	.near = overlay_near,
	.put = overlay_put,
	.del = overlay_del,
	.del_range = overlay_del_range,
	.range = overlay_range,
	.next = overlay_next,
	.seek = overlay_seek,
	.end = overlay_end,
	.drop = overlay_drop,
	.renew = overlay_renew,
	.begin_read = overlay_begin_read,
	.end_read = overlay_end_read,
	.stat = overlay_stat,
	.will_scan = overlay_will_scan,
	.sync = overlay_sync,
};
