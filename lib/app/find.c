/* SPDX-License-Identifier: MIT */
#include "app/find.h"

#include "app/internal.h"
#include "app/lines.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/vec.h"
#include "crm/handle.h"
#include "query/query.h"
#include "store/plan.h"

int
find_parse(const struct find_opts *o, struct query **q, struct err *err)
{
	VEC(struct str) exprs = VEC_INIT;
	struct buf *files = mem_zero(o->files.n + 1, sizeof(*files));
	int rc = -1;

	for (size_t i = 0; i < o->exprs.n; i++)
		vec_push(&exprs, str_of(o->exprs.v[i]));
	for (size_t i = 0; i < o->files.n; i++) {
		buf_init(&files[i]);
		if (io_slurp(o->files.v[i], QUERY_TEXT_MAX, &files[i], err) <
		    0)
			goto out;
		vec_push(&exprs, buf_str(&files[i]));
	}
	rc = query_parse_words(
	    q, o->words, o->nwords, exprs.v, exprs.n, o->invert, err);
out:
	for (size_t i = 0; i < o->files.n; i++)
		buf_release(&files[i]);
	mem_free(files);
	vec_release(&exprs);
	return rc;
}

/* ---- notes on an empty answer ---- */

static void
note_empty(struct session *ses, struct reading *rd, const struct query *q)
{
	struct err none = ERR_INIT;
	struct buf text = BUF_INIT, path = BUF_INIT;
	const struct kind *kind = q->nkinds ? q->kinds[0] : NULL;
	uint64_t n;

	if (!msg_notes())
		return;
	if (ses->missing) {
		msg_note(_("no store yet at %s; crm-add makes it"),
		    msg_path(ses->url, &path));
	} else {
		query_print(q, &text);
		n = db_count(rd, kind, &none);
		if (text.n)
			msg_note(_("no record matches '%s'; the store holds "
				   "%llu %s%s"),
			    text.p, (unsigned long long)n,
			    kind ? kind->name : "record", n == 1 ? "" : "s");
	}
	buf_release(&text);
	buf_release(&path);
}

/* ---- the store ---- */

struct find {
	struct session *ses;
	const struct find_opts *o;
	struct query *q;
	struct query_store qs;
	struct reading *rd;
	struct answer *answer;
	struct lines lines;
};

/* Before stdout may block: no snapshot stays pinned behind `less`. */
static void
let_go(void *arg)
{
	struct find *f = arg;

	if (f->answer)
		answer_pause(f->answer);
	reading_pause(f->rd);
}

static int
put_found(struct find *f, struct dbrec *rec, struct err *err)
{
	if (lines_put(&f->lines, f->rd, rec, err) < 0)
		return -1;
	if (out_opts.snapshot || !out_is_full())
		return 0;
	if (out_flush(err) < 0)
		return -1;
	return reading_renew(f->rd, err);
}

static int
answer_all(struct find *f, size_t limit, size_t *n, struct err *err)
{
	struct dbrec *rec;
	struct id id;
	int rc;

	while ((!limit || *n < limit) &&
	    (rc = answer_next(f->answer, &id, &rec, err)) > 0) {
		++*n;
		if (cmd_interrupted())
			return err_set(err, STATUS_IO, "%s", _("interrupted"));
		if (f->o->count)
			continue;
		if (com.quiet)
			return 0;
		if (!rec) {
			if (lines_put_id(&f->lines, &id, err) < 0)
				return -1;
			continue;
		}
		if (put_found(f, rec, err) < 0)
			return -1;
	}
	return limit && *n == limit ? 0 : rc;
}

static int
answer_sort(struct find *f, size_t limit, size_t *n, struct err *err)
{
	struct dbrec *rec;
	struct id id;
	struct str none;
	int rc;

	while ((rc = answer_next(f->answer, &id, &rec, err)) > 0)
		if (lines_sort(&f->lines, f->rd, rec, limit, err) < 0)
			return -1;
	if (rc < 0)
		return -1;
	answer_close(&f->answer);
	sort_run(f->lines.sort);
	while ((!limit || *n < limit) &&
	    sort_next(f->lines.sort, &id, &none)) {
		rc = dbrec_get(f->rd, &id, 0, &rec, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue; /* removed while a write blocked */
		++*n;
		if (put_found(f, rec, err) < 0)
			return -1;
	}
	return 0;
}

/* The one key that an index may give in order. */
static const struct field *
walk_key(const struct find *f, bool *descending)
{
	const struct sort_key *keys;

	if (!f->lines.sort || f->q->nkinds != 1 || f->o->count ||
	    sort_keys(f->lines.sort, &keys) != 1)
		return NULL;
	*descending = keys[0].descending;
	return kind_field(f->q->kinds[0], keys[0].label);
}

static int
run_store(struct find *f, struct err *err)
{
	size_t limit = out_opts.limit > 0 ? (size_t)out_opts.limit : 0;
	struct plan_opts po = { .limit = limit };
	size_t n = 0;
	bool sorted;
	int rc;

	po.ids_only = !f->lines.sort &&
	    (f->o->count || com.quiet || f->lines.ids_only);
	po.sort = walk_key(f, &po.descending);
	if (com.quiet)
		po.limit = 1;
	if (f->lines.sort && !po.sort)
		po.limit = 0;
	if (f->o->count)
		po.limit = limit;
	if (answer_open(&f->answer, f->rd, f->q, &po, err) < 0)
		return -1;
	if (f->o->explain) {
		answer_explain(f->answer, out_buf());
		return 0;
	}
	out_before_write(let_go, f);
	if (out_opts.limit == 0)
		rc = 0;
	else if (f->lines.sort && !f->o->count && !com.quiet &&
	    !answer_sorted(f->answer))
		rc = answer_sort(f, limit, &n, err);
	else
		rc = answer_all(f, com.quiet ? 1 : limit, &n, err);
	if (rc < 0)
		return -1;
	sorted = n == 0;
	if (com.quiet)
		return sorted ? STATUS_NO : STATUS_OK;
	if (f->o->count) {
		buf_addf(out_buf(), "%zu\n", n);
		return 0;
	}
	if (n == 0 && out_opts.limit != 0)
		note_empty(f->ses, f->rd, f->q);
	return lines_end(&f->lines, f->rd, n, err);
}

int
find_store(struct session *ses, const struct find_opts *o, struct err *err)
{
	struct find f = { .ses = ses, .o = o };
	struct query_env env = { .default_kind = "contact" };
	int rc = -1;

	if (find_parse(o, &f.q, err) < 0 || db_read(ses->db, &f.rd, err) < 0)
		goto out;
	f.qs = (struct query_store) { .reading = f.rd, .env = &ses->env };
	query_env_fill(&env, &f.qs);
	if (query_bind(f.q, &env, err) < 0)
		goto out;
	out_opts.ordered = true;
	if (lines_open(&f.lines, ses, f.q->kinds, f.q->nkinds, err) < 0)
		goto out;
	rc = run_store(&f, err);
out:
	out_before_write(NULL, NULL);
	answer_close(&f.answer);
	lines_close(&f.lines);
	query_free(&f.q);
	reading_close(&f.rd);
	return rc;
}
