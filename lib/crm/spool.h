/* SPDX-License-Identifier: MIT */
/*
 * A spool: checked lines wait here until the transaction begins, in memory up
 * to 64 MiB, beyond that in an unnamed file beside the store (STORE.md, Write
 * path).  Written once, read in any order.
 */
#ifndef CRM_SPOOL_H
#define CRM_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct spool {
	struct buf mem;    /* all of it, or what is not yet in the file */
	struct buf window; /* read back from the file */
	uint64_t window_at;
	uint64_t filed; /* bytes in the file */
	int fd;         /* -1: none yet */
	const char *dir;
	struct buf above; /* the folder that dir will be made in */
};

/* dir: the store's, there or not yet; NULL: none. */
void spool_init(struct spool *, const char *dir);
void spool_release(struct spool *);
void spool_clear(struct spool *);
/* Where the next bytes will stand. */
uint64_t spool_at(const struct spool *);
int spool_add(struct spool *, const void *p, size_t n, struct err *) BASE_MUST;
/* A view of n bytes at `at`, valid until the next call. */
int spool_get(struct spool *, uint64_t at, size_t n, struct str *,
    struct err *) BASE_MUST;

#endif
