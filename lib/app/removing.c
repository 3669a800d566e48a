/* SPDX-License-Identifier: MIT */
#include "app/removing.h"

#include <string.h>
#include <unistd.h>

#include "app/store.h"
#include "crm/changes.h"
#include "crm/names.h"

struct removing {
	struct session *ses;
	const struct removing_args *args;
	const struct kind *kind; /* of kind:KIND */
	struct storing s;        /* for what is refused, -n and -o */
	struct removal *removal;
	const struct removal_result *result;
	bool shows; /* -o: the records as they were */
	struct arena arena;
	VEC(struct rec) leaving;
	struct names places; /* of ids among them, for -s */
	bool sorted;
};

/* ---- what the transaction tells ---- */

static void
on_restart(void *arg)
{
	struct removing *m = arg;

	m->s.opts.restart(m->s.opts.arg);
	arena_clear(&m->arena);
	names_release(&m->places);
	vec_clear(&m->leaving);
}

static void
on_refused(void *arg, size_t item, size_t number, const struct err *why)
{
	struct removing *m = arg;

	storing_on_refused(&m->s, item, number, why);
}

static int
on_leaving(void *arg, struct reading *rd, const struct id *id, struct err *err)
{
	struct removing *m = arg;
	struct lines *l = &m->s.lines;
	struct rec line = REC_INIT, copy = REC_INIT;
	struct name_entry *e;
	struct dbrec *rec;
	bool fresh;
	int rc = dbrec_get(rd, id, 0, &rec, err);

	if (rc <= 0)
		return rc;
	arena_clear(&l->arena);
	if (line_make(rd, rec, &l->opts, &l->arena, &line, err) < 0)
		return -1;
	rec_copy(&copy, &line, &m->arena);
	e = names_at(&m->places, arena_str(&m->arena, id_str(id)), &fresh);
	e->count = m->leaving.n;
	vec_push(&m->leaving, copy);
	/* A transaction that runs again meets the same records. */
	if (!l->sort || m->sorted)
		return 0;
	return lines_sort(l, rd, rec, 0, err);
}

static int
on_changed(void *arg, const struct row *before, const struct row *after,
    struct err *err)
{
	struct removing *m = arg;

	return m->s.opts.changed(m->s.opts.arg, NULL, before, after, err);
}

static int
on_erased(void *arg, const struct id *id, struct err *err)
{
	struct removing *m = arg;
	struct arena a = ARENA_INIT;
	char at[DATETIME_TEXT];
	struct change_meta meta = {
		.at = str_n(at, datetime_format(m->ses->clock.now, at)),
		.by = str_of(m->s.user),
		.prog = str_of(cmd_name()),
	};
	struct rec rec;
	int rc;

	m->s.nchanges++;
	change_erased(id, &meta, &a, &rec);
	rc = writer_put(m->s.change_writer, &rec, &m->s.changes, err);
	arena_release(&a);
	return rc;
}

/* ---- opening ---- */

static int
open_all(struct removing *m, struct err *err)
{
	struct removal_opts opts = {
		.kind = m->kind,
		.cascade = m->args->cascade,
		.detach = m->args->detach,
		.force = write_opts.force,
		.keep_going = write_opts.keep_going,
		.dry_run = write_opts.dry_run,
		.erase = m->args->erase,
		.texts = m->args->texts,
		.lock_ms = (unsigned)(com.lock_timeout >= 0
					  ? com.lock_timeout
					  : m->ses->config.lock_timeout),
		.restart = on_restart,
		.refused = on_refused,
		.arg = m,
	};

	m->s.ses = m->ses;
	m->s.arg = m;
	m->s.opts.mode = BATCH_EDIT;
	m->s.words = m->args->words;
	m->s.nwords = m->args->nwords;
	m->shows = !m->args->erase && !write_opts.dry_run && !com.quiet &&
		   (out_opts.format || out_opts.fields.n);
	if (storing_open(&m->s, err) < 0)
		return -1;
	if (write_opts.dry_run) {
		opts.changed = on_changed;
		opts.erased = on_erased;
	}
	if (m->shows)
		opts.leaving = on_leaving;
	removal_new(&m->removal, m->ses->db, &m->ses->env, &opts);
	return 0;
}

/* ---- input ---- */

static int
add_operands(struct removing *m, struct err *err)
{
	const struct removing_args *args = m->args;
	static const struct rec none = REC_INIT;

	for (size_t i = 0; i < args->nwords; i++) {
		struct str word = str_of(args->words[i]);

		if (str_starts(word, STR("kind:")))
			continue;
		m->s.taken++;
		removal_add(m->removal, word, STR_NONE, STR_NONE, 0);
		/* Keeps the places of lines what they are. */
		if (storing_keep_raw(&m->s, &none, 1, err) < 0)
			return -1;
	}
	return 0;
}

