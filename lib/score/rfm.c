/* SPDX-License-Identifier: MIT */
#include "score/rfm.h"

#include <math.h>
#include <stdlib.h>

unsigned
rfm_level(const struct rfm_cuts *c, int64_t value)
{
	unsigned level = 1;
	double v = (double)value;

	for (unsigned k = 0; k + 1 < c->bins; k++)
		level += c->at ? v >= c->cut[k] : v > c->cut[k];
	return c->reversed ? c->bins + 1 - level : level;
}

/* ---- cuts from order statistics ---- */

/* ceil(k n / bins) - 1, whole numbers only. */
static uint64_t
cut_rank(unsigned k, uint64_t n, unsigned bins)
{
	return (k * n + bins - 1) / bins - 1;
}

size_t
rfm_ranks(enum rfm_method method, unsigned bins, uint64_t n, uint64_t *ranks)
{
	size_t count = 0;

	for (unsigned k = 1; k < bins; k++) {
		if (method != RFM_CRAN) {
			ranks[count++] = cut_rank(k, n, bins);
			continue;
		}
		/* Type 7: between the two values around (n - 1) k / bins. */
		ranks[count] = (n - 1) * k / bins;
		ranks[count + 1] =
		    ranks[count] + 1 < n ? ranks[count] + 1 : n - 1;
		count += 2;
	}
	return count;
}

void
rfm_cut(enum rfm_method method, unsigned bins, uint64_t n, bool reversed,
    const int64_t *values, struct rfm_cuts *out)
{
	double low, high, part;

	*out = (struct rfm_cuts){
		.bins = bins, .at = method == RFM_CRAN, .reversed = reversed
	};
	for (unsigned k = 1; k < bins; k++) {
		if (method != RFM_CRAN) {
			out->cut[k - 1] = (double)values[k - 1];
			continue;
		}
		low = (double)values[2 * k - 2];
		high = (double)values[2 * k - 1];
		part = (double)((n - 1) * k % bins) / bins;
		out->cut[k - 1] = low + part * (high - low) + 1;
	}
}

/* ---- all in memory ---- */

