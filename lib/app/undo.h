/* SPDX-License-Identifier: MIT */
/*
 * The work of crm-undo: taking operations back, and the list of them.
 */
#ifndef APP_UNDO_H
#define APP_UNDO_H

#include <stdbool.h>
#include <stddef.h>

#include "app/session.h"

struct undo_args {
	char **words; /* operations; none: the newest of this user */
	size_t nwords;
	bool redo, partial;
};

/* 0; 1: a part was left as it is (--partial); -1 with err. */
int undo_words(
    struct session *, const struct undo_args *, struct err *) BASE_MUST;
/* --list: one line an operation, newest first; words: those alone. */
int undo_list(
    struct session *, const struct undo_args *, struct err *) BASE_MUST;

#endif
