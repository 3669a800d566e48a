/* SPDX-License-Identifier: MIT */
/*
 * Published figures of BG, MBG and Pareto/NBD and of Gamma-Gamma: from the
 * CDNOW log where it lies beside the project, at fixed parameters always.
 */
#include "score/clv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/vec.h"
#include "main.h"

#define CDNOW "../shared/data/analytics/CDNOW_sample.txt"

enum { WEEK = 7, CDNOW_END = 272, CDNOW_CUSTOMERS = 2357 };

struct log_rows {
	VEC(struct clv_row) clv;
	VEC(struct spend_row) spend;
};

/* Days from 1997-01-01, as far as the log goes. */
static int
day_of(int yyyymmdd)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243,
		273, 304, 334 };
	int month = yyyymmdd / 100 % 100;

	return (yyyymmdd / 10000 - 1997) * 365 + before[month - 1] +
	       yyyymmdd % 100 - 1;
}

struct one {
	int first, last, days;
	double first_day, later;
};

static void
add_one(struct log_rows *rows, const struct one *o)
{
	struct clv_row c = { (uint32_t)(o->days - 1),
		(uint32_t)(o->last - o->first),
		(uint32_t)(CDNOW_END - o->first), 1 };
	struct spend_row s = { c.x, 1, 0 };

	vec_push(&rows->clv, c);
	if (c.x == 0 || o->later <= 0)
		return;
	s.m = o->later / c.x;
	vec_push(&rows->spend, s);
}

/* false: the file is not there. */
static bool
read_cdnow(struct log_rows *rows)
{
	static struct one all[CDNOW_CUSTOMERS + 1];
	FILE *f = fopen(CDNOW, "r");
	int full, id, date, units, day;
	double amount;
	struct one *o;

	if (!f) {
		fprintf(stderr, "skip: no %s\n", CDNOW);
		return false;
	}
	memset(all, 0, sizeof(all));
	while (fscanf(f, "%d %d %d %d %lf", &full, &id, &date, &units,
		   &amount) == 5) {
		day = day_of(date);
		if (day > CDNOW_END)
			continue;
		o = &all[id];
		if (o->days == 0)
			o->first = day;
		if (o->days == 0 || day != o->last)
			o->days++;
		o->last = day;
		*(day == o->first ? &o->first_day : &o->later) += amount;
	}
	fclose(f);
	for (id = 1; id <= CDNOW_CUSTOMERS; id++)
		add_one(rows, &all[id]);
	rows->clv.n = clv_merge(rows->clv.v, rows->clv.n);
	rows->spend.n = spend_merge(rows->spend.v, rows->spend.n);
	return true;
}

static void
rows_release(struct log_rows *rows)
{
	vec_release(&rows->clv);
	vec_release(&rows->spend);
}

static void
close_to(double got, double want, double relative)
{
	ck_assert_double_eq_tol(got, want, fabs(want) * relative);
}

START_TEST(cdnow_gives_the_published_parameters)
{
	static const struct {
		enum clv_family family;
		double p[4], ll;
	} want[] = {
		{ CLV_BG, { .2425945, 4.4136020, .7929220, 2.4259068 },
		    -9582.429207 },
		{ CLV_MBG, { .5248432, 6.1830856, .8913593, 1.6140016 },
		    -9582.135716 },
		{ CLV_PARETO, { .553277, 10.577683, .606240, 11.668741 },
		    -9594.976179 },
	};
	static const double bg_se[] = { .0126, .378, .186, .705 };
	struct log_rows rows = { VEC_INIT, VEC_INIT };
	struct err err = ERR_INIT;
	struct clv_fit fit;

	if (!read_cdnow(&rows))
		return;
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(clv_fit(want[i].family, WEEK, rows.clv.v,
				     rows.clv.n, &fit, &err),
		    0);
		ck_assert_double_eq_tol(fit.ll, want[i].ll, 1e-3);
		for (int k = 0; k < 4; k++)
			close_to(fit.p[k], want[i].p[k], 1e-4);
		ck_assert(!fit.boundary && !fit.unconverged);
		ck_assert_uint_eq(fit.customers, CDNOW_CUSTOMERS);
		ck_assert_double_eq_tol(
		    clv_likelihood(&fit, rows.clv.v, rows.clv.n), fit.ll, 1e-6);
		for (int k = 0; i == 0 && k < 4; k++)
			close_to(fit.se[k], bg_se[k], 5e-3);
	}
	rows_release(&rows);
}
END_TEST

