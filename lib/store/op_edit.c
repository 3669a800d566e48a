/* SPDX-License-Identifier: MIT */
/* Replacing one record: what differs is logged and stamped. */
#include "base/num.h"
#include "record/labels.h"
#include "store/op_int.h"

enum { SECOND_MS = 1000 };

static bool
is_multi(const struct slot *s)
{
	/* x.NAME and what the schema no longer knows may have several. */
	return s->f == NULL || s->f->multi || s->f->family;
}

/* The next value of a label's slots from *i on; a removed slot is none. */
static const struct slot *
next_value(const struct row *row, size_t end, size_t *i)
{
	while (*i < end) {
		const struct slot *s = &row->v[(*i)++];

		if (s->v.n > 0)
			return s;
	}
	return NULL;
}

static bool
same_values(const struct row *a, size_t af, size_t an, const struct row *b,
    size_t bf, size_t bn)
{
	size_t i = af, j = bf;
	const struct slot *x, *y;

	do {
		x = next_value(a, af + an, &i);
		y = next_value(b, bf + bn, &j);
	} while (x != NULL && y != NULL && str_eq(x->v, y->v));
	return x == NULL && y == NULL;
}

static bool
among(const struct row *row, size_t from, size_t n, struct str v, size_t *at)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (str_eq(row->v[from + i].v, v)) {
			*at = from + i;
			return true;
		}
	return false;
}

/* Whether the values that stay keep their order: else the log says that all
 * went and all came, as order counts.  A value that stands twice does not
 * say which of the two stayed. */
static bool
keeps_order(const struct row *old, size_t of, size_t on, const struct row *now,
    size_t nf, size_t nn)
{
	size_t next = nf, stay = 0, i, at;

	for (i = of; i < of + on; i++) {
		if (old->v[i].v.n == 0 || !among(now, nf, nn, old->v[i].v, &at))
			continue;
		if (at < next)
			return false;
		next = at + 1;
		stay++;
	}
	for (i = nf; i < nf + nn; i++)
		if (now->v[i].v.n > 0 && among(old, of, on, now->v[i].v, &at))
			stay--;
	return stay == 0;
}

struct edit {
	struct op *op;
	const struct row *old;
	const struct row *given;
	struct row *now; /* what is made */
	bool created;    /* that time is a field like others */
	size_t changes;
};

static void
push_slot(
    struct edit *e, const struct slot *s, bool changed, const struct slot *was)
{
	struct slot *to;

	row_add(e->now, &e->op->arena, s->f, s->no, s->v);
	to = &e->now->v[e->now->n - 1];
	if (changed) {
		to->stamped = true;
		to->stamp = e->op->stamp;
	} else if (was->stamped) {
		to->stamped = true;
		to->stamp = was->stamp;
	}
}

static void
log_one(struct edit *e, const struct slot *was, const struct slot *is)
{
	struct log_field f = { 0 };

	f.what = LOG_ONE;
	if (is != NULL) {
		f.label = is->no;
		f.new = is->v;
	}
	if (was != NULL) {
		f.label = was->no;
		f.old = was->v;
	}
	log_put_field(&e->op->log, &f);
}

/* What `a` has and `b` has not, or all of it. */
static void
log_values(struct edit *e, const struct row *a, size_t af, size_t an,
    const struct row *b, size_t bf, size_t bn, bool all, enum log_change what)
{
	struct log_field f;
	const struct slot *s;
	size_t i = af, at;
	uint64_t place = 0;

	for (; (s = next_value(a, af + an, &i)) != NULL; place++) {
		if (!all && among(b, bf, bn, s->v, &at))
			continue;
		f = (struct log_field){ 0 };
		f.label = s->no;
		f.what = what;
		f.place = place;
		if (what == LOG_ADDED) {
			f.new = s->v;
		} else {
			f.old = s->v;
			f.stamp = slot_stamp(a, s);
		}
		log_put_field(&e->op->log, &f);
	}
}

/* The slots of a list; if none of them shows the time of the change, an empty
 * one does: a value that went, or another order. */
static void
push_many(struct edit *e, size_t of, size_t on, size_t nf, size_t nn)
{
	const struct row *given = e->given;
	bool stamped = false;
	const struct slot *s;
	struct slot gone;
	size_t i = nf, at;

	while ((s = next_value(given, nf + nn, &i)) != NULL)
		if (among(e->old, of, on, s->v, &at)) {
			push_slot(e, s, false, &e->old->v[at]);
		} else {
			push_slot(e, s, true, NULL);
			stamped = true;
		}
	if (stamped)
		return;
	gone = nn > 0 ? given->v[nf] : e->old->v[of];
	gone.v = STR("");
	push_slot(e, &gone, true, NULL);
}

/* The slots of one label in the new record, and what the log says of it. */
static void
merge_label(struct edit *e, unsigned no)
{
	size_t of, nf, i;
	size_t on = row_slots(e->old, no, &of);
	size_t nn = row_slots(e->given, no, &nf);
	const struct slot *first = nn > 0 ? &e->given->v[nf] : &e->old->v[of];
	struct slot gone;
	bool all;

	if (same_values(e->old, of, on, e->given, nf, nn)) {
		for (i = of; i < of + on; i++)
			push_slot(e, &e->old->v[i], false, &e->old->v[i]);
		return;
	}
	e->changes++;
	if (!is_multi(first)) {
		log_one(e, on > 0 ? &e->old->v[of] : NULL,
		    nn > 0 ? &e->given->v[nf] : NULL);
		/* A removed field keeps an empty slot for its stamp. */
		gone = *first;
		gone.v = nn > 0 ? e->given->v[nf].v : STR("");
		push_slot(e, &gone, true, NULL);
		return;
	}
	all = !keeps_order(e->old, of, on, e->given, nf, nn);
	log_values(e, e->old, of, on, e->given, nf, nn, all, LOG_REMOVED);
	log_values(e, e->given, nf, nn, e->old, of, on, all, LOG_ADDED);
	push_many(e, of, on, nf, nn);
}

