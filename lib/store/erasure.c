/* SPDX-License-Identifier: MIT */
/* What goes with a person, what stays and loses the reference. */
#include "store/erasure.h"

#include <string.h>

#include "base/num.h"
#include "record/labels.h"
#include "store/check_int.h"
#include "store/meta.h"

void
erasure_begin(struct erasure *e, struct op *op)
{
	*e = (struct erasure){ .op = op };
	e->set = pending_new();
	e->kept_set = pending_new();
	arena_init(&e->arena);
}

void
erasure_release(struct erasure *e)
{
	pending_free(&e->set);
	pending_free(&e->kept_set);
	vec_release(&e->gone);
	vec_release(&e->kept);
	arena_release(&e->arena);
}

/* ---- sets of ids, each with the number of a person ---- */

static void
set_add(struct pending *set, const struct id *id, size_t person)
{
	struct id no = { { 0 } };

	num_put_be64(no.b, person);
	pending_set(set, id_str(id), &no);
}

static bool
set_has(const struct pending *set, struct str id, size_t *person)
{
	struct id no;

	if (id.n != ID_BYTES || pending_get(set, id, &no) != 1)
		return false;
	if (person != NULL)
		*person = (size_t)num_get_be64(no.b);
	return true;
}

/* ---- one record ---- */

/* The record that an entry of the log about a removal holds; false: it is
 * another entry, or it is erased. */
static int
deleted_view(struct op *op, struct str value, struct arena *a,
    struct rowview *view, struct err *err)
{
	struct log_entry entry;
	struct str record, texts;
	struct buf bytes = BUF_INIT;
	struct str key;
	int rc = 0;

	if (!log_entry_read(value, &entry) || entry.type != LOG_DELETE ||
	    !log_delete_read(&entry, &record, &texts))
		return 0;
	key = id_str(&entry.id);
	buf_adds(&bytes, record);
	crc_add((enum tree)entry.tree, key, &bytes);
	if (rowview_open(view, &op->db->schema, (enum tree)entry.tree, key,
		arena_str(a, buf_str(&bytes)), err) < 0)
		rc = -1;
	else
		rc = 1;
	buf_release(&bytes);
	return rc;
}

static int
last_row(struct op *op, const struct rowview *dead, struct arena *a,
    struct row *row, struct err *err)
{
	unsigned char key[LOG_KEY] = { 0 };
	struct str k = str_n(key, LOG_KEY);
	struct rowview view;
	struct str value;
	size_t blobs, n = 0, i;
	bool *blob;
	int rc;

	row->id = dead->id;
	row->kind = dead->kind;
	log_key(dead->lsn, (uint32_t)dead->seq, key);
	if (tree_take(op_driver(op), op->tx, T_LOG, k, &value, err) != 0)
		return -1;
	if (value.p == NULL)
		return 0; /* trimmed */
	rc = deleted_view(op, value, a, &view, err);
	if (rc <= 0)
		return rc;
	blob = arena_zero(a, view.n + 1U, sizeof(*blob));
	if (row_decode(&view, a, row, blob, &blobs, err) != 0)
		return -1;
	for (i = 0; i < row->n; i++)
		if (!blob[i])
			row->v[n++] = row->v[i];
	row->n = n;
	return 0;
}

/* The bytes of a record, dead ones too: 1, 0, -1. */
static int
view_of(
    struct op *op, const struct id *id, struct rowview *view, struct err *err)
{
	struct str value;
	enum tree tree;
	int rc = record_find(op->tx, op->db, id, &tree, &value, err);

	if (rc <= 0)
		return rc;
	return rowview_open(
		   view, &op->db->schema, tree, id_str(id), value, err) < 0
		   ? -1
		   : 1;
}

int
erasure_look(struct op *op, const struct id *id, struct arena *a,
    struct row *row, enum erasure_state *state, struct err *err)
{
	struct rowview view;
	int rc = view_of(op, id, &view, err);

