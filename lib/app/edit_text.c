/* SPDX-License-Identifier: MIT */
/* Records as a text in the editor: out, back, and again where it is refused
 * (CLI.md section 7). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/edit.h"
#include "app/editor.h"
#include "crm/form.h"
#include "crm/line.h"
#include "format/format.h"
#include "record/labels.h"

/* A record as it was given out. */
struct origin {
	struct rec was;
	bool seen; /* in the text that came back */
};

struct text {
	struct edit *e;
	struct editor editor;
	struct buf shown, text; /* as given out last, as it came back */
	const char *kind;       /* of all of them, or NULL */
	struct arena arena, scratch;
	VEC(struct origin) origins;
	VEC(struct form_mark) marks;
	int status; /* of what was refused last; 0: nothing yet */
};

/* ---- reading the text ---- */

struct feed {
	struct str rest;
};

static long
feed(void *arg, char *p, size_t n, struct err *err)
{
	struct feed *f = arg;

	(void)err;
	if (n > f->rest.n)
		n = f->rest.n;
	if (n)
		memcpy(p, f->rest.p, n);
	f->rest = str_sub(f->rest, n, f->rest.n);
	return (long)n;
}

typedef int document_fn(void *arg, struct text *, const struct rec *,
    enum read_state, struct err *why, struct err *);

static int
each_document(struct text *t, struct str text, document_fn *fn, void *arg,
    struct err *err)
{
	struct feed from = { text };
	struct reader_opts opts = { .format = "yaml",
		.edit = true,
		.strict = in_opts.strict,
		.schema = session_schema(t->e->ses) };
	struct reader *reader = NULL;
	enum read_state st = READ_END;
	int rc;

	rc = reader_open(&reader, &opts, feed, &from, err);
	while (rc == 0) {
		struct err why = ERR_INIT;
		struct rec rec = REC_INIT;

		arena_clear(&t->scratch);
		st = reader_next(reader, &t->scratch, &rec, &why);
		if (st == READ_END)
			break;
		rc = fn(arg, t, &rec, st, &why, err);
		if (st == READ_ERR)
			break;
	}
	reader_close(&reader);
	return rc;
}

/* ---- giving it out ---- */

static int
put_target(struct text *t, const struct target *target, struct err *err)
{
	struct line_opts opts = { .flags = 0 };
	struct str *extra;
	struct rec line = REC_INIT;
	struct dbrec *rec;
	int rc = dbrec_get(t->e->rd, &target->id, 0, &rec, err);

	if (rc <= 0)
		return rc;
	if (target->kind->ledger)
		return err_set(err, STATUS_NOPERM,
		    "a %s entry is never changed; add another",
		    err_text(target->kind->name));
	if (target->kind->no == KIND_MESSAGE)
		return err_set(err, STATUS_NOPERM,
		    "a message is never changed but by crm-mail and crm-log");
	arena_clear(&t->scratch);
	opts.nextra = form_extras(target->kind, &t->scratch, &extra);
	opts.extra = extra;
	if (line_make(t->e->rd, rec, &opts, &t->scratch, &line, err) < 0)
		return -1;
	if (target != t->e->targets.v)
		buf_addz(&t->shown, "---\n");
	return form_put(
	    &t->shown, target->kind, &line, t->e->targets.n == 1, err);
}

static int
keep_origin(void *arg, struct text *t, const struct rec *rec,
    enum read_state st, struct err *why, struct err *err)
{
	struct origin o = { .seen = false };

	(void)arg;
	if (st != READ_REC) {
		*err = *why;
		return -1;
	}
	rec_copy(&o.was, rec, &t->arena);
	vec_push(&t->origins, o);
	return 0;
}

