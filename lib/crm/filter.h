/* SPDX-License-Identifier: MIT */
/*
 * A query over lines: values come from the line, related records from the
 * store by the line's id (QUERY.md section 9).
 */
#ifndef CRM_FILTER_H
#define CRM_FILTER_H

#include "query/query.h"
#include "record/rec.h"
#include "store/db.h"

struct filter_line {
	const struct schema *schema;
	const struct rec *rec;
	const struct kind *kind; /* filled by filter_set */
	/* A reading of the store, opened when first asked for: -1 with err
	 * (66) where there is none. */
	int (*reading)(void *arg, struct reading **, struct err *);
	void *arg;
};

void filter_set(struct filter_line *, const struct rec *);
/* rec is a struct filter_line *. */
extern const struct qsource filter_source;
/* The value of a label for sorting: 1, 0. */
int filter_scalar(const struct filter_line *, struct str label, bool greatest,
    struct scalar *out);

#endif
