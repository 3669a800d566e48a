/* SPDX-License-Identifier: MIT */
#include "format/cell.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/decimal.h"
#include "base/num.h"
#include "base/utf8.h"

#define N_(s) (s)

enum {
	ID_SUFFIX = 4,   /* characters, where nobody knows how many tell */
	DAYS_MAX = 60,   /* shown as days */
	MONTHS_MAX = 24, /* shown as months */
	TAIL_ROOM = 4,   /* columns left to the text before a tail */
	ROUND_PLACES = 2,
	SHARE_PLACES = 3, /* below 1 */
};

const char *
cell_word(const struct cell_env *env, const char *word)
{
	return env->translate != NULL ? env->translate(word) : word;
}

void
cell_say(struct buf *out, const struct cell_env *env, const char *sentence,
    struct str a, struct str b, struct str c)
{
	const char *p;

	for (p = cell_word(env, sentence); *p != '\0'; p++) {
		if (p[0] == '%' && p[1] >= '1' && p[1] <= '3') {
			p++;
			buf_adds(out, *p == '1' ? a : *p == '2' ? b : c);
		} else {
			buf_addc(out, *p);
		}
	}
}

static void
say_number(struct buf *out, const struct cell_env *env, const char *sentence,
    int64_t n)
{
	char digits[24];

	cell_say(out, env, sentence, str_n(digits, num_format(n, digits)),
	    STR_NONE, STR_NONE);
}

/* ---- dates ---- */

/* Whole months from day a to a later day b. */
static int64_t
months_between(int32_t a, int32_t b)
{
	int ya, ma, da, yb, mb, db;

	date_to_civil(a, &ya, &ma, &da);
	date_to_civil(b, &yb, &mb, &db);
	return ((int64_t)yb - ya) * 12 + mb - ma - (db < da);
}

static void
say_days(
    struct buf *out, int32_t day, int32_t today, const struct cell_env *env)
{
	bool past = day < today;
	int64_t days = past ? (int64_t)today - day : (int64_t)day - today;
	int64_t months =
	    past ? months_between(day, today) : months_between(today, day);

	if (days == 0)
		buf_addz(out, cell_word(env, N_("today")));
	else if (days == 1)
		buf_addz(out, past ? cell_word(env, N_("yesterday"))
				   : cell_word(env, N_("tomorrow")));
	else if (days <= DAYS_MAX)
		say_number(out, env,
		    past ? N_("%1 days ago") : N_("in %1 days"), days);
	else if (months <= MONTHS_MAX)
		/* 61 days may be a day short of two months. */
		say_number(out, env,
		    past ? N_("%1 months ago") : N_("in %1 months"),
		    months < 2 ? 2 : months);
	else
		say_number(out, env,
		    past ? N_("%1 years ago") : N_("in %1 years"), months / 12);
}

/* A birthday, perhaps without year: how long ago it was is not what one wants
 * to know of it. */
static void
say_birthday(struct buf *out, int32_t day)
{
	struct tm tm = { 0 };
	char text[64];
	int y, m, d;
	size_t n;

	date_to_civil(day, &y, &m, &d);
	tm.tm_mday = d;
	tm.tm_mon = m - 1;
	tm.tm_year = y - 1900;
	n = y == DATE_YEARLESS_YEAR
		? strftime(text, sizeof(text), "%d %b", &tm)
		: strftime(text, sizeof(text), "%d %b %Y", &tm);
	if (n > 1 && text[0] == '0')
		buf_add(out, text + 1, n - 1);
	else
		buf_add(out, text, n);
}

bool
cell_date(struct buf *out, struct str value, const struct cell_env *env)
{
	const struct zone *zone;
	int32_t day, today;
	int64_t ms, diff, minutes;
	int secs;

	if (env->clock == NULL)
		return false;
	zone = env->clock->zone;
	today = zone_day_of(zone, env->clock->now);
	if (date_parse(value, true, &day)) {
		if (str_starts(value, STR("--")))
			say_birthday(out, day);
		else
			say_days(out, day, today, env);
		return true;
	}
	if (!datetime_parse_canon(value, &ms))
		return false;
	diff = ms - env->clock->now;
	minutes = (diff < 0 ? -diff : diff) / 60000;
	if (minutes == 0) {
		buf_addz(out, cell_word(env, N_("now")));
	} else if (minutes < 60) {
		say_number(out, env,
		    diff < 0 ? N_("%1 min ago") : N_("in %1 min"), minutes);
	} else {
		zone_local(zone, ms, &day, &secs);
		if (day == today)
			buf_addf(out, "%02d:%02d", secs / 3600, secs / 60 % 60);
		else
			say_days(out, day, today, env);
	}
	return true;
}

