/* SPDX-License-Identifier: MIT */
/*
 * The key of a store, NAME.key beside it (RELIABILITY.md, Privacy): 32 random
 * bytes, 0600, made when first needed.  Addresses are suppressed under it.
 * No backup holds it.  A process that has it leaves no core dump.
 */
#ifndef CRM_SECRET_H
#define CRM_SECRET_H

#include <stdbool.h>

#include "base/err.h"

enum { SECRET_BYTES = 32 };
struct secret {
	unsigned char b[SECRET_BYTES];
};

/*
 * 1 with the key; 0: there is none and `make` is false, or the store is no
 * folder that anything could stand beside; -1: 77 where others could read it,
 * 78 where it is no key, 73 or 74 where it cannot be made or read.
 */
int secret_get(
    const char *url, bool make, struct secret *, struct err *) BASE_MUST;
void secret_forget(struct secret *);

#endif
