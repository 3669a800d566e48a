/* SPDX-License-Identifier: MIT */
/*
 * The states of one record, newest first: each is made from the one after it
 * by taking an entry of the log back.  Two arenas take turns, one holding the
 * state after an entry with that entry, the other what is made of them, so
 * that a long history needs no more memory than a short one.
 */
#include "store/history_int.h"

#include "base/mem.h"
#include "base/num.h"
#include "record/labels.h"
#include "store/meta.h"

struct history {
	struct reading *r;
	struct id id;
	uint64_t from, to; /* what the log holds */
	struct arena arena[2];
	unsigned at; /* the arena of what follows */
	/* The entry that made the state; have: it is to be had. */
	uint64_t lsn;
	uint32_t seq;
	bool have, cut;
	struct log_entry entry;
	struct stamp stamp; /* of its operation, ms 0: not known */
	/* The state: live values alone. */
	bool there;
	struct row row;
	struct stamp newest; /* with those of removed fields */
	struct row shown;    /* what is handed out of it */
	struct row after;    /* and of the one after it */
};

static int
damaged(const struct history *h, const char *what, struct err *err)
{
	return history_damaged(h->lsn, h->seq, what, err);
}

/* ---- states ---- */

static struct stamp
newest_stamp(const struct row *row)
{
	struct stamp st = row->stamp;
	size_t i;

	for (i = 0; i < row->n; i++)
		if (row->v[i].stamped && stamp_cmp(&row->v[i].stamp, &st) > 0)
			st = row->v[i].stamp;
	return st;
}

/* Takes out the slots of removed fields. */
static void
drop_removed(struct row *row)
{
	size_t i, n = 0;

	for (i = 0; i < row->n; i++)
		if (row->v[i].v.n > 0)
			row->v[n++] = row->v[i];
	row->n = n;
}

/*
 * The state as others see it.  Where the newest stamp was that of a removed
 * field, it becomes the record's own and each value keeps its older one: so
 * `updated` comes out as it was.
 */
static void
show_state(struct history *h)
{
	struct arena *arena = &h->arena[h->at];
	struct stamp st = newest_stamp(&h->row);
	struct row *row = &h->shown;
	size_t i;

	*row = h->row;
	if (stamp_cmp(&st, &h->newest) >= 0)
		return;
	row->v = arena_array(arena, row->n + 1, sizeof(*row->v));
	row->cap = row->n + 1;
	for (i = 0; i < row->n; i++) {
		row->v[i] = h->row.v[i];
		row->v[i].stamp = slot_stamp(&h->row, &h->row.v[i]);
		row->v[i].stamped = true;
	}
	row->stamp = h->newest;
}

static void
copy_values(struct row *row, struct arena *arena)
{
	size_t i;

	for (i = 0; i < row->n; i++)
		row->v[i].v = arena_str(arena, row->v[i].v);
}

/* ---- entries ---- */

