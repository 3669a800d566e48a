/* SPDX-License-Identifier: MIT */
/*
 * Lines of an import that have no key: such a line meets a record of its kind,
 * name and company that has all that the line says, so that a second import
 * tells nothing new; lines of one batch that are wholly alike meet one record.
 * A name alone is no proof that two people are one, so that no record is
 * changed by this.
 */
#include "base/hash.h"
#include "base/utf8.h"
#include "crm/batch.h"
#include "record/labels.h"
#include "store/plan.h"

enum {
	DIGEST = 16,
	NAMES_FEW = 64,  /* up to here the index of names is asked for each */
	SAME_MAX = 4096, /* records of one name that it gives */
};

/* ---- what tells the lines apart ---- */

/* What a phone that people share says of it counts. */
static bool
is_keyless(struct batch *b, const struct batch_item *item)
{
	unsigned kind = item->kind->no;

	if (!item->how || item->how->absent || item->c.id.n ||
	    kind == KIND_CONSENT || kind == KIND_MESSAGE ||
	    meet_has_unique(item))
		return false;
	for (size_t i = 0; i < item->nkeys; i++)
		if (meet_soft(b, item, item->keys[i]))
			return false;
	return true;
}

/* Its display, where that is a text. */
static const struct field *
name_field(const struct kind *k)
{
	const struct field *f =
	    k->display ? kind_field(k, str_of(k->display)) : NULL;

	return f && f->role == ROLE_STORED && f->type == TYPE_TEXT ? f : NULL;
}

/* Whom a record belongs to: of a contact the company, else the contact. */
static const struct field *
owner_field(const struct kind *k)
{
	const struct field *f = NULL;

	if (k->no != KIND_CONTACT)
		f = kind_field(k, STR("contact_id"));
	if (!f)
		f = kind_field(k, STR("company_id"));
	return f && f->role == ROLE_STORED ? f : NULL;
}

static const struct change *
first_value(const struct batch_item *item, const struct field *f)
{
	for (size_t i = 0; f && i < item->c.n; i++)
		if (item->c.v[i].f == f && item->c.v[i].value.n &&
		    item->c.v[i].op != PAIR_DEL)
			return &item->c.v[i];
	return NULL;
}

/* As meet_name, of any kind. */
static struct str
name_of(struct batch *b, const struct batch_item *item)
{
	const struct change *ch;

	if (item->kind->no == KIND_CONTACT)
		return meet_name(b, item);
	ch = first_value(item, name_field(item->kind));
	return ch ? utf8_fold(ch->value, &b->arena) : STR_NONE;
}

/* The key of records of a kind, name and owner; owner NULL: of any. */
static struct str
table_key(const struct kind *k, struct str folded, const struct str *owner,
    unsigned char key[DIGEST])
{
	unsigned char head[2] = { (unsigned char)k->no, owner != NULL };

	hash_blake2b(key, DIGEST, head, sizeof(head), owner ? owner->p : NULL,
	    owner ? owner->n : 0, folded.p, folded.n);
	return str_n(key, DIGEST);
}

/* ---- what the store has ---- */

struct loading {
	struct batch *b;
	struct op *op;
	const struct kind *kind;
};

static void
note(struct batch *b, const struct kind *k, struct str folded, struct str owner,
    const struct id *id)
{
	struct batch_told_node node = { *id, 0 };
	unsigned char key[DIGEST];
	struct name_entry *e;
	bool fresh;

	e = names_at(&b->told.names, table_key(k, folded, &owner, key), &fresh);
	node.next = e->count;
	vec_push(&b->told.nodes, node);
	e->count = b->told.nodes.n;
}

