/* SPDX-License-Identifier: MIT */
/*
 * Points of a lead by rules (ANALYTICS.md 5): what somebody did, each day's
 * worth fading with its age; and grades of what somebody is.
 */
#ifndef SCORE_LEAD_H
#define SCORE_LEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEAD_CAP = 20, LEAD_GRADES_MAX = 16 };

struct lead_rule {
	double points;               /* of one event; may be negative */
	double half_life;            /* days; 0: none */
	double step_days, step_loss; /* every so many days a part is lost;
				      * 0: none */
	uint32_t cap;    /* events that count on one day: LEAD_CAP */
	double limit;    /* the sum's bound, INFINITY: none */
	bool once;       /* the newest event alone */
	uint32_t window; /* days that count; 0: all */
};

/* Events of one day, so many days before the moment that is asked of. */
struct lead_day {
	uint32_t age, n;
};
/* The part that is left of a point after `age` days. */
double lead_decay(const struct lead_rule *, uint32_t age);
/* The rule's sum over days, newest first. */
double lead_points(const struct lead_rule *, const struct lead_day *, size_t n);
/* In how many days, 1 or more, that sum is another one if nothing happens;
 * 0: never. */
uint32_t lead_next_change(
    const struct lead_rule *, const struct lead_day *, size_t n);

struct lead_grade {
	char name[8];
	double from;
};
/* fit is clamped to 0..100; grades in falling order; "F" below all. */
const char *lead_grade(const struct lead_grade *, size_t n, double fit);

#endif
