/* SPDX-License-Identifier: MIT */
/* A model as a file that gives it back. */
#include "crm/model_int.h"

#include <math.h>

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
	model_print_options(m, b);
	if (m->type == MODEL_LEAD)
		print_lead(m, b);
	if (m->type == MODEL_RFM)
		print_segments(m, b);
}
