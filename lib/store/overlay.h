/* SPDX-License-Identifier: MIT */
/*
 * A driver over another's snapshot: what is put and deleted stays in memory,
 * what is read is that, laid over the base.  The base is never written.
 *
 * One writer at a time, and readers, as with the driver in memory.  Giving up
 * and renewing a reader leaves the base where it is.  Views of the base must
 * last as long as its transaction does, as those of readers in memory and of
 * LMDB do.
 */
#ifndef STORE_OVERLAY_H
#define STORE_OVERLAY_H

#include "base/err.h"
#include "store/driver.h"

/*
 * tx: a reading transaction of `base` in `under`, both kept by the caller
 * until the overlay is closed; NULL: over nothing.
 */
void overlay_open(struct store **, const struct driver *base,
    struct store *under, struct tx *tx);
/* Without open; the rest as any driver. */
extern const struct driver driver_overlay;

#endif
