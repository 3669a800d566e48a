/* SPDX-License-Identifier: MIT */
#include "base/decimal.h"

#include <string.h>

#include "main.h"

static const char *
text_of(struct decimal d)
{
	static char out[DECIMAL_TEXT + 1];

	out[decimal_format(d, out)] = '\0';
	return out;
}

START_TEST(plain_numbers_come_out_canonical)
{
	static const struct {
		const char *in, *out; /* out NULL: no number */
	} rows[] = {
		{ "0", "0" },
		{ "-0.00", "0" },
		{ "007", "7" },
		{ "+1.50", "1.5" },
		{ "-12.340", "-12.34" },
		{ "0.000000001", "0.000000001" },
		{ "-0.5", "-0.5" },
		{ "1.0000000000000000000000", "1" },
		{ "000000000000000000000001", "1" },
		{ "123456789.123456789", "123456789.123456789" },
		{ "999999999999999999", "999999999999999999" },
		{ "-999999999999999999", "-999999999999999999" },
		{ "999999999.999999999", "999999999.999999999" },
		{ "1200", "1200" },
		{ "", NULL },
		{ "-", NULL },
		{ ".5", NULL },
		{ "5.", NULL },
		{ "1e3", NULL },
		{ "1.2.3", NULL },
		{ " 1", NULL },
		{ "1 ", NULL },
		{ "--1", NULL },
		{ "0x1", NULL },
		{ "nan", NULL },
		{ "12a", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct decimal d = { 1, 1 };
		enum decimal_state st =
		    decimal_parse(str_of(rows[i].in), false, &d, NULL);

		if (rows[i].out == NULL) {
			ck_assert_msg(st == DECIMAL_NOT, "%s", rows[i].in);
			continue;
		}
		ck_assert_msg(st == DECIMAL_OK, "%s", rows[i].in);
		ck_assert_str_eq(text_of(d), rows[i].out);
		ck_assert(d.places == 0 || d.n % 10 != 0);
	}
}
END_TEST

START_TEST(too_many_digits_are_told_apart)
{
	static const char *const rows[] = { "1000000000000000000",
		"0.0000000001", "1234567890.123456789",
		"99999999999999999999999999" };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct decimal d;

		ck_assert_int_eq(
		    decimal_parse(str_of(rows[i]), false, &d, NULL),
		    DECIMAL_RANGE);
	}
}
END_TEST

START_TEST(grouping_and_commas_are_refused_with_the_right_spelling)
{
	static const struct {
		const char *in, *hint; /* hint NULL: no number */
	} rows[] = {
		{ "1.234,50", "1234.50" },
		{ "1234,5", "1234.5" },
		{ "-1234,5", "-1234.5" },
		{ "12,5", "12.5" },
		{ "1,234.50", "1234.50" },
		{ "1.234.567", "1234567" },
		{ "1,234,567", "1234567" },
		{ "1.234.567,89", "1234567.89" },
		{ "1 234,50", "1234.50" },
		{ "1\xc2\xa0"
		  "234,50",
		    "1234.50" },
		{ "1\xe2\x80\xaf"
		  "234,50",
		    "1234.50" },
		{ "1'234.50", "1234.50" },
		{ "999.999.999.999.999.999", "999999999999999999" },
		{ "1.999.999.999.999.999.999", NULL },
		{ "1.23.4", NULL },
		{ "12.34,5", NULL },
		{ "1,2,3", NULL },
		{ "1234.567,8", NULL },
		{ ",5", NULL },
		{ "5,", NULL },
		{ ",", NULL },
		{ "1..234", NULL },
		{ "1,234.50,00", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char hint[DECIMAL_TEXT];
		struct decimal d, back;
		enum decimal_state st =
		    decimal_parse(str_of(rows[i].in), false, &d, hint);

		if (rows[i].hint == NULL) {
			ck_assert_msg(st == DECIMAL_NOT, "%s", rows[i].in);
			ck_assert_str_eq(hint, "");
			continue;
		}
		ck_assert_msg(st == DECIMAL_COMMA, "%s", rows[i].in);
		ck_assert_str_eq(hint, rows[i].hint);
		ck_assert_int_eq(
		    decimal_parse(str_of(hint), false, &back, NULL),
		    DECIMAL_OK);
		ck_assert_int_eq(
		    decimal_parse(str_of(rows[i].in), false, &d, NULL),
		    DECIMAL_COMMA);
	}
}
END_TEST

START_TEST(comma_mode_reads_what_is_refused_else)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "1.234,50", "1234.5" },
		{ "1234,5", "1234.5" },
		{ "-0,25", "-0.25" },
		{ "1.234", "1234" },
		{ "1.234.567", "1234567" },
		{ "12", "12" },
		{ "0,000000001", "0.000000001" },
	};
	char hint[DECIMAL_TEXT];
	struct decimal d;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(
		    decimal_parse(str_of(rows[i].in), true, &d, NULL),
		    DECIMAL_OK);
		ck_assert_str_eq(text_of(d), rows[i].out);
	}
	ck_assert_int_eq(
	    decimal_parse(STR("1234.50"), true, &d, hint), DECIMAL_COMMA);
	ck_assert_str_eq(hint, "1234,50");
	ck_assert_int_eq(
	    decimal_parse(STR("1.23.4,5"), true, &d, hint), DECIMAL_NOT);
	ck_assert_int_eq(
	    decimal_parse(STR("0,0000000001"), true, &d, hint), DECIMAL_RANGE);
}
END_TEST

