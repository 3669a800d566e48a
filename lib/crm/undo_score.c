/* SPDX-License-Identifier: MIT */
/* Taking saved scores back: each label on its own, as the record stays. */
#include "base/vec.h"
#include "crm/undo_int.h"

struct labels {
	struct history_score *v;
	size_t n, cap;
};

/* What a label has now: 1 as `text`, 0 none, -1. */
static int
score_now(struct undoing *u, const struct id *id, struct str label,
    enum type *type, struct str *text, struct err *err)
{
	struct dbrec *rec;
	const struct agg_score *s;
	int rc = dbrec_get(u->rd, id, 1, &rec, err);

	*text = STR_NONE;
	*type = TYPE_NONE;
	if (rc <= 0)
		return rc;
	rc = dbrec_score(rec, label, &s, err);
	if (rc == 1) {
		*type = s->type;
		*text = arena_str(&u->a, s->value);
	}
	return rc;
}

/* Whether a label may be set back: 1, 0 something is in the way, -1. */
static int
judge_score(struct undoing *u, const struct taken *t,
    const struct history_score *s, struct err *err)
{
	enum type type;
	struct str now;
	uint64_t lsn;
	int rc = score_now(u, &t->id, s->label, &type, &now, err);

	if (rc < 0)
		return -1;
	if (str_eq(now, s->new) && (now.n == 0 || type == s->new_type))
		return 1;
	if (history_score_by(u->rd, &t->id, s->label, &lsn, err) < 0)
		return -1;
	return undo_clash(u, false, ERR_N("%s: %s: changed since by %s"),
	    undo_taken(u, t), arena_str(&u->a, s->label).p,
	    undo_operation(u, lsn));
}

static int
set_back(struct undoing *u, const struct taken *t, const struct labels *l,
    struct err *err)
{
	struct score_value *v = arena_array(&u->a, l->n + 1, sizeof(*v));
	const struct kind *kind = t->now.kind;
	bool changed;

	for (size_t i = 0; i < l->n; i++)
		v[i] = (struct score_value){ l->v[i].label, l->v[i].old_type,
			l->v[i].old };
	if (op_scores(u->op, &t->id, v, l->n, &changed, err) < 0)
		return -1;
	/* Of a record that this operation or that one wrote too, its own
	 * entry counts it. */
	if (!changed || !kind)
		return 0;
	if (t->now.lsn != op_lsn(u->op) && t->now.lsn != u->x.lsn)
		u->want->counts[kind->no]++;
	for (size_t i = 0; u->want->scored && i < l->n; i++)
		if (u->want->scored(
			u->want->arg, u->redo, &t->now, &l->v[i], err) < 0)
			return -1;
	return 0;
}

int
undo_score(struct undoing *u, const struct history_entry *e, struct err *err)
{
	struct taken t = { .id = e->id, .seq = e->seq };
	struct labels l = VEC_INIT;
	struct history_score s;
	size_t pos = 0, n = 0;
	int rc = op_get(u->op, &t.id, &u->a, &t.now, err);

	if (rc < 0)
		return -1;
	t.has_now = rc > 0;
	while ((rc = history_score_next(u->rd, e, &pos, &s, err)) > 0) {
		n++;
		rc = t.has_now ? judge_score(u, &t, &s, err) : 0;
		if (rc < 0)
			break;
		if (rc > 0)
			vec_push(&l, s);
	}
	if (rc == 0 && !t.has_now && n > 0)
		undo_clash(u, true, ERR_N("%s: its scores went with it"),
		    undo_taken(u, &t));
	if (rc == 0 && l.n > 0)
		rc = set_back(u, &t, &l, err);
	vec_release(&l);
	return rc;
}
