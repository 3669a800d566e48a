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
 * A row that belongs to nobody here: one whose key was changed, or of another
 * tree's page, is found by its checksum.
 */
static int
agg_is_agg(struct lane *l, const struct kv *kv, struct err *err)
{
	struct str v;

	if (l->sound == kv->k.p)
		return 0;
	if (!crc_take(T_AGG, kv->k, kv->v, &v))
		return crc_error(T_AGG, kv->k, err);
	l->sound = kv->k.p;
	return 0;
}

/* The record has no row: nor has it one with another key, on either side. */
static int
agg_is_none(struct answer *a, struct str key, struct err *err)
{
	struct lane *l = a->scan.agg;

	if (l->leapt)
		return tree_absent(a->r->db->driver, a->r->tx, T_AGG, key, err);
	/* Those before were seen as they were passed over. */
	return l->done ? 0 : agg_is_agg(l, &l->kv[l->i], err);
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
		for (; l->i < l->n && str_cmp(l->kv[l->i].k, key) < 0; l->i++) {
			if (agg_is_agg(l, &l->kv[l->i], err) != 0)
				return -1;
			skipped++;
		}
		if (l->i < l->n || l->done)
			break;
		/* Many subjects of another kind lie between. */
		if (l->cur != NULL && skipped >= AGG_SKIP) {
			if (a->r->db->driver->seek(l->cur, key) != 0)
				return tx_fail(a->r->tx, err);
			l->rows = a->r->own ? ROWS_FIRST : 1;
			skipped = 0;
			l->leapt = true;
		}
		if (l->cur == NULL)
			l->leapt = true;
		l->sound = NULL;
		if (lane_fill(a, l, key, err) < 0)
			return -1;
	}
	if (l->i < l->n && str_eq(l->kv[l->i].k, key))
		kv = &l->kv[l->i];
	else if (agg_is_none(a, key, err) != 0)
		return -1;
	l->leapt = false;
	a->scan.agg_before = arena_mark(&a->r->arena);
	if (dbrec_at_agg(rec, kv->k, kv->v, err) < 0)
		return -1;
	if (kv != &none)
		l->sound = kv->k.p;
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
