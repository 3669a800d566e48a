/* SPDX-License-Identifier: MIT */
#include "score/churn.h"

const char *const churn_names[] = { "new", "active", "at-risk", "lapsed" };

enum churn_state
churn_by_model(const struct churn_levels *l, double p_churn, uint32_t days,
    double silent, double median_gap)
{
	if (days <= 1 && silent < median_gap)
		return CHURN_NEW;
	if (p_churn < l->at_risk)
		return CHURN_ACTIVE;
	return p_churn < l->lapsed ? CHURN_AT_RISK : CHURN_LAPSED;
}

double
churn_gap(double first_to_last, uint32_t days)
{
	return days > 1 ? first_to_last / (days - 1) : 0;
}

enum churn_state
churn_by_gap(double k, double gap, double silent, double median_gap)
{
	if (gap <= 0) {
		/* No rhythm of one's own: that of all. */
		if (silent < median_gap)
			return CHURN_NEW;
		gap = median_gap;
	}
	if (silent > 2 * k * gap)
		return CHURN_LAPSED;
	return silent > k * gap ? CHURN_AT_RISK : CHURN_ACTIVE;
}

enum churn_state
churn_by_window(double window, double silent)
{
	return silent > window ? CHURN_LAPSED : CHURN_ACTIVE;
}
