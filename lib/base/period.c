/* SPDX-License-Identifier: MIT */
/* The forms of QUERY.md section 5, and durations. */
#include "base/date.h"

#include "base/buf.h"
#include "base/num.h"

#define DAY_SECS ((int64_t)86400)
#define DAY_MS (DAY_SECS * 1000)
#define YEARS ((int64_t)9999)
#define MS_MIN ((int64_t)DATE_MIN * DAY_MS)
#define MS_MAX (((int64_t)DATE_MAX + 1) * DAY_MS - 1)

enum {
	WORD_MAX = 16,    /* the longest named form has 11 letters */
	COUNT_DIGITS = 9, /* of a relative form */
	SHOWN_MAX = 60,   /* bytes of the input that a message shows */
};

/* What a text turned out to be. */
enum form {
	FORM_OK,
	FORM_NONE,     /* of no form at all */
	FORM_UNSIGNED, /* `30d` */
	FORM_M,        /* `-5m` */
	FORM_DAY,      /* no such day, month, week, quarter */
	FORM_TIME,     /* no such time or offset */
	FORM_GAP,      /* skipped by local clocks */
	FORM_RANGE,    /* years */
};

static const char *const wanted[] = {
	[FORM_OK] = "",
	[FORM_NONE] =
	    ERR_N(", wanted a date such as 2025-03-09, 2025-Q1, -30d or today"),
	[FORM_UNSIGNED] = ERR_N(", wanted a sign, as in +30d or -30d"),
	[FORM_M] = ERR_N("; min or mo?"),
	[FORM_DAY] = ERR_N(", which the calendar does not have"),
	[FORM_TIME] =
	    ERR_N(", wanted a time such as 17:04 and an offset as +01:00"),
	[FORM_GAP] =
	    ERR_N(", which local clocks skip; add an offset, as Z or +01:00"),
	[FORM_RANGE] = ERR_N(", wanted a year from 0001 to 9999"),
};

/* "got 'S'" and what follows it, S shown so that the line stays whole. */
static int
refuse(struct str s, const char *what, struct err *err)
{
	struct buf shown = BUF_INIT;

	buf_add_visible(&shown, str_sub(s, 0, SHOWN_MAX));
	err_set(err, STATUS_DATA, "got '%s%s'%s", shown.p,
	    s.n > SHOWN_MAX ? "..." : "", err_text(what));
	buf_release(&shown);
	return -1;
}

static int
digit_pair(const char *p)
{
	if (!ascii_digit((unsigned char)p[0]) ||
	    !ascii_digit((unsigned char)p[1]))
		return -1;
	return (p[0] - '0') * 10 + (p[1] - '0');
}

/* The local days first to last. */
static enum form
days(const struct clock *c, int32_t first, int32_t last, struct period *p)
{
	if (last < DATE_MIN || first > DATE_MAX)
		return FORM_RANGE;
	p->from = zone_day_start(c->zone, first);
	p->to = zone_day_start(c->zone, last + 1) - 1;
	if (p->from < MS_MIN)
		p->from = MS_MIN;
	if (p->to > MS_MAX)
		p->to = MS_MAX;
	p->instant = false;
	return FORM_OK;
}

/* n months from the one given, so many. */
static enum form
months(const struct clock *c, int year, int month, int n, struct period *p)
{
	int end = year * 12 + month - 1 + n;

	return days(c, date_from_civil(year, month, 1),
	    date_from_civil(end / 12, end % 12 + 1, 1) - 1, p);
}

/* Instants are whole seconds: one lasts to the end of its second. */
static enum form
instant(int64_t ms, struct period *p)
{
	if (ms < MS_MIN || ms > MS_MAX)
		return FORM_RANGE;
	p->from = ms - (ms % 1000 + 1000) % 1000;
	p->to = p->from + 999;
	p->instant = true;
	return FORM_OK;
}

/* `Z`, `+01:00`, `+0100`, `+01`: seconds. */
static bool
offset(struct str s, int *out)
{
	int hour, min = 0;

	if (s.n == 1 && ascii_tolower(s.p[0]) == 'z') {
		*out = 0;
		return true;
	}
	if (s.n < 3 || (s.p[0] != '+' && s.p[0] != '-'))
		return false;
	hour = digit_pair(s.p + 1);
	if (s.n == 5)
		min = digit_pair(s.p + 3);
	else if (s.n == 6 && s.p[3] == ':')
		min = digit_pair(s.p + 4);
	else if (s.n != 3)
		return false;
	if (hour < 0 || hour > 23 || min < 0 || min > 59)
		return false;
	*out = (hour * 3600 + min * 60) * (s.p[0] == '-' ? -1 : 1);
	return true;
}

