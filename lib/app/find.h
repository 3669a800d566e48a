/* SPDX-License-Identifier: MIT */
/*
 * The work of crm-find: a query put to the store, or to lines on stdin.
 */
#ifndef APP_FIND_H
#define APP_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "app/session.h"

struct find_opts {
	struct str_list exprs, files;
	bool invert, count, explain, mutt, filter;
	char **words;
	size_t nwords;
};

/* Each returns 0, 1 (-q: no match), or -1 with err. */
int find_store(struct session *, const struct find_opts *, struct err *);
int find_lines(struct session *, const struct find_opts *, struct err *);
int find_mutt(struct session *, const struct find_opts *, struct err *);

/* Where the answer is empty: on a terminal, why that may be. */
struct reading;
struct query;
void find_note_empty(struct session *, struct reading *, const struct query *);

/* The query of words, -e and -f, parsed but not bound. */
int find_parse(const struct find_opts *, struct query **, struct err *);

#endif