static int
add_line(
    struct removing *m, const struct rec *rec, bool handle, struct err *err)
{
	struct err why = ERR_INIT;
	struct str word = handle ? rec->raw : rec_get(rec, STR("id"));

	m->s.taken++;
	if (!word.n) {
		err_set(&why, STATUS_DATA, "%s",
		    _("no id: which record is to be removed?"));
		return storing_refuse(&m->s, rec, SIZE_MAX, &why, err);
	}
	removal_add(m->removal, word,
	    handle ? STR_NONE : rec_get(rec, STR("kind")),
	    handle ? STR_NONE : rec_get(rec, STR("rev")), rec->line);
	return storing_keep_raw(&m->s, rec, 1, err);
}

/* The input cannot be read further: 0 where what came is judged as usual. */
static int
broken_off(
    struct removing *m, const struct rec *rec, struct err *why, struct err *err)
{
	if (why->status == STATUS_DATA && m->s.taken) {
		m->s.taken++;
		return storing_refuse(&m->s, rec, SIZE_MAX, why, err);
	}
	*err = *why;
	if (rec->line && why->status != STATUS_IO)
		err_prefix(err, "stdin:%zu", rec->line);
	return -1;
}

static int
add_stdin(struct removing *m, struct err *err)
{
	struct storing *s = &m->s;
	enum read_state st;
	int rc = 0;

	s->reader_opts.ids_allowed = true;
	s->reader_opts.filter = true;
	if (session_reader(
		m->ses, &s->reader, STDIN_FILENO, &s->reader_opts, err) < 0)
		return -1;
	do {
		struct rec rec = REC_INIT;
		struct err why = ERR_INIT;

		arena_clear(&s->arena);
		st = reader_next(s->reader, &s->arena, &rec, &why);
		if (cmd_interrupted())
			return err_set(err, STATUS_IO, "%s",
			    _("interrupted; nothing removed"));
		if (st == READ_ERR)
			return broken_off(m, &rec, &why, err);
		if (st == READ_BAD) {
			s->taken++;
			rc = storing_refuse(s, &rec, SIZE_MAX, &why, err);
		} else if (st != READ_END) {
			rc = add_line(m, &rec, st == READ_HANDLE, err);
		}
		progress_show(_("standard input"), s->taken, 0, _("lines"));
	} while (rc == 0 && st != READ_END);
	return rc;
}

/* ---- output ---- */

static int
put_leaving(struct removing *m, size_t at, struct err *err)
{
	if (out_opts.limit >= 0 && m->s.shown >= (size_t)out_opts.limit)
		return 0;
	m->s.shown++;
	if (lines_put_rec(&m->s.lines, &m->leaving.v[at], err) < 0)
		return -1;
	return out_is_full() ? out_flush(err) : 0;
}

static int
print_leaving(struct removing *m, struct err *err)
{
	struct lines *l = &m->s.lines;
	const struct name_entry *e;
	struct str none;
	struct id id;

	for (size_t i = 0; !l->sort && i < m->leaving.n; i++)
		if (put_leaving(m, i, err) < 0)
			return -1;
	if (l->sort)
		sort_run(l->sort);
	while (l->sort && sort_next(l->sort, &id, &none)) {
		e = names_find(&m->places, id_str(&id));
		if (e && put_leaving(m, e->count, err) < 0)
			return -1;
	}
	return lines_end(l, NULL, 0, err);
}

static int
print_changes(struct removing *m, struct err *err)
{
	if (!com.quiet) {
		buf_adds(out_buf(), buf_str(&m->s.changes));
		if (writer_end(m->s.change_writer, 0, out_buf(), err) < 0 ||
		    out_flush(err) < 0)
			return -1;
	}
	msg_note(cmd_text_n("would change %zu record; nothing stored",
		     "would change %zu records; nothing stored", m->s.nchanges),
	    m->s.nchanges);
	return 0;
}

static size_t
removed(const struct removal_result *res)
{
	size_t n = 0;

	for (size_t i = 0; i < res->gone.n; i++)
		n += res->gone.v[i].n;
	return n;
}

static void
note_removed(const struct removal_result *res)
{
	size_t n = removed(res);
	struct buf what = BUF_INIT;

	removal_say(res, &what);
	if (n == 0)
		msg_note("%s", _("nothing to remove"));
	else if (res->untied)
		msg_note(cmd_text_n("removed %s, cleared the links of %zu "
				    "record; crm-undo brings all back",
			     "removed %s, cleared the links of %zu "
			     "records; crm-undo brings all back",
			     res->untied),
		    what.p, res->untied);
	else
		msg_note(cmd_text_n("removed %s; crm-undo brings it back",
			     "removed %s; crm-undo brings them back", n),
		    what.p);
	buf_release(&what);
}

