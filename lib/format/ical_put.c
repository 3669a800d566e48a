/* SPDX-License-Identifier: MIT */
/*
 * A task or an activity as a VTODO or VEVENT.  Ours come first, then what
 * x.ical kept.  A line kept of a property of ours (PRIORITY:3) is written for
 * as long as it says what the record says.
 */
#include "format/ical_put.h"

#include <string.h>

#include "base/hash.h"
#include "base/id.h"
#include "format/xcrm.h"
#include "record/value.h"

/* ---- lines ---- */

/* NAME and what is behind it, folded. */
static void
put_line(struct buf *out, const char *name, struct str rest)
{
	struct buf line = BUF_INIT;

	buf_addz(&line, name);
	buf_adds(&line, rest);
	content_put(out, buf_str(&line));
	buf_release(&line);
}

static void
put_text(struct buf *out, const char *name, struct str value)
{
	struct buf rest = BUF_INIT;

	buf_addc(&rest, ':');
	content_escape(&rest, value);
	put_line(out, name, buf_str(&rest));
	buf_release(&rest);
}

void
ical_begin_put(struct buf *out)
{
	buf_addz(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
		      "PRODID:-//crm-utils//crm-utils//EN\r\n");
}

void
ical_end_put(struct buf *out)
{
	buf_addz(out, "END:VCALENDAR\r\n");
}

/* ---- who and when ---- */

/* The foreign UID that the record came with; none. */
static struct str
foreign_uid(const struct rec *rec, struct str recurrence)
{
	struct str ext = rec_get(rec, STR("ext"));

	if (!str_starts(ext, STR(ICAL_EXT)))
		return STR_NONE;
	ext = str_sub(ext, sizeof(ICAL_EXT) - 1, ext.n);
	if (recurrence.n > 0 && ext.n > recurrence.n + 1 &&
	    str_ends(ext, recurrence) && ext.p[ext.n - recurrence.n - 1] == '/')
		ext.n -= recurrence.n + 1;
	return ext;
}

struct str
ical_uid_of(const struct rec *rec, struct arena *a)
{
	struct str kept = rec_get(rec, STR("x.ical"));
	struct str recurrence = STR_NONE, line;
	struct str id = rec_get(rec, STR("id"));
	uint64_t hash = 0;
	size_t i;

	while (kept.n > 0) {
		line = str_cut(&kept, '\n');
		if (str_ieq(str_sub(line, 0, 13), STR("RECURRENCE-ID")))
			recurrence =
			    str_sub(line, str_find(line, ':') + 1, line.n);
	}
	line = foreign_uid(rec, str_trim(recurrence));
	if (line.n > 0)
		return line;
	if (id.n > 0)
		return arena_printf(a, "%.*s" ICAL_DOMAIN, STR_ARG(id));
	/* A line that is no record: the same one has the same name. */
	for (i = 0; i < rec->n; i++)
		hash = hash_bytes(rec->v[i].value.p, rec->v[i].value.n, hash);
	return arena_printf(a, "%016llx" ICAL_DOMAIN, (unsigned long long)hash);
}

/* When the record was last written. */
static struct str
stamp(const struct put *p)
{
	struct str updated = rec_get(p->rec, STR("updated"));
	char *text;

	if (updated.n == 0)
		updated = rec_get(p->rec, STR("created"));
	if (updated.n > 0)
		return updated;
	text = arena_alloc(p->a, DATETIME_TEXT);
	return str_n(
	    text, datetime_format(p->clock != NULL ? p->clock->now : 0, text));
}

/* ---- whether a property holds a value ---- */

/* What stands behind the name of the property; false: nothing, or it cannot
 * say it. */
