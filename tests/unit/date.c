/* SPDX-License-Identifier: MIT */
#include "base/date.h"

#include <string.h>
#include <time.h>

#include "base/buf.h"

#include "main.h"

#define DAY_MS 86400000

enum { EVERY_SECONDS = 120 }; /* for tests of every day */

START_TEST(every_day_of_the_calendar_follows_the_one_before)
{
	int y = 0, m = 0, d = 0;
	int want_y = 1, want_m = 1, want_d = 1;
	int weekday = 1; /* 0001-01-01 was a Monday */
	char out[DATE_TEXT];
	int32_t back;

	for (int32_t day = DATE_MIN; day <= DATE_MAX; day++) {
		date_to_civil(day, &y, &m, &d);
		if (y != want_y || m != want_m || d != want_d ||
		    date_from_civil(y, m, d) != day || !date_valid(y, m, d) ||
		    date_weekday(day) != weekday)
			ck_abort_msg("%d-%d-%d", want_y, want_m, want_d);
		if (date_format(day, out) != DATE_TEXT ||
		    !date_parse(str_n(out, DATE_TEXT), false, &back) ||
		    back != day)
			ck_abort_msg("text of %d-%d-%d", y, m, d);
		weekday = weekday % 7 + 1;
		if (++want_d > date_month_days(want_y, want_m)) {
			want_d = 1;
			if (++want_m > 12) {
				want_m = 1;
				want_y++;
			}
		}
	}
	ck_assert_int_eq(want_y, 10000);
	ck_assert_int_eq(date_from_civil(1970, 1, 1), 0);
	ck_assert_int_eq(date_from_civil(2000, 3, 1), 11017);
}
END_TEST

START_TEST(weeks_are_those_of_iso_8601)
{
	static const int rows[][5] = {
		{ 2005, 1, 1, 2004, 53 },
		{ 2005, 1, 2, 2004, 53 },
		{ 2005, 12, 31, 2005, 52 },
		{ 2007, 1, 1, 2007, 1 },
		{ 2008, 12, 29, 2009, 1 },
		{ 2010, 1, 3, 2009, 53 },
		{ 2026, 3, 2, 2026, 10 },
		{ 2024, 12, 30, 2025, 1 },
		{ 1, 1, 1, 1, 1 },
		{ 9999, 12, 31, 9999, 52 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int year, week;

		date_iso_week(
		    date_from_civil(rows[i][0], rows[i][1], rows[i][2]), &year,
		    &week);
		ck_assert_int_eq(year, rows[i][3]);
		ck_assert_int_eq(week, rows[i][4]);
	}
}
END_TEST

START_TEST(dates_are_read_strictly)
{
	static const char *const bad[] = { "2025-02-29", "2025-13-01",
		"2025-00-01", "2025-01-00", "2025-04-31", "0000-01-01",
		"2025-1-01", "2025/01/01", "25-01-01", "2025-01-01 ",
		" 2025-01-01", "", "+025-01-01", "--02-29", "1900-02-29",
		"2025-01-0a" };
	int32_t day;
	char out[DATE_TEXT];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(
		    !date_parse(str_of(bad[i]), false, &day), "%s", bad[i]);
	ck_assert(date_parse(STR("2024-02-29"), false, &day));
	ck_assert(date_parse(STR("--02-29"), true, &day));
	ck_assert_uint_eq(date_format(day, out), 7);
	ck_assert_int_eq(memcmp(out, "--02-29", 7), 0);
	ck_assert(date_parse(STR("2025-03-09"), true, &day));
	ck_assert(!date_parse(STR("--02-30"), true, &day));
	ck_assert(!date_parse(STR("--3-09"), true, &day));
	ck_assert(!date_parse(STR("---3-09"), true, &day));
}
END_TEST

START_TEST(instants_are_written_and_read)
{
	static const char *const bad[] = { "2025-03-09T17:04:05",
		"2025-03-09T17:04:60Z", "2025-03-09T24:00:00Z",
		"2025-03-09t17:04:05Z", "2025-03-09T17:04:05z",
		"2025-02-29T17:04:05Z", "2025-03-09T17:60:05Z",
		"2025-03-09T-1:04:05Z", "2025-03-09T17:04:05ZZ" };
	char out[DATETIME_TEXT];
	int64_t ms;

	ck_assert(datetime_parse_canon(STR("2025-03-09T17:04:05Z"), &ms));
	ck_assert_int_eq(ms, 1741539845000);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(
		    !datetime_parse_canon(str_of(bad[i]), &ms), "%s", bad[i]);
	for (int64_t t = (int64_t)DATE_MIN * DAY_MS;
	     t < ((int64_t)DATE_MAX + 1) * DAY_MS; t += 98765432100 + 999) {
		int64_t back;

		ck_assert_uint_eq(datetime_format(t, out), DATETIME_TEXT);
		ck_assert(
		    datetime_parse_canon(str_n(out, DATETIME_TEXT), &back));
		/* to the second, downwards also before 1970 */
		ck_assert(back <= t && t - back < 1000);
	}
	datetime_format(-1, out);
	ck_assert_int_eq(memcmp(out, "1969-12-31T23:59:59Z", 20), 0);
	datetime_format(INT64_MIN, out);
	ck_assert_int_eq(memcmp(out, "0001-01-01T00:00:00Z", 20), 0);
	datetime_format(INT64_MAX, out);
	ck_assert_int_eq(memcmp(out, "9999-12-31T23:59:59Z", 20), 0);
}
END_TEST

static const struct zone *
zone(const char *name)
{
	const struct zone *z = zone_get(name);

	ck_assert_msg(z != NULL, "no zone %s: is tzdata there?", name);
	return z;
}

START_TEST(zones_are_those_of_the_database)
{
	static const char *const bad[] = { "../../../etc/passwd",
		"/usr/share/zoneinfo/Europe/Madrid", "Europe/../Europe/Madrid",
		"Europe/Madird", "Europe", "Europe/", "/Europe/Madrid",
		"Europe//Madrid", "", ":Europe/Madrid", "zone.tab", "tzdata.zi",
		"localtime", "posixrules", "right/Europe/Madrid",
		"posix/Europe/Madrid", "CET-1CEST,M3.5.0,M10.5.0/3", "-1",
		"Europe/Madrid\n" };
	char name[65];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(!zone_exists(str_of(bad[i])), "%s", bad[i]);
		if (bad[i][0] != '\0')
			ck_assert_ptr_null(zone_get(bad[i]));
	}
	memset(name, 'a', sizeof(name));
	ck_assert(!zone_exists(str_n(name, sizeof(name))));
	ck_assert(zone_exists(STR("Europe/Madrid")));
	ck_assert(zone_exists(STR("America/Argentina/Buenos_Aires")));
	ck_assert(zone_exists(STR("Etc/GMT+5")));
	ck_assert(zone_exists(STR("UTC")));
	ck_assert(!zone_exists(str_n("Europe/Madrid\0x", 15)));
	ck_assert_ptr_eq(zone("Europe/Madrid"), zone("Europe/Madrid"));
}
END_TEST

