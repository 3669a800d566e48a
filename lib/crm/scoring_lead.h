/* SPDX-License-Identifier: MIT */
/* What a lead's rules gave, between counting and telling (scoring_lead*.c). */
#ifndef CRM_SCORING_LEAD_H
#define CRM_SCORING_LEAD_H

#include "base/vec.h"
#include "crm/scoring.h"

/* A rule with what it found of one lead. */
struct lead_part {
	const struct model_rule *rule;
	struct str word; /* `subscribe` of type:subscribe, else the query */
	VEC(struct lead_day) days; /* engage, newest first, in the window */
	bool met;                  /* fit */
	double sum;
};
struct lead {
	const struct scoring_opts *opts;
	const struct zone *zone;
	struct contactable *contactable; /* NULL: not asked */
	struct lead_part *parts;
	size_t n;
	/* Of the lead at hand. */
	double fit_sum, fit, engage;
	const char *grade;
	struct str stage; /* as it should be; none: it has none */
	int32_t touch;    /* day of the newest activity; DATE_MIN: none */
};

/* The labels id to silent_days of a record: those about orders where a base is
 * known and it has some. */
int lead_head(const struct scoring_opts *, const struct id *, struct arena *,
    struct rec *, struct err *) BASE_MUST;
/* The label contactable of a contact; NULL: nobody asks. */
int lead_contactable(struct contactable *, const struct id *, struct arena *,
    struct rec *, struct err *) BASE_MUST;
/* The day on which the points change if nothing happens; DATE_MIN: never. */
int32_t lead_decay_day(const struct lead *);
/* The labels reason, three at most, the weightiest first. */
void lead_reasons(const struct lead *, struct arena *, struct rec *);
void lead_explain(const struct lead *, struct buf *);

#endif
