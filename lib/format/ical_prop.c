/* SPDX-License-Identifier: MIT */
/* Which property of a VTODO or VEVENT is which label (INTEGRATIONS.md 4). */
#include "format/ical_int.h"

#include <string.h>

#include "format/xcrm.h"

/* In the order of output. */
static const struct ical_prop todo_props[] = {
	{ "UID", NULL, ICAL_UID },
	{ "DTSTAMP", NULL, ICAL_DROP },
	{ "LAST-MODIFIED", NULL, ICAL_DROP },
	{ "CREATED", "created", ICAL_WHEN },
	{ "SUMMARY", "title", ICAL_TEXT },
	{ "DUE", "due", ICAL_WHEN },
	{ "RRULE", "repeat", ICAL_RULE },
	{ "STATUS", "status", ICAL_STATUS },
	{ "COMPLETED", "done", ICAL_WHEN },
	{ "PRIORITY", "priority", ICAL_PRIORITY },
	{ "CATEGORIES", "tag", ICAL_TAGS },
	{ "URL", "contact_id", ICAL_URL },
	{ "DESCRIPTION", "note", ICAL_TEXT },
	{ "ATTENDEE", NULL, ICAL_ATTENDEE },
	{ NULL, NULL, ICAL_FOREIGN },
};

static const struct ical_prop event_props[] = {
	{ "UID", NULL, ICAL_UID },
	{ "DTSTAMP", NULL, ICAL_DROP },
	{ "LAST-MODIFIED", NULL, ICAL_DROP },
	{ "CREATED", "created", ICAL_WHEN },
	{ "DTSTART", "at", ICAL_WHEN },
	{ "DURATION", "duration", ICAL_SPAN },
	{ "DTEND", "duration", ICAL_END },
	{ "SUMMARY", "subject", ICAL_TEXT },
	{ "URL", "contact_id", ICAL_URL },
	{ "DESCRIPTION", "body", ICAL_TEXT },
	{ "ATTENDEE", NULL, ICAL_ATTENDEE },
	{ NULL, NULL, ICAL_FOREIGN },
};

const struct ical_kind ical_todo = { "VTODO", "task", todo_props };
const struct ical_kind ical_event = { "VEVENT", "activity", event_props };

const struct ical_kind *
ical_kind_of(struct str component)
{
	if (str_ieq(component, STR("VTODO")))
		return &ical_todo;
	return str_ieq(component, STR("VEVENT")) ? &ical_event : NULL;
}

const struct ical_kind *
ical_kind_for(struct str kind)
{
	if (str_eqz(kind, ical_todo.kind))
		return &ical_todo;
	return str_eqz(kind, ical_event.kind) ? &ical_event : NULL;
}

const struct ical_prop *
ical_prop_of(const struct ical_kind *ik, const struct kind *kind,
    const struct content_line *line, struct arena *a, struct str *label)
{
	static const struct ical_prop foreign = { NULL, NULL, ICAL_FOREIGN };
	static const struct ical_prop field = { NULL, NULL, ICAL_FIELD };
	static const struct ical_prop drop = { NULL, NULL, ICAL_DROP };
	const struct ical_prop *p;

	*label = STR_NONE;
	if (line->group.n != 0)
		return &foreign;
	for (p = ik->props; p->name != NULL; p++) {
		if (!str_ieq(line->name, str_of(p->name)))
			continue;
		/* The address of somebody else's page is theirs. */
		if (p->how == ICAL_URL &&
		    !str_starts(line->value, STR(ICAL_CONTACT)))
			return &foreign;
		*label = str_of(p->label);
		return p;
	}
	/* What a reject file says of the object. */
	if (xcrm_is_reason(line->name))
		return &drop;
	*label = xcrm_label(kind, line, a);
	if (label->n == 0 || str_eq(*label, STR("x.ical"))) {
		*label = STR_NONE;
		return &foreign;
	}
	return &field;
}

/* ---- words of ours and of theirs ---- */

struct word {
	const char *ours, *theirs;
};

/* The first of a class is what is written. */
static const struct word statuses[] = {
	{ "open", "NEEDS-ACTION" },
	{ "open", "IN-PROCESS" },
	{ "done", "COMPLETED" },
	{ "cancelled", "CANCELLED" },
	{ NULL, NULL },
};

static const struct word priorities[] = {
	{ "high", "1" },
	{ "high", "2" },
	{ "high", "3" },
	{ "high", "4" },
	{ "normal", "5" },
	{ "normal", "0" },
	{ "low", "9" },
	{ "low", "6" },
	{ "low", "7" },
	{ "low", "8" },
	{ NULL, NULL },
};

static struct str
ours(const struct word *w, struct str word)
{
	word = str_trim(word);
	while (w->ours != NULL && !str_ieq(word, str_of(w->theirs)))
		w++;
	return str_of(w->ours);
}

static const char *
theirs(const struct word *w, struct str word)
{
	while (w->ours != NULL && !str_eqz(word, w->ours))
		w++;
	return w->theirs;
}

struct str
ical_status_read(struct str s)
{
	return ours(statuses, s);
}

const char *
ical_status_put(struct str s)
{
	return theirs(statuses, s);
}

struct str
ical_priority_read(struct str s)
{
	return ours(priorities, s);
}

const char *
ical_priority_put(struct str s)
{
	return theirs(priorities, s);
}
