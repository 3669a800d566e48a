/* SPDX-License-Identifier: MIT */
#include "app/show.h"

#include <string.h>
#include <unistd.h>

#include "app/card.h"
#include "app/changes.h"
#include "app/lines.h"
#include "base/vec.h"
#include "crm/feed.h"
#include "crm/handle.h"
#include "crm/show.h"
#include "store/history.h"

enum view { VIEW_LINES, VIEW_JSON, VIEW_CARD, VIEW_HISTORY };

/* A handle of standard input that is shown once all are read. */
struct asked {
	struct str word;
	size_t line;
};

struct showing {
	struct session *ses;
	const struct show_args *args;
	enum view view;
	bool array; /* json-array: brackets around the objects */
	struct show_opts opts;
	struct period since;
	struct handle_scope scope;
	const struct kind *kind; /* of kind:KIND */
	struct reading *rd;
	struct lines lines;
	struct card *card;
	VEC(struct id) ids;
	VEC(struct asked) asked;
	struct arena words; /* of asked */
	size_t subjects;    /* shown so far */
	struct feed *feed;
	size_t changes; /* of the subject, shown by --history */
	/* Of the JSON object at hand. */
	enum show_part part;
	bool bare; /* it has no key yet */
};

/* ---- what is asked for ---- */

static int
find_kind(struct showing *s, struct str name, struct err *err)
{
	if (session_kind(s->ses, name, &s->kind, err) < 0)
		return -1;
	s->scope.kinds = &s->kind;
	s->scope.n = 1;
	s->scope.narrowed = true;
	return 0;
}

/* The past of a record that is gone is asked for by its whole id. */
static int
find_word(struct showing *s, struct str word, bool line, struct id *id,
    struct err *err)
{
	struct err why = ERR_INIT;
	struct history_step step;
	struct history *h = NULL;
	int rc =
	    handle_find(s->rd, &s->ses->env, &s->scope, word, line, id, &why);

