/* SPDX-License-Identifier: MIT */
/*
 * A VTODO or VEVENT while it is read: ical_object.c takes its lines one by
 * one, ical_finish.c what they say together.  All text is in the arena of the
 * reading.
 */
#ifndef FORMAT_ICAL_OBJECT_H
#define FORMAT_ICAL_OBJECT_H

#include "format/ical_int.h"

struct ical_object {
	const struct ical_reading *x;
	const struct ical_kind *ik;
	const struct kind *kind;
	struct rec *rec;
	struct arena *a;
	struct buf keep;
	/* Kept lines of ours, in the order in which they are written, so that
	 * what is written reads the same. */
	struct str ours[ICAL_PROPS_MAX];
	const struct ical_prop *prop; /* of the line at hand */
	const struct ical_prop *done_prop;
	size_t line;                     /* number of the one at hand */
	struct str open[ICAL_DEPTH_MAX]; /* components within the object */
	size_t depth;
	struct arena_mark outside; /* before the outermost of them */
	struct str uid, recurrence, ext, rule, repeat, status, done, done_text;
	struct str start_text; /* DTSTART of a task */
	struct ical_when start, due, end;
	bool has_start, has_due, has_end, kept_full;
	bool lives; /* what the line at hand left in the arena is needed */
	struct str *attendee;
	size_t nattendees;
};

void ical_object_warn(struct ical_object *, const char *fmt, ...)
    BASE_PRINTF(2, 3);
void ical_object_add(struct ical_object *, struct str label, struct str value);
/* Keeps a line of ours that says more than its label. */
void ical_object_keep(
    struct ical_object *, const struct ical_prop *, struct str text);
/* Adds to the record what follows from all lines, and x.ical: 0, -1. */
int ical_object_finish(struct ical_object *, struct err *) BASE_MUST;

#endif
