/* SPDX-License-Identifier: MIT */
/* Adding and removing one record. */
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

/* Nobody who was erased comes back, be it from an old dump. */
static int
refuse_erased(int status, const char text[ID_TEXT], struct err *err)
{
	return err_set(err, status,
	    "id: %.*s is that of a record that was erased", ID_TEXT, text);
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
	if (rowview_open(
		dead, &op->db->schema, tree, id_str(&row->id), value, err) < 0)
		return -1;
	id_format(&row->id, text);
	if (dead->flags & ROW_ERASED)
		return refuse_erased(STATUS_DATA, text, err);
	if ((dead->flags & ROW_DELETED) && tree == kind_tree(row->kind))
		return 1;
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

/* Events that still name it count again, but for those of this operation that
 * wait to be put: they are added to what stands here. */
static int
restore_agg(struct op *op, const struct row *row, struct err *err)
{
	const struct id *id = &row->id;
	struct str key = id_str(id);
	struct agg agg;
	size_t i, n = 0;

	if (row->kind->no != KIND_CONTACT && row->kind->no != KIND_COMPANY)
		return 0;
	for (i = 0; i < op->gone.n; i++)
		if (id_cmp(&op->gone.v[i], id) != 0)
			op->gone.v[n++] = op->gone.v[i];
	op->gone.n = n;
	agg_init(&agg);
	if (agg_recount(op->db, op->tx, id, &agg, &op->arena, err) != 0)
		return -1;
	if (agg_empty(&agg))
		return 0;
	buf_clear(&op->scratch);
	agg_encode(&agg, id, &op->scratch);
	return op_put_bytes(op, T_AGG, key, buf_str(&op->scratch), 0, err);
}

/* Behind a record that is there anew: the caller learns how it stands. */
static int
written(struct op *op, enum op_deed deed, const struct row *row,
    struct row *given, struct err *err)
{
	op_forget_company(op, &row->id);
	op_tally(op, deed, row->kind);
	given->id = row->id;
	given->rev = row->rev;
	given->lsn = row->lsn;
	given->seq = row->seq;
	given->stamp = row->stamp;
	given->flags = row->flags;
	return op_breathe(op, err);
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
	if (write_new(op, &row, dead.lsn, dead.seq, err) != 0 ||
	    (was && restore_agg(op, &row, err) != 0))
		return -1;
	return written(op, DEED_ADDED, &row, given, err);
}

/* ---- put back ---- */

/* The tombstone that the row takes the place of. */
static int
find_dead(
    struct op *op, const struct row *row, struct rowview *dead, struct err *err)
{
	char text[ID_TEXT];
	struct str value;
	enum tree tree;
	int rc = record_find(op->tx, op->db, &row->id, &tree, &value, err);

	if (rc < 0)
		return -1;
	if (rc == 1 && rowview_open(dead, &op->db->schema, tree,
			   id_str(&row->id), value, err) < 0)
		return -1;
	id_format(&row->id, text);
	if (rc == 0)
		return err_set(err, STATUS_DATA,
		    "id: no record %.*s was removed", ID_TEXT, text);
	if (!(dead->flags & ROW_DELETED))
		return err_set(err, STATUS_DATA,
		    "id: %.*s is in the store already", ID_TEXT, text);
	if (dead->flags & ROW_ERASED)
		return refuse_erased(STATUS_NOPERM, text, err);
	if (dead->kind != row->kind)
		return err_set(err, STATUS_DATA,
		    "kind: a record stays a %s once it is one",
		    dead->kind->name);
	return 0;
}

/* Its values alone: all of them are written now. */
static void
plain_slots(struct op *op, struct row *row)
{
	const struct slot *from = row->v;
	size_t i, n = row->n;

	row->cap = n + 1;
	row->v = arena_array(&op->arena, row->cap, sizeof(*row->v));
	row->n = 0;
	for (i = 0; i < n; i++) {
		if (from[i].v.n == 0 || from[i].no == LABEL_UPDATED)
			continue;
		row->v[row->n] = from[i];
		row->v[row->n++].stamped = false;
	}
}

int
op_restore(struct op *op, struct row *given, struct err *err)
{
	struct rowview dead = { 0 };
	struct row row = *given;

	arena_clear(&op->arena);
	if (op_check_kind(op, &row, err) != 0 ||
	    find_dead(op, &row, &dead, err) != 0)
		return -1;
	plain_slots(op, &row);
	row.stamp = op->stamp;
	row.rev = dead.rev + 1;
	row.flags = 0;
	op_row_flags(&row);
	if (op_unique_keys(op, &row, NULL, &op->keys, err) != 0)
		return -1;
	op->counts.dead[kind_tree(row.kind)]--;
	if (write_new(op, &row, dead.lsn, dead.seq, err) != 0 ||
	    restore_agg(op, &row, err) != 0)
		return -1;
	return written(op, DEED_RESTORED, &row, given, err);
}

/* ---- remove ---- */

/* Which slots of a stored row stand in blob. */
const bool *
op_stored_blobs(struct op *op, const struct rowview *view)
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

int
op_no_such(const struct id *id, struct err *err)
{
	char text[ID_TEXT];

	id_format(id, text);
	return err_set(err, STATUS_NOINPUT, "no record %.*s", ID_TEXT, text);
}

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

/* What was merged says into which record, and is found by its id still. */
static int
write_tombstone(
    struct op *op, const struct row *old, enum tree tree, struct err *err)
{
	struct str into = row_get(old, LABEL_MERGED_INTO);
	struct row dead = { 0 };

	if (into.n == ID_BYTES)
		row_add(&dead, &op->arena, NULL, LABEL_MERGED_INTO, into);
	dead.id = old->id;
	dead.kind = old->kind;
	dead.flags = ROW_DELETED;
	dead.stamp = op->stamp;
	dead.rev = old->rev + 1;
	dead.lsn = op->log.lsn;
	dead.seq = op->log.seq;
	if (op_store_row(op, &dead, tree, NULL, err) != 0)
		return -1;
	return op_index_row(op, &dead, false, err);
}

int
op_remove(struct op *op, const struct id *given, struct err *err)
{
	struct id id = *given; /* it may stand in what is written */
	struct str key = id_str(&id);
	struct row old = { 0 };
	struct rowview view;
	const bool *blob;
	struct str value;
	enum tree tree;
	bool customer;
	int rc;

	arena_clear(&op->arena);
	rc = op_old(op, &id, &tree, &view, &old, err);
	if (rc < 0)
		return -1;
	if (rc == 0 || (old.flags & ROW_DELETED))
		return op_no_such(&id, err);
	blob = op_stored_blobs(op, &view);
	customer = old.kind->no == KIND_CONTACT || old.kind->no == KIND_COMPANY;
	if (customer && op_scores_drop(op, &id, old.kind, err) != 0)
		return -1;
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
	if (customer) {
		vec_push(&op->gone, id);
		if (tree_del(op_driver(op), op->tx, T_AGG, key, err) != 0)
			return -1;
	}
	op->counts.live[old.kind->no]--;
	op->counts.dead[tree]++;
	op_forget_company(op, &id);
	op_tally(op, DEED_REMOVED, old.kind);
	return op_breathe(op, err);
}