	if (rc == 0)
		return 0;
	if (s->args->history && id_parse(word, id)) {
		rc = history_open(s->rd, id, &h, err);
		if (rc == 0)
			rc = history_prev(h, &step, err);
		history_close(&h);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	*err = why;
	return -1;
}

/* Operands are all resolved before the first is shown. */
static int
find_operands(struct showing *s, struct err *err)
{
	const struct show_args *args = s->args;

	for (size_t i = 0; i < args->nwords; i++) {
		struct str word = str_of(args->words[i]);

		if (str_starts(word, STR("kind:")) &&
		    find_kind(s, str_sub(word, 5, word.n), err) < 0)
			return -1;
	}
	for (size_t i = 0; i < args->nwords; i++) {
		struct str word = str_of(args->words[i]);
		struct id id;

		if (str_starts(word, STR("kind:")))
			continue;
		if (find_word(s, word, false, &id, err) < 0)
			return -1;
		vec_push(&s->ids, id);
	}
	return 0;
}

static int
judge_since(struct showing *s, struct err *err)
{
	struct err why = ERR_INIT;

	if (!s->args->since)
		return 0;
	if (period_parse(
		str_of(s->args->since), &s->ses->clock, &s->since, &why) < 0)
		return err_set(err, STATUS_USAGE, "--since: %s", why.msg);
	s->since.to = INT64_MAX;
	s->opts.since = &s->since;
	return 0;
}

/* A card: on a terminal, and with -o table; -F asks for a table's columns. */
static int
judge_view(struct showing *s, struct err *err)
{
	const char *format = out_opts.format;

	if (!format)
		format = term_stdout() ? "table" : "ltsv";
	s->array = strcmp(format, "json-array") == 0;
	if (s->array || strcmp(format, "json") == 0)
		s->view = VIEW_JSON;
	else if (strcmp(format, "table") == 0 && !out_opts.fields.n &&
		 !out_opts.sort.n)
		s->view = VIEW_CARD;
	else
		s->view = VIEW_LINES;
	/* The writer makes the objects that stand in ours. */
	if (s->array)
		out_opts.format = "json";
	if (out_opts.sort.n && s->view == VIEW_JSON)
		return err_set(err, STATUS_USAGE,
		    _("-s: an object of crm-show has an order of its own"));
	return 0;
}

static int
judge_history(struct showing *s, struct err *err)
{
	if (s->args->timeline || s->args->since || out_opts.as_of ||
	    out_opts.sort.n)
		return err_set(err, STATUS_USAGE, "%s",
		    _("--history is all changes in their order: --timeline, "
		      "--since, --as-of and -s do not go with it"));
	s->view = VIEW_HISTORY;
	out_opts.noun = "change";
	changes_columns();
	return 0;
}

static int
judge(struct showing *s, struct err *err)
{
	s->opts.timeline_only = s->args->timeline;
	s->opts.no_timeline = out_opts.limit == 0;
	s->opts.limit = out_opts.limit > 0 ? (size_t)out_opts.limit : 0;
	if (s->args->history
		? judge_history(s, err) < 0
		: judge_view(s, err) < 0 || judge_since(s, err) < 0)
		return -1;
	if (s->view == VIEW_CARD)
		return 0;
	out_opts.ordered = true;
	if (lines_open(&s->lines, s->ses, NULL, 0, err) < 0)
		return -1;
	/* Any kind may come, but a label that none has is a mistake. */
	return writer_check(s->lines.writer, NULL, 0, err);
}

/* ---- output ---- */

/* What is full goes out without a snapshot held. */
static int
let_out(struct showing *s, struct err *err)
{
	if (cmd_interrupted())
		return err_set(err, STATUS_IO, "%s", _("interrupted"));
	if (!out_is_full())
		return 0;
	reading_pause(s->rd);
	if (out_flush(err) < 0)
		return -1;
	return reading_renew(s->rd, err);
}

static int
put_line(void *arg, enum show_part part, struct dbrec *rec, struct err *err)
{
	struct showing *s = arg;

	(void)part;
	if (s->lines.sort)
		return lines_sort(&s->lines, s->rd, rec, 0, err);
	if (lines_put(&s->lines, s->rd, rec, err) < 0) {
		/* One CSV does not hold two kinds: nor half an answer. */
		if (err->status == STATUS_DATA)
			buf_clear(out_buf());
		return -1;
	}
	return let_out(s, err);
}

/* Without its last character, the end of the record. */
static void
cut_end(struct buf *out)
{
	buf_cut(out, out->n - 1);
}

static const char *const part_keys[] = {
	[SHOW_COMPANY] = "_company",
	[SHOW_CONTACTS] = "_contacts",
	[SHOW_REFERS] = "_refers",
	[SHOW_REFERRING] = "_referring",
	[SHOW_TIMELINE] = "_timeline",
};

static void
json_key(struct showing *s, struct buf *out, enum show_part part)
{
	if (!s->bare)
		buf_addc(out, ',');
	s->bare = false;
	buf_addf(
	    out, "\"%s\":%s", part_keys[part], part == SHOW_COMPANY ? "" : "[");
}

static bool
json_has(const struct showing *s, enum show_part part, const char *kind)
{
	bool contact = strcmp(kind, "contact") == 0;
	bool company = strcmp(kind, "company") == 0;

	if (s->opts.timeline_only && part != SHOW_TIMELINE)
		return false;
	return (part == SHOW_CONTACTS && company) ||
	       (part == SHOW_REFERS && !contact && !company) ||
	       part == SHOW_REFERRING || part == SHOW_TIMELINE;
}

/* Closes the part at hand and passes those that stay empty up to `to`. */
static void
json_pass(struct showing *s, struct buf *out, int to, const char *kind)
{
	if (s->part != SHOW_SUBJECT && s->part != SHOW_COMPANY)
		buf_addc(out, ']');
	for (int part = (int)s->part + 1; part < to; part++) {
		if (!json_has(s, (enum show_part)part, kind))
			continue;
		json_key(s, out, (enum show_part)part);
		buf_addc(out, ']');
	}
}

struct json_subject {
	struct showing *s;
	const char *kind;
};

static int
put_object(void *arg, enum show_part part, struct dbrec *rec, struct err *err)
{
	struct json_subject *subject = arg;
	struct showing *s = subject->s;
	struct buf *out = out_buf();

	if (part != SHOW_SUBJECT && part != s->part) {
		json_pass(s, out, (int)part, subject->kind);
		json_key(s, out, part);
		s->part = part;
	} else if (part != SHOW_SUBJECT) {
		buf_addc(out, ',');
	}
	if (lines_put(&s->lines, s->rd, rec, err) < 0)
		return -1;
	cut_end(out);
	if (part == SHOW_SUBJECT) {
		cut_end(out); /* its brace: more keys follow */
		s->bare = out->p[out->n - 1] == '{';
	}
	return let_out(s, err);
}

static int
show_object(struct showing *s, const struct id *id, struct err *err)
{
	struct json_subject subject = { .s = s };
	struct buf *out = out_buf();
	struct dbrec *rec;
	char text[ID_TEXT];
	int rc = dbrec_get(s->rd, id, 0, &rec, err);

	if (rc <= 0)
		return rc;
	subject.kind = dbrec_kind(rec)->name;
	s->part = SHOW_SUBJECT;
	s->bare = false;
	if (s->array)
		buf_addz(out, s->subjects ? ",\n" : "[\n");
	if (s->opts.timeline_only) {
		id_format(id, text);
		buf_addf(out, "{\"id\":\"%.*s\"", ID_TEXT, text);
	}
	if (show_each(s->rd, id, &s->opts, put_object, &subject, err) < 0)
		return -1;
	json_pass(s, out, SHOW_TIMELINE + 1, subject.kind);
	buf_addc(out, '}');
	if (!s->array)
		buf_addc(out, out_opts.null ? '\0' : '\n');
	return 0;
}

static int
show_card(struct showing *s, const struct id *id, struct err *err)
{
	if (!s->card)
		s->card = card_new(s->ses);
	if (s->subjects)
		buf_addc(out_buf(), '\n');
	return card_put(s->card, s->rd, id, &s->opts, out_buf(), err);
}

static int
put_change(void *arg, uint64_t lsn, uint32_t seq, const struct rec *rec,
    struct err *err)
{
	struct showing *s = arg;

