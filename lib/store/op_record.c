/* SPDX-License-Identifier: MIT */
/* Pieces of a write of one record: indexes, timeline rows, long texts. */
#include "base/num.h"
#include "record/labels.h"
#include "record/value.h"
#include "store/meta.h"
#include "store/op_int.h"

enum { SUBJECTS = 4, SUBJECT_IDS_MAX = 300, CRC_BYTES = 4 };

/* ---- unique values ---- */

/* Who has the key, as the operation sees it: 1, 0, -1. */
static int
unique_owner(struct op *op, const struct index *x, struct str key,
    struct id *owner, struct err *err)
{
	struct str v;
	int rc;

	if (op->pending != NULL) {
		rc = pending_get(op->pending, key, owner);
		if (rc >= 0)
			return rc;
		if (op->empty)
			return 0;
	}
	if (tree_get_raw(op_driver(op), op->tx, T_X, key, &v, err) != 0)
		return -1;
	if (v.p == NULL)
		return 0;
	return index_entry_id(x, key, v, owner) ? 1 : crc_error(T_X, key, err);
}

int
op_unique(struct op *op, const struct kind *k, const struct field *f,
    struct str canon, struct id *id, struct err *err)
{
	const struct index *x = index_find(&op->db->cat, k, f, INDEX_UNIQUE);
	struct buf key = BUF_INIT;
	int rc = 0;

	if (x == NULL)
		return db_unique(&op->reading, k, f, canon, id, err);
	arena_clear(&op->arena);
	if (index_unique_key(x, canon, &op->arena, &key))
		rc = unique_owner(op, x, buf_str(&key), id, err);
	buf_release(&key);
	return rc;
}

bool
op_unique_key(struct op *op, const struct kind *k, const struct field *f,
    struct str canon, struct buf *key)
{
	const struct index *x = index_find(&op->db->cat, k, f, INDEX_UNIQUE);
	size_t n = key->n;

	if (x == NULL)
		return false;
	arena_clear(&op->arena);
	if (index_unique_key(x, canon, &op->arena, key))
		return true;
	buf_cut(key, n);
	return false;
}

/* The value of a field that made the key, as people read it. */
static void
show_value(struct op *op, const struct index *x, const struct row *row,
    struct str key, struct buf *out)
{
	struct buf text = BUF_INIT;
	struct buf made = BUF_INIT;
	bool found = false;
	struct str v;
	size_t i = 0;

	while (!found && row_next(row, x->f->no, &i, &v)) {
		buf_clear(&text);
		found =
		    value_text(x->f, v, 0, &text) &&
		    index_unique_key(x, buf_str(&text), &op->arena, &made) &&
		    str_eq(buf_str(&made), key);
	}
	if (found)
		buf_add_visible(out, buf_str(&text));
	else
		buf_addz(out, "a value");
	buf_release(&text);
	buf_release(&made);
}

/* "email: ines@example.com is that of 3K7BV Inés Ortiz". */
static int
unique_clash(struct op *op, const struct index *x, const struct row *row,
    struct str key, const struct id *owner, struct err *err)
{
	struct buf shown = BUF_INIT;
	struct str name = STR_NONE;
	struct err ignored = ERR_INIT;
	char id[ID_TEXT];
	unsigned i;
	int len;

	for (i = 0; i < x->nfields; i++)
		buf_addf(&shown, "%s%s", i > 0 ? ", " : "", x->fields[i]->name);
	buf_addz(&shown, ": ");
	if (x->nfields == 1)
		show_value(op, x, row, key, &shown);
	else
		buf_addz(&shown, err_text("all of them together"));
	len = db_suffix_len(&op->reading, owner, &ignored);
	if (len < 0)
		len = ID_TEXT;
	if (reading_display(&op->reading, owner, &name, &ignored) != 0)
		name = STR_NONE;
	id_format(owner, id);
	(void)err_set(err, STATUS_DATA, "%.*s is that of %.*s%s%.*s",
	    STR_ARG(buf_str(&shown)), len, id + ID_TEXT - len,
	    name.n > 0 ? " " : "", STR_ARG(name));
	buf_release(&shown);
	return -1;
}

