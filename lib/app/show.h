/* SPDX-License-Identifier: MIT */
/*
 * The work of crm-show: the single view of each record that is named, as
 * lines, as one JSON object, or as a card.
 */
#ifndef APP_SHOW_H
#define APP_SHOW_H

#include <stdbool.h>
#include <stddef.h>

#include "app/session.h"

struct show_args {
	char **words; /* operands: kind:KIND, handles; no `-` */
	size_t nwords;
	bool from_stdin;   /* `-`, or no handle was named */
	bool timeline;     /* --timeline: that alone */
	bool history;      /* --history: the changes alone */
	const char *since; /* --since, or NULL */
};

/* 0, or -1 with err: 66 and 65 for handles, before anything is printed for
 * operands. */
int show_run(
    struct session *, const struct show_args *, struct err *) BASE_MUST;

#endif
