/* SPDX-License-Identifier: MIT */
/*
 * lead --method bayes: how likely open deals are to be won, learned from the
 * closed ones (ANALYTICS.md 5). Stages of two pipelines say nothing about each
 * other, so each pipeline learns by itself.
 */
#include "crm/scoring_bayes.h"

#include <math.h>
#include <string.h>

#include "base/date.h"
#include "base/mem.h"
#include "crm/figure.h"
#include "crm/handle.h"
#include "crm/scoring_lead.h"
#include "record/labels.h"
#include "store/plan.h"

enum { TAG_DEALS = 50, REASONS = 3 };

struct learner {
	const struct scoring_opts *opts;
	struct deal_reader reader;
	struct bayes **bayes;            /* by pipeline */
	struct deal deal;                /* the one at hand */
	struct contactable *contactable; /* NULL: not asked */
	int64_t end; /* ms: closed from here on is not known yet */
	uint64_t learned;
	bool tags; /* they are counted: nothing is learned yet */
};

/* ---- learning ---- */

static uint32_t
number_of(struct names *t, struct str text, bool make)
{
	const struct name_entry *known = names_find(t, text);
	struct name_entry *e;
	bool fresh;

	if (known != NULL || !make)
		return known != NULL ? (uint32_t)known->count : 0;
	e = names_at(t, text, &fresh);
	e->count = t->n;
	return (uint32_t)e->count;
}

/* A tag tells something only where many carry it. */
static bool
tells(const struct deal_var *v, struct str text)
{
	const struct name_entry *e;

	if (!v->tag)
		return true;
	e = names_find(&v->carried, text);
	return e != NULL && e->count >= TAG_DEALS;
}

static void
number_values(struct learner *l, bool make)
{
	for (size_t i = 0; i < l->deal.values.n; i++) {
		struct deal_value *v = &l->deal.values.v[i];
		struct deal_var *var = &l->reader.vars[v->var];

		v->value = tells(var, v->text)
			       ? number_of(&var->values, v->text, make)
			       : 0;
	}
}

static uint32_t
group_of(struct learner *l, bool make)
{
	if (l->deal.group.n == 0)
		return 0;
	return number_of(&l->reader.group.values, l->deal.group, make);
}

static void
count_tags(struct learner *l)
{
	bool fresh;

	for (size_t i = 0; i < l->deal.values.n; i++) {
		const struct deal_value *v = &l->deal.values.v[i];
		struct deal_var *var = &l->reader.vars[v->var];

		if (var->tag)
			names_at(&var->carried, v->text, &fresh)->count++;
	}
}

static int
learn_deal(struct learner *l, struct err *err)
{
	struct deal *d = &l->deal;
	struct bayes *b = l->bayes[d->pipeline];
	uint32_t group = group_of(l, true), *none;

	if (d->lost && deal_last_stage(&l->reader, d, err) < 0)
		return -1;
	number_values(l, true);
	/* Each value by itself: a variable may have several. */
	none = arena_zero(&d->arena, l->reader.nvars + 1, sizeof(*none));
	bayes_learn(b, group, d->won, d->stage, none);
	for (size_t i = 0; i < d->values.n; i++)
		bayes_learn_value(
		    b, group, d->won, d->values.v[i].var, d->values.v[i].value);
	l->learned++;
	return 0;
}

static int
take_closed(void *arg, const struct id *id, struct dbrec *rec, struct err *err)
{
	struct learner *l = arg;
	int rc = deal_read(&l->reader, rec, &l->deal, err);

	(void)id;
	if (rc <= 0)
		return rc;
	if (!(l->deal.won || l->deal.lost) || l->deal.closed >= l->end)
		return 0;
	if (!l->tags)
		return learn_deal(l, err);
	count_tags(l);
	return 0;
}

/* All closed deals: first tags are counted, then it is learned from them. */
static int
each_closed(struct learner *l, bool tags, struct err *err)
{
	struct query_store qs = { l->opts->rd, l->opts->env };
	struct query_env env = { 0 };
	struct plan_opts po = { 0 };

	query_env_fill(&env, &qs);
	l->tags = tags;
	return answer_each(
	    l->opts->rd, STR("kind:deal"), &env, &po, take_closed, l, err);
}

static int
learn(struct learner *l, struct err *err)
{
	const struct schema *s = l->reader.schema;
	bool tags = false;

	for (size_t i = 0; i < l->reader.nvars; i++)
		tags = tags || l->reader.vars[i].tag;
	if (tags && each_closed(l, true, err) < 0)
		return -1;
	l->bayes = mem_zero(s->npipelines + 1, sizeof(struct bayes *));
	for (size_t i = 0; i < s->npipelines; i++)
		l->bayes[i] = bayes_new(deal_open_stages(&s->pipelines[i]),
		    (unsigned)l->reader.nvars);
	if (each_closed(l, false, err) < 0)
		return -1;
	for (size_t i = 0; i < s->npipelines; i++)
		bayes_end(l->bayes[i]);
	if (l->learned == 0)
		return err_set(err, STATUS_DATA,
		    "no deal is closed yet, there is nothing to learn from");
	return 0;
}

