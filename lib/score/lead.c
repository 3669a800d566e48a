/* SPDX-License-Identifier: MIT */
#include "score/lead.h"

#include <math.h>

double
lead_decay(const struct lead_rule *r, uint32_t age)
{
	if (r->half_life > 0)
		return exp2(-(double)age / r->half_life);
	if (r->step_days > 0)
		return pow(1 - r->step_loss, floor(age / r->step_days));
	return 1;
}

static bool
counts(const struct lead_rule *r, const struct lead_day *d)
{
	return d->n > 0 && (r->window == 0 || d->age < r->window);
}

double
lead_points(const struct lead_rule *r, const struct lead_day *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t events = v[i].n < r->cap ? v[i].n : r->cap;

		if (!counts(r, &v[i]))
			continue;
		if (r->once)
			events = 1;
		sum += r->points * events * lead_decay(r, v[i].age);
		if (r->once)
			break;
	}
	return r->points < 0 ? fmax(sum, -r->limit) : fmin(sum, r->limit);
}

/* When the points of one day change next. */
static uint32_t
next_of_day(const struct lead_rule *r, uint32_t age)
{
	uint32_t next = 0, drop;

	if (r->half_life > 0)
		next = 1;
	else if (r->step_days > 0 && r->step_loss > 0)
		next = (uint32_t)(ceil((floor(age / r->step_days) + 1) *
				       r->step_days) -
				  age);
	if (r->window == 0)
		return next;
	drop = r->window - age;
	return next == 0 || drop < next ? drop : next;
}

uint32_t
lead_next_change(const struct lead_rule *r, const struct lead_day *v, size_t n)
{
	uint32_t next = 0, day;

	if (r->points == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		if (!counts(r, &v[i]))
			continue;
		day = next_of_day(r, v[i].age);
		if (day != 0 && (next == 0 || day < next))
			next = day;
		if (r->once)
			break;
	}
	return next;
}

const char *
lead_grade(const struct lead_grade *v, size_t n, double fit)
{
	fit = fmin(fmax(fit, 0), 100);
	for (size_t i = 0; i < n; i++)
		if (fit >= v[i].from)
			return v[i].name;
	return "F";
}
