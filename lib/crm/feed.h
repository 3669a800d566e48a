/* SPDX-License-Identifier: MIT */
/*
 * The change log as lines (FORMAT.md section 14), operation after operation,
 * or of one record.
 *
 * The log tells what came before; a state is found by walking back from the
 * record as it stands.  Read forwards, a record with a long past would be
 * walked again at each of its entries, so its lines are kept, up to 64 MiB of
 * them all.
 */
#ifndef CRM_FEED_H
#define CRM_FEED_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "record/rec.h"
#include "store/db.h"

struct feed;
/* The reading outlives it, or is exchanged with feed_use. */
struct feed *feed_new(struct reading *);
void feed_free(struct feed **);
/* Goes on with another reading, perhaps of another file: nothing is kept. */
void feed_use(struct feed *, struct reading *);
/* Bytes of lines that are kept of all records and of one, for tests. */
void feed_bound(struct feed *, size_t all, size_t one);

/*
 * Takes a line: that of entry seq of operation lsn, valid until it returns.
 * It may pause and renew the reading.  0 goes on; else feed stops and gives
 * the same.
 */
typedef int feed_fn(
    void *arg, uint64_t lsn, uint32_t seq, const struct rec *, struct err *);
/* The lines of one operation from behind entry `after` (0: all), with its
 * header's labels; no such operation: none.  0, what fn gave, or -1. */
int feed_op(struct feed *, uint64_t lsn, uint32_t after, feed_fn *, void *arg,
    struct err *) BASE_MUST;
/* All lines about one record, live or dead, oldest first, each operation's
 * likewise. */
int feed_record(struct feed *, const struct id *, feed_fn *, void *arg,
    struct err *) BASE_MUST;

#endif
