/* SPDX-License-Identifier: MIT */
/* Which parts of a bound query an index can drive (QUERY.md 10, Sargable). */
#include "store/plan_int.h"

#include "record/labels.h"

struct builder {
	struct answer *a;
	const struct catalogue *cat;
};

static struct post *build(struct builder *, const struct qnode *,
    const bool kinds[KINDS_MAX], bool *exact);

struct post *
post_new(struct answer *a, enum post_op op, size_t n)
{
	struct post *p = arena_zero(&a->arena, 1, sizeof(*p));

	p->op = op;
	p->v = arena_zero(&a->arena, n + 1, sizeof(struct post *));
	return p;
}

/* One of one is that one. */
static struct post *
unwrap(struct post *p)
{
	return p->n == 1 && (p->op == POST_UNION || p->op == POST_ISECT)
		   ? p->v[0]
		   : p;
}

/* ---- leaves ---- */

/* A copy: the catalogue may be read again when the reading is renewed. */
static const struct index *
keep_index(struct builder *b, const struct index *x)
{
	struct index *copy = arena_alloc(&b->a->arena, sizeof(*copy));

	*copy = *x;
	return copy;
}

/* Saved scores are indexed by label, not by field. */
static int
find_ranges(struct builder *b, const struct qbind *bind,
    const struct qtest *test, struct kranges *kr)
{
	const struct field *f = bind->f;

	if (f != NULL && f->no == LABEL_SCORE_FAMILY)
		return index_score_ranges(b->cat, bind,
		    db_label_no(b->a->r->db, bind->label), test, &b->a->arena,
		    kr);
	return index_ranges(b->cat, bind, test, &b->a->arena, kr);
}

static struct post *
build_ranges(
    struct builder *b, const struct qbind *bind, const struct qtest *test)
{
	struct kranges kr = { 0 };
	struct post *p, *c;

	if (find_ranges(b, bind, test, &kr) == 0)
		return NULL;
	p = post_new(b->a, kr.all ? POST_ISECT : POST_UNION, kr.n);
	p->exact = kr.exact;
	for (size_t i = 0; i < kr.n; i++) {
		c = post_new(b->a, POST_RANGE, 0);
		c->bind = bind;
		c->test = test;
		c->range = kr.v[i];
		c->range.x = keep_index(b, kr.v[i].x);
		c->in_order = kr.one_value;
		c->exact = kr.exact;
		p->v[p->n++] = c;
	}
	return unwrap(p);
}

static struct post *
build_ids(
    struct builder *b, const struct id *ids, size_t n, const struct qbind *bind)
{
	struct post *p = post_new(b->a, POST_IDS, 0);

	p->bind = bind;
	for (size_t i = 0; i < n; i++)
		pids_add(&p->ids, pid_of(ids[i].b));
	pids_sort(&p->ids);
	return p;
}

/* A test on another record, which the bind reaches by a reference: that is
 * found first, then what refers to it. */
static struct post *
build_refer(struct builder *b, const struct qbind *bind,
    const struct qtest *test, const struct field *ref, const struct kind *kind,
    const struct field *f)
{
	struct qbind *other = arena_zero(&b->a->arena, 1, sizeof(*other));
	const struct index *by_ref =
	    index_find(b->cat, bind->kind, ref, INDEX_WHOLE);
	struct post *inner, *p;

	other->kind = kind;
	other->f = f;
	other->label = str_of(f->name);
	inner = by_ref != NULL ? build_ranges(b, other, test) : NULL;
	if (inner == NULL)
		return NULL;
	p = post_new(b->a, POST_REFER, 1);
	p->bind = bind;
	p->test = test;
	p->by_ref = keep_index(b, by_ref);
	p->v[p->n++] = p->from = inner;
	return p;
}

static struct post *
build_test(
    struct builder *b, const struct qbind *bind, const struct qtest *test)
{
	const struct field *f = bind->f;
	const struct kind *target;