START_TEST(cdnow_gives_the_published_spend)
{
	struct log_rows rows = { VEC_INIT, VEC_INIT };
	struct err err = ERR_INIT;
	struct spend_fit fit;

	if (!read_cdnow(&rows))
		return;
	ck_assert_int_eq(spend_fit(rows.spend.v, rows.spend.n, &fit, &err), 0);
	/* The ridge is flat: the likelihood and the mean tell. */
	ck_assert_double_eq_tol(fit.ll, -4055.917695, 1e-3);
	close_to(fit.p[0], 6.249573, 1e-4);
	close_to(fit.p[1], 3.744224, 1e-4);
	close_to(fit.p[2], 15.443518, 1e-4);
	ck_assert_double_eq_tol(spend_expected(&fit, 0, 0), 35.170, 5e-4);
	/* From the log itself; .113879 from m rounded to cents. */
	ck_assert_double_eq_tol(fit.corr, .113888, 5e-7);
	ck_assert_uint_eq(fit.customers, 946);
	ck_assert(!fit.no_mean && !fit.boundary);
	ck_assert_double_eq_tol(
	    spend_likelihood(&fit, rows.spend.v, rows.spend.n), fit.ll, 1e-6);
	rows_release(&rows);
}
END_TEST

static double
sum_of(const struct clv_fit *fit, const struct log_rows *rows, double t)
{
	double s = 0;

	for (size_t i = 0; i < rows->clv.n; i++) {
		const struct clv_row *r = &rows->clv.v[i];
		double t_x = r->recency / 7.0, T = r->age / 7.0;

		s += r->n * (t > 0 ? clv_expected(fit, r->x, t_x, T, t)
				   : clv_alive(fit, r->x, t_x, T));
	}
	return s;
}

START_TEST(cdnow_sums_are_the_published_ones)
{
	static const double e39[] = { 1576.72830, 1653.40870, 1665.51301 };
	struct log_rows rows = { VEC_INIT, VEC_INIT };
	struct err err = ERR_INIT;
	struct clv_fit fit;

	if (!read_cdnow(&rows))
		return;
	for (int family = CLV_MBG; family <= CLV_PARETO; family++) {
		ck_assert_int_eq(clv_fit((enum clv_family)family, WEEK,
				     rows.clv.v, rows.clv.n, &fit, &err),
		    0);
		close_to(sum_of(&fit, &rows, 39), e39[family], 1e-5);
		if (family == CLV_BG)
			close_to(sum_of(&fit, &rows, 0), 1917.27767, 1e-6);
	}
	rows_release(&rows);
}
END_TEST

static const struct clv_fit bg = {
	.family = CLV_BG, .unit = WEEK, .p = { .243, 4.414, .793, 2.426 }
};
static const struct clv_fit mbg = {
	.family = CLV_MBG, .unit = WEEK, .p = { .525, 6.183, .891, 1.614 }
};
static const struct clv_fit pareto = { .family = CLV_PARETO,
	.unit = WEEK,
	.p = { .5533, 10.578, .6061, 11.6562 } };

START_TEST(one_customer_at_fixed_parameters)
{
	/* x t_x T t, then P and E of BG, MBG, Pareto */
	static const double want[][10] = {
		{ 0, 0, 39, 52, 1.000000000, .251358035, .389347649, .196986074,
		    .294152967, .135424162 },
		{ 1, 10, 39, 52, .437249210, .534177905, .380007610, .532791848,
		    .397231905, .513406922 },
		{ 2, 30.43, 38.86, 39, .726578570, 1.226028175, .706202265,
		    1.262960623, .869110394, 1.455100189 },
		{ 4, 30, 39, 26, .718575551, 1.575961173, .697522785,
		    1.545710420, .828277678, 1.733979867 },
		{ 10, 20, 39, 52, .038114313, .347399763, .040120163,
		    .351841393, .080377817, .705808270 },
		{ 500, 99, 100, 12, .836900028, 46.069146576, .831613918,
		    44.836516211, .898916732, 47.324701728 },
	};
	const struct clv_fit *fits[] = { &bg, &mbg, &pareto };

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		for (size_t k = 0; k < 3; k++) {
			const double *w = want[i];

			ck_assert_double_eq_tol(
			    clv_alive(fits[k], w[0], w[1], w[2]), w[4 + 2 * k],
			    6e-10);
			ck_assert_double_eq_tol(
			    clv_expected(fits[k], w[0], w[1], w[2], w[3]),
			    w[5 + 2 * k], 6e-10);
		}
}
END_TEST

