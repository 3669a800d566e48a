/* SPDX-License-Identifier: MIT */
/*
 * Everything held about one person (RELIABILITY.md, Privacy): the record, what
 * refers to it, the timeline, scores with their reasons, segments, suppressed
 * addresses, and what the change log keeps, also of records that are gone.
 *
 * It is one answer from one snapshot, held back until it is whole.
 */
#include <string.h>

#include "app/export_int.h"
#include "app/internal.h"
#include "base/vec.h"
#include "crm/feed.h"
#include "crm/handle.h"
#include "crm/ops.h"
#include "crm/show.h"
#include "store/history.h"

/* key: of JSON, and with the underscore off the `_part` of a line. */
static const struct {
	const char *key, *heading;
} parts[PARTS] = {
	[PART_PROFILE] = { "_profile", N_("Profile") },
	[PART_COMPANY] = { "_company", N_("Company") },
	[PART_REFERRING] = { "_referring", N_("What refers to it") },
	[PART_TIMELINE] = { "_timeline", N_("Timeline") },
	[PART_SCORES] = { "_scores", N_("Scores and their reasons") },
	[PART_SEGMENTS] = { "_segments", N_("Segments") },
	[PART_SUPPRESSION] = { "_suppression", N_("Suppressed addresses") },
	[PART_CHANGES] = { "_changes", N_("Changes") },
};

/* ---- output ---- */

static void
put_text(struct buf *out, const struct rec *rec)
{
	for (size_t i = 0; i < rec->n; i++) {
		struct str rest = rec->v[i].value;

		buf_addz(out, "  ");
		buf_adds(out, rec->v[i].label);
		buf_addz(out, ": ");
		/* Further lines of a text stand below its first. */
		while (rest.p) {
			buf_add_visible(out, str_cut(&rest, '\n'));
			buf_addz(out, rest.p ? "\n      " : "\n");
		}
	}
}

/* Ends the part at hand, and names those that stay empty on the way. */
static void
pass_parts(struct person *p, int to)
{
	struct buf *out = out_buf();

	if (p->view == VIEW_JSON && p->part > PART_COMPANY)
		buf_addc(out, ']');
	for (int part = p->part + 1; part <= to && part < PARTS; part++) {
		bool empty = part < to || part == PARTS;

		if (p->view == VIEW_TEXT && part == to)
			buf_addf(out, "%s%s\n", part ? "\n" : "",
			    _(parts[part].heading));
		if (p->view != VIEW_JSON || part == PART_PROFILE ||
		    (empty && part == PART_COMPANY))
			continue;
		buf_addf(out, ",\"%s\":%s%s", parts[part].key,
		    part == PART_COMPANY ? "" : "[", empty ? "]" : "");
	}
	p->part = to;
}

int
person_put(struct person *p, enum part part, struct rec *rec, struct err *err)
{
	struct buf *out = out_buf();

	if (cmd_interrupted())
		return err_set(err, STATUS_IO, "%s", _("interrupted"));
	if ((int)part != p->part)
		pass_parts(p, (int)part);
	else if (p->view != VIEW_LTSV)
		buf_addz(out, p->view == VIEW_JSON ? "," : "\n");
	if (p->view == VIEW_TEXT) {
		put_text(out, rec);
		return 0;
	}
	if (p->view == VIEW_LTSV)
		rec_add(
		    rec, &p->arena, STR("_part"), str_of(parts[part].key + 1));
	if (lines_put_rec(&p->lines, rec, err) < 0)
		return -1;
	if (p->view == VIEW_JSON)
		/* Without its end of line; of the profile without its brace
		 * too, since more keys follow. */
		buf_cut(out, out->n - (part == PART_PROFILE ? 2 : 1));
	return 0;
}

int
person_put_record(
    struct person *p, enum part part, struct dbrec *rec, struct err *err)
{
	struct line_opts opts = { .flags = 0 };
	struct rec line = REC_INIT;

	arena_clear(&p->arena);
	if (line_make(p->rd, rec, &opts, &p->arena, &line, err) < 0)
		return -1;
	return person_put(p, part, &line, err);
}

