/* SPDX-License-Identifier: MIT */
/*
 * What compaction, backup and restore share: copies made aside.
 */
#ifndef STORE_KEEP_INT_H
#define STORE_KEEP_INT_H

#include "store/aside.h"
#include "store/db_internal.h"
#include "store/keep.h"

/*
 * A copy of the db's store without unused pages, beside `path`, with the
 * looks of the store at `like` (NULL: nobody else's).  Held, not flushed.
 */
int keep_copy(struct db *, struct aside *, const char *path, const char *like,
    struct err *) BASE_MUST;
/* Opens what stands aside as a db of its own, to be written without flushes;
 * the folder is left for that. */
int keep_open(struct db **, struct aside *, const struct db *like,
    struct err *) BASE_MUST;
/* What stands aside is checked, as crm-db check does: status where there is a
 * fault, naming `what` it is. */
enum { KEEP_STOPPED = -2 }; /* kept->progress said so; err tells it */
int keep_check(struct db *, bool full, const struct kept *, int status,
    const char *what, struct err *) BASE_MUST;
/* 2: not for a store that keeps no files. */
int keep_files(const struct db *, struct err *) BASE_MUST;

#endif
