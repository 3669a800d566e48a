/* SPDX-License-Identifier: MIT */
/*
 * The lines of one VTODO or VEVENT as a record.  What no label holds stays
 * verbatim, unfolded and in order, in x.ical: properties that are not ours,
 * components such as VALARM, and of ours a line that says more than its label
 * (PRIORITY:3 is high; the 3 stays for as long as it is).
 */
#include "format/ical_object.h"

#include <stdio.h>
#include <string.h>

#include "base/ids.h"
#include "format/internal.h"
#include "record/value.h"

void
ical_object_warn(struct ical_object *o, const char *fmt, ...)
{
	struct err said = ERR_INIT;
	va_list ap;

	if (o->x->warn == NULL)
		return;
	va_start(ap, fmt);
	err_vset(&said, STATUS_DATA, fmt, ap);
	va_end(ap);
	o->x->warn(o->x->warn_arg, o->line, said.msg);
}

static void
keep(struct ical_object *o, struct str text)
{
	if (text.n > ICAL_KEPT_LINE_MAX) {
		ical_object_warn(o,
		    ERR_N("%.*s...: longer than 64 KiB, left out"),
		    STR_ARG(reader_clip(text)));
		return;
	}
	if (o->keep.n + text.n >= ICAL_KEPT_MAX) {
		if (!o->kept_full)
			ical_object_warn(o,
			    ERR_N("from %.*s on: more than 1 MiB that no field "
				  "holds, left out"),
			    STR_ARG(reader_clip(text)));
		o->kept_full = true;
		return;
	}
	if (o->keep.n > 0)
		buf_addc(&o->keep, '\n');
	buf_adds(&o->keep, text);
}

void
ical_object_keep(
    struct ical_object *o, const struct ical_prop *prop, struct str text)
{
	if (text.n > ICAL_KEPT_LINE_MAX) {
		keep(o, text); /* says so */
		return;
	}
	o->ours[prop - o->ik->props] = text;
	o->lives = true;
}

void
ical_object_add(struct ical_object *o, struct str label, struct str value)
{
	rec_add(o->rec, o->a, label, value);
	o->lives = true;
}

/* Whether a parameter says more than what zone and form a time has. */
static bool
says_more(const struct content_line *l)
{
	size_t i;

	for (i = 0; i < l->nparams; i++)
		if (!str_ieq(l->param[i].name, STR("TZID")) &&
		    !str_ieq(l->param[i].name, STR("VALUE")))
			return true;
	return false;
}

/* ---- single properties ---- */

static int
take_when(struct ical_object *o, const struct content_line *l, struct str label,
    struct err *err)
{
	bool due = str_eq(label, STR("due"));
	bool at = str_eq(label, STR("at"));
	struct ical_when w;

	if (ical_when_read(o->x->zones, l, &w, err) < 0)
		return -1;
	if (due) {
		o->due = w;
		o->has_due = true;
	} else if (at) {
		o->start = w;
		o->has_start = true;
	}
	/* A whole day is one still, for as long as the event is then. */
	if ((at && w.date) || (says_more(l) && content_param(l, "TZID").n == 0))
		ical_object_keep(o, o->prop, l->text);
	if (!due)
		w.date = false;
	if (str_eq(label, STR("done"))) {
		o->done = ical_when_text(&w, o->a);
		o->done_text = l->text;
		o->done_prop = o->prop;
		o->lives = true;
	} else {
		ical_object_add(o, label, ical_when_text(&w, o->a));
	}
	return 0;
}

/* A word of theirs: the line stays where ours does not say all of it. */
static void
take_word(struct ical_object *o, const struct content_line *l, struct str label,
    struct str word, const char *back)
{
	if (word.n == 0 || l->nparams > 0 || !str_eqz(str_trim(l->value), back))
		ical_object_keep(o, o->prop, l->text);
	if (word.n == 0)
		return;
	if (str_eq(label, STR("status")))
		o->status = word; /* a constant */
	else
		ical_object_add(o, label, word);
}

