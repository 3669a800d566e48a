/* SPDX-License-Identifier: MIT */
#include "crm/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "main.h"

static const char *
text_of(double v)
{
	static char out[DECIMAL_TEXT + 1];

	out[figure_format(v, out)] = '\0';
	return out;
}

START_TEST(a_figure_has_ten_digits_and_nine_places_at_most)
{
	ck_assert_str_eq(text_of(0), "0");
	ck_assert_str_eq(text_of(1), "1");
	ck_assert_str_eq(text_of(.5), "0.5");
	ck_assert_str_eq(text_of(1 / 3.0), "0.333333333");
	ck_assert_str_eq(text_of(2 / 3e4), "0.000066667");
	ck_assert_str_eq(text_of(20 / 3.0), "6.666666667");
	ck_assert_str_eq(text_of(200 / 3.0), "66.66666667");
	ck_assert_str_eq(text_of(36.27397778), "36.27397778");
	ck_assert_str_eq(text_of(9999999999.4), "9999999999");
	ck_assert_str_eq(text_of(12345678901.0), "12345678900");
	ck_assert_str_eq(text_of(123456789012345678.0), "123456789000000000");
	ck_assert_str_eq(text_of(1e-12), "0");
}
END_TEST

START_TEST(rounding_carries_into_a_new_digit)
{
	ck_assert_str_eq(text_of(9.99999999999), "10");
	ck_assert_str_eq(text_of(99999.999999999), "100000");
	ck_assert_str_eq(text_of(.9999999999), "1");
	ck_assert_str_eq(text_of(99999999999.0), "100000000000");
}
END_TEST

START_TEST(a_negative_figure_keeps_its_sign_and_zero_has_none)
{
	ck_assert_str_eq(text_of(-2.25), "-2.25");
	ck_assert_str_eq(text_of(-20 / 3.0), "-6.666666667");
	ck_assert_str_eq(text_of(-0.0), "0");
	ck_assert_str_eq(text_of(-1e-12), "0");
}
END_TEST

START_TEST(what_no_decimal_can_say_gives_no_label)
{
	static const double none[] = { NAN, INFINITY, -INFINITY, 1e18, 2e300,
		999999999999999999.0 };
	struct arena a = ARENA_INIT;
	struct rec rec = REC_INIT;
	struct buf b = BUF_INIT;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		ck_assert_uint_eq(strlen(text_of(none[i])), 0);
		ck_assert(!figure_add(&rec, &a, STR("clv"), none[i]));
	}
	ck_assert_uint_eq(rec.n, 0);
	figure_put(&b, NAN);
	figure_put(&b, 2);
	ck_assert_str_eq(b.p, "-2");
	buf_release(&b);
	arena_release(&a);
}
END_TEST

START_TEST(a_figure_reads_back_within_half_of_its_last_digit)
{
	double v = 1.2345678901e-7;

	for (int i = 0; i < 60; i++, v *= 2.718281828) {
		const char *text = text_of(v);
		double back;

		if (v >= 9e17)
			break;
		ck_assert_int_eq(sscanf(text, "%lf", &back), 1);
		ck_assert_ptr_null(strchr(text, 'e'));
		ck_assert_double_le(fabs(back - v), fmax(5.1e-10, v * 5.1e-10));
	}
}
END_TEST

START_TEST(a_line_begins_with_who_by_what_and_how_much_was_seen)
{
	static const char *const want[][2] = { { "id", "ana" },
		{ "model", "clv" }, { "family", "mbg" },
		{ "until", "1997-09-30" }, { "orders", "3" },
		{ "first_order", "1997-01-01" }, { "last_order", "1997-08-02" },
		{ "silent_days", "59" }, { "clv_past", "73.99" } };
	struct model model = { .name = "clv", .type = MODEL_CLV };
	struct scoring_opts opts = { .model = &model, .until = 10134 };
	struct customer c = { .name = STR_INIT("ana"),
		.first = 9862,
		.last = 10075,
		.days = 3,
		.orders = 3 };
	struct arena a = ARENA_INIT;
	struct rec rec = REC_INIT;

	figure_head(&rec, &a, &opts, "mbg", &c);
	figure_add_money(&rec, &a, STR("clv_past"), 7399, 2);
	ck_assert_uint_eq(rec.n, sizeof(want) / sizeof(want[0]));
	for (size_t i = 0; i < rec.n; i++) {
		ck_assert(str_eqz(rec.v[i].label, want[i][0]));
		ck_assert_msg(str_eqz(rec.v[i].value, want[i][1]), "%s: %.*s",
		    want[i][0], STR_ARG(rec.v[i].value));
	}
	rec_clear(&rec);
	figure_head(&rec, &a, &opts, NULL, &c);
	ck_assert_ptr_null(rec_get(&rec, STR("family")).p);
	arena_release(&a);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("figure");
	TCase *tc = tcase_create("figure");

	tcase_add_test(tc, a_figure_has_ten_digits_and_nine_places_at_most);
	tcase_add_test(tc, rounding_carries_into_a_new_digit);
	tcase_add_test(tc, a_negative_figure_keeps_its_sign_and_zero_has_none);
	tcase_add_test(tc, what_no_decimal_can_say_gives_no_label);
	tcase_add_test(tc, a_figure_reads_back_within_half_of_its_last_digit);
	tcase_add_test(
	    tc, a_line_begins_with_who_by_what_and_how_much_was_seen);
	suite_add_tcase(s, tc);
	return s;
}