/* What follows the T: `10:00`, seconds, a fraction that is cut, an offset. */
static enum form
full_time(const struct clock *c, int32_t day, struct str s, struct period *p)
{
	int hour, min;
	int sec = 0;
	int off = 0;
	int64_t ms;

	if (s.n < 5 || s.p[2] != ':')
		return FORM_TIME;
	hour = digit_pair(s.p);
	min = digit_pair(s.p + 3);
	s = str_sub(s, 5, s.n);
	if (s.n >= 3 && s.p[0] == ':') {
		sec = digit_pair(s.p + 1);
		s = str_sub(s, 3, s.n);
		if (s.n >= 2 && (s.p[0] == '.' || s.p[0] == ',') &&
		    ascii_digit((unsigned char)s.p[1])) {
			s = str_sub(s, 1, s.n);
			while (s.n > 0 && ascii_digit((unsigned char)s.p[0]))
				s = str_sub(s, 1, s.n);
		}
	}
	if (hour < 0 || hour > 23 || min < 0 || min > 59 || sec < 0 ||
	    sec > 60 || (s.n > 0 && !offset(s, &off)))
		return FORM_TIME;
	if (sec == 60)
		sec = 59; /* a leap second: our days have none */
	sec += hour * 3600 + min * 60;
	if (s.n > 0)
		ms = ((int64_t)day * DAY_SECS + sec - off) * 1000;
	else if (!zone_instant(c->zone, day, sec, &ms))
		return FORM_GAP;
	return instant(ms, p);
}

/* What starts with four digits. */
static enum form
absolute(struct str s, const struct clock *c, struct period *p)
{
	int year = digit_pair(s.p) * 100 + digit_pair(s.p + 2);
	int month, day, week, in;
	int32_t first;
	char letter;

	if (s.n == 4)
		return year < 1 ? FORM_RANGE : months(c, year, 1, 12, p);
	if (s.n < 7 || s.p[4] != '-')
		return FORM_NONE;
	letter = ascii_tolower(s.p[5]);
	if (letter == 'q' && s.n == 7 && ascii_digit((unsigned char)s.p[6])) {
		if (year < 1)
			return FORM_RANGE;
		if (s.p[6] < '1' || s.p[6] > '4')
			return FORM_DAY;
		return months(c, year, (s.p[6] - '1') * 3 + 1, 3, p);
	}
	if (letter == 'w' && s.n == 8 && digit_pair(s.p + 6) >= 0) {
		if (year < 1)
			return FORM_RANGE;
		/* 4 January lies in week 1 */
		first = date_from_civil(year, 1, 4);
		first +=
		    1 - date_weekday(first) + (digit_pair(s.p + 6) - 1) * 7;
		date_iso_week(first, &in, &week);
		if (in != year)
			return FORM_DAY;
		return days(c, first, first + 6, p);
	}
	month = digit_pair(s.p + 5);
	if (month < 0 || (s.n > 7 && (s.n < 10 || s.p[7] != '-')))
		return FORM_NONE;
	if (s.n == 7) {
		if (year < 1)
			return FORM_RANGE;
		return month < 1 || month > 12 ? FORM_DAY
					       : months(c, year, month, 1, p);
	}
	day = digit_pair(s.p + 8);
	if (day < 0 ||
	    (s.n > 10 && s.p[10] != 'T' && s.p[10] != 't' && s.p[10] != ' '))
		return FORM_NONE;
	if (year < 1)
		return FORM_RANGE;
	if (!date_valid(year, month, day))
		return FORM_DAY;
	first = date_from_civil(year, month, day);
	if (s.n == 10)
		return days(c, first, first, p);
	return full_time(c, first, str_sub(s, 11, s.n), p);
}

/* So many months from a day, at most its month's last. */
static bool
add_months(int32_t from, int64_t n, int32_t *out)
{
	int year, month, day, last;
	int64_t at;

	date_to_civil(from, &year, &month, &day);
	at = (int64_t)year * 12 + month - 1 + n;
	if (at < 12 || at >= (YEARS + 1) * 12)
		return false;
	year = (int)(at / 12);
	month = (int)(at % 12) + 1;
	last = date_month_days(year, month);
	*out = date_from_civil(year, month, day < last ? day : last);
	return true;
}

/* Units of relative forms and of spans; `by` of the kind given. */
enum unit_kind { UNIT_SECS, UNIT_DAYS, UNIT_MONTHS, UNIT_ASK };
struct unit {
	const char *name;
	enum unit_kind kind;
	int by;
	bool relative;
};
static const struct unit units[] = {
	{ "s", UNIT_SECS, 1, false },
	{ "min", UNIT_SECS, 60, true },
	{ "h", UNIT_SECS, 3600, true },
	{ "d", UNIT_DAYS, 1, true },
	{ "w", UNIT_DAYS, 7, true },
	{ "mo", UNIT_MONTHS, 1, true },
	{ "q", UNIT_MONTHS, 3, true },
	{ "y", UNIT_MONTHS, 12, true },
	{ "m", UNIT_ASK, 0, true },
};

