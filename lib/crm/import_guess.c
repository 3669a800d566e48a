/* SPDX-License-Identifier: MIT */
/* Columns: what was seen in them, and what it settles. */
#include "crm/import_guess.h"

#include <string.h>

#include "base/utf8.h"
#include "crm/import_guess_int.h"
#include "record/schema.h"

enum { DAY_MS = 86400000 };

static const char *const orders[ORDERS] = { "", "dmy", "mdy", "ymd" };

/* ---- examples ---- */

void
guess_note_example(struct guess_example *e, struct str cell, size_t line)
{
	if (e->line != 0)
		return;
	cell = str_sub(str_trim(cell), 0, sizeof(e->text) - 1);
	cell.n = utf8_check(cell);
	if (cell.n != 0)
		memcpy(e->text, cell.p, cell.n);
	e->text[cell.n] = '\0';
	e->line = line;
}

int
guess_refuse(struct str cell, const char *wanted, struct err *err)
{
	struct guess_example e = { .line = 0 };

	guess_note_example(&e, cell, 1);
	return err_set(
	    err, STATUS_DATA, "got '%s', wanted %s", e.text, err_text(wanted));
}

/* The second goes on where the first stands. */
static void
note_two(struct guess_example e[2], struct str cell, size_t line)
{
	if (e[0].line == 0)
		guess_note_example(&e[0], cell, line);
	else if (!str_eqz(str_trim(cell), e[0].text))
		guess_note_example(&e[1], cell, line);
}

static int
fail_unsure(
    const char *column, const struct guess_example e[2], struct err *err)
{
	if (e[1].line == 0)
		return err_set(err, STATUS_DATA,
		    "%s: '%s' (line %zu) has two readings", column, e[0].text,
		    e[0].line);
	return err_set(err, STATUS_DATA,
	    "%s: '%s' (line %zu) and '%s' (line %zu) have two readings", column,
	    e[0].text, e[0].line, e[1].text, e[1].line);
}

static int
fail_against(const char *column, const struct guess_example *a,
    const struct guess_example *b, struct err *err)
{
	if (a->line > b->line)
		return fail_against(column, b, a, err);
	return err_set(err, STATUS_DATA,
	    "%s: '%s' (line %zu) and '%s' (line %zu) contradict each other",
	    column, a->text, a->line, b->text, b->line);
}

/* ---- dates ---- */

/* The place of two orders, i < k, among the three pairs. */
static int
pair(int i, int k)
{
	return i + k - 3;
}

void
guess_see_date(struct guess *g, struct str cell, size_t line)
{
	struct guess_day d;
	int32_t day[ORDERS];
	bool is[ORDERS] = { false };
	int i, k;

	if (!guess_read_day(cell, &d) || d.what != DAY_OPEN)
		return;
	for (i = 1; i < ORDERS; i++)
		is[i] = guess_order_day(&d, (enum date_order)i, &day[i]);
	if (!is[1] && !is[2] && !is[3])
		return; /* no date in any: said when it is read */
	for (i = 1; i < ORDERS; i++) {
		if (!is[i]) {
			g->no_order |= 1U << i;
			guess_note_example(&g->left_out[i], cell, line);
		}
		for (k = i + 1; k < ORDERS; k++)
			if (is[i] && is[k] && day[i] != day[k])
				note_two(g->differ[pair(i, k)], cell, line);
	}
}

static int
fail_dates(const struct guess *g, const char *column, struct err *err)
{
	const struct guess_example *a = &g->left_out[DATES_DMY];
	const struct guess_example *b = &g->left_out[DATES_MDY];

	if (a->line == b->line)
		b = &g->left_out[DATES_YMD];
	(void)fail_against(column, a, b, err);
	return err_add(err,
	    "; --dates=dmy, mdy or ymd takes one order and refuses the "
	    "rest");
}

/* The only order that was not left out; DATES_UNKNOWN: several. */
static enum date_order
only_order(const struct guess *g)
{
	enum date_order found = DATES_UNKNOWN;
	int i;

	for (i = 1; i < ORDERS; i++) {
		if ((g->no_order & 1U << i) != 0)
			continue;
		if (found != DATES_UNKNOWN)
			return DATES_UNKNOWN;
		found = (enum date_order)i;
	}
	return found;
}

/* Says by which cell others got their one reading, if any did. */
static void
say_order(const struct guess *g, const char *column, struct buf *note)
{
	const struct guess_example *by = NULL;
	int i, k;

	for (i = 1; i < ORDERS; i++)
		for (k = i + 1; k < ORDERS; k++)
			if (g->differ[pair(i, k)][0].line != 0 &&
			    (i == (int)g->dates || k == (int)g->dates))
				by = &g->left_out[i == (int)g->dates ? k : i];
	if (by != NULL)
		buf_addf(note,
		    err_text("%s: dates are read as %s, by '%s' (line %zu)"),
		    column, orders[g->dates], by->text, by->line);
}

int
guess_settle_dates(
    struct guess *g, const char *column, struct buf *note, struct err *err)
{
	unsigned all = 1U << DATES_DMY | 1U << DATES_MDY | 1U << DATES_YMD;
	int i, k;

