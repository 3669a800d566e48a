/* SPDX-License-Identifier: MIT */
/*
 * Times of iCalendar (RFC 5545 3.3.4, 3.3.5, 3.3.6, 3.3.10).  What is read is
 * made an instant at once: a TZID is a zone of IANA, else what its VTIMEZONE
 * calls X-LIC-LOCATION, else the configured one, else refused (INTEGRATIONS.md
 * 4).  What is written is UTC.
 */
#include "format/ical_int.h"

#include <stdio.h>

#include "base/num.h"

enum { DAY_SECS = 86400, HOUR_SECS = 3600, ZONES_MAX = 1000 };

/* ---- zones ---- */

void
ical_zones_release(struct ical_zones *z)
{
	vec_release(&z->v);
	arena_release(&z->arena);
}

void
ical_zones_add(struct ical_zones *z, struct str tzid, struct str location)
{
	struct ical_zone zone = { STR_NONE, STR_NONE, NULL, false };

	if (tzid.n == 0 || z->v.n == ZONES_MAX)
		return;
	zone.tzid = arena_str(&z->arena, tzid);
	zone.location = arena_str(&z->arena, location);
	vec_push(&z->v, zone);
}

/* Many write /vendor/date/Europe/Madrid: the zone is an end of that. */
static const struct zone *
zone_by_name(struct str name, struct arena *a)
{
	bool global = name.n > 0 && name.p[0] == '/';

	for (;;) {
		if (zone_exists(name))
			return zone_get(arena_str(a, name).p);
		if (!global || name.p == NULL)
			return NULL;
		(void)str_cut(&name, '/');
	}
}

static const struct zone *
zone_look(const struct ical_zone *z)
{
	struct arena a = ARENA_INIT;
	const struct zone *zone = zone_by_name(z->tzid, &a);

	if (zone == NULL && z->location.n > 0)
		zone = zone_by_name(z->location, &a);
	arena_release(&a);
	return zone;
}

/* NULL: nobody knows, and there is no other.  Files are looked into once a
 * name. */
static const struct zone *
zone_of(struct ical_zones *z, struct str tzid)
{
	struct ical_zone *found = NULL;
	size_t i;

	/* The last of that name: a stream may be several calendars. */
	for (i = z->v.n; found == NULL && i > 0; i--)
		if (str_eq(z->v.v[i - 1].tzid, tzid))
			found = &z->v.v[i - 1];
	if (found == NULL && z->v.n < ZONES_MAX) {
		ical_zones_add(z, tzid, STR_NONE);
		found = &z->v.v[z->v.n - 1];
	}
	if (found == NULL)
		return z->fallback;
	if (!found->looked)
		found->zone = zone_look(found);
	found->looked = true;
	return found->zone != NULL ? found->zone : z->fallback;
}

/* ---- dates and times ---- */

static bool
digits(struct str s, size_t from, size_t n, int *out)
{
	size_t i;

	*out = 0;
	if (from + n > s.n)
		return false;
	for (i = from; i < from + n; i++) {
		if (!ascii_digit((unsigned char)s.p[i]))
			return false;
		*out = *out * 10 + (s.p[i] - '0');
	}
	return true;
}

static bool
read_day(struct str s, int32_t *day)
{
	int y, m, d;

	if (!digits(s, 0, 4, &y) || !digits(s, 4, 2, &m) ||
	    !digits(s, 6, 2, &d) || y == 0 || !date_valid(y, m, d))
		return false;
	*day = date_from_civil(y, m, d);
	return true;
}

/* A leap second is the one before it. */
static bool
read_clock(struct str s, int *secs)
{
	int h, m, sec;

	if (!digits(s, 0, 2, &h) || !digits(s, 2, 2, &m) ||
	    !digits(s, 4, 2, &sec) || h > 23 || m > 59 || sec > 60)
		return false;
	*secs = h * HOUR_SECS + m * 60 + (sec == 60 ? 59 : sec);
	return true;
}

static int
refuse_when(const struct content_line *l, struct err *err)
{
	return err_set(err, STATUS_DATA,
	    "%.*s: got '%.*s', wanted a date or a time such as 20260302 or "
	    "20260302T090000Z",
	    STR_ARG(l->name), STR_ARG(str_sub(l->value, 0, 40)));
}

int
ical_when_read(struct ical_zones *z, const struct content_line *l,
    struct ical_when *out, struct err *err)
{
	struct str s = str_trim(l->value);
	struct str tzid = content_param(l, "TZID");
	const struct zone *zone = z->local;
	int secs;

	out->date = s.n == 8;
	if (!read_day(s, &out->day))
		return refuse_when(l, err);
	if (out->date) {
		out->ms = zone_day_start(zone, out->day);
		return 0;
	}
	if (s.p[8] != 'T' || !read_clock(str_sub(s, 9, s.n), &secs) ||
	    s.n > 16 || (s.n == 16 && s.p[15] != 'Z' && s.p[15] != 'z'))
		return refuse_when(l, err);
	if (s.n == 16) {
		out->ms = ((int64_t)out->day * DAY_SECS + secs) * 1000;
		return 0;
	}
	if (tzid.n > 0) {
		zone = zone_of(z, tzid);
		if (zone == NULL)
			return err_set(err, STATUS_DATA,
			    "%.*s: TZID '%.*s' is no IANA zone and no "
			    "VTIMEZONE before it says which; a configured tz "
			    "would be taken",
			    STR_ARG(l->name), STR_ARG(str_sub(tzid, 0, 60)));
	}
	/* RFC 5545: a time that a change of the clock leaves out is meant as
	 * before the change. */
	if (!zone_instant(zone, out->day, secs, &out->ms)) {
		if (secs < HOUR_SECS ||
		    !zone_instant(zone, out->day, secs - HOUR_SECS, &out->ms))
			out->ms = zone_day_start(zone, out->day);
		else
			out->ms += (int64_t)HOUR_SECS * 1000;
	}
	return 0;
}

