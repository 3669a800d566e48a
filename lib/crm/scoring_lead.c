/* SPDX-License-Identifier: MIT */
/*
 * lead: points by rules (ANALYTICS.md 5). Who somebody is gives the fit and
 * its grade, what somebody does the score. A lead is read alone: its record
 * and once its timeline, of which days and counts are kept.
 */
#include "crm/scoring_lead.h"

#include <math.h>

#include "base/date.h"
#include "base/ids.h"
#include "base/mem.h"
#include "crm/figure.h"
#include "record/labels.h"

enum { SLOT_LEAD, SLOT_EVENT };
static const char qualified[] = "qualified";

/* `type:subscribe` as its word alone. */
static struct str
rule_word(struct str when)
{
	struct str prefix = STR("type:"), word;

	if (!str_starts(when, prefix))
		return when;
	word = str_sub(when, prefix.n, when.n);
	for (size_t i = 0; i < word.n; i++)
		if (!ascii_alnum((unsigned char)word.p[i]) && word.p[i] != '-')
			return when;
	return word.n > 0 ? word : when;
}

static void
lead_close(void **state)
{
	struct lead *l = *state;

	if (l == NULL)
		return;
	for (size_t i = 0; i < l->n; i++)
		vec_release(&l->parts[i].days);
	contactable_free(&l->contactable);
	mem_free(l->parts);
	mem_free(l);
	*state = NULL;
}

static int
lead_open(void **out, const struct scoring_opts *opts, struct err *err)
{
	const struct model *m = opts->model;
	const struct schema *s;
	struct lead *l;

	if (opts->rd == NULL)
		return err_set(err, STATUS_USAGE,
		    "model %s scores records of a store", m->name);
	s = db_schema(reading_db(opts->rd));
	l = mem_zero(1, sizeof(*l));
	l->opts = opts;
	l->zone = zone_get(s->tz != NULL ? s->tz : "UTC");
	if (opts->url != NULL)
		l->contactable =
		    contactable_new(opts->rd, opts->url, opts->env);
	l->n = m->nrules;
	l->parts = mem_zero(l->n + 1, sizeof(*l->parts));
	for (size_t i = 0; i < l->n; i++) {
		l->parts[i].rule = &m->rules[i];
		l->parts[i].word = rule_word(m->rules[i].when);
	}
	*out = l;
	return 0;
}

/* ---- what somebody did ---- */

static void
add_event(struct lead_part *p, uint32_t age)
{
	const struct lead_rule *r = &p->rule->rule;

	if (r->window != 0 && age >= r->window)
		return;
	if (p->days.n == 0 || p->days.v[p->days.n - 1].age != age)
		vec_push(&p->days, ((struct lead_day){ age, 0 }));
	if (p->days.v[p->days.n - 1].n < UINT32_MAX)
		p->days.v[p->days.n - 1].n++;
}

static int
count_event(struct lead *l, struct dbrec *event, uint32_t age, struct err *err)
{
	for (size_t i = 0; i < l->n; i++) {
		struct lead_part *p = &l->parts[i];
		int rc;

		if (p->rule->axis != AXIS_ENGAGE)
			continue;
		rc = query_eval(p->rule->query, &db_source, event, err);
		if (rc < 0)
			return -1;
		if (rc > 0)
			add_event(p, age);
	}
	return 0;
}

/* How old an event may be to count for any rule; UINT32_MAX: any age. */
static uint32_t
oldest_age(const struct lead *l)
{
	uint32_t most = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct model_rule *r = l->parts[i].rule;

		if (r->axis != AXIS_ENGAGE)
			continue;
		if (r->rule.window == 0)
			return UINT32_MAX;
		if (r->rule.window > most)
			most = r->rule.window;
	}
	return most;
}

/* Counts an activity of that age: 1 go on, 0 the rest is too old, -1. */
static int
take_activity(
    struct lead *l, const struct id *id, uint32_t age, struct err *err)
{
	uint32_t oldest = oldest_age(l);
	struct dbrec *event;
	int rc;

