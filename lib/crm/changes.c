/* SPDX-License-Identifier: MIT */
#include "crm/changes.h"

#include "base/ids.h"
#include "base/num.h"
#include "crm/undo_int.h"
#include "record/labels.h"

static struct str
slot_label(const struct db *db, const struct slot *s)
{
	if (s->f && !s->f->family)
		return str_of(s->f->name);
	return db_label(db, s->no);
}

/* What is kept in a record and shown nowhere: labels.h. */
static bool
is_internal(const struct db *db, const struct slot *s)
{
	return !s->f && str_starts(db_label(db, s->no), STR("."));
}

static struct str
slot_text(const struct row *row, const struct slot *s, struct arena *a)
{
	struct buf b = BUF_INIT;
	struct str out;

	if (!s->f)
		return STR_NONE;
	value_text(s->f, s->v, row_places(row), &b);
	out = arena_str(a, buf_str(&b));
	buf_release(&b);
	return out;
}

static bool
is_hidden(const struct change_meta *m, const struct id *id)
{
	return m->hidden && m->hidden(m->arg, id);
}

static bool
hidden_ref(const struct change_meta *m, const struct slot *s)
{
	struct id id;

	if (!s->f || s->f->type != TYPE_REF || s->v.n != ID_BYTES)
		return false;
	memcpy(id.b, s->v.p, ID_BYTES);
	return is_hidden(m, &id);
}

static void
add_head(const struct row *row, const struct change_meta *m, struct arena *a,
    struct rec *out)
{
	char *text = arena_alloc(a, ID_TEXT + 24);
	bool id = !is_hidden(m, &row->id);

	if (id) {
		id_format(&row->id, text);
		rec_add(out, a, STR("id"), str_n(text, ID_TEXT));
	}
	rec_add(out, a, STR("kind"), str_of(row->kind->name));
	if (id && row->rev) {
		char *rev = text + ID_TEXT;

		rec_add(out, a, STR("rev"),
		    str_n(rev, num_format((int64_t)row->rev, rev)));
	}
}

void
change_record(const struct db *db, const struct row *row,
    const struct change_meta *m, struct arena *a, struct rec *out)
{
	*out = (struct rec)REC_INIT;
	add_head(row, m, a, out);
	for (size_t i = 0; i < row->n; i++) {
		struct str label = slot_label(db, &row->v[i]);
		struct str text = slot_text(row, &row->v[i], a);

		if (label.n && text.n && !hidden_ref(m, &row->v[i]))
			rec_add(out, a, label, text);
	}
}

static void
add_meta(const struct change_meta *m, struct arena *a, struct rec *out)
{
	const struct {
		struct str label, value;
	} rows[] = {
		{ STR("_op"), m->op },
		{ STR("_seq"), m->seq },
		{ STR("_at"), m->at },
		{ STR("_by"), m->by },
		{ STR("_prog"), m->prog },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].value.n)
			rec_add(out, a, rows[i].label, rows[i].value);
}

/* Where the word does not tell whether a record came or went, the id does. */
static void
add_do(const struct change_meta *m, struct str what, struct arena *a,
    struct rec *out)
{
	struct str id = rec_get(out, STR("id"));
	bool came = str_eqz(what, "add");

	rec_add(out, a, STR("_do"), m->what.n ? m->what : what);
	if (!m->what.n || !id.n || (!came && !str_eqz(what, "rm")))
		return;
	rec_add(out, a, STR("_field"), STR("id"));
	rec_add(out, a, came ? STR("_new") : STR("_old"), id);
}

struct lines_to {
	const struct db *db;
	const struct change_meta *meta;
	struct arena *a;
	int (*fn)(void *, const struct rec *, struct err *);
	void *arg;
};

static int
whole(
    const struct lines_to *t, const struct row *row, bool came, struct err *err)
{
	struct str into = row_get(row, LABEL_MERGED_INTO);
	struct rec line;
	struct id id;

	change_record(t->db, row, t->meta, t->a, &line);
	add_do(t->meta, came ? STR("add") : STR("rm"), t->a, &line);
	/* Of one that was merged the id is another one by now. */
	if (!came && into.n == ID_BYTES) {
		memcpy(id.b, into.p, ID_BYTES);
		rec_add(&line, t->a, STR("_new"), id_text(&id, t->a));
	}
	add_meta(t->meta, t->a, &line);
	return t->fn(t->arg, &line, err);
}

void
change_dress(const struct rec *bare, const struct change_meta *m,
    struct arena *a, struct rec *out)
{
	*out = (struct rec)REC_INIT;
	for (size_t i = 0; i < bare->n; i++)
		if (str_eqz(bare->v[i].label, "_do"))
			add_do(m, bare->v[i].value, a, out);
		else
			rec_add(out, a, bare->v[i].label, bare->v[i].value);
	add_meta(m, a, out);
}

