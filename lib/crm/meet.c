/* SPDX-License-Identifier: MIT */
/*
 * Which record a line meets by its keys: among those that lines of its group
 * are held for, then in the store.
 */
#include "base/utf8.h"
#include "crm/batch.h"
#include "crm/handle.h"
#include "record/labels.h"

enum {
	SHARED_MAX = 64, /* who has one phone: above, look by the name */
	SAME_MAX = 4096, /* of one name */
	HELD_MAX = 64,
};
static const size_t NOWHERE = SIZE_MAX;

/* ---- what a line says ---- */

static bool
gives(const struct change *ch, const struct field *f)
{
	return ch->f == f && ch->value.n && ch->op != PAIR_DEL;
}

static struct str
value_of(const struct batch_item *item, const char *label)
{
	const struct field *f = kind_field(item->kind, str_of(label));

	for (size_t i = 0; f && i < item->c.n; i++)
		if (gives(&item->c.v[i], f))
			return item->c.v[i].value;
	return STR_NONE;
}

static bool
has_unique(const struct batch_item *item)
{
	for (size_t i = 0; i < item->c.n; i++)
		if (item->c.v[i].f->unique &&
		    gives(&item->c.v[i], item->c.v[i].f))
			return true;
	return false;
}

/* As fill.c makes the name of a contact. */
struct str
meet_name(struct batch *b, const struct batch_item *item)
{
	struct str name = value_of(item, "name");
	struct str given, family;

	if (!name.n && item->kind->no == KIND_CONTACT) {
		given = value_of(item, "given");
		family = value_of(item, "family");
		name = arena_printf(&b->arena, "%.*s%s%.*s", STR_ARG(given),
		    given.n && family.n ? " " : "", STR_ARG(family));
	}
	return name.n ? utf8_fold(name, &b->arena) : STR_NONE;
}

const struct field *
meet_soft(struct batch *b, const struct batch_item *item, const char *key)
{
	bool phone = strcmp(key, "phone") == 0;
	const struct field *f;

	if (!item->how || (!phone && strcmp(key, "name") != 0))
		return NULL;
	f = kind_field(item->kind, str_of(key));
	if (!f || f->role != ROLE_STORED || f->unique || has_unique(item) ||
	    !meet_name(b, item).n)
		return NULL;
	/* Who has a phone is told by it, or by nothing. */
	return phone == (value_of(item, "phone").n > 0) ? f : NULL;
}

/* ---- names of what is held ---- */

static void
name_held(struct batch *b, struct op *op, size_t at, struct buf *out)
{
	const struct batch_held *h = &b->fold.v.v[at];
	const struct kind *k;
	const struct field *f;
	struct buf text = BUF_INIT;

	if (h->counted != HELD_NEW) {
		handle_name(op_reading(op), &h->id, out);
		return;
	}
	k = h->row->kind;
	f = k->display ? kind_field(k, str_of(k->display)) : NULL;
	if (f && f->no && row_get(h->row, f->no).n)
		(void)value_text(f, row_get(h->row, f->no), 0, &text);
	buf_add_visible(out, str_sub(buf_str(&text), 0, 80));
	if (!text.n)
		buf_addz(out, err_text("a new record"));
	buf_release(&text);
}