	if (l->touch == DATE_MIN)
		l->touch = l->opts->until - (int32_t)age;
	if (oldest != UINT32_MAX && age >= oldest)
		return 0;
	rc = dbrec_get(l->opts->rd, id, SLOT_EVENT, &event, err);
	if (rc > 0)
		rc = count_event(l, event, age, err);
	return rc < 0 ? -1 : 1;
}

/* Newest first, so the days of each rule are in order too. */
static int
read_timeline(struct lead *l, const struct id *id, struct err *err)
{
	int32_t until = l->opts->until;
	struct period when = { INT64_MIN, INT64_MAX, false };
	struct tl_cursor *tl = NULL;
	struct id rec;
	unsigned kind;
	int64_t ms;
	int rc;

	if (until < DATE_MAX)
		when.to = zone_day_start(l->zone, until + 1) - 1;
	if (tl_open(l->opts->rd, id, &when, &tl, err) < 0)
		return -1;
	while ((rc = tl_next(tl, &rec, &ms, &kind, err)) > 0) {
		int32_t day = zone_day_of(l->zone, ms);

		if (kind != KIND_ACTIVITY)
			continue;
		rc = take_activity(l, &rec, (uint32_t)(until - day), err);
		if (rc <= 0)
			break;
	}
	tl_close(&tl);
	return rc;
}

static void
sum_engage(struct lead *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct lead_part *p = &l->parts[i];

		if (p->rule->axis != AXIS_ENGAGE)
			continue;
		p->sum = lead_points(&p->rule->rule, p->days.v, p->days.n);
		l->engage += p->sum;
	}
	if (l->engage < 0)
		l->engage = 0;
}

/* ---- what somebody is ---- */

static int
read_fit(struct lead *l, struct dbrec *rec, struct err *err)
{
	for (size_t i = 0; i < l->n; i++) {
		struct lead_part *p = &l->parts[i];
		int rc;

		if (p->rule->axis != AXIS_FIT)
			continue;
		rc = query_eval(p->rule->query, &db_source, rec, err);
		if (rc < 0)
			return -1;
		p->met = rc > 0;
		p->sum = p->met ? p->rule->rule.points : 0;
		l->fit_sum += p->sum;
	}
	l->fit = fmin(fmax(l->fit_sum, 0), 100);
	l->grade =
	    lead_grade(l->opts->model->grades, l->opts->model->ngrades, l->fit);
	return 0;
}

/* Places of grades, the best 0; F, or no grade wanted, is behind all. */
static size_t
grade_place(const struct model *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->ngrades; i++)
		if (strcmp(m->grades[i].name, name) == 0)
			break;
	return i;
}

static bool
is_qualified(const struct lead *l)
{
	const struct model *m = l->opts->model;

	if (m->mql_engage == 0 && m->mql_grade[0] == '\0')
		return false;
	return l->engage >= m->mql_engage &&
	       grade_place(m, l->grade) <= grade_place(m, m->mql_grade);
}

/* The stage that it is in, or `qualified` where it has come that far and is
 * not there yet: a stage of the schema, so that crm-edit takes the line. */
static void
judge_stage(struct lead *l, const struct schema *s, struct str own)
{
	const struct enum_def *e = schema_enum(s, STR("contact-stage"));
	const struct enum_value *now, *then;

	l->stage = own;
	if (e == NULL || !is_qualified(l))
		return;
	now = own.n > 0 ? enum_value(e, own) : NULL;
	then = enum_value(e, str_of(qualified));
	if (then != NULL && (now == NULL || now < then))
		l->stage = str_of(then->name);
}

