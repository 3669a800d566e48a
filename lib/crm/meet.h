/* SPDX-License-Identifier: MIT */
/*
 * What meet.c (a line and its keys) and meet_find.c (who has a value) share.
 * A record is known by its place among those that are held, which it takes
 * when it is met.
 */
#ifndef CRM_MEET_H
#define CRM_MEET_H

#include "crm/batch.h"

#define MEET_NOWHERE SIZE_MAX

/* ---- meet.c ---- */
/* Whether the line sets the field, or adds to it, by this change. */
bool meet_gives(const struct change *, const struct field *);
/* The first value that the line gives to a label; none. */
struct str meet_value(const struct batch_item *, const char *label);

/* ---- meet_find.c ---- */
/* The record that has a unique value: 1, 0, -1.  *freed: who has it in the
 * store only, since a line before took it away. */
int meet_owner(struct batch *, struct op *, const struct kind *,
    const struct field *, struct str value, size_t *at, size_t *freed,
    struct err *) BASE_MUST;
/* The one record that a name, or a name and a phone, mean: 1, 0, -1. */
int meet_same(struct batch *, struct op *, const struct batch_item *,
    const struct field *, size_t *at, struct err *) BASE_MUST;

#endif
