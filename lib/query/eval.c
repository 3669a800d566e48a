/* SPDX-License-Identifier: MIT */
/* A bound tree against one record. */
#include "query/internal.h"

#include "base/ids.h"

/*
 * `quiet` and `overdue` are computed where the record is, scores are saved or
 * not: where they are absent they are.
 */
bool
field_zero(const struct field *f)
{
	struct str name = str_of(f->name);

	if (f->role != ROLE_DERIVED ||
	    (f->type != TYPE_INT && f->type != TYPE_DECIMAL &&
		f->type != TYPE_MONEY))
		return false;
	return !str_starts(name, STR("score.")) &&
	       !str_eq(name, STR("quiet")) && !str_eq(name, STR("overdue"));
}

size_t
eval_place(const struct query *q, const struct kind *k)
{
	const struct schema *s = q->schema;

	if (k == NULL)
		return s->nkinds;
	if (k >= s->kinds && k < s->kinds + s->nkinds)
		return (size_t)(k - s->kinds);
	/* Of another copy of the schema. */
	k = schema_kind(s, str_of(k->name));
	return k != NULL ? (size_t)(k - s->kinds) : s->nkinds;
}

static bool
test_any(const struct eval *e, const struct qbind *b, const struct scalar *sc)
{
	size_t i;

	for (i = 0; i < b->ntests; i++)
		if (test_scalar(&b->tests[i], b->f, sc, e->s))
			return true;
	return false;
}

/* What the record at hand has in f, or under the label where f is NULL, by
 * the tests of the bind: 1, 0, -1; *had any value. */
static int
eval_values(struct eval *e, const struct qbind *b, const struct field *f,
    struct str label, bool present, bool *had)
{
	struct scalar sc = { TYPE_NONE, STR_NONE, 0, 0, { 0, 0 } };
	size_t state = 0;
	int rc;

	*had = false;
	while (
	    (rc = e->src->value(e->rec, f, label, &state, &sc, e->err)) > 0) {
		*had = true;
		if (present || test_any(e, b, &sc))
			return 1;
		sc.type = TYPE_NONE;
	}
	if (rc < 0 || *had || f == NULL || !e->lines || !field_zero(f))
		return rc;
	/* A derived number is 0, not absent, also on a line without it. */
	*had = true;
	if (present)
		return 1;
	sc.type = f->type;
	sc.i = 0;
	sc.d = (struct decimal){ 0, 0 };
	sc.places = 0;
	return test_any(e, b, &sc);
}

/* ---- through a reference ---- */

struct follow {
	const struct eval *e;
	const struct qbind *b;
	bool present;
	int found; /* what fn said: the source tells errors alone */
};

static int
follow_one(void *arg, const struct qsource *src, void *other, struct err *err)
{
	struct follow *fo = arg;
	struct eval in = *fo->e;
	bool had;

	in.src = src;
	in.rec = other;
	in.lines = false;
	in.err = err;
	fo->found =
	    eval_values(&in, fo->b, fo->b->f, fo->b->label, fo->present, &had);
	return fo->found;
}

/* The label of the field in the other record stands behind the dot. */
static int
eval_follow(struct eval *e, const struct qbind *b, bool present)
{
	struct follow fo = { e, b, present, 0 };
	struct qbind other = *b;
	size_t dot = str_find(b->label, '.');
	bool had;
	int rc;

	/* A line may carry the dotted field itself; a link label is one of
	 * its own and asks no store. */
	if (e->lines) {
		rc = eval_values(e, b, NULL, b->label, present, &had);
		if (rc != 0 || had || dot == b->label.n)
			return rc;
	}
	if (e->src->follow == NULL)
		return 0;
	other.label = dot < b->label.n ? str_sub(b->label, dot + 1, b->label.n)
				       : str_of(b->f->name);
	fo.b = &other;
	if (e->src->follow(e->rec, b->ref, follow_one, &fo, e->err) < 0)
		return -1;
	return fo.found;
}

/* An id is what the source says it is, else the label of the line. */
static int
eval_id(struct eval *e, const struct qbind *b, bool present)
{
	struct scalar sc = { TYPE_ID, STR_NONE, 0, 0, { 0, 0 } };
	struct id id;
	bool had;

	if (e->src->id == NULL || !e->src->id(e->rec, &id))
		return eval_values(e, b, b->f, b->label, present, &had);
	sc.s = id_str(&id);
	return present || test_any(e, b, &sc);
}

static int
eval_bind(struct eval *e, const struct qbind *b, bool present)
{
	bool had;

	if (b->ref != NULL)
		return eval_follow(e, b, present);
	if (b->f != NULL && b->f->type == TYPE_ID)
		return eval_id(e, b, present);
	return eval_values(e, b, b->f, b->label, present, &had);
}