START_TEST(spend_of_one_customer_at_fixed_parameters)
{
	static const double want[][3] = { { 0, 0, 35.218978102 },
		{ 1, 20, 24.638487208 }, { 2, 22.35, 24.663713911 },
		{ 7, 73.74, 71.469670897 }, { 30, 5, 5.435239697 } };
	const struct spend_fit fit = { .p = { 6.25, 3.74, 15.44 } };

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		ck_assert_double_eq_tol(
		    spend_expected(&fit, want[i][0], want[i][1]), want[i][2],
		    6e-10);
}
END_TEST

START_TEST(extremes_stay_numbers)
{
	static const double x[] = { 10, 15, 20, 25 };
	static const double btyd[] = { .34746027, .04283396, .00415899,
		.00035837 };
	struct clv_fit fit = {
		.family = CLV_BG, .unit = WEEK, .p = { .25, 4, .8, 2.5 }
	};
	struct clv_row rows[] = { { 0, 0, 280, 1 }, { 200, 266, 280, 1 } };
	struct clv_fit own = { .family = CLV_BG,
		.unit = WEEK,
		.p = { .2425945, 4.4136020, .7929220, 2.4259068 } };
	struct clv_fit p = { .family = CLV_PARETO,
		.unit = WEEK,
		.p = { .55, 10.58, .61, 11.67 } };

	ck_assert_double_eq_tol(
	    clv_likelihood(&fit, rows, 1), -.59947382, 5e-9);
	ck_assert_double_eq_tol(
	    clv_likelihood(&fit, rows + 1, 1), 100.7957, 5e-5);
	ck_assert_double_eq(clv_alive(&fit, 1000, 10, 100), 0);
	fit.family = CLV_MBG;
	ck_assert_double_eq_tol(
	    clv_likelihood(&fit, rows, 1), -.41792826, 5e-9);
	ck_assert_double_eq_tol(
	    clv_likelihood(&fit, rows + 1, 1), 100.7869, 5e-5);
	/* No jump where a power of two overflows. */
	ck_assert_double_eq_tol(
	    clv_expected(&p, 132, 200, 200, 10), 6.206051788963, 1e-11);
	ck_assert_double_eq_tol(
	    clv_expected(&p, 133, 200, 200, 10), 6.252872247574, 1e-11);
	for (size_t i = 0; i < 4; i++)
		/* BTYD's own fit differs in the fourth digit. */
		close_to(clv_expected(&own, x[i], 20, 39, 52), btyd[i], 2e-4);
	for (int family = CLV_MBG; family <= CLV_PARETO; family++) {
		fit.family = (enum clv_family)family;
		fit.p[2] = 1; /* where the formulas have 0/0 */
		ck_assert(isfinite(clv_expected(&fit, 3, 10, 20, 30)));
		ck_assert_double_eq(clv_expected(&fit, 3, 10, 20, 0), 0);
		/* A new customer is alive. */
		ck_assert_double_eq_tol(clv_alive(&fit, 0, 0, 0),
		    family == CLV_MBG ? 1 / (1 + 1 / 2.5) : 1, 1e-12);
	}
}
END_TEST