	*row = (struct row){ 0 };
	*state = ERASURE_NONE;
	if (rc <= 0)
		return rc;
	if ((view.flags & ROW_DELETED) == 0) {
		*state = ERASURE_LIVE;
		return op_get(op, id, a, row, err) < 0 ? -1 : 0;
	}
	row->kind = view.kind;
	*state = (view.flags & ROW_ERASED) != 0 ? ERASURE_DONE : ERASURE_DEAD;
	return *state == ERASURE_DEAD ? last_row(op, &view, a, row, err) : 0;
}

int
erasure_add(
    struct erasure *e, const struct id *id, size_t person, struct err *err)
{
	struct erasure_gone g = { .id = *id, .person = person };
	struct rowview view;
	int rc;

	if (person >= e->persons)
		e->persons = person + 1;
	if (set_has(e->set, id_str(id), NULL))
		return 1;
	rc = view_of(e->op, id, &view, err);
	if (rc <= 0 || (view.flags & ROW_ERASED) != 0)
		return rc < 0 ? -1 : 0;
	g.kind = view.kind;
	g.dead = (view.flags & ROW_DELETED) != 0;
	set_add(e->set, id, person);
	vec_push(&e->gone, g);
	return 1;
}

static void
keep(struct erasure *e, const struct id *id, const struct kind *kind,
    size_t person, bool clear)
{
	struct erasure_kept k = {
		.id = *id, .kind = kind, .person = person, .clear = clear
	};
	size_t at;

	if (set_has(e->kept_set, id_str(id), &at)) {
		e->kept.v[at].clear = e->kept.v[at].clear || clear;
		return;
	}
	set_add(e->kept_set, id, e->kept.n);
	vec_push(&e->kept, k);
}

int
erasure_clear(
    struct erasure *e, const struct id *id, size_t person, struct err *err)
{
	struct rowview view;
	int rc = view_of(e->op, id, &view, err);

	if (rc == 1 && (view.flags & ROW_DELETED) == 0)
		keep(e, id, view.kind, person, true);
	return rc < 0 ? -1 : 0;
}

/* ---- what refers to them ---- */

/* Records that are about persons, and about nobody when these are gone. */
static bool
is_of_persons(const struct kind *k)
{
	return k->builtin && (strcmp(k->name, "activity") == 0 ||
				 strcmp(k->name, "task") == 0 ||
				 strcmp(k->name, "case") == 0);
}

static bool
names_another(const struct erasure *e, const struct row *row)
{
	struct str id;
	size_t i = 0;

	while (row_next_ref(row, "contact", &i, &id))
		if (!set_has(e->set, id, NULL))
			return true;
	return false;
}

/* Whether nothing would be left of a field that has to be there. */
static bool
needs_them(
    const struct erasure *e, const struct row *row, const struct field *f)
{
	struct str v;
	size_t i = 0;

	if (!f->required)
		return false;
	while (row_next(row, f->no, &i, &v))
		if (!set_has(e->set, v, NULL))
			return false;
	return true;
}

struct referring {
	struct erasure *e;
	size_t person;
};

static int
on_referrer(void *arg, const struct kind *kind, const struct field *f,
    const struct id *id, struct err *err)
{
	const struct referring *r = arg;
	struct erasure *e = r->e;
	struct arena a = ARENA_INIT;
	struct row row = { 0 };
	int rc;

	if (set_has(e->set, id_str(id), NULL))
		return 0;
	rc = op_get(e->op, id, &a, &row, err);
	if (rc == 1 && ((is_of_persons(kind) && !names_another(e, &row)) ||
			   needs_them(e, &row, f)))
		rc = erasure_add(e, id, r->person, err);
	else if (rc == 1)
		keep(e, id, kind, r->person, false);
	arena_release(&a);
	return rc < 0 ? -1 : 0;
}

/* ---- what once referred to them ---- */

struct mention {
	struct id id;
	size_t person;
};
struct mentions {
	struct erasure *e;
	struct arena arena;
	VEC(struct mention) v;
};

