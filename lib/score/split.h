/* SPDX-License-Identifier: MIT */
/*
 * A number in [0, 1) for a person under a name: the same each time, on every
 * machine, and with no relation between names (ANALYTICS.md 8).  FNV-1a 64 of
 * NAME, a NUL byte and the id, then the finalizer of MurmurHash3.
 */
#ifndef SCORE_SPLIT_H
#define SCORE_SPLIT_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { SPLIT_ARMS_MAX = 64, SPLIT_NAME_MAX = 64 };

uint64_t split_hash(struct str name, struct str id);
/* Of that hash: u = h / 2^64. */
double split_u(uint64_t h);

struct split_arm {
	char name[SPLIT_NAME_MAX + 1];
	double share; /* in percent */
};
struct split_arms {
	struct split_arm v[SPLIT_ARMS_MAX];
	size_t n;
};
/* `A=45,B=45,hold=10`.  2: no such form, a name twice, over 100 in all. */
int split_parse(struct str text, struct split_arms *, struct err *) BASE_MUST;
/* The arm of u: [0,1) is cut in the order given; -1: the rest, none. */
int split_arm(const struct split_arms *, double u);
/* --exact: how many of n each arm gets, max(1, floor(share n)). */
uint64_t split_exact(double share, uint64_t n);

#endif
