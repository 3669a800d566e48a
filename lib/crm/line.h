/* SPDX-License-Identifier: MIT */
/*
 * Lines of stored records: canonical order, link labels, derived fields
 * (FORMAT.md section 9, MODEL.md Links).
 */
#ifndef CRM_LINE_H
#define CRM_LINE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "record/rec.h"
#include "store/db.h"

enum { LINE_STORED = 1 }; /* without derived fields */

/*
 * The record as a line: made in the arena, values that are text in the store
 * as views, valid until the reading moves.  wants: labels that somebody will
 * look at (NULL: all); extra: labels asked for by name beyond the canonical
 * ones (dotted `company.city`, link labels), appended in that order.
 */
struct line_opts {
	unsigned flags;
	bool (*wants)(void *arg, struct str label);
	void *arg;
	const struct str *extra;
	size_t nextra;
};
int line_make(struct reading *, struct dbrec *, const struct line_opts *,
    struct arena *, struct rec *, struct err *) BASE_MUST;
/* The value of a label (dotted, link, derived too) for sorting: 1, 0, -1. */
int line_scalar(struct reading *, struct dbrec *, struct str label,
    bool greatest, struct arena *, struct scalar *, struct err *) BASE_MUST;

/* Canonical text of a scalar, in the arena. */
struct str line_scalar_text(const struct scalar *, struct arena *);
/* The label that stands for a record, in the arena; none: it has none. */
struct str line_display(struct dbrec *, struct arena *, struct err *);

#endif
