/* SPDX-License-Identifier: MIT */
/*
 * The records that have a value: those that lines of the group are held for,
 * noted under what they say, then those of the store.
 */
#include "crm/meet.h"

#include "base/utf8.h"
#include "record/labels.h"

enum {
	SHARED_MAX = 64, /* who has one phone: above, look by the name */
	SAME_MAX = 4096, /* of one name */
	HELD_MAX = 64,
};

/* ---- what is held ---- */

/* A key in the table: what sort it is, and its bytes. */
static struct buf
table_key(char sort, struct str a, struct str b)
{
	struct buf key = BUF_INIT;

	buf_addc(&key, sort);
	buf_adds(&key, a);
	if (b.n) {
		buf_addc(&key, '\0');
		buf_adds(&key, b);
	}
	return key;
}

/* Whether the row still has the value that makes this key. */
static bool
row_has_key(
    struct op *op, const struct row *row, const struct field *f, struct str key)
{
	struct buf text = BUF_INIT, made = BUF_INIT;
	bool same = false;
	struct str v;
	size_t i = 0;

	while (!same && row_next(row, f->no, &i, &v)) {
		buf_clear(&text);
		buf_clear(&made);
		same = value_text(f, v, 0, &text) &&
		       op_unique_key(op, row->kind, f, buf_str(&text), &made) &&
		       str_eq(buf_str(&made), key);
	}
	buf_release(&text);
	buf_release(&made);
	return same;
}

static bool
row_has_name(struct batch *b, const struct row *row, struct str folded)
{
	struct str name = row_text(row, "name");

	return str_eq(utf8_fold(name, &b->arena), folded);
}

static bool
row_has_text(const struct row *row, const struct field *f, struct str value)
{
	size_t i = 0;
	struct str v;

	while (row_next(row, f->no, &i, &v))
		if (str_eq(v, value))
			return true;
	return false;
}

/* A look-up of a value, hard (unique) or soft. */
struct sought {
	const struct field *f;
	struct str key;         /* of a unique value */
	struct str value, name; /* of a soft one */
};

/* Whether a held record has what is sought: 1, 0, -1. */
static int
held_has(struct batch *b, struct op *op, const struct kind *kind, size_t at,
    const struct sought *s, struct err *err)
{
	const struct row *row;
	int rc = fold_load(b, op, at, err);

	if (rc <= 0)
		return rc;
	row = b->fold.v.v[at].row;
	if (row->kind != kind)
		return 0;
	if (s->key.n)
		return row_has_key(op, row, s->f, s->key);
	return row_has_name(b, row, s->name) &&
	       (!s->value.n || row_has_text(row, s->f, s->value));
}

/* Of several records with a name and a phone the one that has nothing else to
 * be known by: an earlier import made it of such a line. */
struct pick {
	size_t n, first, plain;
};

static bool
is_plain(const struct row *row)
{
	for (size_t i = 0; i < row->n; i++)
		if (row->v[i].f && row->v[i].f->unique && row->v[i].v.n)
			return false;
	return true;
}

static void
pick_add(struct batch *b, struct pick *p, size_t at)
{
	if (p->n && at == p->first)
		return;
	if (p->n++ == 0)
		p->first = at;
	if (p->plain == MEET_NOWHERE && is_plain(b->fold.v.v[at].row))
		p->plain = at;
}

/* Those held under a key that still have it, up to max. */
static int
pick_held(struct batch *b, struct op *op, const struct kind *kind,
    const struct buf *key, const struct sought *s, size_t max, struct pick *p,
    struct err *err)
{
	const struct name_entry *e = names_find(&b->fold.keys, buf_str(key));
	size_t node = e ? e->count : 0;
	int rc;

	while (node && p->n < max) {
		const struct batch_node nd = b->fold.nodes.v[node - 1];

		node = nd.next;
		rc = held_has(b, op, kind, nd.at, s, err);
		if (rc < 0)
			return -1;
		if (rc)
			pick_add(b, p, nd.at);
	}
	return 0;
}

