/* SPDX-License-Identifier: MIT */
/* Days, moments and spans. */
#include <string.h>

#include "record/value_int.h"

/* Runs period_parse with the record's own zone before the clock's. */
static int
read_period(const struct canon *c, struct str in, struct period *p)
{
	struct err err = ERR_INIT;
	struct clock clock;

	if (c->env == NULL || c->env->clock == NULL)
		return canon_refuse(c, in, "wanted a date such as 2025-03-09");
	clock = *c->env->clock;
	if (c->env->zone != NULL)
		clock.zone = c->env->zone;
	if (period_parse(in, &clock, p, &err) < 0)
		return err_set(c->err, STATUS_DATA, "%.*s: %s",
		    STR_ARG(c->label), err.msg);
	return 0;
}

static const struct zone *
zone_of(const struct canon *c)
{
	return c->env->zone != NULL ? c->env->zone : c->env->clock->zone;
}

/* A moment, as a day alone: `now` means today, but 2025-03-09T10:00 says
 * more than a day can hold. */
static bool
says_time(struct str in)
{
	return ascii_digit((unsigned char)in.p[0]) || in.p[0] == '+' ||
	       in.p[0] == '-';
}

int
canon_date(const struct canon *c, struct str in, struct str *out)
{
	char text[DATE_TEXT];
	struct period p = { 0, 0, false };
	int32_t day, last;

	if (date_parse(in, c->f->yearless, &day)) {
		*out = in;
		return 0;
	}
	if (str_starts(in, STR("--")) && date_parse(in, true, &day))
		return canon_refuse(c, in, "wanted a date with its year");
	if (read_period(c, in, &p) < 0)
		return -1;
	day = zone_day_of(zone_of(c), p.from);
	last = zone_day_of(zone_of(c), p.to);
	if (day != last)
		return canon_refuse(
		    c, in, "wanted one day, such as 2025-03-09");
	if (p.instant && (c->f->alt == TYPE_DATETIME || says_time(in)))
		return canon_refuse(c, in, "wanted a day without a time");
	*out = arena_str(c->arena, str_n(text, date_format(day, text)));
	return 0;
}

int
canon_datetime(const struct canon *c, struct str in, struct str *out)
{
	char text[DATETIME_TEXT];
	struct period p = { 0, 0, false };
	int64_t ms;

	if (datetime_parse_canon(in, &ms)) {
		*out = in;
		return 0;
	}
	if (read_period(c, in, &p) < 0)
		return -1;
	*out = arena_str(c->arena, str_n(text, datetime_format(p.from, text)));
	return 0;
}

int
canon_duration(const struct canon *c, struct str in, struct str *out)
{
	struct err err = ERR_INIT;
	struct span span;
	char text[32];
	size_t n;

	if (span_parse(in, &span, &err) < 0)
		return err_set(c->err, STATUS_DATA, "%.*s: %s",
		    STR_ARG(c->label), err.msg);
	n = span_format(span, text);
	*out = n == in.n && memcmp(in.p, text, n) == 0
		   ? in
		   : arena_str(c->arena, str_n(text, n));
	return 0;
}
