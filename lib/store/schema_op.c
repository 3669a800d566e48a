/* SPDX-License-Identifier: MIT */
/*
 * Another schema for a store in use: numbers for what is new, indexes built
 * and dropped, timelines made anew where their rules changed.  What records
 * forbid has been checked by the caller (SCHEMA.md), but for doubles under a
 * new unique index, which building it finds.
 */
#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "record/labels.h"
#include "store/check_int.h"
#include "store/meta.h"
#include "store/op_int.h"

enum { SUBJECTS = 4, INDEX_NO = 2 };

struct numbering {
	struct op *op;
	bool failed;
};

static unsigned
number_of(void *arg, enum schema_numbered what, const char *name)
{
	static const enum dict_what lists[] = {
		[NUMBER_KIND] = DICT_KIND,
		[NUMBER_LABEL] = DICT_LABEL,
		[NUMBER_ENUM] = DICT_ENUM,
	};
	struct numbering *n = arg;
	struct dict *d = &n->op->db->dict;
	unsigned no = dict_no(d, lists[what], str_of(name));

	if (no == 0)
		no = dict_add(d, lists[what], str_of(name), op_driver(n->op),
		    n->op->tx, tx_err(n->op->tx));
	if (no == 0)
		n->failed = true;
	return no;
}

/* A copy that can be numbered, kept until the store is closed. */
static int
number_schema(struct op *op, const struct schema *given, struct schema **out,
    struct err *err)
{
	struct numbering n = { op, false };
	struct buf image = BUF_INIT;
	struct schema *s = NULL;
	int rc;

	schema_compile(given, &image);
	rc = schema_load(&s, buf_str(&image), err);
	if (rc == 0) {
		schema_number(s, number_of, &n);
		if (n.failed)
			rc = tx_fail(op->tx, err);
	}
	if (rc != 0)
		schema_free(&s);
	buf_release(&image);
	*out = s;
	return rc;
}

/* ---- what events and derived fields follow ---- */

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_stages(const struct pipeline *a, const struct pipeline *b)
{
	size_t i;

	if (a->n != b->n || !same_text(a->name, b->name))
		return false;
	for (i = 0; i < a->n; i++)
		if (!same_text(a->v[i].name, b->v[i].name) ||
		    a->v[i].won != b->v[i].won || a->v[i].lost != b->v[i].lost)
			return false;
	return true;
}

/* Values may be added; those there were say the same. */
static bool
same_values(const struct enum_def *a, const struct enum_def *b)
{
	const struct enum_value *v;
	size_t i;

	if (a == NULL || b == NULL)
		return a == b;
	for (i = 0; i < a->n; i++) {
		v = enum_value(b, str_of(a->v[i].name));
		if (v == NULL || v->no != a->v[i].no ||
		    v->person != a->v[i].person ||
		    v->counts != a->v[i].counts ||
		    !same_text(v->channel, a->v[i].channel))
			return false;
	}
	return true;
}

static bool
same_subjects(const struct schema *a, const struct schema *b,
    const struct kind *ka, const struct kind *kb)
{
	static const char *const names[SUBJECTS] = { "contact", "company",
		"deal", "case" };
	const struct field *fa, *fb;
	bool many;
	int i;

	if ((ka->timeline == NULL) != (kb->timeline == NULL) ||
	    (ka->timeline != NULL && ka->timeline->no != kb->timeline->no))
		return false;
	for (i = 0; ka->timeline != NULL && i < SUBJECTS; i++) {
		fa = kind_ref_to(ka, schema_kind(a, str_of(names[i])), &many);
		fb = kind_ref_to(kb, schema_kind(b, str_of(names[i])), &many);
		if ((fa == NULL) != (fb == NULL) ||
		    (fa != NULL && fa->no != fb->no))
			return false;
	}
	return true;
}

static bool
same_rules(const struct schema *a, const struct schema *b)
{
	static const char *const enums[] = { "activity-type", "order-status",
		"channel" };
	const struct kind *k;
	size_t i;

	if (!same_text(a->currency, b->currency) || !same_text(a->tz, b->tz) ||
	    a->npurposes > b->npurposes)
		return false;
	for (i = 0; i < a->npurposes; i++)
		if (!same_text(a->purposes[i].name, b->purposes[i].name) ||
		    !same_text(a->purposes[i].class, b->purposes[i].class))
			return false;
	for (i = 0; i < sizeof(enums) / sizeof(enums[0]); i++)
		if (!same_values(schema_enum(a, str_of(enums[i])),
			schema_enum(b, str_of(enums[i]))))
			return false;
	for (i = 0; i < a->npipelines; i++)
		if (i >= b->npipelines ||
		    !same_stages(&a->pipelines[i], &b->pipelines[i]))
			return false;
	for (i = 0; i < a->nkinds; i++) {
		k = schema_kind_no(b, a->kinds[i].no);
		if (k != NULL && !same_subjects(a, b, &a->kinds[i], k))
			return false;
	}
	return true;
}