	if (test->negated)
		return NULL;
	if (bind->ref != NULL)
		return bind->ref_kind == NULL
			   ? NULL
			   : build_refer(
				 b, bind, test, bind->ref, bind->ref_kind, f);
	if (f->role == ROLE_STORE && f->no == LABEL_ID && test->how == TEST_ID)
		return build_ids(b, test->ids, test->nids, bind);
	/* A link shows the name of the record that it leads to. */
	if (f->role == ROLE_LINK && f->link != NULL && f->ref != NULL) {
		target = schema_kind(b->a->q->schema, str_of(f->ref));
		if (target == NULL || target->display == NULL)
			return NULL;
		return build_refer(b, bind, test, f->link, target,
		    kind_field(target, str_of(target->display)));
	}
	return build_ranges(b, bind, test);
}

/* Any of the binds by any of their tests: all of them have an index, or the
 * leaf has none. */
static struct post *
build_leaf(struct builder *b, const struct qnode *n,
    const bool kinds[KINDS_MAX], bool *exact)
{
	struct post *p, *c;
	size_t most = 0;

	for (size_t i = 0; i < n->nbinds; i++)
		most += n->binds[i].ntests;
	p = post_new(b->a, POST_UNION, most);
	*exact = true;
	for (size_t i = 0; i < n->nbinds; i++) {
		const struct qbind *bind = &n->binds[i];

		if (bind->kind == NULL || bind->f == NULL ||
		    !kinds[bind->kind->no])
			continue;
		for (size_t j = 0; j < bind->ntests; j++) {
			if (bind->tests[j].how == TEST_NEVER)
				continue;
			c = build_test(b, bind, &bind->tests[j]);
			if (c == NULL)
				return NULL;
			*exact = *exact && c->exact;
			p->v[p->n++] = c;
		}
	}
	return unwrap(p);
}

/* ---- related records ---- */

/* The posting of an activity type, as if the query had said `type:call`. */
static struct post *
build_activity(struct builder *b, const struct kind *kind, struct str type)
{
	struct qbind *bind = arena_zero(&b->a->arena, 1, sizeof(*bind));
	struct qtest *test = arena_zero(&b->a->arena, 1, sizeof(*test));

	bind->kind = kind;
	bind->f = kind_field_no(kind, LABEL_TYPE);
	if (bind->f == NULL)
		return NULL;
	bind->label = str_of(bind->f->name);
	bind->tests = test;
	bind->ntests = 1;
	test->how = TEST_WHOLE;
	test->s = test->exact = type;
	return build_ranges(b, bind, test);
}

static struct post *
build_related(
    struct builder *b, const struct qnode *n, const bool kinds[KINDS_MAX])
{
	bool inner_kinds[KINDS_MAX] = { false };
	struct post *inner, *p, *c = NULL;
	const struct qscope *s = n->scopes;
	bool exact;

	if (n->nscopes == 0)
		return post_new(b->a, POST_UNION, 0);
	inner_kinds[s->kind->no] = true;
	inner = post_new(b->a, POST_ISECT, 2);
	if (n->n > 0)
		c = build(b, n->v[0], inner_kinds, &exact);
	if (c != NULL)
		inner->v[inner->n++] = c;
	if (s->activity.p != NULL) {
		c = build_activity(b, s->kind, s->activity);
		if (c != NULL)
			inner->v[inner->n++] = c;
	}
	if (inner->n == 0)
		return NULL;
	p = post_new(b->a, POST_RELATED, 1);
	p->v[p->n++] = unwrap(inner);
	p->node = n;
	memcpy(p->outer, kinds, sizeof(p->outer));
	return p;
}

/* Whether a count or sum that passes is above 0, so that there is something to
 * be counted: then it is found like has(). */