/* ---- values ---- */

struct str
cell_id(struct str id, const struct cell_env *env)
{
	size_t n = ID_SUFFIX;

	if (env->wide || id.n != 26)
		return id;
	if (env->id_suffix != NULL)
		n = env->id_suffix(env->arg, id);
	return n < id.n ? str_sub(id, id.n - n, n) : id;
}

/* What a program computed, as people read it: of nine digits after the point
 * they need two, of a share three.  False: it has no more than these. */
static bool
put_rounded(struct buf *out, struct str value)
{
	char text[DECIMAL_TEXT];
	struct decimal d;
	int64_t cut = 1, half;
	unsigned places;

	if (decimal_parse(value, false, &d, NULL) != DECIMAL_OK)
		return false;
	places = str_starts(value, STR("0.")) || str_starts(value, STR("-0."))
		     ? SHARE_PLACES
		     : ROUND_PLACES;
	if (d.places <= places)
		return false;
	for (unsigned i = d.places; i > places; i--)
		cut *= 10;
	half = d.n < 0 ? -cut / 2 : cut / 2;
	buf_add(out, text, money_format((d.n + half) / cut, (int)places, text));
	return true;
}

void
cell_value(struct buf *out, const struct field *f, struct str value,
    const struct cell_env *env)
{
	enum type type = f != NULL ? f->type : TYPE_TEXT;
	int32_t day;

	if (type == TYPE_ID || (type == TYPE_REF && f->role != ROLE_LINK)) {
		buf_add_visible(out, cell_id(value, env));
		return;
	}
	if (!env->wide && f != NULL && f->yearless &&
	    date_parse(value, true, &day)) {
		say_birthday(out, day);
		return;
	}
	if (!env->wide && f != NULL &&
	    (type == TYPE_DATE || type == TYPE_DATETIME ||
		f->alt == TYPE_DATETIME) &&
	    cell_date(out, value, env))
		return;
	if (!env->wide && type == TYPE_DECIMAL && f->role != ROLE_STORED &&
	    put_rounded(out, value))
		return;
	buf_add_visible(out, value);
}

struct look_word {
	const char *word;
	enum cell_look look;
};

/* Values of enums that mean more than themselves. */
static const struct look_word look_words[] = {
	{ "done", LOOK_GREEN },
	{ "won", LOOK_GREEN },
	{ "paid", LOOK_GREEN },
	{ "shipped", LOOK_GREEN },
	{ "sent", LOOK_GREEN },
	{ "resolved", LOOK_GREEN },
	{ "granted", LOOK_GREEN },
	{ "reached", LOOK_GREEN },
	{ "waiting", LOOK_YELLOW },
	{ "pending", LOOK_YELLOW },
	{ "callback", LOOK_YELLOW },
	{ "in-doubt", LOOK_YELLOW },
	{ "high", LOOK_YELLOW },
	{ "urgent", LOOK_YELLOW },
	{ "refused", LOOK_RED },
	{ "failed", LOOK_RED },
	{ "bounced", LOOK_RED },
	{ "complained", LOOK_RED },
	{ "denied", LOOK_RED },
	{ "withdrawn", LOOK_RED },
};

static bool
is_past(struct str value, const struct clock *clock)
{
	int32_t day;
	int64_t ms;

	if (clock == NULL)
		return false;
	/* A date is the whole day. */
	if (date_parse(value, false, &day))
		return day < zone_day_of(clock->zone, clock->now);
	return datetime_parse_canon(value, &ms) && ms < clock->now;
}

/* Whether a task or case still waits to be done. */
static bool
is_open(const struct rec *rec)
{
	static const char *const over[] = { "done", "cancelled", "resolved",
		"closed" };
	struct str status = rec_get(rec, STR("status"));
	size_t i;

	for (i = 0; i < sizeof(over) / sizeof(over[0]); i++)
		if (str_eqz(status, over[i]))
			return false;
	return true;
}

enum cell_look
cell_look(struct str label, const struct field *f, struct str value,
    const struct rec *rec, const struct cell_env *env)
{
	size_t i;

	if (f == NULL)
		return LOOK_PLAIN;
	if (f->type == TYPE_ID || (f->type == TYPE_REF && f->role != ROLE_LINK))
		return LOOK_DIM;
	if (f->type == TYPE_ENUM) {
		for (i = 0; i < sizeof(look_words) / sizeof(look_words[0]); i++)
			if (str_eqz(value, look_words[i].word))
				return look_words[i].look;
		return LOOK_PLAIN;
	}
	if (str_eq(label, STR("overdue")))
		return str_eq(value, STR("0")) ? LOOK_PLAIN : LOOK_RED;
	if (str_eq(label, STR("next")) && is_past(value, env->clock))
		return LOOK_YELLOW;
	if (str_eq(label, STR("next_task")) ||
	    (str_eq(label, STR("due")) && is_open(rec)) ||
	    (str_eq(label, STR("respond_by")) && is_open(rec) &&
		rec_get(rec, STR("responded")).n == 0) ||
	    (str_eq(label, STR("resolve_by")) && is_open(rec)))
		return is_past(value, env->clock) ? LOOK_RED : LOOK_PLAIN;
	return LOOK_PLAIN;
}

