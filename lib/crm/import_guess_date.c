/* SPDX-License-Identifier: MIT */
/* Dates and times as other programs write them. */
#include <string.h>

#include "base/date.h"
#include "crm/import_guess_int.h"

enum { HOUR = 3600, MINUTE = 60, PIVOT = 68 /* 00..68 are 20xx */ };

struct text {
	const char *p, *end;
};

static void
blanks(struct text *t)
{
	while (t->p < t->end && ascii_blank((unsigned char)*t->p))
		t->p++;
}

static bool
take(struct text *t, char c)
{
	if (t->p == t->end || *t->p != c)
		return false;
	t->p++;
	return true;
}

/* The run of digits at p; how many, at most max. */
static size_t
number(struct text *t, size_t max, int *out)
{
	size_t n = 0;

	for (*out = 0;
	     t->p < t->end && ascii_digit((unsigned char)*t->p) && n < max; n++)
		*out = *out * 10 + (*t->p++ - '0');
	return n;
}

/* The run of letters at p. */
static struct str
word(struct text *t)
{
	const char *from = t->p;

	while (t->p < t->end && ascii_alpha((unsigned char)*t->p))
		t->p++;
	return str_n(from, (size_t)(t->p - from));
}

/* The place of a name by its first three letters or more; 0: none. */
static int
find_name(struct str s, const char *const *names, int n)
{
	int i;

	if (str_ieq(s, STR("sept")))
		s.n = 3;
	for (i = 0; i < n && s.n >= 3; i++)
		if (str_ieq(s, str_sub(str_of(names[i]), 0, s.n)))
			return i + 1;
	return 0;
}

static int
month_of(struct str s)
{
	static const char *const names[] = { "january", "february", "march",
		"april", "may", "june", "july", "august", "september",
		"october", "november", "december" };

	return find_name(s, names, 12);
}

static bool
is_weekday(struct str s)
{
	static const char *const names[] = { "monday", "tuesday", "wednesday",
		"thursday", "friday", "saturday", "sunday" };

	return find_name(s, names, 7) != 0;
}

static int
full_year(int year, size_t digits)
{
	return digits > 2 ? year : year <= PIVOT ? 2000 + year : 1900 + year;
}

/* ---- the day ---- */

static bool
sure(struct guess_day *d, int year, size_t digits, int month, int day)
{
	if (digits != 2 && digits != 4)
		return false;
	d->what = DAY_SURE;
	d->n[0] = full_year(year, digits);
	d->n[1] = month;
	d->n[2] = day;
	return date_valid(d->n[0], month, day);
}

/* `--03-09` or `--0309`. */
static bool
read_yearless(struct text *t, struct guess_day *d)
{
	int month, day;

	if (number(t, 2, &month) != 2)
		return false;
	(void)take(t, '-');
	if (number(t, 2, &day) != 2)
		return false;
	d->what = DAY_YEARLESS;
	d->n[1] = month;
	d->n[2] = day;
	/* A leap year: 29 February is a birthday. */
	return date_valid(2000, month, day);
}

/* `Mar 12, 2025`, `Wed, 12 Mar 2025` at its first letter. */
static bool
read_named(struct text *t, struct guess_day *d)
{
	struct str w = word(t);
	int month, day, year;
	size_t digits;

	month = month_of(w);
	(void)take(t, '.');
	(void)take(t, ',');
	blanks(t);
	if (month == 0) {
		if (!is_weekday(w))
			return false;
		if (t->p < t->end && ascii_alpha((unsigned char)*t->p)) {
			month = month_of(word(t));
			blanks(t);
		}
	}
	if (number(t, 2, &day) == 0)
		return false;
	(void)take(t, ',');
	if (month == 0) {
		(void)take(t, '.');
		if (!take(t, '-'))
			blanks(t);
		month = month_of(word(t));
		(void)take(t, '.');
		(void)take(t, ',');
		(void)take(t, '-');
	}
	blanks(t);
	digits = number(t, 4, &year);
	return month != 0 && sure(d, year, digits, month, day);
}

/* Behind a day: `Mar 2025`, `-Mar-25`. */
static bool
read_month_name(struct text *t, struct guess_day *d, int day)
{
	int month = month_of(word(t)), year;
	size_t digits;

	(void)take(t, '.');
	(void)take(t, ',');
	if (!take(t, '-') && !take(t, '/'))
		blanks(t);
	digits = number(t, 4, &year);
	return month != 0 && sure(d, year, digits, month, day);
}

/* Three numbers with the same separator between. */
static bool
read_numbers(struct text *t, struct guess_day *d)
{
	char sep;
	int i;

	d->digits[0] = number(t, 8, &d->n[0]);
	if (d->digits[0] == 8) {
		int all = d->n[0];

		return sure(d, all / 10000, 4, all / 100 % 100, all % 100);
	}
	if (t->p == t->end || d->digits[0] > 4)
		return false;
	sep = *t->p;
	if (sep == ' ' || ascii_alpha((unsigned char)sep) ||
	    (sep != '\0' && strchr("-/.", sep) != NULL && t->p + 1 < t->end &&
		ascii_alpha((unsigned char)t->p[1]))) {
		if (!take(t, '-') && !take(t, '/'))
			(void)take(t, '.');
		blanks(t);
		return d->digits[0] <= 2 && read_month_name(t, d, d->n[0]);
	}
	if (sep != '-' && sep != '/' && sep != '.')
		return false;
	for (i = 1; i < 3; i++) {
		if (!take(t, sep))
			return false;
		if (sep == '.')
			blanks(t);
		d->digits[i] = number(t, 4, &d->n[i]);
		if (d->digits[i] == 0)
			return false;
	}
	d->what = DAY_OPEN;
	if (d->n[1] == 0 && (d->n[0] == 0 || d->n[2] == 0)) {
		d->what = DAY_EMPTY;
		return true;
	}
	if (d->digits[0] == 4)
		return d->digits[1] <= 2 && d->digits[2] <= 2 &&
		       sure(d, d->n[0], 4, d->n[1], d->n[2]);
	return d->digits[0] <= 2 && d->digits[1] <= 2 &&
	       (d->digits[2] == 2 || d->digits[2] == 4 || d->n[2] == 0 ||
		   d->digits[0] == 2);
}