/* ---- indexes ---- */

static int
drop_entries(struct op *op, uint16_t no, struct err *err)
{
	unsigned char lo[INDEX_NO], hi[INDEX_NO];

	num_put_be16(lo, no);
	num_put_be16(hi, (uint16_t)(no + 1));
	if (op_driver(op)->del_range(
		op->tx, T_X, str_n(lo, INDEX_NO), str_n(hi, INDEX_NO)) != 0)
		return tx_fail(op->tx, err);
	return 0;
}

static int
drop_unwanted(struct op *op, struct err *err)
{
	struct catalogue *c = &op->db->cat;
	uint16_t no;
	size_t i = 0;

	while (i < c->n) {
		if (index_wanted(&c->v[i], &op->db->schema)) {
			i++;
			continue;
		}
		no = c->v[i].no;
		catalogue_drop(c, no);
		if (drop_entries(op, no, err) != 0)
			return -1;
		i = 0; /* they have moved */
	}
	return 0;
}

struct building {
	struct op *op;
	const struct index *x;
	struct sorter *sorter;
	struct str id;
	struct buf key;
	uint64_t doubles;
	struct id first, second;
};

static int
build_entry(void *arg, const struct index *x, struct str key, struct err *err)
{
	struct building *b = arg;

	if (x->form != INDEX_UNIQUE)
		return sorter_add(
		    b->sorter, key, ID_BYTES, STR(""), false, err);
	/* With its owner behind, so that doubles are seen. */
	buf_clear(&b->key);
	buf_adds(&b->key, key);
	buf_adds(&b->key, b->id);
	return sorter_add(
	    b->sorter, buf_str(&b->key), ID_BYTES, b->id, false, err);
}

static int
build_record(
    struct building *b, const struct kv *kv, enum tree tree, struct err *err)
{
	struct op *op = b->op;
	struct rowview view;
	struct row row = { 0 };

	arena_clear(&op->arena);
	if (rowview_open(&view, &op->db->schema, tree, kv->k, kv->v, err) < 0)
		return -1;
	if (view.kind != b->x->kind || (view.flags & ROW_DELETED))
		return 0;
	if (row_whole(op->tx, op->db, &view, &op->arena, &row, err) != 0)
		return -1;
	b->id = id_str(&row.id);
	return index_entries_of(b->x, &op->maker, &row, build_entry, b, err);
}

static int
build_gather(struct building *b, struct err *err)
{
	enum tree tree = kind_tree(b->x->kind);
	struct walk w;
	struct kv kv;
	int rc;

	if (walk_begin(&w, b->op->db, b->op->tx, tree, err) != 0)
		return -1;
	while ((rc = walk_next(&w, &kv, err)) == 1)
		if (build_record(b, &kv, tree, err) != 0)
			break;
	walk_end(&w);
	return rc == 0 ? sorter_sort(b->sorter, err) : -1;
}

static bool
is_unique(void *arg, struct str key)
{
	const struct building *b = arg;

	(void)key;
	return b->x->form == INDEX_UNIQUE;
}

static void
note_double(void *arg, struct str kept, struct str left_out)
{
	struct building *b = arg;

	if (b->doubles++ > 0)
		return;
	memcpy(b->first.b, kept.p + kept.n - ID_BYTES, ID_BYTES);
	memcpy(b->second.b, left_out.p + left_out.n - ID_BYTES, ID_BYTES);
}

static int
build_put(struct building *b, struct err *err)
{
	struct index_rows rows = { b->sorter, is_unique, note_double, b };

	return index_rows_put(&rows, op_driver(b->op), b->op->tx, err);
}