START_TEST(the_processes_own_zone_is_tz_and_utc_where_unset)
{
	struct tm tm;
	time_t t = 1750000000;

	ck_assert_int_eq(setenv("TZ", "Asia/Tokyo", 1), 0);
	ck_assert_int_eq(zone_day_start(zone_get(NULL), 0), -9 * 3600000);
	ck_assert_int_eq(zone_day_start(NULL, 0), -9 * 3600000);
	ck_assert_int_eq(zone_day_start(zone_get(""), 0), -9 * 3600000);
	/* another zone leaves TZ and libc as they were */
	ck_assert_int_eq(
	    zone_day_start(zone("America/New_York"), 20000) / 3600000 % 24, 4);
	ck_assert_str_eq(getenv("TZ"), "Asia/Tokyo");
	ck_assert_ptr_nonnull(localtime_r(&t, &tm));
	ck_assert_int_eq(tm.tm_hour, 0);
	ck_assert_int_eq(setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1), 0);
	ck_assert_int_eq(zone_day_start(NULL, 0), -3600000);
	/* what TZ may say is no name of the database for that */
	ck_assert_int_eq(setenv("TZ", "ABC-1", 1), 0);
	ck_assert_int_eq(zone_day_start(NULL, 0), -3600000);
	ck_assert_ptr_null(zone_get("ABC-1"));
	ck_assert_int_eq(unsetenv("TZ"), 0);
	ck_assert_int_eq(zone_day_start(NULL, 0), 0);
	ck_assert_int_eq(
	    zone_day_start(zone("Asia/Tokyo"), 40000) % DAY_MS, 15 * 3600000);
	ck_assert_ptr_null(getenv("TZ"));
}
END_TEST

static int64_t
ms_of(const char *text)
{
	int64_t ms;

	ck_assert_msg(datetime_parse_canon(str_of(text), &ms), "%s", text);
	return ms;
}

static int32_t
day_of(const char *text)
{
	int32_t day;

	ck_assert_msg(date_parse(str_of(text), false, &day), "%s", text);
	return day;
}

