/* SPDX-License-Identifier: MIT */
/* crm-rm behind its options: handles in, one removal, what it left behind. */
#ifndef APP_REMOVING_H
#define APP_REMOVING_H

#include <stdbool.h>
#include <stddef.h>

#include "app/session.h"
#include "crm/remove.h"

struct removing_args {
	bool cascade, detach;
	bool erase, texts, no_compact;
	char *const *words; /* handles, kind:KIND */
	size_t nwords;
	bool from_stdin;
};
/* Options that do not go together, and --erase without assent: 2. */
int removing_judge(const struct removing_args *, struct err *) BASE_MUST;
/* 0, 1 (some were refused; the answer was no), -1. */
int removing_run(
    struct session *, const struct removing_args *, struct err *) BASE_MUST;

/* ---- receipt.c ---- */
/* Compacts what was erased out of the file, unless told not to, and prints
 * what became of each person. */
int receipt_print(struct session *, const struct removing_args *,
    const struct removal_result *, struct err *) BASE_MUST;

#endif
