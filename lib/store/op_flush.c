/* SPDX-License-Identifier: MIT */
/*
 * The end of an operation: sorted index entries, sorted timeline rows, and
 * along these the derived fields of each subject.
 */
#include "base/ids.h"
#include "base/mem.h"
#include "store/codec.h"
#include "store/meta.h"
#include "store/op_int.h"

enum { KEY, VALUE, END };

/* ---- puts by the hundred ---- */

void
putter_init(struct putter *p, const struct driver *d, struct tx *tx,
    enum tree tree, unsigned flags)
{
	p->driver = d;
	p->tx = tx;
	p->tree = tree;
	p->flags = flags;
	p->n = 0;
	buf_init(&p->bytes);
}

void
putter_release(struct putter *p)
{
	buf_release(&p->bytes);
}

int
putter_flush(struct putter *p, struct err *err)
{
	struct kv kv[PUTTER_ROWS];
	size_t clash;
	size_t i;

	if (p->n == 0)
		return 0;
	for (i = 0; i < p->n; i++) {
		kv[i].k = str_n(p->bytes.p + p->at[i][KEY],
		    p->at[i][VALUE] - p->at[i][KEY]);
		kv[i].v = str_n(p->bytes.p + p->at[i][VALUE],
		    p->at[i][END] - p->at[i][VALUE]);
	}
	if (p->driver->put(p->tx, p->tree, p->n, kv, p->flags, &clash) != 0)
		return tx_fail(p->tx, err);
	p->n = 0;
	buf_clear(&p->bytes);
	return 0;
}

int
putter_add(struct putter *p, struct str key, struct str value, struct err *err)
{
	p->at[p->n][KEY] = p->bytes.n;
	buf_adds(&p->bytes, key);
	p->at[p->n][VALUE] = p->bytes.n;
	buf_adds(&p->bytes, value);
	p->at[p->n++][END] = p->bytes.n;
	return p->n == PUTTER_ROWS ? putter_flush(p, err) : 0;
}

int
index_rows_put(const struct index_rows *rows, const struct driver *d,
    struct tx *tx, struct err *err)
{
	struct buf last = BUF_INIT; /* of unique ones, with its owner */
	struct buf bytes = BUF_INIT;
	struct str key, value, whole;
	struct putter p;
	bool del;
	int rc;

	putter_init(&p, d, tx, T_X, 0);
	while ((rc = sorter_next(rows->from, &key, &value, &del, err)) == 1) {
		buf_clear(&bytes);
		if (rows->unique(rows->arg, key)) {
			whole = key;
			key.n -= ID_BYTES;
			if (last.n == whole.n &&
			    memcmp(last.p, key.p, key.n) == 0) {
				if (rows->twice != NULL)
					rows->twice(
					    rows->arg, buf_str(&last), whole);
				continue;
			}
			buf_clear(&last);
			buf_adds(&last, whole);
			buf_adds(&bytes, value);
			crc_add(T_X, key, &bytes);
		}
		if (putter_add(&p, key, buf_str(&bytes), err) != 0)
			break;
	}
	rc = rc == 0 ? putter_flush(&p, err) : -1;
	putter_release(&p);
	buf_release(&last);
	buf_release(&bytes);
	return rc;
}

/* ---- index entries ---- */

static int
flush_index(struct op *op, struct err *err)
{
	struct putter p;
	struct str key, value;
	bool del;
	int rc;

	if (sorter_empty(op->x))
		return 0;
	if (sorter_sort(op->x, err) != 0)
		return -1;
	putter_init(&p, op_driver(op), op->tx, T_X, op->empty ? PUT_APPEND : 0);
	while ((rc = sorter_next(op->x, &key, &value, &del, err)) == 1) {
		op->written += key.n + value.n;
		if (del) {
			/* Nothing that was never put is in an empty store. */
			if (!op->empty &&
			    tree_del(op_driver(op), op->tx, T_X, key, err) != 0)
				break;
			continue;
		}
		if (value.n > 0) {
			buf_clear(&op->scratch);
			buf_adds(&op->scratch, value);
			crc_add(T_X, key, &op->scratch);
			value = buf_str(&op->scratch);
		}
		if (putter_add(&p, key, value, err) != 0)
			break;
		/* Between two calls of the driver only. */
		if (p.n == 0 && op_breathe(op, err) != 0)
			break;
	}
	if (rc == 0)
		rc = putter_flush(&p, err);
	else
		rc = -1;
	putter_release(&p);
	sorter_clear(op->x);
	return rc;
}

/* ---- timelines and derived fields ---- */

/* One subject at a time: the rows come sorted by it. */
struct subject {
	struct op *op;
	struct putter rows, aggs;
	bool any, has_agg, recount, known;
	struct id id;
	struct agg agg;
	struct arena arena;
	struct buf bytes;
};

