/* SPDX-License-Identifier: MIT */
#include "app/edit.h"

#include <unistd.h>

#include "app/find.h"
#include "query/query.h"
#include "store/plan.h"

void
edit_release(struct edit *e)
{
	reading_close(&e->rd);
	arena_release(&e->arena);
	vec_release(&e->words);
	vec_release(&e->targets);
}

/* ---- handles ---- */

static int
find_word(struct edit *e, struct str word, bool line, struct target *t,
    struct err *err)
{
	struct handle_scope scope = { .n = 0 };
	struct dbrec *rec;
	int rc;

	if (e->kind) {
		scope.kinds = &e->kind;
		scope.n = 1;
		scope.narrowed = true;
	}
	if (handle_find(e->rd, &e->ses->env, &scope, word, line, &t->id, err) <
	    0)
		return -1;
	rc = dbrec_get(e->rd, &t->id, 0, &rec, err);
	if (rc > 0)
		t->kind = dbrec_kind(rec);
	return rc < 0 ? -1 : 0;
}

int
edit_find_line(
    struct edit *e, struct str word, struct target *t, struct err *err)
{
	int rc;

	if (db_read_again(e->ses->db, &e->rd, err) < 0)
		return -1;
	rc = find_word(e, word, true, t, err);
	reading_pause(e->rd);
	return rc;
}

/* Two handles may name one record. */
static void
add_target(struct edit *e, const struct target *t)
{
	for (size_t i = 0; i < e->targets.n; i++)
		if (id_cmp(&e->targets.v[i].id, &t->id) == 0)
			return;
	vec_push(&e->targets, *t);
}

static int
find_words(struct edit *e, struct err *err)
{
	for (size_t i = 0; i < e->words.n; i++) {
		struct err why = ERR_INIT;
		struct target t;

		if (find_word(e, str_of(e->words.v[i]), false, &t, &why) == 0) {
			add_target(e, &t);
			continue;
		}
		if (!write_opts.keep_going || why.status == STATUS_IO) {
			*err = why;
			return -1;
		}
		e->missed++;
		msg_refused(&why);
	}
	return 0;
}

/* ---- --where ---- */

static int
gather(struct edit *e, const struct query *q, struct err *err)
{
	struct plan_opts po = { .ids_only = q->nkinds == 1 };
	struct answer *answer = NULL;
	struct dbrec *rec;
	struct target t;
	int rc = -1;

	if (answer_open(&answer, e->rd, q, &po, err) < 0)
		goto out;
	while ((rc = answer_next(answer, &t.id, &rec, err)) > 0) {
		if (cmd_interrupted()) {
			rc = err_set(err, STATUS_IO, "%s",
			    _("interrupted; nothing stored"));
			goto out;
		}
		t.kind = q->nkinds == 1 ? q->kinds[0] : dbrec_kind(rec);
		vec_push(&e->targets, t);
	}
	if (rc == 0 && e->targets.n == 0)
		find_note_empty(e->ses, e->rd, q);
out:
	answer_close(&answer);
	return rc;
}

static int
find_where(struct edit *e, struct err *err)
{
	struct str expr = str_of(e->where);
	struct query_store qs = { .reading = e->rd, .env = &e->ses->env };
	struct query_env env = { .default_kind =
				     e->kind ? e->kind->name : "contact" };
	struct query *q = NULL;
	int rc = -1;

	query_env_fill(&env, &qs);
	if (query_parse_words(&q, NULL, 0, &expr, 1, false, err) == 0 &&
	    query_bind(q, &env, err) == 0)
		rc = gather(e, q, err);
	query_free(&q);
	return rc;
}

int
edit_find_targets(struct edit *e, struct err *err)
{
	int rc;

	if (!e->where && !e->words.n)
		return 0;
	if (db_read_again(e->ses->db, &e->rd, err) < 0)
		return -1;
	rc = e->where ? find_where(e, err) : find_words(e, err);
	reading_pause(e->rd);
	return rc;
}

/* ---- stdin, for the editor ---- */

static int
read_target(struct edit *e, const struct rec *rec, bool handle, struct err *err)
{
	struct str word = handle ? rec->raw : rec_get(rec, STR("id"));
	struct target t;

	if (!word.n)
		return err_set(
		    err, STATUS_DATA, "no id: which record is to be changed?");
	if (edit_find_line(e, word, &t, err) < 0)
		return -1;
	add_target(e, &t);
	return edit_judge_text(e, err);
}

int
edit_judge_text(const struct edit *e, struct err *err)
{
	if (e->targets.n <= TEXT_RECORDS_MAX)
		return 0;
	return err_set(err, STATUS_USAGE,
	    "more than %d records are no text for an editor; say FIELD:VALUE, "
	    "or change lines of crm-find",
	    TEXT_RECORDS_MAX);
}

int
edit_read_targets(struct edit *e, struct err *err)
{
	struct reader_opts opts = { .ids_allowed = true, .edit = true };
	struct reader *reader = NULL;
	struct arena a = ARENA_INIT;
	enum read_state st;
	struct rec rec = REC_INIT;
	int rc = -1;

	if (session_reader(e->ses, &reader, STDIN_FILENO, &opts, err) < 0)
		goto out;
	while ((st = reader_next(reader, &a, &rec, err)) == READ_REC ||
	       st == READ_HANDLE) {
		if (read_target(e, &rec, st == READ_HANDLE, err) < 0)
			break;
		rec = (struct rec)REC_INIT;
		arena_clear(&a);
	}
	if (st == READ_END)
		rc = 0;
	else if (rec.line && err->status == STATUS_DATA)
		err_prefix(err, "stdin:%zu", rec.line);
out:
	reader_close(&reader);
	arena_release(&a);
	return rc;
}

/* ---- what is known of them ---- */

const struct kind *
edit_one_kind(const struct edit *e)
{
	const struct kind *kind = e->targets.n ? e->targets.v[0].kind : NULL;

	if (e->kind)
		return e->kind;
	for (size_t i = 1; i < e->targets.n; i++)
		if (e->targets.v[i].kind != kind)
			return NULL;
	return kind;
}

void
edit_name(struct edit *e, size_t target, struct err *err)
{
	struct err none = ERR_INIT;
	struct buf name = BUF_INIT;

	if (target < e->targets.n &&
	    db_read_again(e->ses->db, &e->rd, &none) == 0) {
		handle_name(e->rd, &e->targets.v[target].id, &name);
		reading_pause(e->rd);
		err_prefix(err, "%s", name.p);
	}
	buf_release(&name);
}
