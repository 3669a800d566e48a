/* SPDX-License-Identifier: MIT */
/*
 * One fit of who stays, how often they buy and for how much: learned from a
 * base or read from a file, and what it says of a customer.  clv prints it,
 * churn takes P(alive) and the value at risk from it.
 */
#ifndef CRM_SCORING_CLV_H
#define CRM_SCORING_CLV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "crm/customers.h"
#include "crm/scoring.h"
#include "record/rec.h"
#include "score/clv.h"

struct clv_learned {
	struct clv_fit fit;
	struct spend_fit spend;
	bool has_spend;      /* else nobody came back and paid */
	int32_t until;       /* of the base */
	int32_t first, last; /* its purchases */
	double median_gap;   /* days between purchase days of those who came
			      * back: the median of their means */
	char currency[4];    /* "": none */
};

/* What it says of one customer. */
struct clv_figures {
	double x, t_x, T; /* in the fit's unit */
	double m;         /* mean of the later purchase days; 0: none */
	double alive;     /* P(alive) */
	double orders;    /* expected within the horizon */
	double value;     /* of one of them */
	double clv;       /* of all of them, discounted, times margin */
	bool has_value;   /* else value and clv are not known */
};

struct clv_scorer;
/*
 * Learns from opts->base, or reads opts->params.  65: nothing to fit, a bad
 * file, and under require_fit a fit that is weak; else that is a warning.
 * opts and what it points to must outlive it.
 */
int clv_scorer_open(
    struct clv_scorer **, const struct scoring_opts *, struct err *) BASE_MUST;
void clv_scorer_close(struct clv_scorer **);
const struct clv_learned *clv_scorer_learned(const struct clv_scorer *);
/* 65: the customer's orders are in another currency than the fit's. */
int clv_scorer_figures(struct clv_scorer *, const struct customer *,
    struct clv_figures *, struct err *) BASE_MUST;
/* flag: few-data, boundary, unconverged; no-mean where the value is asked
 * for too. */
void clv_scorer_flags(const struct clv_scorer *, const struct customer *,
    bool value, struct rec *, struct arena *);
/* The steps, a line each: `NAME = FORMULA = NUMBER`. */
void clv_scorer_explain(struct clv_scorer *, const struct customer *,
    const struct clv_figures *, bool value, struct buf *);
/* --fit, and --validate. */
void clv_scorer_text(const struct clv_scorer *, struct buf *);
int clv_scorer_validate(const struct scoring_opts *, uint32_t days,
    struct buf *, struct err *) BASE_MUST;

#endif