/* A fixed sequence of decimals of all sizes. */
static struct decimal
sample(uint64_t i)
{
	struct decimal d;

	d.n = (int64_t)((i * 0x9E3779B97F4A7C15u) >> (5 + i % 59));
	d.n %= 1000000000000000000;
	if (i & 1)
		d.n = -d.n;
	d.places = (unsigned)(i % 10);
	return d;
}

START_TEST(what_is_written_is_read)
{
	for (uint64_t i = 0; i < 3000; i++) {
		struct decimal d = sample(i), back;
		char out[DECIMAL_TEXT], again[DECIMAL_TEXT];
		size_t n = decimal_format(d, out);

		ck_assert_uint_le(n, DECIMAL_TEXT);
		ck_assert_int_eq(
		    decimal_parse(str_n(out, n), false, &back, NULL),
		    DECIMAL_OK);
		ck_assert_int_eq(decimal_cmp(d, back), 0);
		ck_assert_uint_eq(decimal_format(back, again), n);
		ck_assert_int_eq(memcmp(out, again, n), 0);
	}
}
END_TEST

START_TEST(sums_are_exact_and_order_follows_them)
{
	struct decimal sum, a, b;

	a = (struct decimal){ 1, 1 };
	b = (struct decimal){ 2, 1 };
	ck_assert(decimal_add(a, b, &sum));
	ck_assert_str_eq(text_of(sum), "0.3");
	b = (struct decimal){ -1, 1 };
	ck_assert(decimal_add(a, b, &sum));
	ck_assert_str_eq(text_of(sum), "0");
	a = (struct decimal){ 999999999999999999, 0 };
	b = (struct decimal){ 1, 0 };
	ck_assert(!decimal_add(a, b, &sum));
	b = (struct decimal){ 1, 9 };
	ck_assert(!decimal_add(a, b, &sum));
	for (uint64_t i = 0; i < 2000; i++) {
		struct decimal minus;

		a = sample(i);
		b = sample(i + 7);
		minus = b;
		minus.n = -minus.n;
		if (decimal_add(a, minus, &sum)) {
			int sign = sum.n < 0 ? -1 : sum.n > 0;

			ck_assert_int_eq(decimal_cmp(a, b), sign);
		}
		ck_assert_int_eq(decimal_cmp(a, b), -decimal_cmp(b, a));
	}
	a = (struct decimal){ 15, 1 };
	b = (struct decimal){ 150, 2 };
	ck_assert_int_eq(decimal_cmp(a, b), 0);
	a = (struct decimal){ -1, 9 };
	b = (struct decimal){ 0, 0 };
	ck_assert_int_eq(decimal_cmp(a, b), -1);
}
END_TEST