	(void)lsn;
	(void)seq;
	if (out_opts.limit >= 0 && s->changes >= (size_t)out_opts.limit)
		return 1;
	s->changes++;
	if (lines_put_rec(&s->lines, rec, err) < 0)
		return -1;
	return let_out(s, err);
}

static int
show_history(struct showing *s, const struct id *id, struct err *err)
{
	if (!s->feed)
		s->feed = feed_new(s->rd);
	s->changes = 0;
	s->lines.rd = s->rd;
	return feed_record(s->feed, id, put_change, s, err) < 0 ? -1 : 0;
}

static int
show_one(struct showing *s, const struct id *id, struct err *err)
{
	int rc;

	if (com.quiet)
		return 0;
	if (s->view == VIEW_CARD)
		rc = show_card(s, id, err);
	else if (s->view == VIEW_JSON)
		rc = show_object(s, id, err);
	else if (s->view == VIEW_HISTORY)
		rc = show_history(s, id, err);
	else
		rc = show_each(s->rd, id, &s->opts, put_line, s, err);
	if (rc < 0)
		return -1;
	s->subjects++;
	return let_out(s, err);
}

static int
show_sorted(struct showing *s, struct err *err)
{
	struct id id;
	struct str none;

	sort_run(s->lines.sort);
	while (sort_next(s->lines.sort, &id, &none))
		if (lines_put_stored(&s->lines, s->rd, &id, err) < 0)
			return -1;
	return 0;
}

static int
end_output(struct showing *s, struct err *err)
{
	if (com.quiet || s->view == VIEW_CARD)
		return out_flush(err);
	if (s->lines.sort && show_sorted(s, err) < 0)
		return -1;
	if (s->view == VIEW_JSON) {
		if (s->array)
			buf_addz(out_buf(), s->subjects ? "\n]\n" : "[]\n");
		return out_flush(err);
	}
	return lines_end(&s->lines, s->rd, 0, err);
}

/* ---- handles on stdin ---- */

static int
show_word(struct showing *s, struct str word, size_t line, struct err *err)
{
	struct err why = ERR_INIT;
	struct id id;

	if (!word.n)
		err_set(
		    &why, STATUS_DATA, _("a line without id names no record"));
	else if (find_word(s, word, true, &id, &why) == 0)
		return show_one(s, &id, err);
	*err = why;
	return err_prefix(err, "stdin:%zu", line);
}

static int
show_input(
    struct showing *s, const struct rec *rec, bool handle, struct err *err)
{
	struct str word = handle ? rec->raw : rec_get(rec, STR("id"));
	struct asked asked = { .line = rec->line };

