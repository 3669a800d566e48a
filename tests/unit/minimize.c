/* SPDX-License-Identifier: MIT */
#include "score/minimize.h"

#include <math.h>

#include "main.h"
#include "score/special.h"

static const struct minimize_opts opts = {
	.bound = 20,
	.gradient = 1e-9,
	.change = 1e-15,
	.evaluations = 200,
};

/* Rosenbrock's valley: its least value is 0 at (1, 1). */
static double
valley(void *arg, const double *x, double *g)
{
	double a = 1 - x[0], b = x[1] - x[0] * x[0];

	(void)arg;
	g[0] = -2 * a - 400 * x[0] * b;
	g[1] = 200 * b;
	return a * a + 100 * b * b;
}

START_TEST(a_curved_valley_is_followed_to_its_end)
{
	struct minimum min = { .x = { -1.2, 1 } };

	minimize(valley, NULL, 2, &opts, &min);
	ck_assert_double_eq_tol(min.x[0], 1, 1e-6);
	ck_assert_double_eq_tol(min.x[1], 1, 1e-6);
	ck_assert(min.converged);
	ck_assert_uint_lt(min.evaluations, 80);
}
END_TEST

static double
slope(void *arg, const double *x, double *g)
{
	(void)arg;
	g[0] = -1;
	g[1] = 2 * (x[1] - 3);
	return -x[0] + (x[1] - 3) * (x[1] - 3);
}

START_TEST(what_has_no_end_stops_at_the_box)
{
	struct minimum min = { .x = { 0, 0 } };

	minimize(slope, NULL, 2, &opts, &min);
	ck_assert_double_eq(min.x[0], 20);
	ck_assert_double_eq_tol(min.x[1], 3, 1e-6);
	ck_assert(min.converged);
}
END_TEST

START_TEST(the_number_of_evaluations_is_kept_to)
{
	struct minimize_opts few = opts;
	struct minimum min = { .x = { -1.2, 1 } };

	few.evaluations = 5;
	minimize(valley, NULL, 2, &few, &min);
	ck_assert_uint_eq(min.evaluations, 5);
	ck_assert(!min.converged);
}
END_TEST

/* Not a number outside of x > 0, as a logarithm would be. */
static double
half(void *arg, const double *x, double *g)
{
	(void)arg;
	g[0] = 1 - 1 / x[0];
	return x[0] - log(x[0]);
}

START_TEST(a_step_out_of_the_domain_is_halved)
{
	struct minimum min = { .x = { 0.01 } };

	minimize(half, NULL, 1, &opts, &min);
	ck_assert_double_eq_tol(min.x[0], 1, 1e-6);
}
END_TEST

/* (x^2 + 2 y^2 + 2 x y) / 2: second derivatives 1 1 / 1 2. */
static double
bowl(void *arg, const double *x, double *g)
{
	(void)arg;
	g[0] = x[0] + x[1];
	g[1] = x[0] + 2 * x[1];
	return (x[0] * x[0] + 2 * x[1] * x[1]) / 2 + x[0] * x[1];
}

START_TEST(the_covariance_is_the_inverse_of_the_curvature)
{
	static const double want[] = { 2, -1, -1, 1 };
	double at[] = { 0, 0 }, got[4];

	ck_assert(minimize_covariance(bowl, NULL, 2, at, got));
	for (int i = 0; i < 4; i++)
		ck_assert_double_eq_tol(got[i], want[i], 1e-9);
	ck_assert(!minimize_covariance(slope, NULL, 2, at, got));
}
END_TEST

START_TEST(special_functions_give_their_known_values)
{
	struct sum s = { 0, 0 };

	ck_assert_double_eq_tol(digamma(1), -0.57721566490153286, 1e-14);
	ck_assert_double_eq_tol(digamma(0.5), -1.96351002602142348, 1e-13);
	ck_assert_double_eq_tol(digamma(100), 4.60016185273808740, 1e-14);
	ck_assert_double_eq_tol(log_beta(2, 3), log(1.0 / 12), 1e-14);
	/* -ln(1 - z) / z, and the geometric series. */
	ck_assert_double_eq_tol(hyp2f1(1, 1, 2, 0.5), 2 * log(2), 1e-14);
	ck_assert_double_eq_tol(hyp2f1(1, 3, 3, 0.99), 100, 1e-9);
	ck_assert_double_eq(hyp2f1(2, 3, 4, 0), 1);
	for (double z = 0; z < .95; z += .1) {
		double want = hyp2f1(1, 2.5, 7.25, z);

		ck_assert_double_eq_tol(
		    hyp2f1_one(2.5, 7.25, z), want, 1e-13 * want);
	}
	/* 2F1(1, 1; 2; z) = -ln(1 - z) / z, where the series gives up. */
	ck_assert_double_eq_tol(
	    hyp2f1_one(1, 2, 1 - 1e-8), -log(1e-8) / (1 - 1e-8), 1e-6);
	ck_assert_double_eq_tol(log_add(-1000, -1000), -1000 + log(2), 1e-12);
	ck_assert_double_eq(log_add(-INFINITY, 3), 3);
	ck_assert_double_eq(log_add(3, -INFINITY), 3);
	ck_assert(isinf(log_add(-INFINITY, -INFINITY)));
	sum_add(&s, 1e100);
	sum_add(&s, 1);
	sum_add(&s, -1e100);
	ck_assert_double_eq(sum_value(&s), 1);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("minimize");
	TCase *tc = tcase_create("minimize");

	tcase_add_test(tc, a_curved_valley_is_followed_to_its_end);
	tcase_add_test(tc, what_has_no_end_stops_at_the_box);
	tcase_add_test(tc, the_number_of_evaluations_is_kept_to);
	tcase_add_test(tc, a_step_out_of_the_domain_is_halved);
	tcase_add_test(tc, the_covariance_is_the_inverse_of_the_curvature);
	tcase_add_test(tc, special_functions_give_their_known_values);
	suite_add_tcase(s, tc);
	return s;
}
