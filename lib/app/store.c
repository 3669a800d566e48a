/* SPDX-License-Identifier: MIT */
#include "app/store.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "app/cmd.h"
#include "app/changes.h"
#include "app/internal.h"
#include "base/mem.h"
#include "crm/changes.h"

/* Notes about single lines, as of refused ones. */
enum { DOUBTS_SHOWN = 20 };

/* ---- what the batch tells ---- */

static void
on_restart(void *arg)
{
	struct storing *s = arg;

	storing_forget_late(s);
	vec_clear(&s->added);
	vec_clear(&s->changed);
	buf_clear(&s->changes);
	s->nchanges = s->shown = 0;
}

static void
on_event(void *arg, enum event event, const char *text)
{
	struct storing *s = arg;

	if (event == EVENT_WARN)
		msg_warn("%s", text);
	else if (s->doubts++ < DOUBTS_SHOWN)
		msg_note("%s", text);
}

static bool
enough(const struct storing *s)
{
	return out_opts.limit >= 0 && s->shown >= (size_t)out_opts.limit;
}

static int
put_change(void *arg, const struct rec *rec, struct err *err)
{
	struct storing *s = arg;

	if (enough(s))
		return 0;
	s->shown++;
	return writer_put(s->change_writer, rec, &s->changes, err);
}

static bool
is_made(void *arg, const struct id *id)
{
	const struct storing *s = arg;

	return batch_made(s->batch, id);
}

static void
count_kind(struct removal_kinds *all, const struct kind *kind)
{
	struct removal_kind one = { kind, 1 };

	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].kind == kind) {
			all->v[i].n++;
			return;
		}
	vec_push(all, one);
}

static int
put_changes(struct storing *s, const struct row *before,
    const struct row *after, struct err *err)
{
	struct arena a = ARENA_INIT;
	char at[DATETIME_TEXT];
	struct change_meta meta = {
		.at = str_n(at, datetime_format(s->ses->clock.now, at)),
		.by = str_of(s->user),
		.prog = str_of(cmd_name()),
		.hidden = is_made,
		.arg = s,
	};
	int rc;

	rc = change_lines(
	    s->ses->db, before, after, &meta, &a, put_change, s, err);
	arena_release(&a);
	return rc;
}

static int
on_changed(void *arg, struct op *op, const struct row *before,
    const struct row *after, struct err *err)
{
	struct storing *s = arg;

	(void)op;
	s->nchanges++;
	/* crm-rm tells of what goes as well. */
	if (after)
		count_kind(before ? &s->changed : &s->added, after->kind);
	return write_opts.dry_run ? put_changes(s, before, after, err) : 0;
}

/* ---- opening ---- */

static bool
goes_on(void *arg, size_t done, size_t of)
{
	(void)arg;
	progress_show(_("storing"), done, of, _("lines"));
	return !cmd_interrupted();
}

static void
set_callbacks(struct storing *s)
{
	s->opts.dry_run = write_opts.dry_run;
	s->opts.keep_going = write_opts.keep_going;
	s->opts.force = write_opts.force;
	s->opts.refused = storing_on_refused;
	s->opts.goes_on = write_opts.follow ? NULL : goes_on;
	s->opts.restart = on_restart;
	s->opts.changed = write_opts.dry_run || s->note ? on_changed : NULL;
	s->opts.arg = s;
	if (!s->opts.where)
		s->opts.where = "stdin";
	s->ses->env.event = on_event;
	s->ses->env.arg = s;
}

/* -F is judged before anything is read, here for lines of any kind. */
static int
judge_fields(const struct storing *s, struct err *err)
{
	struct str fields[REC_FIELDS_MAX];
	size_t n = 0;

	for (; n < out_opts.fields.n && n < REC_FIELDS_MAX; n++)
		fields[n] = str_of(out_opts.fields.v[n]);
	return n ? fields_check(session_schema(s->ses), NULL, 0, fields, n, err)
		 : 0;
}

