/* SPDX-License-Identifier: MIT */
/*
 * The models that are always there. Points of subscribe, click, web and open
 * are Pardot's published defaults for form, click, page view and open; the
 * others and the half-life are our choice (ANALYTICS.md 5). What a file leaves
 * out, here too, is as model.c and rfm.c have it.
 */
#include "crm/model_int.h"

/* clang-format off */
const char *const model_builtin[MODEL_TYPES] = {
	[MODEL_LEAD] =
	    "model: lead\n"
	    "rules:\n"
	    "  - {when: 'type:subscribe', axis: engage, points: 50, half_life: 30d}\n"
	    "  - {when: 'type:meeting', axis: engage, points: 25, half_life: 30d}\n"
	    "  - {when: 'type:reply', axis: engage, points: 10, half_life: 30d}\n"
	    "  - {when: 'type:click', axis: engage, points: 3, half_life: 30d}\n"
	    "  - {when: 'type:web', axis: engage, points: 1, half_life: 30d}\n"
	    "  - {when: 'type:open', axis: engage, points: 0, half_life: 30d}\n"
	    "grades: {A: 80, B: 60, C: 40, D: 20}\n"
	    "mql: {engage: 100}\n",
	[MODEL_RFM] = "model: rfm\n",
	[MODEL_CLV] = "model: clv\n",
	[MODEL_CHURN] = "model: churn\n",
};
/* clang-format on */
