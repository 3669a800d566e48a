/* SPDX-License-Identifier: MIT */
/*
 * The race: cursors of all sargable terms read on in turn, and the first that
 * ends drives.  There are no statistics, and none can be wrong.
 */
#include "store/plan_int.h"

#include "base/mem.h"
#include "store/meta.h"

enum {
	KEPT_IN_ORDER = 4096, /* ids of one value; more are walked again */
	REFER_MAX = 1024,     /* records that others refer to */
};

/* ---- reading on ---- */

void
post_end_cur(struct answer *a, struct post *p)
{
	if (p->cur != NULL)
		a->r->db->driver->end(&p->cur);
}

void
post_drop_ids(struct answer *a, struct post *p)
{
	a->kept -= p->ids.n < a->kept ? p->ids.n : a->kept;
	pids_release(&p->ids);
	p->dropped = true;
}

void
post_release(struct answer *a, struct post *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n; i++)
		post_release(a, p->v[i]);
	post_end_cur(a, p);
	post_drop_ids(a, p);
	mem_free(p->near);
	p->near = NULL;
	p->nnear = p->pos = 0;
	p->ready = false;
}

static int
take_entry(struct answer *a, struct post *p, struct kv *kv, struct err *err)
{
	struct id id;

	if (!index_entry_id(p->range.x, kv->k, kv->v, &id))
		return crc_error(T_X, kv->k, err);
	/* One value in front of the id, and nothing else. */
	if (p->in_order && kv->k.n != p->range.lo.n + ID_BYTES &&
	    p->range.x->form != INDEX_UNIQUE)
		p->in_order = false;
	if (p->dropped)
		return 0;
	pids_add(&p->ids, pid_of(id.b));
	a->kept++;
	if (p->in_order && p->ids.n > KEPT_IN_ORDER)
		post_drop_ids(a, p);
	return 0;
}

/* A unique value has one entry, and its key is known. */
static int
step_unique(struct answer *a, struct post *p, struct err *err)
{
	struct kv kv = { p->range.lo, STR_NONE };

	if (tree_get_raw(a->r->db->driver, a->r->tx, T_X, kv.k, &kv.v, err) !=
	    0)
		return -1;
	p->state = POST_DONE;
	if (kv.v.p == NULL)
		return 0;
	p->read = 1;
	return take_entry(a, p, &kv, err);
}

/* A value whose key was changed may stand just outside of its range. */
static int
ends_stand(struct answer *a, const struct post *p, struct err *err)
{
	const struct driver *d = a->r->db->driver;
	struct str hi = p->range.hi;

	if (tree_absent(d, a->r->tx, T_X, p->range.lo, err) != 0)
		return -1;
	return hi.p != NULL ? tree_absent(d, a->r->tx, T_X, hi, err) : 0;
}

static int
step_range(struct answer *a, struct post *p, struct err *err)
{
	struct kv kv[PLAN_TURN];
	int n;

	if (p->in_order && p->range.x->form == INDEX_UNIQUE)
		return step_unique(a, p, err);
	if (p->cur == NULL && post_open_cur(a, p, STR_NONE, err) < 0)
		return -1;
	n = a->r->db->driver->next(p->cur, kv, PLAN_TURN);
	if (n < 0)
		return tx_fail(a->r->tx, err);
	for (int i = 0; i < n; i++)
		if (take_entry(a, p, &kv[i], err) < 0)
			return -1;
	p->read += (uint64_t)n;
	if (n == 0) {
		p->state = POST_DONE;
		post_end_cur(a, p);
		return p->range.x->form == INDEX_UNIQUE ? ends_stand(a, p, err)
							: 0;
	}
	if (p->read > a->budget || a->kept > PLAN_IDS_MAX ||
	    (p->dropped && !p->in_order)) {
		p->state = POST_OVER;
		post_end_cur(a, p);
		post_drop_ids(a, p);
	}
	return 0;
}

/* Its children one behind the other, up to a turn together. */
static int
step_union(struct answer *a, struct post *p, struct err *err)
{
	uint64_t from = p->read, before;
	struct post *c;

	while (p->at < p->n && p->read - from < PLAN_TURN) {
		c = p->v[p->at];
		before = c->read;
		if (c->state == POST_MORE && post_step(a, c, err) < 0)
			return -1;
		p->read += c->read - before;
		if (c->state == POST_OVER || p->read > a->budget) {
			p->state = POST_OVER;
			return 0;
		}
		if (c->state == POST_DONE)
			p->at++;
	}
	if (p->at == p->n)
		p->state = POST_DONE;
	return 0;
}

/* All of them a turn each: the shortest that ends is the one that drives. */
static int
step_isect(struct answer *a, struct post *p, struct err *err)
{
	bool more = false;

	for (size_t i = 0; i < p->n; i++) {
		struct post *c = p->v[i];

		if (c->state == POST_MORE && post_step(a, c, err) < 0)
			return -1;
		more = more || c->state == POST_MORE;
		if (c->state != POST_DONE)
			continue;
		if (p->state != POST_DONE || c->read < p->v[p->at]->read)
			p->at = i;
		p->state = POST_DONE;
	}
	if (p->state == POST_DONE)
		p->read = p->v[p->at]->read;
	else if (!more)
		p->state = POST_OVER;
	return 0;
}

