/* SPDX-License-Identifier: MIT */
/* crm-find -: lines on stdin put to a query. */
#include <string.h>
#include <unistd.h>

#include "app/find.h"
#include "app/internal.h"
#include "app/lines.h"
#include "base/vec.h"
#include "crm/filter.h"
#include "crm/handle.h"
#include "crm/segment.h"
#include "format/format.h"
#include "query/query.h"

enum { SEEN_LINES = 200, SEEN_LABELS = 512 };

struct filter {
	struct session *ses;
	const struct find_opts *o;
	struct query *q;
	struct reading *rd; /* opened when first asked for */
	bool paused; /* it was given up: to be renewed before it is used */
	struct query_store qs;
	struct reader *reader;
	struct filter_line line;
	struct lines lines;
	bool raw; /* matching lines go out byte for byte */
	struct arena arena, seen_arena;
	VEC(const char *) seen; /* labels of the first lines */
	size_t read, matched, bad;
};

static int
get_reading(void *arg, struct reading **out, struct err *err)
{
	struct filter *f = arg;

	if (!f->rd) {
		if (session_db(f->ses, err) < 0 ||
		    db_read(f->ses->db, &f->rd, err) < 0)
			return -1;
	} else if (f->paused && reading_renew(f->rd, err) < 0) {
		return -1;
	}
	f->paused = false;
	*out = f->rd;
	return 0;
}

/* Handles and segments of the query want the store; where there is none they
 * name nothing. */
static int
late_handle(void *arg, const struct kind *kind, struct str word,
    struct id **ids, size_t *n, struct arena *a, struct err *err)
{
	struct filter *f = arg;
	struct reading *rd;
	struct query_env env = { 0 };

	if (get_reading(f, &rd, err) < 0)
		return -1;
	f->qs = (struct query_store){ .reading = rd, .env = &f->ses->env };
	query_env_fill(&env, &f->qs);
	return env.handle(env.arg, kind, word, ids, n, a, err);
}

static int
late_segment(void *arg, struct str name, struct str *text, struct str *scope,
    struct id **set, size_t *n, struct arena *a, struct err *err)
{
	struct filter *f = arg;

	if (get_reading(f, &f->qs.reading, err) < 0)
		return -1;
	f->qs.env = &f->ses->env;
	return segment_for_query(&f->qs, name, text, scope, set, n, a, err);
}

/* Asked for after late_segment found none. */
static const char *const *
late_names(void *arg, size_t *n, struct arena *a)
{
	struct filter *f = arg;

	return segment_names_for_query(&f->qs, n, a);
}

static void
note_labels(struct filter *f, const struct rec *rec)
{
	if (f->read > SEEN_LINES)
		return;
	for (size_t i = 0; i < rec->n && f->seen.n < SEEN_LABELS; i++) {
		struct str label = rec->v[i].label;
		bool known = false;

		for (size_t k = 0; k < f->seen.n && !known; k++)
			known = str_eqz(label, f->seen.v[k]);
		if (!known)
			vec_push(&f->seen, arena_str(&f->seen_arena, label).p);
	}
}

static bool
schema_knows(const struct schema *s, struct str label)
{
	for (size_t i = 0; i < s->nkinds; i++)
		if (kind_field(&s->kinds[i], label))
			return true;
	return false;
}

/* A label that the schema knows is no slip: nothing is suggested for it. */
static void
warn_unseen(void *arg, struct str label)
{
	struct filter *f = arg;
	const struct schema *s = session_schema(f->ses);
	const struct kind *kind = schema_kind(s, STR("contact"));
	const char *names[SEEN_LABELS], *near = NULL;

	if (!schema_knows(s, label)) {
		near = str_suggest(
		    label, (const char *const *)f->seen.v, f->seen.n);
		if (!near && kind)
			near = str_suggest(label, names,
			    kind_labels(kind, names, SEEN_LABELS));
	}
	if (near)
		msg_warn(_("query: no line had a field '%.*s'; did you mean "
			   "'%s'?"),
		    STR_ARG(label), near);
	else
		msg_warn(
		    _("query: no line had a field '%.*s'"), STR_ARG(label));
}