/* "unique: 3 values of 'vat' occur twice, the first in K7BV and P2M9" */
static int
refuse_doubles(struct building *b, struct err *err)
{
	struct err ignored = ERR_INIT;
	char id[2][ID_TEXT];
	int len[2];
	int i;

	id_format(&b->first, id[0]);
	id_format(&b->second, id[1]);
	for (i = 0; i < 2; i++) {
		len[i] = db_suffix_len(
		    &b->op->reading, i == 0 ? &b->first : &b->second, &ignored);
		if (len[i] < 0)
			len[i] = ID_TEXT;
	}
	return err_set(err, STATUS_DATA,
	    b->doubles == 1
		? ERR_N("unique: %llu value of '%s' occurs twice, in %.*s and "
			"%.*s")
		: ERR_N("unique: %llu values of '%s' occur twice, the first "
			"in %.*s and %.*s"),
	    (unsigned long long)b->doubles, b->x->f->name, len[0],
	    id[0] + ID_TEXT - len[0], len[1], id[1] + ID_TEXT - len[1]);
}

static int
build_index(struct op *op, const struct index *x, struct err *err)
{
	const char *dir = op_driver(op) == &driver_lmdb ? op->db->url : NULL;
	struct building b = { 0 };
	int rc;

	b.op = op;
	b.x = x;
	b.sorter = sorter_new(dir, 0);
	buf_init(&b.key);
	rc = build_gather(&b, err);
	if (rc == 0)
		rc = build_put(&b, err);
	if (rc == 0 && b.doubles > 0)
		rc = refuse_doubles(&b, err);
	sorter_free(&b.sorter);
	buf_release(&b.key);
	return rc;
}

/* New ones have numbers from `from` up. */
static int
build_new(struct op *op, unsigned from, struct err *err)
{
	const struct catalogue *c = &op->db->cat;
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->v[i].no >= from &&
		    op->counts.live[c->v[i].kind->no] > 0 &&
		    build_index(op, &c->v[i], err) != 0)
			return -1;
	return 0;
}

/* ---- the whole ---- */

static int
log_schema(struct op *op, struct err *err)
{
	struct id none = { { 0 } };
	struct str text;

	if (meta_get(op_driver(op), op->tx, "schema", &text, err) != 0)
		return -1;
	log_entry_begin(&op->log, LOG_SCHEMA, T_META, &none, 0, 0);
	log_put_bytes(&op->log, text);
	return log_entry_end(&op->log, err);
}

/* Timelines and derived fields of all, by the new rules. */
static int
rebuild(struct op *op, struct err *err)
{
	struct audit c = { 0 };
	const char *dir = op_driver(op) == &driver_lmdb ? op->db->url : NULL;
	int rc;

	c.db = op->db;
	c.tx = op->tx;
	c.x = sorter_new(dir, 0);
	c.tl = sorter_new(dir, 0);
	index_maker_init(&c.maker);
	arena_init(&c.arena);
	buf_init(&c.scratch);
	buf_init(&c.rows);
	rc = check_records(&c, err);
	/* Not the time to set anything aside. */
	if (rc == 0 && c.damaged.n > 0)
		rc = err_set(err, STATUS_IO,
		    "%zu records are damaged: see crm-db check --full",
		    c.damaged.n);
	if (rc == 0 &&
	    (sorter_sort(c.x, err) != 0 || sorter_sort(c.tl, err) != 0 ||
		repair_trees(&c, err) != 0))
		rc = -1;
	sorter_free(&c.x);
	sorter_free(&c.tl);
	index_maker_release(&c.maker);
	arena_release(&c.arena);
	buf_release(&c.scratch);
	buf_release(&c.rows);
	mem_free(c.damaged.v);
	return rc;
}

int
op_schema(
    struct op *op, const struct schema *given, struct str yaml, struct err *err)
{
	struct db *db = op->db;
	struct schema before = db->schema;
	struct buf bytes = BUF_INIT;
	struct schema *s = NULL;
	unsigned next;
	int rc = -1;

	/* What is gathered so far has keys of the old indexes. */
	if (op_flush_all(op, err) != 0 || log_schema(op, err) != 0)
		return -1;
	op->new_schema = true;
	if (number_schema(op, given, &s, err) != 0)
		return -1;
	if (schema_store(db, op->tx, s, yaml, op->head.schema, err) != 0) {
		schema_free(&s);
		return -1;
	}
	db_take_schema(db, s, s);
	catalogue_save(&db->cat, &bytes);
	if (catalogue_load(&db->cat, &db->schema, buf_str(&bytes), err) != 0)
		goto out;
	if (drop_unwanted(op, err) != 0)
		goto out;
	next = db->cat.next;
	(void)catalogue_want(&db->cat, &db->schema, INDEX_READY);
	if (build_new(op, next, err) != 0 ||
	    catalogue_store(db, op->tx, err) != 0)
		goto out;
	if (!same_rules(&before, &db->schema) && rebuild(op, err) != 0)
		goto out;
	rc = 0;
out:
	buf_release(&bytes);
	return rc;
}
