/* SPDX-License-Identifier: MIT */
/* What several lines of a VTODO or VEVENT say together, known at its end. */
#include "format/ical_object.h"

#include "base/id.h"

static int
finish_uid(struct ical_object *o, struct err *err)
{
	struct str uid = o->uid, id_part;
	struct id id;

	if (str_ends(uid, STR(ICAL_DOMAIN)) && o->recurrence.n == 0) {
		id_part = str_sub(uid, 0, uid.n - (sizeof(ICAL_DOMAIN) - 1));
		if (id_part.n == ID_TEXT && id_parse(id_part, &id)) {
			ical_object_add(o, STR("id"), id_part);
			uid = STR_NONE;
		}
	}
	if (uid.n > ICAL_UID_MAX)
		return err_set(err, STATUS_DATA, "UID: longer than %d bytes",
		    ICAL_UID_MAX);
	/* An occurrence that was moved is a record beside the others. */
	if (uid.n > 0 && o->recurrence.n > 0)
		ical_object_add(o, STR("ext"),
		    arena_printf(o->a, ICAL_EXT "%.*s/%.*s", (int)uid.n, uid.p,
			STR_ARG(str_sub(o->recurrence, 0, 60))));
	else if (uid.n > 0)
		ical_object_add(o, STR("ext"),
		    arena_printf(o->a, ICAL_EXT "%.*s", (int)uid.n, uid.p));
	else if (o->ext.n > 0)
		ical_object_add(o, STR("ext"), o->ext);
	return 0;
}

static void
finish_status(struct ical_object *o)
{
	bool done = o->done.n > 0;

	if (o->status.n == 0 && done)
		o->status = STR("done");
	if (o->status.n > 0)
		ical_object_add(o, STR("status"), o->status);
	if (!done)
		return;
	if (str_eq(o->status, STR("done")))
		ical_object_add(o, STR("done"), o->done);
	else
		ical_object_keep(o, o->done_prop, o->done_text);
}

/* A span of ours comes as the rule that says the same, and as it is. */
static void
finish_rule(struct ical_object *o)
{
	struct buf same = BUF_INIT;
	bool moved = o->has_start && o->has_due &&
		     o->start.date == o->due.date && o->start.ms == o->due.ms;

	if (o->repeat.n > 0)
		ical_rule_put(o->repeat, &same);
	if (o->rule.n > 0 && str_eq(buf_str(&same), o->rule))
		ical_object_add(o, STR("repeat"), o->repeat);
	else if (o->rule.n > 0)
		ical_object_add(o, STR("repeat"), o->rule);
	buf_release(&same);
	if (o->rule.n > 0 && moved)
		o->start_text = STR_NONE;
}

static void
finish_span(struct ical_object *o)
{
	struct span span = { 0, 0, 0 };

	if (!o->has_end || !o->has_start ||
	    rec_get(o->rec, STR("duration")).p != NULL)
		return;
	if (o->start.date && o->end.date)
		span.days = o->end.day - o->start.day;
	else
		span.secs = (o->end.ms - o->start.ms) / 1000;
	if (span.days < 0 || span.secs < 0)
		ical_object_warn(o, ERR_N("DTEND is before DTSTART; left out"));
	else if (span.days != 0 || span.secs != 0)
		ical_object_add(o, STR("duration"), ical_span_text(span, o->a));
}

/* x.ical: lines of ours, DTSTART of a task, and what is not ours. */
static void
add_kept(struct ical_object *o)
{
	struct buf all = BUF_INIT;
	size_t i;

	for (i = 0; i < ICAL_PROPS_MAX + 2; i++) {
		struct str s = i < ICAL_PROPS_MAX    ? o->ours[i]
			       : i == ICAL_PROPS_MAX ? o->start_text
						     : buf_str(&o->keep);

		if (all.n > 0 && s.n > 0)
			buf_addc(&all, '\n');
		buf_adds(&all, s);
	}
	if (all.n > 0)
		ical_object_add(
		    o, STR("x.ical"), arena_str(o->a, buf_str(&all)));
	buf_release(&all);
}

int
ical_object_finish(struct ical_object *o, struct err *err)
{
	size_t i;

	if (finish_uid(o, err) < 0)
		return -1;
	if (o->ik == &ical_todo) {
		finish_status(o);
		finish_rule(o);
	} else {
		finish_span(o);
	}
	if (o->x->partial)
		return 0;
	if (o->ik == &ical_event && !o->has_start)
		return err_set(
		    err, STATUS_DATA, "DTSTART is missing: when was it?");
	if (o->ik == &ical_event && rec_get(o->rec, STR("type")).p == NULL)
		ical_object_add(o, STR("type"), STR("meeting"));
	/* Whoever has a store sees which of them are contacts. */
	if (rec_get(o->rec, STR("contact_id")).p == NULL)
		for (i = 0; i < o->nattendees; i++)
			ical_object_add(o, STR("_attendee"), o->attendee[i]);
	add_kept(o);
	return 0;
}
