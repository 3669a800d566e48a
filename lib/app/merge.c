/* SPDX-License-Identifier: MIT */
/* Merging: pairs from operands or standard input, one operation. */
#include "app/merge.h"

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "app/changes.h"
#include "app/lines.h"
#include "base/mem.h"
#include "base/vec.h"
#include "crm/changes.h"
#include "crm/handle.h"
#include "crm/merge.h"
#include "record/labels.h"

struct word_pair {
	struct str id, with;
	size_t line; /* 0: operands */
};

struct merging {
	struct session *ses;
	const struct merging_args *args;
	const struct kind *kind; /* of kind:KIND */
	struct merge *merge;
	struct arena words;
	VEC(struct word_pair) pairs;
	size_t lines, refused;
	struct lines out;
	struct writer *change_writer; /* -n */
	struct buf changes;
	size_t shown;
	char *user;
	bool prints; /* -o: the survivors */
};

/* ---- what the transaction tells ---- */

static bool
enough(const struct merging *m)
{
	return out_opts.limit >= 0 && m->shown >= (size_t)out_opts.limit;
}

static void
on_restart(void *arg)
{
	struct merging *m = arg;

	buf_clear(&m->changes);
	m->shown = 0;
}

static int
put_change(void *arg, const struct rec *rec, struct err *err)
{
	struct merging *m = arg;

	if (enough(m))
		return 0;
	m->shown++;
	return writer_put(m->change_writer, rec, &m->changes, err);
}

static int
on_changed(void *arg, struct op *op, const struct row *before,
    const struct row *after, struct err *err)
{
	struct merging *m = arg;
	struct arena a = ARENA_INIT;
	char at[DATETIME_TEXT];
	struct change_meta meta = {
		.at = str_n(at, datetime_format(m->ses->clock.now, at)),
		.by = str_of(m->user),
		.prog = str_of(cmd_name()),
		.what = STR("merge"),
	};
	int rc;

	(void)op;
	rc = change_lines(
	    m->ses->db, before, after, &meta, &a, put_change, m, err);
	arena_release(&a);
	return rc;
}

/* ---- opening ---- */

static int
open_all(struct merging *m, struct err *err)
{
	const struct passwd *pw =
	    write_opts.dry_run ? getpwuid(getuid()) : NULL;
	struct merge_opts opts = {
		.max = (size_t)m->args->max,
		.by_age = m->args->from_stdin,
		.dry_run = write_opts.dry_run,
		.restart = on_restart,
		.changed = write_opts.dry_run ? on_changed : NULL,
		.arg = m,
	};
	const char *prefer = m->args->prefer;

	if (prefer && strcmp(prefer, "newest") == 0)
		opts.prefer = MERGE_NEWEST;
	else if (prefer && strcmp(prefer, "fullest") == 0)
		opts.prefer = MERGE_FULLEST;
	m->user = mem_dup(pw ? pw->pw_name : "");
	m->prints = !write_opts.dry_run && !com.quiet &&
		    (out_opts.format || out_opts.fields.n);
	for (size_t i = 0; i < m->args->nwords; i++) {
		struct str word = str_of(m->args->words[i]);

		if (str_starts(word, STR("kind:")) &&
		    session_kind(
			m->ses, str_sub(word, 5, word.n), &m->kind, err) < 0)
			return -1;
	}
	out_opts.ordered = true;
	if (write_opts.dry_run)
		changes_rehearsed();
	if (lines_open(&m->out, m->ses, NULL, 0, err) < 0)
		return -1;
	if (write_opts.dry_run) {
		m->change_writer = m->out.writer;
		m->out.writer = NULL;
	}
	return merge_new(&m->merge, &opts);
}

static void
close_all(struct merging *m)
{
	merge_free(&m->merge);
	lines_close(&m->out);
	writer_close(&m->change_writer);
	buf_release(&m->changes);
	arena_release(&m->words);
	vec_release(&m->pairs);
	mem_free(m->user);
}

/* ---- input ---- */

static void
add_pair(struct merging *m, struct str id, struct str with, size_t line)
{
	struct word_pair p = {
		arena_str(&m->words, id),
		arena_str(&m->words, with),
		line,
	};

	vec_push(&m->pairs, p);
}

static void
add_operands(struct merging *m)
{
	struct str first = STR_NONE;

	for (size_t i = 0; i < m->args->nwords; i++) {
		struct str word = str_of(m->args->words[i]);

		if (str_starts(word, STR("kind:")))
			continue;
		if (first.n)
			add_pair(m, first, word, 0);
		else
			first = word;
	}
}

