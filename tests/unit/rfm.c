/* SPDX-License-Identifier: MIT */
/* Levels of a real order log, as published, where it lies beside the project;
 * and what holds for any. */
#include "score/rfm.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/vec.h"
#include "main.h"
#include "score/select.h"
#include "score/split.h"

#define DATA "../shared/data/analytics/"

enum { UNTIL = 13513 }; /* days from 1970 to 2006-12-31 */

/* ---- order statistics ---- */

static int
cmp_i64(const void *pa, const void *pb)
{
	const int64_t *a = pa, *b = pb;

	return (*a > *b) - (*a < *b);
}

static uint64_t rnd = 88172645463325252U;
static uint64_t
next(void)
{
	rnd ^= rnd << 13;
	rnd ^= rnd >> 7;
	return rnd ^= rnd << 17;
}

enum { VALUES = 3000 };

START_TEST(selecting_gives_what_sorting_gives)
{
	static int64_t v[VALUES];
	uint64_t ranks[] = { 0, 1, 7, VALUES / 3, VALUES / 2, VALUES / 2 + 1,
		VALUES - 2, VALUES - 1 };
	enum { N = sizeof(ranks) / sizeof(ranks[0]) };

	/* Few bits, many, all of them; every sign. */
	for (unsigned bits = 1; bits <= 64; bits++) {
		struct select *s = select_new();
		int passes = 1;

		for (size_t i = 0; i < VALUES; i++) {
			v[i] = (int64_t)(next() >> (64 - bits));
			if (bits < 64 && i % 3 == 0)
				v[i] = -v[i];
			select_add(s, v[i]);
		}
		ck_assert_uint_eq(select_count(s), VALUES);
		select_ask(s, ranks, N);
		while (select_again(s)) {
			passes++;
			for (size_t i = 0; i < VALUES; i++)
				select_add(s, v[i]);
		}
		if (bits <= 11)
			ck_assert_int_eq(passes, 1);
		if (bits <= 27)
			ck_assert_int_le(passes, 2);
		qsort(v, VALUES, sizeof(*v), cmp_i64);
		for (size_t i = 0; i < N; i++)
			ck_assert_int_eq(select_value(s, i), v[ranks[i]]);
		select_free(&s);
	}
}
END_TEST

/* Few values are asked for once, many of them twice. */
START_TEST(selecting_takes_as_few_passes_as_it_can)
{
	enum { FEW = 1000, MANY = 1100000 };
	uint64_t ranks[1] = { FEW / 2 };

	for (int many = 0; many < 2; many++) {
		struct select *s = select_new();
		int64_t n = many ? MANY : FEW, times = 0;

		for (int64_t v = 0; v < n; v++)
			select_add(s, v * 7 + 5000);
		select_ask(s, ranks, 1);
		for (; select_again(s); times++)
			for (int64_t v = 0; v < n; v++)
				select_add(s, v * 7 + 5000);
		ck_assert_int_eq(times, many);
		ck_assert_int_eq(select_value(s, 0), FEW / 2 * 7 + 5000);
		select_free(&s);
	}
}
END_TEST

START_TEST(selecting_takes_the_ends_of_the_range)
{
	static const int64_t v[] = { INT64_MAX, INT64_MIN, 0, -1, 1 };
	static const int64_t want[] = { INT64_MIN, -1, 0, 1, INT64_MAX };
	static const uint64_t ranks[] = { 0, 1, 2, 3, 4 };
	struct select *s = select_new();

	for (int i = 0; i < 5; i++)
		select_add(s, v[i]);
	select_ask(s, ranks, 5);
	while (select_again(s))
		for (int i = 0; i < 5; i++)
			select_add(s, v[i]);
	for (size_t i = 0; i < 5; i++)
		ck_assert_int_eq(select_value(s, i), want[i]);
	select_free(&s);
}
END_TEST

/* ---- the published log ---- */

struct customer {
	char name[64];
	int64_t last, orders, amount;
	int want[3];
};
struct shop {
	VEC(struct customer) c;
};

