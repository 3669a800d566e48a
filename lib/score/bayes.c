/* SPDX-License-Identifier: MIT */
#include "score/bayes.h"

#include <math.h>

#include "base/mem.h"
#include "base/vec.h"

/* So that what was never seen is not impossible. */
#define SMOOTHING 0.1
#define PERCENT_MIN 0.01
#define PERCENT_MAX 99.99

struct counts {
	double won, lost;
	bool met;
};
struct table {
	VEC(struct counts) v; /* by value */
	struct counts total;
};
struct group {
	struct table *t; /* nvars of the caller's, then the stages */
	uint64_t closed;
};
struct bayes {
	unsigned nstages, nvars;
	VEC(struct group) groups;
	struct group all;
	uint64_t closed;
};

static struct group
group_new(const struct bayes *b)
{
	struct group g = { mem_zero(b->nvars + 1, sizeof(*g.t)), 0 };

	return g;
}

static void
group_release(const struct bayes *b, struct group *g)
{
	for (unsigned i = 0; i <= b->nvars; i++)
		vec_release(&g->t[i].v);
	mem_free(g->t);
}

struct bayes *
bayes_new(unsigned nstages, unsigned nvars)
{
	struct bayes *b = mem_zero(1, sizeof(*b));

	b->nstages = nstages;
	b->nvars = nvars;
	b->all = group_new(b);
	return b;
}

void
bayes_free(struct bayes **pb)
{
	struct bayes *b = *pb;

	if (b == NULL)
		return;
	for (size_t i = 0; i < b->groups.n; i++)
		group_release(b, &b->groups.v[i]);
	vec_release(&b->groups);
	group_release(b, &b->all);
	mem_free(b);
	*pb = NULL;
}

static struct counts *
counts_at(struct table *t, uint32_t value)
{
	static const struct counts none;

	while (t->v.n <= value)
		vec_push(&t->v, none);
	return &t->v.v[value];
}

static void
count(struct table *t, uint32_t value, bool won)
{
	struct counts *c = counts_at(t, value);

	c->met = true;
	if (won)
		c->won++;
	else
		c->lost++;
}

static struct group *
group_at(struct bayes *b, uint32_t group)
{
	while (b->groups.n <= group)
		vec_push(&b->groups, group_new(b));
	return &b->groups.v[group];
}

void
bayes_learn_value(
    struct bayes *b, uint32_t group, bool won, unsigned var, uint32_t value)
{
	if (value != 0)
		count(&group_at(b, group)->t[var], value, won);
}

void
bayes_learn(struct bayes *b, uint32_t group, bool won, unsigned stage,
    const uint32_t *values)
{
	struct group *g = group_at(b, group);

	g->closed++;
	b->closed++;
	for (unsigned s = 0; s < b->nstages; s++)
		if (won || s <= stage)
			count(&g->t[b->nvars], s, won);
	for (unsigned i = 0; i < b->nvars; i++)
		bayes_learn_value(b, group, won, i, values[i]);
}

static void
smooth(struct table *t, struct table *all)
{
	for (size_t i = 0; i < t->v.n; i++) {
		struct counts *c = &t->v.v[i], *sum;

		if (!c->met)
			continue;
		c->won += SMOOTHING;
		c->lost += SMOOTHING;
		t->total.won += c->won;
		t->total.lost += c->lost;
		sum = counts_at(all, (uint32_t)i);
		sum->met = true;
		sum->won += c->won;
		sum->lost += c->lost;
		all->total.won += c->won;
		all->total.lost += c->lost;
	}
}

void
bayes_end(struct bayes *b)
{
	for (size_t i = 0; i < b->groups.n; i++)
		for (unsigned k = 0; k <= b->nvars; k++)
			smooth(&b->groups.v[i].t[k], &b->all.t[k]);
}

uint64_t
bayes_closed(const struct bayes *b)
{
	return b->closed;
}

uint64_t
bayes_met(const struct bayes *b, unsigned var, uint32_t value)
{
	uint64_t n = 0;

	for (size_t i = 0; i < b->groups.n; i++) {
		const struct table *t = &b->groups.v[i].t[var];

		/* Smoothing adds less than one. */
		if (value < t->v.n)
			n += (uint64_t)t->v.v[value].won +
			     (uint64_t)t->v.v[value].lost;
	}
	return n;
}

/* ---- the odds of one deal ---- */

struct odds {
	struct bayes_answer *answer;
	struct bayes_factor *factors;
	size_t n;
};

static void
take(struct odds *o, const struct bayes_factor *f)
{
	o->answer->won *= f->won / f->of_won;
	o->answer->lost *= f->lost / f->of_lost;
	if (o->factors != NULL)
		o->factors[o->n] = *f;
	o->n++;
}

static const struct counts *
known(const struct table *t, uint32_t value)
{
	return value < t->v.n && t->v.v[value].met ? &t->v.v[value] : NULL;
}

size_t
bayes_probability(const struct bayes *b, uint32_t group, unsigned stage,
    const struct bayes_value *values, size_t n, struct bayes_answer *answer,
    struct bayes_factor *factors)
{
	bool own =
	    group != 0 && group < b->groups.n && b->groups.v[group].closed > 0;
	const struct group *g = own ? &b->groups.v[group] : &b->all;
	const struct counts *first = known(&g->t[b->nvars], 0), *c;
	struct odds o = { answer, factors, 0 };
	double both, percent;

	*answer = (struct bayes_answer){ 1, 1, 0, !own };
	if (first == NULL)
		return 0;
	both = first->won + first->lost;
	take(&o, &(struct bayes_factor){
		     b->nvars, 0, first->won, both, first->lost, both });
	c = known(&g->t[b->nvars], stage);
	if (c != NULL)
		take(&o, &(struct bayes_factor){ b->nvars + 1, stage, c->won,
			     first->won, c->lost, first->lost });
	for (size_t i = 0; i < n; i++) {
		const struct table *t = &g->t[values[i].var];

		c = values[i].value ? known(t, values[i].value) : NULL;
		if (c != NULL)
			take(&o, &(struct bayes_factor){ values[i].var,
				     values[i].value, c->won, t->total.won,
				     c->lost, t->total.lost });
	}
	percent = 100 * answer->won / (answer->won + answer->lost);
	percent = floor(percent * 100 + 0.5) / 100;
	answer->probability = fmin(fmax(percent, PERCENT_MIN), PERCENT_MAX);
	return o.n;
}
