/* SPDX-License-Identifier: MIT */
/*
 * Small things about transactions: values of tree meta, and errors that a
 * driver left in its transaction.
 */
#ifndef STORE_META_H
#define STORE_META_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "store/driver.h"

/* Copies what went wrong in tx into err, unless it is there. Returns -1. */
int tx_fail(struct tx *, struct err *);

/*
 * One key; v without its checksum, p NULL where there is none: 0, -1.  That
 * there is none is believed after a look at what stands around its place: 74
 * where that is damaged.
 */
int tree_take(const struct driver *, struct tx *, enum tree, struct str key,
    struct str *v, struct err *) BASE_MUST;
/* The same with the checksum on it. */
int tree_get_raw(const struct driver *, struct tx *, enum tree, struct str key,
    struct str *v, struct err *) BASE_MUST;
/* As it comes, whatever is around it: of a store that is being checked. */
int tree_get_any(const struct driver *, struct tx *, enum tree, struct str key,
    struct str *v, struct err *) BASE_MUST;
/* Whether damage may have hidden a key that was not found: 0, -1 with 74. */
int tree_absent(const struct driver *, struct tx *, enum tree, struct str key,
    struct err *) BASE_MUST;
/* Puts a value that has its checksum already. */
int tree_put_raw(const struct driver *, struct tx *, enum tree, struct str key,
    struct str v, unsigned flags, struct err *) BASE_MUST;
int tree_del(const struct driver *, struct tx *, enum tree, struct str key,
    struct err *) BASE_MUST;

int meta_get(const struct driver *, struct tx *, const char *key, struct str *v,
    struct err *) BASE_MUST;
/* scratch is overwritten. */
int meta_put(const struct driver *, struct tx *, const char *key, struct str v,
    struct buf *scratch, struct err *) BASE_MUST;

#endif
