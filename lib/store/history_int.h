/* SPDX-License-Identifier: MIT */
/* What the two halves of history share: the log as a reader finds it. */
#ifndef STORE_HISTORY_INT_H
#define STORE_HISTORY_INT_H

#include "store/db_internal.h"
#include "store/history.h"
#include "store/log.h"

/* The value of an entry (seq 0: of a header), copied into the arena, its
 * checksum off: 1, 0 there is none, -1. */
int history_value(struct reading *, uint64_t lsn, uint32_t seq, struct arena *,
    struct str *v, struct err *) BASE_MUST;
/* The header of an operation; views of the arena: 1, 0, -1. */
int history_header(struct reading *, uint64_t lsn, struct arena *,
    struct log_header *, struct err *) BASE_MUST;
/* err 74 about an entry. Returns -1. */
int history_damaged(uint64_t lsn, uint32_t seq, const char *what, struct err *);
/* err 66: the log begins later. Returns -1. */
int history_gone(struct reading *, struct err *);

/* ---- history_back.c ---- */
/* An entry that is taken back. */
struct history_taken {
	uint64_t lsn;
	uint32_t seq;
	struct log_entry entry;
};
/* The record before a delete, with the slots of removed fields; its values
 * are views of the entry and the arena. */
int history_undelete(struct reading *, const struct history_taken *,
    struct arena *, struct row *, struct err *) BASE_MUST;
/* The record before an edit, from the live values after it.  was: the stamp
 * of single values that come back; NULL: the record's own.  Views of both. */
int history_unedit(struct reading *, const struct history_taken *,
    const struct row *after, const struct stamp *was, struct arena *,
    struct row *, struct err *) BASE_MUST;

#endif
