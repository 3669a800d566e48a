/* SPDX-License-Identifier: MIT */
/*
 * What the files of lib/store share with each other and with nobody else.
 */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include <stddef.h>

#include "base/err.h"
#include "store/driver.h"

/* Names of the trees, as in messages and in LMDB. */
extern const char *const tree_names[TREES];

/* Every driver's struct tx begins with this (tx_err). */
struct tx_head {
	struct err *err;
};

/* err 74: "TREE ID: damaged: WHAT". Returns -1. */
int codec_damaged(enum tree, struct str key, const char *what, struct err *);

/* Gives a doubt to who set driver_on_note. */
void driver_note(const char *fmt, ...) BASE_PRINTF(1, 2);

#endif
