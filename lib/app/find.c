/* SPDX-License-Identifier: MIT */
#include "app/find.h"

#include <string.h>

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
	struct arena a = ARENA_INIT;
	struct buf *files = mem_zero(o->files.n + 1, sizeof(*files));
	int rc = -1;

	for (size_t i = 0; i < o->exprs.n; i++)
		vec_push(&exprs, str_of(o->exprs.v[i]));
	for (size_t i = 0; i < o->files.n; i++) {
		buf_init(&files[i]);
		if (io_slurp(o->files.v[i], QUERY_TEXT_MAX, &files[i], err) < 0)
			goto out;
		vec_push(&exprs, query_uncomment(buf_str(&files[i]), &a));
	}
	rc = query_parse_words(
	    q, o->words, o->nwords, exprs.v, exprs.n, o->invert, err);
out:
	for (size_t i = 0; i < o->files.n; i++)
		buf_release(&files[i]);
	mem_free(files);
	vec_release(&exprs);
	arena_release(&a);
	return rc;
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
	size_t matched; /* in all, where that is known; else 0 */
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
	f->matched = sort_run(f->lines.sort);
	while ((!limit || *n < limit) && sort_next(f->lines.sort, &id, &none)) {
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
static void
walk_key(const struct find *f, struct plan_opts *po)
{
	const struct sort_key *keys;

	if (!f->lines.sort || f->q->nkinds != 1 || f->o->count ||
	    sort_keys(f->lines.sort, &keys) != 1)
		return;
	po->descending = keys[0].descending;
	po->sort = kind_field(f->q->kinds[0], keys[0].label);
	po->sort_label = kind_unalias(f->q->kinds[0], keys[0].label);
}

/* The footer of a table says of how many, too. */
static int
count_rest(struct find *f, struct err *err)
{
	struct plan_opts po = { .ids_only = true };
	struct dbrec *rec;
	struct id id;
	int rc;

	if (f->matched || !term_stdout() ||
	    (out_opts.format && strcmp(out_opts.format, "table") != 0))
		return 0;
	answer_close(&f->answer);
	if (answer_open(&f->answer, f->rd, f->q, &po, err) < 0)
		return -1;
	while ((rc = answer_next(f->answer, &id, &rec, err)) > 0)
		f->matched++;
	return rc;
}

static int
run_store(struct find *f, struct err *err)
{
	size_t limit = out_opts.limit > 0 ? (size_t)out_opts.limit : 0;
	struct plan_opts po = { .limit = limit };
	size_t n = 0;
	bool sorted;
	int rc;

	po.ids_only =
	    !f->lines.sort && (f->o->count || com.quiet || f->lines.ids_only);
	po.derived = !po.ids_only && !f->lines.sort && f->lines.derived;
	walk_key(f, &po);
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
		find_note_empty(f->ses, f->rd, f->q);
	if (limit && n == limit && count_rest(f, err) < 0)
		return -1;
	return lines_end(&f->lines, f->rd, f->matched ? f->matched : n, err);
}

int
find_store(struct session *ses, const struct find_opts *o, struct err *err)
{
	struct find f = { .ses = ses, .o = o };
	struct query_env env = { .default_kind = "contact" };
	int rc = -1;

	if (find_parse(o, &f.q, err) < 0 || db_read(ses->db, &f.rd, err) < 0)
		goto out;
	f.qs = (struct query_store){ .reading = f.rd, .env = &ses->env };
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