static const struct unit *
unit_of(struct str s)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (str_ieq(s, str_of(units[i].name)))
			return &units[i];
	return NULL;
}

/* Digits and letters in front of s, cut off it; false: not both. */
static bool
cut_count(struct str *s, struct str *count, struct str *unit)
{
	size_t n = 0;
	size_t m;

	while (n < s->n && ascii_digit((unsigned char)s->p[n]))
		n++;
	m = n;
	while (m < s->n && ascii_alpha((unsigned char)s->p[m]))
		m++;
	*count = str_sub(*s, 0, n);
	*unit = str_sub(*s, n, m - n);
	*s = str_sub(*s, m, s->n);
	return n > 0 && m > n;
}

static enum form
relative(struct str s, const struct clock *c, struct period *p)
{
	bool minus = s.p[0] == '-';
	bool with_sign = minus || s.p[0] == '+';
	struct str rest = str_sub(s, with_sign ? 1 : 0, s.n);
	struct str count, name;
	const struct unit *u;
	int32_t day;
	int64_t n;

	if (!cut_count(&rest, &count, &name) || rest.n > 0)
		return FORM_NONE;
	u = unit_of(name);
	if (u == NULL || !u->relative)
		return FORM_NONE;
	if (u->kind == UNIT_ASK)
		return FORM_M;
	if (!with_sign)
		return FORM_UNSIGNED;
	if (count.n > COUNT_DIGITS || !num_i64(count, &n))
		return FORM_RANGE;
	n *= minus ? -u->by : u->by;
	if (u->kind == UNIT_SECS)
		return instant(c->now + n * 1000, p);
	day = zone_day_of(c->zone, c->now);
	if (u->kind == UNIT_MONTHS) {
		if (!add_months(day, n, &day))
			return FORM_RANGE;
		return days(c, day, day, p);
	}
	n += day;
	if (n < DATE_MIN || n > DATE_MAX)
		return FORM_RANGE;
	return days(c, (int32_t)n, (int32_t)n, p);
}

static const char *const weekdays[] = { "monday", "tuesday", "wednesday",
	"thursday", "friday", "saturday", "sunday" };

/* 1 to 7 for `mon` or `monday`, 0: no such day. */
static int
weekday_of(struct str s)
{
	for (int i = 0; i < 7; i++)
		if (str_ieq(s, str_of(weekdays[i])) ||
		    str_ieq(s, str_n(weekdays[i], 3)))
			return i + 1;
	return 0;
}

/* The week, month, quarter or year that is `by` of them away from today. */
static enum form
around(struct str s, int by, int32_t today, const struct clock *c,
    struct period *p)
{
	int year, month, day, first;
	int n;

	if (str_ieq(s, STR("week"))) {
		today += 7 * by + 1 - date_weekday(today);
		return days(c, today, today + 6, p);
	}
	date_to_civil(today, &year, &month, &day);
	if (str_ieq(s, STR("month")))
		n = 1;
	else if (str_ieq(s, STR("quarter")))
		n = 3;
	else if (str_ieq(s, STR("year")))
		n = 12;
	else
		return FORM_NONE;
	first = year * 12 + (month - 1) / n * n + by * n;
	if (first < 12 || first >= 10000 * 12)
		return FORM_RANGE;
	return months(c, first / 12, first % 12 + 1, n, p);
}

/* `eow` and its like: the last day of what today lies in. */
static enum form
end_of(char what, int32_t today, const struct clock *c, struct period *p)
{
	int year, month, day;
	int n;

	if (what == 'w') {
		today += 7 - date_weekday(today);
		return days(c, today, today, p);
	}
	n = what == 'm' ? 1 : what == 'q' ? 3 : what == 'y' ? 12 : 0;
	if (n == 0)
		return FORM_NONE;
	date_to_civil(today, &year, &month, &day);
	month = (month - 1) / n * n + n; /* the last one */
	today = date_from_civil(year, month, date_month_days(year, month));
	return days(c, today, today, p);
}

