/* SPDX-License-Identifier: MIT */
/* A model as a file that gives it back. */
#include "crm/model_int.h"

#include <math.h>

#include "base/decimal.h"

enum {
	PLACES = 9,
	FACTOR = 1000000000 /* of PLACES */
};

void
model_add_number(struct buf *b, double v)
{
	char text[DECIMAL_TEXT];
	struct decimal d = { llround(v * FACTOR), PLACES };

	while (d.places > 0 && d.n % 10 == 0) {
		d.n /= 10;
		d.places--;
	}
	buf_add(b, text, decimal_format(d, text));
}

/* ---- options ---- */

/* The place of the word that stands for what the model has. */
static size_t
word_of(const struct model *m, enum model_sets what)
{
	size_t i = 0;

	switch (what) {
	case SETS_BINS:
		while (i + 1 < MODEL_BINS && model_bins[i] != m->bins)
			i++;
		return i;
	case SETS_COUNT:
		return m->count_days;
	case SETS_TIES:
		return m->method == RFM_RANK;
	case SETS_CUTS:
		return m->method == RFM_CRAN;
	case SETS_NESTED:
		return m->method == RFM_NESTED;
	case SETS_RETURNS:
		return m->returns_ignore;
	case SETS_FAMILY:
		return m->family;
	case SETS_UNIT:
		return m->unit == 1;
	case SETS_CHURN_BY:
		return m->churn;
	case SETS_LEAD_BY:
		return m->bayes;
	default:
		bug("an option of no words");
	}
}

static void
print_breaks(const struct model *m, struct buf *b)
{
	bool some = false;

	for (int axis = 0; axis < RFM_AXES; axis++) {
		if (m->nbreaks[axis] == 0)
			continue;
		buf_addz(b, some ? ", '" : "breaks: ['");
		some = true;
		buf_addc(b, "rfm"[axis]);
		for (unsigned i = 0; i < m->nbreaks[axis]; i++) {
			buf_addc(b, i == 0 ? ':' : ',');
			model_add_number(b, m->breaks[axis][i]);
		}
		buf_addc(b, '\'');
	}
	if (some)
		buf_addz(b, "]\n");
}

static void
print_text(const struct model *m, const struct model_option *o, struct buf *b)
{
	if (o->what == SETS_BREAKS) {
		print_breaks(m, b);
	} else if (o->what == SETS_LEVELS) {
		buf_addz(b, "levels: [");
		model_add_number(b, m->levels.at_risk);
		buf_addz(b, ", ");
		model_add_number(b, m->levels.lapsed);
		buf_addz(b, "]\n");
	} else {
		struct str s = o->what == SETS_VARS ? m->vars : m->group;

		if (s.n == 0)
			return;
		buf_addf(b, "%s: ", o->name);
		yaml_put_scalar(b, s);
		buf_addc(b, '\n');
	}
}

static void
print_value(const struct model *m, const struct model_option *o, struct buf *b)
{
	switch (o->what) {
	case SETS_HORIZON:
		buf_addf(b, "%umo", m->horizon);
		break;
	case SETS_WINDOW:
		buf_addf(b, "%lud", (unsigned long)m->window);
		break;
	case SETS_DISCOUNT:
		model_add_number(b, m->discount);
		break;
	case SETS_MARGIN:
		model_add_number(b, m->margin);
		break;
	case SETS_K:
		model_add_number(b, m->k);
		break;
	default:
		buf_addz(b, o->words[word_of(m, o->what)]);
		break;
	}
}

static void
print_options(const struct model *m, struct buf *b)
{
	for (size_t i = 0; i < MODEL_OPTIONS; i++) {
		const struct model_option *o = &model_option_table[i];

		if ((o->fits & MODEL_FITS(m->type)) == 0)
			continue;
		if (o->form == AS_TEXT) {
			print_text(m, o, b);
			continue;
		}
		buf_addf(b, "%s: ", o->name);
		print_value(m, o, b);
		buf_addc(b, '\n');
	}
}

/* ---- rules, grades, segments ---- */

static void
print_rule(const struct model_rule *r, struct buf *b)
{
	const struct lead_rule *l = &r->rule;

	buf_addz(b, "  - {when: ");
	yaml_put_scalar(b, r->when);
	buf_addf(
	    b, ", axis: %s, points: ", r->axis == AXIS_FIT ? "fit" : "engage");
	model_add_number(b, l->points);
	if (r->axis == AXIS_ENGAGE && l->cap != LEAD_CAP)
		buf_addf(b, ", cap: %lu", (unsigned long)l->cap);
	if (!isinf(l->limit)) {
		buf_addz(b, ", limit: ");
		model_add_number(b, l->limit);
	}
	if (l->once)
		buf_addz(b, ", once: true");
	if (l->window != 0)
		buf_addf(b, ", window: %lud", (unsigned long)l->window);
	if (l->half_life > 0)
		buf_addf(b, ", half_life: %.0fd", l->half_life);
	if (l->step_days > 0) {
		buf_addf(b, ", step: {per: %.0fd, loss: ", l->step_days);
		model_add_number(b, l->step_loss);
		buf_addc(b, '}');
	}
	buf_addz(b, "}\n");
}

static void
print_lead(const struct model *m, struct buf *b)
{
	buf_addz(b, m->nrules > 0 ? "rules:\n" : "rules: []\n");
	for (size_t i = 0; i < m->nrules; i++)
		print_rule(&m->rules[i], b);
	buf_addz(b, "grades: {");
	for (size_t i = 0; i < m->ngrades; i++) {
		if (i > 0)
			buf_addz(b, ", ");
		yaml_put_scalar(b, str_of(m->grades[i].name));
		buf_addz(b, ": ");
		model_add_number(b, m->grades[i].from);
	}
	buf_addz(b, "}\nmql: {");
	if (m->mql_engage > 0) {
		buf_addz(b, "engage: ");
		model_add_number(b, m->mql_engage);
	}
	if (m->mql_grade[0] != '\0') {
		buf_addz(b, m->mql_engage > 0 ? ", grade: " : "grade: ");
		yaml_put_scalar(b, str_of(m->mql_grade));
	}
	buf_addz(b, "}\n");
}

static void
print_segments(const struct model *m, struct buf *b)
{
	static const char *const keys[] = { "R", "F", "M", "FM" };

	buf_addz(b, m->nsegments > 0 ? "segments:\n" : "segments: []\n");
	for (size_t i = 0; i < m->nsegments; i++) {
		const struct rfm_segment *g = &m->segments[i];

		buf_addz(b, "  - {name: ");
		yaml_put_scalar(b, str_of(g->name));
		for (int k = 0; k <= RFM_AXES; k++)
			if (g->lo[k] > 1 || g->hi[k] < RFM_BINS_MAX)
				buf_addf(b, ", %s: %d-%d", keys[k], g->lo[k],
				    g->hi[k]);
		buf_addz(b, "}\n");
	}
}

void
model_print(const struct model *m, struct buf *b)
{
	buf_addf(b, "model: %s\n", model_type_names[m->type]);
	print_options(m, b);
	if (m->type == MODEL_LEAD)
		print_lead(m, b);
	if (m->type == MODEL_RFM)
		print_segments(m, b);
}