static struct customer *
customer(struct shop *shop, const char *name)
{
	struct customer new = { .last = INT64_MIN };

	for (size_t i = 0; i < shop->c.n; i++)
		if (strcmp(shop->c.v[i].name, name) == 0)
			return &shop->c.v[i];
	snprintf(new.name, sizeof(new.name), "%s", name);
	vec_push(&shop->c, new);
	return &shop->c.v[shop->c.n - 1];
}

/* Days from 1970-01-01 (Howard Hinnant's days_from_civil). */
static int64_t
days(int y, int m, int d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = y / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static bool
read_orders(struct shop *shop)
{
	FILE *f = fopen(DATA "rfm_orders.csv", "r");
	char line[256], name[64];
	int y, m, d, amount;

	if (!f) {
		fprintf(stderr, "skip: no " DATA "rfm_orders.csv\n");
		return false;
	}
	while (fgets(line, sizeof(line), f)) {
		struct customer *c;

		if (sscanf(line, "%63[^,],%d-%d-%d,%d", name, &y, &m, &d,
			&amount) != 5)
			continue;
		c = customer(shop, name);
		if (days(y, m, d) > c->last)
			c->last = days(y, m, d);
		c->orders++;
		c->amount += amount;
	}
	fclose(f);
	return true;
}

static void
read_expected(struct shop *shop, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[256], name[64];
	int r, n, m, want[3], count = 0;

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f)) {
		struct customer *c;

		if (sscanf(line, "%63[^,],%d,%d,%d,%d,%d,%d", name, &r, &n, &m,
			&want[0], &want[1], &want[2]) != 7)
			continue;
		c = customer(shop, name);
		memcpy(c->want, want, sizeof(want));
		count++;
	}
	fclose(f);
	ck_assert_int_eq(count, 995);
}

static int64_t
value_of(const struct customer *c, int axis)
{
	if (axis == RFM_R)
		return UNTIL - c->last;
	return axis == RFM_F ? c->orders : c->amount;
}

/* Cuts by streaming, as crm-score makes them. */
static void
cut(const struct shop *shop, int axis, enum rfm_method method,
    struct rfm_cuts *cuts)
{
	uint64_t ranks[2 * RFM_CUTS_MAX];
	int64_t values[2 * RFM_CUTS_MAX];
	struct select *s = select_new();
	size_t n;

	for (size_t i = 0; i < shop->c.n; i++)
		select_add(s, value_of(&shop->c.v[i], axis));
	n = rfm_ranks(method, 5, select_count(s), ranks);
	select_ask(s, ranks, n);
	while (select_again(s))
		for (size_t i = 0; i < shop->c.n; i++)
			select_add(s, value_of(&shop->c.v[i], axis));
	for (size_t i = 0; i < n; i++)
		values[i] = select_value(s, i);
	rfm_cut(method, 5, select_count(s), axis == RFM_R, values, cuts);
	select_free(&s);
}

static const struct {
	enum rfm_method method;
	const char *path;
	double cut[RFM_AXES][4];
	int loyal, champions;
} published[] = {
	{ RFM_CUTS, DATA "rfm_orders_expected_type1.csv",
	    { { 114, 180, 296, 481 }, { 3, 4, 5, 7 }, { 254, 381, 505, 665 } },
	    277, 159 },
	{ RFM_CRAN, DATA "rfm_orders_expected_cranrfm.csv",
	    { { 115, 181, 297.4, 482 }, { 4, 5, 6, 8 },
		{ 255.8, 382, 506.4, 666 } },
	    278, 158 },
};

