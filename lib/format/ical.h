/* SPDX-License-Identifier: MIT */
/*
 * iCalendar (RFC 5545) as a format of records: VTODO is a task, VEVENT an
 * activity (meeting, visit); the reader and writer stand in formats[] as
 * `ical` (INTEGRATIONS.md 4).
 */
#ifndef FORMAT_ICAL_H
#define FORMAT_ICAL_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "record/rec.h"
#include "record/schema.h"

/* A whole VCALENDAR with the one object of a task or activity line; `was` as
 * in vcard_put. */
int ical_put(struct buf *out, const struct rec *, const struct schema *,
    const struct clock *, struct str was, struct err *) BASE_MUST;
/* The UID of the first VTODO or VEVENT in text; none. */
struct str ical_uid(struct str text, struct arena *);

/* The UID that the record has in a calendar: the foreign one that it came
 * with (ext:ical/UID), else ULID@crm-utils.  A view, or in the arena. */
struct str ical_uid_of(const struct rec *, struct arena *);

#endif