struct unique_walk {
	struct op *op;
	const struct row *row;
	struct str old; /* keys that are its own already */
	struct buf *out;
};

static bool
keys_have(struct str keys, struct str key)
{
	size_t i = 0, n;

	while (i + 2 <= keys.n) {
		n = num_get_be16((const unsigned char *)keys.p + i);
		if (n == key.n && memcmp(keys.p + i + 2, key.p, n) == 0)
			return true;
		i += 2 + n;
	}
	return false;
}

static void
keys_add(struct buf *keys, struct str key)
{
	unsigned char n[2];

	num_put_be16(n, (uint16_t)key.n);
	buf_add(keys, n, 2);
	buf_adds(keys, key);
}

static int
unique_entry(void *arg, const struct index *x, struct str key, struct err *err)
{
	struct unique_walk *w = arg;
	struct id owner;
	int rc;

	if (keys_have(w->old, key) || keys_have(buf_str(w->out), key))
		return 0;
	rc = unique_owner(w->op, x, key, &owner, err);
	if (rc < 0)
		return -1;
	if (rc == 1 && id_cmp(&owner, &w->row->id) != 0)
		return unique_clash(w->op, x, w->row, key, &owner, err);
	keys_add(w->out, key);
	return 0;
}

static int
unique_collect(
    void *arg, const struct index *x, struct str key, struct err *err)
{
	(void)x;
	(void)err;
	keys_add(arg, key);
	return 0;
}

int
op_unique_keys(struct op *op, const struct row *row, const struct row *old,
    struct buf *out, struct err *err)
{
	struct unique_walk w = { op, row, STR_NONE, out };
	struct buf of_old = BUF_INIT;
	int rc = 0;

	buf_clear(out);
	if (old != NULL)
		rc = index_entries(&op->db->cat, &op->maker, 1U << INDEX_UNIQUE,
		    old, unique_collect, &of_old, err);
	w.old = buf_str(&of_old);
	if (rc == 0)
		rc = index_entries(&op->db->cat, &op->maker, 1U << INDEX_UNIQUE,
		    row, unique_entry, &w, err);
	buf_release(&of_old);
	return rc;
}

int
op_unique_lost(struct op *op, const struct row *old, const struct row *now,
    struct buf *out, struct err *err)
{
	const unsigned forms = 1U << INDEX_UNIQUE;
	struct buf of_old = BUF_INIT;
	struct buf of_now = BUF_INIT;
	struct str keys, key;
	size_t i = 0;
	int rc;

	buf_clear(out);
	rc = index_entries(
	    &op->db->cat, &op->maker, forms, old, unique_collect, &of_old, err);
	if (rc == 0 && now != NULL)
		rc = index_entries(&op->db->cat, &op->maker, forms, now,
		    unique_collect, &of_now, err);
	keys = buf_str(&of_old);
	while (rc == 0 && i + 2 <= keys.n) {
		key.n = num_get_be16((const unsigned char *)keys.p + i);
		key.p = keys.p + i + 2;
		i += 2 + key.n;
		if (!keys_have(buf_str(&of_now), key) &&
		    !keys_have(buf_str(out), key))
			keys_add(out, key);
	}
	buf_release(&of_old);
	buf_release(&of_now);
	return rc;
}

int
op_unique_put(struct op *op, struct str keys, const struct id *id, bool del,
    struct err *err)
{
	struct str owner = id_str(id);
	struct str key;
	size_t i = 0;
	int rc = 0;

	while (rc == 0 && i + 2 <= keys.n) {
		key.n = num_get_be16((const unsigned char *)keys.p + i);
		key.p = keys.p + i + 2;
		i += 2 + key.n;
		if (op->pending != NULL) {
			if (del)
				pending_unset(op->pending, key);
			else
				pending_set(op->pending, key, id);
			rc = sorter_add(
			    op->x, key, 0, del ? STR("") : owner, del, err);
		} else if (del) {
			rc = tree_del(op_driver(op), op->tx, T_X, key, err);
		} else {
			buf_clear(&op->scratch);
			buf_adds(&op->scratch, owner);
			crc_add(T_X, key, &op->scratch);
			rc = op_put_bytes(
			    op, T_X, key, buf_str(&op->scratch), 0, err);
		}
	}
	return rc;
}