/* ---- the time ---- */

static bool
read_zone(struct text *t, struct guess_day *d)
{
	struct str name;
	bool minus;
	int hours, minutes = 0;

	if (t->p == t->end)
		return true;
	d->zoned = true;
	if (*t->p != '+' && *t->p != '-') {
		name = word(t);
		return str_ieq(name, STR("z")) || str_ieq(name, STR("utc")) ||
		       str_ieq(name, STR("gmt"));
	}
	minus = *t->p++ == '-';
	if (number(t, 2, &hours) != 2)
		return false;
	(void)take(t, ':');
	if (t->p < t->end && ascii_digit((unsigned char)*t->p) &&
	    number(t, 2, &minutes) != 2)
		return false;
	d->offset = (hours * HOUR + minutes * MINUTE) * (minus ? -1 : 1);
	return hours <= 14 && minutes < 60;
}

/* `am`, `p.m.` and so on; false: another word. */
static bool
read_half(struct text *t, int *hours)
{
	char c;

	if (t->p == t->end)
		return true;
	c = ascii_tolower(*t->p);
	if (c != 'a' && c != 'p')
		return true;
	t->p++;
	(void)take(t, '.');
	if (t->p == t->end || ascii_tolower(*t->p) != 'm')
		return false;
	t->p++;
	(void)take(t, '.');
	if (*hours < 1 || *hours > 12)
		return false;
	*hours = *hours % 12 + (c == 'p' ? 12 : 0);
	return true;
}

static bool
read_time(struct text *t, struct guess_day *d)
{
	int hours, minutes = 0, secs = 0, ignored;
	bool colon = false;

	if (number(t, 2, &hours) == 0)
		return false;
	if (take(t, ':')) {
		colon = true;
		if (number(t, 2, &minutes) != 2)
			return false;
		if (take(t, ':') && number(t, 2, &secs) != 2)
			return false;
	}
	if ((take(t, '.') || take(t, ',')) && number(t, 9, &ignored) == 0)
		return false;
	blanks(t);
	/* NARROW NO-BREAK SPACE, which newer programs put there. */
	if (t->end - t->p >= 3 && memcmp(t->p, "\xE2\x80\xAF", 3) == 0)
		t->p += 3;
	if (!colon && (t->p == t->end || ascii_tolower(*t->p) == 'z'))
		return false;
	if (!read_half(t, &hours))
		return false;
	blanks(t);
	if (secs == 60)
		secs = 59;
	d->secs = hours * HOUR + minutes * MINUTE + secs;
	return hours < 24 && minutes < 60 && secs < 60 && read_zone(t, d);
}

bool
guess_read_day(struct str cell, struct guess_day *d)
{
	struct text t;
	bool fits;

	memset(d, 0, sizeof(*d));
	d->secs = -1;
	cell = str_trim(cell);
	if (cell.n == 0) {
		d->what = DAY_EMPTY;
		return true;
	}
	if (cell.n > GUESS_CELL_MAX)
		return false;
	t = (struct text){ cell.p, cell.p + cell.n };
	if (str_starts(cell, STR("--"))) {
		t.p += 2;
		fits = read_yearless(&t, d);
	} else if (ascii_alpha((unsigned char)*t.p)) {
		fits = read_named(&t, d);
	} else {
		fits = read_numbers(&t, d);
	}
	if (!fits)
		return false;
	if (t.p < t.end && d->what != DAY_YEARLESS) {
		(void)take(&t, ',');
		if (!take(&t, 'T') && !take(&t, ' '))
			return false;
		blanks(&t);
		if (!read_time(&t, d))
			return false;
	}
	return t.p == t.end;
}

bool
guess_order_day(const struct guess_day *d, enum date_order order, int32_t *days)
{
	/* Where year, month and day stand. */
	static const int at[ORDERS][3] = { { 0, 1, 2 }, { 2, 1, 0 },
		{ 2, 0, 1 }, { 0, 1, 2 } };
	const int *where = at[order];
	size_t digits = d->digits[where[0]];
	int year;

	if (d->what == DAY_OPEN) {
		if ((digits != 2 && digits != 4) || d->digits[where[1]] > 2 ||
		    d->digits[where[2]] > 2)
			return false;
		year = full_year(d->n[where[0]], digits);
		if (!date_valid(year, d->n[where[1]], d->n[where[2]]))
			return false;
		*days = date_from_civil(year, d->n[where[1]], d->n[where[2]]);
		return true;
	}
	*days = date_from_civil(d->n[0], d->n[1], d->n[2]);
	return d->what == DAY_SURE;
}