/* A rehearsal makes no store, so it looks itself whether one could be made. */
static int
judge_place(const struct storing *s, struct err *err)
{
	const char *url = s->ses->url;
	const char *slash = url ? strrchr(url, '/') : NULL;
	struct buf parent = BUF_INIT;
	int rc = 0;

	if (!write_opts.dry_run || !s->ses->named || !slash || slash == url ||
	    strchr(url, ':'))
		return 0;
	buf_add(&parent, url, (size_t)(slash - url));
	if (access(parent.p, F_OK) < 0) {
		rc = err_sys(err, STATUS_CANTCREAT, errno,
		    "%s: cannot create the store", url);
		err_add(err,
		    "\nMake %s first, or name another place with -D or "
		    "CRM_DB.",
		    parent.p);
	}
	buf_release(&parent);
	return rc;
}

int
storing_open(struct storing *s, struct err *err)
{
	const struct schema *schema = session_schema(s->ses);
	const struct passwd *pw =
	    write_opts.dry_run ? getpwuid(getuid()) : NULL;
	const struct kind *kind = NULL;
	bool one;

	buf_init(&s->changes);
	buf_init(&s->total.made);
	spool_init(&s->raw, strchr(s->ses->url, ':') ? NULL : s->ses->url);
	s->user = mem_dup(pw ? pw->pw_name : "");
	if (s->opts.kind)
		kind = schema_kind(schema, str_of(s->opts.kind));
	/* Change lines have labels of their own, so any -F goes there. */
	one = kind && s->one_kind && !write_opts.dry_run;
	set_callbacks(s);
	if (judge_place(s, err) < 0 || storing_open_reject(s, err) < 0 ||
	    batch_new(&s->batch, s->ses->db, &s->ses->env, &s->opts, err) < 0)
		return -1;
	if (!one && !write_opts.dry_run && judge_fields(s, err) < 0)
		return -1;
	out_opts.ordered = true;
	if (write_opts.dry_run)
		changes_rehearsed();
	if (lines_open(&s->lines, s->ses, &kind, one ? 1 : 0, err) < 0)
		return -1;
	if (write_opts.dry_run) {
		s->change_writer = s->lines.writer;
		s->lines.writer = NULL;
	}
	return 0;
}

void
storing_close(struct storing *s)
{
	reader_close(&s->reader);
	batch_free(&s->batch);
	lines_close(&s->lines);
	writer_close(&s->change_writer);
	arena_release(&s->arena);
	spool_release(&s->raw);
	storing_forget_late(s);
	vec_release(&s->late);
	vec_release(&s->raws);
	vec_release(&s->inputs);
	vec_release(&s->added);
	vec_release(&s->changed);
	buf_release(&s->changes);
	buf_release(&s->total.made);
	mem_free(s->user);
	if (s->reject_fd >= 0)
		close(s->reject_fd);
	s->reject_fd = -1;
}

/* ---- commit and print ---- */

struct printing {
	struct storing *s;
	struct reading *rd;
};

static int
print_id(void *arg, const struct id *id, struct err *err)
{
	struct printing *p = arg;
	struct storing *s = p->s;
	struct dbrec *rec;
	int rc;

	if (s->lines.sort) {
		rc = dbrec_get(p->rd, id, 0, &rec, err);
		return rc > 0 ? lines_sort(&s->lines, p->rd, rec, 0, err) : rc;
	}
	if (enough(s))
		return 0;
	s->shown++;
	return lines_put_stored(&s->lines, p->rd, id, err);
}

static int
print_sorted(struct printing *p, struct err *err)
{
	struct storing *s = p->s;
	struct id id;
	struct str none;

	sort_run(s->lines.sort);
	while (!enough(s) && sort_next(s->lines.sort, &id, &none)) {
		s->shown++;
		if (lines_put_stored(&s->lines, p->rd, &id, err) < 0)
			return -1;
	}
	return 0;
}

static int
print_stored(struct storing *s, struct err *err)
{
	struct printing p = { s, NULL };
	int rc = -1;

	if (com.quiet || s->silent)
		return 0;
	if (db_read(s->ses->db, &p.rd, err) < 0)
		return -1;
	if (batch_each(s->batch, print_id, &p, err) < 0)
		goto out;
	if (s->lines.sort && print_sorted(&p, err) < 0)
		goto out;
	/* --follow: what is committed is seen at once. */
	reading_pause(p.rd);
	rc = write_opts.follow ? out_flush(err) : 0;
out:
	s->lines.rd = NULL;
	reading_close(&p.rd);
	return rc;
}