struct str
ical_when_text(const struct ical_when *w, struct arena *a)
{
	char *p = arena_alloc(a, DATETIME_TEXT);

	return str_n(
	    p, w->date ? date_format(w->day, p) : datetime_format(w->ms, p));
}

bool
ical_when_put(struct str text, struct buf *out)
{
	int32_t day;
	int64_t ms;
	size_t i;

	if (date_parse(text, false, &day))
		buf_addz(out, ";VALUE=DATE:");
	else if (datetime_parse_canon(text, &ms))
		buf_addc(out, ':');
	else
		return false;
	for (i = 0; i < text.n; i++)
		if (text.p[i] != '-' && text.p[i] != ':')
			buf_addc(out, text.p[i]);
	return true;
}

/* ---- durations ---- */

/* Takes `12H` off the front. */
static bool
read_part(struct str *s, int64_t *n, char *unit)
{
	size_t i = 0;

	while (i < s->n && ascii_digit((unsigned char)s->p[i]))
		i++;
	if (i == 0 || i == s->n || !num_i64(str_n(s->p, i), n))
		return false;
	*unit = s->p[i];
	*s = str_sub(*s, i + 1, s->n);
	return true;
}

static bool
add_times(int64_t *sum, int64_t n, int64_t each)
{
	return !num_mul_i64(&n, n, each) && !num_add_i64(sum, *sum, n);
}

bool
ical_span_read(struct str s, struct span *out)
{
	int64_t n, days = 0, secs = 0;
	bool time = false;
	char unit;

	*out = (struct span){ 0, 0, 0 };
	s = str_trim(s);
	if (s.n > 0 && s.p[0] == '+')
		s = str_sub(s, 1, s.n);
	if (s.n < 3 || s.p[0] != 'P')
		return false;
	for (s = str_sub(s, 1, s.n); s.n > 0;) {
		if (!time && s.p[0] == 'T') {
			time = true;
			s = str_sub(s, 1, s.n);
		}
		if (!read_part(&s, &n, &unit))
			return false;
		if (!(!time && unit == 'W'     ? add_times(&days, n, 7)
			: !time && unit == 'D' ? add_times(&days, n, 1)
			: time && unit == 'H'  ? add_times(&secs, n, HOUR_SECS)
			: time && unit == 'M'  ? add_times(&secs, n, 60)
			: time && unit == 'S'  ? add_times(&secs, n, 1)
					       : false))
			return false;
	}
	/* As a span has it: days with hours are seconds. */
	if (secs != 0 && !add_times(&secs, days, DAY_SECS))
		return false;
	out->secs = secs;
	out->days = secs != 0 ? 0 : days;
	return true;
}

struct str
ical_span_text(struct span span, struct arena *a)
{
	char text[32];
	size_t n = span_format(span, text);

	return arena_str(a, str_n(text, n));
}

/* A span of a field; false: none. */
static bool
span_of(struct str text, struct span *span)
{
	struct err err = ERR_INIT;

	return span_parse(text, span, &err) == 0;
}

bool
ical_span_put(struct str text, struct buf *out)
{
	struct span span;

	if (!span_of(text, &span) || span.months != 0 || span.secs < 0 ||
	    span.days < 0)
		return false;
	if (span.days != 0) {
		buf_addf(out, "P%lldD", (long long)span.days);
		return true;
	}
	buf_addz(out, "PT");
	if (span.secs >= HOUR_SECS)
		buf_addf(out, "%lldH", (long long)(span.secs / HOUR_SECS));
	if (span.secs % HOUR_SECS >= 60)
		buf_addf(out, "%lldM", (long long)(span.secs % HOUR_SECS / 60));
	if (span.secs % 60 != 0 || span.secs == 0)
		buf_addf(out, "%lldS", (long long)(span.secs % 60));
	return true;
}

/* ---- rules ---- */

/* n of a unit, as the largest that divides it. */
static void
put_rule(struct buf *out, int64_t n, const char *unit, int64_t larger,
    const char *name)
{
	if (larger > 0 && n % larger == 0) {
		n /= larger;
		unit = name;
	}
	buf_addf(out, "FREQ=%s", unit);
	if (n > 1)
		buf_addf(out, ";INTERVAL=%lld", (long long)n);
}

void
ical_rule_put(struct str repeat, struct buf *out)
{
	struct span s;

	if (!span_of(repeat, &s))
		buf_adds(out, repeat);
	else if (s.months > 0)
		put_rule(out, s.months, "MONTHLY", 12, "YEARLY");
	else if (s.days > 0)
		put_rule(out, s.days, "DAILY", 7, "WEEKLY");
	else if (s.secs % 60 != 0)
		put_rule(out, s.secs, "SECONDLY", 0, NULL);
	else
		put_rule(out, s.secs / 60, "MINUTELY", 60, "HOURLY");
}

bool
ical_rule_known(struct str rule)
{
	static const char *const parts[] = { "FREQ=DAILY", "FREQ=WEEKLY",
		"FREQ=MONTHLY", "FREQ=YEARLY",
		"INTERVAL=", "COUNT=", "UNTIL=", "WKST=" };
	struct str part;
	size_t i;

	while (rule.p != NULL) {
		part = str_cut(&rule, ';');
		for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
			if (str_starts(part, str_of(parts[i])))
				break;
		if (i == sizeof(parts) / sizeof(parts[0]))
			return false;
	}
	return true;
}
