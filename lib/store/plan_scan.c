/* SPDX-License-Identifier: MIT */
/*
 * Whole trees in the order of ids, several merged, the tree of derived fields
 * beside them.
 */
#include "store/plan_int.h"

#include "base/mem.h"
#include "store/meta.h"

enum {
	ROWS_FIRST = 8,    /* of the first read, where few may be wanted */
	TELL_AFTER = 4096, /* records: then it is a long scan */
	AGG_SKIP = 16,     /* rows passed over before it leaps */
	FIRST_SLOT = 0,
};

void
scan_begin(struct answer *a, struct pid from)
{
	struct scan *s = &a->scan;
	unsigned rows = SCAN_ROWS;

	/* Rows of an operation move under its next write: one by one. */
	if (!a->r->own)
		rows = 1;
	else if (a->opts.limit != 0)
		rows = ROWS_FIRST;
	s->nlanes = a->ntrees;
	for (unsigned i = 0; i < s->nlanes; i++) {
		s->lane[i].tree = a->trees[i];
		s->lane[i].cur = NULL;
		s->lane[i].n = s->lane[i].i = 0;
		s->lane[i].done = false;
		s->lane[i].rows = rows;
	}
	if (a->derived && s->agg == NULL) {
		s->agg = mem_zero(1, sizeof(*s->agg));
		s->agg->tree = T_AGG;
		s->agg->rows = rows;
	}
	s->from = from;
}

static void
lane_end(struct answer *a, struct lane *l)
{
	if (l->cur != NULL)
		a->r->db->driver->end(&l->cur);
	l->n = l->i = 0;
	l->done = false; /* more may have come */
}

void
scan_pause(struct answer *a)
{
	for (unsigned i = 0; i < a->scan.nlanes; i++)
		lane_end(a, &a->scan.lane[i]);
	if (a->scan.agg != NULL)
		lane_end(a, a->scan.agg);
	a->scan.agg_marked = false; /* renewing empties the arena */
}

void
scan_release(struct answer *a)
{
	scan_pause(a);
	mem_free(a->scan.agg);
	a->scan.agg = NULL;
}

/* A long scan gives the file its read-ahead back (STORE.md, Read path). */
static void
tell_driver(struct answer *a)
{
	const struct driver *d = a->r->db->driver;

	if (a->scan.told || (a->opts.limit != 0 && a->scan.seen < TELL_AFTER))
		return;
	a->scan.told = true;
	if (d->will_scan != NULL)
		d->will_scan(a->r->db->store);
}

/* More rows: 1, 0 at the end, -1.  A new cursor begins at `from`. */
static int
lane_fill(struct answer *a, struct lane *l, struct str from, struct err *err)
{
	const struct driver *d = a->r->db->driver;

	if (l->cur == NULL &&
	    d->range(a->r->tx, l->tree, from, STR_NONE, 0, &l->cur) != 0)
		return tx_fail(a->r->tx, err);
	l->i = 0;
	l->n = d->next(l->cur, l->kv, l->rows);
	if (l->n < 0) {
		l->n = 0;
		return tx_fail(a->r->tx, err);
	}
	if (l->n == 0)
		l->done = true;
	if (a->r->own && l->rows < SCAN_ROWS)
		l->rows *= 2;
	return l->n > 0;
}

/* The lane with the least key: 1, 0 at the end of all, -1. */
static int
least_lane(struct answer *a, struct lane **out, struct err *err)
{
	struct lane *least = NULL;
	unsigned char from[ID_BYTES];
	int rc;

	for (unsigned i = 0; i < a->scan.nlanes; i++) {
		struct lane *l = &a->scan.lane[i];

		if (l->done)
			continue;
		if (l->i == l->n) {
			pid_put(a->scan.from, from);
			rc = lane_fill(a, l, str_n(from, ID_BYTES), err);
			if (rc < 0)
				return -1;
			if (rc == 0)
				continue;
		}
		if (least == NULL ||
		    str_cmp(l->kv[l->i].k, least->kv[least->i].k) < 0)
			least = l;
	}
	*out = least;
	return least != NULL;
}

