/* SPDX-License-Identifier: MIT */
/*
 * A record put into a calendar file that is there (INTEGRATIONS.md 2, 4): of
 * its object only the properties of ours that differ are replaced, every
 * other byte of the file stays.
 */
#include "format/ical_put.h"

#include "format/internal.h"

/* Where the object stands in the text. */
struct place {
	size_t begin, body, end, behind; /* BEGIN line, lines, END line */
	size_t line;                     /* number of the first in body */
};

struct file {
	struct put p;
	struct str was;
	struct place at;
	struct ical_zones zones;
	struct rec said; /* what the file says now */
	struct rec told; /* labels and properties that were written */
};

/* ---- finding the object ---- */

struct scan {
	struct content c;
	struct arena *a;
	struct content_line l;
	struct err err;
};

/* The next line, broken ones too; false: the end. */
static bool
scan_next(struct scan *s)
{
	err_clear(&s->err);
	return content_next(&s->c, s->a, &s->l, &s->err) != 0;
}

static bool
is_edge(const struct content_line *l, const char *word, const char *name)
{
	return str_ieq(l->name, str_of(word)) &&
	       str_ieq(str_trim(l->value), str_of(name));
}

static size_t
offset(struct str text, struct str part)
{
	return (size_t)(part.p - text.p);
}

/* The rest of an object whose BEGIN was read: its place and its UID. */
static bool
scan_object(struct scan *s, const char *component, struct place *at,
    struct str *uid, bool *moved)
{
	struct str text = s->c.text;
	size_t depth = 0;

	*uid = STR_NONE;
	*moved = false;
	at->begin = offset(text, s->l.raw);
	at->body = s->c.pos;
	at->line = s->c.line;
	while (scan_next(s)) {
		if (depth == 0 && is_edge(&s->l, "END", component)) {
			at->end = offset(text, s->l.raw);
			at->behind = s->c.pos;
			return true;
		}
		if (str_ieq(s->l.name, STR("BEGIN")))
			depth++;
		else if (str_ieq(s->l.name, STR("END")) && depth > 0)
			depth--;
		else if (depth == 0 && str_ieq(s->l.name, STR("UID")))
			*uid = str_trim(content_unescape(s->l.value, s->a));
		else if (depth == 0 && str_ieq(s->l.name, STR("RECURRENCE-ID")))
			*moved = true;
	}
	return false;
}

/* The object of that UID, else the first that is no occurrence moved; zones
 * on the way.  uid none: the first of any kind. */
static bool
find_object(struct file *f, struct str uid)
{
	struct scan s = { { f->was, 0, 1, CONTENT_FOLD }, f->p.a, { .line = 0 },
		ERR_INIT };
	struct str tzid = STR_NONE, own;
	bool found = false, moved;
	struct place at;

	while (scan_next(&s)) {
		if (str_ieq(s.l.name, STR("TZID")))
			tzid = content_unescape(str_trim(s.l.value), f->p.a);
		if (str_ieq(s.l.name, STR("X-LIC-LOCATION")))
			ical_zones_add(&f->zones, tzid, str_trim(s.l.value));
		if (!is_edge(&s.l, "BEGIN", f->p.ik->component))
			continue;
		if (!scan_object(&s, f->p.ik->component, &at, &own, &moved))
			break;
		if (str_eq(own, uid) || (!found && !moved))
			f->at = at;
		found |= !moved;
		if (str_eq(own, uid))
			return true;
	}
	return found;
}

struct str
ical_uid(struct str text, struct arena *a)
{
	struct scan s = { { text, 0, 1, CONTENT_FOLD }, a, { .line = 0 },
		ERR_INIT };
	struct place at;
	struct str uid;
	bool moved;

	while (scan_next(&s)) {
		const struct ical_kind *ik = NULL;

		if (str_ieq(s.l.name, STR("BEGIN")))
			ik = ical_kind_of(str_trim(s.l.value));
		if (ik == NULL)
			continue;
		(void)scan_object(&s, ik->component, &at, &uid, &moved);
		return arena_str(a, uid);
	}
	return STR_NONE;
}

/* ---- what differs ---- */

static bool
same(const struct file *f, struct str label)
{
	return put_is_same(&f->p, &f->said, label);
}

