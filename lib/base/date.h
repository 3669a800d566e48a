/* SPDX-License-Identifier: MIT */
/*
 * Calendar and clock.  Instants are milliseconds since 1970-01-01T00:00:00Z
 * (whole seconds in values), days are days since 1970-01-01, proleptic
 * Gregorian, years 0001 to 9999.  Local time goes through libc's zone tables.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { DATE_TEXT = 10, DATETIME_TEXT = 20 };
#define DATE_MIN (-719162)   /* 0001-01-01 */
#define DATE_MAX 2932896     /* 9999-12-31 */
#define DATE_YEARLESS_YEAR 0 /* --03-09 is stored in year 0 */

int32_t date_from_civil(int year, int month, int day); /* must be valid */
void date_to_civil(int32_t days, int *year, int *month, int *day);
bool date_valid(int year, int month, int day);
int date_month_days(int year, int month);
int date_weekday(int32_t days); /* 1 Monday .. 7 Sunday */
void date_iso_week(int32_t days, int *year, int *week);

size_t date_format(int32_t days, char out[DATE_TEXT]); /* year 0: --MM-DD */
size_t datetime_format(int64_t ms, char out[DATETIME_TEXT]); /* ...Z */
/* `2025-03-09` alone, or `--03-09` (year 0) where yearless. */
bool date_parse(struct str, bool yearless, int32_t *days);
/* `2025-03-09T17:04:05Z` alone: the canonical form, fast. */
bool datetime_parse_canon(struct str, int64_t *ms);

/* Zones: NULL or "" is the process's TZ (UTC where unset). */
struct zone;
/* NULL: no such IANA zone.  Kept for the life of the process; never freed. */
const struct zone *zone_get(const char *name);
bool zone_exists(struct str name);
/* First instant of a local day, also where DST skips midnight. */
int64_t zone_day_start(const struct zone *, int32_t day);
int32_t zone_day_of(const struct zone *, int64_t ms);
/* Local wall time to instant.  gap: the time does not exist (refused by
 * callers); of a time that comes twice the first. */
bool zone_instant(const struct zone *, int32_t day, int secs, int64_t *ms);
/* The first instant after ms at which local clocks show that time of day (0 to
 * 86400), or are past it for the first time where a gap leaves it out. */
int64_t zone_next(const struct zone *, int64_t ms, int secs);
/* Seconds since local midnight's wall clock, 0..86399, and the day. */
void zone_local(const struct zone *, int64_t ms, int32_t *day, int *secs);

/* What "now" and "today" are: read once per process (CRM_NOW fixes it). */
struct clock {
	int64_t now;             /* ms */
	const struct zone *zone; /* local: config tz, else TZ */
};

/* A period, first to last millisecond, both included. */
struct period {
	int64_t from, to;
	bool instant; /* now, hours, minutes, full times */
};

enum { PERIOD_DAY = 1, PERIOD_YEARLESS = 2 };
/*
 * The forms of QUERY.md section 5: absolute (2025, 2025-Q1, 2025-03, 2025-W10,
 * 2025-03-09, with T10:00[:00][Z|+01:00]), relative ([+-]N min h d w mo q y),
 * named (now today ... eow mon lastmon thisweek ...).  The period in ms, local
 * days.  65-worthy message in err: says what is wanted; `m` alone asks
 * "min or mo?".
 */
int period_parse(
    struct str, const struct clock *, struct period *, struct err *) BASE_MUST;
/* Whether s has the form of a date or relative/named form at all. */
bool period_looks(struct str);

/* Spans: sums of `1h30min`, `2w`, `1y`, `30d`, `3mo`; see FORMAT.md duration.
 * Exactly one of the three is non-zero in the result unless all are zero. */
struct span {
	int64_t secs, days, months;
};
int span_parse(struct str, struct span *, struct err *) BASE_MUST;
size_t span_format(struct span, char out[32]); /* `5400s`, `30d`, `3mo` */

#endif