static int
put_match(struct filter *f, const struct rec *rec, struct err *err)
{
	f->matched++;
	if (f->o->count || com.quiet)
		return 0;
	if (f->lines.sort) {
		struct scalar values[SORT_KEYS_MAX] = { { .type = TYPE_NONE } };
		const struct sort_key *keys;
		size_t n = sort_keys(f->lines.sort, &keys);
		struct buf line = BUF_INIT;
		struct id id = { { 0 } };

		(void)id_parse(rec_get(rec, STR("id")), &id);
		for (size_t k = 0; k < n; k++)
			if (!filter_scalar(&f->line, keys[k].label,
				keys[k].descending, &values[k]))
				values[k].type = TYPE_NONE;
		if (f->raw) {
			buf_adds(&line, rec->raw);
		} else {
			for (size_t i = 0; i < rec->n; i++) {
				buf_addz(&line, i ? "\t" : "");
				buf_adds(&line, rec->v[i].label);
				buf_addc(&line, ':');
				escape_into(rec->v[i].value, &line);
			}
		}
		sort_add(f->lines.sort, &id, values, buf_str(&line),
		    out_opts.limit > 0 ? (size_t)out_opts.limit : 0);
		buf_release(&line);
		return 0;
	}
	if (f->raw) {
		buf_adds(out_buf(), rec->raw);
		buf_addc(out_buf(), out_opts.null ? '\0' : '\n');
	} else if (lines_put_rec(&f->lines, rec, err) < 0) {
		return -1;
	}
	return out_record(err);
}

static int
judge(struct filter *f, const struct rec *rec, struct err *err)
{
	int rc;

	f->read++;
	note_labels(f, rec);
	filter_set(&f->line, rec);
	rc = query_eval(f->q, &filter_source, &f->line, err);
	if (rc <= 0)
		return rc;
	return put_match(f, rec, err);
}

/* A line that is a handle stands for the record that it names. */
static int
judge_handle(struct filter *f, const struct rec *rec, struct err *err)
{
	struct handle_scope all = { .n = 0 };
	struct line_opts lo = { .flags = 0 };
	struct rec line = REC_INIT;
	struct buf text = BUF_INIT;
	struct reading *rd;
	struct dbrec *stored;
	struct id id;
	int rc;

	if (get_reading(f, &rd, err) < 0 ||
	    handle_find(rd, &f->ses->env, &all, rec->raw, true, &id, err) < 0)
		return -1;
	rc = dbrec_get(rd, &id, 0, &stored, err);
	if (rc <= 0)
		return rc;
	lo.extra = f->lines.extra;
	lo.nextra = f->lines.opts.nextra;
	if (line_make(rd, stored, &lo, &f->arena, &line, err) < 0)
		return -1;
	for (size_t i = 0; i < line.n; i++) {
		buf_addz(&text, i ? "\t" : "");
		buf_adds(&text, line.v[i].label);
		buf_addc(&text, ':');
		escape_into(line.v[i].value, &text);
	}
	line.raw = arena_str(&f->arena, buf_str(&text));
	buf_release(&text);
	return judge(f, &line, err);
}

static bool
enough(const struct filter *f)
{
	if (com.quiet)
		return f->matched > 0;
	return out_opts.limit >= 0 && !f->lines.sort &&
	       f->matched >= (size_t)out_opts.limit;
}

static int
read_all(struct filter *f, struct err *err)
{
	for (;;) {
		struct rec rec = REC_INIT;
		struct err why = ERR_INIT;
		enum read_state st;
		int rc = 0;

		if (enough(f))
			return 0;
		arena_clear(&f->arena);
		st = reader_next(f->reader, &f->arena, &rec, &why);
		if (st == READ_END)
			return 0;
		/* Only lines of ours are passed on byte for byte: the output
		 * does not follow the input (FORMAT.md section 10). */
		if (st == READ_REC && f->read == 0 &&
		    strcmp(reader_format(f->reader), "ltsv") != 0)
			f->raw = false;
		if (st == READ_REC)
			rc = judge(f, &rec, err);
		else if (st == READ_HANDLE)
			rc = judge_handle(f, &rec, &why);
		if (rc < 0 && err->status)
			return -1;
		if (st != READ_BAD && st != READ_ERR && !why.status)
			continue;
		if (rec.line && why.status != STATUS_IO)
			err_prefix(&why, "stdin:%zu", rec.line);
		if (st == READ_ERR || !write_opts.keep_going ||
		    why.status == STATUS_IO) {
			*err = why;
			return -1;
		}
		f->bad++;
		msg_refused(&why);
	}
}