static void
learner_close(void **state)
{
	struct learner *l = *state;

	if (l == NULL)
		return;
	for (size_t i = 0; l->bayes != NULL && l->bayes[i] != NULL; i++)
		bayes_free(&l->bayes[i]);
	mem_free(l->bayes);
	contactable_free(&l->contactable);
	deal_reader_release(&l->reader);
	deal_release(&l->deal);
	mem_free(l);
	*state = NULL;
}

static int
learner_open(void **out, const struct scoring_opts *opts, struct err *err)
{
	const struct zone *zone;
	struct learner *l;
	void *state;

	if (opts->rd == NULL)
		return err_set(err, STATUS_USAGE,
		    "model %s scores records of a store", opts->model->name);
	state = l = mem_zero(1, sizeof(*l));
	l->opts = opts;
	if (opts->url != NULL)
		l->contactable =
		    contactable_new(opts->rd, opts->url, opts->env);
	if (deal_reader_open(&l->reader, opts, err) < 0)
		goto fail;
	zone = zone_get(
	    l->reader.schema->tz != NULL ? l->reader.schema->tz : "UTC");
	l->end = INT64_MAX;
	if (opts->until < DATE_MAX)
		l->end = zone_day_start(zone, opts->until + 1);
	if (learn(l, err) < 0)
		goto fail;
	*out = l;
	return 0;
fail:
	learner_close(&state);
	return -1;
}

/* ---- telling ---- */

struct told {
	struct bayes_answer answer;
	struct bayes_factor *factors;
	size_t n;
};

/* The value of a factor as the deal has it. */
static struct str
value_text_of(const struct learner *l, const struct bayes_factor *f)
{
	for (size_t i = 0; i < l->deal.values.n; i++)
		if (l->deal.values.v[i].var == f->var &&
		    l->deal.values.v[i].value == f->value)
			return l->deal.values.v[i].text;
	return l->deal.stages;
}

/* How much more it is the value of won deals than of lost ones. */
static double
odds_of(const struct bayes_factor *f)
{
	return f->won / f->of_won / (f->lost / f->of_lost);
}

static void
name_factor(
    const struct learner *l, const struct bayes_factor *f, struct buf *b)
{
	if (f->var < l->reader.nvars) {
		buf_adds(b, l->reader.vars[f->var].label);
		buf_addc(b, ' ');
		buf_adds(b, value_text_of(l, f));
	} else if (f->var == l->reader.nvars) {
		buf_addz(b, "prior");
	} else {
		buf_addz(b, "stage ");
		buf_adds(b, l->deal.stages);
	}
}

/* Three at most, those that move the odds most; the prior is no reason. */
static void
add_reasons(const struct learner *l, const struct told *t, struct arena *a,
    struct rec *out)
{
	bool *told = arena_zero(a, t->n + 1, sizeof(*told));
	struct buf b = BUF_INIT;

	for (int n = 0; n < REASONS; n++) {
		size_t best = 0;

		for (size_t i = 1; i < t->n; i++)
			if (!told[i] &&
			    (best == 0 ||
				fabs(log(odds_of(&t->factors[i]))) >
				    fabs(log(odds_of(&t->factors[best])))))
				best = i;
		if (best == 0)
			break;
		told[best] = true;
		buf_clear(&b);
		buf_addc(&b, 'x');
		figure_put(
		    &b, floor(odds_of(&t->factors[best]) * 100 + 0.5) / 100);
		buf_addc(&b, ' ');
		name_factor(l, &t->factors[best], &b);
		rec_add(out, a, STR("reason"), arena_str(a, buf_str(&b)));
	}
	buf_release(&b);
}

static void
explain_factor(
    const struct learner *l, const struct bayes_factor *f, struct buf *b)
{
	name_factor(l, f, b);
	buf_addz(b, " = won ");
	figure_put(b, f->won);
	buf_addz(b, " / ");
	figure_put(b, f->of_won);
	buf_addz(b, ", lost ");
	figure_put(b, f->lost);
	buf_addz(b, " / ");
	figure_put(b, f->of_lost);
	buf_addc(b, '\n');
}

static void
explain_side(const struct told *t, bool won, struct buf *b)
{
	buf_addz(b, won ? "won = " : "lost = ");
	for (size_t i = 0; i < t->n; i++) {
		const struct bayes_factor *f = &t->factors[i];

		buf_addz(b, i == 0 ? "" : " * ");
		figure_put(b, won ? f->won : f->lost);
		buf_addz(b, " / ");
		figure_put(b, won ? f->of_won : f->of_lost);
	}
	buf_addz(b, " = ");
	figure_put(b, won ? t->answer.won : t->answer.lost);
	buf_addc(b, '\n');
}

static void
explain(const struct learner *l, const struct told *t, struct buf *b)
{
	char text[ID_TEXT];

	id_format(&l->deal.id, text);
	buf_addz(b, "deal = ");
	buf_add(b, text, ID_TEXT);
	buf_addc(b, '\n');
	if (l->opts->model->group.n > 0) {
		buf_addz(b, "group = ");
		buf_adds(b, t->answer.all_groups ? STR("all") : l->deal.group);
		buf_addc(b, '\n');
	}
	for (size_t i = 0; i < t->n; i++)
		explain_factor(l, &t->factors[i], b);
	explain_side(t, true, b);
	explain_side(t, false, b);
	buf_addz(b, "probability = 100 * won / (won + lost), .01 to 99.99 = ");
	figure_put(b, t->answer.probability);
	buf_addc(b, '\n');
}

