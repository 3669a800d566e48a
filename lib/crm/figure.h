/* SPDX-License-Identifier: MIT */
/*
 * Numbers that a model yields, and the labels that all lines of scores begin
 * and end with (ANALYTICS.md 1 and 2).
 */
#ifndef CRM_FIGURE_H
#define CRM_FIGURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/decimal.h"
#include "crm/customers.h"
#include "crm/scoring.h"
#include "record/rec.h"

/*
 * At most 10 significant digits, 9 after the point, no exponent, no trailing
 * zero: a value of type decimal.  Returns the length; 0 for what no decimal
 * can say: NaN, an infinity, 1e18 and more.
 */
size_t figure_format(double, char out[DECIMAL_TEXT]);
/* The same behind what stands in the buffer: `-` for what cannot be said. */
void figure_put(struct buf *, double);
/* A line of a report: name, what parts it from the day (": ", " = "), LF. */
void figure_day_line(
    struct buf *, const char *name, const char *parts, int32_t day);
/* Whether anybody looks at a label: what takes time to write is left out
 * else. */
bool figure_wanted(const struct scoring_opts *, struct str label);
/* label:figure; false, and no label, for what cannot be said. */
bool figure_add(struct rec *, struct arena *, struct str label, double);
/* Labels of whole numbers, of days and of money in minor units. */
void figure_add_int(struct rec *, struct arena *, struct str label, int64_t);
void figure_add_day(struct rec *, struct arena *, struct str label, int32_t);
void figure_add_money(
    struct rec *, struct arena *, struct str label, int64_t minor, int places);

/* id model family until orders first_order last_order silent_days; family
 * NULL: the model has none. */
void figure_head(struct rec *, struct arena *, const struct scoring_opts *,
    const char *family, const struct customer *);

#endif
