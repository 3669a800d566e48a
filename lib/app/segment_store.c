/* SPDX-License-Identifier: MIT */
/* The segments themselves: saved, frozen, removed, shown. */
#include <string.h>
#include <unistd.h>

#include "app/segment.h"
#include "base/num.h"
#include "crm/changes.h"
#include "crm/handle.h"
#include "crm/ops.h"

enum { DAY_MS = 86400000 };

/* ---- writing ---- */

struct storing_one {
	struct segmenting *s;
	struct buf changes; /* of a rehearsal, until it has ended */
	struct str user;
	struct id id;
	bool is_new;
};

static bool
is_hidden(void *arg, const struct id *id)
{
	const struct storing_one *o = arg;

	return o->is_new && id_cmp(id, &o->id) == 0;
}

static int
put_change(void *arg, const struct rec *rec, struct err *err)
{
	struct storing_one *o = arg;

	return writer_put(o->s->lines.writer, rec, &o->changes, err);
}

static int
on_changed(void *arg, const struct row *before, const struct row *after,
    struct err *err)
{
	struct storing_one *o = arg;
	char at[DATETIME_TEXT];
	struct change_meta meta = {
		.at = str_n(at, datetime_format(o->s->ses->clock.now, at)),
		.by = o->user,
		.prog = str_of(cmd_name()),
		.hidden = is_hidden,
		.arg = o,
	};

	o->is_new = !before;
	if (after)
		o->id = after->id;
	arena_clear(&o->s->line_arena);
	return change_lines(o->s->ses->db, before, after, &meta,
	    &o->s->line_arena, put_change, o, err);
}

static void
on_restart(void *arg)
{
	struct storing_one *o = arg;

	buf_clear(&o->changes);
}

static struct segment_write
writing(struct storing_one *o)
{
	struct segment_write w = { .db = o->s->ses->db,
		.env = &o->s->ses->env };

	if (!write_opts.dry_run)
		return w;
	w.dry_run = true;
	w.restart = on_restart;
	w.changed = on_changed;
	w.arg = o;
	return w;
}

/* A writer has to be there before the transaction, if it is to be told of. */
static int
begin(struct storing_one *o, struct segmenting *s, struct err *err)
{
	static const char *const table[] = { "name", "_do", "_field", "_old",
		"_new", NULL };

	*o = (struct storing_one){ .s = s };
	buf_init(&o->changes);
	if (!write_opts.dry_run)
		return 0;
	o->user = ops_user((uint32_t)getuid(), &s->arena);
	return segment_lines(s, "change", table, NULL, err);
}

/* What was stored; of a rehearsal what would be. */
static int
end(struct storing_one *o, const struct id *id, struct err *err)
{
	struct segmenting *s = o->s;
	const struct kind *kind =
	    schema_kind(session_schema(s->ses), STR("segment"));
	int rc = -1;

	if (com.quiet)
		return 0;
	if (write_opts.dry_run) {
		buf_adds(out_buf(), buf_str(&o->changes));
		return lines_end(&s->lines, NULL, 0, err);
	}
	if (!id)
		return 0;
	out_opts.ordered = true;
	if (db_read(s->ses->db, &s->rd, err) == 0 &&
	    lines_open(&s->lines, s->ses, &kind, 1, err) == 0 &&
	    lines_put_stored(&s->lines, s->rd, id, err) == 0)
		rc = lines_end(&s->lines, s->rd, 1, err);
	return rc;
}

static int
bad_name(const char *word, bool set, struct err *err)
{
	if (set)
		return err_set(err, STATUS_USAGE,
		    _("'%.80s' is no name of a frozen set; wanted NAME@LABEL: "
		      "letters a to z, digits, _ . -, at most 48 in all"),
		    word);
	return err_set(err, STATUS_USAGE,
	    _("'%.80s' is no name of a segment; wanted a letter a to z, then "
	      "a to z, digits, _ . -, at most 48, and none of the verbs"),
	    word);
}