/* Where a fit ends when nobody leaves, everybody does, or all buy alike. */
START_TEST(at_the_boundary_purchases_are_numbers_too)
{
	/* family, r, alpha, a, b, x, t_x, T, t, E: to 15 digits, by mpmath */
	static const struct {
		enum clv_family family;
		double p[4], x, t_x, T, t, want;
	} v[] = {
		{ CLV_MBG, { .78, 3.5, 900, 2200 }, 1, 36, 37, 30,
		    .707115573622495 },
		{ CLV_MBG, { .78, 3.5, 1100, 2700 }, 0, 0, 37, 360,
		    .580169911414529 },
		{ CLV_BG, { .78, 3.5, 1100, 2700 }, 1, 36, 37, 30,
		    .708318349792109 },
		{ CLV_BG, { .25, 4, 5000, 100 }, 3, 20, 39, 52,
		    .0028734102078073 },
		{ CLV_MBG, { .25, 4, 3000, 300000 }, 10, 38, 39, 52,
		    11.4540371731363 },
		{ CLV_MBG, { 1e6, 1e7, .8, 2.5 }, 2, 30, 39, 52,
		    2.77756001665469 },
		{ CLV_BG, { .25, 4, 1e-4, 3e5 }, 4, 30, 39, 52,
		    5.13953487363484 },
		/* a + b at 1 and below, bought once */
		{ CLV_BG, { .25, 4, .2, .5 }, 0, 0, 39, 52, .260835439012091 },
		{ CLV_BG, { .25, 4, .4, .6 }, 0, 0, 39, 52, .244213679149234 },
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct clv_fit fit = { .family = v[i].family, .unit = WEEK };

		memcpy(fit.p, v[i].p, sizeof(v[i].p));
		close_to(clv_expected(&fit, v[i].x, v[i].t_x, v[i].T, v[i].t),
		    v[i].want, 1e-9);
	}
}
END_TEST

START_TEST(any_parameters_give_numbers)
{
	static const double far[] = { 2e-9, 1e-4, .3, 1, 40, 1e4, 4e8 };
	enum { FAR = sizeof(far) / sizeof(far[0]) };
	static const double who[][3] = { { 0, 0, 0 }, { 0, 0, 300 },
		{ 1, 300, 300 }, { 3, .5, 2 }, { 400, 90, 300 } };

	for (int i = 0; i < FAR * FAR * FAR * FAR * 3 * 5; i++) {
		struct clv_fit fit = { .family = (enum clv_family)(i % 3),
			.unit = WEEK };
		const double *w = who[i / 3 % 5];
		double alive, orders;

		for (int k = 0, at = i / 15; k < 4; k++, at /= FAR)
			fit.p[k] = far[at % FAR];
		alive = clv_alive(&fit, w[0], w[1], w[2]);
		orders = clv_expected(&fit, w[0], w[1], w[2], 52);
		ck_assert_msg(
		    alive >= 0 && alive <= 1 && orders >= 0 && isfinite(orders),
		    "family %d, %g %g %g %g, x %g: %g %g", i % 3, fit.p[0],
		    fit.p[1], fit.p[2], fit.p[3], w[0], alive, orders);
	}
}
END_TEST

START_TEST(a_horizon_of_one_month_is_spend_times_purchases)
{
	struct clv_terms terms = { .months = 1, .month = 4.345, .margin = 1 };
	double e = clv_expected(&mbg, 2, 30.43, 38.86, 4.345);

	close_to(clv_value(&mbg, &terms, 2, 30.43, 38.86, 10), 10 * e, 1e-12);
	terms.discount = 1;
	close_to(clv_value(&mbg, &terms, 2, 30.43, 38.86, 10), 5 * e, 1e-12);
	terms.margin = .35;
	close_to(clv_value(&mbg, &terms, 2, 30.43, 38.86, 10), 1.75 * e, 1e-12);
}
END_TEST

/* A made-up shop: buyers by a fixed rule, the same each time. */
static size_t
make_shop(struct clv_row *rows, size_t n)
{
	uint32_t h = 12345;

	for (size_t i = 0; i < n; i++) {
		struct clv_row *r = &rows[i];

		h = h * 1103515245 + 12345;
		r->age = 100 + (h >> 16) % 300;
		r->x = (h >> 8) % 7 < 4 ? 0 : (h >> 20) % 6;
		r->recency = r->x ? 1 + (h >> 12) % r->age : 0;
		if (r->recency > r->age)
			r->recency = r->age;
		r->n = 1;
	}
	return n;
}

enum { SHOP = 500 };