static bool
is_times(const struct edit *e, unsigned no)
{
	return (no == LABEL_CREATED && !e->created) || no == LABEL_UPDATED;
}

/*
 * The new row's labels in their order, then what only the old one has: an
 * empty slot for what went, and as it was what the schema no longer knows.
 */
static void
merge_rows(struct edit *e)
{
	const struct slot *s;
	size_t i, at;

	for (i = 0; i < e->given->n; i++) {
		s = &e->given->v[i];
		if (!is_times(e, s->no) && row_slots(e->now, s->no, &at) == 0)
			merge_label(e, s->no);
	}
	for (i = 0; i < e->old->n; i++) {
		s = &e->old->v[i];
		if (is_times(e, s->no) ||
		    (s->f == NULL && row_slots(e->given, s->no, &at) == 0))
			push_slot(e, s, false, s);
		else if (row_slots(e->now, s->no, &at) == 0 &&
			 row_slots(e->given, s->no, &at) == 0)
			merge_label(e, s->no);
	}
}

/* Long texts of the old and the new record, where they are not the same. */
static int
replace_blobs(struct op *op, const struct row *old, const bool *old_blob,
    const struct row *now, const bool *blob, struct err *err)
{
	size_t i, j = 0;
	bool same = true;

	for (i = 0; i < old->n; i++) {
		if (!old_blob[i])
			continue;
		while (j < now->n && !blob[j])
			j++;
		if (j == now->n || now->v[j].no != old->v[i].no ||
		    !str_eq(now->v[j].v, old->v[i].v))
			same = false;
		j++;
	}
	while (j < now->n && !blob[j])
		j++;
	if (same && j >= now->n)
		return 0;
	if (op_blobs(op, old, old_blob, true, err) != 0)
		return -1;
	return op_blobs(op, now, blob, false, err);
}

static int
write_edit(struct op *op, struct row *old, const struct rowview *view,
    struct row *now, enum tree tree, struct err *err)
{
	bool *blob = arena_zero(&op->arena, now->n + 1, sizeof(*blob));
	struct buf taken = BUF_INIT;
	int rc = -1;

	(void)row_blobs(now, blob);
	now->lsn = op->log.lsn;
	now->seq = op->log.seq;
	/* Values that the new row has no more; those that are new: op->keys. */
	if (op_unique_lost(op, old, now, &taken, err) != 0 ||
	    log_entry_end(&op->log, err) != 0 ||
	    replace_blobs(op, old, op_stored_blobs(op, view), now, blob, err) !=
		0 ||
	    op_store_row(op, now, tree, blob, err) != 0 ||
	    op_unique_put(op, buf_str(&taken), &now->id, true, err) != 0 ||
	    op_unique_put(op, buf_str(&op->keys), &now->id, false, err) != 0 ||
	    op_index_edit(op, old, now, err) != 0 ||
	    op_timeline_edit(op, old, now, err) != 0)
		goto out;
	rc = 0;
out:
	buf_release(&taken);
	return rc;
}

static int
put(struct op *op, struct row *given, bool created, bool *changed,
    struct err *err)
{
	struct row old = { 0 };
	struct row now = { 0 };
	struct rowview view;
	struct edit e = { op, &old, given, &now, created, 0 };
	enum tree tree;
	int rc;

	*changed = false;
	arena_clear(&op->arena);
	if (op_check_kind(op, given, err) != 0)
		return -1;
	rc = op_old(op, &given->id, &tree, &view, &old, err);
	if (rc < 0)
		return -1;
	if (rc == 0 || (old.flags & ROW_DELETED))
		return op_no_such(&given->id, err);
	if (old.kind != given->kind)
		return err_set(err, STATUS_DATA,
		    "kind: a record stays a %s once it is one", old.kind->name);
	now.id = old.id;
	now.kind = old.kind;
	now.stamp = old.stamp;
	now.rev = old.rev + 1;
	log_entry_begin(&op->log, LOG_EDIT, tree, &old.id, old.lsn, old.seq);
	merge_rows(&e);
	op_row_flags(&now);
	if (e.changes == 0) {
		log_entry_drop(&op->log);
		return 0;
	}
	if (op_unique_keys(op, &now, &old, &op->keys, err) != 0) {
		log_entry_drop(&op->log);
		return -1;
	}
	if (write_edit(op, &old, &view, &now, tree, err) != 0)
		return -1;
	op_forget_company(op, &now.id);
	op_tally(op, DEED_CHANGED, now.kind);
	given->rev = now.rev;
	given->lsn = now.lsn;
	given->seq = now.seq;
	*changed = true;
	return op_breathe(op, err);
}

int
op_put(struct op *op, struct row *given, bool *changed, struct err *err)
{
	return put(op, given, false, changed, err);
}

/* Without the time that its id tells. */
static void
drop_told(struct row *row)
{
	struct str v = row_get(row, LABEL_CREATED);
	int64_t t;

	if (v.n != 8)
		return;
	t = (int64_t)(num_get_be64((const unsigned char *)v.p) ^ UINT64_C(1)
								     << 63);
	if (t / SECOND_MS == id_ms(&row->id) / SECOND_MS)
		row_drop(row, LABEL_CREATED);
}

int
op_put_whole(struct op *op, struct row *given, bool *changed, struct err *err)
{
	drop_told(given);
	return put(op, given, true, changed, err);
}
