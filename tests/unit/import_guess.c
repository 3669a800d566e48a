/* SPDX-License-Identifier: MIT */
#include "main.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "crm/import_guess.h"

static struct arena a = ARENA_INIT;

/* What a cell is in a column of dates, or the message. */
static const char *
date_in(const struct guess *g, const char *cell)
{
	struct err err = ERR_INIT;
	struct str out;

	if (guess_date(g, str_of(cell), zone_get("Europe/Madrid"), &a, &out,
		&err) < 0) {
		ck_assert_int_eq(err.status, STATUS_DATA);
		return arena_dup(&a, err.msg);
	}
	return arena_str(&a, out).p;
}

static const char *
date_of(const char *cell)
{
	struct guess g = { .dates_told = false };

	return date_in(&g, cell);
}

/* Sees the cells (NULL ends them) as lines 2, 3, ...; the message of settling,
 * the note, or "". */
static const char *
settle_dates(struct guess *g, const char *const *cell)
{
	struct err err = ERR_INIT;
	struct buf note = BUF_INIT;
	const char *said = "";
	size_t i;

	for (i = 0; cell[i] != NULL; i++)
		guess_see_date(g, str_of(cell[i]), i + 2);
	if (guess_settle_dates(g, "Date", &note, &err) < 0)
		said = arena_dup(&a, err.msg);
	else if (note.n != 0)
		said = arena_dup(&a, note.p);
	buf_release(&note);
	return said;
}

#define SETTLE_DATES(g, ...)                                                   \
	settle_dates(g, (const char *const[]){ __VA_ARGS__, NULL })

START_TEST(iso_dates_are_read_always)
{
	ck_assert_str_eq(date_of("2025-03-09"), "2025-03-09");
	ck_assert_str_eq(date_of(" 2025/3/9 "), "2025-03-09");
	ck_assert_str_eq(date_of("2025.03.09"), "2025-03-09");
	ck_assert_str_eq(date_of("20250309"), "2025-03-09");
	ck_assert_str_eq(
	    date_of("2025-03-09T10:00:00Z"), "2025-03-09T10:00:00Z");
	ck_assert_str_eq(
	    date_of("2026-05-01 09:58:12 +0200"), "2026-05-01T07:58:12Z");
	ck_assert_str_eq(date_of("2026-05-01T09:58:12.123456+02:00"),
	    "2026-05-01T07:58:12Z");
	ck_assert_str_eq(
	    date_of("2026-05-01 09:58:12 UTC"), "2026-05-01T09:58:12Z");
}
END_TEST

START_TEST(times_without_zone_are_local)
{
	ck_assert_str_eq(date_of("2024-03-12 09:14"), "2024-03-12T08:14:00Z");
	ck_assert_str_eq(
	    date_of("2024-07-12 12:14 AM"), "2024-07-11T22:14:00Z");
	ck_assert_str_eq(date_of("3/15/2024 2:30 PM"), "2024-03-15T13:30:00Z");
	ck_assert_str_eq(
	    date_of("3/15/2024, 2:30\xE2\x80\xAFp.m."), "2024-03-15T13:30:00Z");
	ck_assert_str_eq(date_of("2024-03-31 02:30"),
	    "got '2024-03-31 02:30', wanted a time that local clocks show; "
	    "here they are put forward");
	ck_assert_str_eq(
	    date_of("2016-12-31T23:59:60Z"), "2016-12-31T23:59:59Z");
}
END_TEST

START_TEST(months_with_a_name_have_one_reading)
{
	ck_assert_str_eq(date_of("12 Mar 2025"), "2025-03-12");
	ck_assert_str_eq(date_of("1 September 2025"), "2025-09-01");
	ck_assert_str_eq(date_of("12-Mar-25"), "2025-03-12");
	ck_assert_str_eq(date_of("12/MAR/1969"), "1969-03-12");
	ck_assert_str_eq(date_of("Mar 12, 2025"), "2025-03-12");
	ck_assert_str_eq(date_of("Wednesday, March 12, 2025"), "2025-03-12");
	ck_assert_str_eq(
	    date_of("Wed, 12 Mar 2025 10:00:00 +0100"), "2025-03-12T09:00:00Z");
	ck_assert_str_eq(date_of("31 Feb 2025"),
	    "got '31 Feb 2025', wanted a date such as 2025-03-09");
}
END_TEST

START_TEST(years_of_two_digits_turn_at_69)
{
	struct guess g = { .dates = DATES_DMY };

	ck_assert_str_eq(date_in(&g, "31/12/68"), "2068-12-31");
	ck_assert_str_eq(date_in(&g, "31/12/69"), "1969-12-31");
	ck_assert_str_eq(date_in(&g, "31/12/00"), "2000-12-31");
}
END_TEST

