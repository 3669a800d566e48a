/* SPDX-License-Identifier: MIT */
/* Taking one entry of the log back: the record before it. */
#include "store/history_int.h"

#include "record/labels.h"
#include "store/internal.h"
#include "store/op_int.h"

static const struct field *
field_of(struct reading *r, const struct kind *k, unsigned no)
{
	const struct field *f = kind_field_no(k, no);

	if (f == NULL && str_starts(db_label(r->db, no), STR("x.")))
		f = kind_field_no(k, LABEL_X_FAMILY);
	return f;
}

/* ---- taking a delete back ---- */

/* Long texts stand behind the record, in the order of its slots. */
static bool
put_texts(struct row *row, const bool *blob, struct str texts)
{
	struct str text;
	size_t pos = 0, i;
	unsigned no;

	for (i = 0; i < row->n; i++) {
		if (!blob[i])
			continue;
		if (log_text_next(texts, &pos, &no, &text) != 1 ||
		    no != row->v[i].no || !blob_ref_is(row->v[i].v, text))
			return false;
		row->v[i].v = text;
	}
	return log_text_next(texts, &pos, &no, &text) == 0;
}

int
history_undelete(struct reading *r, const struct history_taken *t,
    struct arena *arena, struct row *row, struct err *err)
{
	const struct log_entry *e = &t->entry;
	enum tree tree = (enum tree)e->tree;
	struct str key = id_str(&e->id);
	struct buf bytes = BUF_INIT;
	struct str record, texts;
	struct rowview view;
	size_t nblobs, i;
	bool *blob;

	if (!log_delete_read(e, &record, &texts))
		return history_damaged(
		    t->lsn, t->seq, "its record is cut", err);
	/* The log's own checksum covers it: it was put without. */
	buf_adds(&bytes, record);
	crc_add(tree, key, &bytes);
	record = arena_str(arena, buf_str(&bytes));
	buf_release(&bytes);
	if (rowview_open(&view, &r->db->schema, tree, key, record, err) < 0)
		return -1;
	blob = arena_zero(arena, view.n + 1U, sizeof(*blob));
	if (row_decode(&view, arena, row, blob, &nblobs, err) != 0)
		return -1;
	if (!put_texts(row, blob, texts))
		return history_damaged(t->lsn, t->seq,
		    "its texts are not those of its record", err);
	if (row->lsn != e->prev_lsn || row->seq != e->prev_seq)
		return history_damaged(
		    t->lsn, t->seq, "its record is another one", err);
	for (i = 0; i < row->n; i++)
		if (row->v[i].f == NULL)
			row->v[i].f = field_of(r, row->kind, row->v[i].no);
	return 0;
}

/* ---- taking an edit back ---- */

static void
insert_slot(struct row *row, struct arena *arena, size_t at, struct slot s)
{
	row_add(row, arena, s.f, s.no, s.v);
	memmove(
	    &row->v[at + 1], &row->v[at], (row->n - 1 - at) * sizeof(*row->v));
	row->v[at] = s;
}

static void
remove_slots(struct row *row, size_t from, size_t n)
{
	memmove(&row->v[from], &row->v[from + n],
	    (row->n - from - n) * sizeof(*row->v));
	row->n -= n;
}

struct back {
	struct reading *r;
	struct arena *arena;
	struct row *row;
	const struct stamp *was;
};

/* Where the slots of a label begin, or would. */
static size_t
label_place(const struct back *b, struct slot *s)
{
	const struct row *row = b->row;
	size_t at;

	s->f = field_of(b->r, row->kind, s->no);
	if (row_slots(row, s->no, &at) > 0)
		return at;
	while (at > 0 && db_slot_before(b->r->db, s, &row->v[at - 1]))
		at--;
	return at;
}

static bool
back_one(struct back *b, const struct log_field *f)
{
	struct slot s = { 0 };
	size_t from, n = row_slots(b->row, f->label, &from);
	size_t at;

	if (n > 1 || (n == 1) != (f->new.n > 0) ||
	    (n == 1 && !str_eq(b->row->v[from].v, f->new)))
		return false;
	s.no = (uint16_t)f->label;
	s.v = f->old;
	s.stamped = b->was != NULL;
	s.stamp = s.stamped ? *b->was : b->row->stamp;
	at = label_place(b, &s);
	remove_slots(b->row, from, n);
	if (s.v.n > 0)
		insert_slot(b->row, b->arena, at, s);
	return true;
}

/* Takes out what was added. The changes of a label begin at pos. */
static bool
back_added(struct back *b, const struct log_entry *e, size_t pos,
    const struct log_field *first)
{
	struct row *row = b->row;
	size_t from, n = row_slots(row, first->label, &from);
	struct log_field f = *first;
	struct slot *s;
	size_t i, kept = 0;

	do {
		if (f.label != first->label || f.what == LOG_ONE)
			break;
		if (f.what != LOG_ADDED)
			continue;
		s = f.place < n ? &row->v[from + f.place] : NULL;
		if (s == NULL || f.new.n == 0 || !str_eq(s->v, f.new))
			return false;
		s->v = STR_NONE; /* of those that are there, all have some */
	} while (log_field_next(e, &pos, &f) == 1);
	for (i = 0; i < n; i++)
		if (row->v[from + i].v.n > 0)
			row->v[from + kept++] = row->v[from + i];
	remove_slots(row, from + kept, n - kept);
	return true;
}

static bool
back_removed(struct back *b, const struct log_field *f)
{
	struct slot s = { 0 };
	size_t from, n = row_slots(b->row, f->label, &from);

	if (f->place > n || f->old.n == 0)
		return false;
	s.no = (uint16_t)f->label;
	s.v = f->old;
	s.stamp = f->stamp;
	s.stamped = stamp_cmp(&f->stamp, &b->row->stamp) != 0;
	from = label_place(b, &s);
	insert_slot(b->row, b->arena, from + (size_t)f->place, s);
	return true;
}

/* The fields of an edit in turn. Of a list what was added goes before what
 * was removed comes back, and the log has them the other way round. */
static bool
back_fields(struct back *b, const struct log_entry *e)
{
	struct log_field f;
	size_t pos = 0;
	unsigned list = 0; /* the label whose added values are out */
	bool good = true;
	int rc;

	while (good && (rc = log_field_next(e, &pos, &f)) != 0) {
		if (rc < 0)
			return false;
		if (f.what == LOG_ONE) {
			good = back_one(b, &f);
			list = 0;
			continue;
		}
		if (f.label != list)
			good = back_added(b, e, pos, &f);
		list = f.label;
		if (good && f.what == LOG_REMOVED)
			good = back_removed(b, &f);
	}
	return good;
}

int
history_unedit(struct reading *r, const struct history_taken *t,
    const struct row *after, const struct stamp *was, struct arena *arena,
    struct row *row, struct err *err)
{
	struct back b = { r, arena, row, was };

	*row = *after;
	row->rev--;
	row->lsn = t->entry.prev_lsn;
	row->seq = (uint32_t)t->entry.prev_seq;
	row->cap = after->n + 8;
	row->v = arena_array(arena, row->cap, sizeof(*row->v));
	if (after->n > 0)
		memcpy(row->v, after->v, after->n * sizeof(*row->v));
	if (!back_fields(&b, &t->entry))
		return history_damaged(t->lsn, t->seq,
		    "it does not fit the state that it made", err);
	op_row_flags(row);
	return 0;
}