/* ---- the other indexes ---- */

struct index_walk {
	struct op *op;
	bool del;
};

static int
index_entry(void *arg, const struct index *x, struct str key, struct err *err)
{
	struct index_walk *w = arg;

	(void)x;
	return sorter_add(w->op->x, key, ID_BYTES, STR(""), w->del, err);
}

int
op_index_row(struct op *op, const struct row *row, bool del, struct err *err)
{
	struct index_walk w = { op, del };

	return index_entries(&op->db->cat, &op->maker, ~(1U << INDEX_UNIQUE),
	    row, index_entry, &w, err);
}

static bool
is_member(const struct slot *s, const struct slot *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].no == s->no && str_eq(v[i].v, s->v))
			return true;
	return false;
}

/* The row with those fields alone of which some value changed: a long note
 * that stays costs an edit nothing. */
static struct row
changed_fields(struct op *op, const struct row *row, const struct row *other)
{
	struct row r = *row;
	size_t i, j;
	bool same;

	r.v = arena_array(&op->arena, row->n + 1, sizeof(*r.v));
	r.n = 0;
	for (i = 0; i < row->n; i++) {
		same = true;
		for (j = 0; j < row->n && same; j++)
			if (row->v[j].no == row->v[i].no)
				same =
				    is_member(&row->v[j], other->v, other->n);
		for (j = 0; j < other->n && same; j++)
			if (other->v[j].no == row->v[i].no)
				same = is_member(&other->v[j], row->v, row->n);
		/* Keys of money are made with the currency. */
		if (!same || row->v[i].no == LABEL_CURRENCY)
			r.v[r.n++] = row->v[i];
	}
	return r;
}

int
op_index_edit(struct op *op, const struct row *old, const struct row *now,
    struct err *err)
{
	struct row was = *old;
	struct row is = *now;

	if (str_eq(
		row_get(old, LABEL_CURRENCY), row_get(now, LABEL_CURRENCY))) {
		was = changed_fields(op, old, now);
		is = changed_fields(op, now, old);
	}
	if (op_index_row(op, &was, true, err) != 0)
		return -1;
	/* What both have is taken away and put again: the last counts. */
	return op_index_row(op, &is, false, err);
}

/* ---- timeline rows ---- */

/* Subjects of a row: contact, company, deal, case that it names. */
static size_t
subjects(
    const struct db *db, const struct row *row, struct id *out, bool *has_agg)
{
	static const char *const names[SUBJECTS] = { "contact", "company",
		"deal", "case" };
	const struct kind *target;
	const struct field *f;
	size_t n = 0, i;
	struct str v;
	bool many;
	int t;

	for (t = 0; t < SUBJECTS; t++) {
		target = schema_kind(&db->schema, str_of(names[t]));
		f = target == NULL ? NULL
				   : kind_ref_to(row->kind, target, &many);
		if (f == NULL)
			continue;
		for (i = 0;
		     n < SUBJECT_IDS_MAX && row_next(row, f->no, &i, &v);)
			if (v.n == ID_BYTES) {
				memcpy(out[n].b, v.p, ID_BYTES);
				has_agg[n++] = t < 2;
			}
	}
	return n;
}

void
timeline_rows(const struct db *db, const struct row *row, struct buf *scratch,
    struct buf *out)
{
	struct id subject[SUBJECT_IDS_MAX];
	bool has_agg[SUBJECT_IDS_MAX];
	unsigned char key[TL_KEY];
	struct tl_row t;
	unsigned flags;
	int64_t ms;
	size_t n, i;

	buf_clear(out);
	if (!agg_row(db->rules, row, &t, &ms))
		return;
	n = subjects(db, row, subject, has_agg);
	for (i = 0; i < n; i++) {
		tl_key(&subject[i], ms, &row->id, key);
		buf_add(out, key, TL_KEY);
		buf_clear(scratch);
		tl_encode(&t, key, scratch);
		buf_adds(out, buf_str(scratch));
		/* The fold of consent needs all of its entries. */
		flags = (has_agg[i] ? TL_HAS_AGG : 0U) |
			(row->kind->no == KIND_CONSENT ? TL_RECOUNT : 0U);
		buf_addc(out, (char)flags);
	}
}

