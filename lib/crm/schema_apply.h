/* SPDX-License-Identifier: MIT */
/*
 * A schema file laid over the schema of a store in use: what the file alone
 * tells is checked by lib/record, what the records forbid here; then all of
 * it is applied in one transaction (SCHEMA.md).
 */
#ifndef CRM_SCHEMA_APPLY_H
#define CRM_SCHEMA_APPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "crm/env.h"
#include "record/schema.h"
#include "store/db.h"

struct schema_apply {
	struct str yaml;
	const char *name; /* of the file, as faults show it */
	bool dry_run;
	/* Filled: one line a change, LF after each; faults, likewise. */
	size_t nchanges;
	struct buf changes;
	struct schema_faults faults;
};

#define SCHEMA_APPLY_INIT                                                      \
	{                                                                      \
		{ NULL, 0 }, NULL, false, 0, BUF_INIT, { 0, BUF_INIT }         \
	}

/*
 * 0: applied, or nothing to change (nchanges 0: the store is not touched).
 * -1: nothing is changed; err says why, and where faults.n is not 0 (65) the
 * faults say it and err has no message.
 */
int schema_apply(struct db *, const struct crm_env *, struct schema_apply *,
    struct err *) BASE_MUST;
/* The same without a store, over the built-in schema: what the file alone
 * tells.  For crm-db init, which makes no store for a bad file. */
int schema_try(struct schema_apply *, struct err *) BASE_MUST;
void schema_apply_release(struct schema_apply *);

/* For schema_overlay: whether a query parses and binds to the kind. */
int schema_query_check(const struct schema *, const char *kind,
    struct str query, struct err *) BASE_MUST;

#endif