static int
read_stage(struct dbrec *rec, struct arena *a, struct str *out, struct err *err)
{
	const struct field *f = kind_field(dbrec_kind(rec), STR("stage"));
	size_t state = 0;
	struct str v = STR_NONE;
	int rc = 0;

	if (f != NULL)
		rc = dbrec_value(rec, f->no, &state, &v, err);
	*out = rc > 0 ? arena_str(a, value_enum_now(f, v)) : STR_NONE;
	return rc < 0 ? -1 : 0;
}

/* ---- the line ---- */

static void
begin(struct lead *l)
{
	l->fit_sum = l->fit = l->engage = 0;
	l->grade = "F";
	l->stage = STR_NONE;
	l->touch = DATE_MIN;
	for (size_t i = 0; i < l->n; i++) {
		vec_clear(&l->parts[i].days);
		l->parts[i].met = false;
		l->parts[i].sum = 0;
	}
}

int
lead_head(const struct scoring_opts *o, const struct id *id, struct arena *a,
    struct rec *out, struct err *err)
{
	struct customer c;
	int rc = 0;

	if (o->base != NULL)
		rc = customers_of(o->base, id, &c, err);
	if (rc < 0)
		return -1;
	if (rc > 0) {
		figure_head(out, a, o, NULL, &c);
		return 0;
	}
	rec_add(out, a, STR("id"), id_text(id, a));
	rec_add(out, a, STR("model"), str_of(o->model->name));
	figure_add_day(out, a, STR("until"), o->until);
	return 0;
}

int
lead_contactable(struct contactable *c, const struct id *id, struct arena *a,
    struct rec *out, struct err *err)
{
	bool yes;
	int rc = c != NULL ? contactable_ask(c, id, a, &yes, err) : 0;

	if (rc > 0)
		rec_add(
		    out, a, STR("contactable"), yes ? STR("yes") : STR("no"));
	return rc < 0 ? -1 : 0;
}

static void
add_labels(const struct lead *l, struct arena *a, struct rec *out)
{
	int32_t next = lead_decay_day(l);

	(void)figure_add(out, a, STR("fit"), l->fit);
	rec_add(out, a, STR("grade"), str_of(l->grade));
	(void)figure_add(out, a, STR("engage"), l->engage);
	if (l->stage.n > 0)
		rec_add(out, a, STR("stage"), l->stage);
	if (l->touch != DATE_MIN)
		figure_add_day(out, a, STR("last_touch"), l->touch);
	if (next != DATE_MIN)
		figure_add_day(out, a, STR("next_decay"), next);
	lead_reasons(l, a, out);
}

static int
lead_record(void *state, const struct id *id, struct arena *a, struct rec *out,
    struct buf *why, struct err *err)
{
	struct lead *l = state;
	struct reading *rd = l->opts->rd;
	const struct kind *kind;
	struct dbrec *rec;
	struct str stage;
	int rc;

	begin(l);
	if (lead_head(l->opts, id, a, out, err) < 0)
		return -1;
	rc = dbrec_get(rd, id, SLOT_LEAD, &rec, err);
	if (rc <= 0)
		return rc;
	kind = dbrec_kind(rec);
	if (kind->no != KIND_CONTACT && kind->no != KIND_COMPANY)
		return err_set(err, STATUS_DATA,
		    "got kind '%s', wanted contact or company", kind->name);
	if (read_stage(rec, a, &stage, err) < 0 || read_fit(l, rec, err) < 0 ||
	    read_timeline(l, id, err) < 0)
		return -1;
	sum_engage(l);
	judge_stage(l, db_schema(reading_db(rd)), stage);
	add_labels(l, a, out);
	if (lead_contactable(l->contactable, id, a, out, err) < 0)
		return -1;
	if (why != NULL)
		lead_explain(l, why);
	return 1;
}

static struct contactable *
lead_asks(void *state)
{
	return ((struct lead *)state)->contactable;
}

static const char *const saved[] = { "grade", NULL };

const struct scoring_ops scoring_lead = {
	.open = lead_open,
	.close = lead_close,
	.record = lead_record,
	.contactable = lead_asks,
	.saved = saved,
	.score = "engage",
};