static bool
is_verb(const char *word)
{
	for (const struct verb *v = segment_verbs; v->name; v++)
		if (strcmp(v->name, word) == 0)
			return true;
	return false;
}

/* Words are refused that an expression would not be: one that holds several
 * terms (QUERY.md 1). */
static int
bind_words(struct segmenting *s, struct query *q, struct err *err)
{
	struct query_store qs = { .env = &s->ses->env };
	struct query_env env = { .default_kind = "contact" };
	int rc = -1;

	if (db_read(s->ses->db, &qs.reading, err) < 0)
		return -1;
	query_env_fill(&env, &qs);
	rc = query_bind(q, &env, err);
	reading_close(&qs.reading);
	return rc;
}

/* What was typed, where it was words or one expression. */
static void
join(const struct segmenting *s, struct buf *typed)
{
	size_t n = s->nwords > 2 ? s->nwords - 2 : 0;

	for (size_t i = 0; i < n; i++)
		buf_addf(typed, "%s%s", i ? " " : "", s->words[i + 2]);
	if (s->exprs.n == 1 && !n)
		buf_addz(typed, s->exprs.v[0]);
}

/* As typed, where that reads the same as one expression. */
static int
query_of(struct segmenting *s, struct str *out, struct err *err)
{
	struct buf text = BUF_INIT, typed = BUF_INIT, again = BUF_INIT;
	struct str *exprs =
	    arena_array(&s->arena, s->exprs.n + 1, sizeof(*exprs));
	struct query *q = NULL, *same = NULL;
	struct err none = ERR_INIT;
	int rc;

	for (size_t i = 0; i < s->exprs.n; i++)
		exprs[i] = str_of(s->exprs.v[i]);
	rc = query_parse_words(
	    &q, s->words + 2, s->nwords - 2, exprs, s->exprs.n, false, err);
	if (rc < 0)
		goto out;
	query_print(q, &text);
	join(s, &typed);
	if (query_parse(&same, buf_str(&typed), &none) == 0)
		query_print(same, &again);
	*out = arena_str(&s->arena, str_eq(buf_str(&text), buf_str(&again))
					? buf_str(&typed)
					: buf_str(&text));
	rc = bind_words(s, q, err);
out:
	query_free(&q);
	query_free(&same);
	buf_release(&text);
	buf_release(&typed);
	buf_release(&again);
	return rc;
}

int
segment_save_words(struct segmenting *s, struct err *err)
{
	struct storing_one o;
	struct segment_write w;
	enum segment_saved how;
	struct str name = str_of(s->words[1]), query;
	struct id id;
	int rc = -1;

	if (!segment_name_ok(name) || is_verb(s->words[1]))
		return bad_name(s->words[1], false, err);
	if (query_of(s, &query, err) < 0)
		return -1;
	if (begin(&o, s, err) < 0)
		goto out;
	w = writing(&o);
	if (segment_save(&w, name, query, &id, &how, err) < 0 ||
	    end(&o, &id, err) < 0)
		goto out;
	rc = 0;
	if (write_opts.dry_run)
		msg_note("%s", _("nothing stored"));
	else if (how == SEGMENT_REPLACED)
		msg_note(_("replaced the query of %s; crm-undo brings the old "
			   "one back"),
		    s->words[1]);
	else if (how == SEGMENT_SAME)
		msg_note(_("%s is that query already"), s->words[1]);
	else
		msg_note(_("saved %s; @%s stands in any query"), s->words[1],
		    s->words[1]);
out:
	buf_release(&o.changes);
	return rc;
}