static void
take_span(struct ical_object *o, const struct content_line *l, struct str label)
{
	struct span span;

	if (!ical_span_read(l->value, &span)) {
		ical_object_warn(o,
		    ERR_N("DURATION: got '%.*s', no time that an event takes"),
		    STR_ARG(reader_clip(l->value)));
		ical_object_keep(o, o->prop, l->text);
		return;
	}
	if (l->nparams > 0)
		ical_object_keep(o, o->prop, l->text);
	ical_object_add(o, label, ical_span_text(span, o->a));
}

/* Whether the store would take the value. */
static bool
fits(const struct ical_reading *x, const struct kind *kind, const char *label,
    struct str in, struct str *out)
{
	const struct field *f =
	    kind != NULL ? kind_field(kind, str_of(label)) : NULL;
	struct value_env env = { .schema = x->schema, .places = -1 };
	struct err err = ERR_INIT;

	return f != NULL && value_canon(f, str_of(label), in, &env, x->arena,
				out, &err) == 0;
}

static void
take_rule(struct ical_object *o, const struct content_line *l)
{
	struct str rule;

	if (!fits(o->x, o->kind, "repeat", str_trim(l->value), &rule)) {
		ical_object_warn(o,
		    ERR_N("RRULE: '%.*s' is no rule; kept as it is"),
		    STR_ARG(reader_clip(l->value)));
		ical_object_keep(o, o->prop, l->text);
		return;
	}
	if (!ical_rule_known(rule))
		ical_object_warn(o,
		    ERR_N("RRULE: %.*s: only the calendar tells when it comes "
			  "next"),
		    STR_ARG(reader_clip(rule)));
	if (l->nparams > 0)
		ical_object_keep(o, o->prop, l->text);
	o->rule = rule;
	o->lives = true;
}

static void
take_url(struct ical_object *o, const struct content_line *l, struct str label)
{
	struct str text = str_trim(l->value);
	struct id id;

	text = str_sub(text, sizeof(ICAL_CONTACT) - 1, text.n);
	if (text.n != ID_TEXT || !id_parse(text, &id)) {
		ical_object_warn(o, ERR_N("URL: '%.*s' is no contact"),
		    STR_ARG(reader_clip(l->value)));
		ical_object_keep(o, o->prop, l->text);
		return;
	}
	ical_object_add(o, label, id_text(&id, o->a));
}

/* ---- properties that may come again ---- */

int
ical_tags_read(const struct ical_reading *x, const struct kind *kind,
    const struct content_line *l, struct rec *rec, struct buf *rest,
    struct err *err)
{
	struct str v[REC_FIELDS_MAX], canon;
	size_t i, n;

	n = content_split(l->value, ',', x->arena, v, REC_FIELDS_MAX);
	if (n > REC_FIELDS_MAX)
		return err_set(err, STATUS_DATA,
		    "CATEGORIES: more than %d values", REC_FIELDS_MAX);
	for (i = 0; i < n; i++) {
		struct str word = str_trim(v[i]);

		if (word.n == 0)
			continue;
		if (word.n <= (size_t)4 * LABEL_MAX &&
		    fits(x, kind, "tag", word, &canon)) {
			if (rec != NULL)
				rec_add(rec, x->arena, STR("tag"), word);
			continue;
		}
		buf_addz(rest, rest->n == 0 ? "CATEGORIES:" : ",");
		content_escape(rest, word);
	}
	return 0;
}

static int
take_tags(struct ical_object *o, const struct content_line *l, struct err *err)
{
	struct buf rest = BUF_INIT;
	size_t n = o->rec->n;
	int rc = ical_tags_read(o->x, o->kind, l, o->rec, &rest, err);

	o->lives |= o->rec->n != n;
	if (rc == 0 && rest.n > 0)
		keep(o, buf_str(&rest));
	buf_release(&rest);
	return rc;
}