START_TEST(a_real_log_gives_the_published_levels)
{
	static const struct {
		const char *name;
		int n;
	} segments[] = { { "Potential Loyalist", 229 }, { "Lost", 111 },
		{ "At Risk", 86 }, { "About To Sleep", 50 }, { "Others", 48 },
		{ "Need Attention", 35 } };

	for (int p = 0; p < 2; p++) {
		struct shop shop = { VEC_INIT };
		struct rfm_cuts cuts[RFM_AXES];
		int loyal = 0, champions = 0, count[6] = { 0 };

		if (!read_orders(&shop))
			return;
		read_expected(&shop, published[p].path);
		ck_assert_uint_eq(shop.c.n, 995);
		for (int axis = 0; axis < RFM_AXES; axis++) {
			cut(&shop, axis, published[p].method, &cuts[axis]);
			for (int k = 0; k < 4; k++)
				ck_assert_double_eq_tol(cuts[axis].cut[k],
				    published[p].cut[axis][k], 1e-9);
		}
		for (size_t i = 0; i < shop.c.n; i++) {
			const struct customer *c = &shop.c.v[i];
			uint8_t level[RFM_AXES];
			const char *segment;

			for (int axis = 0; axis < RFM_AXES; axis++) {
				level[axis] = (uint8_t)rfm_level(
				    &cuts[axis], value_of(c, axis));
				ck_assert_int_eq(level[axis], c->want[axis]);
			}
			segment =
			    rfm_segment(rfm_segments, rfm_nsegments, level);
			loyal += strcmp(segment, "Loyal Customers") == 0;
			champions += strcmp(segment, "Champions") == 0;
			for (int k = 0; k < 6; k++)
				count[k] +=
				    strcmp(segment, segments[k].name) == 0;
		}
		ck_assert_int_eq(loyal, published[p].loyal);
		ck_assert_int_eq(champions, published[p].champions);
		for (int k = 0; k < 6; k++)
			ck_assert_int_eq(count[k], segments[k].n);
		vec_release(&shop.c);
	}
}
END_TEST

/* ---- what holds for any ---- */

enum { ROWS = 500 };

static void
fill(struct rfm_row *v)
{
	for (size_t i = 0; i < ROWS; i++) {
		v[i] = (struct rfm_row){ .order = i, .tag = i };
		v[i].v[RFM_R] = (int64_t)(next() % 400);
		v[i].v[RFM_F] = 1 + (int64_t)(next() % 6);
		v[i].v[RFM_M] = (int64_t)(next() % 100000);
	}
}

START_TEST(levels_in_memory_are_those_of_the_stream)
{
	static struct rfm_row v[ROWS];
	static const enum rfm_method methods[] = { RFM_CUTS, RFM_CRAN };

	for (int k = 0; k < 2; k++) {
		fill(v);
		rfm_levels(v, ROWS, methods[k], 4);
		for (int axis = 0; axis < RFM_AXES; axis++) {
			uint64_t ranks[2 * RFM_CUTS_MAX];
			int64_t values[2 * RFM_CUTS_MAX], sorted[ROWS];
			struct rfm_cuts cuts;
			size_t n = rfm_ranks(methods[k], 4, ROWS, ranks);

			for (size_t i = 0; i < ROWS; i++)
				sorted[i] = v[i].v[axis];
			qsort(sorted, ROWS, sizeof(*sorted), cmp_i64);
			for (size_t i = 0; i < n; i++)
				values[i] = sorted[ranks[i]];
			rfm_cut(
			    methods[k], 4, ROWS, axis == RFM_R, values, &cuts);
			for (size_t i = 0; i < ROWS; i++) {
				ck_assert_uint_eq(v[i].order, i);
				ck_assert_uint_eq(v[i].level[axis],
				    rfm_level(&cuts, v[i].v[axis]));
			}
		}
	}
}
END_TEST

START_TEST(ranks_give_levels_of_equal_size)
{
	static struct rfm_row v[ROWS];
	int count[RFM_AXES][6] = { { 0 } };

	fill(v);
	rfm_levels(v, ROWS, RFM_RANK, 5);
	for (size_t i = 0; i < ROWS; i++)
		for (int axis = 0; axis < RFM_AXES; axis++)
			count[axis][v[i].level[axis]]++;
	for (int axis = 0; axis < RFM_AXES; axis++)
		for (int level = 1; level <= 5; level++)
			ck_assert_int_eq(count[axis][level], ROWS / 5);
}
END_TEST