/* qsort has no argument for its comparison: an order for each axis. */
static int
cmp_axis(const struct rfm_row *a, const struct rfm_row *b, enum rfm_axis axis)
{
	if (a->v[axis] != b->v[axis])
		return a->v[axis] < b->v[axis] ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int
cmp_r(const void *a, const void *b)
{
	return cmp_axis(a, b, RFM_R);
}

static int
cmp_f(const void *a, const void *b)
{
	return cmp_axis(a, b, RFM_F);
}

static int
cmp_m(const void *a, const void *b)
{
	return cmp_axis(a, b, RFM_M);
}

static int
cmp_order(const void *pa, const void *pb)
{
	const struct rfm_row *a = pa, *b = pb;

	return a->order < b->order ? -1 : a->order > b->order;
}

static int
cmp_level_r(const void *pa, const void *pb)
{
	const struct rfm_row *a = pa, *b = pb;

	return (a->level[RFM_R] > b->level[RFM_R]) -
	       (a->level[RFM_R] < b->level[RFM_R]);
}

static int
cmp_level_rf(const void *pa, const void *pb)
{
	const struct rfm_row *a = pa, *b = pb;
	int c = cmp_level_r(pa, pb);

	return c != 0 ? c
		      : (a->level[RFM_F] > b->level[RFM_F]) -
			    (a->level[RFM_F] < b->level[RFM_F]);
}

typedef int compare_fn(const void *, const void *);
static compare_fn *const by_axis[RFM_AXES] = { cmp_r, cmp_f, cmp_m };

/* The level of each of n rows by one axis alone. */
static void
level_rows(struct rfm_row *v, size_t n, enum rfm_axis axis,
    enum rfm_method method, unsigned bins)
{
	uint64_t ranks[2 * RFM_CUTS_MAX];
	int64_t values[2 * RFM_CUTS_MAX] = { 0 };
	struct rfm_cuts cuts;
	size_t count;

	qsort(v, n, sizeof(*v), by_axis[axis]);
	if (method == RFM_RANK) {
		for (size_t i = 0; i < n; i++) {
			unsigned level = 1 + (unsigned)(i * bins / n);

			v[i].level[axis] =
			    (uint8_t)(axis == RFM_R ? bins + 1 - level : level);
		}
		return;
	}
	count = rfm_ranks(method, bins, n, ranks);
	for (size_t i = 0; i < count; i++)
		values[i] = v[ranks[i]].v[axis];
	rfm_cut(method, bins, n, axis == RFM_R, values, &cuts);
	for (size_t i = 0; i < n; i++)
		v[i].level[axis] = (uint8_t)rfm_level(&cuts, v[i].v[axis]);
}

/* One axis within each run of rows that `same` calls equal. */
static void
level_within(struct rfm_row *v, size_t n, enum rfm_axis axis, compare_fn *same,
    unsigned bins)
{
	size_t from = 0, to;

	qsort(v, n, sizeof(*v), same);
	while (from < n) {
		for (to = from + 1; to < n && same(&v[from], &v[to]) == 0; to++)
			;
		level_rows(v + from, to - from, axis, RFM_CUTS, bins);
		from = to;
	}
}

void
rfm_levels(struct rfm_row *v, size_t n, enum rfm_method method, unsigned bins)
{
	if (n == 0)
		return;
	if (method == RFM_NESTED) {
		level_rows(v, n, RFM_R, RFM_CUTS, bins);
		level_within(v, n, RFM_F, cmp_level_r, bins);
		level_within(v, n, RFM_M, cmp_level_rf, bins);
	} else {
		for (int axis = RFM_R; axis < RFM_AXES; axis++)
			level_rows(v, n, (enum rfm_axis)axis, method, bins);
	}
	qsort(v, n, sizeof(*v), cmp_order);
}

/* ---- segments ---- */

#define SEGMENT(name, r1, r2, fm1, fm2)                                        \
	{                                                                      \
		name, { r1, 1, 1, fm1 },                                       \
		{                                                              \
			r2, RFM_BINS_MAX, RFM_BINS_MAX, fm2                    \
		}                                                              \
	}

const struct rfm_segment rfm_segments[] = {
	SEGMENT("Champions", 4, 5, 4, 5),
	SEGMENT("Loyal Customers", 2, 5, 3, 5),
	SEGMENT("Potential Loyalist", 3, 5, 1, 3),
	SEGMENT("New Customers", 4, 5, 1, 1),
	SEGMENT("Promising", 3, 4, 1, 1),
	SEGMENT("Need Attention", 2, 3, 2, 3),
	SEGMENT("About To Sleep", 2, 3, 1, 2),
	SEGMENT("At Risk", 1, 2, 2, 5),
	SEGMENT("Can't Lose Them", 1, 1, 4, 5),
	SEGMENT("Lost", 1, 2, 1, 2),
};
const size_t rfm_nsegments = sizeof(rfm_segments) / sizeof(rfm_segments[0]);

static bool
within(const struct rfm_segment *s, int bound, uint8_t level)
{
	return level >= s->lo[bound] && level <= s->hi[bound];
}

const char *
rfm_segment(
    const struct rfm_segment *v, size_t n, const uint8_t level[RFM_AXES])
{
	for (size_t i = 0; i < n; i++)
		if (within(&v[i], RFM_R, level[RFM_R]) &&
		    within(&v[i], RFM_F, level[RFM_F]) &&
		    within(&v[i], RFM_M, level[RFM_M]) &&
		    within(&v[i], RFM_FM, level[RFM_F]) &&
		    within(&v[i], RFM_FM, level[RFM_M]))
			return v[i].name;
	return "Others";
}
