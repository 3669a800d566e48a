/* SPDX-License-Identifier: MIT */
/* What writing an object anew (ical_put.c) and into a file that is there
 * (ical_file.c) share. */
#ifndef FORMAT_ICAL_PUT_H
#define FORMAT_ICAL_PUT_H

#include "format/ical_int.h"

struct put {
	struct buf *out;
	const struct ical_kind *ik;
	const struct rec *rec;
	const struct schema *schema;
	const struct kind *kind;
	const struct clock *clock; /* may be NULL */
	struct arena *a;
	bool foreign_url; /* URL is somebody else's: ours is a field */
	bool has_start;   /* so is DTSTART of a task */
};

/* Appends what the record has for a property of ours, if anything. */
void put_prop(struct put *, const struct ical_prop *);
/* Appends DTSTART of a task, unless there is one: a rule begins somewhere, a
 * task's where it is due. */
void put_start(struct put *);
/* Appends the X-CRM-LABEL lines of a label, if it needs some. */
void put_field(struct put *, struct str label);
/* Whether pair i is the first of its label. */
bool put_is_first(const struct rec *, size_t i);
/* Whether the record and what was read say the same of a label. */
bool put_is_same(const struct put *, const struct rec *said, struct str label);
/* Whether DTSTART is a day that the record's duration does not fit. */
bool put_is_split(
    const struct put *, const struct ical_prop *, const struct content_line *);

#endif
