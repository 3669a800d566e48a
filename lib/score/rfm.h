/* SPDX-License-Identifier: MIT */
/*
 * Recency, frequency, monetary value as levels 1 to n (ANALYTICS.md 4), and
 * the segments that users make of them.
 *
 * Cut points by default are c_k = sorted[ceil(kN/n)-1]; a value's level is 1
 * and one more for each cut that it is above, so equal values share a level
 * whatever order they came in.  Recency counts the other way: the fewer days,
 * the higher.
 */
#ifndef SCORE_RFM_H
#define SCORE_RFM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rfm_axis { RFM_R, RFM_F, RFM_M, RFM_AXES };
enum { RFM_BINS_MAX = 10, RFM_CUTS_MAX = RFM_BINS_MAX - 1 };

/* How levels are cut. */
enum rfm_method {
	RFM_CUTS,   /* as above */
	RFM_CRAN,   /* as R's package rfm: type-7 quantiles and 1 */
	RFM_RANK,   /* levels of equal size, ties by id */
	RFM_NESTED, /* F within R, M within R and F */
};

/* Cut points of one axis.  Twice the value for CRAN's halves would not do:
 * they are fractions, so they are kept as doubles; whole ones are exact. */
struct rfm_cuts {
	unsigned bins;
	bool at;       /* a value on the cut is above it (CRAN, --breaks) */
	bool reversed; /* recency */
	double cut[RFM_CUTS_MAX];
};
unsigned rfm_level(const struct rfm_cuts *, int64_t value);

/*
 * The order statistics that the cuts of `bins` levels of n values need (CUTS
 * and CRAN): how many, their ranks into `ranks` (room for 2 a cut), and the
 * cuts once they are known.
 */
size_t rfm_ranks(enum rfm_method, unsigned bins, uint64_t n, uint64_t *ranks);
void rfm_cut(enum rfm_method, unsigned bins, uint64_t n, bool reversed,
    const int64_t *values, struct rfm_cuts *);

/* A customer where all are held in memory (RANK, NESTED). */
struct rfm_row {
	int64_t v[RFM_AXES]; /* days, orders, amount */
	uint64_t order;      /* place by id: the tie-break of RANK */
	uint64_t tag;        /* the caller's */
	uint8_t level[RFM_AXES];
};
/* Fills levels by any method; leaves the rows in order of `order`. */
void rfm_levels(struct rfm_row *, size_t n, enum rfm_method, unsigned bins);

/* ---- segments ---- */
struct rfm_segment {
	const char *name;
	/* Bounds of R, F, M, and FM, which holds for F and for M. */
	uint8_t lo[RFM_AXES + 1], hi[RFM_AXES + 1];
};
enum { RFM_FM = RFM_AXES };
extern const struct rfm_segment rfm_segments[]; /* for 5 bins */
extern const size_t rfm_nsegments;
/* The first whose bounds hold; "Others" where none does. */
const char *rfm_segment(
    const struct rfm_segment *, size_t n, const uint8_t level[RFM_AXES]);

#endif