/* ---- records ---- */

static void
note_addresses(struct person *p, const struct rec *line)
{
	static const char *const labels[] = { "email", "phone" };
	struct str v;

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; rec_next(line, str_of(labels[k]), &i, &v);)
			vec_push(&p->addresses, arena_str(&p->own, v));
}

static int
put_shown(void *arg, enum show_part shown, struct dbrec *rec, struct err *err)
{
	struct person *p = arg;
	struct line_opts opts = { .flags = LINE_STORED };
	struct rec line = REC_INIT;
	enum part part = PART_REFERRING;

	if (shown == SHOW_SUBJECT)
		part = PART_PROFILE;
	else if (shown == SHOW_COMPANY)
		part = PART_COMPANY;
	else if (shown == SHOW_TIMELINE)
		part = PART_TIMELINE;
	/* A company is another's record: its past is not the person's. */
	if (part != PART_COMPANY)
		vec_push(&p->records, *dbrec_id(rec));
	if (part == PART_PROFILE) {
		if (line_make(p->rd, rec, &opts, &p->arena, &line, err) < 0)
			return -1;
		note_addresses(p, &line);
	}
	return person_put_record(p, part, rec, err);
}

/* ---- the change log ---- */

static bool
has(const struct id *v, size_t n, const struct id *id)
{
	for (size_t i = 0; i < n; i++)
		if (id_cmp(&v[i], id) == 0)
			return true;
	return false;
}

static bool
names_person(const struct person *p, const struct rec *rec)
{
	for (size_t i = 0; i < rec->n; i++)
		if (str_eq(rec->v[i].value, str_n(p->text, ID_TEXT)))
			return true;
	return false;
}

/* A record of which one change named the person: it was removed, or is
 * somebody else's by now. */
static int
find_once(void *arg, uint64_t lsn, uint32_t seq, const struct rec *rec,
    struct err *err)
{
	struct person *p = arg;
	struct id id;

	(void)lsn;
	(void)seq;
	if (cmd_interrupted())
		return err_set(err, STATUS_IO, "%s", _("interrupted"));
	if (names_person(p, rec) && id_parse(rec_get(rec, STR("id")), &id) &&
	    !has(p->records.v, p->records.n, &id) &&
	    !has(p->once.v, p->once.n, &id))
		vec_push(&p->once, id);
	return 0;
}

static int
find_all_once(struct person *p, struct err *err)
{
	struct ops *ops = NULL;
	int rc = ops_open(p->rd, &ops, err);

	for (uint64_t lsn = rc == 0 ? ops_from(ops) : 0;
	     rc == 0 && lsn != 0 && lsn <= ops_to(ops); lsn++) {
		progress_show(_("change log"), lsn, ops_to(ops), "operations");
		rc = feed_op(p->feed, lsn, 0, find_once, p, err);
	}
	progress_done();
	ops_close(&ops);
	return rc;
}

static int
put_change(void *arg, uint64_t lsn, uint32_t seq, const struct rec *rec,
    struct err *err)
{
	struct person *p = arg;
	struct rec line = REC_INIT;

	(void)lsn;
	(void)seq;
	arena_clear(&p->arena);
	rec_copy(&line, rec, &p->arena);
	return person_put(p, PART_CHANGES, &line, err);
}

/* Of what is somebody else's by now the changes that name the person. */
static int
put_named_change(void *arg, uint64_t lsn, uint32_t seq, const struct rec *rec,
    struct err *err)
{
	return names_person(arg, rec) ? put_change(arg, lsn, seq, rec, err) : 0;
}

