/* SPDX-License-Identifier: MIT */
/* Rules, grades and segments of a model file (ANALYTICS.md 4 and 5). */
#include "crm/model_int.h"

#include <math.h>
#include <stdlib.h>

#include "base/num.h"
#include "base/utf8.h"

enum {
	RULES_MAX = 200,
	SEGMENTS_MAX = 100,
	SEGMENT_NAME_MAX = 64,
	CAP_MAX = 1000000,
	RULE_DAYS_MAX = 36500
};

static const char *const rule_keys[] = { "when", "axis", "points", "cap",
	"limit", "once", "window", "half_life", "step" };
enum { RULE_KEYS = sizeof(rule_keys) / sizeof(rule_keys[0]), FIT_KEYS = 3 };

/* The value where it is a scalar; none with a fault else. */
static struct str
scalar(struct model_reading *rd, const char *key, const struct yaml *y)
{
	if (y->type == YAML_SCALAR)
		return y->s;
	model_fault(rd, y, "%s: wanted one value", key);
	return STR_NONE;
}

static double
number(struct model_reading *rd, const char *key, const struct yaml *y,
    double lo, double hi)
{
	struct str s = scalar(rd, key, y);
	double v = 0;

	if (s.p != NULL && !model_number(s, lo, hi, &v))
		model_fault(rd, y,
		    "%s: got '%.*s', wanted a number from %.10g "
		    "to %.10g",
		    key, STR_ARG(s), lo, hi);
	return v;
}

static uint32_t
days(struct model_reading *rd, const char *key, const struct yaml *y)
{
	struct str s = scalar(rd, key, y);
	uint32_t n = 0;

	if (s.p != NULL && !model_days(s, RULE_DAYS_MAX, &n))
		model_fault(rd, y,
		    "%s: got '%.*s', wanted days, for example "
		    "30d",
		    key, STR_ARG(s));
	return n;
}

/* ---- rules ---- */

static void
read_step(struct model_reading *rd, struct lead_rule *r, const struct yaml *y)
{
	static const char *const keys[] = { "per", "loss" };

	if (y->type != YAML_MAP) {
		model_fault(rd, y,
		    "step: wanted a map, for example "
		    "{per: 30d, loss: .2}");
		return;
	}
	for (size_t i = 0; i < y->n; i++)
		if (str_eqz(y->key[i]->s, "per"))
			r->step_days = days(rd, "per", y->v[i]);
		else if (str_eqz(y->key[i]->s, "loss"))
			r->step_loss = number(rd, "loss", y->v[i], 0, 1);
		else
			model_unknown(rd, y->key[i], keys, 2);
	if (yaml_get(y, "per") == NULL || yaml_get(y, "loss") == NULL)
		model_fault(rd, y, "step: it needs 'per' and 'loss'");
}

/* How points of an engage rule count; false: there is no such key. */
static bool
read_worth(struct model_reading *rd, struct lead_rule *r, struct str key,
    const struct yaml *y)
{
	int64_t n;

	if (str_eqz(key, "cap")) {
		if (num_i64(scalar(rd, "cap", y), &n) && n >= 1 && n <= CAP_MAX)
			r->cap = (uint32_t)n;
		else if (y->type == YAML_SCALAR)
			model_fault(rd, y,
			    "cap: got '%.*s', wanted a whole number from 1 up",
			    STR_ARG(y->s));
	} else if (str_eqz(key, "limit")) {
		r->limit = number(rd, "limit", y, 0, MODEL_POINTS_MAX);
	} else if (str_eqz(key, "once")) {
		struct str s = scalar(rd, "once", y);

		r->once = str_eqz(s, "true");
		if (s.p != NULL && !r->once && !str_eqz(s, "false"))
			model_fault(rd, y,
			    "once: got '%.*s', wanted true or false",
			    STR_ARG(s));
	} else if (str_eqz(key, "window")) {
		r->window = days(rd, "window", y);
	} else if (str_eqz(key, "half_life")) {
		r->half_life = days(rd, "half_life", y);
	} else if (str_eqz(key, "step")) {
		read_step(rd, r, y);
	} else {
		return false;
	}
	return true;
}

static void
read_axis(struct model_reading *rd, struct model_rule *r, const struct yaml *y)
{
	struct str s = scalar(rd, "axis", y);

	if (str_eqz(s, "fit"))
		r->axis = AXIS_FIT;
	else if (s.p != NULL && !str_eqz(s, "engage"))
		model_fault(rd, y, "axis: got '%.*s', wanted engage or fit",
		    STR_ARG(s));
}

static void
read_query(
    struct model_reading *rd, struct model_rule *r, const struct yaml *when)
{
	struct query_env env = { 0 };
	struct clock clock = { 0, zone_get("UTC") };
	struct err err = ERR_INIT;
	struct str what;

