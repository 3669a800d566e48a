/* SPDX-License-Identifier: MIT */
/*
 * Exact order statistics of a stream in constant memory: the k-th smallest of
 * N values, for a few k at once, without keeping the values.  The stream is
 * gone through twice, three times where values pass 2^28; once where not many
 * of them need a further pass: up to 4 MiB of these are kept.
 *
 * The first pass counts values by their bit length and their 11 highest bits;
 * the next ones part the few buckets that hold what is asked.
 */
#ifndef SCORE_SELECT_H
#define SCORE_SELECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SELECT_RANKS = 24 };

struct select;
struct select *select_new(void);
void select_free(struct select **);
/* Each value of the stream, in every pass. */
void select_add(struct select *, int64_t v);
/* How many there were, after the first pass. */
uint64_t select_count(const struct select *);
/* After the first pass: which ones (from 0, below the count).  Once. */
void select_ask(struct select *, const uint64_t *ranks, size_t n);
/* Whether the stream is to be gone through once more: asked before each
 * further pass.
 *	while (select_again(s))
 *		for each value v: select_add(s, v);
 */
bool select_again(struct select *);
/* The answer to ranks[i], once select_again says no. */
int64_t select_value(const struct select *, size_t i);

#endif