static int
put_changes(struct person *p, struct err *err)
{
	p->feed = feed_new(p->rd);
	if (find_all_once(p, err) < 0)
		return -1;
	for (size_t i = 0; i < p->records.n; i++)
		if (feed_record(p->feed, &p->records.v[i], put_change, p, err) <
		    0)
			return -1;
	for (size_t i = 0; i < p->once.n; i++) {
		struct dbrec *rec;
		int live = dbrec_get(p->rd, &p->once.v[i], 0, &rec, err);

		if (live < 0 ||
		    feed_record(p->feed, &p->once.v[i],
			live ? put_named_change : put_change, p, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- the course ---- */

static int
judge_view(struct person *p, struct err *err)
{
	const char *format = out_opts.format;

	if (!format)
		format = term_stdout() ? "text" : "ltsv";
	if (strcmp(format, "text") == 0)
		p->view = VIEW_TEXT;
	else if (strcmp(format, "json") == 0)
		p->view = VIEW_JSON;
	else if (strcmp(format, "ltsv") == 0)
		p->view = VIEW_LTSV;
	else
		return err_set(err, STATUS_USAGE,
		    _("-o: got '%.40s', wanted text, json or ltsv"), format);
	out_opts.format = p->view == VIEW_JSON ? "json" : "ltsv";
	return 0;
}

/* A contact; one that was removed by its whole id. */
static int
find_person(struct person *p, const char *word, struct err *err)
{
	const struct kind *kind =
	    schema_kind(session_schema(p->ses), STR("contact"));
	struct handle_scope scope = { &kind, 1, false };
	struct err why = ERR_INIT;
	struct history *h = NULL;
	struct history_step step;
	int rc = handle_find(
	    p->rd, &p->ses->env, &scope, str_of(word), false, &p->id, &why);

	if (rc < 0 && id_parse(str_of(word), &p->id)) {
		rc = history_open(p->rd, &p->id, &h, err);
		if (rc == 0)
			rc = history_prev(h, &step, err) > 0 ? 0 : -1;
		p->gone = rc == 0;
		history_close(&h);
	}
	if (rc < 0 && !err->status)
		*err = why;
	id_format(&p->id, p->text);
	return rc;
}

static int
put_all(struct person *p, struct err *err)
{
	struct show_opts opts = { .limit = 0 };

	if (p->gone) {
		struct rec line = REC_INIT;

		vec_push(&p->records, p->id);
		rec_add(&line, &p->arena, STR("id"), str_n(p->text, ID_TEXT));
		if (person_put(p, PART_PROFILE, &line, err) < 0)
			return -1;
	} else if (show_each(p->rd, &p->id, &opts, put_shown, p, err) < 0) {
		return -1;
	}
	if (person_put_scores(p, err) < 0 || person_put_segments(p, err) < 0 ||
	    person_put_suppression(p, err) < 0 || put_changes(p, err) < 0)
		return -1;
	if (p->view == VIEW_JSON) {
		pass_parts(p, PARTS);
		buf_addz(out_buf(), "}\n");
	}
	return 0;
}

int
export_person(
    struct session *ses, const struct export_args *args, struct err *err)
{
	struct person p = { .ses = ses, .part = -1 };
	int rc = -1;

	if (judge_view(&p, err) < 0 || db_read(ses->db, &p.rd, err) < 0 ||
	    find_person(&p, args->person, err) < 0)
		goto out;
	out_hold(true);
	if (!p.gone && person_list_models(&p, err) < 0)
		goto out;
	reading_close(&p.rd);
	for (size_t i = 0; i < p.reasons.n; i++)
		person_explain(&p, &p.reasons.v[i]);
	out_opts.ordered = true;
	if (db_read(ses->db, &p.rd, err) < 0 ||
	    lines_open(&p.lines, ses, NULL, 0, err) < 0 || put_all(&p, err) < 0)
		goto out;
	rc = p.unknown ? STATUS_NO : STATUS_OK;
out:
	if (rc < 0 || com.quiet)
		buf_clear(out_buf()); /* all of it, or nothing */
	feed_free(&p.feed);
	lines_close(&p.lines);
	vec_release(&p.records);
	vec_release(&p.once);
	vec_release(&p.addresses);
	vec_release(&p.reasons);
	arena_release(&p.own);
	arena_release(&p.arena);
	reading_close(&p.rd);
	out_hold(false);
	return rc;
}