static bool
counts_some(const struct qnode *n)
{
	for (size_t i = 0; i < n->ntests; i++) {
		const struct qtest *t = &n->tests[i];

		if (t->negated)
			return false;
		if (!n->is_sum && t->lo < 1)
			return false;
		if (n->is_sum &&
		    (!t->has_lo || t->dlo.n < 0 || (t->dlo.n == 0 && !t->xlo)))
			return false;
	}
	return n->ntests > 0 && !n->is_field_count;
}

/* ---- inner nodes ---- */

/* Whether `kind:` says nothing that the kinds at hand do not. */
static bool
kinds_within(
    const struct builder *b, const struct qnode *n, const bool kinds[KINDS_MAX])
{
	const struct schema *s = b->a->q->schema;

	for (size_t i = 0; i < s->nkinds; i++)
		if (kinds[s->kinds[i].no] && !n->kind_set[i])
			return false;
	return true;
}

static void
kinds_narrow(
    const struct builder *b, const struct qnode *n, bool kinds[KINDS_MAX])
{
	const struct schema *s = b->a->q->schema;

	for (size_t i = 0; i < s->nkinds; i++)
		if (!n->kind_set[i])
			kinds[s->kinds[i].no] = false;
}

static bool
is_kind(const struct qnode *n)
{
	return n->op == Q_TERM && n->is_kind && n->kind_set != NULL;
}

/* What no index answers filters: it keeps none from driving. */
static struct post *
build_and(struct builder *b, const struct qnode *n, const bool kinds[KINDS_MAX],
    bool *exact)
{
	struct post *p = post_new(b->a, POST_ISECT, n->n);
	bool narrow[KINDS_MAX];
	struct post *c;
	bool one;

	memcpy(narrow, kinds, sizeof(narrow));
	for (size_t i = 0; i < n->n; i++)
		if (is_kind(n->v[i]))
			kinds_narrow(b, n->v[i], narrow);
	*exact = true;
	for (size_t i = 0; i < n->n; i++) {
		c = build(b, n->v[i], narrow, &one);
		*exact = *exact && one;
		if (c != NULL)
			p->v[p->n++] = c;
	}
	return p->n > 0 ? unwrap(p) : NULL;
}

static struct post *
build_or(struct builder *b, const struct qnode *n, const bool kinds[KINDS_MAX],
    bool *exact)
{
	struct post *p = post_new(b->a, POST_UNION, n->n);
	struct post *c;
	bool one;

	*exact = true;
	for (size_t i = 0; i < n->n; i++) {
		c = build(b, n->v[i], kinds, &one);
		if (c == NULL) {
			*exact = false;
			return NULL;
		}
		*exact = *exact && one;
		p->v[p->n++] = c;
	}
	return unwrap(p);
}

static struct post *
build(struct builder *b, const struct qnode *n, const bool kinds[KINDS_MAX],
    bool *exact)
{
	struct post *p;

	*exact = false;
	switch (n->op) {
	case Q_ALL:
		*exact = true;
		return NULL;
	case Q_AND:
		return build_and(b, n, kinds, exact);
	case Q_OR:
		return build_or(b, n, kinds, exact);
	case Q_TERM:
		if (is_kind(n)) {
			*exact = kinds_within(b, n, kinds);
			return NULL;
		}
		/* fall through */
	case Q_TEXT:
		p = build_leaf(b, n, kinds, exact);
		*exact = p != NULL && *exact;
		return p;
	case Q_RELATED:
		return build_related(b, n, kinds);
	case Q_SEGMENT:
		if (n->n > 0)
			return build(b, n->v[0], kinds, exact);
		return build_ids(b, n->set, n->nset, NULL);
	case Q_MEASURE:
		return counts_some(n) ? build_related(b, n, kinds) : NULL;
	case Q_NOT:
	case Q_PRESENT:
		break; /* these never drive */
	}
	return NULL;
}

struct post *
post_build(struct answer *a, const struct qnode *n, const bool kinds[KINDS_MAX],
    bool *exact)
{
	struct builder b = { a, &a->r->db->cat };

	return build(&b, n, kinds, exact);
}