START_TEST(birthdays_without_year_and_zeros_are_read)
{
	ck_assert_str_eq(date_of("--02-29"), "--02-29");
	ck_assert_str_eq(date_of("--0412"), "--04-12");
	ck_assert_str_eq(date_of("0/0/00"), "");
	ck_assert_str_eq(date_of("0000-00-00"), "");
	ck_assert_str_eq(date_of("00.00.0000"), "");
	ck_assert_str_eq(date_of("  "), "");
}
END_TEST

START_TEST(a_date_that_is_said_is_read_in_that_order)
{
	struct guess g = { .dates = DATES_DMY };

	ck_assert_str_eq(date_in(&g, "1/2/2026"), "2026-02-01");
	ck_assert_str_eq(date_in(&g, "31.12.2026"), "2026-12-31");
	ck_assert_str_eq(date_in(&g, "31. 12. 2026"), "2026-12-31");
	ck_assert_str_eq(date_in(&g, "2026-12-31"), "2026-12-31");
	ck_assert_str_eq(
	    date_in(&g, "12/31/2026"), "got '12/31/2026', wanted a date (dmy)");
	g.dates = DATES_MDY;
	ck_assert_str_eq(date_in(&g, "01-02-26"), "2026-01-02");
	g.dates = DATES_YMD;
	ck_assert_str_eq(date_in(&g, "01-02-26"), "2001-02-26");
	ck_assert_str_eq(SETTLE_DATES(&g, "1/2/2026"), "");
}
END_TEST

START_TEST(a_value_with_one_reading_settles_its_column)
{
	struct guess g = { .dates_told = false };

	ck_assert_str_eq(
	    SETTLE_DATES(&g, "1/2/2026", "2024-03-12", "3/15/2024 2:30 PM"),
	    "Date: dates are read as mdy, by '3/15/2024 2:30 PM' (line 4)");
	ck_assert(g.dates_told);
	ck_assert_str_eq(date_in(&g, "1/2/2026"), "2026-01-02");

	g = (struct guess){ .dates_told = false };
	ck_assert_str_eq(SETTLE_DATES(&g, "31.12.2026"), "");
	ck_assert_int_eq(g.dates, DATES_DMY);

	/* Both orders say the same day. */
	g = (struct guess){ .dates_told = false };
	ck_assert_str_eq(SETTLE_DATES(&g, "3/3/2024"), "");
	ck_assert_str_eq(date_in(&g, "3/3/2024"), "2024-03-03");

	/* Two that leave out one order each. */
	g = (struct guess){ .dates_told = false };
	ck_assert_str_eq(SETTLE_DATES(&g, "13/01/26", "01/02/2026"),
	    "Date: dates are read as dmy, by '01/02/2026' (line 3)");
}
END_TEST

START_TEST(no_evidence_and_contradiction_are_refused_with_examples)
{
	struct guess g = { .dates_told = false };

	ck_assert_str_eq(SETTLE_DATES(&g, "1/2/2026", "1/2/2026", "3/4/2026"),
	    "Date: '1/2/2026' (line 2) and '3/4/2026' (line 4) have two "
	    "readings; --dates=dmy, mdy or ymd says which");
	ck_assert_str_eq(date_in(&g, "1/2/2026"),
	    "got '1/2/2026', wanted a date with one reading; "
	    "--dates=dmy, mdy or ymd says which");
	g = (struct guess){ .dates_told = false };
	ck_assert_str_eq(SETTLE_DATES(&g, "01-02-26"),
	    "Date: '01-02-26' (line 2) has two readings; "
	    "--dates=dmy, mdy or ymd says which");
	g = (struct guess){ .dates_told = false };
	ck_assert_str_eq(SETTLE_DATES(&g, "12/31/2026", "31/12/2026"),
	    "Date: '12/31/2026' (line 2) and '31/12/2026' (line 3) contradict "
	    "each other; --dates=dmy, mdy or ymd takes one order and refuses "
	    "the rest");
}
END_TEST

/* ---- numbers ---- */

static const char *
number_in(const struct guess *g, const char *cell)
{
	struct err err = ERR_INIT;
	struct str out;

	if (guess_number(g, str_of(cell), &a, &out, &err) < 0)
		return arena_dup(&a, err.msg);
	return arena_str(&a, out).p;
}

static const char *
number_of(const char *cell)
{
	struct guess g = { .dates_told = false };

	return number_in(&g, cell);
}