/* By way of other records: a posting for each of those that are referred to,
 * so there may not be many. */
static int
step_other(struct answer *a, struct post *p, struct err *err)
{
	struct post *c = p->v[0];

	if (c->state == POST_MORE && post_step(a, c, err) < 0)
		return -1;
	p->state = c->state;
	p->read = c->read;
	if (p->op == POST_REFER && p->read > REFER_MAX)
		p->state = POST_OVER;
	return 0;
}

int
post_step(struct answer *a, struct post *p, struct err *err)
{
	switch (p->op) {
	case POST_RANGE:
		return step_range(a, p, err);
	case POST_UNION:
		return step_union(a, p, err);
	case POST_ISECT:
		return step_isect(a, p, err);
	case POST_RELATED:
	case POST_REFER:
		return step_other(a, p, err);
	case POST_IDS:
		p->read = p->ids.n;
		p->state = p->read > a->budget ? POST_OVER : POST_DONE;
		return 0;
	}
	return 0;
}

int
post_race(struct answer *a, struct post *p, unsigned turns, struct err *err)
{
	while (p->state == POST_MORE && turns-- > 0)
		if (post_step(a, p, err) < 0)
			return -1;
	return 0;
}

/* ---- what has ended ---- */

static void
make_list(struct post *p)
{
	p->is_list = true;
	p->ready = p->whole = true;
	p->pos = 0;
}

void
post_walk_value(struct answer *a, struct post *p)
{
	post_end_cur(a, p);
	p->ready = p->whole = true;
	p->ended = false;
	p->pos = p->nnear = 0;
}

static void
settle_range(struct answer *a, struct post *p)
{
	if (p->dropped) {
		post_walk_value(a, p);
		return;
	}
	pids_sort(&p->ids);
	make_list(p);
}

/* Lists become one; what is walked stays beside them. */
static int
settle_union(struct answer *a, struct post *p, struct err *err)
{
	bool lists = true;

	p->whole = true;
	for (size_t i = 0; i < p->n; i++) {
		if (post_settle(a, p->v[i], err) < 0)
			return -1;
		lists = lists && p->v[i]->is_list;
		p->whole = p->whole && p->v[i]->whole;
	}
	p->ready = true;
	if (!lists)
		return 0;
	for (size_t i = 0; i < p->n; i++) {
		struct pids *l = &p->v[i]->ids;

		for (size_t j = 0; j < l->n; j++)
			pids_add(&p->ids, l->v[j]);
		pids_release(l);
	}
	pids_sort(&p->ids);
	p->is_list = true;
	p->pos = 0;
	return 0;
}

/* Whether another one is worth intersecting with: it is short, or what it
 * spares is the reading of records. */
static int
short_too(struct answer *a, struct post *c, uint64_t driver, bool exact,
    struct err *err)
{
	uint64_t most = driver * (exact ? PLAN_SHORT_EXACT : PLAN_SHORT);

	/* To find what it refers to costs a record each. */
	if (c->op == POST_RELATED || c->op == POST_REFER)
		most = driver / 2;
	else
		most += PLAN_TURN;
	while (c->state == POST_MORE && c->read <= most)
		if (post_step(a, c, err) < 0)
			return -1;
	if (c->state == POST_DONE && c->read <= most)
		return 1;
	/* By leaps, as many as the driver has. */
	if (exact && c->op == POST_RANGE && c->in_order) {
		post_drop_ids(a, c);
		c->state = POST_DONE;
		return 1;
	}
	return 0;
}

static int
settle_isect(struct answer *a, struct post *p, struct err *err)
{
	bool exact = a->opts.ids_only && a->exact;
	uint64_t driver = p->v[p->at]->read;
	int rc;

	p->used = arena_array(&a->arena, p->n, sizeof(struct post *));
	p->nused = 0;
	p->used[p->nused++] = p->v[p->at];
	if (post_settle(a, p->v[p->at], err) < 0)
		return -1;
	p->whole = p->v[p->at]->whole;
	for (size_t i = 0; i < p->n; i++) {
		struct post *c = p->v[i];

		if (i == p->at)
			continue;
		rc = short_too(a, c, driver, exact, err);
		if (rc < 0)
			return -1;
		if (rc == 0) {
			p->whole = false;
			post_release(a, c);
			continue;
		}
		if (post_settle(a, c, err) < 0)
			return -1;
		p->whole = p->whole && c->whole;
		p->used[p->nused++] = c;
	}
	p->ready = true;
	return 0;
}

int
post_settle(struct answer *a, struct post *p, struct err *err)
{
	switch (p->op) {
	case POST_RANGE:
		settle_range(a, p);
		return 0;
	case POST_IDS:
		make_list(p);
		p->whole = false; /* they may name what is not there */
		return 0;
	case POST_UNION:
		return settle_union(a, p, err);
	case POST_ISECT:
		return settle_isect(a, p, err);
	case POST_RELATED:
		if (post_settle(a, p->v[0], err) < 0 ||
		    post_related(a, p, err) < 0)
			return -1;
		make_list(p);
		p->whole = false;
		return 0;
	case POST_REFER:
		if (post_settle(a, p->v[0], err) < 0 ||
		    post_refer(a, p, err) < 0)
			return -1;
		p->whole = false;
		return 0;
	}
	return 0;
}