START_TEST(a_day_starts_at_its_first_instant)
{
	static const struct {
		const char *zone, *day, *start;
	} rows[] = {
		{ "UTC", "2025-03-09", "2025-03-09T00:00:00Z" },
		{ "Europe/Madrid", "2025-01-15", "2025-01-14T23:00:00Z" },
		{ "Europe/Madrid", "2025-07-15", "2025-07-14T22:00:00Z" },
		{ "Europe/Madrid", "2025-03-30", "2025-03-29T23:00:00Z" },
		{ "Europe/Madrid", "2025-03-31", "2025-03-30T22:00:00Z" },
		{ "Europe/Madrid", "2025-10-26", "2025-10-25T22:00:00Z" },
		{ "Europe/Madrid", "2025-10-27", "2025-10-26T23:00:00Z" },
		{ "Asia/Kolkata", "2025-01-01", "2024-12-31T18:30:00Z" },
		{ "Pacific/Kiritimati", "2025-01-01", "2024-12-31T10:00:00Z" },
		{ "Etc/GMT+12", "2025-01-01", "2025-01-01T12:00:00Z" },
		/* DST began at midnight: the day starts at 01:00 */
		{ "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z" },
		{ "America/Sao_Paulo", "2018-11-05", "2018-11-05T02:00:00Z" },
		/* and ended at midnight: 23:00 came twice the day before */
		{ "America/Sao_Paulo", "2019-02-17", "2019-02-17T03:00:00Z" },
		{ "Asia/Beirut", "2024-03-31", "2024-03-30T22:00:00Z" },
		/* Samoa had no 30 December 2011 */
		{ "Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z" },
		{ "Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z" },
		{ "Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z" },
		{ "Europe/Madrid", "2100-07-01", "2100-06-30T22:00:00Z" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct zone *z = zone(rows[i].zone);
		int64_t start = zone_day_start(z, day_of(rows[i].day));
		char out[DATETIME_TEXT + 1] = { 0 };

		datetime_format(start, out);
		ck_assert_msg(strcmp(out, rows[i].start) == 0, "%s %s: %s",
		    rows[i].zone, rows[i].day, out);
	}
}
END_TEST

static const char *const many[] = { "UTC", "Europe/Madrid", "Europe/London",
	"America/New_York", "America/Sao_Paulo", "America/St_Johns",
	"Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Asia/Beirut",
	"Africa/Casablanca", "Africa/Cairo", "Australia/Lord_Howe",
	"Pacific/Chatham", "Pacific/Apia", "Pacific/Kiritimati", "Etc/GMT+12",
	"Antarctica/Troll" };

/* Days meet without a gap, and each instant lies in the day it is said to. */
START_TEST(days_cover_time_in_every_zone)
{
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		const struct zone *z = zone(many[i]);
		int64_t before = zone_day_start(z, 9999);

		for (int32_t day = 10000; day < 24000; day++) {
			int64_t start = zone_day_start(z, day);

			if (start < before || start - before > 26 * 3600000)
				ck_abort_msg("%s: day %d", many[i], day);
			/* a day that a zone never had has no instant */
			if (zone_day_of(z, start) != day &&
			    zone_day_start(z, day + 1) != start)
				ck_abort_msg("%s: day of %d", many[i], day);
			if (zone_day_of(z, start - 1) >= day)
				ck_abort_msg("%s: before %d", many[i], day);
			before = start;
		}
	}
}
END_TEST

/* What libc says of the same moment. */
START_TEST(wall_times_are_libcs_and_lead_back)
{
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		const struct zone *z = zone(many[i]);

		ck_assert_int_eq(setenv("TZ", many[i], 1), 0);
		tzset();
		for (int64_t t = -2000000000; t < 4000000000; t += 1234567) {
			time_t secs = (time_t)t;
			struct tm tm;
			int32_t day;
			int64_t back;
			int in_day;

			ck_assert_ptr_nonnull(localtime_r(&secs, &tm));
			zone_local(z, t * 1000 + 999, &day, &in_day);
			if (day != date_from_civil(tm.tm_year + 1900,
				       tm.tm_mon + 1, tm.tm_mday) ||
			    in_day !=
				tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec)
				ck_abort_msg(
				    "%s at %lld", many[i], (long long)t);
			/* the same moment, or the earlier of two */
			if (!zone_instant(z, day, in_day, &back) ||
			    back > t * 1000 || back < (t - 10800) * 1000)
				ck_abort_msg(
				    "%s from %lld", many[i], (long long)t);
			ck_assert_int_eq(zone_day_of(z, back), day);
		}
	}
	ck_assert_int_eq(unsetenv("TZ"), 0);
}
END_TEST

