/* SPDX-License-Identifier: MIT */
/*
 * The store as it stood (STORE.md, Change log: as-of): a database over a
 * snapshot of another, with what changed since taken back in memory - the
 * records, their indexes, timelines and derived fields - so that readings,
 * plans and lines work over it as over any other.
 */
#ifndef STORE_PAST_H
#define STORE_PAST_H

#include "base/date.h"
#include "base/err.h"
#include "store/db.h"

/*
 * The state after the newest operation that is not later than the second of
 * when->now, as times are whole seconds.  Labels and schema are those of today.
 * `when` is also what computed fields (quiet, overdue, windows) take for now;
 * it outlives the database, as does `base`.  66: the log no longer reaches
 * that moment.  The snapshot is held until db_close: answers are spooled, not
 * printed, while it is open.
 */
int db_past(struct db **, struct db *base, const struct clock *when,
    struct err *) BASE_MUST;

#endif
