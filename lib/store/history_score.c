/* SPDX-License-Identifier: MIT */
/* The log about saved scores, which have a chain of their own. */
#include "base/vec.h"
#include "store/history_int.h"
#include "store/internal.h"
#include "store/meta.h"

enum { SEQ_NONE = 0 };

int
history_score_next(struct reading *r, const struct history_entry *e,
    size_t *pos, struct history_score *out, struct err *err)
{
	struct log_score s;
	int rc = log_score_next(e->text, pos, &s);

	*out = (struct history_score){ 0 };
	if (rc < 0)
		return history_damaged(
		    e->lsn, e->seq, "its scores cannot be read", err);
	if (rc == 0)
		return 0;
	out->label = db_label(r->db, s.label);
	if (out->label.p == NULL)
		return history_damaged(
		    e->lsn, e->seq, "it has a label that is not known", err);
	out->old = s.old;
	out->new = s.new;
	out->old_type = (enum type)s.old_type;
	out->new_type = (enum type)s.new_type;
	return 1;
}

/* An entry, its value in the arena: 1, 0 it is not there (any more), -1. */
static int
look(struct reading *r, uint64_t lsn, uint64_t seq, struct arena *arena,
    struct log_entry *e, struct err *err)
{
	struct str v;
	int rc;

	if (lsn == 0 || seq == SEQ_NONE || seq > UINT32_MAX)
		return 0;
	arena_clear(arena);
	rc = history_value(r, lsn, (uint32_t)seq, arena, &v, err);
	if (rc <= 0)
		return rc;
	if (!log_entry_read(v, e) || e->prev_lsn > lsn ||
	    (e->prev_lsn == lsn && e->prev_seq >= seq))
		return history_damaged(
		    lsn, (uint32_t)seq, "it cannot be read", err);
	return 1;
}

/* A chain of entries about scores, from its newest. */
static int
chain(struct reading *r, const struct id *id, uint64_t lsn, uint64_t seq,
    history_at_fn *fn, void *arg, struct err *err)
{
	struct arena arena;
	struct log_entry e;
	int rc;

	arena_init(&arena);
	while ((rc = look(r, lsn, seq, &arena, &e, err)) == 1) {
		if (e.tree != T_AGG || id_cmp(&e.id, id) != 0) {
			rc = 0;
			break;
		}
		rc = fn(arg, lsn, (uint32_t)seq, err);
		if (rc != 0)
			break;
		lsn = e.prev_lsn;
		seq = e.prev_seq;
	}
	arena_release(&arena);
	return rc;
}

/* The chain that goes on: its beginning stands beside the scores. */
static int
live_chain(struct reading *r, const struct id *id, history_at_fn *fn, void *arg,
    struct err *err)
{
	struct str v;
	struct arena arena;
	struct agg a;
	int rc;

	if (tree_get_raw(r->db->driver, r->tx, T_AGG, str_n(id->b, ID_BYTES),
		&v, err) != 0)
		return -1;
	if (v.p == NULL)
		return 0;
	arena_init(&arena);
	rc = agg_decode(&a, id, v, &arena, err) < 0 ? -1 : 0;
	arena_release(&arena);
	return rc < 0 ? -1
		      : chain(r, id, a.score_lsn, a.score_seq, fn, arg, err);
}

int
history_scores(struct reading *r, const struct id *id, history_at_fn *fn,
    void *arg, struct err *err)
{
	struct rowview view;
	struct arena arena;
	struct log_entry e;
	struct str value;
	uint64_t lsn, seq;
	enum tree tree;
	int rc;

	if (r->tx == NULL)
		return 0;
	rc = record_find(r->tx, r->db, id, &tree, &value, err);
	if (rc <= 0)
		return rc;
	if (rowview_open(&view, &r->db->schema, tree, str_n(id->b, ID_BYTES),
		value, err) < 0)
		return -1;
	lsn = view.lsn;
	seq = view.seq;
	rc = live_chain(r, id, fn, arg, err);
	arena_init(&arena);
	/* Each removal ended a chain by the entry before its own. */
	while (rc == 0 && (rc = look(r, lsn, seq, &arena, &e, err)) == 1) {
		rc = e.type == LOG_DELETE || e.type == LOG_ERASED
			 ? chain(r, id, lsn, seq - 1, fn, arg, err)
			 : 0;
		lsn = e.prev_lsn;
		seq = e.prev_seq;
	}
	arena_release(&arena);
	return rc;
}

struct finding {
	struct reading *r;
	struct str label;
	struct arena arena;
	uint64_t lsn;
};

static int
find_label(void *arg, uint64_t lsn, uint32_t seq, struct err *err)
{
	struct finding *f = arg;
	struct history_entry e;
	struct history_score s;
	size_t pos = 0;
	int rc;

	arena_clear(&f->arena);
	rc = history_entry(f->r, lsn, seq, &f->arena, &e, err);
	if (rc <= 0 || e.type != HISTORY_SCORE)
		return rc < 0 ? -1 : 0;
	while ((rc = history_score_next(f->r, &e, &pos, &s, err)) == 1)
		if (str_eq(s.label, f->label)) {
			f->lsn = lsn;
			return 1;
		}
	return rc;
}

int
history_score_by(struct reading *r, const struct id *id, struct str label,
    uint64_t *lsn, struct err *err)
{
	struct finding f = { .r = r, .label = label };
	int rc;

	arena_init(&f.arena);
	rc = history_scores(r, id, find_label, &f, err);
	arena_release(&f.arena);
	*lsn = f.lsn;
	return rc;
}
