/* SPDX-License-Identifier: MIT */
/* Adding, replacing and removing one record. */
#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "record/labels.h"
#include "store/meta.h"
#include "store/op_int.h"

enum { SECOND_MS = 1000 };

/* ---- add ---- */

static int64_t
stored_time(struct str v)
{
	return (int64_t)(num_get_be64((const unsigned char *)v.p) ^ UINT64_C(1)
									<< 63);
}

/*
 * `created` is kept where the id does not tell it, `updated` is a stamp: the
 * slots are taken out of a copy of the row.
 */
static void
settle_times(struct op *op, struct row *row)
{
	int64_t now = op->db->clock->now;
	struct slot *v;
	int64_t t;
	size_t i, n = 0;

	for (i = 0; i < row->n; i++)
		if (row->v[i].no == LABEL_CREATED ||
		    row->v[i].no == LABEL_UPDATED)
			break;
	row->stamp = op->stamp;
	if (i == row->n)
		return;
	v = arena_array(&op->arena, row->n, sizeof(*v));
	for (i = 0; i < row->n; i++) {
		v[n] = row->v[i];
		if (row->v[i].v.n == 8 && row->v[i].no == LABEL_UPDATED) {
			t = stored_time(row->v[i].v);
			if (t >= 0 && t <= now) {
				row->stamp.ms = (uint64_t)t;
				row->stamp.counter = 0;
			}
			continue;
		}
		if (row->v[i].v.n == 8 && row->v[i].no == LABEL_CREATED) {
			t = stored_time(row->v[i].v);
			if (t > now ||
			    t / SECOND_MS == id_ms(&row->id) / SECOND_MS)
				continue;
		}
		n++;
	}
	row->v = v;
	row->n = row->cap = n;
}

/* The id, and what stood under it: 0 nothing, 1 a tombstone. */
static int
settle_id(struct op *op, struct row *row, struct rowview *dead, struct err *err)
{
	static const struct id none;
	struct str value;
	enum tree tree;
	char text[ID_TEXT];
	bool above = true;
	unsigned flags;
	int rc, t;

	if (id_cmp(&row->id, &none) == 0) {
		row->id = op_next_id(op);
		return 0;
	}
	/* Above all there is, as in a dump that is read again: new. */
	for (t = T_CONTACT; t <= T_LED && above; t++) {
		flags = 0;
		if (op_last(op, (enum tree)t, &row->id, &flags, err) != 0)
			return -1;
		above = flags != 0;
	}
	if (above)
		return 0;
	rc = record_find(op->tx, op->db, &row->id, &tree, &value, err);
	if (rc <= 0)
		return rc;
	if (rowview_open(dead, &op->db->schema, tree,
		str_n(row->id.b, ID_BYTES), value, err) < 0)
		return -1;
	if ((dead->flags & ROW_DELETED) && tree == kind_tree(row->kind))
		return 1;
	id_format(&row->id, text);
	return err_set(err, STATUS_DATA, "id: %.*s is in the store already",
	    ID_TEXT, text);
}

/* Everything but the record's own number in the log, which an entry that is
 * refused must not use up. */
static int
write_new(struct op *op, struct row *row, uint64_t prev_lsn, uint64_t prev_seq,
    struct err *err)
{
	enum tree tree = kind_tree(row->kind);
	bool *blob = arena_zero(&op->arena, row->n + 1, sizeof(*blob));

	log_entry_begin(
	    &op->log, LOG_CREATE, tree, &row->id, prev_lsn, prev_seq);
	row->lsn = op->log.lsn;
	row->seq = op->log.seq;
	if (row_blobs(row, blob) > 0 &&
	    op_blobs(op, row, blob, false, err) != 0)
		return -1;
	if (op_store_row(op, row, tree, blob, err) != 0)
		return -1;
	log_put_record(&op->log, buf_str(&op->rec));
	if (log_entry_end(&op->log, err) != 0 ||
	    op_unique_put(op, buf_str(&op->keys), &row->id, false, err) != 0 ||
	    op_index_row(op, row, false, err) != 0 ||
	    op_timeline(op, row, false, err) != 0)
		return -1;
	op->counts.live[row->kind->no]++;
	return 0;
}

