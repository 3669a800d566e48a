/* SPDX-License-Identifier: MIT */
/* What the files of scoring_clv share. */
#ifndef CRM_SCORING_CLV_INT_H
#define CRM_SCORING_CLV_INT_H

#include "crm/scoring_clv.h"

/* What depends on x and T alone, over P(alive): the series behind it are the
 * cost of a score, and many customers share them. */
struct clv_cached {
	uint32_t days, age; /* days: x + 1; 0: empty */
	struct clv_age of_alive;
	double orders, worth; /* within the horizon; discounted */
};

struct clv_scorer {
	const struct scoring_opts *opts;
	struct clv_learned learned;
	struct clv_terms terms;
	struct clv_cached *cache;
};

/* One pass over opts->base, as of opts->until. */
int clv_learn(
    struct clv_learned *, const struct scoring_opts *, struct err *) BASE_MUST;
/* A file that clv_scorer_text wrote.  65 with FILE:LINE:COLUMN. */
int clv_params_read(
    struct clv_learned *, const char *path, struct err *) BASE_MUST;
void clv_params_put(
    const struct clv_learned *, const char *model, struct buf *);

/* Names of the parameters of a family. */
const char *const *clv_parameter_names(enum clv_family);
extern const char *const spend_parameter_names[SPEND_PARAMETERS];
const char *clv_unit_name(unsigned unit);
/* Minor units of a whole one. */
double clv_whole(unsigned places);

#endif