START_TEST(skipped_times_are_none_and_double_ones_the_first)
{
	const struct zone *z = zone("Europe/Madrid");
	int64_t ms;

	ck_assert(!zone_instant(z, day_of("2025-03-30"), 2 * 3600, &ms));
	ck_assert(!zone_instant(z, day_of("2025-03-30"), 3 * 3600 - 1, &ms));
	ck_assert(zone_instant(z, day_of("2025-03-30"), 3 * 3600, &ms));
	ck_assert_int_eq(ms, ms_of("2025-03-30T01:00:00Z"));
	ck_assert(zone_instant(z, day_of("2025-03-30"), 2 * 3600 - 1, &ms));
	ck_assert_int_eq(ms, ms_of("2025-03-30T00:59:59Z"));
	ck_assert(zone_instant(z, day_of("2025-10-26"), 2 * 3600 + 1800, &ms));
	ck_assert_int_eq(ms, ms_of("2025-10-26T00:30:00Z"));
	ck_assert(!zone_instant(
	    zone("Pacific/Apia"), day_of("2011-12-30"), 43200, &ms));
}
END_TEST

START_TEST(the_ends_of_time_do_no_harm)
{
	static const int64_t at[] = { INT64_MIN, -1, 0, INT64_MAX };

	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		int32_t day;
		int secs;

		zone_local(zone("Europe/Madrid"), at[i], &day, &secs);
		ck_assert(secs >= 0 && secs < 86400);
		ck_assert_int_eq(
		    zone_day_of(zone("Europe/Madrid"), at[i]), day);
	}
	(void)zone_day_start(zone("Europe/Madrid"), INT32_MAX);
	(void)zone_day_start(zone("Europe/Madrid"), INT32_MIN);
}
END_TEST

/* 2026-03-02T09:00:00Z, a Monday, 10:00 in Madrid. */
static struct clock
clock_in(const char *name)
{
	struct clock c = { 1772442000000, zone(name) };

	return c;
}

struct row {
	const char *text, *from, *to; /* seconds; to NULL: from itself */
};

static void
check_periods(const struct clock *c, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct period p;
		struct err err = ERR_INIT;
		bool instant = rows[i].to == NULL;

		if (period_parse(str_of(rows[i].text), c, &p, &err) < 0)
			ck_abort_msg("%s", err.msg);
		ck_assert_msg(
		    p.from == ms_of(rows[i].from), "%s from", rows[i].text);
		ck_assert_msg(
		    p.to == ms_of(instant ? rows[i].from : rows[i].to) + 999,
		    "%s to", rows[i].text);
		ck_assert_msg(p.instant == instant, "%s", rows[i].text);
		ck_assert_msg(
		    period_looks(str_of(rows[i].text)), "%s", rows[i].text);
	}
}