int
segment_freeze_word(struct segmenting *s, struct err *err)
{
	struct storing_one o;
	struct segment_write w;
	struct str word = str_of(s->words[1]), set = word;
	char day[DATE_TEXT];
	size_t members, n;
	struct id id;
	int rc = -1;

	if (str_find(word, '@') == word.n) {
		if (!segment_name_ok(word))
			return bad_name(s->words[1], false, err);
		n = date_format(
		    zone_day_of(s->ses->clock.zone, s->ses->clock.now), day);
		set = arena_printf(
		    &s->arena, "%s@%.*s", s->words[1], (int)n, day);
	}
	if (!segment_set_ok(set))
		return bad_name(set.p, true, err);
	if (begin(&o, s, err) < 0)
		goto out;
	w = writing(&o);
	if (segment_freeze(&w, segment_base(word), set, &id, &members, err) <
		0 ||
	    end(&o, &id, err) < 0)
		goto out;
	rc = 0;
	if (write_opts.dry_run)
		msg_note("%s", _("nothing stored"));
	else
		msg_note(cmd_text_n(
			     "%.*s: %zu member", "%.*s: %zu members", members),
		    STR_ARG(set), members);
out:
	buf_release(&o.changes);
	return rc;
}

int
segment_remove_words(struct segmenting *s, struct err *err)
{
	size_t n = s->nwords - 1;
	struct str *names = arena_array(&s->arena, n, sizeof(*names));
	struct storing_one o;
	struct segment_write w;
	int rc = -1;

	for (size_t i = 0; i < n; i++)
		names[i] = str_of(s->words[i + 1]);
	if (begin(&o, s, err) < 0)
		goto out;
	w = writing(&o);
	if (segment_remove(&w, names, n, &n, err) < 0 || end(&o, NULL, err) < 0)
		goto out;
	rc = 0;
	if (write_opts.dry_run)
		msg_note("%s", _("nothing stored"));
	else
		msg_note(
		    cmd_text_n("removed %zu segment; crm-undo brings it back",
			"removed %zu segments; crm-undo brings them back", n),
		    n);
out:
	buf_release(&o.changes);
	return rc;
}

/* ---- list and show ---- */

struct numbers {
	size_t size, scope;
	bool money; /* some kind in scope has revenue */
	int64_t value;
	int places;
};

/* Whom a segment is a share of, but those who are in no count. */
static int
count_scope(struct segmenting *s, const struct operand *op, struct numbers *n,
    struct err *err)
{
	for (size_t i = 0; i < op->nkinds; i++) {
		n->scope += db_count(s->rd, op->kinds[i], err);
		if (err->status)
			return -1;
		if (strcmp(op->kinds[i]->name, "contact") == 0)
			n->scope -= s->restricted.n < n->scope ? s->restricted.n
							       : n->scope;
		if (kind_field(op->kinds[i], STR("revenue")))
			n->money = true;
	}
	return 0;
}

static int
add_value(struct segmenting *s, const struct id *id, struct numbers *n,
    struct err *err)
{
	const struct field *f;
	struct scalar v;
	struct dbrec *rec;
	int rc = dbrec_get(s->rd, id, 0, &rec, err);

	if (rc <= 0)
		return rc;
	f = kind_field(dbrec_kind(rec), STR("revenue"));
	rc = f ? dbrec_derived(rec, f, STR("revenue"), &v, err) : 0;
	if (rc <= 0)
		return rc;
	n->money = true;
	n->places = v.places;
	if (num_add_i64(&n->value, n->value, v.i))
		return err_set(err, STATUS_DATA, "%s",
		    _("the revenue of all members is too large a number"));
	return 0;
}

static int
measure(struct segmenting *s, struct operand *op, struct numbers *n,
    struct err *err)
{
	*n = (struct numbers){ .places = 2 };
	if (operand_find(s, op, s->rd, err) < 0 ||
	    count_scope(s, op, n, err) < 0)
		return -1;
	n->size = op->ids.n;
	for (size_t i = 0; i < op->ids.n; i++)
		if (add_value(s, &op->ids.v[i], n, err) < 0)
			return -1;
	return 0;
}

