/* SPDX-License-Identifier: MIT */
#include "score/lead.h"

#include <math.h>

#include "main.h"
#include "score/churn.h"

static struct lead_rule
rule(double points)
{
	struct lead_rule r = {
		.points = points, .cap = LEAD_CAP, .limit = INFINITY
	};

	return r;
}

START_TEST(a_click_of_two_half_lives_ago_and_a_subscription_today)
{
	struct lead_rule click = rule(3), subscribe = rule(50);
	struct lead_day old = { 60, 1 }, today = { 0, 1 };

	click.half_life = subscribe.half_life = 30;
	ck_assert_double_eq(lead_points(&click, &old, 1), .75);
	ck_assert_double_eq(
	    lead_points(&click, &old, 1) + lead_points(&subscribe, &today, 1),
	    50.75);
	ck_assert_uint_eq(lead_next_change(&click, &old, 1), 1);
}
END_TEST

START_TEST(steps_lose_a_part_every_so_many_days)
{
	struct lead_rule r = rule(10);
	struct lead_day d = { 29, 1 };

	r.step_days = 30;
	r.step_loss = .2;
	ck_assert_double_eq(lead_points(&r, &d, 1), 10);
	ck_assert_uint_eq(lead_next_change(&r, &d, 1), 1);
	d.age = 30;
	ck_assert_double_eq(lead_points(&r, &d, 1), 8);
	ck_assert_uint_eq(lead_next_change(&r, &d, 1), 30);
	d.age = 65;
	ck_assert_double_eq_tol(lead_points(&r, &d, 1), 6.4, 1e-12);
}
END_TEST

START_TEST(cap_limit_once_and_window_bound_a_rule)
{
	struct lead_rule r = rule(1);
	struct lead_day d[] = { { 1, 100 }, { 5, 3 }, { 40, 50 } };

	ck_assert_double_eq(lead_points(&r, d, 3), 43);
	r.window = 40;
	ck_assert_double_eq(lead_points(&r, d, 3), 23);
	ck_assert_uint_eq(lead_next_change(&r, d, 3), 35);
	r.limit = 15;
	ck_assert_double_eq(lead_points(&r, d, 3), 15);
	r.once = true;
	ck_assert_double_eq(lead_points(&r, d, 3), 1);
	ck_assert_uint_eq(lead_next_change(&r, d, 3), 39);
	r = rule(-2);
	r.limit = 30;
	ck_assert_double_eq(lead_points(&r, d, 3), -30);
	ck_assert_uint_eq(lead_next_change(&r, d, 3), 0);
	r.points = 0;
	r.half_life = 1;
	ck_assert_uint_eq(lead_next_change(&r, d, 3), 0);
}
END_TEST

START_TEST(fit_becomes_a_grade)
{
	static const struct lead_grade g[] = { { "A", 80 }, { "B", 60 },
		{ "C", 40 }, { "D", 20 } };

	ck_assert_str_eq(lead_grade(g, 4, 500), "A");
	ck_assert_str_eq(lead_grade(g, 4, 80), "A");
	ck_assert_str_eq(lead_grade(g, 4, 79.9), "B");
	ck_assert_str_eq(lead_grade(g, 4, -5), "F");
}
END_TEST

START_TEST(churn_has_four_states)
{
	static const struct churn_levels l = { .5, .9 };

	ck_assert_int_eq(churn_by_model(&l, .99, 1, 20, 30), CHURN_NEW);
	ck_assert_int_eq(churn_by_model(&l, .49, 1, 30, 30), CHURN_ACTIVE);
	ck_assert_int_eq(churn_by_model(&l, .5, 2, 1, 30), CHURN_AT_RISK);
	ck_assert_int_eq(churn_by_model(&l, .9, 2, 1, 30), CHURN_LAPSED);
	ck_assert_double_eq(churn_gap(90, 4), 30);
	ck_assert_double_eq(churn_gap(0, 1), 0);
	ck_assert_int_eq(churn_by_gap(2, 30, 60, 0), CHURN_ACTIVE);
	ck_assert_int_eq(churn_by_gap(2, 30, 61, 0), CHURN_AT_RISK);
	ck_assert_int_eq(churn_by_gap(2, 30, 121, 0), CHURN_LAPSED);
	ck_assert_int_eq(churn_by_gap(2, 0, 10, 20), CHURN_NEW);
	ck_assert_int_eq(churn_by_gap(2, 0, 50, 20), CHURN_AT_RISK);
	ck_assert_int_eq(churn_by_window(90, 90), CHURN_ACTIVE);
	ck_assert_int_eq(churn_by_window(90, 91), CHURN_LAPSED);
	ck_assert_str_eq(churn_names[CHURN_AT_RISK], "at-risk");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("lead");
	TCase *tc = tcase_create("lead");

	tcase_add_test(
	    tc, a_click_of_two_half_lives_ago_and_a_subscription_today);
	tcase_add_test(tc, steps_lose_a_part_every_so_many_days);
	tcase_add_test(tc, cap_limit_once_and_window_bound_a_rule);
	tcase_add_test(tc, fit_becomes_a_grade);
	tcase_add_test(tc, churn_has_four_states);
	suite_add_tcase(s, tc);
	return s;
}