START_TEST(periods_of_every_form_in_utc)
{
	static const struct row rows[] = {
		{ "2025", "2025-01-01T00:00:00Z", "2025-12-31T23:59:59Z" },
		{ "2025-Q1", "2025-01-01T00:00:00Z", "2025-03-31T23:59:59Z" },
		{ "2025-q4", "2025-10-01T00:00:00Z", "2025-12-31T23:59:59Z" },
		{ "2025-03", "2025-03-01T00:00:00Z", "2025-03-31T23:59:59Z" },
		{ "2024-02", "2024-02-01T00:00:00Z", "2024-02-29T23:59:59Z" },
		{ "2025-W10", "2025-03-03T00:00:00Z", "2025-03-09T23:59:59Z" },
		{ "2026-W53", "2026-12-28T00:00:00Z", "2027-01-03T23:59:59Z" },
		{ "2025-W01", "2024-12-30T00:00:00Z", "2025-01-05T23:59:59Z" },
		{ "2025-03-09", "2025-03-09T00:00:00Z",
		    "2025-03-09T23:59:59Z" },
		{ "2025-03-09T10:00", "2025-03-09T10:00:00Z", NULL },
		{ "2025-03-09 10:00", "2025-03-09T10:00:00Z", NULL },
		{ "2025-03-09T10:00:05", "2025-03-09T10:00:05Z", NULL },
		{ "2025-03-09T10:00:60", "2025-03-09T10:00:59Z", NULL },
		{ "2025-03-09T10:00:05.999Z", "2025-03-09T10:00:05Z", NULL },
		{ "2025-03-09T10:00Z", "2025-03-09T10:00:00Z", NULL },
		{ "2025-03-09t10:00z", "2025-03-09T10:00:00Z", NULL },
		{ "2025-03-09T10:00+01:00", "2025-03-09T09:00:00Z", NULL },
		{ "2025-03-09T10:00:00-0530", "2025-03-09T15:30:00Z", NULL },
		{ "2025-03-09T10:00+01", "2025-03-09T09:00:00Z", NULL },
		{ "2025-01-01T00:30+01:00", "2024-12-31T23:30:00Z", NULL },
		{ "0001", "0001-01-01T00:00:00Z", "0001-12-31T23:59:59Z" },
		{ "9999", "9999-01-01T00:00:00Z", "9999-12-31T23:59:59Z" },
		{ "now", "2026-03-02T09:00:00Z", NULL },
		{ "-2h", "2026-03-02T07:00:00Z", NULL },
		{ "+90min", "2026-03-02T10:30:00Z", NULL },
		{ "-0d", "2026-03-02T00:00:00Z", "2026-03-02T23:59:59Z" },
		{ "-30d", "2026-01-31T00:00:00Z", "2026-01-31T23:59:59Z" },
		{ "+7d", "2026-03-09T00:00:00Z", "2026-03-09T23:59:59Z" },
		{ "-2w", "2026-02-16T00:00:00Z", "2026-02-16T23:59:59Z" },
		{ "+1mo", "2026-04-02T00:00:00Z", "2026-04-02T23:59:59Z" },
		{ "-1q", "2025-12-02T00:00:00Z", "2025-12-02T23:59:59Z" },
		{ "-1y", "2025-03-02T00:00:00Z", "2025-03-02T23:59:59Z" },
		{ "today", "2026-03-02T00:00:00Z", "2026-03-02T23:59:59Z" },
		{ "Today", "2026-03-02T00:00:00Z", "2026-03-02T23:59:59Z" },
		{ "yesterday", "2026-03-01T00:00:00Z", "2026-03-01T23:59:59Z" },
		{ "tomorrow", "2026-03-03T00:00:00Z", "2026-03-03T23:59:59Z" },
		{ "thisweek", "2026-03-02T00:00:00Z", "2026-03-08T23:59:59Z" },
		{ "lastweek", "2026-02-23T00:00:00Z", "2026-03-01T23:59:59Z" },
		{ "nextweek", "2026-03-09T00:00:00Z", "2026-03-15T23:59:59Z" },
		{ "thismonth", "2026-03-01T00:00:00Z", "2026-03-31T23:59:59Z" },
		{ "lastmonth", "2026-02-01T00:00:00Z", "2026-02-28T23:59:59Z" },
		{ "nextmonth", "2026-04-01T00:00:00Z", "2026-04-30T23:59:59Z" },
		{ "thisquarter", "2026-01-01T00:00:00Z",
		    "2026-03-31T23:59:59Z" },
		{ "lastquarter", "2025-10-01T00:00:00Z",
		    "2025-12-31T23:59:59Z" },
		{ "nextquarter", "2026-04-01T00:00:00Z",
		    "2026-06-30T23:59:59Z" },
		{ "thisyear", "2026-01-01T00:00:00Z", "2026-12-31T23:59:59Z" },
		{ "lastyear", "2025-01-01T00:00:00Z", "2025-12-31T23:59:59Z" },
		{ "nextyear", "2027-01-01T00:00:00Z", "2027-12-31T23:59:59Z" },
		{ "eow", "2026-03-08T00:00:00Z", "2026-03-08T23:59:59Z" },
		{ "eom", "2026-03-31T00:00:00Z", "2026-03-31T23:59:59Z" },
		{ "eoq", "2026-03-31T00:00:00Z", "2026-03-31T23:59:59Z" },
		{ "eoy", "2026-12-31T00:00:00Z", "2026-12-31T23:59:59Z" },
		{ "mon", "2026-03-02T00:00:00Z", "2026-03-02T23:59:59Z" },
		{ "tuesday", "2026-03-03T00:00:00Z", "2026-03-03T23:59:59Z" },
		{ "sun", "2026-03-08T00:00:00Z", "2026-03-08T23:59:59Z" },
		{ "lastmon", "2026-02-23T00:00:00Z", "2026-02-23T23:59:59Z" },
		{ "lasttue", "2026-02-24T00:00:00Z", "2026-02-24T23:59:59Z" },
		{ "lastsun", "2026-03-01T00:00:00Z", "2026-03-01T23:59:59Z" },
		{ "lastsunday", "2026-03-01T00:00:00Z",
		    "2026-03-01T23:59:59Z" },
	};
	struct clock c = clock_in("UTC");

	check_periods(&c, rows, sizeof(rows) / sizeof(rows[0]));
	c.now += 567;
	check_periods(&c, rows, sizeof(rows) / sizeof(rows[0]));
}
END_TEST

