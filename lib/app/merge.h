/* SPDX-License-Identifier: MIT */
/* crm-merge behind its options: pairs in, one merge. */
#ifndef APP_MERGE_H
#define APP_MERGE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/opt.h"
#include "app/session.h"

struct merging_args {
	const char *prefer;
	int64_t max;
	bool find; /* what follows goes with it */
	struct str_list by;
	const char *min, *kind;
	bool dots;
	char *const *words; /* handles, kind:KIND; terms of a query */
	size_t nwords;
	bool from_stdin, dash;
};

/* Operands that are too few: 2. */
int merging_judge(const struct merging_args *, struct err *) BASE_MUST;
int merging_run(
    struct session *, const struct merging_args *, struct err *) BASE_MUST;

/* ---- merge_find.c ---- */
/* Options that do not go together: 2. */
int merging_judge_find(const struct merging_args *, struct err *) BASE_MUST;
/* Prints the pairs. */
int merging_find(
    struct session *, const struct merging_args *, struct err *) BASE_MUST;
/* What --by takes. */
void merging_each_block(void (*)(struct str, const char *gloss));

#endif
