/* SPDX-License-Identifier: MIT */
/*
 * Saved scores: values of tree agg that come from no event.  Each change is an
 * entry of the log, in a chain of its own that begins in agg, as the record
 * itself stays as it is.
 */
#include "base/vec.h"
#include "record/labels.h"
#include "store/internal.h"
#include "store/meta.h"
#include "store/op_int.h"

enum {
	SCORES_MAX = 1000,      /* of one customer */
	SCORE_BYTES_MAX = 1000, /* of a label with its text */
};

/* The scores of one customer while they are changed; lists in op->arena. */
struct scoring {
	struct op *op;
	struct id id;
	const struct kind *kind;
	struct agg agg;
	struct log_score *change;
	size_t n;
};

/* ---- the customer ---- */

/* 1; 0 where there is no such live customer; -1. */
static int
find_customer(struct scoring *s, bool dead_too, struct err *err)
{
	struct op *op = s->op;
	struct rowview view;
	struct str value;
	enum tree tree;
	int rc = record_find(op->tx, op->db, &s->id, &tree, &value, err);

	if (rc <= 0)
		return rc;
	if (rowview_open(&view, &op->db->schema, tree, str_n(s->id.b, ID_BYTES),
		value, err) < 0)
		return -1;
	s->kind = view.kind;
	if (kind_field_no(s->kind, LABEL_SCORE_FAMILY) == NULL)
		return 0;
	return dead_too || (view.flags & ROW_DELETED) == 0;
}

/* What is kept of it; room for `more` scores.  bad: what is said of derived
 * fields that are damaged. */
static int
load_agg(struct scoring *s, size_t more, struct err *bad, struct err *err)
{
	struct op *op = s->op;
	struct str key = str_n(s->id.b, ID_BYTES);
	struct agg_score *v;
	struct str value;

	agg_init(&s->agg);
	if (tree_get_raw(op_driver(op), op->tx, T_AGG, key, &value, err) != 0)
		return -1;
	if (value.p != NULL &&
	    agg_decode(&s->agg, &s->id, arena_str(&op->arena, value),
		&op->arena, bad) < 0) {
		if (bad == err)
			return -1;
		agg_init(&s->agg);
	}
	v = arena_array(&op->arena, s->agg.nscore + more + 1, sizeof(*v));
	if (s->agg.nscore > 0)
		memcpy(v, s->agg.score, s->agg.nscore * sizeof(*v));
	s->agg.score = v;
	s->change = arena_array(
	    &op->arena, s->agg.nscore + more + 1, sizeof(*s->change));
	return 0;
}

static int
store_agg(struct scoring *s, struct err *err)
{
	struct op *op = s->op;
	struct str key = str_n(s->id.b, ID_BYTES);

	if (agg_empty(&s->agg))
		return tree_del(op_driver(op), op->tx, T_AGG, key, err);
	agg_encode(&s->agg, &s->id, &op->scratch);
	return op_put_bytes(op, T_AGG, key, buf_str(&op->scratch), 0, err);
}

/* ---- the list, by label ---- */

/* The place of a label, or where it belongs. */
static size_t
score_at(const struct agg *a, struct str label, bool *found)
{
	size_t i;
	int d = 1;

	for (i = 0; i < a->nscore; i++) {
		d = str_cmp(a->score[i].label, label);
		if (d >= 0)
			break;
	}
	*found = d == 0;
	return i;
}

static void
score_set(struct agg *a, struct str label, unsigned type, struct str text)
{
	struct agg_score *v = a->score;
	bool found;
	size_t i = score_at(a, label, &found);

	if (text.n == 0) {
		if (found)
			memmove(
			    &v[i], &v[i + 1], (--a->nscore - i) * sizeof(*v));
		return;
	}
	if (!found)
		memmove(&v[i + 1], &v[i], (a->nscore++ - i) * sizeof(*v));
	v[i] = (struct agg_score){ label, (enum type)type, text };
}

/* What a label was before this call, once. */
static struct log_score *
change_of(struct scoring *s, unsigned no, struct str label)
{
	struct log_score *c;
	bool found;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->change[i].label == no)
			return &s->change[i];
	c = &s->change[s->n++];
	*c = (struct log_score){ .label = no };
	i = score_at(&s->agg, label, &found);
	if (found) {
		c->old_type = (uint8_t)s->agg.score[i].type;
		c->old = s->agg.score[i].value;
	}
	return c;
}

static bool
differs(const struct log_score *c)
{
	return !str_eq(c->old, c->new) ||
	       (c->new.n > 0 && c->old_type != c->new_type);
}

/* ---- indexes ---- */

struct entry_walk {
	struct op *op;
	bool del;
};

static int
put_entry(void *arg, const struct index *x, struct str key, struct err *err)
{
	struct entry_walk *w = arg;

	(void)x;
	return sorter_add(w->op->x, key, ID_BYTES, STR(""), w->del, err);
}

/* Where a label is the first of its name for this kind, its index is made. */
static int
want_index(struct scoring *s, unsigned no, struct str label, struct err *err)
{
	struct op *op = s->op;
	const struct field *f;

	if (index_score(&op->db->cat, s->kind, no, INDEX_WHOLE) != NULL)
		return 0;
	f = kind_field(s->kind, label);
	if (f == NULL || f->no != LABEL_SCORE_FAMILY ||
	    catalogue_want_score(&op->db->cat, s->kind, f, no) == 0)
		return 0;
	op->new_indexes = true;
	return catalogue_store(op->db, op->tx, err);
}