START_TEST(periods_are_local_days_and_instants_are_not)
{
	static const struct row madrid[] = {
		{ "today", "2026-03-01T23:00:00Z", "2026-03-02T22:59:59Z" },
		{ "2026-03-29", "2026-03-28T23:00:00Z",
		    "2026-03-29T21:59:59Z" },
		{ "2026-10-25", "2026-10-24T22:00:00Z",
		    "2026-10-25T22:59:59Z" },
		{ "+1mo", "2026-04-01T22:00:00Z", "2026-04-02T21:59:59Z" },
		{ "-1h", "2026-03-02T08:00:00Z", NULL },
		{ "2026-07-01T12:00", "2026-07-01T10:00:00Z", NULL },
		{ "2026-07-01T12:00Z", "2026-07-01T12:00:00Z", NULL },
		{ "2026-10-25T02:30", "2026-10-25T00:30:00Z", NULL },
		{ "2026-10-25T02:30+01:00", "2026-10-25T01:30:00Z", NULL },
		/* the offset says it: such a time is not looked up */
		{ "2026-03-29T02:30+01:00", "2026-03-29T01:30:00Z", NULL },
	};
	static const struct row kiritimati[] = {
		{ "today", "2026-03-01T10:00:00Z", "2026-03-02T09:59:59Z" },
	};
	/* the day before is outside of the calendar; mean time 9:18:59 */
	static const struct row tokyo[] = {
		{ "0001-01-01", "0001-01-01T00:00:00Z",
		    "0001-01-01T14:41:00Z" },
	};
	static const struct row west[] = {
		{ "today", "2026-03-01T12:00:00Z", "2026-03-02T11:59:59Z" },
		{ "sun", "2026-03-01T12:00:00Z", "2026-03-02T11:59:59Z" },
		{ "9999-12-31", "9999-12-31T12:00:00Z",
		    "9999-12-31T23:59:59Z" },
	};
	struct clock c = clock_in("Europe/Madrid");

	check_periods(&c, madrid, sizeof(madrid) / sizeof(madrid[0]));
	c = clock_in("Pacific/Kiritimati");
	check_periods(&c, kiritimati, sizeof(kiritimati) / sizeof(*kiritimati));
	c = clock_in("Asia/Tokyo");
	check_periods(&c, tokyo, 1);
	c = clock_in("Etc/GMT+12");
	check_periods(&c, west, sizeof(west) / sizeof(west[0]));
}
END_TEST

START_TEST(months_clamp_to_their_last_day)
{
	static const struct row january[] = {
		{ "+1mo", "2026-02-28T00:00:00Z", "2026-02-28T23:59:59Z" },
		{ "+2mo", "2026-03-31T00:00:00Z", "2026-03-31T23:59:59Z" },
		{ "-2mo", "2025-11-30T00:00:00Z", "2025-11-30T23:59:59Z" },
		{ "+1q", "2026-04-30T00:00:00Z", "2026-04-30T23:59:59Z" },
		{ "+25mo", "2028-02-29T00:00:00Z", "2028-02-29T23:59:59Z" },
		{ "eom", "2026-01-31T00:00:00Z", "2026-01-31T23:59:59Z" },
		{ "lastmonth", "2025-12-01T00:00:00Z", "2025-12-31T23:59:59Z" },
	};
	static const struct row leap[] = {
		{ "+1y", "2025-02-28T00:00:00Z", "2025-02-28T23:59:59Z" },
		{ "-4y", "2020-02-29T00:00:00Z", "2020-02-29T23:59:59Z" },
		{ "eoq", "2024-03-31T00:00:00Z", "2024-03-31T23:59:59Z" },
	};
	struct clock c = clock_in("UTC");

	c.now = ms_of("2026-01-31T12:00:00Z");
	check_periods(&c, january, sizeof(january) / sizeof(january[0]));
	c.now = ms_of("2024-02-29T12:00:00Z");
	check_periods(&c, leap, sizeof(leap) / sizeof(leap[0]));
}
END_TEST