static bool
prop_rest(const struct put *p, const struct ical_prop *prop, struct buf *out)
{
	struct str v = rec_get(p->rec, str_of(prop->label)), tag;
	const char *word = NULL;
	size_t i = 0;

	if (v.n == 0)
		return false;
	switch (prop->how) {
	case ICAL_WHEN:
		/* COMPLETED would say that it is done. */
		if (strcmp(prop->label, "done") == 0 &&
		    !str_eqz(rec_get(p->rec, STR("status")), "done"))
			return false;
		return ical_when_put(v, out);
	case ICAL_SPAN:
		buf_addc(out, ':');
		return ical_span_put(v, out);
	case ICAL_STATUS:
	case ICAL_PRIORITY:
		word = prop->how == ICAL_STATUS ? ical_status_put(v)
						: ical_priority_put(v);
		buf_addc(out, ':');
		buf_addz(out, word != NULL ? word : "");
		return word != NULL;
	case ICAL_RULE:
		buf_addc(out, ':');
		ical_rule_put(v, out);
		return true;
	case ICAL_TAGS:
		while (rec_next(p->rec, STR("tag"), &i, &tag)) {
			buf_addc(out, out->n == 0 ? ':' : ',');
			content_escape(out, tag);
		}
		return true;
	case ICAL_URL:
		buf_addz(out, ":" ICAL_CONTACT);
		buf_adds(out, v);
		return !p->foreign_url;
	case ICAL_TEXT:
		buf_addc(out, ':');
		content_escape(out, v);
		return true;
	default:
		return false;
	}
}

void
put_start(struct put *p)
{
	struct buf rest = BUF_INIT;

	if (!p->has_start && ical_when_put(rec_get(p->rec, STR("due")), &rest))
		put_line(p->out, "DTSTART", buf_str(&rest));
	buf_release(&rest);
}

void
put_prop(struct put *p, const struct ical_prop *prop)
{
	struct buf rest = BUF_INIT;

	if (prop->how == ICAL_UID) {
		put_text(p->out, prop->name, ical_uid_of(p->rec, p->a));
	} else if (prop->how == ICAL_DROP) {
		if (ical_when_put(stamp(p), &rest))
			put_line(p->out, prop->name, buf_str(&rest));
	} else if (prop->label != NULL && prop_rest(p, prop, &rest)) {
		if (prop->how == ICAL_RULE)
			put_start(p);
		put_line(p->out, prop->name, buf_str(&rest));
	}
	buf_release(&rest);
}

/* ---- fields that are X-CRM-LABEL ---- */

static bool
is_carried(const struct put *p, struct str label)
{
	const struct field *f =
	    p->kind != NULL ? kind_field(p->kind, label) : NULL;

	if (label.n == 0 || label.p[0] == '_' || str_eq(label, STR("x.ical")))
		return false;
	if (f != NULL)
		return f->role == ROLE_STORED;
	return str_find(label, '.') == label.n && !str_eq(label, STR("id")) &&
	       !str_eq(label, STR("kind")) && !str_eq(label, STR("rev"));
}

/* From which value of the label on X-CRM-LABEL is needed; SIZE_MAX: none. */
static size_t
field_from(const struct put *p, struct str label)
{
	const struct ical_prop *prop;
	struct buf rest = BUF_INIT;
	struct str v = rec_get(p->rec, label);
	bool held = false;

	if (!is_carried(p, label) || v.n == 0)
		return SIZE_MAX;
	if (str_eq(label, STR("ext")))
		return str_starts(v, STR(ICAL_EXT)) ? SIZE_MAX : 0;
	for (prop = p->ik->props; prop->name != NULL && !held; prop++) {
		buf_clear(&rest);
		if (prop->label != NULL && str_eqz(label, prop->label))
			held = prop_rest(p, prop, &rest);
	}
	buf_release(&rest);
	if (!held)
		return 0;
	if (str_eq(label, STR("contact_id")))
		return 1;
	if (str_eq(label, STR("repeat")))
		return str_starts(v, STR("FREQ=")) ? SIZE_MAX : 0;
	return SIZE_MAX;
}

void
put_field(struct put *p, struct str label)
{
	size_t from = field_from(p, label), i = 0, n = 0;
	struct buf line = BUF_INIT;
	struct str v;

	while (from != SIZE_MAX && rec_next(p->rec, label, &i, &v)) {
		if (n++ < from || v.n == 0)
			continue;
		buf_clear(&line);
		xcrm_put_name(&line, label);
		buf_addc(&line, ':');
		content_escape(&line, v);
		content_put(p->out, buf_str(&line));
	}
	buf_release(&line);
}

