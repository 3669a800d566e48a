/* SPDX-License-Identifier: MIT */
/* The timeline of a subject, newest first. */
#include "base/mem.h"
#include "record/labels.h"
#include "store/db_internal.h"
#include "store/meta.h"

enum { ROWS = 64 };

struct tl_cursor {
	struct reading *r;
	struct tl_cursor *next; /* of the reading's open ones */
	struct cur *cur;        /* NULL: not begun, or suspended */
	unsigned char lo[TL_KEY], hi[TL_KEY]; /* hi: the last one given */
	struct kv kv[ROWS];
	struct tl_row row; /* the last one given */
	int n, i;
	bool done;
};

void
tl_suspend(struct reading *r)
{
	struct tl_cursor *c;

	for (c = r->cursors; c != NULL; c = c->next) {
		if (c->cur != NULL)
			r->db->driver->end(&c->cur);
		c->n = c->i = 0;
	}
}

int
tl_open(struct reading *r, const struct id *subject, const struct period *when,
    struct tl_cursor **out, struct err *err)
{
	struct tl_cursor *c = mem_zero(1, sizeof(*c));
	struct id ends = { { 0 } };

	(void)err;
	c->r = r;
	tl_key(subject, when != NULL ? when->from : INT64_MIN, &ends, c->lo);
	/* Keys below hi: the moment after the period, before any record. */
	if (when != NULL && when->to < INT64_MAX) {
		tl_key(subject, when->to + 1, &ends, c->hi);
	} else {
		memset(ends.b, 0xff, ID_BYTES);
		tl_key(subject, INT64_MAX, &ends, c->hi);
	}
	c->next = r->cursors;
	r->cursors = c;
	*out = c;
	return 0;
}

static int
tl_ends(struct reading *r, const unsigned char lo[TL_KEY],
    const unsigned char hi[TL_KEY], struct err *err)
{
	const struct driver *d = r->db->driver;

	if (tree_absent(d, r->tx, T_TL, str_n(lo, TL_KEY), err) != 0)
		return -1;
	return tree_absent(d, r->tx, T_TL, str_n(hi, TL_KEY), err);
}

static int
tl_fill(struct tl_cursor *c, struct err *err)
{
	struct reading *r = c->r;
	const struct driver *d = r->db->driver;

	if (r->tx == NULL)
		return 0;
	if (c->cur == NULL &&
	    d->range(r->tx, T_TL, str_n(c->lo, TL_KEY), str_n(c->hi, TL_KEY),
		RANGE_REVERSE, &c->cur) != 0)
		return tx_fail(r->tx, err);
	c->i = 0;
	/* Inside an operation rows move under the next write: one by one. */
	c->n = d->next(c->cur, c->kv, r->own ? ROWS : 1);
	if (c->n < 0)
		return tx_fail(r->tx, err);
	/* A row whose key was changed may stand just outside. */
	if (c->n == 0)
		return tl_ends(r, c->lo, c->hi, err);
	return c->n;
}

int
tl_next(struct tl_cursor *c, struct id *rec, int64_t *ms, unsigned *kind_no,
    struct err *err)
{
	struct kv *kv;

	if (c->done)
		return 0;
	if (c->i >= c->n) {
		if (tl_fill(c, err) < 0)
			return -1;
		if (c->n == 0) {
			c->done = true;
			return 0;
		}
	}
	kv = &c->kv[c->i++];
	if (!tl_decode(kv->k, kv->v, &c->row, ms, rec))
		return crc_error(T_TL, kv->k, err);
	*kind_no = c->row.kind;
	memcpy(c->hi, kv->k.p, TL_KEY);
	return 1;
}

void
tl_order(const struct tl_cursor *c, struct tl_order *out)
{
	*out = (struct tl_order){ .amount = c->row.amount,
		.counts = (c->row.dir & TL_COUNTED) != 0 };
	if (c->row.type != 0)
		currency_unpack(c->row.type, out->currency);
}

void
tl_close(struct tl_cursor **pc)
{
	struct tl_cursor *c = *pc;
	struct tl_cursor **at;

	if (c == NULL)
		return;
	for (at = &c->r->cursors; *at != c; at = &(*at)->next)
		;
	*at = c->next;
	if (c->cur != NULL)
		c->r->db->driver->end(&c->cur);
	mem_free(c);
	*pc = NULL;
}

int
touches_counted(struct reading *r, const struct id *subject, int64_t from,
    int64_t to, int64_t *n, struct err *err)
{
	const struct driver *d = r->db->driver;
	unsigned char lo[TL_KEY], hi[TL_KEY];
	struct id zero = { { 0 } };
	struct cur *cur = NULL;
	struct kv kv[ROWS];
	struct tl_row row;
	struct id rec;
	uint8_t channel;
	int64_t ms;
	int rc = 0;
	int got, i;

	*n = 0;
	tl_key(subject, from + 1, &zero, lo);
	tl_key(subject, to + 1, &zero, hi);
	if (d->range(r->tx, T_TL, str_n(lo, TL_KEY), str_n(hi, TL_KEY), 0,
		&cur) != 0)
		return tx_fail(r->tx, err);
	while (rc == 0 && (got = d->next(cur, kv, ROWS)) != 0) {
		if (got < 0)
			rc = tx_fail(r->tx, err);
		for (i = 0; rc == 0 && i < got; i++) {
			if (!tl_decode(kv[i].k, kv[i].v, &row, &ms, &rec))
				rc = crc_error(T_TL, kv[i].k, err);
			else if (agg_touch(r->db->rules, &row, &channel))
				++*n;
		}
	}
	d->end(&cur);
	return rc == 0 ? tl_ends(r, lo, hi, err) : -1;
}

int
db_touch_nth(struct reading *r, const struct id *subject,
    const struct period *when, int channel, int64_t nth, int64_t *at,
    struct err *err)
{
	struct tl_cursor *c = NULL;
	unsigned kind;
	struct id rec;
	uint8_t by;
	int rc;

	if (tl_open(r, subject, when, &c, err) != 0)
		return -1;
	while ((rc = tl_next(c, &rec, at, &kind, err)) == 1)
		if (agg_touch(r->db->rules, &c->row, &by) &&
		    (channel == TOUCH_ANY || channel == by) && --nth <= 0)
			break;
	tl_close(&c);
	return rc;
}

int
db_touch_channel(const struct db *db, const char *name)
{
	return agg_channel(db->rules, name);
}