static enum form
named(struct str s, const struct clock *c, struct period *p)
{
	int32_t today = zone_day_of(c->zone, c->now);
	struct str rest = str_sub(s, 4, s.n);
	int now = date_weekday(today);
	int by = 2;
	int w;

	if (str_ieq(s, STR("now")))
		return instant(c->now, p);
	if (str_ieq(s, STR("today")))
		return days(c, today, today, p);
	if (str_ieq(s, STR("yesterday")))
		return days(c, today - 1, today - 1, p);
	if (str_ieq(s, STR("tomorrow")))
		return days(c, today + 1, today + 1, p);
	if (s.n == 3 && str_ieq(str_sub(s, 0, 2), STR("eo")))
		return end_of(ascii_tolower(s.p[2]), today, c, p);
	w = weekday_of(s);
	if (w != 0) {
		today += (w - now + 7) % 7;
		return days(c, today, today, p);
	}
	if (str_ieq(str_sub(s, 0, 4), STR("this")))
		by = 0;
	else if (str_ieq(str_sub(s, 0, 4), STR("last")))
		by = -1;
	else if (str_ieq(str_sub(s, 0, 4), STR("next")))
		by = 1;
	w = by == -1 ? weekday_of(rest) : 0;
	if (w != 0) {
		today -= (now - w + 6) % 7 + 1;
		return days(c, today, today, p);
	}
	return by == 2 ? FORM_NONE : around(rest, by, today, c, p);
}

static enum form
read_form(struct str s, const struct clock *c, struct period *p)
{
	size_t digits = 0;

	if (s.n == 0)
		return FORM_NONE;
	while (digits < s.n && ascii_digit((unsigned char)s.p[digits]))
		digits++;
	if (digits == 4 && (s.n == 4 || s.p[4] == '-'))
		return absolute(s, c, p);
	if (digits > 0 || s.p[0] == '+' || s.p[0] == '-')
		return relative(s, c, p);
	return s.n <= WORD_MAX ? named(s, c, p) : FORM_NONE;
}

int
period_parse(struct str s, const struct clock *clock, struct period *out,
    struct err *err)
{
	struct period got;
	enum form form = read_form(s, clock, &got);

	if (form != FORM_OK)
		return refuse(s, wanted[form], err);
	*out = got;
	return 0;
}

bool
period_looks(struct str s)
{
	/* Any moment will do, but one that nothing leaves the calendar from. */
	const struct clock clock = { 0, zone_get("UTC") };
	struct period p;
	enum form form = read_form(s, &clock, &p);

	return form != FORM_NONE && form != FORM_UNSIGNED;
}

/*
 * One of the parts of a span into the sum, which may not be longer than the
 * calendar: so it fits wherever it is added to a date.
 */
static bool
span_part(struct str count, const struct unit *u, struct span *sum)
{
	int64_t *to = &sum->months;
	int64_t most = YEARS * 12;
	int64_t n;

	if (u->kind == UNIT_SECS) {
		to = &sum->secs;
		most = YEARS * 366 * DAY_SECS;
	} else if (u->kind == UNIT_DAYS) {
		to = &sum->days;
		most = YEARS * 366;
	}
	if (!num_i64(count, &n) || n > most / u->by || *to > most - n * u->by)
		return false;
	*to += n * u->by;
	return true;
}

int
span_parse(struct str s, struct span *out, struct err *err)
{
	static const char form[] =
	    ERR_N(", wanted a duration such as 90min, 1h30min, 2w or 3mo");
	static const char too_long[] = ERR_N(", wanted a shorter duration");
	bool seen[UNIT_ASK] = { false };
	struct span sum = { 0, 0, 0 };
	struct str rest = s;

	if (s.n == 0)
		return refuse(s, form, err);
	while (rest.n > 0) {
		struct str count, name;
		const struct unit *u;
		bool both = cut_count(&rest, &count, &name);

		if (count.n > 0 && name.n == 0 && rest.n == 0)
			return refuse(s,
			    ERR_N(", wanted a unit behind it: "
				  "min h d w mo y"),
			    err);
		u = both ? unit_of(name) : NULL;
		if (u == NULL)
			return refuse(s, form, err);
		if (u->kind == UNIT_ASK)
			return refuse(s, wanted[FORM_M], err);
		if (!span_part(count, u, &sum))
			return refuse(s, too_long, err);
		seen[u->kind] = true;
	}
	if (seen[UNIT_MONTHS] && (seen[UNIT_DAYS] || seen[UNIT_SECS]))
		return refuse(s,
		    ERR_N(", but months have no fixed length; wanted months "
			  "and years alone, or days and shorter alone"),
		    err);
	if (seen[UNIT_SECS]) {
		sum.secs += sum.days * DAY_SECS;
		sum.days = 0;
		if (sum.secs > YEARS * 366 * DAY_SECS)
			return refuse(s, too_long, err);
	}
	*out = sum;
	return 0;
}

size_t
span_format(struct span s, char out[32])
{
	size_t n;

	if (s.months != 0) {
		n = num_format(s.months, out);
		out[n++] = 'm';
		out[n++] = 'o';
	} else if (s.days != 0) {
		n = num_format(s.days, out);
		out[n++] = 'd';
	} else {
		n = num_format(s.secs, out);
		out[n++] = 's';
	}
	return n;
}
