/* SPDX-License-Identifier: MIT */
/*
 * Insides of iCalendar: ical_time.c (times, zones, durations, rules),
 * ical_prop.c (which property is which label), ical_object.c (the lines of a
 * VTODO or VEVENT to a record), ical_read.c (objects out of a stream),
 * ical_put.c (a record to lines, and into a file that is there),
 * ical_write.c (the stream that goes out).
 */
#ifndef FORMAT_ICAL_INT_H
#define FORMAT_ICAL_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/str.h"
#include "base/vec.h"
#include "format/content.h"
#include "format/ical.h"
#include "record/rec.h"
#include "record/schema.h"

enum {
	ICAL_OBJECT_MAX = 10 * 1024 * 1024,
	ICAL_KEPT_LINE_MAX = 64 * 1024, /* longer ones are left out */
	ICAL_KEPT_MAX = 1024 * 1024,    /* of one object */
	ICAL_DEPTH_MAX = 8,             /* of components in an object */
	ICAL_UID_MAX = 1000,
	ICAL_PROPS_MAX = 24, /* of ours, in a table */
};
#define ICAL_DOMAIN "@crm-utils"
#define ICAL_EXT "ical/"
#define ICAL_CONTACT "crm:contact/"

/* ---- ical_time.c ---- */

/* What the VTIMEZONEs of a stream say of their names. */
struct ical_zone {
	struct str tzid, location; /* in arena; location may be none */
	const struct zone *zone;   /* NULL: none, or not yet looked for */
	bool looked;
};
struct ical_zones {
	VEC(struct ical_zone) v;
	struct arena arena;
	const struct zone *local;    /* of times without zone; NULL: TZ */
	const struct zone *fallback; /* of an unknown TZID; NULL: refused */
};
void ical_zones_release(struct ical_zones *);
/* X-LIC-LOCATION of a VTIMEZONE. */
void ical_zones_add(struct ical_zones *, struct str tzid, struct str location);

/* A date or an instant. */
struct ical_when {
	bool date;
	int32_t day; /* where date */
	int64_t ms;  /* its first instant, where date */
};
/* Of a line such as DUE: 65. */
int ical_when_read(struct ical_zones *, const struct content_line *,
    struct ical_when *, struct err *) BASE_MUST;
/* As a field has it: 2026-03-02, or 2026-03-02T09:00:00Z. */
struct str ical_when_text(const struct ical_when *, struct arena *);
/* From that text `;VALUE=DATE:20260302` or `:20260302T090000Z`; false: it is
 * neither. */
bool ical_when_put(struct str text, struct buf *out);

/* P1DT2H to a span; false: none, or a negative one. */
bool ical_span_read(struct str, struct span *);
struct str ical_span_text(struct span, struct arena *);
/* From canonical text such as 5400s: false where iCalendar has none (3mo). */
bool ical_span_put(struct str text, struct buf *out);
/* The rule of a repeat, `FREQ=...` or a span. */
void ical_rule_put(struct str repeat, struct buf *out);
/* Whether crm itself tells when a rule comes next. */
bool ical_rule_known(struct str rule);

/* ---- ical_prop.c ---- */

enum ical_how {
	ICAL_FOREIGN, /* not ours: kept as it is */
	ICAL_DROP,    /* ours, but never read: DTSTAMP */
	ICAL_UID,
	ICAL_TEXT,
	ICAL_WHEN,
	ICAL_END, /* DTEND */
	ICAL_SPAN,
	ICAL_STATUS,
	ICAL_PRIORITY,
	ICAL_TAGS,
	ICAL_RULE,
	ICAL_URL,
	ICAL_ATTENDEE,
	ICAL_FIELD /* X-CRM-LABEL */
};

struct ical_prop {
	const char *name, *label; /* of ICAL_FIELD: NULL */
	enum ical_how how;
};

/* A kind of object. */
struct ical_kind {
	const char *component, *kind;  /* VTODO, task */
	const struct ical_prop *props; /* ours, in the order of output */
};
extern const struct ical_kind ical_todo, ical_event;
/* NULL: no such component is a record. */
const struct ical_kind *ical_kind_of(struct str component);
const struct ical_kind *ical_kind_for(struct str kind);
/* What a line is; never NULL. *label: of which it says something; none. */
const struct ical_prop *ical_prop_of(const struct ical_kind *,
    const struct kind *, const struct content_line *, struct arena *,
    struct str *label);
/* Status and priority: the label's value, and the property's. */
struct str ical_status_read(struct str);
const char *ical_status_put(struct str);
struct str ical_priority_read(struct str);
const char *ical_priority_put(struct str);

/* ---- ical_object.c ---- */

struct ical_reading {
	const struct schema *schema;
	struct ical_zones *zones;
	struct arena *arena;
	void (*warn)(void *arg, size_t line, const char *what);
	void *warn_arg;
	/* Lines alone, without BEGIN and without what an object needs: what
	 * they say is wanted, and no x.ical. */
	bool partial;
};
/*
 * The record of one component, from BEGIN to END (which may be missing).
 * line: the number of its first.  -1: 65 with the place in *line.
 * 1: it stands for no record (a birthday of ours).
 */
int ical_object_read(const struct ical_reading *, const struct ical_kind *,
    struct str text, size_t *line, struct rec *, struct err *) BASE_MUST;

/* The values of CATEGORIES that are tags to rec (NULL: nowhere), the others as
 * a CATEGORIES line to rest.  65: too many. */
int ical_tags_read(const struct ical_reading *, const struct kind *,
    const struct content_line *, struct rec *, struct buf *rest,
    struct err *) BASE_MUST;

/* ---- ical_put.c ---- */

bool ical_is_birthday(struct str uid);

/* Appends the component; the kept lines of x.ical with it. */
void ical_object_put(struct buf *, const struct ical_kind *, const struct rec *,
    const struct schema *, const struct clock *);
/* The birthday of a contact, where it has one. */
void ical_birthday_put(struct buf *, const struct rec *);
void ical_begin_put(struct buf *); /* BEGIN:VCALENDAR and what must follow */
void ical_end_put(struct buf *);

#endif
