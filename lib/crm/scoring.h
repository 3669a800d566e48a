/* SPDX-License-Identifier: MIT */
/*
 * Running a model over customers: the lines of crm-score (ANALYTICS.md 2).
 * rfm, clv and churn learn from the whole base first, then score whom they
 * are asked for; lead scores each record by itself, or learns from closed
 * deals.
 */
#ifndef CRM_SCORING_H
#define CRM_SCORING_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "crm/contactable.h"
#include "crm/customers.h"
#include "crm/env.h"
#include "crm/model.h"
#include "record/rec.h"
#include "store/db.h"

struct scoring_opts {
	const struct model *model;
	const struct crm_env *env;
	int32_t until;
	struct customers *base; /* rfm clv churn: what is learned from */
	struct reading *rd;     /* NULL: a log of orders alone */
	const char *url;        /* of the store; NULL: nobody is asked whether
				 * one may be contacted */
	const char *params;     /* a file to score with; NULL: fit */
	/* Labels that are looked at; NULL: all.  Others may be missing in the
	 * lines. */
	const struct str *wanted;
	size_t nwanted;
	bool require_fit, explain, ranks; /* ranks: rank and decile wanted */
};

struct scoring;
/* Learns.  65: too little data, a bad parameter file, or a fit at the
 * boundary under require_fit; else such a fit warns. */
int scoring_open(
    struct scoring **, const struct scoring_opts *, struct err *) BASE_MUST;
void scoring_close(struct scoring **);
/*
 * The labels of one customer into `out` (in the arena), id first as the page
 * orders them; explain lines into `why` where asked, LF after each.  1; 0:
 * there is nothing to say of it (no purchase).
 */
int scoring_customer(struct scoring *, const struct customer *, struct arena *,
    struct rec *out, struct buf *why, struct err *) BASE_MUST;
/* lead: of one record of the store (contact, or a deal under bayes). */
int scoring_record(struct scoring *, const struct id *, struct arena *,
    struct rec *out, struct buf *why, struct err *) BASE_MUST;
/* After reading_renew. */
int scoring_renew(struct scoring *, struct err *) BASE_MUST;
/* What --save stores of such a line: the labels marked * and the score. */
size_t scoring_saved(const struct scoring *, const struct rec *line,
    struct score_value *out, size_t max, struct arena *);
/* --fit: parameters as YAML. */
int scoring_fit_text(struct scoring *, struct buf *, struct err *) BASE_MUST;
/* --validate SPAN: learns before, compares after. */
int scoring_validate(const struct scoring_opts *, uint32_t days, struct buf *,
    struct err *) BASE_MUST;

/* ---- one file a model, behind the above ---- */
struct scoring_ops {
	int (*open)(void **, const struct scoring_opts *, struct err *);
	void (*close)(void **);
	int (*customer)(void *, const struct customer *, struct arena *,
	    struct rec *, struct buf *why, struct err *);
	int (*record)(void *, const struct id *, struct arena *, struct rec *,
	    struct buf *why, struct err *);
	int (*fit_text)(void *, struct buf *, struct err *);
	int (*validate)(const struct scoring_opts *, uint32_t days,
	    struct buf *, struct err *);
	struct contactable *(*contactable)(void *); /* or NULL */
	const char *const *saved; /* labels that --save stores, NULL-ended */
	const char *score;        /* of them that is score.MODEL itself */
};
extern const struct scoring_ops scoring_rfm, scoring_clv, scoring_churn,
    scoring_lead, scoring_bayes;

#endif