static int
timeline_put(
    struct op *op, struct buf *rows, bool del, unsigned flags, struct err *err)
{
	char *p = rows->p;
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < rows->n; i += TL_ITEM) {
		p[i + TL_ITEM - 1] =
		    (char)((unsigned)p[i + TL_ITEM - 1] | flags);
		rc = sorter_add(op->tl, str_n(p + i, TL_KEY), ID_BYTES,
		    str_n(p + i + TL_KEY, TL_ITEM - TL_KEY), del, err);
	}
	return rc;
}

int
op_timeline(struct op *op, const struct row *row, bool del, struct err *err)
{
	timeline_rows(op->db, row, &op->scratch, &op->keys);
	return timeline_put(op, &op->keys, del, del ? TL_RECOUNT : 0, err);
}

int
op_timeline_edit(struct op *op, const struct row *old, const struct row *now,
    struct err *err)
{
	struct buf was = BUF_INIT;
	int rc = 0;

	timeline_rows(op->db, old, &op->scratch, &was);
	timeline_rows(op->db, now, &op->scratch, &op->keys);
	/* What is taken away, or replaced, is never just added. */
	if (!str_eq(buf_str(&was), buf_str(&op->keys))) {
		rc = timeline_put(op, &was, true, TL_RECOUNT, err);
		if (rc == 0)
			rc =
			    timeline_put(op, &op->keys, false, TL_RECOUNT, err);
	}
	buf_release(&was);
	return rc;
}

/* ---- long texts ---- */

int
op_blobs(struct op *op, const struct row *row, const bool *blob, bool del,
    struct err *err)
{
	unsigned char key[BLOB_KEY];
	unsigned flags = 0;
	size_t part = 0, i, from;
	struct str k, v;
	unsigned last = 0;
	int rc = 0;

	for (i = 0; rc == 0 && i < row->n; i++) {
		if (row->v[i].no != last)
			part = 0;
		last = row->v[i].no;
		if (!blob[i])
			continue;
		v = row->v[i].v;
		for (from = 0; rc == 0 && from < v.n; from += BLOB_PART) {
			k = str_n(key, blob_key(&row->id, last, part++, key));
			if (del) {
				rc = tree_del(
				    op_driver(op), op->tx, T_BLOB, k, err);
				continue;
			}
			buf_clear(&op->scratch);
			buf_adds(&op->scratch, str_sub(v, from, BLOB_PART));
			crc_add(T_BLOB, k, &op->scratch);
			rc = op_put_bytes(
			    op, T_BLOB, k, buf_str(&op->scratch), flags, err);
		}
	}
	return rc;
}

/* ---- the record itself ---- */

int
op_store_row(struct op *op, const struct row *row, enum tree tree,
    const bool *blob, struct err *err)
{
	struct str key = id_str(&row->id);
	unsigned flags = 0;

	if (op_append(op, tree, &row->id, &flags, err) != 0)
		return -1;
	buf_clear(&op->rec);
	row_encode(row, tree, blob, &op->rec);
	if (op_put_bytes(op, tree, key, buf_str(&op->rec), flags, err) != 0)
		return -1;
	buf_cut(&op->rec, op->rec.n - CRC_BYTES);
	return 0;
}

int
op_old(struct op *op, const struct id *id, enum tree *tree,
    struct rowview *view, struct row *row, struct err *err)
{
	struct str value;
	int rc;

	rc = record_find(op->tx, op->db, id, tree, &value, err);
	if (rc <= 0)
		return rc;
	/* Writes of this operation move what stands in the store. */
	value = arena_str(&op->arena, value);
	if (rowview_open(view, &op->db->schema, *tree, id_str(id), value, err) <
		0 ||
	    row_whole(op->tx, op->db, view, &op->arena, row, err) != 0)
		return -1;
	return 1;
}

/* Restriction is a flag of the record too, so that lists skip it early. */
void
op_row_flags(struct row *row)
{
	struct str v = row_get(row, LABEL_RESTRICTED);

	row->flags &= ~(unsigned)ROW_RESTRICTED;
	if (v.n == 1 && v.p[0] == 1)
		row->flags |= ROW_RESTRICTED;
}
