/* SPDX-License-Identifier: MIT */
/* Undoing and redoing, and what is said of it. */
#include "app/undo.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "app/changes.h"
#include "app/internal.h"
#include "app/lines.h"
#include "base/ids.h"
#include "base/mem.h"
#include "base/vec.h"
#include "crm/changes.h"
#include "crm/feed.h"
#include "crm/ops.h"
#include "crm/undo.h"
#include "format/cell.h"

struct undoing {
	struct session *ses;
	const struct undo_args *args;
	struct lines lines;
	struct writer *writer; /* of a rehearsal: lines->writer */
	struct buf changes;    /* of a rehearsal, until it has ended */
	struct reading *rd;
	bool table;
	struct arena arena;
	struct str user;
	size_t shown;
	struct buf notes; /* a line each, for the end */
	bool left_out;    /* something was, of any of the words */
};

/* ---- lines ---- */

static bool
enough(const struct undoing *u)
{
	return out_opts.limit >= 0 && u->shown >= (size_t)out_opts.limit;
}

static int
put_change(void *arg, const struct rec *rec, struct err *err)
{
	struct undoing *u = arg;

	if (com.quiet || enough(u))
		return 0;
	u->shown++;
	return writer_put(u->writer, rec, &u->changes, err);
}

static struct change_meta
meta_now(const struct undoing *u, bool redo, char at[DATETIME_TEXT])
{
	return (struct change_meta){
		.at = str_n(at, datetime_format(u->ses->clock.now, at)),
		.by = u->user,
		.prog = str_of(cmd_name()),
		.what = redo ? STR("redo") : STR("undo"),
	};
}

/* A rehearsal: in the transaction, so nothing is written yet. */
static int
on_changed(void *arg, bool redo, const struct row *before,
    const struct row *after, struct err *err)
{
	struct undoing *u = arg;
	struct arena a = ARENA_INIT;
	char at[DATETIME_TEXT];
	struct change_meta meta = meta_now(u, redo, at);
	struct rec line;
	int rc;

	if (!before && !after) {
		change_schema(&meta, &a, &line);
		rc = put_change(u, &line, err);
	} else {
		rc = change_lines(
		    u->ses->db, before, after, &meta, &a, put_change, u, err);
	}
	arena_release(&a);
	return rc;
}

static int
on_scored(void *arg, bool redo, const struct row *row,
    const struct history_score *s, struct err *err)
{
	struct undoing *u = arg;
	struct arena a = ARENA_INIT;
	char at[DATETIME_TEXT];
	struct change_meta meta = meta_now(u, redo, at);
	struct history_score back = *s;
	struct rec line;
	int rc;

	back.old = s->new;
	back.new = s->old;
	change_score(&row->id, row, &back, &meta, &a, &line);
	rc = put_change(u, &line, err);
	arena_release(&a);
	return rc;
}

static void
on_restart(void *arg)
{
	struct undoing *u = arg;

	buf_clear(&u->changes);
	u->shown = 0;
}

static int
put_line(void *arg, uint64_t lsn, uint32_t seq, const struct rec *rec,
    struct err *err)
{
	struct undoing *u = arg;

	(void)lsn;
	(void)seq;
	if (enough(u))
		return 1;
	u->shown++;
	if (lines_put_rec(&u->lines, rec, err) < 0)
		return -1;
	if (!out_is_full())
		return 0;
	reading_pause(u->rd);
	if (out_flush(err) < 0)
		return -1;
	return reading_renew(u->rd, err);
}

/* What was committed, as crm-changes has it. */
static int
print_op(struct undoing *u, uint64_t lsn, struct err *err)
{
	struct feed *feed = NULL;
	int rc = -1;

	if (com.quiet || !lsn)
		return 0;
	if (db_read(u->ses->db, &u->rd, err) < 0)
		return -1;
	u->lines.rd = u->rd;
	feed = feed_new(u->rd);
	rc = feed_op(feed, lsn, 0, put_line, u, err);
	feed_free(&feed);
	u->lines.rd = NULL;
	reading_close(&u->rd);
	return rc < 0 ? -1 : 0;
}