START_TEST(numbers_with_one_reading_are_read)
{
	static const char *const pairs[] = { "1.234,50", "1234.50", "1,234.50",
		"1234.50", "12,5", "12.5", "12.5", "12.5", "1234", "1234",
		"1.234.567", "1234567", "1,234,567", "1234567", "1 234,50",
		"1234.50",
		"1\xC2\xA0"
		"234,5",
		"1234.5", "1'234.50", "1234.50",
		"1\xE2\x80\x99"
		"234.50",
		"1234.50", "-12", "-12", "+12", "12", "(12.50)", "-12.50",
		"\xE2\x88\x92"
		"3,5",
		"-3.5", "12,50-", "-12.50", ".5", "0.5", "0,125", "0.125",
		"1234,567", "1234.567", "1 234,567", "1234.567", "", "", "007",
		"007", "1 234", "1234" };
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i += 2)
		ck_assert_str_eq(number_of(pairs[i]), pairs[i + 1]);
}
END_TEST

START_TEST(what_is_no_number_is_refused)
{
	static const char *const no[] = { "abc", "1.2.3", "1,23,4", "1.234.56",
		"12,", "--1", "1e5", "12%", "1.234,50,1", "\xC2\xA0-", "1 23" };
	struct buf want = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		buf_clear(&want);
		buf_addf(&want, "got '%s', wanted a number", no[i]);
		ck_assert_str_eq(number_of(no[i]), want.p);
	}
	buf_release(&want);
}
END_TEST

static const char *
settle_numbers(struct guess *g, const char *const *cell)
{
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; cell[i] != NULL; i++)
		guess_see_number(g, str_of(cell[i]), i + 2);
	if (guess_settle_numbers(g, "Total", &err) < 0)
		return arena_dup(&a, err.msg);
	return "";
}

#define SETTLE_NUMBERS(g, ...)                                                 \
	settle_numbers(g, (const char *const[]){ __VA_ARGS__, NULL })

START_TEST(a_separator_before_three_digits_needs_a_column_that_settles_it)
{
	struct guess g = { .dates_told = false };

	ck_assert_str_eq(number_of("1,234"),
	    "got '1,234', wanted a number with one reading; "
	    "--decimal=comma or --decimal=point says which");
	ck_assert_str_eq(SETTLE_NUMBERS(&g, "1,234", "12", "5.678"),
	    "Total: '1,234' (line 2) and '5.678' (line 4) have two readings; "
	    "--decimal=comma or --decimal=point says which");

	g = (struct guess){ .dates_told = false };
	ck_assert_str_eq(SETTLE_NUMBERS(&g, "1,234", "12,5"), "");
	ck_assert(g.decimal_told);
	ck_assert_str_eq(number_in(&g, "1,234"), "1.234");
	ck_assert_str_eq(number_in(&g, "1.234"), "1234");
	ck_assert_str_eq(number_in(&g, "12.5"),
	    "got '12.5', wanted a number with ',' before its decimals");

	g = (struct guess){ .dates_told = false };
	ck_assert_str_eq(SETTLE_NUMBERS(&g,
			     "\xE2\x82\xAC"
			     "1,234",
			     "$1,234.50"),
	    "");
	ck_assert_str_eq(number_in(&g, "1,234"), "1234");

	g = (struct guess){ .dates_told = false };
	ck_assert_str_eq(SETTLE_NUMBERS(&g, "1,234", "12,5", "12.5"),
	    "Total: '12,5' (line 3) and '12.5' (line 4) contradict each "
	    "other; --decimal=comma or --decimal=point takes one and refuses "
	    "the rest");
	g = (struct guess){ .dates_told = false };
	ck_assert_str_eq(SETTLE_NUMBERS(&g, "12,5", "12.5"), "");
	ck_assert_str_eq(number_in(&g, "12,5"), "12.5");

	g = (struct guess){ .decimal = SIGN_POINT };
	ck_assert_str_eq(SETTLE_NUMBERS(&g, "1,234"), "");
	ck_assert_str_eq(number_in(&g, "1,234"), "1234");
}
END_TEST

/* ---- money ---- */

static const char *
money_of(const char *cell, const char *said)
{
	struct guess g = { .decimal = SIGN_COMMA };
	struct err err = ERR_INIT;
	struct str amount, currency;

	if (guess_money(&g, str_of(cell), said, &a, &amount, &currency, &err) <
	    0)
		return arena_dup(&a, err.msg);
	return arena_printf(&a, "%.*s %.*s", STR_ARG(amount), STR_ARG(currency))
	    .p;
}