START_TEST(nested_levels_part_each_level_anew)
{
	static struct rfm_row v[ROWS];
	int of_r[6] = { 0 }, high[6] = { 0 };

	fill(v);
	/* Recent ones buy ten times as often: alone, F would say only that. */
	for (size_t i = 0; i < ROWS; i++)
		v[i].v[RFM_F] += v[i].v[RFM_R] < 200 ? 100 : 0;
	rfm_levels(v, ROWS, RFM_NESTED, 5);
	for (size_t i = 0; i < ROWS; i++) {
		of_r[v[i].level[RFM_R]]++;
		high[v[i].level[RFM_R]] += v[i].level[RFM_F] >= 4;
	}
	for (int r = 1; r <= 5; r++) {
		ck_assert_int_gt(of_r[r], 0);
		ck_assert_int_gt(high[r], 0);
		ck_assert_int_lt(high[r], of_r[r]);
	}
}
END_TEST

START_TEST(breaks_that_are_given_count_from_themselves_up)
{
	struct rfm_cuts c = { .bins = 4, .at = true, .cut = { 30, 60, 90 } };

	ck_assert_uint_eq(rfm_level(&c, 29), 1);
	ck_assert_uint_eq(rfm_level(&c, 30), 2);
	ck_assert_uint_eq(rfm_level(&c, 1000), 4);
	c.reversed = true;
	ck_assert_uint_eq(rfm_level(&c, 29), 4);
	ck_assert_uint_eq(rfm_level(&c, 1000), 1);
}
END_TEST

/* ---- splitting ---- */

START_TEST(a_person_has_the_published_number_under_a_name)
{
	static const struct {
		const char *id;
		uint64_t h;
		double u;
		int arm;
	} want[] = {
		{ "01JDA2V7Q0000000000000000A", 0x3685879837126229, .212975,
		    0 },
		{ "01JDA2V7Q0000000000000000B", 0x0751381e6aa00119, .028583,
		    0 },
		{ "01JDA2V7Q0000000000000000C", 0xfd1941d7a8bd1a27, .988667,
		    2 },
	};
	struct split_arms arms;
	struct err err = ERR_INIT;

	ck_assert_int_eq(split_parse(STR("A=45,B=45,hold=10"), &arms, &err), 0);
	ck_assert_uint_eq(arms.n, 3);
	for (int i = 0; i < 3; i++) {
		uint64_t h = split_hash(STR("spring"), str_of(want[i].id));

		ck_assert_uint_eq(h, want[i].h);
		ck_assert_double_eq_tol(split_u(h), want[i].u, 5e-7);
		ck_assert_int_eq(split_arm(&arms, split_u(h)), want[i].arm);
	}
}
END_TEST

START_TEST(arms_are_read_whole_or_refused)
{
	static const char *const bad[] = { "", "A", "A=", "A=0", "A=-1", "=5",
		"A=5,", "A=5,A=6", "A=60,B=60", "A b=5", "A=x" };
	struct split_arms arms;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(split_parse(str_of(bad[i]), &arms, &err), -1);
		ck_assert_int_eq(err.status, STATUS_USAGE);
		err_clear(&err);
	}
	ck_assert_int_eq(split_parse(STR("a=33.3,b=33.3"), &arms, &err), 0);
	ck_assert_int_eq(split_arm(&arms, .5), 1);
	ck_assert_int_eq(split_arm(&arms, .7), -1);
	ck_assert_uint_eq(split_exact(10, 150), 15);
	ck_assert_uint_eq(split_exact(20, 150), 30);
	ck_assert_uint_eq(split_exact(2, 10), 1);
	ck_assert(split_u(UINT64_MAX) < 1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("rfm");
	TCase *tc = tcase_create("rfm");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, selecting_gives_what_sorting_gives);
	tcase_add_test(tc, selecting_takes_as_few_passes_as_it_can);
	tcase_add_test(tc, selecting_takes_the_ends_of_the_range);
	tcase_add_test(tc, a_real_log_gives_the_published_levels);
	tcase_add_test(tc, levels_in_memory_are_those_of_the_stream);
	tcase_add_test(tc, ranks_give_levels_of_equal_size);
	tcase_add_test(tc, nested_levels_part_each_level_anew);
	tcase_add_test(tc, breaks_that_are_given_count_from_themselves_up);
	tcase_add_test(tc, a_person_has_the_published_number_under_a_name);
	tcase_add_test(tc, arms_are_read_whole_or_refused);
	suite_add_tcase(s, tc);
	return s;
}