static void
take_attendee(struct ical_object *o, const struct content_line *l)
{
	struct str address = str_trim(l->value);

	keep(o, l->text);
	if (!str_ieq(str_sub(address, 0, 7), STR("mailto:")))
		return;
	address = str_sub(address, 7, address.n);
	if (o->nattendees == REC_FIELDS_MAX || !email_valid(address))
		return;
	if (o->attendee == NULL)
		o->attendee =
		    arena_array(o->a, REC_FIELDS_MAX, sizeof(*o->attendee));
	o->attendee[o->nattendees++] = arena_str(o->a, address);
	o->lives = true;
}

static void
warn_twice(struct ical_object *o, const struct content_line *l)
{
	ical_object_warn(o, ERR_N("%.*s stands twice; the first counts"),
	    STR_ARG(reader_clip(l->name)));
}

/* X-CRM-LABEL */
static void
take_field(
    struct ical_object *o, const struct content_line *l, struct str label)
{
	struct str value = content_unescape(l->value, o->a);
	const struct field *f =
	    o->kind != NULL ? kind_field(o->kind, label) : NULL;

	o->lives = true;
	if (str_eq(label, STR("repeat")))
		o->repeat = value;
	else if (str_eq(label, STR("ext")))
		o->ext = value;
	else if (f != NULL && !f->multi && rec_get(o->rec, label).p != NULL)
		warn_twice(o, l);
	else
		ical_object_add(o, label, value);
}

/* ---- lines ---- */

/* Whether one that may stand once is there. */
static bool
is_taken(
    const struct ical_object *o, const struct ical_prop *p, struct str label)
{
	if (p->how == ICAL_UID)
		return o->uid.p != NULL;
	if (p->how == ICAL_END)
		return o->has_end;
	if (p->how == ICAL_RULE)
		return o->rule.p != NULL;
	if (p->how == ICAL_STATUS)
		return o->status.p != NULL;
	if (str_eq(label, STR("done")))
		return o->done.p != NULL;
	return (p->how == ICAL_TEXT || p->how == ICAL_WHEN ||
		   p->how == ICAL_SPAN || p->how == ICAL_PRIORITY) &&
	       rec_get(o->rec, label).p != NULL;
}

static void
take_foreign(struct ical_object *o, const struct content_line *l)
{
	if (str_ieq(l->name, STR("RECURRENCE-ID"))) {
		o->recurrence = arena_str(o->a, str_trim(l->value));
		o->lives = true;
	}
	/* A rule begins at DTSTART: its end sees whether that says more than
	 * DUE. */
	if (o->ik == &ical_todo && str_ieq(l->name, STR("DTSTART"))) {
		struct err none = ERR_INIT;

		if (o->start_text.p != NULL) {
			warn_twice(o, l);
			return;
		}
		o->start_text = arena_str(o->a, l->text);
		o->lives = true;
		o->has_start =
		    ical_when_read(o->x->zones, l, &o->start, &none) == 0 &&
		    !says_more(l);
		return;
	}
	keep(o, l->text);
}

static int
take(struct ical_object *o, const struct content_line *l, struct err *err)
{
	struct str label;
	const struct ical_prop *p =
	    ical_prop_of(o->ik, o->kind, l, o->a, &label);

	if (is_taken(o, p, label)) {
		warn_twice(o, l);
		return 0;
	}
	o->prop = p;
	switch (p->how) {
	case ICAL_DROP:
		break;
	case ICAL_FOREIGN:
		take_foreign(o, l);
		break;
	case ICAL_UID:
		o->uid = str_trim(content_unescape(l->value, o->a));
		o->lives = true;
		break;
	case ICAL_TEXT:
		if (l->nparams > 0)
			ical_object_keep(o, p, l->text);
		ical_object_add(o, label, content_unescape(l->value, o->a));
		break;
	case ICAL_WHEN:
		return take_when(o, l, label, err);
	case ICAL_END:
		o->has_end = true;
		return ical_when_read(o->x->zones, l, &o->end, err);
	case ICAL_SPAN:
		take_span(o, l, label);
		break;
	case ICAL_STATUS:
		take_word(o, l, label, ical_status_read(l->value),
		    ical_status_put(ical_status_read(l->value)));
		break;
	case ICAL_PRIORITY:
		take_word(o, l, label, ical_priority_read(l->value),
		    ical_priority_put(ical_priority_read(l->value)));
		break;
	case ICAL_TAGS:
		return take_tags(o, l, err);
	case ICAL_RULE:
		take_rule(o, l);
		break;
	case ICAL_URL:
		take_url(o, l, label);
		break;
	case ICAL_ATTENDEE:
		take_attendee(o, l);
		break;
	case ICAL_FIELD:
		take_field(o, l, label);
		break;
	}
	if (o->rec->n > REC_FIELDS_MAX)
		return err_set(
		    err, STATUS_DATA, "more than %d fields", REC_FIELDS_MAX);
	return 0;
}