int
eval_binds(struct eval *e, const struct qnode *n)
{
	const struct qrun *run = &n->runs[e->place];
	size_t i;
	int rc;

	for (i = run->from; i < (size_t)run->from + run->n; i++) {
		rc = eval_bind(e, &n->binds[i], n->op == Q_PRESENT);
		if (rc != 0)
			return rc;
	}
	return 0;
}

/* ---- other leaves ---- */

static int
eval_term(struct eval *e, const struct qnode *n)
{
	if (n->is_kind && !e->lines)
		return e->place < e->q->schema->nkinds && n->kind_set[e->place];
	return eval_binds(e, n);
}

struct stored {
	const struct eval *e;
	const struct qnode *n;
	int found;
};

static int
eval_stored(void *arg, const struct qsource *src, void *rec, struct err *err)
{
	struct stored *st = arg;
	struct eval in = *st->e;

	in.src = src;
	in.rec = rec;
	in.lines = false;
	in.err = err;
	in.place =
	    src->kind != NULL ? eval_place(in.q, src->kind(rec)) : st->e->place;
	st->found = eval_node(&in, st->n);
	return st->found;
}

/* A saved query is about stored records; a line has its own by its id. */
static int
eval_segment(struct eval *e, const struct qnode *n)
{
	struct stored st = { e, n->n > 0 ? n->v[0] : NULL, 0 };
	struct id id;

	if (n->n == 0)
		return e->src->id != NULL && e->src->id(e->rec, &id) &&
		       ids_have(n->set, n->nset, &id);
	if (!e->lines)
		return eval_node(e, n->v[0]);
	if (e->src->follow == NULL)
		return 0;
	if (e->src->follow(e->rec, NULL, eval_stored, &st, e->err) < 0)
		return -1;
	return st.found;
}

int
eval_node(struct eval *e, const struct qnode *n)
{
	size_t i;
	int rc;

	switch (n->op) {
	case Q_ALL:
		return 1;
	case Q_AND:
		for (i = 0; i < n->n; i++) {
			rc = eval_node(e, n->v[i]);
			if (rc <= 0)
				return rc;
		}
		return 1;
	case Q_OR:
		for (i = 0; i < n->n; i++) {
			rc = eval_node(e, n->v[i]);
			if (rc != 0)
				return rc;
		}
		return 0;
	case Q_NOT:
		rc = eval_node(e, n->v[0]);
		return rc < 0 ? rc : !rc;
	case Q_TERM:
		return eval_term(e, n);
	case Q_PRESENT:
	case Q_TEXT:
		return eval_binds(e, n);
	case Q_RELATED:
		return eval_related(e, n);
	case Q_MEASURE:
		return eval_measure(e, n);
	case Q_SEGMENT:
		return eval_segment(e, n);
	}
	return 0;
}

/* ---- which labels came (stdin) ---- */

/* A label that no line had so far is looked for on every line, whether or not
 * the answer needs it. */
static int
note_labels(struct eval *e)
{
	const struct query *q = e->q;
	struct scalar sc;
	size_t i, state;
	int rc;

	for (i = 0; i < q->nmarks; i++) {
		if (q->seen[i])
			continue;
		state = 0;
		rc = e->src->value(
		    e->rec, NULL, q->marks[i], &state, &sc, e->err);
		if (rc < 0)
			return -1;
		if (rc > 0) {
			q->seen[i] = true;
			q->scratch->nseen++;
		}
	}
	return 0;
}

bool
query_seen_all(const struct query *q)
{
	return q->scratch->nseen == q->nmarks;
}

void
query_unseen(
    const struct query *q, void (*fn)(void *arg, struct str label), void *arg)
{
	size_t i;

	for (i = 0; i < q->nmarks; i++)
		if (!q->seen[i])
			fn(arg, q->marks[i]);
}

int
qnode_eval(const struct query *q, const struct qnode *n,
    const struct qsource *src, void *rec, struct err *err)
{
	struct eval e = { q, src, rec, 0, q->stdin_mode, q->scratch, err };

	e.place = eval_place(q, src->kind != NULL ? src->kind(rec) : NULL);
	return eval_node(&e, n);
}

int
query_eval(const struct query *q, const struct qsource *src, void *rec,
    struct err *err)
{
	struct eval e = { q, src, rec, 0, q->stdin_mode, q->scratch, err };

	e.place = eval_place(q, src->kind != NULL ? src->kind(rec) : NULL);
	if (e.lines) {
		if (q->scratch->nseen < q->nmarks && note_labels(&e) < 0)
			return -1;
	} else if (q->in_scope != NULL &&
		   (e.place == q->schema->nkinds || !q->in_scope[e.place])) {
		return 0;
	}
	return eval_node(&e, q->root);
}
