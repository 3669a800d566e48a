/* SPDX-License-Identifier: MIT */
/* has(), no(), count() and sum() over the records that refer to one. */
#include "query/internal.h"

#include "base/num.h"

struct inner {
	const struct eval *e;
	const struct qnode *n;
	const struct qscope *scope;
	int64_t count;
	int found; /* has(): what fn said; the source tells errors alone */
	/* sum(): whole units and 1/1,000,000,000 of one. */
	int64_t units, nanos;
};

#define NANOS INT64_C(1000000000)

static const struct qscope *
find_scope(const struct eval *e, const struct qnode *n)
{
	size_t i;

	if (e->place == e->q->schema->nkinds)
		return NULL;
	for (i = 0; i < n->nscopes; i++)
		if (n->scopes[i].outer == &e->q->schema->kinds[e->place])
			return &n->scopes[i];
	return NULL;
}

static void
inner_eval(const struct inner *in, const struct qsource *src, void *rec,
    struct err *err, struct eval *out)
{
	*out = *in->e;
	out->src = src;
	out->rec = rec;
	out->lines = false;
	out->err = err;
	out->place = eval_place(out->q, in->scope->kind);
}

/* 1, 0, -1 whether the inner record matches. */
static int
inner_matches(struct eval *e, const struct qnode *n)
{
	return n->n == 0 ? 1 : eval_node(e, n->v[0]);
}

static int
one_matches(void *arg, const struct qsource *src, void *rec, struct err *err)
{
	struct inner *in = arg;
	struct eval e;

	inner_eval(in, src, rec, err, &e);
	in->found = inner_matches(&e, in->n);
	return in->found;
}

static int
run(struct eval *e, const struct qnode *n, struct inner *in,
    int (*fn)(void *, const struct qsource *, void *, struct err *))
{
	in->e = e;
	in->n = n;
	in->scope = find_scope(e, n);
	if (in->scope == NULL || e->src->related == NULL)
		return 0;
	return e->src->related(
	    e->rec, in->scope, n->has_when ? &n->when : NULL, fn, in, e->err);
}

int
eval_related(struct eval *e, const struct qnode *n)
{
	struct inner in = { 0 };
	struct scalar sc;
	size_t state = 0;
	int rc;

	if (e->lines && n->line != NULL) {
		rc = e->src->value(
		    e->rec, NULL, n->line->label, &state, &sc, e->err);
		if (rc != 0)
			return rc < 0 ? rc : eval_node(e, n->line);
	}
	if (run(e, n, &in, one_matches) < 0)
		return -1;
	return in.found;
}

/* ---- count ---- */

static int
count_one(void *arg, const struct qsource *src, void *rec, struct err *err)
{
	struct inner *in = arg;
	struct eval e;
	int rc;

	inner_eval(in, src, rec, err, &e);
	rc = inner_matches(&e, in->n);
	if (rc <= 0)
		return rc;
	/* Past the last bound that is asked for nothing changes. */
	return ++in->count >= in->n->settled;
}

static int
count_values(struct eval *e, const struct qnode *n, int64_t *count)
{
	const struct qrun *r = &n->runs[e->place];
	const struct qbind *b;
	struct scalar sc;
	size_t state = 0;
	int rc = 0;

	*count = 0;
	if (r->n == 0)
		return 0;
	b = &n->binds[r->from];
	while ((rc = e->src->value(
		    e->rec, b->f, b->label, &state, &sc, e->err)) > 0)
		(*count)++;
	return rc;
}

/* ---- sum ---- */

static int
add_number(struct inner *in, struct decimal d, struct err *err)
{
	int64_t scale = 1;
	unsigned i;

	for (i = 0; i < d.places; i++)
		scale *= 10;
	in->nanos += d.n % scale * (NANOS / scale);
	if (num_add_i64(&in->units, in->units, d.n / scale))
		return err_set(err, STATUS_DATA, "sum(): out of range");
	/* Both parts keep one sign each; carry keeps nanos small. */
	in->units += in->nanos / NANOS;
	in->nanos %= NANOS;
	return 0;
}

/* Money counts in the store's currency alone, unless the query asks. */
static int
currency_counts(struct eval *e, const struct qnode *n)
{
	const char *want = e->q->schema->currency;
	const struct field *f;
	struct scalar sc;
	size_t state = 0;
	int rc;

	if (n->any_currency || want == NULL || n->sum_of->type != TYPE_MONEY)
		return 1;
	f = kind_field(&e->q->schema->kinds[e->place], STR("currency"));
	if (f == NULL)
		return 1;
	rc = e->src->value(e->rec, f, STR("currency"), &state, &sc, e->err);
	return rc > 0 ? str_eqz(sc.s, want) : rc;
}

static int
sum_one(void *arg, const struct qsource *src, void *rec, struct err *err)
{
	struct inner *in = arg;
	const struct qnode *n = in->n;
	struct scalar sc;
	struct eval e;
	size_t state = 0;
	int rc;

	inner_eval(in, src, rec, err, &e);
	rc = inner_matches(&e, n);
	if (rc > 0)
		rc = currency_counts(&e, n);
	if (rc <= 0)
		return rc;
	while ((rc = src->value(
		    rec, n->sum_of, n->sum_field, &state, &sc, err)) > 0) {
		struct decimal d = sc.d;

		if (sc.type == TYPE_INT)
			d = (struct decimal){ sc.i, 0 };
		else if (sc.type == TYPE_MONEY)
			d = (struct decimal){ sc.i,
				sc.places > 0 ? (unsigned)sc.places : 0 };
		else if (sc.type != TYPE_DECIMAL)
			continue;
		if (add_number(in, d, err) < 0)
			return -1;
	}
	return rc;
}

/* The sum against a bound: -1, 0, 1. */
static int
compare_sum(const struct inner *in, struct decimal d)
{
	int64_t scale = 1, units, nanos;
	int64_t a = in->units, b = in->nanos;
	unsigned i;

	for (i = 0; i < d.places; i++)
		scale *= 10;
	units = d.n / scale;
	nanos = d.n % scale * (NANOS / scale);
	/* Fractions of one sign: 2 and -0.5 are 1 and 0.5. */
	if (b < 0) {
		a--;
		b += NANOS;
	}
	if (nanos < 0) {
		units--;
		nanos += NANOS;
	}
	if (a != units)
		return a < units ? -1 : 1;
	return (b > nanos) - (b < nanos);
}

static bool
sum_passes(const struct inner *in, const struct qtest *t)
{
	int c;

	if (t->has_lo) {
		c = compare_sum(in, t->dlo);
		if (c < 0 || (c == 0 && t->xlo))
			return false;
	}
	if (t->has_hi) {
		c = compare_sum(in, t->dhi);
		if (c > 0 || (c == 0 && t->xhi))
			return false;
	}
	return true;
}

int
eval_measure(struct eval *e, const struct qnode *n)
{
	struct inner in = { 0 };
	size_t i;
	int rc;

	if (n->is_field_count)
		rc = count_values(e, n, &in.count);
	else
		rc = run(e, n, &in, n->is_sum ? sum_one : count_one);
	if (rc < 0)
		return rc;
	for (i = 0; i < n->ntests; i++) {
		const struct qtest *t = &n->tests[i];

		if (n->is_sum ? sum_passes(&in, t)
			      : in.count >= t->lo && in.count <= t->hi)
			return 1;
	}
	return 0;
}