/* ---- whom ---- */

/* The newest open deal of a timeline into l->deal: 1, 0 none, -1. */
static int
newest_open(struct learner *l, const struct id *id, struct err *err)
{
	struct tl_cursor *tl = NULL;
	struct dbrec *rec;
	struct id deal;
	unsigned kind;
	int64_t ms;
	int rc;

	if (tl_open(l->opts->rd, id, NULL, &tl, err) < 0)
		return -1;
	while ((rc = tl_next(tl, &deal, &ms, &kind, err)) > 0) {
		if (kind != KIND_DEAL)
			continue;
		rc = dbrec_get(l->opts->rd, &deal, SLOT_FIND, &rec, err);
		if (rc > 0)
			rc = deal_read(&l->reader, rec, &l->deal, err);
		if (rc < 0 || (rc > 0 && !l->deal.won && !l->deal.lost))
			break;
	}
	tl_close(&tl);
	return rc;
}

/* The deal that is meant into l->deal: 1; 0 none is open; -1. */
static int
find_deal(struct learner *l, const struct id *id, struct err *err)
{
	const struct kind *kind;
	struct dbrec *rec;
	int rc = dbrec_get(l->opts->rd, id, SLOT_DEAL, &rec, err);

	if (rc <= 0)
		return rc;
	kind = dbrec_kind(rec);
	if (kind->no == KIND_CONTACT || kind->no == KIND_COMPANY)
		return newest_open(l, id, err);
	if (kind->no != KIND_DEAL)
		return err_set(err, STATUS_DATA,
		    "got kind '%s', wanted deal, contact or company",
		    kind->name);
	rc = deal_read(&l->reader, rec, &l->deal, err);
	return rc > 0 && (l->deal.won || l->deal.lost) ? 0 : rc;
}

static void
ask(struct learner *l, struct arena *a, struct told *t)
{
	const struct deal *d = &l->deal;
	const struct schema *s = l->reader.schema;
	struct bayes_value *v;
	uint32_t group = group_of(l, false);
	unsigned stage = d->stage;

	/* A stage that there is not is passed over as unknown. */
	if (!l->reader.stage)
		stage = deal_open_stages(&s->pipelines[d->pipeline]);
	number_values(l, false);
	v = arena_zero(a, d->values.n + 1, sizeof(*v));
	for (size_t i = 0; i < d->values.n; i++)
		v[i] = (struct bayes_value){ d->values.v[i].var,
			d->values.v[i].value };
	t->factors = arena_zero(a, d->values.n + 2, sizeof(*t->factors));
	t->n = bayes_probability(l->bayes[d->pipeline], group, stage, v,
	    d->values.n, &t->answer, t->factors);
}

/* Of the contact that was asked for, else the first one of the deal. */
static int
add_contactable(struct learner *l, const struct id *id, struct arena *a,
    struct rec *out, struct err *err)
{
	struct dbrec *rec;
	struct str v = STR_NONE;
	size_t state = 0;
	struct id who = *id;
	int rc = 1;

	if (l->contactable == NULL)
		return 0;
	if (id_cmp(id, &l->deal.id) == 0) {
		rc = dbrec_get(l->opts->rd, id, SLOT_DEAL, &rec, err);
		if (rc > 0)
			rc =
			    dbrec_value(rec, LABEL_CONTACT_ID, &state, &v, err);
		if (rc > 0 && v.n == ID_BYTES)
			memcpy(who.b, v.p, ID_BYTES);
	}
	if (rc <= 0)
		return rc;
	return lead_contactable(l->contactable, &who, a, out, err);
}

static struct contactable *
learner_asks(void *state)
{
	return ((struct learner *)state)->contactable;
}

static int
learner_record(void *state, const struct id *id, struct arena *a,
    struct rec *out, struct buf *why, struct err *err)
{
	struct learner *l = state;
	struct told t;
	int rc = find_deal(l, id, err);

	if (rc <= 0)
		return rc;
	if (lead_head(l->opts, id, a, out, err) < 0)
		return -1;
	ask(l, a, &t);
	if (t.n == 0) {
		/* Nothing of its pipeline is closed yet. */
		rec_add(out, a, STR("flag"), STR("few-data"));
		return 1;
	}
	(void)figure_add(out, a, STR("probability"), t.answer.probability);
	add_reasons(l, &t, a, out);
	if (add_contactable(l, id, a, out, err) < 0)
		return -1;
	if (why != NULL)
		explain(l, &t, why);
	return 1;
}

static const char *const saved[] = { NULL };

const struct scoring_ops scoring_bayes = {
	.open = learner_open,
	.close = learner_close,
	.record = learner_record,
	.contactable = learner_asks,
	.saved = saved,
	.score = "probability",
};
