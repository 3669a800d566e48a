/* SPDX-License-Identifier: MIT */
/*
 * Naive Bayes over closed deals, as Odoo's predictive lead scoring has it
 * (ANALYTICS.md 5): how likely an open deal is to be won, from how those with
 * the same values ended.
 *
 * Values are small numbers that the caller gives out, from 1; 0 is none.
 * Stages are counted from 0 in the order of the pipeline.
 */
#ifndef SCORE_BAYES_H
#define SCORE_BAYES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bayes;
/* nvars: variables beside the stage. */
struct bayes *bayes_new(unsigned nstages, unsigned nvars);
void bayes_free(struct bayes **);

/* A closed deal of a group (0: none).  stage: the last one it was in; a won
 * one counts in every stage. values[nvars]. */
void bayes_learn(struct bayes *, uint32_t group, bool won, unsigned stage,
    const uint32_t *values);
/* One more value of a variable that may have several, of the same deal. */
void bayes_learn_value(
    struct bayes *, uint32_t group, bool won, unsigned var, uint32_t value);
/* After the last closed deal. */
void bayes_end(struct bayes *);
uint64_t bayes_closed(const struct bayes *); /* how many deals were learned */
/* In how many closed deals a value stood, over all groups. */
uint64_t bayes_met(const struct bayes *, unsigned var, uint32_t value);

/* What one value does to the odds, for explanations. */
struct bayes_factor {
	unsigned var; /* nvars: the prior; nvars + 1: the stage */
	uint32_t value;
	double won, of_won, lost, of_lost;
};
struct bayes_answer {
	double won, lost;   /* Sw and Sl */
	double probability; /* in percent, .01 to 99.99, two places */
	bool all_groups;    /* the group of the deal had nothing to tell */
};
/*
 * Of an open deal.  values[n] are (variable, value) pairs, of which those
 * never met are skipped.  factors: room for n + 2, or NULL; how many were
 * used is returned, prior first.
 */
struct bayes_value {
	unsigned var;
	uint32_t value;
};
size_t bayes_probability(const struct bayes *, uint32_t group, unsigned stage,
    const struct bayes_value *values, size_t n, struct bayes_answer *,
    struct bayes_factor *factors);

#endif
