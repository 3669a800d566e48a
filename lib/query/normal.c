/* SPDX-License-Identifier: MIT */
/* The bound tree in the form that is planned and run (QUERY.md 10). */
#include "query/internal.h"

#include <stdlib.h>

/* What a test costs, roughly in nanoseconds. */
static int
test_cost(const struct qtest *t)
{
	switch (t->how) {
	case TEST_NEVER:
	case TEST_RANGE:
	case TEST_ID:
	case TEST_IDSET:
	case TEST_BYTES:
		return 2;
	case TEST_WHOLE:
	case TEST_DECIMAL:
	case TEST_MONTHDAY:
	case TEST_PHONE:
	case TEST_DOMAIN:
	case TEST_SKU:
		return 6;
	case TEST_WORDS:
	case TEST_HOST:
	case TEST_IDSUFFIX:
	case TEST_SPAN:
		return 20;
	case TEST_GUESS:
		return 30;
	case TEST_GLOB:
		return 60;
	case TEST_REGEX:
		return 1000;
	}
	return 0;
}

/* Of the dearest kind: a list adds up. */
static int
binds_cost(const struct qnode *n)
{
	const struct qbind *b;
	size_t i, j, tests;
	int most = 1, cost;

	for (i = 0; i < n->nbinds; i++) {
		b = &n->binds[i];
		/* Derived values lie in another tree. */
		cost = b->ref != NULL                               ? 2000
		       : b->f != NULL && b->f->role == ROLE_DERIVED ? 100
								    : 8;
		tests = b->ntests < 64 ? b->ntests : 64;
		for (j = 0; j < tests; j++)
			cost += test_cost(&b->tests[j]) *
				(b->f != NULL && b->f->text ? 10 : 1);
		if (cost > most)
			most = cost;
	}
	return most;
}

static int
node_cost(const struct qnode *n)
{
	size_t i;
	int cost = 0;

	switch (n->op) {
	case Q_ALL:
		return 0;
	case Q_AND:
	case Q_OR:
	case Q_NOT:
		for (i = 0; i < n->n && cost < 1000000; i++)
			cost += n->v[i]->cost;
		return cost;
	case Q_TERM:
		return n->is_kind ? 1 : binds_cost(n);
	case Q_PRESENT:
		return binds_cost(n);
	case Q_TEXT:
		return binds_cost(n) +
		       8 * (int)(n->nbinds < 1000 ? n->nbinds : 1000);
	case Q_RELATED:
		return 5000;
	case Q_MEASURE:
		return n->is_field_count ? 20 : 10000;
	case Q_SEGMENT:
		return n->n > 0 ? n->v[0]->cost : 10;
	}
	return 0;
}

/* Stable: equal costs stay as written. */
static void
order(struct qnode *n)
{
	struct qnode *one;
	size_t i, j;

	for (i = 1; i < n->n; i++) {
		one = n->v[i];
		for (j = i; j > 0 && n->v[j - 1]->cost > one->cost; j--)
			n->v[j] = n->v[j - 1];
		n->v[j] = one;
	}
}

static struct qnode *
constant(struct query *q, const struct qnode *at, bool truth)
{
	struct qnode *all = arena_zero(&q->arena, 1, sizeof(*all)), *no;

	all->op = Q_ALL;
	all->pos = at->pos;
	if (truth)
		return all;
	no = arena_zero(&q->arena, 1, sizeof(*no));
	no->op = Q_NOT;
	no->pos = at->pos;
	no->len = at->len;
	node_add(q, no, all);
	return no;
}

static bool
is_constant(const struct qnode *n, bool *truth)
{
	*truth = n->op == Q_ALL;
	return *truth || (n->op == Q_NOT && n->v[0]->op == Q_ALL);
}

/* AND or OR of the children in normal form: flat, without constants. */
static struct qnode *
list(struct query *q, struct qnode *n, enum qop op, bool negate)
{
	struct qnode *out = arena_zero(&q->arena, 1, sizeof(*out)), *one;
	bool truth;
	size_t i, j;

	out->op = op;
	out->pos = n->pos;
	out->len = n->len;
	for (i = 0; i < n->n; i++) {
		one = normal_form(q, n->v[i], negate);
		if (is_constant(one, &truth)) {
			if (truth == (op == Q_OR))
				return one;
			continue;
		}
		if (one->op != op) {
			node_add(q, out, one);
			continue;
		}
		for (j = 0; j < one->n; j++)
			node_add(q, out, one->v[j]);
	}
	if (out->n == 0)
		return constant(q, n, op == Q_AND);
	if (out->n == 1)
		return out->v[0];
	order(out);
	return out;
}

struct qnode *
normal_form(struct query *q, struct qnode *n, bool negate)
{
	struct qnode *no;

	if (n->op == Q_NOT)
		return normal_form(q, n->v[0], !negate);
	if (n->op == Q_AND || n->op == Q_OR) {
		n = list(
		    q, n, (n->op == Q_AND) == !negate ? Q_AND : Q_OR, negate);
		n->cost = node_cost(n);
		return n;
	}
	n->cost = node_cost(n);
	if (!negate)
		return n;
	no = arena_zero(&q->arena, 1, sizeof(*no));
	no->op = Q_NOT;
	no->pos = n->pos;
	no->len = n->len;
	node_add(q, no, n);
	no->cost = n->cost;
	return no;
}

/* The span of a term over the field, where it is one. */
static bool
term_period(const struct qnode *n, const struct field *f, struct period *p)
{
	const struct qbind *b = n->nbinds == 1 ? &n->binds[0] : NULL;
	size_t i;

	if (n->op != Q_TERM || b == NULL || b->f != f || b->ref != NULL ||
	    b->ntests == 0)
		return false;
	p->from = INT64_MAX;
	p->to = INT64_MIN;
	p->instant = false;
	for (i = 0; i < b->ntests; i++) {
		if (b->tests[i].how != TEST_RANGE ||
		    b->tests[i].as != TYPE_DATETIME || b->tests[i].negated)
			return false;
		if (b->tests[i].lo < p->from)
			p->from = b->tests[i].lo;
		if (b->tests[i].hi > p->to)
			p->to = b->tests[i].hi;
	}
	return true;
}

bool
normal_period(const struct qnode *n, const struct field *f, struct period *out)
{
	struct period p;
	bool found = false;
	size_t i;

	if (f == NULL || n == NULL)
		return false;
	if (n->op != Q_AND)
		return term_period(n, f, out);
	for (i = 0; i < n->n; i++) {
		if (!term_period(n->v[i], f, &p))
			continue;
		if (!found) {
			*out = p;
			found = true;
			continue;
		}
		if (p.from > out->from)
			out->from = p.from;
		if (p.to < out->to)
			out->to = p.to;
	}
	return found;
}