static void
refuse(struct merging *m, size_t line, struct err *why)
{
	if (line)
		err_prefix(why, "stdin:%zu", line);
	m->refused++;
	msg_refused(why);
	err_clear(why);
}

static void
add_line(struct merging *m, const struct rec *rec, bool handle)
{
	struct str id = handle ? rec->raw : rec_get(rec, STR("id"));
	struct err why = ERR_INIT;
	size_t n = 0;

	for (size_t i = 0; !handle && id.n && i < rec->n; i++)
		if (str_eqz(rec->v[i].label, "_with") && rec->v[i].value.n) {
			add_pair(m, id, rec->v[i].value, rec->line);
			n++;
		}
	if (n)
		return;
	err_set(&why, STATUS_DATA, "%s",
	    id.n ? _("no _with: which record is merged into it?")
		 : _("no id: which record is kept?"));
	refuse(m, rec->line, &why);
}

/* All of it before the store is read: `--find` may be writing it. */
static int
read_stdin(struct merging *m, struct err *err)
{
	struct reader_opts opts = { .filter = true, .ids_allowed = true };
	struct reader *reader = NULL;
	struct arena a = ARENA_INIT;
	enum read_state st = READ_ERR;
	struct rec rec = REC_INIT;
	int rc = -1;

	if (session_reader(m->ses, &reader, STDIN_FILENO, &opts, err) < 0)
		goto out;
	do {
		struct err why = ERR_INIT;

		arena_clear(&a);
		rec = (struct rec)REC_INIT;
		st = reader_next(reader, &a, &rec, &why);
		if (cmd_interrupted()) {
			err_set(err, STATUS_IO, "%s",
			    _("interrupted; nothing merged"));
			goto out;
		}
		if (st == READ_ERR) {
			*err = why;
			if (rec.line && err->status != STATUS_IO)
				err_prefix(err, "stdin:%zu", rec.line);
			goto out;
		}
		if (st == READ_END)
			break;
		m->lines++;
		if (st == READ_BAD)
			refuse(m, rec.line, &why);
		else
			add_line(m, &rec, st == READ_HANDLE);
		progress_show(_("standard input"), m->lines, 0, _("lines"));
	} while (true);
	rc = 0;
out:
	reader_close(&reader);
	arena_release(&a);
	return rc;
}

/* ---- handles to ids ---- */

static int
find_one(struct merging *m, struct reading *rd, struct str word, size_t line,
    struct id *id, struct err *err)
{
	const struct schema *schema = session_schema(m->ses);
	const struct kind *both[] = { schema_kind(schema, STR("contact")),
		schema_kind(schema, STR("company")) };
	struct handle_scope scope = { .kinds = both, .n = 2 };

	if (m->kind)
		scope = (struct handle_scope){
			.kinds = &m->kind, .n = 1, .narrowed = true
		};
	return handle_find(rd, &m->ses->env, &scope, word, line > 0, id, err);
}

static bool
is_refusal(const struct err *why)
{
	return why->status == STATUS_DATA || why->status == STATUS_USAGE ||
	       why->status == STATUS_NOINPUT;
}

/* Lines are judged all, so that every fault is told; an operand ends it. */
static int
find_pairs(struct merging *m, struct err *err)
{
	struct reading *rd = NULL;
	struct err why = ERR_INIT;
	struct id id, with;
	size_t last = 0;
	int rc = db_read(m->ses->db, &rd, err);

	for (size_t i = 0; rc == 0 && i < m->pairs.n; i++) {
		const struct word_pair *p = &m->pairs.v[i];

		if (find_one(m, rd, p->id, p->line, &id, &why) == 0 &&
		    find_one(m, rd, p->with, p->line, &with, &why) == 0) {
			merge_add(m->merge, &id, &with);
		} else if (p->line == 0 || !is_refusal(&why)) {
			*err = why;
			rc = -1;
		} else if (p->line != last) {
			/* A line is refused once. */
			last = p->line;
			refuse(m, p->line, &why);
		} else {
			err_clear(&why);
		}
	}
	reading_close(&rd);
	return rc;
}

/* ---- output ---- */

static int
put_survivor(
    struct merging *m, struct reading *rd, const struct id *id, struct err *err)
{
	if (enough(m))
		return 0;
	m->shown++;
	return lines_put_stored(&m->out, rd, id, err);
}