static int
print(struct removing *m, struct err *err)
{
	if (write_opts.dry_run)
		return print_changes(m, err);
	if (m->args->erase)
		return receipt_print(m->ses, m->args, m->result, err);
	if (m->shows && print_leaving(m, err) < 0)
		return -1;
	note_removed(m->result);
	return 0;
}

/* ---- the course ---- */

/* What was refused is told; of lines how many, too.  Returns -1. */
static int
nothing_removed(struct removing *m, struct err *err)
{
	struct storing *s = &m->s;
	size_t good = s->taken - s->refused;

	err_clear(err);
	msg_refused_end();
	/* Of operands the refusal itself says it all. */
	if (!s->reader && s->taken == 1) {
		err->status = s->status;
	} else {
		err_set(err, s->status,
		    cmd_text_n("nothing removed, %zu of %zu record refused",
			"nothing removed, %zu of %zu records refused",
			s->taken),
		    s->refused, s->taken);
		if (good)
			err_add(err,
			    cmd_text_n("; --keep-going removes the other %zu",
				"; --keep-going removes the other %zu", good),
			    good);
	}
	/* The refusal is told, not what became of its file. */
	(void)!storing_end_reject(s, err);
	return -1;
}

static bool
asks(const struct removing_args *args)
{
	return args->erase && !write_opts.yes && !write_opts.dry_run;
}

/* 1: yes; 0: no; -1. */
static int
ask(struct removing *m, struct err *err)
{
	struct buf what = BUF_INIT, question = BUF_INIT;
	int rc = removal_rehearse(m->removal, &m->result, err);

	if (rc > 0) {
		rc = storing_refuse_late(&m->s, err) < 0
			 ? -1
			 : nothing_removed(m, err);
	} else if (rc == 0 && m->result->named == 0) {
		rc = 1;
	} else if (rc == 0) {
		removal_say(m->result, &what);
		buf_addf(&question, "%s: ", cmd_name());
		buf_addf(&question,
		    _("erase %s for good? crm-undo cannot bring them back "
		      "[y/N] "),
		    what.p);
		rc = term_ask(question.p);
		if (rc == 0)
			msg_note("%s", _("nothing erased"));
	}
	m->sorted = true;
	buf_release(&what);
	buf_release(&question);
	return rc;
}

static int
commit(struct removing *m, struct err *err)
{
	struct storing *s = &m->s;
	int rc;

	if (s->refused && !write_opts.keep_going)
		removal_only_check(m->removal);
	if (asks(m->args)) {
		rc = ask(m, err);
		if (rc <= 0)
			return rc < 0 ? -1 : STATUS_NO;
	}
	rc = removal_commit(m->removal, &m->result, err);
	m->sorted = true;
	if (rc < 0 || storing_refuse_late(s, err) < 0)
		return -1;
	if (rc > 0)
		return nothing_removed(m, err);
	msg_refused_end();
	if (print(m, err) < 0 || storing_end_reject(s, err) < 0)
		return -1;
	return s->refused ? STATUS_NO : STATUS_OK;
}

int
removing_judge(const struct removing_args *args, struct err *err)
{
	if (args->erase && (args->cascade || args->detach))
		return err_set(err, STATUS_USAGE,
		    _("--%s does not go with --erase, which has rules of its "
		      "own"),
		    args->cascade ? "cascade" : "detach");
	if (!args->erase && (args->texts || args->no_compact))
		return err_set(err, STATUS_USAGE, _("--%s goes with --erase"),
		    args->texts ? "texts" : "no-compact");
	if (asks(args) && !(term_stdin() && term_stderr()))
		return err_set(err, STATUS_USAGE, "%s",
		    _("--erase cannot be undone; without a terminal it needs "
		      "--yes"));
	return 0;
}

int
removing_run(
    struct session *ses, const struct removing_args *args, struct err *err)
{
	struct removing m = { .ses = ses, .args = args };
	int rc = -1;

	m.s.reject_fd = -1;
	for (size_t i = 0; i < args->nwords; i++) {
		struct str word = str_of(args->words[i]);

		if (str_starts(word, STR("kind:")) &&
		    session_kind(ses, str_sub(word, 5, word.n), &m.kind, err) <
			0)
			goto out;
	}
	if (open_all(&m, err) < 0 || add_operands(&m, err) < 0 ||
	    (args->from_stdin && add_stdin(&m, err) < 0))
		goto out;
	progress_done();
	rc = commit(&m, err);
out:
	removal_free(&m.removal);
	storing_close(&m.s);
	names_release(&m.places);
	vec_release(&m.leaving);
	arena_release(&m.arena);
	return rc;
}
