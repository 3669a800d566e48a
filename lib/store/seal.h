/* SPDX-License-Identifier: MIT */
/*
 * The end of a backup: 16 bytes that say so, and the BLAKE2b-256 of all
 * before them, so that a damaged one is known before it is opened as a store
 * (RELIABILITY.md: a partial file is never taken for a backup).  LMDB does
 * not look behind its last page: the file is a store's data.mdb all the same.
 */
#ifndef STORE_SEAL_H
#define STORE_SEAL_H

#include <sys/types.h>

#include "base/err.h"

/* Appends it; name is for messages. */
int seal_put(int fd, const char *name, struct err *) BASE_MUST;
/* 1: sealed, and *size what the store is without it; 0: no seal, *size all of
 * it; -1: 65, the seal is of other bytes; 74. */
int seal_check(int fd, const char *name, off_t *size, struct err *) BASE_MUST;

#endif
