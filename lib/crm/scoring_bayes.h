/* SPDX-License-Identifier: MIT */
/* Deals as values that naive Bayes learns from (scoring_bayes*.c). */
#ifndef CRM_SCORING_BAYES_H
#define CRM_SCORING_BAYES_H

#include "base/vec.h"
#include "crm/names.h"
#include "crm/scoring.h"
#include "score/bayes.h"

enum bayes_holder { HOLD_DEAL, HOLD_CONTACT, HOLD_COMPANY, HOLDERS };
enum { SLOT_DEAL, SLOT_CONTACT, SLOT_COMPANY, SLOT_FIND };

/* A variable and the values met so far, numbered from 1. */
struct deal_var {
	struct str label;
	/* Where it may stand: of the deal, else of its first contact, else of
	 * its company, the first that has one. */
	const struct field *f[HOLDERS];
	unsigned no[HOLDERS];
	struct names values;
	struct names carried; /* tag: how many closed deals carry it */
	bool tag;
};

struct deal_value {
	unsigned var;
	uint32_t value;  /* 0: not numbered */
	struct str text; /* in the deal's arena */
};

/* A deal as it is asked about. */
struct deal {
	struct arena arena;
	struct id id;
	bool won, lost;
	int64_t closed;    /* ms; INT64_MIN: not known */
	size_t pipeline;   /* its place in the schema */
	unsigned stage;    /* among the open ones of the pipeline */
	struct str stages; /* its name */
	struct str group;  /* text of --group; none: it has none */
	VEC(struct deal_value) values;
};
void deal_release(struct deal *);

struct deal_reader {
	const struct scoring_opts *opts;
	const struct schema *schema;
	bool stage; /* is a variable */
	struct deal_var *vars, group;
	size_t nvars;
};
/* From the model's vars and group: 2 for a label that none of them has. */
int deal_reader_open(
    struct deal_reader *, const struct scoring_opts *, struct err *) BASE_MUST;
void deal_reader_release(struct deal_reader *);
/* Reads the deal at hand, but the number of its values: 1; 0: its pipeline or
 * stage is none of the schema; -1.  SLOT_CONTACT and SLOT_COMPANY are used. */
int deal_read(struct deal_reader *, struct dbrec *, struct deal *,
    struct err *) BASE_MUST;
/* A lost deal's stage is the last one before, of the log; the first where it
 * tells none. */
int deal_last_stage(
    const struct deal_reader *, struct deal *, struct err *) BASE_MUST;
/* Stages of a pipeline that do not close it. */
unsigned deal_open_stages(const struct pipeline *);

#endif