/* ---- what is said ---- */

static const char *
translate(const char *s)
{
	return _(s);
}

/* "12 contacts, 1 company" */
static void
add_counts(const struct undoing *u, const struct undo *done, struct buf *out)
{
	const struct schema *schema = session_schema(u->ses);
	const struct cell_env env = { .translate = translate };
	size_t at = out->n;

	for (size_t i = 0; i < schema->nkinds; i++) {
		const struct kind *kind = &schema->kinds[i];
		size_t n = done->counts[kind->no];

		if (!n)
			continue;
		buf_addz(out, out->n > at ? ", " : "");
		cell_count(out, n, kind->name, &env);
	}
	if (done->schema)
		buf_addf(out, "%s%s", out->n > at ? ", " : "", _("the schema"));
	if (out->n == at)
		buf_addz(out, _("nothing"));
}

static void add_note(struct undoing *, const char *fmt, ...) BASE_PRINTF(2, 3);

static void
add_note(struct undoing *u, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&u->notes, fmt, ap);
	va_end(ap);
	buf_addc(&u->notes, '\n');
}

/* Behind the lines, which a table holds back to its end. */
static void
put_notes(const struct undoing *u)
{
	struct str rest = buf_str(&u->notes);

	while (rest.n) {
		struct str line = str_cut(&rest, '\n');

		msg_note("%.*s", STR_ARG(line));
	}
}

static void
note_done(struct undoing *u, const struct undo *done)
{
	const struct cell_env env = {
		.clock = &u->ses->clock,
		.translate = translate,
	};
	struct buf when = BUF_INIT, what = BUF_INIT;
	char at[DATETIME_TEXT];
	struct str prog = done->what.prog;

	if (!msg_notes())
		return;
	add_counts(u, done, &what);
	(void)cell_date(
	    &when, str_n(at, datetime_format(done->what.ms, at)), &env);
	if (write_opts.dry_run && done->redone)
		add_note(u, _("would redo %s; nothing stored"), what.p);
	else if (write_opts.dry_run)
		add_note(u, _("would undo %s; nothing stored"), what.p);
	else if (done->redone)
		add_note(u,
		    _("did '%.*s' again, %s: %s; crm-undo takes it back"),
		    STR_ARG(prog), when.p, what.p);
	else
		add_note(u,
		    _("undid '%.*s', %s: %s; crm-undo --redo does it again"),
		    STR_ARG(prog), when.p, what.p);
	buf_release(&when);
	buf_release(&what);
}

/* A line each, the first of them. */
static void
tell_clashes(const struct undo *done)
{
	struct str rest = buf_str(&done->clashes);

	while (rest.n) {
		struct str line = str_cut(&rest, '\n');
		struct err e = ERR_INIT;

		err_set(&e, STATUS_BUSY, "%.*s", STR_ARG(line));
		msg_err(&e);
	}
	if (done->nclashes > UNDO_SHOWN) {
		size_t more = done->nclashes - UNDO_SHOWN;
		struct err e = ERR_INIT;

		err_set(&e, STATUS_BUSY,
		    cmd_text_n("and %zu more", "and %zu more", more), more);
		msg_err(&e);
	}
}

/* "nothing undone: 2 fields ..., and how to go on." */
static void
refuse(const struct undo *done, struct err *err)
{
	size_t n = done->nclashes;

	err_clear(err);
	err_set(err, STATUS_BUSY,
	    done->redo
		? cmd_text_n("nothing redone: %zu change since is in the way",
		      "nothing redone: %zu changes since are in the way", n)
		: cmd_text_n("nothing undone: %zu change since is in the way",
		      "nothing undone: %zu changes since are in the way", n),
	    n);
	if (done->nhard)
		err_add(err, "%s", _("; --partial leaves that out"));
	else
		err_add(err, "%s",
		    _("; --partial leaves that out, --force overwrites it"));
}