static int
take(void *arg, const struct id *id, struct dbrec *rec, struct err *err)
{
	struct loading *l = arg;
	struct batch *b = l->b;
	const struct field *name = name_field(l->kind);
	const struct field *owner = owner_field(l->kind);
	struct arena_mark mark = arena_mark(&b->arena);
	struct str folded = STR_NONE, v = STR_NONE;
	unsigned char key[DIGEST];
	size_t i = 0, n = 0;
	int rc = 0;

	if (name)
		rc = dbrec_value(rec, name->no, &i, &v, err);
	if (rc > 0)
		folded = utf8_fold(v, &b->arena);
	if (rc < 0 ||
	    !names_find(&b->told.names, table_key(l->kind, folded, NULL, key)))
		goto out;
	i = 0;
	while (owner && (rc = dbrec_value(rec, owner->no, &i, &v, err)) > 0) {
		note(b, l->kind, folded, v, id);
		n++;
	}
	if (rc >= 0 && n == 0)
		note(b, l->kind, folded, STR_NONE, id);
out:
	arena_rewind(&b->arena, mark);
	return rc < 0 ? -1 : 0;
}

/* Records of one name, by its index. */
static int
load_name(struct loading *l, struct str name, struct err *err)
{
	struct id *ids = arena_array(&l->b->arena, SAME_MAX, sizeof(*ids));
	int n = db_whole(op_reading(l->op), l->kind, name_field(l->kind), name,
	    ids, SAME_MAX, err);
	int rc = n < 0 ? -1 : 0;

	for (int i = 0; i < n && rc >= 0; i++) {
		struct dbrec *rec;

		rc = dbrec_get(op_reading(l->op), &ids[i], 0, &rec, err);
		if (rc > 0)
			rc = take(l, &ids[i], rec, err);
	}
	return rc < 0 ? -1 : 0;
}

static int
load_kind(struct loading *l, struct err *err)
{
	struct query_env env = { .schema = l->b->schema };
	struct plan_opts po = { .force_scan = true };
	struct str text = arena_printf(&l->b->arena, "kind:%s", l->kind->name);

	return answer_each(op_reading(l->op), text, &env, &po, take, l, err);
}

/* ---- what the lines ask for ---- */

/* Names that keyless lines of a kind give, each once. */
struct wanted {
	VEC(struct str) names;
	bool unnamed;
};

static void
want(struct batch *b, const struct batch_item *item, struct wanted *w,
    struct arena *a)
{
	struct str folded = name_of(b, item);
	unsigned char key[DIGEST];
	bool fresh;

	(void)names_at(
	    &b->told.names, table_key(item->kind, folded, NULL, key), &fresh);
	if (!fresh)
		return;
	if (!folded.n)
		w->unnamed = true;
	else if (w->names.n <= NAMES_FEW)
		vec_push(&w->names, arena_str(a, folded));
}

static int
load(struct batch *b, struct op *op, const struct kind *k,
    const struct wanted *w, struct err *err)
{
	struct loading l = { b, op, k };
	const struct field *f = name_field(k);

	if (!w->unnamed && !w->names.n)
		return 0;
	if (db_count(op_reading(op), k, err) == 0)
		return err->msg[0] ? -1 : 0;
	if (w->unnamed || w->names.n > NAMES_FEW || !f || !f->search)
		return load_kind(&l, err);
	for (size_t i = 0; i < w->names.n; i++)
		if (load_name(&l, w->names.v[i], err) < 0)
			return -1;
	return 0;
}

int
told_begin(struct batch *b, struct op *op, struct err *err)
{
	size_t n = b->schema->nkinds;
	struct arena a = ARENA_INIT;
	struct wanted *all;
	int rc = 0;

	if (!b->hows.n || b->opts.mode != BATCH_ADD)
		return 0;
	all = arena_zero(&a, n, sizeof(*all));
	for (size_t i = 0; i < b->lines.n && rc == 0; i++) {
		struct batch_item item;

		arena_clear(&b->arena);
		rc = batch_item_get(b, i, false, &item, err);
		if (rc == 0 && is_keyless(b, &item))
			want(b, &item, &all[item.kind - b->schema->kinds], &a);
	}
	arena_clear(&b->arena);
	for (size_t i = 0; i < n; i++) {
		if (rc == 0)
			rc = load(b, op, &b->schema->kinds[i], &all[i], err);
		vec_release(&all[i].names);
	}
	arena_release(&a);
	return rc;
}

void
told_release(struct batch *b)
{
	names_release(&b->told.names);
	names_release(&b->told.alike);
	vec_clear(&b->told.nodes);
}

/* ---- a line ---- */