static int
make_text(struct text *t, struct err *err)
{
	struct edit *e = t->e;
	const struct kind *kind = edit_one_kind(e);
	int rc = 0;

	form_comment(&t->shown, "#",
	    str_of(
		e->targets.n == 1
		    ? _("Change what you like, save, and leave the editor. A "
			"field that is\ntaken out is removed. A text that is "
			"unchanged or empty changes nothing.")
		    : _("Change what you like, save, and leave the editor. A "
			"field that is\ntaken out is removed; a record that is "
			"taken out stays as it is. A text\nthat is unchanged "
			"or empty changes nothing.")));
	if (kind)
		t->kind = arena_str(&t->arena, str_of(kind->name)).p;
	rc = db_read_again(e->ses->db, &e->rd, err);
	for (size_t i = 0; rc == 0 && i < e->targets.n; i++)
		rc = put_target(t, &e->targets.v[i], err);
	reading_close(&e->rd);
	if (rc == 0)
		rc = each_document(
		    t, buf_str(&t->shown), keep_origin, NULL, err);
	return rc;
}

/* ---- taking it back ---- */

static bool
mark(struct storing *s, const struct rec *rec, size_t at, struct err *why)
{
	struct text *t = s->arg;
	struct form_mark m;

	(void)at;
	m.line = form_line(buf_str(&t->text), rec->line, str_of(why->msg));
	m.msg = arena_dup(&t->arena, why->msg);
	vec_push(&t->marks, m);
	return true;
}

static struct origin *
origin_of(struct text *t, const struct rec *rec, struct err *why)
{
	struct str id = rec_get(rec, STR("id"));

	for (size_t i = 0; i < t->origins.n; i++) {
		struct origin *o = &t->origins.v[i];

		if (!str_ieq(rec_get(&o->was, STR("id")), id))
			continue;
		if (o->seen)
			err_set(why, STATUS_DATA,
			    "id: this record stands here twice");
		o->seen = true;
		return why->status ? NULL : o;
	}
	if (id.n)
		err_set(why, STATUS_DATA,
		    "id: got '%.*s', wanted that of a record of this text",
		    STR_ARG(id));
	else
		err_set(why, STATUS_DATA,
		    "id: wanted that of a record of this text");
	return NULL;
}

/* What the person changed, as an edit line; where that is nothing the record
 * is met all the same, and printed. */
static void
edit_line(struct text *t, const struct origin *o, const struct rec *rec,
    struct rec *line)
{
	static const char *const labels[] = { "id", "kind", "rev" };
	struct rec diff = REC_INIT;

	form_diff(&o->was, rec, &t->scratch, &diff);
	line->line = rec->line;
	for (size_t i = 0; i < (diff.n ? 3u : 2u); i++) {
		struct str label = str_of(labels[i]), v = rec_get(rec, label);

		rec_add(line, &t->scratch, label,
		    v.n ? v : rec_get(&o->was, label));
	}
	for (size_t i = 0; i < diff.n; i++)
		rec_add_op(line, &t->scratch, diff.v[i].label, diff.v[i].value,
		    diff.v[i].op);
}

static int
take_document(void *arg, struct text *t, const struct rec *rec,
    enum read_state st, struct err *why, struct err *err)
{
	struct storing *s = arg;
	struct rec line = REC_INIT;
	const struct origin *o;

	s->taken++;
	if (st == READ_REC) {
		o = origin_of(t, rec, why);
		if (o) {
			edit_line(t, o, rec, &line);
			if (batch_line(s->batch, &line, NULL, why) == 0)
				return 0;
		}
	}
	return storing_refuse(s, rec, SIZE_MAX, why, err);
}

