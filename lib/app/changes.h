/* SPDX-License-Identifier: MIT */
/*
 * The work of crm-changes: the change log as lines, and whoever follows it.
 */
#ifndef APP_CHANGES_H
#define APP_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "app/session.h"

struct changes_args {
	struct str_list exprs;
	char **words;
	size_t nwords;
	const char *since, *op; /* or NULL */
	bool follow;
};

/* Labels of change lines in their order, NULL behind. */
extern const char *const changes_cells[];
/* Makes them the columns of a table or CSV, unless -F names some. */
void changes_columns(void);
/* Before lines_open: the same of -n, whose lines have no time and no author. */
void changes_rehearsed(void);

/* 0, 1 (-q: no line matches), or -1 with err. */
int changes_run(
    struct session *, const struct changes_args *, struct err *) BASE_MUST;

#endif