static void
add_counts(struct storing *s, const struct batch_counts *c)
{
	s->total.added += c->added;
	s->total.changed += c->changed;
	s->total.unchanged += c->unchanged;
	s->total.erased += c->erased;
	s->total.alike += c->alike;
	if (c->companies && c->made.n) {
		buf_addz(&s->total.made, s->total.companies ? ", " : "");
		buf_adds(&s->total.made, buf_str(&c->made));
	}
	s->total.companies += c->companies;
}

int
storing_commit(struct storing *s, struct err *err)
{
	struct batch_counts c;
	bool doomed = s->refused && !write_opts.keep_going;
	int rc;

	/* All lines are judged, so that the last message counts them all. */
	if (doomed)
		batch_only_check(s->batch);
	if (doomed && !batch_size(s->batch))
		return 1;
	progress_done(); /* of the reading */
	rc = batch_commit(s->batch, &c, err);
	progress_done();
	if (rc < 0 || storing_refuse_late(s, err) < 0)
		return -1;
	if (rc > 0 || doomed) {
		err_clear(err);
		return 1;
	}
	add_counts(s, &c);
	return write_opts.dry_run ? 0 : print_stored(s, err);
}

/* ---- the end ---- */

static void
note_doubts(const struct storing *s)
{
	const struct batch_counts *c = &s->total;

	if (s->doubts > DOUBTS_SHOWN)
		msg_note(cmd_text_n("and %zu more note", "and %zu more notes",
			     s->doubts - DOUBTS_SHOWN),
		    s->doubts - DOUBTS_SHOWN);
	if (c->companies)
		msg_note(cmd_text_n("made %zu company: %s%s",
			     "made %zu companies: %s%s", c->companies),
		    c->companies, c->made.p, c->companies > 5 ? ", ..." : "");
}

static void
note_counts(const struct storing *s)
{
	const struct batch_counts *c = &s->total;

	if (write_opts.dry_run)
		msg_note(cmd_text_n("would change %zu record; nothing stored",
			     "would change %zu records; nothing stored",
			     s->nchanges),
		    s->nchanges);
	else if (s->opts.mode == BATCH_EDIT && c->changed)
		msg_note(
		    _("changed %zu, unchanged %zu; crm-undo takes it back"),
		    c->changed, c->unchanged);
	else if (s->opts.mode == BATCH_EDIT)
		msg_note(
		    _("changed %zu, unchanged %zu"), c->changed, c->unchanged);
	else if (c->changed || c->unchanged || s->opts.nkeys)
		msg_note(_("added %zu, changed %zu, unchanged %zu"), c->added,
		    c->changed, c->unchanged);
	else if (c->added != 1)
		msg_note(_("added %zu"), c->added);
}

static int
print_end(struct storing *s, struct err *err)
{
	if (com.quiet || (s->silent && !write_opts.dry_run))
		return 0;
	if (!write_opts.dry_run)
		return lines_end(&s->lines, NULL, 0, err);
	buf_adds(out_buf(), buf_str(&s->changes));
	if (writer_end(s->change_writer, 0, out_buf(), err) < 0)
		return -1;
	return out_flush(err);
}

int
storing_end(struct storing *s, struct err *err)
{
	int rc = storing_commit(s, err);

	if (rc < 0)
		return -1;
	if (rc > 0) {
		storing_nothing(s, err);
		/* What earlier rounds stored is printed to its end. */
		if (write_opts.follow && print_end(s, err) < 0)
			return -1;
		/* The refusal is told, not what became of its file. */
		(void)!storing_end_reject(s, err);
		return -1;
	}
	msg_refused_end();
	if (print_end(s, err) < 0)
		return -1;
	note_doubts(s);
	if (s->note)
		s->note(s);
	else
		note_counts(s);
	if (storing_end_reject(s, err) < 0)
		return -1;
	return s->refused ? STATUS_NO : STATUS_OK;
}