START_TEST(what_is_refused_says_what_is_wanted)
{
	static const struct {
		const char *text, *msg;
		bool looks;
	} rows[] = {
		{ "2025-02-29",
		    "got '2025-02-29', which the calendar does not have",
		    true },
		{ "2025-13", "got '2025-13', which the calendar does not have",
		    true },
		{ "2025-Q5", "got '2025-Q5', which the calendar does not have",
		    true },
		{ "2025-W53",
		    "got '2025-W53', which the calendar does not have", true },
		{ "2025-W00",
		    "got '2025-W00', which the calendar does not have", true },
		{ "0000", "got '0000', wanted a year from 0001 to 9999", true },
		{ "+9000y", "got '+9000y', wanted a year from 0001 to 9999",
		    true },
		{ "-999999999w",
		    "got '-999999999w', wanted a year from 0001 to 9999",
		    true },
		{ "-99999999999d",
		    "got '-99999999999d', wanted a year from 0001 to 9999",
		    true },
		{ "0001-01-01T00:00+01:00",
		    "got '0001-01-01T00:00+01:00', wanted a year from 0001 to "
		    "9999",
		    true },
		{ "-5m", "got '-5m'; min or mo?", true },
		{ "5m", "got '5m'; min or mo?", true },
		{ "30d", "got '30d', wanted a sign, as in +30d or -30d",
		    false },
		{ "2026-03-29T02:30",
		    "got '2026-03-29T02:30', which local clocks skip; add an "
		    "offset, as Z or +01:00",
		    true },
		{ "2026-03-29T24:00",
		    "got '2026-03-29T24:00', wanted a time such as 17:04 and "
		    "an offset as +01:00",
		    true },
		{ "foo",
		    "got 'foo', wanted a date such as 2025-03-09, 2025-Q1, "
		    "-30d or today",
		    false },
		{ "a\nb",
		    "got 'a\\x0ab', wanted a date such as 2025-03-09, "
		    "2025-Q1, -30d or today",
		    false },
	};
	struct clock c = clock_in("Europe/Madrid");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct period p;
		struct err err = ERR_INIT;

		ck_assert_int_eq(
		    period_parse(str_of(rows[i].text), &c, &p, &err), -1);
		ck_assert_str_eq(err.msg, rows[i].msg);
		ck_assert_int_eq(err.status, STATUS_DATA);
		/* whether it is one of the forms is no matter of a zone */
		ck_assert_msg(
		    period_looks(str_of(rows[i].text)) == rows[i].looks, "%s",
		    rows[i].text);
	}
}
END_TEST

START_TEST(near_misses_are_no_periods)
{
	static const char *const bad[] = { "", "-", "+", "-d", "--5d", "+-5d",
		"5", "-5", "12345", "202", "2025-", "2025-3", "2025-3-9",
		"2025-03-9", "2025-03-09x", "2025-03-09T", "2025-03-09T10",
		"2025-03-09T10:0", "2025-03-09T10:00:0", "2025-03-09T10:00:61",
		"2025-03-09T10:60", "2025-03-09T10:00+24:00",
		"2025-03-09T10:00+1:00", "2025-03-09T10:00 Z",
		"2025-03-09T10:00:00.Z", "2025-03-09T10:00ZZ", "2025Q1",
		"2025-Q", "2025-Q12", "2025-W1", "2025-W123", "20250309",
		"-30days", "-1h30min", "-5s", "-5 d", "- 5d", "5.5d", "monda",
		"lastfoo", "last", "this", "nextmon", "nextday", "eod", "eo",
		"thisweekend", "2025-03-09T-1:00", "2025-+3", "2025-03--9",
		"today ", " today", "tod", "2025-03-09 10:00 am" };
	struct clock c = clock_in("UTC");

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct period p;
		struct err err = ERR_INIT;

		ck_assert_msg(period_parse(str_of(bad[i]), &c, &p, &err) < 0,
		    "%s", bad[i]);
		ck_assert(str_starts(str_of(err.msg), STR("got '")));
	}
}
END_TEST

/* What a period is printed as finds the same again. */
START_TEST(the_ends_of_a_period_name_themselves)
{
	static const char *const forms[] = { "2025", "2025-03", "today", "now",
		"-30d", "lastquarter", "2026-10-25" };

	for (size_t z = 0; z < sizeof(many) / sizeof(many[0]); z++) {
		struct clock c = clock_in(many[z]);

		for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
			char out[DATETIME_TEXT];
			struct period p, q;

			ck_assert_int_eq(
			    period_parse(str_of(forms[i]), &c, &p, NULL), 0);
			datetime_format(p.from, out);
			ck_assert_int_eq(period_parse(str_n(out, DATETIME_TEXT),
					     &c, &q, NULL),
			    0);
			ck_assert_int_eq(q.from, p.from);
			datetime_format(p.to, out);
			ck_assert_int_eq(period_parse(str_n(out, DATETIME_TEXT),
					     &c, &q, NULL),
			    0);
			ck_assert_int_eq(q.to, p.to);
		}
	}
}
END_TEST