static int
refuse_two(struct batch *b, struct op *op, const char *key, size_t one,
    size_t other, struct err *err)
{
	struct buf names = BUF_INIT;

	name_held(b, op, one, &names);
	buf_addz(&names, err_text(" and "));
	name_held(b, op, other, &names);
	err_set(err, STATUS_DATA, "%s: the values are of two records: %s", key,
	    names.p);
	err_add(err, "\n%s",
	    err_text("If they are one, join them with crm-merge."));
	buf_release(&names);
	return -1;
}

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

	return name.n && str_eq(utf8_fold(name, &b->arena), folded);
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
	if (p->plain == NOWHERE && is_plain(b->fold.v.v[at].row))
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
	} else if (name.n && s->f->no == LABEL_PHONE) {
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

/* The record that has the value: 1, 0, -1.  *freed: who has it in the store
 * only, since a line before took it away. */
static int
find_owner(struct batch *b, struct op *op, const struct kind *kind,
    const struct field *f, struct str value, size_t *at, size_t *freed,
    struct err *err)
{
	struct buf made = BUF_INIT, key = BUF_INIT;
	struct pick p = { .plain = NOWHERE };
	struct sought s = { .f = f };
	int rc = 0;

	*freed = NOWHERE;
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
	int n = SHARED_MAX;

	if (s->value.n)
		n = db_whole(
		    op_reading(op), kind, s->f, s->value, ids, SHARED_MAX, err);
	if (n == SHARED_MAX)
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
		s.value = value_of(item, "phone");
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
	    STR_ARG(value_of(item, "name")), n, item->kind->name);
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

/* 1, 0, -1. */
static int
find_soft(struct batch *b, struct op *op, const struct batch_item *item,
    const struct field *f, size_t *at, struct err *err)
{
	struct sought s = sought_of(b, item, f);
	struct pick p = { .first = NOWHERE, .plain = NOWHERE };
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
	/* A name alone is no proof that two people are one. */
	alone = f->no == LABEL_NAME && item->kind->no == KIND_CONTACT &&
		!item->how->absent;
	*at = p.n == 1 && !alone ? p.first : p.plain;
	return *at != NOWHERE;
}

/* ---- a line ---- */

struct meeting {
	struct batch *b;
	struct op *op;
	const struct batch_item *item;
	size_t at;
	struct buf keys; /* by which it was found */
};

static int
take(struct meeting *m, const char *key, size_t at, struct err *err)
{
	struct buf both = BUF_INIT;
	int rc = 0;

	if (m->at == NOWHERE) {
		m->at = at;
		buf_addz(&m->keys, key);
	} else if (m->at != at) {
		buf_adds(&both, buf_str(&m->keys));
		if (!str_eqz(buf_str(&m->keys), key))
			buf_addf(&both, ", %s", key);
		rc = refuse_two(m->b, m->op, both.p, m->at, at, err);
		buf_release(&both);
	}
	return rc;
}

static int
by_id(struct meeting *m, struct err *err)
{
	const struct batch_item *item = m->item;
	struct dbrec *rec;
	struct id id;
	int rc;

	if (!id_parse(item->c.id, &id))
		return 0;
	rc = dbrec_get(op_reading(m->op), &id, 4, &rec, err);
	if (rc <= 0)
		return rc;
	if (dbrec_kind(rec) != item->kind)
		return err_set(err, STATUS_DATA,
		    "kind: got %s, but this is a %s", item->kind->name,
		    dbrec_kind(rec)->name);
	return take(m, "id", fold_stored(m->b, &id), err);
}

/* The one record that has a value that the line gives to this field. */
static int
by_field(struct meeting *m, const struct field *f, struct err *err)
{
	const struct changes *c = &m->item->c;
	size_t at, freed;
	int rc = 0;

	for (size_t i = 0; i < c->n && rc == 0; i++) {
		if (!gives(&c->v[i], f))
			continue;
		rc = find_owner(m->b, m->op, m->item->kind, f, c->v[i].value,
		    &at, &freed, err);
		if (rc > 0)
			rc = take(m, f->name, at, err);
	}
	return rc;
}

static int
by_key(struct meeting *m, const char *name, struct err *err)
{
	const struct field *f = kind_field(m->item->kind, str_of(name));
	size_t at = NOWHERE;
	int rc;

	if (strcmp(name, "id") == 0)
		return by_id(m, err);
	if (f && f->role == ROLE_STORED && f->unique)
		return by_field(m, f, err);
	f = m->at == NOWHERE ? meet_soft(m->b, m->item, name) : NULL;
	if (!f)
		return 0;
	rc = find_soft(m->b, m->op, m->item, f, &at, err);
	return rc > 0 ? take(m, name, at, err) : rc;
}

int
meet_line(struct batch *b, struct op *op, const struct batch_item *item,
    size_t *at, struct err *err)
{
	struct meeting m = { b, op, item, NOWHERE, BUF_INIT };
	/* Who changes nothing is content with the first. */
	bool first = b->opts.if_absent || (item->how && item->how->absent);
	int rc = 0;

	for (size_t i = 0; i < item->nkeys && rc == 0; i++) {
		rc = by_key(&m, item->keys[i], err);
		if (first && m.at != NOWHERE)
			break;
	}
	*at = m.at;
	buf_release(&m.keys);
	return rc < 0 ? -1 : m.at != NOWHERE;
}

int
meet_check(struct batch *b, struct op *op, const struct batch_item *item,
    size_t at, struct err *err)
{
	struct buf text = BUF_INIT;
	size_t owner, freed;
	int rc = 0;

	for (size_t i = 0; b->fold.many && i < item->c.n && rc == 0; i++) {
		const struct change *ch = &item->c.v[i];

		if (!ch->f->unique || !gives(ch, ch->f))
			continue;
		rc = find_owner(
		    b, op, item->kind, ch->f, ch->value, &owner, &freed, err);
		/* Another takes it: the store is told first who left it. */
		if (rc == 0 && freed != NOWHERE && freed != at)
			rc = fold_write(b, op);
		if (rc <= 0 || owner == at) {
			rc = rc < 0 ? -1 : 0;
			continue;
		}
		name_held(b, op, owner, &text);
		rc = err_set(err, STATUS_DATA, "%s: %.*s is that of %s",
		    ch->f->name, STR_ARG(ch->value), text.p);
	}
	buf_release(&text);
	return rc;
}