void
cell_put(struct buf *out, struct str text, enum cell_look look,
    const struct cell_env *env)
{
	static const char *const codes[] = {
		[LOOK_DIM] = "\x1b[2m",
		[LOOK_GREEN] = "\x1b[32m",
		[LOOK_YELLOW] = "\x1b[33m",
		[LOOK_RED] = "\x1b[31m",
	};

	if (!env->color || look == LOOK_PLAIN || text.n == 0) {
		buf_adds(out, text);
		return;
	}
	buf_addz(out, codes[look]);
	buf_adds(out, text);
	buf_addz(out, "\x1b[0m");
}

void
cell_underline(struct buf *out, struct str text, const struct cell_env *env)
{
	if (env->color)
		buf_addz(out, "\x1b[4m");
	buf_adds(out, text);
	if (env->color)
		buf_addz(out, "\x1b[0m");
}

/* ---- widths ---- */

int
cell_width(struct str text)
{
	return utf8_width(text);
}

void
cell_blanks(struct buf *out, int n)
{
	for (; n > 0; n--)
		buf_addc(out, ' ');
}

/* Cuts text to cols, the ellipsis included. */
static int
cut(struct buf *out, struct str text, int cols, const struct cell_env *env)
{
	struct str dots = env->utf8 ? STR("\xE2\x80\xA6") : STR("...");
	int dots_width = env->utf8 ? 1 : 3;
	int width = 0;

	if (cols < dots_width) {
		buf_add(out, text.p, utf8_fit(text, cols, &width));
		return width;
	}
	buf_add(out, text.p, utf8_fit(text, cols - dots_width, &width));
	buf_adds(out, dots);
	return width + dots_width;
}

int
cell_fit(struct buf *out, struct str text, struct str tail, int cols,
    const struct cell_env *env)
{
	int width = utf8_width(text);
	int tail_width = utf8_width(tail);

	if (width + tail_width <= cols) {
		buf_adds(out, text);
		buf_adds(out, tail);
		return width + tail_width;
	}
	if (tail_width == 0 || cols - tail_width < TAIL_ROOM)
		return width <= cols ? cell_fit(out, text, STR_NONE, cols, env)
				     : cut(out, text, cols, env);
	width = cut(out, text, cols - tail_width, env);
	buf_adds(out, tail);
	return width + tail_width;
}

/* ---- counts ---- */

struct plural {
	const char *one, *many;
};

static const struct plural plurals[] = {
	{ N_("contact"), N_("contacts") },
	{ N_("company"), N_("companies") },
	{ N_("deal"), N_("deals") },
	{ N_("activity"), N_("activities") },
	{ N_("order"), N_("orders") },
	{ N_("product"), N_("products") },
	{ N_("task"), N_("tasks") },
	{ N_("case"), N_("cases") },
	{ N_("campaign"), N_("campaigns") },
	{ N_("message"), N_("messages") },
	{ N_("segment"), N_("segments") },
	{ N_("record"), N_("records") },
	{ N_("change"), N_("changes") },
	{ N_("operation"), N_("operations") },
	{ N_("customer"), N_("customers") },
	{ N_("pair"), N_("pairs") },
	{ N_("model"), N_("models") },
	{ N_("answer"), N_("answers") },
};

void
cell_kind(
    struct buf *out, size_t n, const char *kind, const struct cell_env *env)
{
	struct str name = str_of(kind != NULL ? kind : "record");
	size_t i;

	for (i = 0; i < sizeof(plurals) / sizeof(plurals[0]); i++)
		if (str_eqz(name, plurals[i].one)) {
			buf_addz(out, cell_word(env, n == 1 ? plurals[i].one
							    : plurals[i].many));
			return;
		}
	/* consent, points and users' kinds: their name is no noun to bend. */
	cell_say(out, env,
	    n == 1 ? N_("record of kind %1") : N_("records of kind %1"), name,
	    STR_NONE, STR_NONE);
}

void
cell_count(
    struct buf *out, size_t n, const char *kind, const struct cell_env *env)
{
	buf_addf(out, "%zu ", n);
	cell_kind(out, n, kind, env);
}
