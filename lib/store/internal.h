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

/* What no driver takes: tests in memory must not pass on less than LMDB's. */
int driver_key_fits(enum tree, struct str key, struct err *) BASE_MUST;
int driver_may_write(enum tx_mode, struct err *) BASE_MUST;

/* err 74: "TREE ID: damaged: WHAT". Returns -1. */
int codec_damaged(enum tree, struct str key, const char *what, struct err *);

/* Gives a doubt to who set driver_on_note. */
void driver_note(const char *fmt, ...) BASE_PRINTF(1, 2);

#endif