static bool
has_property(const struct file *f, struct str label)
{
	const struct ical_prop *p;

	for (p = f->p.ik->props; p->name != NULL; p++)
		if (p->label != NULL && str_eqz(label, p->label))
			return true;
	return false;
}

/* Labels that a file of ours says something of. */
static bool
counts(const struct file *f, struct str label)
{
	const struct field *fd =
	    f->p.kind != NULL ? kind_field(f->p.kind, label) : NULL;

	if (has_property(f, label))
		return true;
	if (str_eq(label, STR("x.ical")) || str_eq(label, STR("ext")))
		return false;
	return fd != NULL && fd->role == ROLE_STORED;
}

static bool
any_differs(const struct file *f)
{
	const struct rec *both[2] = { f->p.rec, &f->said };
	size_t i, k;

	for (k = 0; k < 2; k++)
		for (i = 0; i < both[k]->n; i++)
			if (counts(f, both[k]->v[i].label) &&
			    !same(f, both[k]->v[i].label))
				return true;
	return false;
}

/* ---- lines in, lines out ---- */

/* True the first time. */
static bool
tell(struct file *f, struct str name)
{
	if (rec_get(&f->told, name).p != NULL)
		return false;
	rec_add(&f->told, f->p.a, name, STR("1"));
	return true;
}

/* DTSTART of a task, where it is but the DUE that its rule begins at. */
static bool
is_tied(struct file *f, const struct content_line *l)
{
	struct ical_when w;
	struct err none = ERR_INIT;

	return f->p.ik == &ical_todo && str_ieq(l->name, STR("DTSTART")) &&
	       rec_get(&f->said, STR("repeat")).n > 0 &&
	       ical_when_read(&f->zones, l, &w, &none) == 0 &&
	       str_eq(
		   ical_when_text(&w, f->p.a), rec_get(&f->said, STR("due")));
}

/* Categories that are no tags stay when the tags are others. */
static void
put_other_tags(struct file *f, const struct content_line *l)
{
	struct ical_reading x = { f->p.schema, &f->zones, f->p.a, NULL, NULL,
		false };
	struct buf rest = BUF_INIT;
	struct err none = ERR_INIT; /* it was read before */

	if (ical_tags_read(&x, f->p.kind, l, NULL, &rest, &none) == 0 &&
	    rest.n > 0)
		content_put(f->p.out, buf_str(&rest));
	buf_release(&rest);
}

/* A line of the object: as it is, ours, or none. */
static void
put_over(struct file *f, const struct content_line *l)
{
	struct str label;
	const struct ical_prop *p =
	    ical_prop_of(f->p.ik, f->p.kind, l, f->p.a, &label);
	bool stays = p->how == ICAL_FOREIGN || p->how == ICAL_ATTENDEE ||
		     p->how == ICAL_UID || (label.n > 0 && same(f, label));

	if (p->name != NULL)
		(void)tell(f, str_of(p->name));
	if (p->how == ICAL_END)
		stays &= same(f, STR("at"));
	if (is_tied(f, l) && !(same(f, STR("due")) && same(f, STR("repeat")))) {
		f->p.has_start = false;
		if (rec_get(f->p.rec, STR("repeat")).n > 0)
			put_start(&f->p);
		f->p.has_start = true;
		return;
	}
	if (p->how == ICAL_FIELD && str_eq(label, STR("ext")))
		stays = true;
	if (stays) {
		buf_adds(f->p.out, l->raw);
		return;
	}
	if (p->how == ICAL_FIELD && tell(f, label))
		put_field(&f->p, label);
	else if (p->how == ICAL_END && tell(f, STR("DURATION")))
		put_prop(&f->p, p - 1); /* DURATION stands before it */
	else if (p->name != NULL && p->how != ICAL_END &&
		 tell(f, arena_printf(f->p.a, "%s=", p->name)))
		put_prop(&f->p, p);
	if (p->how == ICAL_TAGS)
		put_other_tags(f, l);
}

