/* SPDX-License-Identifier: MIT */
/*
 * Suppressed addresses (PEOPLE.md 2): fingerprints in tree meta, each with
 * the time and the reason.  Who holds the key makes them; here they are
 * bytes.
 */
#ifndef STORE_SUPPRESSED_H
#define STORE_SUPPRESSED_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/erased.h"

/* Why an address of somebody who was erased is suppressed. */
#define SUPPRESSED_ERASED "erased"

/* Suppresses from `at` on.  One that is there keeps its time; erasure is a
 * reason that no other takes the place of. */
int op_suppress(struct op *, const struct print *, int64_t at,
    const char *reason, struct err *) BASE_MUST;
/* 1 with time and reason (appended; may be NULL), 0, -1. */
int db_suppressed(struct reading *, const struct print *, int64_t *at,
    struct buf *reason, struct err *) BASE_MUST;
/* How many there are. */
int db_suppressed_count(struct reading *, uint64_t *n, struct err *) BASE_MUST;
/*
 * The mark of the key under which they are made (its fingerprint of nothing):
 * noted with the first, and compared from then on.  78: another key.
 */
int op_suppress_mark(
    struct op *, const struct print *mark, struct err *) BASE_MUST;
/* Compares it where one is noted. */
int db_suppress_mark(
    struct reading *, const struct print *mark, struct err *) BASE_MUST;
/* Takes an address out again: 1; 0: it was not in; -1: 77 for what an erasure
 * put there. */
int op_unsuppress(struct op *, const struct print *, struct err *) BASE_MUST;

#endif
