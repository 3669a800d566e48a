/* SPDX-License-Identifier: MIT */
/* Who is leaving (ANALYTICS.md 6): states from P(alive), from a customer's
 * own rhythm, or from a fixed window. */
#ifndef SCORE_CHURN_H
#define SCORE_CHURN_H

#include <stdint.h>

enum churn_state { CHURN_NEW, CHURN_ACTIVE, CHURN_AT_RISK, CHURN_LAPSED };
extern const char *const churn_names[];

/* p_churn = 1 - P(alive): below at_risk active, from lapsed on lapsed. */
struct churn_levels {
	double at_risk, lapsed; /* .5 .9 */
};
/* days: purchase days so far; median_gap: of all customers, in days.  Who
 * bought on one day is new while silent for less than that. */
enum churn_state churn_by_model(const struct churn_levels *, double p_churn,
    uint32_t days, double silent, double median_gap);

/* The usual gap between own purchase days; 0: there is one day only. */
double churn_gap(double first_to_last, uint32_t days);
/* Silent for more than k gaps: at risk; more than 2k: lapsed. */
enum churn_state churn_by_gap(
    double k, double gap, double silent, double median_gap);
enum churn_state churn_by_window(double window, double silent);

#endif