int
op_add(struct op *op, struct row *given, struct err *err)
{
	struct rowview dead = { 0 };
	struct row row = *given;
	int was;

	arena_clear(&op->arena);
	if (op_check_kind(op, &row, err) != 0)
		return -1;
	was = settle_id(op, &row, &dead, err);
	if (was < 0)
		return -1;
	settle_times(op, &row);
	if (op_inherit(op, &row, err) != 0)
		return -1;
	row.flags = 0;
	op_row_flags(&row);
	if (row.rev == 0)
		row.rev = was ? dead.rev + 1 : 1;
	if (op_unique_keys(op, &row, NULL, &op->keys, err) != 0)
		return -1;
	if (was)
		op->counts.dead[kind_tree(row.kind)]--;
	if (write_new(op, &row, dead.lsn, dead.seq, err) != 0)
		return -1;
	op_forget_company(op, &row.id);
	given->id = row.id;
	given->rev = row.rev;
	given->lsn = row.lsn;
	given->seq = row.seq;
	given->stamp = row.stamp;
	given->flags = row.flags;
	return op_breathe(op, err);
}

/* ---- put ---- */

static bool
is_multi(const struct slot *s)
{
	/* x.NAME and what the schema no longer knows may have several. */
	return s->f == NULL || s->f->multi || s->f->family;
}

/* Slots of a label, which stand together; live ones only where asked. */
static size_t
slots_of(const struct row *row, unsigned no, size_t *from)
{
	size_t i, n;

	for (i = 0; i < row->n && row->v[i].no != no; i++)
		;
	*from = i;
	for (n = 0; i + n < row->n && row->v[i + n].no == no; n++)
		;
	return n;
}

