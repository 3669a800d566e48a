/* SPDX-License-Identifier: MIT */
/*
 * Duplicates among contacts or companies (PEOPLE.md 3): blocks of equal keys,
 * never all pairs, and a score with its evidence.
 */
#ifndef CRM_DEDUPE_H
#define CRM_DEDUPE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/id.h"
#include "query/query.h"
#include "record/schema.h"
#include "store/db.h"

enum dedupe_by {
	DEDUPE_EMAIL = 1,
	DEDUPE_PHONE = 2,
	DEDUPE_EXT = 4,
	DEDUPE_DOMAIN = 8,
	DEDUPE_NAME = 16,
	DEDUPE_ALL = 31,
};

struct dedupe_opts {
	const struct kind *kind;   /* contact or company */
	unsigned by;               /* DEDUPE_* */
	bool dots;                 /* local dots of addresses do not count */
	unsigned min;              /* score in hundredths */
	const struct query *query; /* NULL: all; limits one side */
	/* A block that was too large and was skipped: its key and size. */
	void (*skipped)(void *arg, const char *key, size_t n);
	bool (*interrupted)(void);
	void *arg;
};

enum { DEDUPE_REASONS_MAX = 16 };
struct dedupe_pair {
	struct id a, b;                         /* a the older id */
	unsigned score;                         /* hundredths */
	const char *reason[DEDUPE_REASONS_MAX]; /* "email", "name close" */
	size_t nreasons;
};

/* Calls fn for each pair at or above min, highest score first, then by ids. */
int dedupe_find(struct reading *, const struct dedupe_opts *,
    int (*fn)(void *arg, const struct dedupe_pair *, struct err *), void *arg,
    struct err *) BASE_MUST;

#endif