START_TEST(currencies_have_their_places)
{
	static const struct {
		const char *code;
		int places;
	} rows[] = {
		{ "EUR", 2 },
		{ "USD", 2 },
		{ "JPY", 0 },
		{ "KRW", 0 },
		{ "ISK", 0 },
		{ "UYI", 0 },
		{ "KWD", 3 },
		{ "TND", 3 },
		{ "CLF", 4 },
		{ "UYW", 4 },
		{ "MRU", 2 },
		{ "MGA", 2 },
		{ "CLP", 0 },
		{ "AED", 2 },
		{ "ZWG", 2 },
		{ "XXX", -1 },
		{ "eur", -1 },
		{ "EU", -1 },
		{ "EURO", -1 },
		{ "", -1 },
		{ "AAA", -1 },
		{ "ZZZ", -1 },
	};
	const char *const *all = money_currencies();
	size_t n = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(
		    money_places(str_of(rows[i].code)) == rows[i].places, "%s",
		    rows[i].code);
	for (; all[n] != NULL; n++) {
		ck_assert_int_ge(money_places(str_of(all[n])), 0);
		if (n > 0)
			ck_assert_int_lt(strcmp(all[n - 1], all[n]), 0);
	}
	ck_assert_uint_gt(n, 150);
}
END_TEST

static const char *
money_text(int64_t minor, int places)
{
	static char out[DECIMAL_TEXT + 1];

	out[money_format(minor, places, out)] = '\0';
	return out;
}

START_TEST(money_has_all_its_decimals_and_no_more)
{
	int64_t minor;

	ck_assert(money_from((struct decimal){ 12345, 1 }, 2, &minor));
	ck_assert_int_eq(minor, 123450);
	ck_assert_str_eq(money_text(minor, 2), "1234.50");
	ck_assert_str_eq(money_text(1234, 0), "1234");
	ck_assert_str_eq(money_text(-5, 2), "-0.05");
	ck_assert_str_eq(money_text(0, 3), "0.000");
	ck_assert_str_eq(money_text(0, 0), "0");
	ck_assert_str_eq(money_text(INT64_MIN, 2), "-92233720368547758.08");
	ck_assert_str_eq(money_text(INT64_MIN, 4), "-922337203685477.5808");
	ck_assert(!money_from((struct decimal){ 12345, 3 }, 2, &minor));
	ck_assert(!money_from((struct decimal){ 15, 1 }, 0, &minor));
	/* surplus zeros are no decimals */
	ck_assert(money_from((struct decimal){ 150, 2 }, 1, &minor));
	ck_assert_int_eq(minor, 15);
	ck_assert(
	    !money_from((struct decimal){ 999999999999999999, 0 }, 2, &minor));
	ck_assert(!money_from((struct decimal){ 1, 0 }, -1, &minor));
	ck_assert_int_eq(money_scale4(123450, 2), 12345000);
	ck_assert_int_eq(money_scale4(7, 0), 70000);
	ck_assert_int_eq(money_scale4(7, 4), 7);
	ck_assert(money_scale4(INT64_MAX, 2) == INT64_MAX);
	ck_assert(money_scale4(INT64_MIN, 0) == INT64_MIN);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("decimal");
	TCase *t = tcase_create("decimal");

	tcase_add_test(t, plain_numbers_come_out_canonical);
	tcase_add_test(t, too_many_digits_are_told_apart);
	tcase_add_test(
	    t, grouping_and_commas_are_refused_with_the_right_spelling);
	tcase_add_test(t, comma_mode_reads_what_is_refused_else);
	tcase_add_test(t, what_is_written_is_read);
	tcase_add_test(t, sums_are_exact_and_order_follows_them);
	suite_add_tcase(s, t);
	t = tcase_create("money");
	tcase_add_test(t, currencies_have_their_places);
	tcase_add_test(t, money_has_all_its_decimals_and_no_more);
	suite_add_tcase(s, t);
	return s;
}
