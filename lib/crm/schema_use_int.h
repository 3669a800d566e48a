/* SPDX-License-Identifier: MIT */
/*
 * What schema_use.c and schema_twice.c share.
 */
#ifndef CRM_SCHEMA_USE_INT_H
#define CRM_SCHEMA_USE_INT_H

#include "crm/schema_use.h"
#include "store/plan.h"

/* Adds a fault at a place of the file; NULL: none is known. */
void use_fault(struct schema_use *, const struct yaml *at, const char *fmt, ...)
    BASE_PRINTF(3, 4);
/* Where a key of a field stands: kinds, KIND, fields, FIELD, KEY; else the
 * nearest above it that the file has.  field, key: or NULL. */
const struct yaml *use_place(const struct schema_use *, const char *kind,
    const char *field, const char *key);
/* Calls fn for each record that the query over the old schema finds; *n is
 * their number.  fn NULL: they are counted. */
int use_ask(struct schema_use *, const char *query, size_t *n, answer_fn *fn,
    void *arg, struct err *) BASE_MUST;
/* The old self of a kind or field of the new schema; NULL: it is new. */
const struct kind *use_old_kind(
    const struct schema_use *, const struct kind *now);
const struct field *use_old_field(
    const struct kind *old, const struct field *now);
/* A fault where values of what becomes unique occur twice. */
int use_twice(
    struct schema_use *, const struct schema_change *, struct err *) BASE_MUST;

#endif
