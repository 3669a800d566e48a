/* SPDX-License-Identifier: MIT */
/*
 * Reminders for remind(1), one a line: open tasks that are due, activities,
 * birthdays.  In a text `%` and `[` are commands to remind, which can run
 * programs: both are escaped, and a text is one line.
 */
#include "format/foreign.h"

#include <string.h>

#include "base/id.h"
#include "base/num.h"
#include "format/ical_int.h"

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

enum { LAST_SURE_DAY = 28, WEEK = 7, STEP_MAX = 100000 };

static void
put_text(struct buf *out, struct str text)
{
	struct buf line = BUF_INIT;
	size_t i;

	foreign_line(&line, text, NULL);
	for (i = 0; i < line.n; i++) {
		if (line.p[i] == '[')
			buf_addz(out, "[\"[\"]");
		else if (line.p[i] == '%')
			buf_addz(out, "%%");
		else
			buf_addc(out, line.p[i]);
	}
	/* At the end of a line it would join the next. */
	if (line.n > 0 && line.p[line.n - 1] == '\\')
		buf_addc(out, ' ');
	buf_release(&line);
}

static void
put_date(struct buf *out, int32_t day)
{
	char text[DATE_TEXT];

	buf_add(out, text, date_format(day, text));
}

/* ---- rules ---- */

struct rule {
	struct str freq;
	int64_t interval, count; /* count 0: none */
	int32_t until;           /* 0: none */
};

static bool
read_step(struct str text, int64_t *n)
{
	return num_i64(text, n) && *n >= 1 && *n <= STEP_MAX;
}

/* False: what remind is not told, so that it says the one day alone. */
static bool
read_rule(struct str text, struct rule *r)
{
	*r = (struct rule){ STR_NONE, 1, 0, 0 };
	if (!ical_rule_known(text))
		return false;
	while (text.p != NULL) {
		struct str value = str_cut(&text, ';');
		struct str name = str_cut(&value, '=');
		char day[DATE_TEXT] = "0000-00-00";

		if (str_eqz(name, "FREQ"))
			r->freq = value;
		else if ((str_eqz(name, "INTERVAL") &&
			     !read_step(value, &r->interval)) ||
			 (str_eqz(name, "COUNT") &&
			     !read_step(value, &r->count)))
			return false;
		if (!str_eqz(name, "UNTIL") || value.n < 8)
			continue;
		memcpy(day, value.p, 4);
		memcpy(day + 5, value.p + 4, 2);
		memcpy(day + 8, value.p + 6, 2);
		if (!date_parse(str_n(day, DATE_TEXT), false, &r->until))
			return false;
	}
	return true;
}

/* When: a day, and how it comes again. */
static void
put_when(struct buf *out, int32_t day, struct str repeat)
{
	struct buf text = BUF_INIT;
	struct rule r = { STR_NONE, 0, 0, 0 };
	int64_t step = 0, last;
	int y, m, d;

	date_to_civil(day, &y, &m, &d);
	if (repeat.n > 0)
		ical_rule_put(repeat, &text);
	if (text.n > 0 && read_rule(buf_str(&text), &r))
		step = str_eqz(r.freq, "DAILY")    ? r.interval
		       : str_eqz(r.freq, "WEEKLY") ? r.interval * WEEK
						   : 0;
	if (step > 0) {
		put_date(out, day);
		buf_addf(out, " *%lld", (long long)step);
		last = day + step * (r.count - 1);
		if (r.count > 0 && last <= DATE_MAX)
			r.until = (int32_t)last;
	} else if (r.interval == 1 && r.count == 0 && d <= LAST_SURE_DAY &&
		   (str_eqz(r.freq, "MONTHLY") || str_eqz(r.freq, "YEARLY"))) {
		buf_addi(out, d);
		if (str_eqz(r.freq, "YEARLY"))
			buf_addf(out, " %s", months[m - 1]);
		buf_addz(out, " FROM ");
		put_date(out, day);
	} else {
		put_date(out, day);
		r.until = 0;
	}
	if (r.until != 0) {
		buf_addz(out, " UNTIL ");
		put_date(out, r.until);
	}
	buf_release(&text);
}

/* ---- records ---- */

/* A date or a time of ours; with a time, when the clock on the wall says. */
static bool
put_at(
    const struct writer *w, struct buf *out, struct str when, struct str repeat)
{
	const struct zone *zone = w->o.clock != NULL ? w->o.clock->zone : NULL;
	int32_t day;
	int64_t ms;
	int secs;

	if (date_parse(when, false, &day)) {
		buf_addz(out, "REM ");
		put_when(out, day, repeat);
		return true;
	}
	if (!datetime_parse_canon(when, &ms))
		return false;
	zone_local(zone, ms, &day, &secs);
	buf_addz(out, "REM ");
	put_when(out, day, repeat);
	buf_addf(out, " AT %02d:%02d", secs / 3600, secs / 60 % 60);
	return true;
}

static bool
put_task(const struct writer *w, const struct rec *rec, struct buf *out)
{
	struct str status = rec_get(rec, STR("status"));

	if (status.n != 0 && !str_eqz(status, "open"))
		return false;
	return put_at(
	    w, out, rec_get(rec, STR("due")), rec_get(rec, STR("repeat")));
}

static bool
put_activity(const struct writer *w, const struct rec *rec, struct buf *out)
{
	struct err none = ERR_INIT;
	struct span span;

	if (!put_at(w, out, rec_get(rec, STR("at")), STR_NONE))
		return false;
	if (span_parse(rec_get(rec, STR("duration")), &span, &none) == 0 &&
	    span.secs >= 60)
		buf_addf(out, " DURATION %lld:%02d",
		    (long long)(span.secs / 3600), (int)(span.secs / 60 % 60));
	return true;
}

static bool
put_birthday(const struct rec *rec, struct buf *out)
{
	int32_t day;
	int y, m, d;

	if (!date_parse(rec_get(rec, STR("birthday")), true, &day))
		return false;
	date_to_civil(day, &y, &m, &d);
	buf_addf(out, "REM %d %s", d, months[m - 1]);
	return true;
}

static int
remind_put(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	struct str kind = rec_get(rec, STR("kind"));
	struct str id = rec_get(rec, STR("id"));
	const char *label;
	bool put;

	if (kind.n == 0)
		kind = str_of(w->o.kind != NULL ? w->o.kind : "contact");
	if (str_eqz(kind, "task")) {
		label = "title";
		put = put_task(w, rec, out);
	} else if (str_eqz(kind, "activity")) {
		label = "subject";
		put = put_activity(w, rec, out);
	} else if (str_eqz(kind, "contact")) {
		label = "name";
		put = put_birthday(rec, out);
	} else {
		return err_set(err, STATUS_DATA,
		    "kind: got '%.*s', but remind is told of tasks, "
		    "activities and birthdays of contacts",
		    STR_ARG(reader_clip(kind)));
	}
	if (!put)
		return 0; /* at no time */
	if (id.n == ID_TEXT)
		buf_addf(out, " TAG %.*s", STR_ARG(id));
	buf_addz(out, " MSG ");
	if (str_eqz(kind, "contact"))
		buf_addz(out, "Birthday: ");
	if (rec_get(rec, str_of(label)).n == 0)
		label = "type"; /* an activity without a subject */
	put_text(out, rec_get(rec, str_of(label)));
	buf_addc(out, '\n');
	return 0;
}

const struct format_out remind_out = {
	.put = remind_put,
	.raw = true,
};