	if (rd->env->query != NULL)
		env = *rd->env->query;
	else
		env.clock = &clock;
	env.schema = rd->env->schema;
	env.stdin_mode = false;
	env.default_kind = r->axis == AXIS_FIT ? "contact" : "activity";
	if (query_parse(&r->query, r->when, &err) == 0 &&
	    query_bind(r->query, &env, &err) == 0)
		return;
	/* The lines with query and caret are for a terminal. */
	what = str_of(err.msg);
	what.n = str_find(what, '\n');
	model_fault(rd, when, "when: %.*s", STR_ARG(what));
}

static void
read_rule(struct model_reading *rd, struct model_rule *r, const struct yaml *y)
{
	const struct yaml *when, *axis = yaml_get(y, "axis");

	r->rule.cap = LEAD_CAP;
	r->rule.limit = INFINITY;
	if (axis != NULL)
		read_axis(rd, r, axis);
	else
		model_fault(rd, y, "a rule needs 'axis', engage or fit");
	for (size_t i = 0; i < y->n; i++) {
		struct str key = y->key[i]->s;

		if (str_eqz(key, "axis") || str_eqz(key, "when"))
			continue;
		if (str_eqz(key, "points"))
			r->rule.points = number(rd, "points", y->v[i],
			    -MODEL_POINTS_MAX, MODEL_POINTS_MAX);
		else if (!read_worth(rd, &r->rule, key, y->v[i]))
			model_unknown(rd, y->key[i], rule_keys, RULE_KEYS);
		else if (r->axis == AXIS_FIT)
			model_fault(rd, y->key[i],
			    "%.*s: only a rule of axis engage has it",
			    STR_ARG(key));
	}
	if (yaml_get(y, "points") == NULL)
		model_fault(rd, y, "a rule needs 'points'");
	if (r->rule.half_life > 0 && r->rule.step_days > 0)
		model_fault(rd, yaml_get(y, "step"),
		    "step: a rule has this or half_life, not both");
	when = yaml_get(y, "when");
	if (when == NULL) {
		model_fault(rd, y, "a rule needs 'when', a query");
		return;
	}
	r->line = when->line;
	r->column = when->col;
	r->when = scalar(rd, "when", when);
	if (r->when.p == NULL)
		return;
	r->when = arena_str(rd->a, r->when);
	read_query(rd, r, when);
}

void
model_read_rules(struct model_reading *rd, const struct yaml *y)
{
	struct model *m = rd->m;

	if (y->type != YAML_LIST) {
		model_fault(rd, y, "rules: wanted a list");
		return;
	}
	if (y->n > RULES_MAX) {
		model_fault(
		    rd, y->v[RULES_MAX], "rules: more than %d", (int)RULES_MAX);
		return;
	}
	m->rules = arena_zero(rd->a, y->n + 1, sizeof(*m->rules));
	for (size_t i = 0; i < y->n; i++)
		if (y->v[i]->type == YAML_MAP)
			read_rule(rd, &m->rules[m->nrules++], y->v[i]);
		else
			model_fault(rd, y->v[i], "a rule: wanted a map");
}

/* ---- grades ---- */

static int
by_from(const void *a, const void *b)
{
	double x = ((const struct lead_grade *)a)->from;
	double y = ((const struct lead_grade *)b)->from;

	return x < y ? 1 : x > y ? -1 : 0;
}

/* A short name into its array of 8. */
static bool
short_name(struct model_reading *rd, const struct yaml *y, char out[8])
{
	if (y->s.n == 0 || y->s.n > 7 || utf8_control(y->s) < y->s.n ||
	    memchr(y->s.p, '\0', y->s.n) != NULL) {
		model_fault(rd, y,
		    "grade '%.*s': wanted a name of 1 to 7 "
		    "bytes",
		    STR_ARG(y->s));
		return false;
	}
	memcpy(out, y->s.p, y->s.n);
	out[y->s.n] = '\0';
	return true;
}

void
model_read_grades(struct model_reading *rd, const struct yaml *y)
{
	struct model *m = rd->m;

	if (y->type != YAML_MAP) {
		model_fault(rd, y,
		    "grades: wanted a map, for example "
		    "{A: 80, B: 60}");
		return;
	}
	if (y->n > LEAD_GRADES_MAX) {
		model_fault(rd, y->key[LEAD_GRADES_MAX], "grades: more than %d",
		    (int)LEAD_GRADES_MAX);
		return;
	}
	for (size_t i = 0; i < y->n; i++) {
		struct lead_grade *g = &m->grades[m->ngrades];

		if (!short_name(rd, y->key[i], g->name))
			continue;
		g->from = number(rd, g->name, y->v[i], 0, 100);
		m->ngrades++;
	}
	qsort(m->grades, m->ngrades, sizeof(*m->grades), by_from);
	for (size_t i = 1; i < m->ngrades; i++)
		if (m->grades[i].from >= m->grades[i - 1].from)
			model_fault(rd, y, "grades: %s and %s begin alike",
			    m->grades[i - 1].name, m->grades[i].name);
}

