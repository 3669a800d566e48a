/* SPDX-License-Identifier: MIT */
/* Records at hand: opened where they stand, read value by value. */
#include "store/db_internal.h"

#include "base/mem.h"
#include "base/num.h"
#include "record/labels.h"
#include "store/meta.h"

/* Trees in which a bare id is sought. */
static const enum tree record_trees[] = { T_CONTACT, T_REC, T_EV, T_LED };
enum { RECORD_TREES = sizeof(record_trees) / sizeof(record_trees[0]) };

enum tree
kind_tree(const struct kind *k)
{
	switch (k->tree) {
	case RTREE_CONTACT:
		return T_CONTACT;
	case RTREE_EV:
		return T_EV;
	case RTREE_LED:
		return T_LED;
	case RTREE_REC:
	default:
		return T_REC;
	}
}

int
record_find(struct tx *tx, const struct db *db, const struct id *id,
    enum tree *tree, struct str *value, struct err *err)
{
	struct str key = id_str(id);
	int i;

	for (i = 0; i < RECORD_TREES; i++) {
		if (tree_get_any(
			db->driver, tx, record_trees[i], key, value, err) != 0)
			return -1;
		if (value->p != NULL) {
			*tree = record_trees[i];
			return 1;
		}
	}
	for (i = 0; i < RECORD_TREES; i++)
		if (tree_absent(db->driver, tx, record_trees[i], key, err) != 0)
			return -1;
	return 0;
}

static void
dbrec_reset(struct dbrec *rec, struct reading *r, enum tree tree)
{
	rec->r = r;
	rec->tree = tree;
	rec->last_no = 0;
	rec->last_state = 0;
	rec->have_agg = false;
}

int
dbrec_at(struct reading *r, unsigned slot, enum tree tree, struct str key,
    struct str value, struct dbrec **out, struct err *err)
{
	struct dbrec *rec = &r->rec[slot];

	dbrec_reset(rec, r, tree);
	if (rowview_open(&rec->view, &r->db->schema, tree, key, value, err) < 0)
		return -1;
	*out = rec;
	return (rec->view.flags & ROW_DELETED) == 0;
}

int
dbrec_at_agg(
    struct dbrec *rec, struct str key, struct str value, struct err *err)
{
	struct id id;

	rec->no_agg = value.p == NULL;
	if (value.p == NULL || key.n != ID_BYTES) {
		agg_init(&rec->agg);
		rec->have_agg = true;
		return 0;
	}
	memcpy(id.b, key.p, ID_BYTES);
	/* What is damaged stays so for the next that asks. */
	rec->have_agg =
	    agg_decode(&rec->agg, &id, value, &rec->r->arena, err) >= 0;
	return rec->have_agg ? 0 : -1;
}

int
dbrec_get(struct reading *r, const struct id *id, unsigned slot,
    struct dbrec **out, struct err *err)
{
	struct dbrec *rec = &r->rec[slot];
	struct str value;
	enum tree tree;
	int rc;

	if (r->tx == NULL)
		return 0;
	rc = record_find(r->tx, r->db, id, &tree, &value, err);
	if (rc <= 0)
		return rc;
	if (!r->own) {
		buf_clear(&rec->bytes);
		buf_adds(&rec->bytes, value);
		value = buf_str(&rec->bytes);
	}
	return dbrec_at(r, slot, tree, id_str(id), value, out, err);
}

const struct kind *
dbrec_kind(const struct dbrec *rec)
{
	return rec->view.kind;
}

const struct id *
dbrec_id(const struct dbrec *rec)
{
	return &rec->view.id;
}

uint64_t
dbrec_rev(const struct dbrec *rec)
{
	return rec->view.rev;
}

int
dbrec_places(const struct dbrec *rec)
{
	return rowview_places(&rec->view);
}

int64_t
dbrec_created(const struct dbrec *rec)
{
	struct rowview_pos pos = { 0 };
	struct str v;
	bool blob;

	if (rowview_next(&rec->view, LABEL_CREATED, &pos, &v, &blob) &&
	    v.n == 8)
		return (int64_t)(num_get_be64((const unsigned char *)v.p) ^
				 UINT64_C(1) << 63);
	return id_ms(&rec->view.id);
}

int64_t
dbrec_updated(const struct dbrec *rec)
{
	uint64_t newest = rec->view.stamp.ms;
	struct stamp st;
	unsigned i;

	for (i = 0; rec->view.nstamps > 0 && i < rec->view.n; i++)
		if (rowview_stamp(&rec->view, i, &st) && st.ms > newest)
			newest = st.ms;
	return (int64_t)newest;
}

/* ---- long texts ---- */