/* Whether an entry of the log holds the id of one that goes. */
static int
mentioned(struct mentions *m, struct str value, const struct log_entry *entry,
    size_t *person, struct err *err)
{
	const struct pending *set = m->e->set;
	struct rowview_pos at = { 0 };
	struct rowview view;
	struct log_field f;
	struct str v;
	unsigned no;
	size_t pos = 0;
	bool blob;
	int rc;

	if (entry->type == LOG_EDIT) {
		while ((rc = log_field_next(entry, &pos, &f)) == 1)
			if (set_has(set, f.old, person) ||
			    set_has(set, f.new, person))
				return 1;
		return rc;
	}
	rc = deleted_view(m->e->op, value, &m->arena, &view, err);
	while (rc == 1 && rowview_each(&view, &at, &no, &v, &blob))
		if (!blob && set_has(set, v, person))
			return 1;
	return rc < 0 ? -1 : 0;
}

static int
scan_row(struct mentions *m, const struct kv *kv, struct err *err)
{
	struct log_entry entry;
	struct mention found;
	struct str value;
	int rc;

	if (kv->k.n != LOG_KEY ||
	    num_get_be32((const unsigned char *)kv->k.p + 8) == 0)
		return 0;
	if (!crc_take(T_LOG, kv->k, kv->v, &value) ||
	    !log_entry_read(value, &entry))
		return crc_error(T_LOG, kv->k, err);
	if ((entry.type != LOG_EDIT && entry.type != LOG_DELETE) ||
	    set_has(m->e->set, id_str(&entry.id), NULL))
		return 0;
	arena_clear(&m->arena);
	rc = mentioned(m, value, &entry, &found.person, err);
	if (rc < 0)
		return err->status != 0 ? -1 : crc_error(T_LOG, kv->k, err);
	if (rc == 1) {
		found.id = entry.id;
		vec_push(&m->v, found);
	}
	return 0;
}

/* A record of a customer's history, not a customer. */
static bool
is_event(const struct kind *k)
{
	return k->timeline != NULL;
}

/* Whether it is what became part of one that goes. */
static bool
merged_into(const struct erasure *e, const struct rowview *view)
{
	struct rowview_pos pos = { 0 };
	struct str into;

	return (view->flags & ROW_DELETED) != 0 &&
	       rowview_next(view, LABEL_MERGED_INTO, &pos, &into, NULL) &&
	       set_has(e->set, into, NULL);
}

/* What is removed goes altogether: nobody sees it but through the log. */
static int
take_mention(struct erasure *e, const struct mention *m, struct err *err)
{
	struct rowview view;
	int rc = view_of(e->op, &m->id, &view, err);

	if (rc <= 0 || (!is_event(view.kind) && !merged_into(e, &view)))
		return rc < 0 ? -1 : 0;
	if ((view.flags & ROW_DELETED) != 0)
		return erasure_add(e, &m->id, m->person, err) < 0 ? -1 : 0;
	keep(e, &m->id, view.kind, m->person, false);
	return 0;
}

static int
scan_log(struct erasure *e, struct err *err)
{
	struct mentions m = { .e = e };
	struct walk w;
	struct kv kv;
	size_t i;
	int rc;

	if (walk_begin(&w, e->op->db, e->op->tx, T_LOG, err) != 0)
		return -1;
	while ((rc = walk_next(&w, &kv, err)) == 1)
		if (scan_row(&m, &kv, err) != 0)
			break;
	walk_end(&w);
	for (i = 0; rc == 0 && i < m.v.n; i++)
		rc = take_mention(e, &m.v.v[i], err);
	arena_release(&m.arena);
	vec_release(&m.v);
	return rc == 0 ? 0 : -1;
}

/* Those that go bring others, those that were removed too, until no more
 * come. */