bool
put_is_first(const struct rec *rec, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (str_eq(rec->v[k].label, rec->v[i].label))
			return false;
	return rec->v[i].op == PAIR_SET;
}

/* ---- what is said already ---- */

static struct str
canon(const struct put *p, struct str label, struct str in)
{
	const struct field *f =
	    p->kind != NULL ? kind_field(p->kind, label) : NULL;
	struct value_env env = {
		.schema = p->schema, .clock = p->clock, .places = -1
	};
	struct err err = ERR_INIT;
	struct str v;

	if (f == NULL || p->clock == NULL || f->type == TYPE_REF ||
	    value_canon(f, label, in, &env, p->a, &v, &err) < 0)
		return in;
	return v;
}

bool
put_is_same(const struct put *p, const struct rec *said, struct str label)
{
	size_t i = 0, k = 0;
	struct str a, b;
	bool more_a, more_b;

	for (;;) {
		more_a = rec_next(p->rec, label, &i, &a);
		more_b = rec_next(said, label, &k, &b);
		if (!more_a || !more_b)
			return more_a == more_b;
		if (!str_eq(a, b) &&
		    !str_eq(canon(p, label, a), canon(p, label, b)))
			return false;
	}
}

/* ---- x.ical ---- */

struct kept {
	struct str text;
	struct str given[ICAL_PROPS_MAX]; /* by place in ik->props */
};

/* Which lines are of ours and still say what the record says. */
static void
look_at_kept(struct put *p, struct kept *kept)
{
	struct ical_zones zones = { .local = p->clock ? p->clock->zone : NULL };
	struct ical_reading x = { p->schema, &zones, p->a, NULL, NULL, true };
	struct content c = { kept->text, 0, 1, CONTENT_FOLD };
	struct content_line l;
	struct rec said = REC_INIT;
	struct err err = ERR_INIT;
	size_t line = 1, depth = 0;
	int more;

	if (ical_object_read(&x, p->ik, kept->text, &line, &said, &err) < 0)
		rec_clear(&said);
	for (;;) {
		const struct ical_prop *prop;
		struct str label;

		err_clear(&err);
		more = content_next(&c, p->a, &l, &err);
		if (more == 0)
			break;
		if (more < 0)
			continue;
		if (str_ieq(l.name, STR("BEGIN")))
			depth++;
		if (str_ieq(l.name, STR("END")) && depth > 0)
			depth--;
		if (depth > 0)
			continue;
		p->foreign_url |= str_ieq(l.name, STR("URL")) &&
				  !str_starts(l.value, STR(ICAL_CONTACT));
		p->has_start |= str_ieq(l.name, STR("DTSTART"));
		prop = ical_prop_of(p->ik, p->kind, &l, p->a, &label);
		/* Kept categories are others than the tags: never given. */
		if (prop->name != NULL && label.n > 0 &&
		    prop->how != ICAL_TAGS && put_is_same(p, &said, label) &&
		    !put_is_split(p, prop, &l))
			kept->given[prop - p->ik->props] = l.text;
	}
	ical_zones_release(&zones);
}

/* A day and hours do not go together. */
bool
put_is_split(const struct put *p, const struct ical_prop *prop,
    const struct content_line *l)
{
	struct str span = rec_get(p->rec, STR("duration"));

	return prop->how == ICAL_WHEN && str_eqz(str_of(prop->label), "at") &&
	       str_trim(l->value).n == 8 && span.n > 0 &&
	       span.p[span.n - 1] != 'd';
}