static bool
is_gone(const struct op *op, const struct id *id)
{
	return ids_have(op->gone.v, op->gone.n, id);
}

/* What is kept of the subject so far. */
static int
subject_load(struct subject *s, struct err *err)
{
	struct op *op = s->op;
	struct str key = id_str(&s->id);
	struct str v;

	s->known = true;
	agg_init(&s->agg);
	if (op->empty)
		return 0;
	if (tree_get_raw(op_driver(op), op->tx, T_AGG, key, &v, err) != 0)
		return -1;
	if (v.p == NULL)
		return 0;
	v = arena_str(&s->arena, v);
	return agg_decode(&s->agg, &s->id, v, &s->arena, err) < 0 ? -1 : 0;
}

static int
subject_end(struct subject *s, struct err *err)
{
	struct op *op = s->op;
	struct str key = id_str(&s->id);
	int rc = 0;

	if (!s->any || !s->has_agg || is_gone(op, &s->id))
		goto out;
	if (!s->known && subject_load(s, err) != 0) {
		rc = -1;
		goto out;
	}
	if (s->recount) {
		rc = putter_flush(&s->rows, err);
		if (rc == 0)
			rc = agg_recount(
			    op->db, op->tx, &s->id, &s->agg, &s->arena, err);
		if (rc != 0)
			goto out;
	}
	if (agg_empty(&s->agg)) {
		rc = op->empty
			 ? 0
			 : tree_del(op_driver(op), op->tx, T_AGG, key, err);
		goto out;
	}
	agg_encode(&s->agg, &s->id, &s->bytes);
	op->written += s->bytes.n;
	rc = putter_add(&s->aggs, key, buf_str(&s->bytes), err);
out:
	arena_clear(&s->arena);
	s->any = s->has_agg = s->recount = s->known = false;
	return rc;
}

static int
subject_row(struct subject *s, struct str key, struct str value, bool del,
    struct err *err)
{
	unsigned flags = (unsigned char)value.p[value.n - 1];
	struct tl_row row;
	struct id rec;
	int64_t ms;

	value.n--;
	if ((flags & TL_RECOUNT) || del)
		s->recount = true;
	if (flags & TL_HAS_AGG)
		s->has_agg = true;
	if (del) {
		/* Rows before it may wait to be put. */
		if (putter_flush(&s->rows, err) != 0)
			return -1;
		return tree_del(op_driver(s->op), s->op->tx, T_TL, key, err);
	}
	s->op->written += key.n + value.n;
	if (putter_add(&s->rows, key, value, err) != 0)
		return -1;
	if (s->recount || !(flags & TL_HAS_AGG))
		return 0;
	if (!s->known && subject_load(s, err) != 0)
		return -1;
	if (!tl_decode(key, value, &row, &ms, &rec))
		return crc_error(T_TL, key, err);
	if (!agg_add(&s->agg, s->op->db->rules, &row, ms, &s->arena)) {
		s->recount = true;
		s->known = false; /* half changed: it is loaded again */
	}
	return 0;
}

static int
flush_timeline(struct op *op, struct err *err)
{
	unsigned flags = op->empty ? PUT_APPEND : 0;
	struct subject s = { 0 };
	struct str key, value;
	bool del;
	int rc;

	if (sorter_empty(op->tl))
		return 0;
	ids_sort(op->gone.v, op->gone.n);
	if (sorter_sort(op->tl, err) != 0)
		return -1;
	s.op = op;
	putter_init(&s.rows, op_driver(op), op->tx, T_TL, flags);
	putter_init(&s.aggs, op_driver(op), op->tx, T_AGG, flags);
	arena_init(&s.arena);
	buf_init(&s.bytes);
	while ((rc = sorter_next(op->tl, &key, &value, &del, err)) == 1) {
		if (s.any && memcmp(s.id.b, key.p, ID_BYTES) != 0 &&
		    (subject_end(&s, err) != 0 || op_breathe(op, err) != 0))
			break;
		memcpy(s.id.b, key.p, ID_BYTES);
		s.any = true;
		if (subject_row(&s, key, value, del, err) != 0)
			break;
	}
	rc = rc == 0 && subject_end(&s, err) == 0 &&
		     putter_flush(&s.rows, err) == 0 &&
		     putter_flush(&s.aggs, err) == 0
		 ? 0
		 : -1;
	putter_release(&s.rows);
	putter_release(&s.aggs);
	arena_release(&s.arena);
	buf_release(&s.bytes);
	sorter_clear(op->tl);
	return rc;
}

int
op_flush_all(struct op *op, struct err *err)
{
	bool some = !sorter_empty(op->x) || !sorter_empty(op->tl);

	if (flush_index(op, err) != 0 || flush_timeline(op, err) != 0)
		return -1;
	/* A second flush does not append. */
	if (some)
		op->empty = false;
	return 0;
}

int
op_flush(struct op *op, struct err *err)
{
	return op_flush_all(op, err);
}
