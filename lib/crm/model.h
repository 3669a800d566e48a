/* SPDX-License-Identifier: MIT */
/*
 * Models of crm-score as YAML files (ANALYTICS.md 2): which of the four it
 * is, and how it is set; rules, grades, segments.  The built-in four are such
 * files too, compiled in.
 */
#ifndef CRM_MODEL_H
#define CRM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "query/query.h"
#include "record/schema.h"
#include "score/churn.h"
#include "score/clv.h"
#include "score/lead.h"
#include "score/rfm.h"

enum model_type { MODEL_LEAD, MODEL_RFM, MODEL_CLV, MODEL_CHURN };
enum lead_axis { AXIS_ENGAGE, AXIS_FIT };
enum churn_method { CHURN_MODEL, CHURN_GAP, CHURN_WINDOW };

struct model_rule {
	struct str when;     /* as written */
	size_t line, column; /* of it in the file; 0: an option */
	enum lead_axis axis;
	struct lead_rule rule;
	struct query *query; /* bound: over activities, or over the record */
};

/* What the options of crm-score may set too; one place for defaults. */
struct model {
	const char *name, *path; /* path NULL: built in */
	enum model_type type;
	/* rfm */
	unsigned bins;
	enum rfm_method method;
	bool count_days;
	double breaks[RFM_AXES][RFM_CUTS_MAX];
	unsigned nbreaks[RFM_AXES]; /* 0: cut by the data */
	const struct rfm_segment *segments;
	size_t nsegments;
	/* clv, and churn by model */
	enum clv_family family;
	unsigned unit, horizon; /* days of a unit: 7 or 1; months */
	double discount, margin;
	bool returns_ignore;
	/* churn */
	enum churn_method churn;
	struct churn_levels levels;
	double k;
	uint32_t window; /* days */
	/* lead */
	bool bayes;
	struct model_rule *rules;
	size_t nrules;
	struct lead_grade grades[LEAD_GRADES_MAX];
	size_t ngrades;
	double mql_engage; /* 0: none */
	char mql_grade[8];
	struct str vars, group; /* bayes */
};

struct model_env {
	const struct schema *schema;
	const struct query_env *query; /* for the rules */
	const char *dir;               /* the user's models; NULL: none */
};
/* A model by name: the user's file before the built-in one.  65 with
 * FILE:LINE:COLUMN for what is wrong in it; 2 for an unknown name, with a
 * suggestion. Everything lives in the arena. */
int model_load(struct model *, const char *name, const struct model_env *,
    struct arena *, struct err *) BASE_MUST;
void model_release(struct model *); /* frees the queries */
/* As a file that gives the same model back. */
void model_print(const struct model *, struct buf *);
/* Calls fn for each model there is, built-in and the user's, by name.  A file
 * that is none is passed over: the first of them is the error in the end. */
int model_each(const struct model_env *,
    int (*fn)(void *arg, const char *name, enum model_type, const char *path,
	struct err *),
    void *arg, struct err *) BASE_MUST;
/* Sets one option by its long name, as on the command line or in a file:
 * `bins`, `family`, `horizon` ... 2 with what was wanted; the caller puts the
 * name of the option before it. */
int model_set(struct model *, struct str name, struct str value, struct arena *,
    struct err *) BASE_MUST;
extern const char *const model_type_names[], *const clv_family_names[];

#endif