/* A component within the object: kept, whatever it is. */
static int
begin_or_end(
    struct ical_object *o, const struct content_line *l, struct err *err)
{
	struct str name = str_trim(l->value);

	keep(o, l->text);
	if (str_ieq(l->name, STR("BEGIN"))) {
		if (o->depth == ICAL_DEPTH_MAX)
			return err_set(err, STATUS_DATA,
			    "deeper than %d components", ICAL_DEPTH_MAX);
		o->open[o->depth++] = arena_str(o->a, name);
		return 0;
	}
	if (o->depth == 0 || !str_ieq(o->open[o->depth - 1], name))
		return err_set(err, STATUS_DATA,
		    "END:%.*s ends nothing that is open",
		    STR_ARG(str_sub(name, 0, 60)));
	o->depth--;
	return 0;
}

/* ---- all of them ---- */

/* The lines between BEGIN and END. */
static int
read_lines(struct ical_object *o, struct content *c, struct err *err)
{
	struct content_line l;
	int more;

	for (;;) {
		struct arena_mark mark = arena_mark(o->a);
		bool edge;

		o->lives = false;
		more = content_next(c, o->a, &l, err);
		if (more == 0)
			return 0;
		o->line = l.line;
		if (more < 0 || !reader_text(l.text, err))
			return -1;
		edge = l.group.n == 0 && (str_ieq(l.name, STR("BEGIN")) ||
					     str_ieq(l.name, STR("END")));
		if (edge && o->depth == 0 && str_ieq(l.name, STR("END")) &&
		    str_ieq(str_trim(l.value), str_of(o->ik->component)))
			return 0;
		if (edge) {
			if (o->depth == 0)
				o->outside = mark;
			if (begin_or_end(o, &l, err) < 0)
				return -1;
			/* Nothing of a component within lives on. */
			if (o->depth == 0)
				arena_rewind(o->a, o->outside);
			continue;
		}
		if (o->depth > 0)
			keep(o, l.text);
		else if (take(o, &l, err) < 0)
			return -1;
		if (!o->lives)
			arena_rewind(o->a, mark);
	}
}

int
ical_object_read(const struct ical_reading *x, const struct ical_kind *ik,
    struct str text, size_t *line, struct rec *rec, struct err *err)
{
	struct ical_object o = { .x = x, .ik = ik, .rec = rec, .a = x->arena };
	struct content c = { text, 0, *line, CONTENT_FOLD };
	struct content_line first;
	int rc = -1;

	o.kind = schema_kind(x->schema, str_of(ik->kind));
	buf_init(&o.keep);
	o.line = *line;
	if (!x->partial && content_next(&c, x->arena, &first, err) <= 0)
		goto out;
	ical_object_add(&o, STR("kind"), str_of(ik->kind));
	if (read_lines(&o, &c, err) < 0)
		goto out;
	o.line = *line;
	if (ical_is_birthday(o.uid)) {
		rc = 1;
		goto out;
	}
	rc = ical_object_finish(&o, err);
out:
	*line = o.line;
	buf_release(&o.keep);
	return rc;
}