static bool
same_values(const struct row *a, size_t af, size_t an, const struct row *b,
    size_t bf, size_t bn)
{
	size_t i;

	/* A removed slot is as none. */
	if (an == 1 && a->v[af].v.n == 0)
		an = 0;
	if (bn == 1 && b->v[bf].v.n == 0)
		bn = 0;
	if (an != bn)
		return false;
	for (i = 0; i < an; i++)
		if (!str_eq(a->v[af + i].v, b->v[bf + i].v))
			return false;
	return true;
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

/* Whether the new values are the old ones less some, then some more: else the
 * log says that all went and all came, as order counts. */
static bool
keeps_order(const struct row *old, size_t of, size_t on, const struct row *now,
    size_t nf, size_t nn)
{
	size_t i = nf, j, at;

	for (j = of; j < of + on; j++) {
		if (!among(now, nf, nn, old->v[j].v, &at))
			continue;
		if (at != i)
			return false;
		i++;
	}
	return true;
}

struct edit {
	struct op *op;
	const struct row *old;
	const struct row *given;
	struct row *now; /* what is made */
	size_t changes;
};

static struct stamp
slot_stamp(const struct row *row, const struct slot *s)
{
	return s->stamped ? s->stamp : row->stamp;
}

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

static void
log_many(struct edit *e, size_t of, size_t on, size_t nf, size_t nn)
{
	bool all = !keeps_order(e->old, of, on, e->given, nf, nn);
	struct log_field f = { 0 };
	const struct slot *s;
	size_t i, at;

	for (i = of; i < of + on; i++) {
		s = &e->old->v[i];
		if (s->v.n == 0 || (!all && among(e->given, nf, nn, s->v, &at)))
			continue;
		f = (struct log_field){ s->no, LOG_REMOVED, s->v, STR_NONE,
			slot_stamp(e->old, s) };
		log_put_field(&e->op->log, &f);
	}
	for (i = nf; i < nf + nn; i++) {
		s = &e->given->v[i];
		if (s->v.n == 0 || (!all && among(e->old, of, on, s->v, &at)))
			continue;
		f = (struct log_field){ s->no, LOG_ADDED, STR_NONE, s->v,
			{ 0 } };
		log_put_field(&e->op->log, &f);
	}
}

/* The slots of one label in the new record, and what the log says of it. */
static void
merge_label(struct edit *e, unsigned no)
{
	size_t of, nf, i, at;
	size_t on = slots_of(e->old, no, &of);
	size_t nn = slots_of(e->given, no, &nf);
	const struct slot *first = nn > 0 ? &e->given->v[nf] : &e->old->v[of];
	struct slot gone;

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
	log_many(e, of, on, nf, nn);
	for (i = nf; i < nf + nn; i++) {
		if (e->given->v[i].v.n == 0)
			continue;
		if (among(e->old, of, on, e->given->v[i].v, &at))
			push_slot(e, &e->given->v[i], false, &e->old->v[at]);
		else
			push_slot(e, &e->given->v[i], true, NULL);
	}
}

static bool
is_times(unsigned no)
{
	return no == LABEL_CREATED || no == LABEL_UPDATED;
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
		if (!is_times(s->no) && slots_of(e->now, s->no, &at) == 0)
			merge_label(e, s->no);
	}
	for (i = 0; i < e->old->n; i++) {
		s = &e->old->v[i];
		if (is_times(s->no) ||
		    (s->f == NULL && slots_of(e->given, s->no, &at) == 0))
			push_slot(e, s, false, s);
		else if (slots_of(e->now, s->no, &at) == 0 &&
			 slots_of(e->given, s->no, &at) == 0)
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

/* Which slots of a stored row stand in blob. */
static const bool *
stored_blobs(struct op *op, const struct rowview *view)
{
	bool *blob = arena_zero(&op->arena, view->n + 1U, sizeof(*blob));
	struct rowview_pos pos = { 0 };
	struct str v;
	unsigned no;
	size_t i = 0;
	bool is;

	while (rowview_each(view, &pos, &no, &v, &is))
		blob[i++] = is;
	return blob;
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
	    replace_blobs(op, old, stored_blobs(op, view), now, blob, err) !=
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
no_such_record(const struct id *id, struct err *err)
{
	char text[ID_TEXT];

	id_format(id, text);
	return err_set(err, STATUS_NOINPUT, "no record %.*s", ID_TEXT, text);
}

int
op_put(struct op *op, struct row *given, bool *changed, struct err *err)
{
	struct row old = { 0 };
	struct row now = { 0 };
	struct rowview view;
	struct edit e = { op, &old, given, &now, 0 };
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
		return no_such_record(&given->id, err);
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
	given->rev = now.rev;
	given->lsn = now.lsn;
	given->seq = now.seq;
	*changed = true;
	return op_breathe(op, err);
}

/* ---- remove ---- */

static void
log_old(
    struct op *op, const struct row *old, const bool *blob, struct str value)
{
	size_t n = 0, i;

	for (i = 0; i < old->n; i++)
		n += blob[i];
	log_put_bytes(&op->log, value);
	log_put_number(&op->log, n);
	for (i = 0; i < old->n; i++)
		if (blob[i]) {
			log_put_number(&op->log, old->v[i].no);
			log_put_bytes(&op->log, old->v[i].v);
		}
}

static int
write_tombstone(
    struct op *op, const struct row *old, enum tree tree, struct err *err)
{
	struct row dead = { 0 };

	dead.id = old->id;
	dead.kind = old->kind;
	dead.flags = ROW_DELETED;
	dead.stamp = op->stamp;
	dead.rev = old->rev + 1;
	dead.lsn = op->log.lsn;
	dead.seq = op->log.seq;
	return op_store_row(op, &dead, tree, NULL, err);
}

int
op_remove(struct op *op, const struct id *given, struct err *err)
{
	struct id id = *given; /* it may stand in what is written */
	struct str key = str_n(id.b, ID_BYTES);
	struct row old = { 0 };
	struct rowview view;
	const bool *blob;
	struct str value;
	enum tree tree;
	int rc;

	arena_clear(&op->arena);
	rc = op_old(op, &id, &tree, &view, &old, err);
	if (rc < 0)
		return -1;
	if (rc == 0 || (old.flags & ROW_DELETED))
		return no_such_record(&id, err);
	blob = stored_blobs(op, &view);
	if (tree_take(op_driver(op), op->tx, tree, key, &value, err) != 0)
		return -1;
	log_entry_begin(&op->log, LOG_DELETE, tree, &id, old.lsn, old.seq);
	log_old(op, &old, blob, value);
	if (log_entry_end(&op->log, err) != 0 ||
	    op_unique_lost(op, &old, NULL, &op->keys, err) != 0 ||
	    op_unique_put(op, buf_str(&op->keys), &id, true, err) != 0 ||
	    op_index_row(op, &old, true, err) != 0 ||
	    op_timeline(op, &old, true, err) != 0 ||
	    op_blobs(op, &old, blob, true, err) != 0 ||
	    write_tombstone(op, &old, tree, err) != 0)
		return -1;
	if (old.kind->no == KIND_CONTACT || old.kind->no == KIND_COMPANY) {
		vec_push(&op->gone, id);
		if (tree_del(op_driver(op), op->tx, T_AGG, key, err) != 0)
			return -1;
	}
	op->counts.live[old.kind->no]--;
	op->counts.dead[tree]++;
	op_forget_company(op, &id);
	return op_breathe(op, err);
}