/* What is not of ours, with its components whole. */
static void
put_foreign(struct put *p, struct str text)
{
	struct content c = { text, 0, 1, CONTENT_FOLD };
	struct str open[ICAL_DEPTH_MAX];
	struct content_line l;
	struct err err = ERR_INIT;
	size_t depth = 0;
	int more;

	while ((more = content_next(&c, p->a, &l, &err)) != 0) {
		const struct ical_prop *prop;
		struct str label;

		err_clear(&err);
		if (more < 0)
			continue;
		prop = ical_prop_of(p->ik, p->kind, &l, p->a, &label);
		if (str_ieq(l.name, STR("BEGIN"))) {
			if (depth == ICAL_DEPTH_MAX)
				return;
			open[depth++] = str_trim(l.value);
		} else if (str_ieq(l.name, STR("END"))) {
			if (depth == 0 ||
			    !str_ieq(open[depth - 1], str_trim(l.value)))
				continue;
			depth--;
		} else if (depth == 0 && prop->how != ICAL_FOREIGN &&
			   prop->how != ICAL_ATTENDEE &&
			   prop->how != ICAL_TAGS) {
			continue;
		}
		content_put(p->out, l.text);
	}
	while (depth > 0)
		put_line(p->out, "END:", open[--depth]);
}

/* ---- objects ---- */

void
ical_object_put(struct buf *out, const struct ical_kind *ik,
    const struct rec *rec, const struct schema *schema,
    const struct clock *clock)
{
	struct arena a = ARENA_INIT;
	struct put p = { .out = out,
		.ik = ik,
		.rec = rec,
		.schema = schema,
		.kind = schema_kind(schema, str_of(ik->kind)),
		.clock = clock,
		.a = &a };
	struct kept kept = { .text = rec_get(rec, STR("x.ical")) };
	size_t i;

	look_at_kept(&p, &kept);
	put_line(out, "BEGIN:", str_of(ik->component));
	for (i = 0; ik->props[i].name != NULL; i++) {
		if (kept.given[i].n > 0)
			content_put(out, kept.given[i]);
		else if (!str_eqz(str_of(ik->props[i].name), "LAST-MODIFIED"))
			put_prop(&p, &ik->props[i]);
	}
	for (i = 0; i < rec->n; i++)
		if (put_is_first(rec, i))
			put_field(&p, rec->v[i].label);
	put_foreign(&p, kept.text);
	put_line(out, "END:", str_of(ik->component));
	arena_release(&a);
}

/* ---- birthdays ---- */

/* No other UID of ours ends so. */
#define BIRTHDAY "-birthday" ICAL_DOMAIN
/* Of a birthday without its year: a leap year that calendars have. */
enum { BIRTHDAY_YEAR = 2000 };

bool
ical_is_birthday(struct str uid)
{
	return uid.n == ID_TEXT + sizeof(BIRTHDAY) - 1 &&
	       str_ends(uid, STR(BIRTHDAY));
}

void
ical_birthday_put(struct buf *out, const struct rec *rec)
{
	struct str id = rec_get(rec, STR("id"));
	struct str name = rec_get(rec, STR("name"));
	struct str when = rec_get(rec, STR("birthday"));
	struct arena a = ARENA_INIT;
	struct put p = { .out = out, .rec = rec, .a = &a };
	struct buf rest = BUF_INIT;
	int32_t day;

	if (id.n == 0 || !date_parse(when, true, &day))
		goto out;
	if (str_starts(when, STR("--")))
		when = arena_printf(
		    &a, "%d%.*s", BIRTHDAY_YEAR, STR_ARG(str_sub(when, 1, 6)));
	buf_addz(out, "BEGIN:VEVENT\r\n");
	put_text(out, "UID", arena_printf(&a, "%.*s" BIRTHDAY, STR_ARG(id)));
	if (ical_when_put(stamp(&p), &rest))
		put_line(out, "DTSTAMP", buf_str(&rest));
	buf_clear(&rest);
	if (ical_when_put(when, &rest))
		put_line(out, "DTSTART", buf_str(&rest));
	buf_addz(out, "DURATION:P1D\r\nRRULE:FREQ=YEARLY\r\n");
	put_text(out, "SUMMARY",
	    name.n == 0
		? STR("Birthday")
		: arena_printf(&a, "Birthday: %.*s", (int)name.n, name.p));
	put_line(out, "URL:" ICAL_CONTACT, id);
	buf_addz(out, "TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n");
out:
	buf_release(&rest);
	arena_release(&a);
}