static void
note(struct batch *b, const struct buf *key, size_t at)
{
	struct batch_fold *f = &b->fold;
	struct batch_node node = { at, 0 };
	struct name_entry *e;
	bool fresh;

	e = names_at(&f->keys, buf_str(key), &fresh);
	if (e->count && f->nodes.v[e->count - 1].at == at)
		return;
	node.next = e->count;
	vec_push(&f->nodes, node);
	e->count = f->nodes.n;
}

static void
note_slot(struct batch *b, struct op *op, const struct row *row,
    const struct slot *s, struct str name, size_t at)
{
	struct buf text = BUF_INIT, key = BUF_INIT, made = BUF_INIT;

	if (s->f->unique && value_text(s->f, s->v, 0, &text) &&
	    op_unique_key(op, row->kind, s->f, buf_str(&text), &made)) {
		key = table_key('u', buf_str(&made), STR_NONE);
		note(b, &key, at);
	} else if (b->soft && s->f->no == LABEL_PHONE) {
		key = table_key('p', s->v, name);
		note(b, &key, at);
	}
	buf_release(&text);
	buf_release(&made);
	buf_release(&key);
}

void
meet_note(struct batch *b, struct op *op, size_t at)
{
	const struct row *row = b->fold.v.v[at].row;
	struct str name = STR_NONE;
	struct buf key;

	if (!b->fold.many)
		return;
	if (b->soft)
		name = row_text(row, "name");
	if (name.n) {
		name = utf8_fold(name, &b->arena);
		key = table_key('n', name, STR_NONE);
		note(b, &key, at);
		buf_release(&key);
	}
	for (size_t i = 0; i < row->n; i++)
		if (row->v[i].f && row->v[i].v.n)
			note_slot(b, op, row, &row->v[i], name, at);
}

/* ---- a unique value ---- */

static int
stored_owner(struct batch *b, struct op *op, const struct kind *kind,
    const struct field *f, struct str value, size_t *at, struct err *err)
{
	struct id id;
	int rc = op_unique(op, kind, f, value, &id, err);

	if (rc > 0)
		*at = fold_stored(b, &id);
	return rc;
}

int
meet_owner(struct batch *b, struct op *op, const struct kind *kind,
    const struct field *f, struct str value, size_t *at, size_t *freed,
    struct err *err)
{
	struct buf made = BUF_INIT, key = BUF_INIT;
	struct pick p = { .plain = MEET_NOWHERE };
	struct sought s = { .f = f };
	int rc = 0;

	*freed = MEET_NOWHERE;
	if (!b->fold.many || !op_unique_key(op, kind, f, value, &made)) {
		rc = stored_owner(b, op, kind, f, value, at, err);
		goto out;
	}
	s.key = buf_str(&made);
	key = table_key('u', s.key, STR_NONE);
	if (pick_held(b, op, kind, &key, &s, 1, &p, err) < 0) {
		rc = -1;
		goto out;
	}
	if (p.n) {
		*at = p.first;
		rc = 1;
		goto out;
	}
	rc = stored_owner(b, op, kind, f, value, at, err);
	if (rc <= 0)
		goto out;
	rc = held_has(b, op, kind, *at, &s, err);
	if (rc == 0)
		*freed = *at;
out:
	buf_release(&made);
	buf_release(&key);
	return rc;
}

/* ---- a value that several may have ---- */

/* Stored records that a soft key means: how many, and the one that is met. */
static int
judge_same(struct batch *b, struct op *op, const struct sought *s,
    const struct id *ids, int n, struct name_entry *e, struct err *err)
{
	bool plain = false;
	size_t same = 0;
	int rc = 0;

	for (int i = 0; i < n && rc >= 0; i++) {
		struct arena_mark mark = arena_mark(&b->arena);
		struct row row;

		rc = op_get(op, &ids[i], &b->arena, &row, err);
		if (rc > 0 && row_has_name(b, &row, s->name) &&
		    (!s->value.n || row_has_text(&row, s->f, s->value))) {
			bool is = !plain && is_plain(&row);

			if (same++ == 0 || is)
				e->id = ids[i];
			plain = plain || is;
		}
		arena_rewind(&b->arena, mark);
	}
	if (same > 1 && !plain)
		e->id = (struct id){ { 0 } };
	e->count = same + 1;
	return rc < 0 ? -1 : 0;
}