static int
index_changes(struct scoring *s, struct err *err)
{
	struct entry_walk gone = { s->op, true };
	struct entry_walk here = { s->op, false };
	struct op *op = s->op;
	const struct log_score *c;

	for (c = s->change; c < s->change + s->n; c++) {
		if (index_score_entries(&op->db->cat, &op->maker, s->kind,
			c->label, c->old, &s->id, put_entry, &gone, err) != 0 ||
		    index_score_entries(&op->db->cat, &op->maker, s->kind,
			c->label, c->new, &s->id, put_entry, &here, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- the log ---- */

static int
log_changes(struct scoring *s, struct err *err)
{
	struct op *op = s->op;
	size_t i;

	log_entry_begin(&op->log, LOG_SCORE, T_AGG, &s->id, s->agg.score_lsn,
	    s->agg.score_seq);
	for (i = 0; i < s->n; i++)
		log_put_score(&op->log, &s->change[i]);
	s->agg.score_lsn = op->log.lsn;
	s->agg.score_seq = op->log.seq;
	return log_entry_end(&op->log, err);
}

/* ---- the calls ---- */

/* No label of a score is one that sources fix, so these are not asked. */
static unsigned
label_of(struct op *op, struct str label)
{
	unsigned no = dict_no(&op->db->dict, DICT_LABEL, label);

	return no != 0 ? no : op_label(op, label);
}

static int
apply(struct scoring *s, const struct score_value *v, struct err *err)
{
	struct op *op = s->op;
	struct log_score *c;
	unsigned no;

	if (!str_starts(v->label, STR("score.")) ||
	    v->label.n == strlen("score.") ||
	    v->label.n + v->text.n > SCORE_BYTES_MAX)
		return err_set(err, STATUS_DATA,
		    "'%.*s' is no label of a score, or its value too long",
		    STR_ARG(str_sub(v->label, 0, 80)));
	no = label_of(op, v->label);
	if (no == 0)
		return tx_fail(op->tx, err);
	c = change_of(s, no, v->label);
	c->new = v->text;
	c->new_type = v->text.n > 0 ? (uint8_t)v->type : 0;
	if (!differs(c))
		return 0;
	score_set(&s->agg, v->label, v->type, v->text);
	if (s->agg.nscore > SCORES_MAX)
		return err_set(err, STATUS_DATA,
		    "%.*s: a customer has at most %d scores", STR_ARG(v->label),
		    SCORES_MAX);
	return want_index(s, no, v->label, err);
}

/* Those that are as they were in the end are no changes. */
static void
drop_same(struct scoring *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->n; i++)
		if (differs(&s->change[i]))
			s->change[n++] = s->change[i];
	s->n = n;
}

int
op_scores(struct op *op, const struct id *subject, const struct score_value *v,
    size_t n, bool *changed, struct err *err)
{
	struct scoring s = { .op = op, .id = *subject };
	size_t i;
	int rc;

	*changed = false;
	arena_clear(&op->arena);
	/* Derived fields that wait to be put would come over these. */
	if (op->empty && op_flush_all(op, err) != 0)
		return -1;
	op->empty = false;
	rc = find_customer(&s, false, err);
	if (rc <= 0)
		return rc < 0 ? -1 : op_no_such(&s.id, err);
	if (load_agg(&s, n, err, err) != 0)
		return -1;
	for (i = 0; i < n; i++)
		if (apply(&s, &v[i], err) != 0)
			return -1;
	drop_same(&s);
	if (s.n == 0)
		return 0;
	*changed = true;
	if (log_changes(&s, err) != 0 || index_changes(&s, err) != 0 ||
	    store_agg(&s, err) != 0)
		return -1;
	op_tally(op, DEED_SCORED, s.kind);
	return op_breathe(op, err);
}

int
op_scores_drop(struct op *op, const struct id *id, const struct kind *kind,
    struct err *err)
{
	struct scoring s = { .op = op, .id = *id, .kind = kind };
	struct err bad = ERR_INIT;
	struct log_score *c;
	size_t i;

	/* What cannot be read goes without being told. */
	if (load_agg(&s, 0, &bad, err) != 0)
		return -1;
	if (s.agg.nscore == 0 && s.agg.score_lsn == 0)
		return 0;
	for (i = 0; i < s.agg.nscore; i++) {
		c = &s.change[s.n];
		*c = (struct log_score){
			.label = op_label(op, s.agg.score[i].label),
			.old_type = (uint8_t)s.agg.score[i].type,
			.old = s.agg.score[i].value,
		};
		if (c->label == 0)
			return tx_fail(op->tx, err);
		s.n++;
	}
	if (log_changes(&s, err) != 0)
		return -1;
	return index_changes(&s, err);
}

int
op_scores_back(struct op *op, const struct log_entry *e, struct err *err)
{
	struct scoring s = { .op = op, .id = e->id };
	struct log_score c;
	size_t pos = 0, n = 0;
	int rc;

	arena_clear(&op->arena);
	rc = find_customer(&s, true, err);
	/* It may be that nobody knows of the record any more. */
	if (rc <= 0)
		return rc;
	while ((rc = log_score_next(e->rest, &pos, &c)) == 1)
		n++;
	if (rc < 0)
		return codec_damaged(
		    T_AGG, str_n(e->id.b, ID_BYTES), "scores in the log", err);
	if (load_agg(&s, n, err, err) != 0)
		return -1;
	for (pos = 0; log_score_next(e->rest, &pos, &c) == 1;) {
		struct str label = db_label(op->db, c.label);
		struct log_score *now;

		if (label.p == NULL)
			continue;
		now = change_of(&s, c.label, label);
		now->new = c.old;
		now->new_type = c.old_type;
		score_set(&s.agg, label, c.old_type, c.old);
	}
	s.agg.score_lsn = e->prev_lsn;
	s.agg.score_seq = (uint32_t)e->prev_seq;
	if (index_changes(&s, err) != 0)
		return -1;
	return store_agg(&s, err);
}
