/* SPDX-License-Identifier: MIT */
#include "score/select.h"

#include <string.h>

#include "base/mem.h"
#include "base/vec.h"

enum {
	HIGH_BITS = 11, /* told apart in the first pass */
	HIGH = 1 << HIGH_BITS,
	BUCKETS = (64 - HIGH_BITS + 1) * HIGH,
	PART_BITS = 16, /* told apart in each further pass */
	PARTS = 1 << PART_BITS,
	HELD_MAX = 1 << 20, /* values kept for the further passes: 4 MiB */
};

/* What is known of one rank: lo <= value < lo + 2^bits, and how many of the
 * values below lo there are. */
struct asked {
	uint64_t rank, lo, below;
	unsigned bits;
	size_t same; /* shares the counts of this earlier one */
	uint64_t *counts;
};

struct select {
	uint64_t n;
	uint64_t first[2 * BUCKETS]; /* negative ones, then the others */
	struct asked asked[SELECT_RANKS];
	size_t nasked;
	bool parting; /* a further pass runs */
	bool more;    /* some bucket is still wider than one value */
	bool begun;   /* the second pass was asked for */
	/* Values of buckets wider than one, where they are few and small: then
	 * nobody is asked for a further pass. */
	VEC(int32_t) held;
	bool holds;
};

/* Order is kept: int64 to uint64. */
static uint64_t
key_of(int64_t v)
{
	return (uint64_t)v ^ UINT64_C(1) << 63;
}

static unsigned
bit_length(uint64_t v)
{
	unsigned n = 0;

	for (unsigned step = 32; step > 0; step /= 2)
		if (v >> step) {
			v >>= step;
			n += step;
		}
	return n + (v != 0);
}

/* The bucket of a distance from zero. */
static size_t
bucket_of(uint64_t d)
{
	unsigned length = bit_length(d);
	unsigned above = length > HIGH_BITS ? length - HIGH_BITS : 0;

	return (size_t)above * HIGH + (size_t)(d >> above);
}

static size_t
place_of(int64_t v)
{
	return v < 0 ? BUCKETS - 1 - bucket_of(~(uint64_t)v)
		     : BUCKETS + bucket_of((uint64_t)v);
}

/* The least key of a bucket; the bucket is 2^*bits wide. */
static uint64_t
place_start(size_t place, unsigned *bits)
{
	bool negative = place < BUCKETS;
	size_t b = negative ? BUCKETS - 1 - place : place - BUCKETS;
	uint64_t d;

	*bits = (unsigned)(b / HIGH);
	d = (uint64_t)(b % HIGH) << *bits;
	if (negative)
		d = ~(d + (UINT64_C(1) << *bits) - 1);
	return d ^ UINT64_C(1) << 63;
}

struct select *
select_new(void)
{
	struct select *s = mem_zero(1, sizeof(*s));

	s->holds = true;
	return s;
}

void
select_free(struct select **ps)
{
	struct select *s = *ps;

	if (s == NULL)
		return;
	for (size_t i = 0; i < s->nasked; i++)
		mem_free(s->asked[i].counts);
	vec_release(&s->held);
	mem_free(s);
	*ps = NULL;
}

static unsigned
part_shift(const struct asked *a)
{
	return a->bits > PART_BITS ? a->bits - PART_BITS : 0;
}

static void
hold(struct select *s, int64_t v)
{
	if (v < INT32_MIN || v > INT32_MAX || s->held.n == HELD_MAX) {
		vec_release(&s->held);
		s->holds = false;
		return;
	}
	vec_push(&s->held, (int32_t)v);
}

static void
count_part(struct select *s, int64_t v)
{
	uint64_t key = key_of(v);

	for (size_t i = 0; i < s->nasked; i++) {
		struct asked *a = &s->asked[i];

		if (a->counts != NULL && key >= a->lo &&
		    key - a->lo < UINT64_C(1) << a->bits)
			a->counts[(key - a->lo) >> part_shift(a)]++;
	}
}

void
select_add(struct select *s, int64_t v)
{
	if (s->parting) {
		count_part(s, v);
		return;
	}
	s->n++;
	s->first[place_of(v)]++;
	if (s->holds && (v >= HIGH || v < -HIGH))
		hold(s, v);
}

uint64_t
select_count(const struct select *s)
{
	return s->n;
}

/* The bucket that holds the rank, and how many values are below it. */
static size_t
walk(const uint64_t *counts, uint64_t rank, uint64_t *below)
{
	size_t i = 0;

	while (*below + counts[i] <= rank)
		*below += counts[i++];
	return i;
}

/* Ranks in one bucket count it once. */
static bool
prepare(struct select *s)
{
	bool more = false;

	for (size_t i = 0; i < s->nasked; i++) {
		struct asked *a = &s->asked[i];

		a->same = i;
		for (size_t k = 0; k < i && a->same == i; k++)
			if (s->asked[k].lo == a->lo &&
			    s->asked[k].bits == a->bits)
				a->same = k;
		if (a->bits == 0)
			continue;
		more = true;
		if (a->same == i)
			a->counts = mem_zero(PARTS, sizeof(*a->counts));
	}
	return more;
}

void
select_ask(struct select *s, const uint64_t *ranks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct asked *a = &s->asked[i];

		a->rank = ranks[i];
		a->lo =
		    place_start(walk(s->first, a->rank, &a->below), &a->bits);
	}
	s->nasked = n;
	s->parting = true;
	s->more = prepare(s);
}

/* What the pass that ended has told. */
static void
narrow(struct select *s)
{
	for (size_t i = 0; i < s->nasked; i++) {
		struct asked *a = &s->asked[i];
		unsigned shift = part_shift(a);

		if (a->bits == 0)
			continue;
		a->lo +=
		    (uint64_t)walk(s->asked[a->same].counts, a->rank, &a->below)
		    << shift;
		a->bits = shift;
	}
	for (size_t i = 0; i < s->nasked; i++) {
		mem_free(s->asked[i].counts);
		s->asked[i].counts = NULL;
	}
}

bool
select_again(struct select *s)
{
	while (s->more) {
		if (s->begun) {
			narrow(s);
			s->more = prepare(s);
		}
		s->begun = true;
		if (!s->holds)
			break;
		for (size_t i = 0; i < s->held.n; i++)
			count_part(s, s->held.v[i]);
	}
	return s->more;
}

int64_t
select_value(const struct select *s, size_t i)
{
	return (int64_t)(s->asked[i].lo ^ UINT64_C(1) << 63);
}