static int
put_sorted(struct merging *m, struct reading *rd, const struct id *ids,
    size_t n, struct err *err)
{
	struct dbrec *rec;
	struct str none;
	struct id id;

	for (size_t i = 0; i < n; i++) {
		int rc = dbrec_get(rd, &ids[i], 0, &rec, err);

		if (rc < 0 ||
		    (rc > 0 && lines_sort(&m->out, rd, rec, 0, err) < 0))
			return -1;
	}
	sort_run(m->out.sort);
	while (sort_next(m->out.sort, &id, &none))
		if (put_survivor(m, rd, &id, err) < 0)
			return -1;
	return 0;
}

static int
print_survivors(struct merging *m, struct err *err)
{
	struct reading *rd = NULL;
	const struct id *ids;
	size_t n;
	int rc = -1;

	ids = merge_survivors(m->merge, &n);
	if (db_read(m->ses->db, &rd, err) < 0)
		return -1;
	if (m->out.sort && put_sorted(m, rd, ids, n, err) < 0)
		goto out;
	for (size_t i = 0; !m->out.sort && i < n; i++)
		if (put_survivor(m, rd, &ids[i], err) < 0)
			goto out;
	reading_pause(rd);
	rc = lines_end(&m->out, NULL, 0, err);
out:
	m->out.rd = NULL;
	reading_close(&rd);
	return rc;
}

static int
print_changes(struct merging *m, const struct merge_counts *c, struct err *err)
{
	size_t n = c->survivors + c->merged + c->moved;

	if (!com.quiet) {
		buf_adds(out_buf(), buf_str(&m->changes));
		if (writer_end(m->change_writer, 0, out_buf(), err) < 0 ||
		    out_flush(err) < 0)
			return -1;
	}
	msg_note(cmd_text_n("would change %zu record; nothing stored",
		     "would change %zu records; nothing stored", n),
	    n);
	return 0;
}

static void
note_merged(const struct merge_counts *c)
{
	if (c->merged == 0) {
		msg_note("%s", _("nothing to merge"));
		return;
	}
	if (c->dropped)
		msg_note(
		    cmd_text_n("removed %zu mail that was queued twice",
			"removed %zu mails that were queued twice", c->dropped),
		    c->dropped);
	if (c->moved)
		msg_note(cmd_text_n("moved the links of %zu record",
			     "moved the links of %zu records", c->moved),
		    c->moved);
	msg_note(cmd_text_n("merged %zu record into %zu; crm-undo takes it "
			    "apart",
		     "merged %zu records into %zu; crm-undo takes them apart",
		     c->merged),
	    c->merged, c->survivors);
}

/* ---- the course ---- */

static int
nothing_merged(struct merging *m, struct err *err)
{
	msg_refused_end();
	return err_set(err, STATUS_DATA,
	    cmd_text_n("nothing merged, %zu of %zu line refused",
		"nothing merged, %zu of %zu lines refused", m->lines),
	    m->refused, m->lines);
}

int
merging_judge(const struct merging_args *args, struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < args->nwords; i++)
		n += !str_starts(str_of(args->words[i]), STR("kind:"));
	if (args->from_stdin && n > 0)
		return err_set(err, STATUS_USAGE, "%s",
		    _("pairs are read from standard input, or records named; "
		      "not both"));
	if (!args->from_stdin && n < 2)
		return err_set(err, STATUS_USAGE,
		    _("'%s' alone: name the record that is kept, then those "
		      "that are merged into it"),
		    args->words[args->nwords - 1]);
	return 0;
}

int
merging_run(
    struct session *ses, const struct merging_args *args, struct err *err)
{
	struct merging m = { .ses = ses, .args = args };
	struct merge_counts counts;
	int rc = -1;

	buf_init(&m.changes);
	if (open_all(&m, err) < 0)
		goto out;
	add_operands(&m);
	if (args->from_stdin && read_stdin(&m, err) < 0)
		goto out;
	progress_done();
	if (find_pairs(&m, err) < 0)
		goto out;
	if (m.refused) {
		rc = nothing_merged(&m, err);
		goto out;
	}
	if (merge_commit(m.merge, ses->db, &ses->env, &counts, err) < 0)
		goto out;
	if (write_opts.dry_run ? print_changes(&m, &counts, err) < 0
			       : m.prints && print_survivors(&m, err) < 0)
		goto out;
	if (!write_opts.dry_run)
		note_merged(&counts);
	rc = 0;
out:
	close_all(&m);
	return rc;
}