/* ---- one transaction ---- */

static int
undo_some(
    struct undoing *u, const char *const *words, size_t n, struct err *err)
{
	struct undo want = UNDO_INIT;
	int rc;

	want.words = words;
	want.nwords = n;
	want.redo = u->args->redo;
	want.partial = u->args->partial;
	want.force = write_opts.force;
	want.dry_run = write_opts.dry_run;
	want.uid = (uint32_t)getuid();
	want.env = &u->ses->env;
	want.changed = write_opts.dry_run ? on_changed : NULL;
	want.scored = write_opts.dry_run ? on_scored : NULL;
	want.restart = on_restart;
	want.arg = u;
	rc = undo_run(u->ses->db, &want, err);
	tell_clashes(&want);
	if (rc < 0) {
		if (want.nclashes && err->status == STATUS_BUSY)
			refuse(&want, err);
	} else {
		u->left_out = u->left_out || rc > 0;
		if (print_op(u, write_opts.dry_run ? 0 : want.lsn, err) < 0)
			rc = -1;
		else
			note_done(u, &want);
	}
	undo_release(&want);
	return rc;
}

/* Each word is an operation of its own, but in a rehearsal, where the second
 * has to see what the first would do. */
static int
undo_all(struct undoing *u, struct err *err)
{
	size_t n = u->args->nwords;
	const char **words = mem_zero(n + 1, sizeof(*words));
	int rc = 0;

	for (size_t i = 0; i < n; i++)
		words[i] = u->args->words[i];
	if (n < 2 || write_opts.dry_run)
		rc = undo_some(u, words, n, err);
	else
		for (size_t i = 0; i < n && rc >= 0; i++)
			rc = undo_some(u, &words[i], 1, err);
	mem_free(words);
	return rc < 0 ? -1 : 0;
}

static int
end_output(struct undoing *u, struct err *err)
{
	if (com.quiet)
		return 0;
	if (u->changes.n)
		buf_adds(out_buf(), buf_str(&u->changes));
	return lines_end(&u->lines, NULL, 0, err);
}

int
undo_words(struct session *ses, const struct undo_args *args, struct err *err)
{
	static const char *const columns[] = { "id", "name", "_field", "_old",
		"_new", NULL };
	struct undoing u = {
		.ses = ses, .args = args, .changes = BUF_INIT, .notes = BUF_INIT
	};
	int rc = -1;

	lines_columns(columns, changes_cells);
	out_opts.ordered = true;
	out_opts.noun = "change";
	u.user = ops_user((uint32_t)getuid(), &u.arena);
	if (lines_open(&u.lines, ses, NULL, 0, err) < 0 ||
	    writer_check(u.lines.writer, NULL, 0, err) < 0)
		goto out;
	u.writer = u.lines.writer;
	rc = undo_all(&u, err);
	/* What an earlier word did is printed to its end. */
	if (rc < 0 && err->sys == 0 && u.shown && !write_opts.dry_run) {
		struct err late = ERR_INIT;

		(void)!end_output(&u, &late);
	} else if (rc == 0) {
		rc = end_output(&u, err);
	}
	put_notes(&u);
	if (rc == 0 && u.left_out)
		rc = STATUS_NO;
out:
	lines_close(&u.lines);
	buf_release(&u.changes);
	buf_release(&u.notes);
	arena_release(&u.arena);
	return rc;
}

/* ---- the list ---- */

struct listing {
	struct session *ses;
	struct reading *rd;
	struct ops *ops;
	struct lines lines;
	struct arena a;
	size_t shown;
};

static void
add_number(struct listing *l, struct rec *rec, const char *label, uint64_t n)
{
	rec_add(rec, &l->a, str_of(label),
	    arena_printf(&l->a, "%llu", (unsigned long long)n));
}