START_TEST(order_unit_and_doubles_change_nothing_but_what_they_must)
{
	static struct clv_row a[SHOP], b[2 * SHOP];
	struct err err = ERR_INIT;
	struct clv_fit one, two, days;
	size_t n, m;
	double repeats = 0;

	for (int family = CLV_MBG; family <= CLV_PARETO; family++) {
		enum clv_family f = (enum clv_family)family;

		n = make_shop(a, SHOP);
		for (size_t i = 0; i < n; i++)
			b[i] = a[n - 1 - i];
		repeats = 0;
		for (size_t i = 0; i < n; i++)
			repeats += a[i].x;
		n = clv_merge(a, n);
		m = clv_merge(b, SHOP);
		ck_assert_uint_eq(n, m);
		ck_assert_mem_eq(a, b, n * sizeof(*a));
		ck_assert_int_eq(clv_fit(f, 7, a, n, &one, &err), 0);
		ck_assert_int_eq(clv_fit(f, 1, a, n, &days, &err), 0);
		close_to(days.p[0], one.p[0], 1e-9);
		close_to(days.p[1], one.p[1] * 7, 1e-9);
		ck_assert_double_eq_tol(
		    days.ll, one.ll - repeats * log(7), 1e-6);
		for (size_t i = 0; i < n; i++)
			a[i].n *= 2;
		ck_assert_int_eq(clv_fit(f, 7, a, n, &two, &err), 0);
		close_to(two.ll, 2 * one.ll, 1e-9);
		for (int k = 0; k < 4; k++)
			close_to(two.p[k], one.p[k], 1e-5);
	}
}
END_TEST

START_TEST(a_shop_that_nobody_leaves_ends_on_the_boundary)
{
	struct clv_row rows[] = { { 9, 270, 280, 40 }, { 8, 274, 280, 30 },
		{ 10, 276, 280, 30 } };
	struct err err = ERR_INIT;
	struct clv_fit fit;
	double p;

	for (int family = CLV_MBG; family <= CLV_PARETO; family++) {
		ck_assert_int_eq(
		    clv_fit((enum clv_family)family, 7, rows, 3, &fit, &err),
		    0);
		ck_assert(fit.boundary);
		p = clv_alive(&fit, 9, 270 / 7.0, 40);
		ck_assert(p >= 0 && p <= 1);
		ck_assert(isfinite(clv_expected(&fit, 9, 270 / 7.0, 40, 52)));
	}
}
END_TEST

START_TEST(without_a_repeat_there_is_nothing_to_fit)
{
	struct clv_row rows[] = { { 0, 0, 280, 40 } };
	struct err err = ERR_INIT;
	struct clv_fit fit;
	struct spend_fit spend;

	ck_assert_int_eq(clv_fit(CLV_MBG, 7, rows, 1, &fit, &err), -1);
	ck_assert_int_eq(err.status, STATUS_DATA);
	ck_assert_str_eq(
	    err.msg, "nobody bought twice: there is nothing to fit");
	err_clear(&err);
	ck_assert_int_eq(clv_fit(CLV_MBG, 7, rows, 0, &fit, &err), -1);
	ck_assert_str_eq(err.msg, "no purchases: there is nothing to fit");
	err_clear(&err);
	ck_assert_int_eq(spend_fit(NULL, 0, &spend, &err), -1);
	ck_assert_str_eq(
	    err.msg, "nobody bought twice for money: there is no spend to fit");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("clv");
	TCase *tc = tcase_create("clv");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, cdnow_gives_the_published_parameters);
	tcase_add_test(tc, cdnow_gives_the_published_spend);
	tcase_add_test(tc, cdnow_sums_are_the_published_ones);
	tcase_add_test(tc, one_customer_at_fixed_parameters);
	tcase_add_test(tc, spend_of_one_customer_at_fixed_parameters);
	tcase_add_test(tc, extremes_stay_numbers);
	tcase_add_test(tc, at_the_boundary_purchases_are_numbers_too);
	tcase_add_test(tc, any_parameters_give_numbers);
	tcase_add_test(tc, a_horizon_of_one_month_is_spend_times_purchases);
	tcase_add_test(
	    tc, order_unit_and_doubles_change_nothing_but_what_they_must);
	tcase_add_test(tc, a_shop_that_nobody_leaves_ends_on_the_boundary);
	tcase_add_test(tc, without_a_repeat_there_is_nothing_to_fit);
	suite_add_tcase(s, tc);
	return s;
}