void
model_read_mql(struct model_reading *rd, const struct yaml *y)
{
	static const char *const keys[] = { "engage", "grade" };
	struct model *m = rd->m;
	bool found = false;

	if (y->type != YAML_MAP) {
		model_fault(rd, y,
		    "mql: wanted a map, for example "
		    "{engage: 100, grade: B}");
		return;
	}
	for (size_t i = 0; i < y->n; i++) {
		if (str_eqz(y->key[i]->s, "engage")) {
			m->mql_engage =
			    number(rd, "engage", y->v[i], 0, MODEL_POINTS_MAX);
			continue;
		}
		if (!str_eqz(y->key[i]->s, "grade")) {
			model_unknown(rd, y->key[i], keys, 2);
			continue;
		}
		if (scalar(rd, "grade", y->v[i]).p == NULL ||
		    !short_name(rd, y->v[i], m->mql_grade))
			continue;
		found = strcmp(m->mql_grade, "F") == 0;
		for (size_t k = 0; k < m->ngrades; k++)
			found = found ||
				strcmp(m->grades[k].name, m->mql_grade) == 0;
		if (!found)
			model_fault(
			    rd, y->v[i], "grade: no grade '%s'", m->mql_grade);
	}
}

/* ---- segments ---- */

/* `4-5` or `4`: levels. */
static void
read_bound(struct model_reading *rd, const char *key, const struct yaml *y,
    uint8_t *lo, uint8_t *hi)
{
	struct str s = scalar(rd, key, y), last = s, first;
	int64_t from, to;

	if (s.p == NULL)
		return;
	first = str_cut(&last, '-');
	if (!num_i64(first, &from) || from < 1 || from > RFM_BINS_MAX ||
	    !num_i64(last.p != NULL ? last : first, &to) || to < from ||
	    to > RFM_BINS_MAX) {
		model_fault(rd, y,
		    "%s: got '%.*s', wanted levels, for "
		    "example 4-5",
		    key, STR_ARG(s));
		return;
	}
	*lo = (uint8_t)from;
	*hi = (uint8_t)to;
}

static void
read_segment(
    struct model_reading *rd, struct rfm_segment *g, const struct yaml *y)
{
	static const char *const keys[] = { "R", "F", "M", "FM", "name" };
	enum { BOUNDS = RFM_AXES + 1, KEYS = BOUNDS + 1 };
	const struct yaml *name = yaml_get(y, "name");

	for (int i = 0; i < BOUNDS; i++) {
		g->lo[i] = 1;
		g->hi[i] = RFM_BINS_MAX;
	}
	if (name == NULL)
		model_fault(rd, y, "a segment needs 'name'");
	else if (name->type != YAML_SCALAR || name->s.n == 0 ||
		 name->s.n > SEGMENT_NAME_MAX ||
		 utf8_control(name->s) < name->s.n ||
		 memchr(name->s.p, '\0', name->s.n) != NULL)
		model_fault(rd, name, "name: wanted a line of 1 to %d bytes",
		    (int)SEGMENT_NAME_MAX);
	else
		g->name = arena_str(rd->a, name->s).p;
	for (size_t i = 0; i < y->n; i++) {
		int k = 0;

		while (k < KEYS && !str_eqz(y->key[i]->s, keys[k]))
			k++;
		if (k == KEYS)
			model_unknown(rd, y->key[i], keys, KEYS);
		else if (k < BOUNDS)
			read_bound(rd, keys[k], y->v[i], &g->lo[k], &g->hi[k]);
	}
}

void
model_read_segments(struct model_reading *rd, const struct yaml *y)
{
	struct rfm_segment *v;
	size_t n = 0;

	if (y->type != YAML_LIST) {
		model_fault(rd, y, "segments: wanted a list");
		return;
	}
	if (y->n > SEGMENTS_MAX) {
		model_fault(rd, y->v[SEGMENTS_MAX], "segments: more than %d",
		    (int)SEGMENTS_MAX);
		return;
	}
	v = arena_zero(rd->a, y->n + 1, sizeof(*v));
	for (size_t i = 0; i < y->n; i++)
		if (y->v[i]->type == YAML_MAP)
			read_segment(rd, &v[n++], y->v[i]);
		else
			model_fault(rd, y->v[i], "a segment: wanted a map");
	rd->m->segments = v;
	rd->m->nsegments = n;
}