static void
add_id(
    struct listing *l, struct rec *rec, const char *label, const struct id *id)
{
	rec_add(rec, &l->a, str_of(label), id_text(id, &l->a));
}

static int
make_line(struct listing *l, const struct history_op *op, struct rec *rec,
    struct err *err)
{
	char *at = arena_alloc(&l->a, DATETIME_TEXT);
	struct history_op by;
	uint64_t lsn;

	*rec = (struct rec)REC_INIT;
	add_id(l, rec, "_op", &op->op);
	add_number(l, rec, "_seq", op->lsn);
	rec_add(rec, &l->a, STR("_at"), str_n(at, datetime_format(op->ms, at)));
	rec_add(rec, &l->a, STR("_by"), ops_user(op->uid, &l->a));
	if (op->prog.n)
		rec_add(rec, &l->a, STR("_prog"), op->prog);
	add_number(l, rec, "_records", op->entries);
	if (op->summary.n)
		rec_add(rec, &l->a, STR("_summary"), op->summary);
	if (ops_taken_back(l->ops, op->lsn, &op->op, &lsn, err) < 0)
		return -1;
	if (!lsn)
		return 0;
	if (history_op(l->rd, lsn, &l->a, &by, err) < 0)
		return -1;
	add_id(l, rec, "_undone", &by.op);
	return 0;
}

static int
list_one(struct listing *l, uint64_t lsn, struct err *err)
{
	struct history_op op;
	struct rec rec;
	int rc;

	arena_clear(&l->a);
	rc = history_op(l->rd, lsn, &l->a, &op, err);
	if (rc <= 0)
		return rc;
	if (make_line(l, &op, &rec, err) < 0)
		return -1;
	l->shown++;
	if (lines_put_rec(&l->lines, &rec, err) < 0)
		return -1;
	if (cmd_interrupted())
		return err_set(err, STATUS_IO, "%s", _("interrupted"));
	if (!out_is_full())
		return 0;
	reading_pause(l->rd);
	if (out_flush(err) < 0)
		return -1;
	return reading_renew(l->rd, err);
}

static bool
list_full(const struct listing *l)
{
	return com.quiet ||
	       (out_opts.limit >= 0 && l->shown >= (size_t)out_opts.limit);
}

static int
list_all(struct listing *l, const struct undo_args *args, struct err *err)
{
	uint64_t lsn;

	for (size_t i = 0; i < args->nwords && !list_full(l); i++)
		if (ops_find(l->ops, str_of(args->words[i]), &lsn, err) < 0 ||
		    list_one(l, lsn, err) < 0)
			return -1;
	if (args->nwords)
		return 0;
	for (lsn = ops_to(l->ops);
	     lsn > 0 && lsn >= ops_from(l->ops) && !list_full(l); lsn--)
		if (list_one(l, lsn, err) < 0)
			return -1;
	return 0;
}

int
undo_list(struct session *ses, const struct undo_args *args, struct err *err)
{
	static const char *const columns[] = { "_seq", "_at", "_by", "_prog",
		"_records", "_summary", "_undone", NULL };
	static const char *const cells[] = { "_op", "_seq", "_at", "_by",
		"_prog", "_records", "_summary", "_undone", NULL };
	struct listing l = { .ses = ses };
	int rc = -1;

	lines_columns(columns, cells);
	out_opts.ordered = true;
	out_opts.noun = "operation";
	if (lines_open(&l.lines, ses, NULL, 0, err) < 0 ||
	    writer_check(l.lines.writer, NULL, 0, err) < 0 ||
	    db_read(ses->db, &l.rd, err) < 0 ||
	    ops_open(l.rd, &l.ops, err) < 0 || list_all(&l, args, err) < 0)
		goto out;
	rc = com.quiet ? 0 : lines_end(&l.lines, NULL, 0, err);
out:
	ops_close(&l.ops);
	lines_close(&l.lines);
	reading_close(&l.rd);
	arena_release(&l.a);
	return rc;
}