START_TEST(money_names_its_currency_by_a_sign_or_letters)
{
	ck_assert_str_eq(money_of("\xE2\x82\xAC"
				  "121,00",
			     NULL),
	    "121.00 EUR");
	ck_assert_str_eq(
	    money_of("1.234,50 \xE2\x82\xAC", NULL), "1234.50 EUR");
	ck_assert_str_eq(money_of("-\xC2\xA3"
				  "3",
			     NULL),
	    "-3 GBP");
	ck_assert_str_eq(money_of("\xC2\xA3-3", NULL), "-3 GBP");
	ck_assert_str_eq(money_of("12,5 usd", NULL), "12.5 USD");
	ck_assert_str_eq(money_of("SEK\xC2\xA0"
				  "100",
			     NULL),
	    "100 SEK");
	ck_assert_str_eq(money_of("$12,00 CAD", NULL), "12.00 CAD");
	ck_assert_str_eq(money_of("12,5", NULL), "12.5 ");
	ck_assert_str_eq(money_of("", NULL), " ");
	ck_assert_str_eq(money_of("$5", "MXN"), "5 MXN");
	ck_assert_str_eq(money_of("kr. 100", "DKK"), "100 DKK");
	ck_assert_str_eq(money_of("$5", NULL),
	    "got '$5', wanted a currency with one meaning; --currency=CODE "
	    "names it");
	ck_assert_str_eq(
	    money_of("5 XQZ", NULL), "got '5 XQZ', wanted an amount");
	ck_assert_str_eq(money_of("\xE2\x82\xAC"
				  "5 USD",
			     NULL),
	    "got '\xE2\x82\xAC"
	    "5 USD', wanted an amount");
}
END_TEST

START_TEST(countries_go_by_codes_and_names)
{
	static const char *const pairs[] = { "es", "ES", "ESP", "ES", "Spain",
		"ES", "USA", "US", "uk", "GB", "United Kingdom", "GB",
		" France ", "FR", "Narnia", "", "", "" };
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i += 2) {
		struct str got = guess_country(str_of(pairs[i]));

		ck_assert_msg(str_eqz(got, pairs[i + 1]), "%s", pairs[i]);
	}
}
END_TEST

/* ---- anything ---- */

START_TEST(random_cells_are_read_or_refused)
{
	static const char alphabet[] =
	    "0123456789 .,-/:+TZapmMar\xC2\xA0\xE2'$";
	uint32_t x = 12345;
	char cell[24];
	int i;

	for (i = 0; i < 200000; i++) {
		struct guess g = { .dates = (enum date_order)(i % 4),
			.decimal = (enum decimal_sign)(i / 4 % 3) };
		struct err err = ERR_INIT;
		struct str out, code, s = { cell, 0 };
		size_t n;

		x = x * 1664525 + 1013904223;
		n = x >> 16 & 15;
		for (s.n = 0; s.n < n; s.n++) {
			x = x * 1664525 + 1013904223;
			cell[s.n] =
			    alphabet[(x >> 16) % (sizeof(alphabet) - 1)];
		}
		guess_see_date(&g, s, 2);
		guess_see_number(&g, s, 2);
		if (guess_date(&g, s, NULL, &a, &out, &err) == 0) {
			int32_t day;
			int64_t ms;

			ck_assert(out.n == 0 || date_parse(out, true, &day) ||
				  datetime_parse_canon(out, &ms));
		}
		err_clear(&err);
		if (guess_number(&g, s, &a, &out, &err) == 0)
			ck_assert(utf8_ascii(out));
		err_clear(&err);
		(void)!guess_money(&g, s, "EUR", &a, &out, &code, &err);
		arena_clear(&a);
	}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("import_guess");
	TCase *t = tcase_create("dates");

	tcase_add_test(t, iso_dates_are_read_always);
	tcase_add_test(t, times_without_zone_are_local);
	tcase_add_test(t, months_with_a_name_have_one_reading);
	tcase_add_test(t, years_of_two_digits_turn_at_69);
	tcase_add_test(t, birthdays_without_year_and_zeros_are_read);
	tcase_add_test(t, a_date_that_is_said_is_read_in_that_order);
	tcase_add_test(t, a_value_with_one_reading_settles_its_column);
	tcase_add_test(
	    t, no_evidence_and_contradiction_are_refused_with_examples);
	suite_add_tcase(s, t);

	t = tcase_create("numbers");
	tcase_add_test(t, numbers_with_one_reading_are_read);
	tcase_add_test(t, what_is_no_number_is_refused);
	tcase_add_test(
	    t, a_separator_before_three_digits_needs_a_column_that_settles_it);
	tcase_add_test(t, money_names_its_currency_by_a_sign_or_letters);
	tcase_add_test(t, countries_go_by_codes_and_names);
	tcase_add_test(t, random_cells_are_read_or_refused);
	suite_add_tcase(s, t);
	return s;
}
