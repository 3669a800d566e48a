/* SPDX-License-Identifier: MIT */
#include "base/date.h"

#define DAY_MS 86400000

/*
 * Days from civil and back: H. Hinnant, "chrono-compatible low-level date
 * algorithms" (2013).  Years start in March, so that the leap day is last.
 */
int32_t
date_from_civil(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2 ? 1 : 0);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return (int32_t)(era * 146097 + doe - 719468);
}

void
date_to_civil(int32_t days, int *year, int *month, int *day)
{
	/* Within an era all is small: 32 bits divide in half the time. */
	int64_t z = (int64_t)days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	uint32_t doe = (uint32_t)(z - era * 146097);
	uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	uint32_t mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)yoe + (int)era * 400 + (*month <= 2 ? 1 : 0);
}

int
date_month_days(int year, int month)
{
	static const unsigned char days[12] = { 31, 28, 31, 30, 31, 30, 31, 31,
		30, 31, 30, 31 };

	if (month == 2 &&
	    ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0))
		return 29;
	return days[month - 1];
}

bool
date_valid(int year, int month, int day)
{
	return year >= 1 && year <= 9999 && month >= 1 && month <= 12 &&
	       day >= 1 && day <= date_month_days(year, month);
}

int
date_weekday(int32_t days)
{
	/* 1970-01-01 was a Thursday */
	int w = (int)(((int64_t)days + 3) % 7);

	return w < 0 ? w + 8 : w + 1;
}

void
date_iso_week(int32_t days, int *year, int *week)
{
	/* A week belongs to the year that its Thursday is in. */
	int32_t thursday = days + 4 - date_weekday(days);
	int month, day;

	date_to_civil(thursday, year, &month, &day);
	*week = (thursday - date_from_civil(*year, 1, 1)) / 7 + 1;
}

static void
put2(char *p, int v)
{
	unsigned u = (unsigned)v % 100;

	p[0] = (char)('0' + u / 10);
	p[1] = (char)('0' + u % 10);
}

static void
put4(char *p, int v)
{
	put2(p, v / 100);
	put2(p + 2, v % 100);
}

size_t
date_format(int32_t days, char out[DATE_TEXT])
{
	int year, month, day;
	size_t n = 0;

	date_to_civil(days, &year, &month, &day);
	if (year <= DATE_YEARLESS_YEAR) {
		out[n++] = '-';
	} else {
		put4(out, year > 9999 ? 9999 : year);
		n = 4;
	}
	out[n] = '-';
	put2(out + n + 1, month);
	out[n + 3] = '-';
	put2(out + n + 4, day);
	return n + 6;
}

size_t
datetime_format(int64_t ms, char out[DATETIME_TEXT])
{
	const int64_t least = (int64_t)DATE_MIN * DAY_MS;
	const int64_t most = ((int64_t)DATE_MAX + 1) * DAY_MS - 1;
	int64_t days;
	int secs;

	ms = ms < least ? least : ms > most ? most : ms;
	days = ms / DAY_MS - (ms % DAY_MS < 0 ? 1 : 0);
	secs = (int)((ms - days * DAY_MS) / 1000);
	(void)date_format((int32_t)days, out); /* 10: the year is not 0 */
	out[10] = 'T';
	put2(out + 11, secs / 3600);
	out[13] = ':';
	put2(out + 14, secs / 60 % 60);
	out[16] = ':';
	put2(out + 17, secs % 60);
	out[19] = 'Z';
	return DATETIME_TEXT;
}

/* n digits as a number, -1 if one is none. */
static int
get(const char *p, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if (!ascii_digit((unsigned char)p[i]))
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

bool
date_parse(struct str s, bool yearless, int32_t *days)
{
	int year = DATE_YEARLESS_YEAR;
	int month, day;

	if (yearless && s.n == 7 && s.p[0] == '-' && s.p[1] == '-') {
		s.p++;
	} else {
		if (s.n != DATE_TEXT || s.p[4] != '-')
			return false;
		year = get(s.p, 4);
		if (year < 1)
			return false;
		s.p += 4;
	}
	month = get(s.p + 1, 2);
	day = get(s.p + 4, 2);
	if (s.p[3] != '-' || month < 1 || month > 12 || day < 1 ||
	    day > date_month_days(year, month))
		return false;
	*days = date_from_civil(year, month, day);
	return true;
}

bool
datetime_parse_canon(struct str s, int64_t *ms)
{
	int hour, min, sec;
	int32_t days;

	if (s.n != DATETIME_TEXT || s.p[10] != 'T' || s.p[13] != ':' ||
	    s.p[16] != ':' || s.p[19] != 'Z' ||
	    !date_parse((struct str){ s.p, DATE_TEXT }, false, &days))
		return false;
	hour = get(s.p + 11, 2);
	min = get(s.p + 14, 2);
	sec = get(s.p + 17, 2);
	if (hour < 0 || hour > 23 || min < 0 || min > 59 || sec < 0 || sec > 59)
		return false;
	*ms = (int64_t)days * DAY_MS +
	      (int64_t)(hour * 3600 + min * 60 + sec) * 1000;
	return true;
}
