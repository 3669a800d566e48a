/* SPDX-License-Identifier: MIT */
/*
 * What live records forbid a new schema: removing what they use, one value
 * where they have several, uniqueness where values occur twice (SCHEMA.md,
 * What may change on a store in use).
 */
#ifndef CRM_SCHEMA_USE_H
#define CRM_SCHEMA_USE_H

#include "base/arena.h"
#include "base/err.h"
#include "crm/env.h"
#include "record/schema.h"
#include "record/yaml.h"
#include "store/db.h"

struct schema_use {
	struct reading *rd;
	const struct crm_env *env;
	const struct schema *old, *now;
	const struct yaml *file; /* the file's tree, for places; or NULL */
	const char *name;        /* of the file */
	struct schema_faults *faults;
	struct arena *a;
};

/* Adds a fault for each change that the records forbid: 0, or -1 where the
 * store could not be read. */
int schema_use_check(struct schema_use *, const struct schema_change *,
    size_t n, struct err *) BASE_MUST;

/* Calls fn with a sentence for each rule (required, needs) that live records
 * of before do not meet: "12 contacts lack 'vat', which is required". */
int schema_use_lacking(struct reading *, const struct crm_env *,
    void (*fn)(void *arg, const char *text), void *arg, struct err *) BASE_MUST;

#endif