static int
find_same(struct batch *b, struct op *op, const struct kind *kind,
    const struct sought *s, struct name_entry *e, struct err *err)
{
	const struct field *name = kind_field(kind, STR("name"));
	struct arena_mark mark = arena_mark(&b->arena);
	struct id *ids = arena_array(&b->arena, SAME_MAX, sizeof(*ids));
	int max = s->name.n ? SHARED_MAX : SAME_MAX, n = max;

	if (s->value.n)
		n = db_whole(op_reading(op), kind, s->f, s->value, ids,
		    (size_t)max, err);
	if (n == max && s->name.n)
		n = db_whole(
		    op_reading(op), kind, name, s->name, ids, SAME_MAX, err);
	if (n >= 0)
		n = judge_same(b, op, s, ids, n, e, err);
	arena_rewind(&b->arena, mark);
	return n;
}

static struct sought
sought_of(struct batch *b, const struct batch_item *item, const struct field *f)
{
	struct sought s = { .f = f, .name = meet_name(b, item) };

	if (f->no == LABEL_PHONE)
		s.value = meet_value(item, "phone");
	return s;
}

static struct buf
soft_key(const struct sought *s)
{
	return s->value.n ? table_key('p', s->value, s->name)
			  : table_key('n', s->name, STR_NONE);
}

int
meet_stored(struct batch *b, struct op *op, const struct batch_item *item,
    const struct field *f, struct id *id, size_t *n, struct err *err)
{
	struct sought s = sought_of(b, item, f);
	struct buf key = soft_key(&s);
	struct name_entry *e;
	bool fresh;
	int rc = 0;

	/* The same question comes in the group and in the line. */
	buf_addc(&key, (char)item->kind->no);
	e = names_at(&b->same, buf_str(&key), &fresh);
	if (fresh) {
		e->id = (struct id){ { 0 } };
		rc = find_same(b, op, item->kind, &s, e, err);
	}
	*id = e->id;
	*n = rc < 0 ? 0 : e->count - 1;
	buf_release(&key);
	return rc;
}

static int
refuse_many(const struct batch_item *item, size_t n, struct err *err)
{
	return err_set(err, STATUS_DATA,
	    "name: '%.*s' is that of %zu %s records; give one a key",
	    STR_ARG(meet_value(item, "name")), n, item->kind->name);
}

/* Those in the store: the one that may be met is read, of others it is enough
 * that they are there. */
static int
pick_stored(struct batch *b, struct op *op, const struct batch_item *item,
    const struct sought *s, struct pick *p, struct err *err)
{
	static const struct id none;
	struct id id;
	size_t n, at;
	int rc;

	if (meet_stored(b, op, item, s->f, &id, &n, err) < 0)
		return -1;
	if (n > 0 && id_cmp(&id, &none) != 0) {
		at = fold_stored(b, &id);
		rc = held_has(b, op, item->kind, at, s, err);
		if (rc < 0)
			return -1;
		if (rc > 0)
			pick_add(b, p, at);
	}
	if (n > 1 && p->n < n)
		p->n = n;
	return 0;
}

int
meet_same(struct batch *b, struct op *op, const struct batch_item *item,
    const struct field *f, size_t *at, struct err *err)
{
	struct sought s = sought_of(b, item, f);
	struct pick p = { .first = MEET_NOWHERE, .plain = MEET_NOWHERE };
	struct buf key;
	bool alone;
	int rc = 0;

	key = soft_key(&s);
	if (b->fold.many)
		rc = pick_held(b, op, item->kind, &key, &s, HELD_MAX, &p, err);
	buf_release(&key);
	if (rc < 0 || pick_stored(b, op, item, &s, &p, err) < 0)
		return -1;
	if (p.n > 1 && item->how->absent)
		return refuse_many(item, p.n, err);
	if (p.n == 0)
		return 0;
	/* A name alone is no proof that two people are one, nor that two
	 * companies are that have keys of their own. */
	alone = f->no == LABEL_NAME && !item->how->absent &&
		(item->kind->no == KIND_CONTACT || meet_has_unique(item));
	*at = p.n == 1 && !alone ? p.first : p.plain;
	return *at != MEET_NOWHERE;
}