int
erasure_find(struct erasure *e, struct err *err)
{
	struct referring r = { e, 0 };
	struct id id;
	size_t done = 0;

	while (done < e->gone.n) {
		for (; done < e->gone.n; done++) {
			if (e->gone.v[done].dead)
				continue;
			id = e->gone.v[done].id;
			r.person = e->gone.v[done].person;
			if (db_referrers(op_reading(e->op), &id, true,
				on_referrer, &r, err) < 0)
				return -1;
		}
		if (scan_log(e, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- doing it ---- */

/* Fields in which anything may be written. */
static bool
is_text(const struct field *f)
{
	if (f == NULL || f->family)
		return true;
	switch (f->type) {
	case TYPE_TEXT:
	case TYPE_TAG:
	case TYPE_EMAIL:
	case TYPE_PHONE:
	case TYPE_URL:
		return true;
	default:
		return false;
	}
}

static bool
holds_text(const void *arg, const struct log_entry *entry)
{
	const struct kind *kind = arg;
	struct log_field f;
	size_t pos = 0;

	if (entry->type != LOG_EDIT)
		return entry->type == LOG_DELETE;
	while (log_field_next(entry, &pos, &f) == 1)
		if (is_text(kind_field_no(kind, f.label)))
			return true;
	return false;
}

static void
list_text(struct erasure *e, struct erasure_kept *k, const struct slot *s)
{
	struct str name = s->f != NULL && !s->f->family
			      ? str_of(s->f->name)
			      : db_label(e->op->db, s->no);
	const char **more;
	size_t i;

	for (i = 0; i < k->ntexts; i++)
		if (str_eqz(name, k->texts[i]))
			return;
	more = arena_array(&e->arena, k->ntexts + 1, sizeof(*more));
	if (k->ntexts > 0)
		memcpy(more, k->texts, k->ntexts * sizeof(*more));
	more[k->ntexts++] = arena_str(&e->arena, name).p;
	k->texts = more;
}

/* The row without references to what goes, and without texts where they are
 * cleared; a text that has to be there says why it is not. */
static void
strip_row(
    struct erasure *e, struct erasure_kept *k, struct row *row, struct arena *a)
{
	static const struct str erased = STR_INIT("erased");
	struct slot *v = arena_array(a, row->n + 1, sizeof(*v));
	const struct slot *s;
	size_t n = 0, i;
	bool text;

	for (i = 0; i < row->n; i++) {
		s = &row->v[i];
		if (s->v.n == 0 || (s->f != NULL && s->f->type == TYPE_REF &&
				       set_has(e->set, s->v, NULL)))
			continue;
		text = is_event(k->kind) && is_text(s->f);
		if (text)
			list_text(e, k, s);
		if (text && k->clear && (s->f == NULL || !s->f->required))
			continue;
		v[n] = *s;
		if (text && k->clear && s->f->type == TYPE_TEXT &&
		    !s->f->unique)
			v[n].v = erased;
		n++;
	}
	row->v = v;
	row->n = row->cap = n;
}

static int
strip(struct erasure *e, struct erasure_kept *k,
    int (*fn)(void *, const struct row *, const struct row *, struct err *),
    void *arg, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct row before = { 0 }, after;
	bool changed = false;
	int rc = op_get(e->op, &k->id, &a, &before, err);

	if (rc <= 0)
		goto out;
	after = before;
	strip_row(e, k, &after, &a);
	rc = op_put(e->op, &after, &changed, err);
	if (rc == 0 && changed && fn != NULL)
		rc = fn(arg, &before, &after, err);
	/* Removing a text wrote it to the log once more. */
	if (rc == 0 && k->clear && is_event(k->kind))
		rc = op_cleanse(e->op, &after, holds_text, k->kind, err);
out:
	arena_release(&a);
	return rc < 0 ? -1 : 0;
}

int
erasure_run(struct erasure *e, bool texts,
    int (*fn)(void *arg, const struct row *before, const struct row *after,
	struct err *),
    void *arg, struct err *err)
{
	struct erasure_kept *k;
	size_t n = 0, i;

	for (i = 0; i < e->kept.n; i++) {
		k = &e->kept.v[i];
		if (set_has(e->set, id_str(&k->id), NULL))
			continue; /* it goes after all */
		k->clear = k->clear || texts;
		if (strip(e, k, fn, arg, err) != 0)
			return -1;
		e->kept.v[n++] = *k;
	}
	e->kept.n = n;
	for (i = 0; i < e->gone.n; i++)
		if (op_erase(e->op, &e->gone.v[i].id, err) != 0)
			return -1;
	return 0;
}
