/* SPDX-License-Identifier: MIT */
/* What the files of crm/model*.c share. */
#ifndef CRM_MODEL_INT_H
#define CRM_MODEL_INT_H

#include "base/vec.h"
#include "crm/model.h"
#include "record/yaml.h"

enum { MODEL_TYPES = MODEL_CHURN + 1 };
#define MODEL_POINTS_MAX 1e6 /* keeps 9 decimals of a double exact */

/* The built-in models as files, by model_type. */
extern const char *const model_builtin[MODEL_TYPES];

struct model_fault {
	size_t line, col, order;
	struct str text;
};
/* A file on its way to a model. Faults gather; model_load tells of them. */
struct model_reading {
	struct model *m;
	const struct model_env *env;
	const char *name; /* shown in faults */
	struct arena *a;
	VEC(struct model_fault) faults;
};
void model_fault(struct model_reading *, const struct yaml *at, const char *fmt,
    ...) BASE_PRINTF(3, 4);
/* A key that is none of `names`, with the nearest of them. */
void model_unknown(struct model_reading *, const struct yaml *key,
    const char *const *names, size_t n);
void model_read_rules(struct model_reading *, const struct yaml *);
void model_read_grades(struct model_reading *, const struct yaml *);
void model_read_mql(struct model_reading *, const struct yaml *);
void model_read_segments(struct model_reading *, const struct yaml *);

/* Fills a zeroed model from the text of a file, of which faults say `name`:
 * 65, and then it holds nothing. */
int model_parse(struct model *, const char *name, struct str text,
    const struct model_env *, struct arena *, struct err *) BASE_MUST;

/* Which of the four such a text is, without a look at the rest of it. */
int model_type_of(enum model_type *, const char *name, struct str text,
    struct arena *, struct err *) BASE_MUST;

/* A number with at most 9 decimals, `.5` too, from lo to hi. */
bool model_number(struct str, double lo, double hi, double *);
/* A span of whole days, `90d` or `13w`, up to max. */
bool model_days(struct str, uint32_t max, uint32_t *);
void model_add_number(struct buf *, double);

/* ---- options: model_option.c has the table, model_set.c sets by it, ---- */
/* ---- model_print.c prints by it ---- */

enum model_sets {
	SETS_BINS,
	SETS_COUNT,
	SETS_TIES,
	SETS_CUTS,
	SETS_NESTED,
	SETS_BREAKS,
	SETS_RETURNS,
	SETS_FAMILY,
	SETS_UNIT,
	SETS_HORIZON,
	SETS_DISCOUNT,
	SETS_MARGIN,
	SETS_CHURN_BY,
	SETS_LEVELS,
	SETS_K,
	SETS_WINDOW,
	SETS_LEAD_BY,
	SETS_VARS,
	SETS_GROUP,
	MODEL_OPTIONS
};
enum model_form {
	AS_WORD,   /* one of words: its place */
	AS_NUMBER, /* lo..hi */
	AS_DAYS,
	AS_MONTHS,
	AS_TEXT /* whatever set_text of model_set.c says */
};
struct model_option {
	const char *name;
	enum model_sets what;
	enum model_form form;
	unsigned fits; /* MODEL_FITS of each type that has it */
	const char *const *words;
	double lo, hi;
	const char *wanted; /* where words and bounds do not say it */
};
#define MODEL_FITS(type) (1u << (type))
extern const struct model_option model_option_table[MODEL_OPTIONS];
/* What the words of `bins` stand for. */
enum { MODEL_BINS = 3 };
extern const unsigned model_bins[MODEL_BINS];

/* The names of the options that fit a type; returns how many. */
size_t model_options(enum model_type, const char **out);

#endif