/* The entry that made the state before, and when its operation was. */
static int
load_entry(struct history *h, uint64_t lsn, uint64_t seq, struct err *err)
{
	struct arena *arena = &h->arena[h->at];
	struct log_header head;
	struct str v;
	int rc;

	h->lsn = lsn;
	h->seq = (uint32_t)seq;
	h->have = false;
	h->stamp = (struct stamp){ 0 };
	if (lsn == 0)
		return 0;
	if (lsn < h->from) {
		h->cut = true;
		return 0;
	}
	rc = history_value(h->r, lsn, h->seq, arena, &v, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return damaged(h, "it is gone", err);
	if (!log_entry_read(v, &h->entry) || h->entry.type == LOG_SCHEMA ||
	    h->entry.tree < T_CONTACT || h->entry.tree > T_LED)
		return damaged(h, "it cannot be read", err);
	if (id_cmp(&h->entry.id, &h->id) != 0)
		return damaged(h, "it is about another record", err);
	if (h->entry.prev_seq > UINT32_MAX || h->entry.prev_lsn > lsn ||
	    (h->entry.prev_lsn == lsn && h->entry.prev_seq >= seq))
		return damaged(h, "it follows a later one", err);
	h->have = true;
	/* The operation that reads has no header yet. */
	if (lsn > h->to)
		return 0;
	rc = history_header(h->r, lsn, arena, &head, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return history_damaged(lsn, 0, "it is gone", err);
	h->stamp.ms = (uint64_t)num_get_be16(head.op.b) << 32 |
		      num_get_be32(head.op.b + 2);
	h->stamp.counter = num_get_be16(head.op.b + 6);
	h->stamp.node = num_get_be32(head.op.b + 8);
	return 0;
}

/* ---- the walk ---- */

/* The record as it stands: a live one, or what is kept of a removed one. */
static int
load_state(struct history *h, struct err *err)
{
	struct reading *r = h->r;
	struct arena *arena = &h->arena[h->at];
	struct rowview view;
	struct str value;
	enum tree tree;
	int rc;

	if (r->tx == NULL)
		return 0;
	rc = record_find(r->tx, r->db, &h->id, &tree, &value, err);
	if (rc <= 0)
		return rc;
	value = arena_str(arena, value);
	if (rowview_open(
		&view, &r->db->schema, tree, id_str(&h->id), value, err) < 0 ||
	    row_whole(r->tx, r->db, &view, arena, &h->row, err) != 0)
		return -1;
	h->there = (h->row.flags & ROW_DELETED) == 0;
	h->newest = newest_stamp(&h->row);
	drop_removed(&h->row);
	show_state(h);
	return load_entry(h, h->row.lsn, h->row.seq, err);
}

int
history_open(struct reading *r, const struct id *id, struct history **out,
    struct err *err)
{
	struct history *h = mem_zero(1, sizeof(*h));
	struct head head = { 0 };
	int rc = 0;

	h->r = r;
	h->id = *id;
	arena_init(&h->arena[0]);
	arena_init(&h->arena[1]);
	if (r->tx != NULL)
		rc = head_load(r->db, r->tx, &head, err);
	h->from = head.log_from;
	h->to = head.lsn;
	if (rc >= 0)
		rc = load_state(h, err);
	if (rc < 0)
		history_close(&h);
	*out = h;
	return rc < 0 ? -1 : 0;
}

/* A value that came back has a stamp of the state where it did (history.h);
 * none is newer than the state, nor, where it was just made, its own. */
static void
cap_stamps(struct row *row, const struct stamp *newest)
{
	struct slot *s;

	for (s = row->v; s < row->v + row->n; s++)
		if (newest == NULL)
			s->stamped = false;
		else if (s->stamped && stamp_cmp(&s->stamp, newest) > 0)
			s->stamp = *newest;
}

/* The state before a delete or an edit; h->entry is by now the one that made
 * it. */
static int
step_back(struct history *h, const struct history_taken *t, struct err *err)
{
	struct arena *arena = &h->arena[h->at];
	struct row row = { 0 };
	const struct stamp *edited = NULL;

	if (h->have && h->entry.type == LOG_EDIT && h->stamp.ms != 0)
		edited = &h->stamp;
	if (t->entry.type == LOG_DELETE) {
		if (history_undelete(h->r, t, arena, &row, err) != 0)
			return -1;
		h->newest = newest_stamp(&row);
		drop_removed(&row);
	} else {
		if (history_unedit(
			h->r, t, &h->row, edited, arena, &row, err) != 0)
			return -1;
		if (edited != NULL || (h->have && h->entry.type == LOG_CREATE))
			cap_stamps(&row, edited);
		h->newest = edited != NULL ? *edited : row.stamp;
	}
	copy_values(&row, arena);
	h->row = row;
	show_state(h);
	return 0;
}

static bool
fits(const struct log_entry *e, bool there)
{
	if (e->type == LOG_ERASED)
		return true;
	return there == (e->type != LOG_DELETE);
}

static int
take_back(struct history *h, struct history_step *out, struct err *err)
{
	struct history_taken t = { h->lsn, h->seq, h->entry };
	bool was_there = h->there;

	h->have = h->there = false;
	if (!fits(&t.entry, was_there))
		return history_damaged(
		    t.lsn, t.seq, "it did not make the state after it", err);
	out->lsn = t.lsn;
	out->seq = t.seq;
	out->type = (enum history_type)t.entry.type;
	if (t.entry.type == LOG_ERASED) {
		h->lsn = 0;
		return 1;
	}
	h->after = h->shown;
	h->at ^= 1;
	arena_clear(&h->arena[h->at]);
	if (load_entry(h, t.entry.prev_lsn, t.entry.prev_seq, err) != 0 ||
	    (t.entry.type != LOG_CREATE && step_back(h, &t, err) != 0)) {
		h->have = false;
		return -1;
	}
	h->there = t.entry.type != LOG_CREATE;
	out->after = was_there ? &h->after : NULL;
	out->before = h->there ? &h->shown : NULL;
	out->kind = was_there ? h->after.kind : h->shown.kind;
	return 1;
}

int
history_prev(struct history *h, struct history_step *out, struct err *err)
{
	*out = (struct history_step){ 0 };
	return h->have ? take_back(h, out, err) : 0;
}

bool
history_cut(const struct history *h)
{
	return h->cut;
}

void
history_close(struct history **ph)
{
	struct history *h = *ph;

	if (h == NULL)
		return;
	arena_release(&h->arena[0]);
	arena_release(&h->arena[1]);
	mem_free(h);
	*ph = NULL;
}

/* ---- one state ---- */

static int
copy_state(const struct history *h, struct arena *arena, struct row *row)
{
	if (!h->there)
		return 0;
	*row = h->shown;
	row->cap = row->n + 1;
	row->v = arena_array(arena, row->cap, sizeof(*row->v));
	if (row->n > 0)
		memcpy(row->v, h->shown.v, row->n * sizeof(*row->v));
	copy_values(row, arena);
	return 1;
}

int
history_row(struct reading *r, const struct id *id, uint64_t lsn,
    struct arena *arena, struct row *row, struct err *err)
{
	struct history_step step;
	struct history *h;
	int rc;

	*row = (struct row){ 0 };
	if (history_open(r, id, &h, err) != 0)
		return -1;
	do
		rc = h->lsn > lsn ? history_prev(h, &step, err) : 0;
	while (rc == 1);
	if (rc == 0 && h->lsn > lsn)
		rc = history_gone(r, err);
	else if (rc == 0)
		rc = copy_state(h, arena, row);
	history_close(&h);
	return rc;
}

int
history_into(struct reading *r, const struct id *id, uint64_t lsn,
    const struct kind **kind, struct id *into, struct err *err)
{
	struct history_step step;
	struct history *h;
	struct str v = STR_NONE;
	int rc;

	if (history_open(r, id, &h, err) != 0)
		return -1;
	do
		rc = h->lsn > lsn ? history_prev(h, &step, err) : 0;
	while (rc == 1);
	/* One step more: what was removed says where it went. */
	if (rc == 0 && !h->there)
		rc = history_prev(h, &step, err);
	if (rc == 1 && step.type == HISTORY_DELETE) {
		v = row_get(step.before, LABEL_MERGED_INTO);
		*kind = step.kind;
	}
	if (v.n == ID_BYTES)
		memcpy(into->b, v.p, ID_BYTES);
	history_close(&h);
	return rc < 0 ? -1 : v.n == ID_BYTES;
}
