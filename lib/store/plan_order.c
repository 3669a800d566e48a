/* SPDX-License-Identifier: MIT */
/*
 * Postings given in the order of ids whose length nobody knows: for the first
 * few matches, and where entries alone are the answer.
 */
#include "store/plan_int.h"

#include "store/meta.h"

enum {
	SPLIT_MAX = 256, /* values of a range that is given in order */
	VALUE_MAX = STORE_KEY_MAX,
};

/* The entries of one value of a range; key: the value, then ids without end. */
static struct post *
one_value(struct answer *a, const struct post *p, struct str key)
{
	struct post *c = post_new(a, POST_RANGE, 0);

	c->bind = p->bind;
	c->test = p->test;
	c->range.x = p->range.x;
	c->range.hi = arena_str(&a->arena, key);
	c->range.lo = str_sub(c->range.hi, 0, key.n - ID_BYTES);
	c->in_order = true;
	c->dropped = true;
	post_walk_value(a, c);
	return c;
}

/* The values of a range, by leaps: 1; 0 more than SPLIT_MAX; -1. */
static int
split_values(struct answer *a, struct post *p, struct post *child[SPLIT_MAX],
    size_t *n, struct err *err)
{
	const struct driver *d = a->r->db->driver;
	char bytes[VALUE_MAX + ID_BYTES];
	struct str key;
	struct kv kv;
	int rc;

	while ((rc = d->next(p->cur, &kv, 1)) == 1) {
		if (*n == SPLIT_MAX || kv.k.n < ID_BYTES || kv.k.n > VALUE_MAX)
			return 0;
		key = str_n(bytes, kv.k.n);
		memcpy(bytes, kv.k.p, kv.k.n - ID_BYTES);
		memset(bytes + kv.k.n - ID_BYTES, 0xff, ID_BYTES);
		child[(*n)++] = one_value(a, p, key);
		if (d->seek(p->cur, key) != 0)
			return tx_fail(a->r->tx, err);
	}
	return rc < 0 ? tx_fail(a->r->tx, err) : 1;
}

/*
 * A range of a few values becomes a union of them, each in the order of ids:
 * the first twenty of a word's beginning are then found without reading all
 * its entries.
 */
static int
split(struct answer *a, struct post *p, struct err *err)
{
	struct cur *race = p->cur; /* goes on where this is of no use */
	struct post *child[SPLIT_MAX];
	size_t n = 0;
	int rc;

	if (p->range.x->form == INDEX_UNIQUE)
		return 0;
	p->cur = NULL;
	rc = post_open_cur(a, p, STR_NONE, err);
	if (rc == 0)
		rc = split_values(a, p, child, &n, err);
	post_end_cur(a, p);
	p->cur = race;
	if (rc <= 0)
		return rc;
	post_end_cur(a, p);
	post_drop_ids(a, p);
	p->op = POST_UNION;
	p->read = 0;
	p->at = 0;
	p->n = n;
	p->v = arena_array(&a->arena, n + 1, sizeof(struct post *));
	memcpy(p->v, child, n * sizeof(struct post *));
	p->ready = p->whole = true;
	return 1;
}

static int
stream_isect(struct answer *a, struct post *p, struct err *err)
{
	int rc;

	p->used = arena_array(&a->arena, p->n, sizeof(struct post *));
	p->nused = 0;
	p->whole = true;
	for (size_t i = 0; i < p->n; i++) {
		rc = post_stream(a, p->v[i], err);
		if (rc < 0)
			return -1;
		if (rc > 0)
			p->used[p->nused++] = p->v[i];
		p->whole = p->whole && rc > 0 && p->v[i]->whole;
	}
	p->ready = p->nused > 0;
	return p->ready;
}

int
post_stream(struct answer *a, struct post *p, struct err *err)
{
	int rc;

	if (p->ready)
		return 1;
	if (p->state == POST_DONE)
		return post_settle(a, p, err) < 0 ? -1 : 1;
	switch (p->op) {
	case POST_RANGE:
		if (!p->in_order)
			return split(a, p, err);
		post_drop_ids(a, p);
		post_walk_value(a, p);
		p->read = 0; /* should the race go on after all */
		return 1;
	case POST_UNION:
		p->whole = true;
		for (size_t i = 0; i < p->n; i++) {
			if ((rc = post_stream(a, p->v[i], err)) <= 0)
				return rc;
			p->whole = p->whole && p->v[i]->whole;
		}
		p->ready = true;
		return 1;
	case POST_ISECT:
		return stream_isect(a, p, err);
	case POST_IDS:
		return post_settle(a, p, err) < 0 ? -1 : 1;
	case POST_RELATED:
	case POST_REFER:
		return 0;
	}
	return 0;
}

/* ---- all of it, where no record need be read ---- */

int
post_complete(struct answer *a, struct post *p, struct err *err)
{
	int rc;

	if (p->ready && p->whole)
		return 1;
	if (p->op == POST_RANGE && p->in_order &&
	    p->range.x->form != INDEX_UNIQUE) {
		post_drop_ids(a, p);
		post_walk_value(a, p);
		return 1;
	}
	if (p->op == POST_RANGE) {
		if (p->state == POST_OVER) {
			p->state = POST_MORE;
			p->read = 0;
			p->dropped = false;
		}
		while (p->state == POST_MORE)
			if (post_step(a, p, err) < 0)
				return -1;
		if (p->state != POST_DONE)
			return 0;
		return post_settle(a, p, err) < 0 ? -1 : 1;
	}
	if (p->op != POST_UNION && p->op != POST_ISECT)
		return 0;
	p->nused = 0;
	p->used = arena_array(&a->arena, p->n, sizeof(struct post *));
	for (size_t i = 0; i < p->n; i++) {
		if ((rc = post_complete(a, p->v[i], err)) <= 0)
			return rc;
		p->used[p->nused++] = p->v[i];
	}
	p->ready = p->whole = true;
	return 1;
}