static int
by_line(const void *a, const void *b)
{
	const struct form_mark *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

/* One attempt at storing what came back. */
static int
store_text(struct text *t, struct err *err)
{
	struct storing s = { .ses = t->e->ses,
		.arg = t,
		.place = mark,
		.one_kind = t->kind != NULL,
		.reject_fd = -1 };
	int rc = -1;

	vec_clear(&t->marks);
	for (size_t i = 0; i < t->origins.n; i++)
		t->origins.v[i].seen = false;
	s.opts.mode = BATCH_EDIT;
	s.opts.kind = t->kind;
	s.opts.where = t->editor.path.p;
	if (storing_open(&s, err) == 0 &&
	    each_document(t, buf_str(&t->text), take_document, &s, err) == 0)
		rc = storing_end(&s, err);
	storing_close(&s);
	if (t->marks.n)
		qsort(t->marks.v, t->marks.n, sizeof(*t->marks.v), by_line);
	return rc;
}

/* ---- the end of it ---- */

static int
keep_text(struct text *t, const char *what, int status, struct err *err)
{
	struct buf shown = BUF_INIT;

	for (size_t i = 0; i < t->marks.n; i++) {
		struct err why = ERR_INIT;

		err_set(&why, status, "%s:%zu: %s", t->editor.path.p,
		    t->marks.v[i].line, t->marks.v[i].msg);
		msg_refused(&why);
	}
	msg_refused_end();
	msg_path(t->editor.path.p, &shown);
	err_clear(err);
	err_set(err, status, _("%s; the text is kept in %s"), what, shown.p);
	err_add(err,
	    status == STATUS_BUSY
		? _("\nTo overwrite: crm-edit --force --replace -i yaml - <%s")
		: _("\nMend it, then: crm-edit --replace -i yaml - <%s"),
	    shown.p);
	buf_release(&shown);
	return -1;
}

/* The text of a person who gives up: 1 where that is so, with *rc. */
static bool
gives_up(struct text *t, int *rc, struct err *err)
{
	if (form_is_void(buf_str(&t->text))) {
		msg_note("%s", _("the text is empty; nothing stored"));
		*rc = 0;
		return true;
	}
	if (!str_eq(buf_str(&t->text), buf_str(&t->shown)))
		return false;
	*rc = 0;
	if (t->status) {
		vec_clear(&t->marks);
		*rc =
		    keep_text(t, _("given up: nothing stored"), t->status, err);
	} else {
		msg_note("%s", _("unchanged; nothing stored"));
	}
	return true;
}

/* The store is closed while the editor runs: 0 with the text, -1. */
static int
run_editor(struct text *t, struct err *err)
{
	struct buf path = BUF_INIT;
	int rc;

	session_close(&t->e->ses);
	buf_clear(&t->text);
	buf_adds(&t->text, buf_str(&t->shown));
	rc = editor_run(&t->editor, &t->text, err);
	if (rc < 0)
		err_add(err, _("\nThe text is kept in %s."),
		    msg_path(t->editor.path.p, &path));
	buf_release(&path);
	return rc;
}

/* 1: it goes back to the editor; 0 and -1: it is settled. */
static int
one_round(struct text *t, int *rc, struct err *err)
{
	struct buf path = BUF_INIT;

	*rc = run_editor(t, err);
	if (*rc < 0 || gives_up(t, rc, err))
		return *rc;
	*rc = session_open(&t->e->ses, SESSION_CHANGE, err);
	if (*rc == 0)
		*rc = store_text(t, err);
	if (*rc >= 0)
		return 0;
	t->status = err->status;
	if (!t->marks.n) {
		err_add(err, _("\nThe text is kept in %s."),
		    msg_path(t->editor.path.p, &path));
		buf_release(&path);
		return -1;
	}
	if (err->status == STATUS_BUSY || !editor_has_person())
		return keep_text(t, _("nothing stored"), err->status, err);
	err_clear(err);
	buf_clear(&t->shown);
	form_mark(&t->shown, buf_str(&t->text),
	    _("Refused, nothing is stored: each reason stands above its line.\n"
	      "Mend it; or leave the text as it is, or empty, to give up."),
	    t->marks.v, t->marks.n);
	return 1;
}

static void
text_release(struct text *t)
{
	buf_release(&t->shown);
	buf_release(&t->text);
	arena_release(&t->arena);
	arena_release(&t->scratch);
	vec_release(&t->origins);
	vec_release(&t->marks);
}

int
edit_text(struct edit *e, struct err *err)
{
	struct text t = { .e = e, .shown = BUF_INIT, .text = BUF_INIT };
	int rc = -1, again = -1;

	if (e->targets.n == 0)
		return 0;
	if (edit_judge_text(e, err) < 0 || make_text(&t, err) < 0)
		goto out;
	if (editor_open(&t.editor, "edit.yaml", err) < 0)
		goto close;
	do
		again = one_round(&t, &rc, err);
	while (again > 0);
	if (again < 0)
		rc = -1;
close:
	editor_close(&t.editor, rc < 0);
out:
	text_release(&t);
	return rc;
}
