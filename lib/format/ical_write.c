/* SPDX-License-Identifier: MIT */
/*
 * One VCALENDAR around the stream: tasks, activities, and the birthdays of
 * contacts, who give nothing without one.
 */
#include "format/ical_int.h"

#include "format/internal.h"

static int
open_writer(struct writer *w, struct err *err)
{
	if (w->o.nfields > 0)
		return err_set(err, STATUS_USAGE,
		    "-o ical has the fields that a calendar has; not with -F");
	return 0;
}

static int
ical_put_rec(
    struct writer *w, const struct rec *rec, struct buf *out, struct err *err)
{
	struct str kind = rec_get(rec, STR("kind"));
	const struct ical_kind *ik;

	if (kind.n == 0)
		kind = str_of(w->o.kind != NULL ? w->o.kind : "contact");
	ik = ical_kind_for(kind);
	if (ik == NULL && !str_eq(kind, STR("contact"))) {
		w->count--; /* who goes on has not begun */
		return err_set(err, STATUS_DATA,
		    "kind: got '%.*s', but a calendar holds tasks, activities "
		    "and birthdays of contacts",
		    STR_ARG(reader_clip(kind)));
	}
	if (w->count == 1)
		ical_begin_put(out);
	if (ik != NULL)
		ical_object_put(out, ik, rec, w->o.schema, w->o.clock);
	else
		ical_birthday_put(out, rec);
	return 0;
}

static int
ical_end(struct writer *w, size_t total, struct buf *out, struct err *err)
{
	(void)total;
	(void)err;
	/* A calendar without anything is one still. */
	if (w->count == 0)
		ical_begin_put(out);
	ical_end_put(out);
	return 0;
}

const struct format_out ical_out = {
	.open = open_writer,
	.put = ical_put_rec,
	.end = ical_end,
	.raw = true,
};