START_TEST(spans_add_up_and_come_back)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "5400s", "5400s" },
		{ "90min", "5400s" },
		{ "1h30min", "5400s" },
		{ "1H30Min", "5400s" },
		{ "30min1h", "5400s" },
		{ "2w", "14d" },
		{ "1w2d", "9d" },
		{ "30d", "30d" },
		{ "1d12h", "129600s" },
		{ "3mo", "3mo" },
		{ "1q", "3mo" },
		{ "1y", "12mo" },
		{ "1y6mo", "18mo" },
		{ "0d", "0s" },
		{ "0min", "0s" },
		{ "9999y", "119988mo" },
		{ "3659634d", "3659634d" },
		{ "316192377600s", "316192377600s" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct span s, again;
		struct err err = ERR_INIT;
		char out[32];
		size_t n;

		if (span_parse(str_of(rows[i].in), &s, &err) < 0)
			ck_abort_msg("%s", err.msg);
		ck_assert_int_le(
		    (s.secs != 0) + (s.days != 0) + (s.months != 0), 1);
		n = span_format(s, out);
		ck_assert(str_eq(str_n(out, n), str_of(rows[i].out)));
		ck_assert_int_eq(span_parse(str_n(out, n), &again, &err), 0);
		ck_assert_int_eq(memcmp(&s, &again, sizeof(s)), 0);
	}
}
END_TEST

START_TEST(spans_that_have_no_sense_are_refused)
{
	static const struct {
		const char *in, *msg;
	} rows[] = {
		{ "30", "got '30', wanted a unit behind it: min h d w mo y" },
		{ "5m", "got '5m'; min or mo?" },
		{ "1h5m", "got '1h5m'; min or mo?" },
		{ "", "got '', wanted a duration such as 90min, 1h30min, 2w or "
		      "3mo" },
		{ "-5d",
		    "got '-5d', wanted a duration such as 90min, 1h30min, 2w "
		    "or 3mo" },
		{ "5x",
		    "got '5x', wanted a duration such as 90min, 1h30min, 2w "
		    "or 3mo" },
		{ "1h 30min",
		    "got '1h 30min', wanted a duration such as 90min, "
		    "1h30min, 2w or 3mo" },
		{ "9999999999d",
		    "got '9999999999d', wanted a shorter duration" },
		{ "1mo3d",
		    "got '1mo3d', but months have no fixed length; wanted "
		    "months and years alone, or days and shorter alone" },
		{ "1y1h", "got '1y1h', but months have no fixed length; wanted "
			  "months and years alone, or days and shorter alone" },
	};
	static const char *const longer[] = { "3659635d", "3659634d1d",
		"3659634d1s", "119989mo", "9999y1mo", "316192377601s",
		"9223372036854775807s", "9223372036854775808s",
		"999999999999999999999999999w" };
	struct buf b = BUF_INIT;
	struct span s;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;

		ck_assert_int_eq(span_parse(str_of(rows[i].in), &s, &err), -1);
		ck_assert_str_eq(err.msg, rows[i].msg);
		ck_assert_int_eq(err.status, STATUS_DATA);
	}
	for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
		struct err err = ERR_INIT;

		ck_assert_int_eq(span_parse(str_of(longer[i]), &s, &err), -1);
		ck_assert_ptr_nonnull(strstr(err.msg, "a shorter duration"));
	}
	/* a sum of many parts */
	for (int i = 0; i < 20000; i++)
		buf_addz(&b, "520000w");
	ck_assert_int_eq(span_parse(buf_str(&b), &s, NULL), -1);
	buf_release(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("date");
	TCase *t = tcase_create("calendar");

	tcase_set_timeout(t, EVERY_SECONDS);
	tcase_add_test(t, every_day_of_the_calendar_follows_the_one_before);
	tcase_add_test(t, weeks_are_those_of_iso_8601);
	tcase_add_test(t, dates_are_read_strictly);
	tcase_add_test(t, instants_are_written_and_read);
	suite_add_tcase(s, t);
	t = tcase_create("zones");
	tcase_set_timeout(t, EVERY_SECONDS);
	tcase_add_test(t, zones_are_those_of_the_database);
	tcase_add_test(t, the_processes_own_zone_is_tz_and_utc_where_unset);
	tcase_add_test(t, a_day_starts_at_its_first_instant);
	tcase_add_test(t, days_cover_time_in_every_zone);
	tcase_add_test(t, wall_times_are_libcs_and_lead_back);
	tcase_add_test(t, skipped_times_are_none_and_double_ones_the_first);
	tcase_add_test(t, the_ends_of_time_do_no_harm);
	suite_add_tcase(s, t);
	t = tcase_create("periods");
	tcase_add_test(t, periods_of_every_form_in_utc);
	tcase_add_test(t, periods_are_local_days_and_instants_are_not);
	tcase_add_test(t, months_clamp_to_their_last_day);
	tcase_add_test(t, what_is_refused_says_what_is_wanted);
	tcase_add_test(t, near_misses_are_no_periods);
	tcase_add_test(t, the_ends_of_a_period_name_themselves);
	suite_add_tcase(s, t);
	t = tcase_create("spans");
	tcase_add_test(t, spans_add_up_and_come_back);
	tcase_add_test(t, spans_that_have_no_sense_are_refused);
	suite_add_tcase(s, t);
	return s;
}
