/* SPDX-License-Identifier: MIT */
/*
 * The old end of the change log cut off, whole operations at a time.  The
 * audit chain goes on from the newest one that went: meta `chain.base`.
 */
#ifndef STORE_TRIM_H
#define STORE_TRIM_H

#include <stdint.h>

#include "store/db_internal.h"

/* The newest of the operations at the old end that are all older than ms;
 * one below the oldest kept where there is none. */
int trim_upto(const struct db *, struct tx *, int64_t ms, uint64_t *lsn,
    struct err *) BASE_MUST;
/* Cuts the operations up to lsn, in a store that is built aside. */
int trim_log(
    const struct db *, struct tx *, uint64_t lsn, struct err *) BASE_MUST;

#endif