	if (g->dates != DATES_UNKNOWN)
		return 0;
	if (g->no_order == all)
		return fail_dates(g, column, err);
	g->dates = only_order(g);
	if (g->dates != DATES_UNKNOWN) {
		g->dates_told = true;
		if (note != NULL)
			say_order(g, column, note);
		return 0;
	}
	for (i = 1; i < ORDERS; i++)
		for (k = i + 1; k < ORDERS; k++) {
			if (g->differ[pair(i, k)][0].line == 0 ||
			    (g->no_order & (1U << i | 1U << k)) != 0)
				continue;
			(void)fail_unsure(column, g->differ[pair(i, k)], err);
			return err_add(
			    err, "; --dates=dmy, mdy or ymd says which");
		}
	return 0;
}

/* The day of an open date in the orders that are left: how many there are. */
static int
open_day(const struct guess *g, const struct guess_day *d, int32_t *day)
{
	int32_t other;
	int i, n = 0;

	for (i = 1; i < ORDERS; i++) {
		if (g->dates != DATES_UNKNOWN ? i != (int)g->dates
					      : (g->no_order & 1U << i) != 0)
			continue;
		if (!guess_order_day(d, (enum date_order)i, &other))
			continue;
		if (n == 0 || other != *day)
			n++;
		*day = other;
	}
	return n;
}

static int
write_day(const struct guess_day *d, struct str cell, int32_t day,
    const struct zone *zone, struct arena *a, struct str *out, struct err *err)
{
	char text[DATETIME_TEXT];
	int64_t ms;
	size_t n;

	if (d->secs < 0) {
		n = date_format(day, text);
	} else {
		ms = (int64_t)day * DAY_MS +
		     ((int64_t)d->secs - d->offset) * 1000;
		if (!d->zoned && !zone_instant(zone, day, d->secs, &ms))
			return guess_refuse(cell,
			    "a time that local clocks show; "
			    "here they are put forward",
			    err);
		if (ms < (int64_t)DATE_MIN * DAY_MS ||
		    ms >= ((int64_t)DATE_MAX + 1) * DAY_MS)
			return guess_refuse(
			    cell, "a date from 0001 to 9999", err);
		n = datetime_format(ms, text);
	}
	*out = arena_str(a, str_n(text, n));
	return 0;
}

int
guess_date(const struct guess *g, struct str cell, const struct zone *zone,
    struct arena *a, struct str *out, struct err *err)
{
	struct guess_day d;
	int32_t day = 0;
	int readings = 1;

	*out = str_n("", 0);
	if (!guess_read_day(cell, &d))
		return guess_refuse(cell, "a date such as 2025-03-09", err);
	if (d.what == DAY_EMPTY)
		return 0;
	if (d.what == DAY_YEARLESS) {
		*out = arena_printf(a, "--%02d-%02d", d.n[1], d.n[2]);
		return 0;
	}
	if (d.what == DAY_OPEN)
		readings = open_day(g, &d, &day);
	else
		day = date_from_civil(d.n[0], d.n[1], d.n[2]);
	if (readings > 1)
		return guess_refuse(cell,
		    "a date with one reading; --dates=dmy, mdy or ymd "
		    "says which",
		    err);
	if (readings == 0 && g->dates != DATES_UNKNOWN) {
		(void)guess_refuse(cell, "a date", err);
		return err_add(err, " (%s)", orders[g->dates]);
	}
	if (readings == 0)
		return guess_refuse(cell, "a date such as 2025-03-09", err);
	return write_day(&d, cell, day, zone, a, out, err);
}

/* ---- numbers ---- */

void
guess_see_number(struct guess *g, struct str cell, size_t line)
{
	struct guess_figure f;
	bool same;
	unsigned set;

	if (!guess_read_figure(cell, &f))
		return;
	set = guess_figure_signs(&f, &same);
	if (same || set == 0)
		return;
	if (set == 1U << SIGN_COMMA)
		guess_note_example(&g->comma, cell, line);
	else if (set == 1U << SIGN_POINT)
		guess_note_example(&g->point, cell, line);
	else
		note_two(g->unsure, cell, line);
}

int
guess_settle_numbers(struct guess *g, const char *column, struct err *err)
{
	if (g->decimal != SIGN_UNKNOWN)
		return 0;
	if (g->comma.line != 0 && g->point.line != 0) {
		/* Each has one reading; only others would have to choose. */
		if (g->unsure[0].line == 0)
			return 0;
		(void)fail_against(column, &g->comma, &g->point, err);
		return err_add(err,
		    "; --decimal=comma or --decimal=point takes one and "
		    "refuses the rest");
	}
	if (g->comma.line != 0 || g->point.line != 0) {
		g->decimal = g->comma.line != 0 ? SIGN_COMMA : SIGN_POINT;
		g->decimal_told = true;
		return 0;
	}
	if (g->unsure[0].line == 0)
		return 0;
	(void)fail_unsure(column, g->unsure, err);
	return err_add(err, "; --decimal=comma or --decimal=point says which");
}

/* ---- countries ---- */

struct str
guess_country(struct str cell)
{
	return country_named(cell);
}
