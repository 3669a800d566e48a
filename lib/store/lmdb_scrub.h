/* SPDX-License-Identifier: MIT */
/* What a compacting copy of LMDB still holds beside what is in use. */
#ifndef STORE_LMDB_SCRUB_H
#define STORE_LMDB_SCRUB_H

#include "base/err.h"

struct store;
/* Clears what long values do not fill of their pages in a copy of the store,
 * of which fd is open for reading and writing. */
int lmdb_scrub(struct store *, int fd, struct err *) BASE_MUST;

#endif