static int
put_sorted(struct filter *f, struct err *err)
{
	size_t limit = out_opts.limit >= 0 ? (size_t)out_opts.limit : SIZE_MAX;
	struct id id;
	struct str line;

	sort_run(f->lines.sort);
	for (size_t n = 0; n < limit && sort_next(f->lines.sort, &id, &line);
	     n++) {
		if (f->raw) {
			buf_adds(out_buf(), line);
			buf_addc(out_buf(), out_opts.null ? '\0' : '\n');
		} else {
			struct rec rec = REC_INIT;
			struct str rest = line;

			arena_clear(&f->arena);
			while (rest.p) {
				struct pair p;

				if (pair_parse(
					str_cut(&rest, '\t'), &f->arena, &p))
					rec_add(
					    &rec, &f->arena, p.label, p.value);
			}
			if (lines_put_rec(&f->lines, &rec, err) < 0)
				return -1;
		}
		if (out_record(err) < 0)
			return -1;
	}
	return 0;
}

static void
let_go(void *arg)
{
	struct filter *f = arg;

	/* A stalled reader of ours must not pin the store's pages. */
	if (f->rd)
		reading_pause(f->rd);
	f->paused = true;
}

static int
finish(struct filter *f, struct err *err)
{
	if (f->lines.sort && !f->o->count && !com.quiet &&
	    put_sorted(f, err) < 0)
		return -1;
	if (f->read)
		query_unseen(f->q, warn_unseen, f);
	msg_refused_end();
	if (com.quiet)
		return f->matched ? STATUS_OK : STATUS_NO;
	if (f->o->count)
		buf_addf(out_buf(), "%zu\n", f->matched);
	else if (!f->raw && lines_end(&f->lines, f->rd, f->matched, err) < 0)
		return -1;
	return f->bad ? STATUS_NO : STATUS_OK;
}

int
find_lines(struct session *ses, const struct find_opts *o, struct err *err)
{
	struct filter f = { .ses = ses, .o = o };
	struct query_env env = {
		.stdin_mode = true,
		.handle = late_handle,
		.segment = late_segment,
		.segment_names = late_names,
		.arg = &f,
	};
	struct reader_opts ro = { .filter = true, .ids_allowed = true };
	struct buf explain = BUF_INIT;
	int rc = -1;

	if (find_parse(o, &f.q, err) < 0)
		goto out;
	env.schema = session_schema(ses);
	env.clock = &ses->clock;
	if (query_bind(f.q, &env, err) < 0)
		goto out;
	if (o->explain) {
		query_explain(f.q, &explain);
		buf_addf(out_buf(),
		    "query  %s\nplan   each line of standard "
		    "input\n",
		    explain.p);
		rc = 0;
		goto out;
	}
	f.raw = !out_opts.format && !out_opts.fields.n && !out_opts.stored &&
		!term_stdout();
	f.line.schema = env.schema;
	f.line.reading = get_reading;
	f.line.arg = &f;
	if (lines_open(&f.lines, ses, NULL, 0, err) < 0 ||
	    session_reader(ses, &f.reader, STDIN_FILENO, &ro, err) < 0)
		goto out;
	out_before_write(let_go, &f);
	if (read_all(&f, err) < 0)
		goto out;
	rc = finish(&f, err);
out:
	out_before_write(NULL, NULL);
	buf_release(&explain);
	reader_close(&f.reader);
	lines_close(&f.lines);
	query_free(&f.q);
	reading_close(&f.rd);
	arena_release(&f.arena);
	arena_release(&f.seen_arena);
	vec_release(&f.seen);
	return rc;
}
