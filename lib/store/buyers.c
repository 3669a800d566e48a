/* SPDX-License-Identifier: MIT */
/*
 * What customers bought, by what is kept of them alone.  Tree agg says of a
 * subject neither its kind nor whether it is there still: the ids of one tree
 * of records tell that, walked beside it; of the two the one with fewer of
 * them.
 */
#include "store/db_internal.h"

#include "base/mem.h"
#include "store/meta.h"

enum {
	BUYER_ROWS = 128,
	BUYER_LEAP = 16, /* rows passed over before it seeks */
	BUYER_FEW = 8,   /* read behind a leap */
};

struct rows {
	enum tree tree;
	struct cur *cur; /* NULL: not begun, or paused */
	struct kv kv[BUYER_ROWS];
	size_t want; /* of the next read */
	int n, i;
	bool done;
};

struct buyers {
	struct reading *r;
	struct rows kept, beside;
	bool others; /* who is beside is no customer; else who is not */
	struct id last;
	bool begun, told;
};

/* ---- rows ---- */

static void
rows_init(struct rows *w, enum tree tree, const struct reading *r)
{
	w->tree = tree;
	/* Rows of an operation move under its next write: one by one. */
	w->want = r->own ? BUYER_ROWS : 1;
}

static void
rows_end(struct rows *w, const struct reading *r)
{
	if (w->cur != NULL)
		r->db->driver->end(&w->cur);
	w->n = w->i = 0;
	w->done = false; /* more may have come */
}

/* Where a page of another tree stands among them, the checksums of its ends
 * say so: rows are passed over unread. */
static int
rows_check(const struct rows *w, struct err *err)
{
	const struct kv *ends[2] = { &w->kv[0], &w->kv[w->n - 1] };
	struct str v;

	for (int i = 0; i < 2; i++)
		if (ends[i]->k.n != ID_BYTES ||
		    !crc_take(w->tree, ends[i]->k, ends[i]->v, &v))
			return crc_error(w->tree, ends[i]->k, err);
	return 1;
}

/* More rows, of a new cursor from `from` on: 1, 0 at the end, -1. */
static int
rows_fill(struct rows *w, struct reading *r, struct str from, struct err *err)
{
	const struct driver *d = r->db->driver;

	w->i = w->n = 0;
	if (w->cur == NULL &&
	    d->range(r->tx, w->tree, from, STR_NONE, 0, &w->cur) != 0)
		return tx_fail(r->tx, err);
	w->n = d->next(w->cur, w->kv, w->want);
	if (w->n < 0) {
		w->n = 0;
		return tx_fail(r->tx, err);
	}
	if (r->own && w->want < BUYER_ROWS)
		w->want *= 2;
	w->done = w->n == 0;
	return w->done ? 0 : rows_check(w, err);
}

/* The row with this key, `from` never going down: 1, 0 none, -1. */
static int
rows_find(struct rows *w, struct reading *r, struct str key, struct kv *out,
    struct err *err)
{
	int skipped = 0, c = -1;

	while (!w->done) {
		for (; w->i < w->n; w->i++, skipped++) {
			*out = w->kv[w->i];
			c = str_cmp(out->k, key);
			if (c >= 0)
				return c == 0;
		}
		if (w->cur != NULL && skipped >= BUYER_LEAP) {
			if (r->db->driver->seek(w->cur, key) != 0)
				return tx_fail(r->tx, err);
			if (r->own)
				w->want = BUYER_FEW;
			skipped = 0;
		}
		if (rows_fill(w, r, key, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- whose they are ---- */

/* Few records of other kinds, and no customer who was removed, of whom
 * something might have stayed. */
static int
choose_tree(struct buyers *b, const struct kind *kind, struct err *err)
{
	const struct counts *counts;
	uint64_t mine, others = 0;
	enum tree tree = kind_tree(kind);

	mine = db_count(b->r, kind, err);
	if (err->status != 0)
		return -1;
	counts = b->r->counts;
	for (unsigned i = 0; i < KINDS_MAX; i++) {
		const struct kind *k = schema_kind_no(&b->r->db->schema, i);

		if (k != NULL && kind_tree(k) == T_REC)
			others += counts->live[i];
	}
	others += counts->dead[T_REC];
	b->others =
	    tree == T_CONTACT && counts->dead[tree] == 0 && others < mine;
	rows_init(&b->kept, T_AGG, b->r);
	rows_init(&b->beside, b->others ? T_REC : tree, b->r);
	return 0;
}

/* 1, 0, -1 */
static int
is_customer(struct buyers *b, struct str key, struct err *err)
{
	struct str v;
	struct kv kv;
	int rc = rows_find(&b->beside, b->r, key, &kv, err);

	if (b->others)
		return rc < 0 ? -1 : rc == 0;
	if (rc != 1)
		return rc;
	if (!crc_take(b->beside.tree, key, kv.v, &v) || v.n < 2)
		return crc_error(b->beside.tree, key, err);
	return ((unsigned char)v.p[1] & ROW_DELETED) == 0;
}

/* ---- the calls ---- */

int
buyers_open(struct buyers **out, struct reading *r, const struct kind *kind,
    struct err *err)
{
	struct buyers *b = mem_zero(1, sizeof(*b));

	*out = b;
	b->r = r;
	return r->tx == NULL ? 0 : choose_tree(b, kind, err);
}

void
buyers_pause(struct buyers *b)
{
	rows_end(&b->kept, b->r);
	rows_end(&b->beside, b->r);
}

void
buyers_close(struct buyers **pb)
{
	if (*pb == NULL)
		return;
	buyers_pause(*pb);
	mem_free(*pb);
	*pb = NULL;
}

/* The next row of agg: 1, 0, -1. */
static int
next_kept(struct buyers *b, struct kv *kv, struct err *err)
{
	struct str from = str_n(b->last.b, b->begun ? ID_BYTES : 0);
	struct rows *w = &b->kept;
	int rc;

	if (w->i == w->n) {
		bool again = b->begun && w->cur == NULL;

		rc = w->done ? 0 : rows_fill(w, b->r, from, err);
		if (rc <= 0)
			return rc;
		/* Behind a pause it begins at the last one. */
		if (again && str_eq(w->kv[0].k, from) && ++w->i == w->n)
			return next_kept(b, kv, err);
	}
	*kv = w->kv[w->i++];
	if (kv->k.n != ID_BYTES)
		return crc_error(T_AGG, kv->k, err);
	memcpy(b->last.b, kv->k.p, ID_BYTES);
	b->begun = true;
	return 1;
}

int
buyers_next(
    struct buyers *b, struct id *id, struct order_sums *sums, struct err *err)
{
	const struct driver *d = b->r->db->driver;
	struct kv kv;
	int rc;

	if (b->r->tx == NULL)
		return 0;
	if (!b->told && d->will_scan != NULL)
		d->will_scan(b->r->db->store);
	b->told = true;
	while ((rc = next_kept(b, &kv, err)) == 1) {
		*id = b->last;
		if (agg_decode_orders(sums, id, kv.v, err) < 0)
			return -1;
		if (sums->orders == 0)
			continue;
		rc = is_customer(b, kv.k, err);
		if (rc != 0)
			return rc;
	}
	return rc;
}