/*
 * What the last record's derived fields took of the reading's arena, unless
 * something else was put there since: a scan would else keep them all.
 */
static void
forget_agg(struct answer *a)
{
	struct arena_mark now = arena_mark(&a->r->arena);
	const struct arena_mark *was = &a->scan.agg_after;

	if (a->scan.agg_marked && now.head == was->head && now.p == was->p &&
	    now.left == was->left)
		arena_rewind(&a->r->arena, a->scan.agg_before);
	a->scan.agg_marked = false;
}

/*
 * Rows that belong to nobody here are passed over unread: where a page of
 * another tree stands among them, its checksums say so.
 */
static int
agg_is_agg(const struct lane *l, struct err *err)
{
	const struct kv *ends[2];
	struct str v;

	if (l->n == 0)
		return 0;
	ends[0] = &l->kv[0];
	ends[1] = &l->kv[l->n - 1];
	for (int i = 0; i < 2; i++)
		if (!crc_take(T_AGG, ends[i]->k, ends[i]->v, &v))
			return crc_error(T_AGG, ends[i]->k, err);
	return 0;
}

/* Derived fields of the record at hand, as far as which the walk beside it
 * goes on. */
static int
attach_agg(struct answer *a, struct dbrec *rec, struct str key, struct err *err)
{
	struct lane *l = a->scan.agg;
	struct kv none = { key, STR_NONE };
	const struct kv *kv = &none;
	int skipped = 0;

	for (;;) {
		for (; l->i < l->n && str_cmp(l->kv[l->i].k, key) < 0; l->i++)
			skipped++;
		if (l->i < l->n || l->done)
			break;
		/* Many subjects of another kind lie between. */
		if (l->cur != NULL && skipped >= AGG_SKIP) {
			if (a->r->db->driver->seek(l->cur, key) != 0)
				return tx_fail(a->r->tx, err);
			l->rows = a->r->own ? ROWS_FIRST : 1;
			skipped = 0;
		}
		if (lane_fill(a, l, key, err) < 0 || agg_is_agg(l, err) < 0)
			return -1;
	}
	if (l->i < l->n && str_eq(l->kv[l->i].k, key))
		kv = &l->kv[l->i];
	a->scan.agg_before = arena_mark(&a->r->arena);
	if (dbrec_at_agg(rec, kv->k, kv->v, err) < 0)
		return -1;
	a->scan.agg_after = arena_mark(&a->r->arena);
	a->scan.agg_marked = true;
	return 0;
}

/* The record of a row: 1; 0 a tombstone or of another kind; -1. */
static int
take_row(struct answer *a, enum tree t, const struct kv *kv, struct dbrec **out,
    struct err *err)
{
	struct buf *copy = &a->r->rec[FIRST_SLOT].bytes;
	struct str v = kv->v;
	int rc;

	if (!a->r->own) {
		buf_clear(copy);
		buf_adds(copy, v);
		v = buf_str(copy);
	}
	rc = dbrec_at(a->r, FIRST_SLOT, t, kv->k, v, out, err);
	if (rc <= 0)
		return rc;
	return a->kinds[dbrec_kind(*out)->no];
}

int
scan_next(struct answer *a, struct dbrec **out, struct err *err)
{
	struct scan *s = &a->scan;
	struct lane *l;
	struct kv kv;
	int rc;

	tell_driver(a);
	forget_agg(a);
	while ((rc = least_lane(a, &l, err)) == 1) {
		kv = l->kv[l->i++];
		s->seen++;
		if (kv.k.n == ID_BYTES) {
			s->from = pid_of(kv.k.p);
			if (!pid_next(&s->from))
				l->done = true;
		}
		rc = take_row(a, l->tree, &kv, out, err);
		if (rc == 1 && s->agg != NULL)
			rc = attach_agg(a, *out, kv.k, err) < 0 ? -1 : 1;
		if (rc != 0)
			return rc;
	}
	return rc;
}