/* The line without its name, which is the record's but for case and accents. */
static struct batch_item
without_name(struct batch *b, const struct batch_item *item)
{
	const struct field *name = name_field(item->kind);
	struct batch_item rest = *item;

	rest.c.v = arena_array(&b->arena, item->c.n + 1, sizeof(*rest.c.v));
	rest.c.n = 0;
	for (size_t i = 0; i < item->c.n; i++)
		if (item->c.v[i].f != name)
			rest.c.v[rest.c.n++] = item->c.v[i];
	return rest;
}

/* Whether the line, laid over the record, would leave it as it is: 1, 0, -1. */
static int
is_told(struct batch *b, struct op *op, struct batch_item *item,
    const struct id *id, struct err *err)
{
	struct err why = ERR_INIT;
	struct row row, *after;
	int rc = op_get(op, id, &b->arena, &row, err);

	if (rc <= 0)
		return rc;
	after = fold_row(b, &row, item->c.n);
	if (apply_changes(b, op, item, after, false, &why) == 0)
		return fold_same(&row, after);
	if (why.status == STATUS_DATA || why.status == STATUS_USAGE)
		return 0;
	*err = why;
	return -1;
}

static int
find_told(struct batch *b, struct op *op, const struct batch_item *item,
    struct id *id, struct err *err)
{
	const struct field *owner = owner_field(item->kind);
	const struct change *ch = first_value(item, owner);
	struct str of = STR_NONE;
	const struct name_entry *e;
	unsigned char key[DIGEST];
	struct batch_item rest;
	size_t node;
	int rc = 0;

	if (ch)
		of = value_encode(owner, ch->value, -1, &b->arena);
	e = names_find(
	    &b->told.names, table_key(item->kind, name_of(b, item), &of, key));
	node = e ? e->count : 0;
	if (node)
		rest = without_name(b, item);
	while (node && rc == 0) {
		struct arena_mark mark = arena_mark(&b->arena);

		*id = b->told.nodes.v[node - 1].id;
		node = b->told.nodes.v[node - 1].next;
		rc = is_told(b, op, &rest, id, err);
		arena_rewind(&b->arena, mark);
	}
	return rc;
}

/* A line before that says the same, word for word: 1, 0, -1. */
static int
find_alike(struct batch *b, struct op *op, const struct batch_item *item,
    size_t line, struct id *id, struct err *err)
{
	static const struct id none;
	struct buf text = BUF_INIT;
	unsigned char key[DIGEST];
	struct name_entry *e;
	size_t before;
	bool fresh;

	buf_adds(&text, item->c.created);
	for (size_t i = 0; i < item->c.n; i++) {
		const struct change *ch = &item->c.v[i];

		buf_addf(&text, "\n%d:%zu:", (int)ch->op, ch->value.n);
		buf_adds(&text, ch->label);
		buf_addc(&text, ':');
		buf_adds(&text, ch->value);
	}
	e = names_at(&b->told.alike,
	    table_key(item->kind, buf_str(&text), NULL, key), &fresh);
	buf_release(&text);
	before = e->count - 1;
	if (!fresh && !b->lines.v[before].refused &&
	    id_cmp(&b->ids.v[before], &none) == 0 && fold_write(b, op) < 0)
		return err_set(err, b->err->status, "%s", b->err->msg);
	if (fresh || b->lines.v[before].refused ||
	    id_cmp(&b->ids.v[before], &none) == 0) {
		e->count = line + 1;
		return 0;
	}
	*id = b->ids.v[before];
	b->counts.alike++;
	return 1;
}

int
told_meet(struct batch *b, struct op *op, const struct batch_item *item,
    size_t line, size_t *at, struct err *err)
{
	struct id id;
	int rc;

	if (!is_keyless(b, item))
		return 0;
	rc = find_told(b, op, item, &id, err);
	if (rc > 0) {
		*at = fold_stored(b, &id);
		return fold_load(b, op, *at, err) < 0 ? -1 : 1;
	}
	if (rc == 0)
		rc = find_alike(b, op, item, line, &id, err);
	if (rc > 0)
		*at = fold_stored(b, &id);
	return rc;
}