	if (s->rd)
		return show_word(s, word, rec->line, err);
	asked.word = arena_str(&s->words, word);
	vec_push(&s->asked, asked);
	return 0;
}

/* Without a reading all is read before the first is shown. */
static int
show_stdin(struct showing *s, struct err *err)
{
	struct reader_opts opts = { .filter = true, .ids_allowed = true };
	struct reader *reader = NULL;
	struct arena arena = ARENA_INIT;
	int rc = -1;

	if (session_reader(s->ses, &reader, STDIN_FILENO, &opts, err) < 0)
		goto out;
	for (;;) {
		struct rec rec = REC_INIT;
		bool wait = s->rd && !reader_ready(reader);
		enum read_state st;

		/* No snapshot is held while the pipe has nothing for us. */
		if (wait)
			reading_pause(s->rd);
		arena_clear(&arena);
		st = reader_next(reader, &arena, &rec, err);
		if (st == READ_END)
			break;
		if (st == READ_ERR || st == READ_BAD) {
			if (rec.line && err->status != STATUS_IO)
				err_prefix(err, "stdin:%zu", rec.line);
			goto out;
		}
		if (wait && reading_renew(s->rd, err) < 0)
			goto out;
		if (show_input(s, &rec, st == READ_HANDLE, err) < 0)
			goto out;
	}
	rc = 0;
out:
	reader_close(&reader);
	arena_release(&arena);
	if (s->rd && reading_renew(s->rd, err) < 0)
		rc = -1;
	return rc;
}

/* Operands, then what was read of standard input ahead. */
static int
show_known(struct showing *s, struct err *err)
{
	for (size_t i = 0; i < s->ids.n; i++)
		if (show_one(s, &s->ids.v[i], err) < 0)
			return -1;
	for (size_t i = 0; i < s->asked.n; i++)
		if (show_word(s, s->asked.v[i].word, s->asked.v[i].line, err) <
		    0)
			return -1;
	return 0;
}

int
show_run(struct session *ses, const struct show_args *args, struct err *err)
{
	struct showing s = { .ses = ses, .args = args };
	struct err bad = ERR_INIT;
	bool ahead = args->from_stdin && out_opts.as_of;
	int rc = -1;

	if (judge(&s, err) < 0)
		goto out;
	/* The past holds a snapshot: no input is waited for beside it. */
	if (ahead)
		(void)!show_stdin(&s, &bad); /* after what came before it */
	if (session_past(ses, err) < 0 || db_read(ses->db, &s.rd, err) < 0)
		goto out;
	session_note_missing(ses);
	if (find_operands(&s, err) < 0 || show_known(&s, err) < 0)
		goto out;
	if (bad.status) {
		*err = bad;
		goto out;
	}
	if (args->from_stdin && !ahead && show_stdin(&s, err) < 0)
		goto out;
	rc = end_output(&s, err);
out:
	/* What was shown before a bad line stays shown. */
	if (rc < 0 && err->sys == 0 && s.subjects && !s.lines.sort) {
		struct err late = ERR_INIT;

		(void)!end_output(&s, &late);
	}
	card_free(&s.card);
	feed_free(&s.feed);
	lines_close(&s.lines);
	vec_release(&s.ids);
	vec_release(&s.asked);
	arena_release(&s.words);
	reading_close(&s.rd);
	return rc;
}
