/* SPDX-License-Identifier: MIT */
/* Derived fields of a subject anew, from its timeline. */
#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "record/labels.h"
#include "store/meta.h"
#include "store/op_int.h"

enum { ROWS = 64, AFTER_MAX = 256 };

struct ledger {
	struct consent_entry *v;
	size_t n, cap;
};

static uint8_t
state_no(struct str s)
{
	if (str_eq(s, STR("granted")))
		return CONSENT_GRANTED;
	if (str_eq(s, STR("denied")))
		return CONSENT_DENIED;
	return str_eq(s, STR("withdrawn")) ? CONSENT_WITHDRAWN : CONSENT_NONE;
}

static int64_t
view_time(const struct rowview *view, unsigned no)
{
	struct rowview_pos pos = { 0 };
	struct str v;

	if (!rowview_next(view, no, &pos, &v, NULL) || v.n != 8)
		return AGG_NEVER;
	return (int64_t)(num_get_be64((const unsigned char *)v.p) ^ UINT64_C(1)
									<< 63);
}

static struct str
view_text(const struct rowview *view, unsigned no)
{
	struct rowview_pos pos = { 0 };
	struct str v;

	return rowview_next(view, no, &pos, &v, NULL) ? v : STR_NONE;
}

static void
ledger_add(struct ledger *l, const struct rowview *view, struct arena *arena)
{
	struct rowview_pos pos = { 0 };
	struct consent_entry e = { 0 };
	struct id *after;
	struct str v;

	e.id = view->id;
	e.state = state_no(view_text(view, LABEL_STATE));
	if (e.state == CONSENT_NONE)
		return;
	e.purpose = view_text(view, LABEL_PURPOSE);
	e.purpose = str_eq(e.purpose, STR("marketing"))
			? STR_NONE
			: arena_str(arena, e.purpose);
	e.channel = arena_str(arena, view_text(view, LABEL_CHANNEL));
	e.expires = e.state == CONSENT_GRANTED ? view_time(view, LABEL_EXPIRES)
					       : AGG_NEVER;
	after = arena_array(arena, AFTER_MAX, sizeof(*after));
	while (e.nafter < AFTER_MAX &&
	       rowview_next(view, LABEL_AFTER, &pos, &v, NULL))
		if (v.n == ID_BYTES)
			memcpy(after[e.nafter++].b, v.p, ID_BYTES);
	e.after = after;
	vec_push(l, e);
}

static int
read_consent(const struct db *db, struct tx *tx, const struct id *id,
    struct ledger *l, struct arena *arena, struct err *err)
{
	struct str key = id_str(id);
	struct rowview view;
	struct str value;

	if (tree_get_raw(db->driver, tx, T_LED, key, &value, err) != 0)
		return -1;
	/* A row without its record: the check of the store tells. */
	if (value.p == NULL)
		return 0;
	if (rowview_open(&view, &db->schema, T_LED, key, value, err) < 0)
		return -1;
	if (!(view.flags & ROW_DELETED))
		ledger_add(l, &view, arena);
	return 0;
}

void
recount_begin(struct recount *r, const struct db *db, struct arena *arena)
{
	*r = (struct recount){ 0 };
	r->db = db;
	r->arena = arena;
	agg_init(&r->agg);
}

void
recount_row(struct recount *r, const struct tl_row *row, int64_t ms,
    const struct id *rec)
{
	if (row->kind == KIND_CONSENT)
		vec_push(&r->consents, *rec);
	/* In order of time nothing comes between known days. */
	if (!agg_add(&r->agg, r->db->rules, row, ms, r->arena))
		bug("a timeline out of order");
}

int
recount_end(struct recount *r, struct tx *tx, struct err *err)
{
	struct ledger l = VEC_INIT;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < r->consents.n; i++)
		rc = read_consent(
		    r->db, tx, &r->consents.v[i], &l, r->arena, err);
	if (rc == 0 && l.n > 0)
		agg_consent(&r->agg, l.v, l.n, r->arena);
	vec_release(&r->consents);
	vec_release(&l);
	return rc;
}

static int
recount_rows(
    struct recount *r, struct tx *tx, const struct id *subject, struct err *err)
{
	const struct driver *d = r->db->driver;
	unsigned char lo[TL_KEY], hi[TL_KEY + 1];
	struct cur *cur = NULL;
	struct kv kv[ROWS];
	struct tl_row row;
	struct id rec;
	int64_t ms;
	int n, i;
	int rc = 0;

	memset(lo, 0, sizeof(lo));
	memcpy(lo, subject->b, ID_BYTES);
	memset(hi, 0xff, sizeof(hi));
	memcpy(hi, subject->b, ID_BYTES);
	if (d->range(tx, T_TL, str_n(lo, sizeof(lo)), str_n(hi, sizeof(hi)), 0,
		&cur) != 0)
		return tx_fail(tx, err);
	while (rc == 0 && (n = d->next(cur, kv, ROWS)) != 0) {
		if (n < 0)
			rc = tx_fail(tx, err);
		for (i = 0; rc == 0 && i < n; i++) {
			if (tl_decode(kv[i].k, kv[i].v, &row, &ms, &rec))
				recount_row(r, &row, ms, &rec);
			else
				rc = crc_error(T_TL, kv[i].k, err);
		}
	}
	d->end(&cur);
	return rc;
}

int
agg_recount(const struct db *db, struct tx *tx, const struct id *subject,
    struct agg *a, struct arena *arena, struct err *err)
{
	struct recount r;
	int rc;

	recount_begin(&r, db, arena);
	agg_keep_scores(&r.agg, a);
	rc = recount_rows(&r, tx, subject, err);
	if (recount_end(&r, tx, err) != 0)
		rc = -1;
	*a = r.agg;
	return rc;
}

int
agg_rebuild(const struct db *db, struct tx *tx, const struct id *subject,
    struct arena *arena, struct buf *scratch, struct err *err)
{
	struct str key = id_str(subject);
	struct err bad = ERR_INIT;
	struct agg a;
	struct str v;

	arena_clear(arena);
	if (tree_get_any(db->driver, tx, T_AGG, key, &v, err) != 0)
		return -1;
	agg_init(&a);
	if (v.p != NULL &&
	    agg_decode(&a, subject, arena_str(arena, v), arena, &bad) < 0)
		agg_init(&a);
	if (agg_recount(db, tx, subject, &a, arena, err) != 0)
		return -1;
	if (agg_empty(&a))
		return tree_del(db->driver, tx, T_AGG, key, err);
	agg_encode(&a, subject, scratch);
	return tree_put_raw(
	    db->driver, tx, T_AGG, key, buf_str(scratch), 0, err);
}