void
change_schema(const struct change_meta *m, struct arena *a, struct rec *out)
{
	*out = (struct rec)REC_INIT;
	add_do(m, STR("schema"), a, out);
	rec_add(out, a, STR("_field"), STR("schema"));
	add_meta(m, a, out);
}

void
change_erased(const struct id *id, const struct change_meta *m, struct arena *a,
    struct rec *out)
{
	*out = (struct rec)REC_INIT;
	rec_add(out, a, STR("id"), id_text(id, a));
	rec_add(out, a, STR("_do"), STR("erase"));
	add_meta(m, a, out);
}

static void
add_name(const struct row *row, struct arena *a, struct rec *line)
{
	const struct field *display =
	    row->kind->display
		? kind_field(row->kind, str_of(row->kind->display))
		: NULL;

	for (size_t i = 0; display && i < row->n; i++) {
		if (row->v[i].f != display || !row->v[i].v.n)
			continue;
		rec_add(line, a, STR("name"), slot_text(row, &row->v[i], a));
		break;
	}
}

void
change_score(const struct id *id, const struct row *row,
    const struct history_score *s, const struct change_meta *m, struct arena *a,
    struct rec *out)
{
	*out = (struct rec)REC_INIT;
	rec_add(out, a, STR("id"), id_text(id, a));
	if (row) {
		rec_add(out, a, STR("kind"), str_of(row->kind->name));
		add_name(row, a, out);
	}
	add_do(m, STR("edit"), a, out);
	rec_add(out, a, STR("_field"), s->label);
	if (s->old.n)
		rec_add(out, a, STR("_old"), s->old);
	if (s->new.n)
		rec_add(out, a, STR("_new"), s->new);
	add_meta(m, a, out);
}

static int
field_line(const struct lines_to *t, const struct row *row, struct str label,
    struct str old, struct str now, struct err *err)
{
	struct rec line = REC_INIT;

	add_head(row, t->meta, t->a, &line);
	add_name(row, t->a, &line);
	add_do(t->meta, STR("edit"), t->a, &line);
	rec_add(&line, t->a, STR("_field"), label);
	if (old.n)
		rec_add(&line, t->a, STR("_old"), old);
	if (now.n)
		rec_add(&line, t->a, STR("_new"), now);
	add_meta(t->meta, t->a, &line);
	return t->fn(t->arg, &line, err);
}

static bool
holds(const struct row *row, const struct slot *s)
{
	size_t i = 0;
	struct str v;

	while (row_next(row, s->no, &i, &v))
		if (str_eq(v, s->v))
			return true;
	return false;
}

/* Whether both states have the value, and those of a list in one order: the
 * first of them counts. */
static bool
keeps(const struct row *before, const struct row *after, const struct slot *s)
{
	return holds(before, s) && holds(after, s) &&
	       !row_reordered(before, after, s->no);
}

/* The value of a field of one value that took the place of this one. */
static const struct slot *
other_value(const struct row *row, const struct slot *s)
{
	if (!s->f || s->f->multi)
		return NULL;
	for (size_t i = 0; i < row->n; i++)
		if (row->v[i].no == s->no && row->v[i].v.n)
			return &row->v[i];
	return NULL;
}

static struct str
new_text(const struct lines_to *t, const struct row *row, const struct slot *s)
{
	return s && !hidden_ref(t->meta, s) ? slot_text(row, s, t->a)
					    : STR_NONE;
}

static int
differences(const struct lines_to *t, const struct row *before,
    const struct row *after, struct err *err)
{
	for (size_t i = 0; i < before->n; i++) {
		const struct slot *s = &before->v[i];
		const struct slot *now;

		if (!s->v.n || is_internal(t->db, s) || keeps(before, after, s))
			continue;
		now = other_value(after, s);
		if (field_line(t, after, slot_label(t->db, s),
			slot_text(before, s, t->a), new_text(t, after, now),
			err) < 0)
			return -1;
	}
	for (size_t i = 0; i < after->n; i++) {
		const struct slot *s = &after->v[i];

		if (!s->v.n || is_internal(t->db, s) ||
		    keeps(before, after, s) || other_value(before, s))
			continue;
		if (field_line(t, after, slot_label(t->db, s), STR_NONE,
			new_text(t, after, s), err) < 0)
			return -1;
	}
	return 0;
}

int
change_lines(const struct db *db, const struct row *before,
    const struct row *after, const struct change_meta *meta, struct arena *a,
    int (*fn)(void *arg, const struct rec *, struct err *), void *arg,
    struct err *err)
{
	struct lines_to t = { db, meta, a, fn, arg };

	if (!before)
		return whole(&t, after, true, err);
	if (!after)
		return whole(&t, before, false, err);
	return differences(&t, before, after, err);
}