size_t
blob_parts(struct str ref)
{
	size_t n;

	if (!blob_ref_len(ref, &n))
		return 0;
	return (n + BLOB_PART - 1) / BLOB_PART;
}

size_t
blob_key(
    const struct id *id, unsigned no, size_t part, unsigned char out[BLOB_KEY])
{
	size_t n = ID_BYTES;

	memcpy(out, id->b, ID_BYTES);
	n += num_put_varint(out + n, no);
	num_put_be16(out + n, (uint16_t)part);
	return n + 2;
}

int
blob_read(struct tx *tx, const struct db *db, const struct id *id, unsigned no,
    size_t first, struct str ref, struct buf *out, struct err *err)
{
	unsigned char key[BLOB_KEY];
	size_t parts = blob_parts(ref);
	size_t from = out->n;
	struct str k, v;
	size_t i;

	for (i = 0; i < parts; i++) {
		k = str_n(key, blob_key(id, no, first + i, key));
		if (tree_take(db->driver, tx, T_BLOB, k, &v, err) != 0)
			return -1;
		if (v.p == NULL)
			return crc_error(T_BLOB, k, err);
		buf_adds(out, v);
	}
	if (!blob_ref_is(ref, str_n(out->p + from, out->n - from)))
		return crc_error(T_BLOB, id_str(id), err);
	return 0;
}

/* The part where the blob value in slot `slot` begins. */
static size_t
blob_first(const struct rowview *view, unsigned no, unsigned slot)
{
	struct rowview_pos pos = { 0 };
	size_t first = 0;
	struct str v;
	bool blob;

	while (rowview_next(view, no, &pos, &v, &blob) && pos.slot <= slot)
		if (blob)
			first += blob_parts(v);
	return first;
}

int
dbrec_value(struct dbrec *rec, unsigned no, size_t *state, struct str *v,
    struct err *err)
{
	struct rowview_pos pos = { 0 };
	size_t first = 0;
	bool blob;

	/* Values of one label are asked for in turn: go on from the last. */
	if (*state != 0 && rec->last_no == no && rec->last_state == *state)
		pos = rec->pos;
	else
		while (pos.slot < *state)
			if (!rowview_next(&rec->view, no, &pos, v, &blob))
				return 0;
	if (!rowview_next(&rec->view, no, &pos, v, &blob))
		return 0;
	rec->last_no = no;
	rec->last_state = *state = pos.slot;
	rec->pos = pos;
	if (!blob)
		return 1;
	if (pos.slot > 1)
		first = blob_first(&rec->view, no, pos.slot - 1);
	buf_clear(&rec->text);
	if (blob_read(rec->r->tx, rec->r->db, &rec->view.id, no, first, *v,
		&rec->text, err) != 0)
		return -1;
	*v = buf_str(&rec->text);
	return 1;
}

/* ---- the whole ---- */

int
row_whole(struct tx *tx, const struct db *db, const struct rowview *view,
    struct arena *arena, struct row *row, struct err *err)
{
	bool *blob = arena_zero(arena, view->n + 1U, sizeof(*blob));
	const struct field *family;
	struct buf text = BUF_INIT;
	struct str label;
	size_t nblobs, i, first = 0;
	unsigned last = 0;
	int rc = -1;

	if (row_decode(view, arena, row, blob, &nblobs, err) < 0)
		goto out;
	family = kind_field_no(view->kind, LABEL_X_FAMILY);
	for (i = 0; i < row->n; i++) {
		if (row->v[i].f == NULL) {
			label = dict_name(&db->dict, DICT_LABEL, row->v[i].no);
			if (label.p != NULL && str_starts(label, STR("x.")))
				row->v[i].f = family;
		}
		if (row->v[i].no != last)
			first = 0;
		last = row->v[i].no;
		if (!blob[i])
			continue;
		buf_clear(&text);
		if (blob_read(tx, db, &row->id, row->v[i].no, first,
			row->v[i].v, &text, err) != 0)
			goto out;
		first += blob_parts(row->v[i].v);
		row->v[i].v = arena_str(arena, buf_str(&text));
	}
	rc = 0;
out:
	buf_release(&text);
	return rc;
}

int
dbrec_row(
    struct dbrec *rec, struct arena *arena, struct row *row, struct err *err)
{
	size_t i, n = 0;

	if (row_whole(rec->r->tx, rec->r->db, &rec->view, arena, row, err) != 0)
		return -1;
	/* A removed field is kept for its stamp alone: a write finds it. */
	for (i = 0; i < row->n; i++) {
		if (row->v[i].v.n == 0)
			continue;
		row->v[n] = row->v[i];
		row->v[n].v = arena_str(arena, row->v[i].v);
		n++;
	}
	row->n = n;
	return 0;
}