/* What the object has no line for yet. */
static void
put_missing(struct file *f)
{
	const struct ical_prop *p;
	const struct rec *rec = f->p.rec;
	size_t i;

	for (p = f->p.ik->props; p->name != NULL; p++) {
		bool stamp = p->how == ICAL_DROP;

		if (rec_get(&f->told, str_of(p->name)).p != NULL ||
		    str_eqz(str_of(p->name), "LAST-MODIFIED"))
			continue;
		if (stamp || p->how == ICAL_UID ||
		    (p->label != NULL && !same(f, str_of(p->label))))
			put_prop(&f->p, p);
	}
	for (i = 0; i < rec->n; i++)
		if (put_is_first(rec, i) &&
		    rec_get(&f->told, rec->v[i].label).p == NULL &&
		    !same(f, rec->v[i].label))
			put_field(&f->p, rec->v[i].label);
}

/* Before a line is replaced: what of the others matters to it. */
static void
look(struct file *f)
{
	struct scan s = { { str_sub(f->was, 0, f->at.end), f->at.body,
			      f->at.line, CONTENT_FOLD },
		f->p.a, { .line = 0 }, ERR_INIT };
	size_t depth = 0;

	while (scan_next(&s)) {
		if (str_ieq(s.l.name, STR("BEGIN")))
			depth++;
		if (str_ieq(s.l.name, STR("END")) && depth > 0)
			depth--;
		if (depth > 0)
			continue;
		f->p.has_start |= str_ieq(s.l.name, STR("DTSTART"));
		f->p.foreign_url |= str_ieq(s.l.name, STR("URL")) &&
				    !str_starts(s.l.value, STR(ICAL_CONTACT));
	}
}

static void
put_object(struct file *f)
{
	struct scan s = { { str_sub(f->was, 0, f->at.end), f->at.body,
			      f->at.line, CONTENT_FOLD },
		f->p.a, { .line = 0 }, ERR_INIT };
	struct buf *out = f->p.out;
	bool missing = true;
	size_t depth = 0;

	look(f);
	buf_adds(out, str_sub(f->was, 0, f->at.body));
	while (scan_next(&s)) {
		bool begin = str_ieq(s.l.name, STR("BEGIN"));

		/* Properties stand before components. */
		if (begin && missing) {
			put_missing(f);
			missing = false;
		}
		depth += begin;
		if (depth > 0)
			buf_adds(out, s.l.raw);
		else
			put_over(f, &s.l);
		if (str_ieq(s.l.name, STR("END")) && depth > 0)
			depth--;
	}
	if (missing)
		put_missing(f);
	buf_adds(out, str_sub(f->was, f->at.end, f->was.n));
}

/* ---- the whole ---- */

static void
put_new(struct buf *out, const struct put *p)
{
	ical_begin_put(out);
	ical_object_put(out, p->ik, p->rec, p->schema, p->clock);
	ical_end_put(out);
}

static int
put_into(struct file *f, struct err *err)
{
	struct ical_reading x = { f->p.schema, &f->zones, f->p.a, NULL, NULL,
		true };
	size_t line = f->at.line;

	if (ical_object_read(&x, f->p.ik,
		str_sub(f->was, f->at.body, f->at.end - f->at.body), &line,
		&f->said, err) < 0)
		return err_prefix(err, "line %zu", line);
	if (any_differs(f))
		put_object(f);
	else
		buf_adds(f->p.out, f->was);
	return 0;
}

int
ical_put(struct buf *out, const struct rec *rec, const struct schema *schema,
    const struct clock *clock, struct str was, struct err *err)
{
	struct arena a = ARENA_INIT;
	struct file f = { .was = was,
		.p = { .out = out,
		    .rec = rec,
		    .schema = schema,
		    .clock = clock,
		    .a = &a },
		.said = REC_INIT,
		.told = REC_INIT };
	struct str kind = rec_get(rec, STR("kind"));
	int rc = 0;

	f.p.ik = ical_kind_for(kind);
	if (f.p.ik == NULL)
		return err_set(err, STATUS_DATA,
		    "kind: got '%.*s', wanted a task or an activity",
		    STR_ARG(reader_clip(kind)));
	f.p.kind = schema_kind(schema, kind);
	if (clock != NULL)
		f.zones.local = f.zones.fallback = clock->zone;
	if (was.n > 0 && find_object(&f, ical_uid_of(rec, &a)))
		rc = put_into(&f, err);
	else
		put_new(out, &f.p);
	ical_zones_release(&f.zones);
	arena_release(&a);
	return rc;
}