static void
add_numbers(struct segmenting *s, const struct numbers *n, struct rec *line)
{
	struct arena *a = &s->line_arena;
	struct scalar money = {
		.type = TYPE_MONEY, .i = n->value, .places = n->places
	};

	rec_add(line, a, STR("_size"), arena_printf(a, "%zu", n->size));
	if (n->scope)
		rec_add(line, a, STR("_share"),
		    segment_share(a, n->size, n->scope));
	if (n->money)
		rec_add(line, a, STR("_value"), line_scalar_text(&money, a));
}

static int
put_segment(struct segmenting *s, const struct segment *seg,
    const struct numbers *n, struct err *err)
{
	struct rec line = REC_INIT;
	struct dbrec *rec;
	int64_t since, days;
	int rc = dbrec_get(s->rd, &seg->id, 0, &rec, err);

	if (rc <= 0 || segment_record(s, s->rd, rec, &line, err) < 0)
		return rc < 0 || err->status ? -1 : 0;
	since = seg->frozen ? seg->frozen_at : dbrec_created(rec);
	days = (s->ses->clock.now - since) / DAY_MS;
	if (n)
		add_numbers(s, n, &line);
	rec_add(&line, &s->line_arena, STR("_age"),
	    arena_printf(
		&s->line_arena, "%lld", (long long)(days > 0 ? days : 0)));
	return segment_line(s, &line, err);
}

/* broken: what to do with a query that does not bind any more. */
static int
show_one(
    struct segmenting *s, struct str name, bool warn_broken, struct err *err)
{
	struct operand op = { .word = name, .fd = -1 };
	struct err why = ERR_INIT;
	struct segment seg;
	struct numbers n;
	int rc = segment_find(s->rd, name, &s->arena, &seg, err);

	if (rc <= 0)
		return rc < 0 ? -1 : segment_unknown(s->rd, name, err);
	rc = measure(s, &op, &n, &why);
	vec_release(&op.ids);
	if (rc == 0)
		return put_segment(s, &seg, &n, err);
	if (!warn_broken || why.status != STATUS_USAGE) {
		*err = why;
		return -1;
	}
	msg_warn("%.*s: %s", STR_ARG(name), why.msg);
	return put_segment(s, &seg, NULL, err);
}

static int
begin_list(struct segmenting *s, struct err *err)
{
	static const char *const table[] = { "id", "name", "query", "frozen",
		"_size", "_share", "_value", "_age", NULL };
	static const char *const cells[] = { "id", "name", "query", "note",
		"frozen", "_size", "_share", "_value", "_age", NULL };

	return segment_lines(s, "segment", table, cells, err);
}

int
segment_show_words(struct segmenting *s, struct err *err)
{
	struct segment seg;
	int rc;

	for (size_t i = 1; i < s->nwords; i++) {
		rc = segment_find(
		    s->rd, str_of(s->words[i]), &s->arena, &seg, err);
		if (rc == 0)
			return segment_unknown(s->rd, str_of(s->words[i]), err);
		if (rc < 0)
			return -1;
	}
	if (com.quiet)
		return 0;
	if (begin_list(s, err) < 0)
		return -1;
	for (size_t i = 1; i < s->nwords; i++)
		if (show_one(s, str_of(s->words[i]), false, err) < 0)
			return -1;
	return lines_end(&s->lines, s->rd, s->nwords - 1, err);
}

int
segment_list(struct segmenting *s, struct err *err)
{
	const char *const *names;
	size_t n, limit;

	if (segment_names(s->rd, &s->arena, &names, &n, err) < 0)
		return -1;
	if (com.quiet)
		return 0;
	if (begin_list(s, err) < 0)
		return -1;
	limit = out_opts.limit >= 0 && (size_t)out_opts.limit < n
		    ? (size_t)out_opts.limit
		    : n;
	for (size_t i = 0; i < limit; i++)
		if (show_one(s, str_of(names[i]), true, err) < 0)
			return -1;
	return lines_end(&s->lines, s->rd, n, err);
}
