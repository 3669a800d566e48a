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

/* A number with at most 9 decimals, `.5` too, from lo to hi. */
bool model_number(struct str, double lo, double hi, double *);
/* A span of whole days, `90d` or `13w`, up to max. */
bool model_days(struct str, uint32_t max, uint32_t *);
void model_add_number(struct buf *, double);

/* The names of the options that fit a type; returns how many. */
enum { MODEL_OPTIONS_MAX = 24 };
size_t model_options(enum model_type, const char **out);
/* Writes those options of the model, a line each. */
void model_print_options(const struct model *, struct buf *);

#endif
