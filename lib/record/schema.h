/* SPDX-License-Identifier: MIT */
/*
 * The schema: which kinds, fields, enums and rules a store has (SCHEMA.md,
 * MODEL.md).  A schema is immutable once built, lives in its own arena and is
 * freed whole; every pointer in it lives as long as it does.
 *
 * It comes from YAML (the built-in file, laid over by users' files), is
 * printed as canonical YAML, and travels in a compiled form that loads in
 * microseconds, since each start of a program needs it.
 */
#ifndef RECORD_SCHEMA_H
#define RECORD_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/str.h"

enum type {
	TYPE_NONE, /* no second type */
	TYPE_TEXT,
	TYPE_ID,
	TYPE_REF,
	TYPE_INT,
	TYPE_DECIMAL,
	TYPE_MONEY,
	TYPE_DATE,
	TYPE_DATETIME,
	TYPE_BOOL,
	TYPE_ENUM,
	TYPE_EMAIL,
	TYPE_PHONE,
	TYPE_URL,
	TYPE_TAG,
	TYPE_DURATION,
	TYPE_LINEITEM,
};
const char *type_name(enum type); /* as the schema file spells it */

/* What a label of a kind is. */
enum role {
	ROLE_STORED,  /* a declared field */
	ROLE_STORE,   /* id kind rev created updated */
	ROLE_LINK,    /* `company`: the display name of company_id */
	ROLE_DERIVED, /* kept in agg, or computed: read-only */
};

enum check {
	CHECK_NONE,
	CHECK_BCP47,
	CHECK_TZ,
	CHECK_DOMAIN,
	CHECK_EXT,
	CHECK_RRULE
};

/* Trees of STORE.md that records live in. */
enum rec_tree { RTREE_CONTACT = 1, RTREE_REC = 2, RTREE_EV = 3, RTREE_LED = 4 };

/* Fields of several values repeat; numbers are those of record/labels.h: one
 * number a label over all kinds, built-in ones constant, own ones given by
 * the store's dictionary (0: not yet). */
struct field {
	const char *name;
	uint16_t len; /* of the name */
	uint16_t no;
	enum role role;
	enum type type, alt; /* alt: TYPE_NONE, or the B of `A|B` */
	bool multi, unique, index, search, required, owner, text;
	bool ordered; /* enum values compare by order */
	bool yearless, default_now, builtin;
	bool family; /* `score.*`, `revenue.*`, x.*: name is the
		      * prefix with its dot */
	enum check check;
	const char *ref;       /* kind referred to, for TYPE_REF and links */
	const char *enum_name; /* for TYPE_ENUM: of schema->enums, or
				* iso3166, iso4217, or `deal-stage` */
	const struct enum_def *values; /* NULL for iso3166, iso4217 */
	const char *fallback;          /* `default`, canonical text, or NULL */
	const char *was, *help;        /* or NULL */
	const struct field *link;      /* of a ROLE_LINK: its ref field; of a
					* ref field: its link label */
	uint16_t pos; /* canonical position in the kind, from 0 */
	bool bounded; /* an int from lo to hi only */
	int64_t lo, hi;
};

/* One that a schema file declares, as against links, derived fields and the
 * families of x.NAME. */
static inline bool
field_declared(const struct field *f)
{
	return f->role == ROLE_STORED && !f->family;
}

struct enum_value {
	const char *name, *was;
	uint8_t dir;         /* activity-type: 0 none, 1 in, 2 out */
	bool person;         /* activity-type: contact by a person */
	bool counts;         /* order-status: the order counts */
	const char *channel; /* activity-type: if not called as the type */
	bool builtin;
	uint16_t no; /* number for timeline rows: built-in ones
		      * constant (position), own ones from 256 by
		      * the store's dictionary; 0: not yet */
};

struct enum_def {
	const char *name; /* KIND.FIELD of one declared at its field */
	bool ordered;
	bool derived; /* follows from other parts, never written in
		       * a file: kind pipeline deal-stage purpose
		       * consent-channel */
	struct enum_value *v;
	size_t n;
};

struct alias {
	const char *name, *target;
};

struct name_list {
	const char **v;
	size_t n;
};

struct kind {
	const char *name, *was;
	uint8_t no; /* 1..63 built in, user kinds from 64 (0: not
		     * yet numbered) */
	enum rec_tree tree;
	bool builtin;
	bool ledger;         /* consent, points: entries never change */
	const char *display; /* label that stands for a record */
	struct name_list table, needs;
	struct alias *alias;
	size_t nalias;
	struct name_list *unique; /* several fields together */
	size_t nunique;
	const struct field *timeline; /* field it stands at, `created` too;
				       * NULL: on no timeline */
	/* All labels in canonical order (FORMAT.md 9): id kind rev, declared
	 * with link labels before their ref, x. family, created updated,
	 * derived. */
	struct field *v;
	size_t n;
	/* Hashes of names and of numbers to positions + 1, made by
	 * schema_finish; sizes are powers of two. */
	uint16_t *hash, *hash_no;
	size_t hash_n, hash_no_n;
	size_t first_derived; /* v[first_derived..n) */
	/* score.MODEL.at and score.MODEL.LABEL that are no decimals: members
	 * of the family `score.` with another type. */
	struct field *score; /* SCHEMA_SCORE_TYPES, or NULL */
};
enum { SCHEMA_SCORE_TYPES = 2 };

struct stage {
	const char *name, *was;
	int percent; /* 0..100 */
	bool won, lost;
};

struct pipeline {
	const char *name;
	struct stage *v;
	size_t n;
};

struct channel_rule {
	const char *name;
	uint16_t no; /* label number of consent.NAME */
	bool opt_in, has_quiet, builtin;
	int quiet_from, quiet_to; /* minutes of the day */
};
struct purpose {
	const char *name;
	const char *class; /* marketing, service, transactional */
};
struct cap {
	int n;
	int64_t secs;
	const char *channel; /* NULL: any */
	const char *text;    /* as written */
};

struct hours {       /* one weekly interval, minutes of the day */
	int weekday; /* 1 Monday .. 7 Sunday */
	int from, to;
};
struct calendar {
	const char *name, *tz;
	struct hours *hours;
	size_t nhours;
	int32_t *holidays; /* days; yearless ones in year 0 */
	size_t nholidays;
};
/* By place in the enum case-priority: low normal high urgent, and own ones. */
enum { PRIORITY_MAX = 16 };
struct sla {
	const char *when; /* query text, or NULL: every case */
	const char *calendar;
	int64_t respond[PRIORITY_MAX],
	    resolve[PRIORITY_MAX]; /* secs; -1 none */
};
struct cadence {
	const char *when;
	struct span every;
};

struct schema {
	struct arena arena;
	const char *currency, *country, *tz; /* NULL where unset */
	struct kind *kinds;
	size_t nkinds;
	struct enum_def *enums;
	size_t nenums;
	struct pipeline *pipelines;
	size_t npipelines;
	struct channel_rule *channels;
	size_t nchannels;
	struct purpose *purposes;
	size_t npurposes;
	struct cap *caps;
	size_t ncaps;
	struct calendar *calendars;
	size_t ncalendars;
	struct sla *sla;
	size_t nsla;
	struct cadence *cadence;
	size_t ncadence;
};

/* The compiled-in one; never freed.  Its text is schema_builtin_text. */
const struct schema *schema_builtin(void);
enum { SCHEMA_HASH = 32 };
/* BLAKE2b-256 of that text: SCHEMA_HASH bytes. */
const unsigned char *schema_builtin_hash(void);
extern const unsigned char schema_builtin_text[];
extern const size_t schema_builtin_text_len;

/* From the compiled form.  74 where it is damaged or of another version. */
int schema_load(struct schema **, struct str compiled, struct err *) BASE_MUST;
void schema_compile(const struct schema *, struct buf *out);
void schema_free(struct schema **);

/* Every fault of a file, 20 at most, as "NAME:LINE:COL: what". */
struct schema_faults {
	size_t n;         /* all of them; lines holds the first 20 */
	struct buf lines; /* one a line, LF after each */
};
/*
 * Lays YAML over `base` (NULL: over nothing; only the built-in file may do
 * that) and gives a new schema.  name is shown in faults.  Checks all that a
 * file alone can tell (SCHEMA.md, Refused; queries are checked by the caller
 * through check_query, NULL to leave that out: returns 0, or -1 with err set
 * to what is wrong, for a query over `kind`).  65 with faults filled.
 */
typedef int schema_query_fn(
    const struct schema *, const char *kind, struct str query, struct err *);
int schema_overlay(struct schema **, const struct schema *base, struct str yaml,
    const char *name, schema_query_fn *, struct schema_faults *,
    struct err *) BASE_MUST;
/*
 * The same from the canonical text of a whole schema (what meta keeps), not
 * laid over anything: base gives built-in marks and numbers alone.  For a
 * compiled form of another version; own numbers come from schema_number.
 */
int schema_whole(struct schema **, const struct schema *base, struct str yaml,
    const char *name, struct schema_faults *, struct err *) BASE_MUST;
/* Canonical YAML of the whole. */
void schema_print(const struct schema *, struct buf *out);
/*
 * What differs from old to new, one line a change in words ("add field
 * contact.vat text unique", "index contact.taste", ...), for `crm-db schema
 * --apply`.  Returns the number of changes.
 */
size_t schema_diff(
    const struct schema *old, const struct schema *now, struct buf *lines);

/* The same for who applies it: what a change means for records. */
enum schema_what {
	SCHEMA_ADD,    /* kind, field, value or stage */
	SCHEMA_REMOVE, /* the caller counts what uses it */
	SCHEMA_RENAME,
	SCHEMA_INDEX,
	SCHEMA_UNINDEX,
	SCHEMA_SEARCH,
	SCHEMA_UNSEARCH,
	SCHEMA_UNIQUE, /* the caller looks for doubles */
	SCHEMA_UNUNIQUE,
	SCHEMA_MULTI,
	SCHEMA_UNMULTI, /* the caller counts records with several */
	SCHEMA_TYPE,    /* enum to text */
	SCHEMA_OTHER,   /* no record is concerned */
};
struct schema_change {
	enum schema_what what;
	const struct kind *kind;   /* of `now`; of `old` where it is removed;
				    * NULL outside kinds */
	const struct field *field; /* the same; NULL: the kind itself */
	const struct enum_def *values;   /* the enum of a value */
	const struct enum_value *value;  /* of `old` where it is removed */
	const struct pipeline *pipeline; /* of a stage, itself in value */
	const struct name_list *group;   /* fields that are unique together */
	struct str text; /* the line of schema_diff, without LF */
};
/* In the arena; returns their number. */
size_t schema_changes(const struct schema *old, const struct schema *now,
    struct arena *, struct schema_change **out);

/*
 * Gives numbers to what has none yet (no 0): fn is asked for the number of a
 * kind, a label (own fields, consent.CHANNEL) or an enum value ("ENUM.VALUE").
 * A renamed one keeps that of its old name.  Look-ups by number work after it.
 */
enum schema_numbered { NUMBER_KIND, NUMBER_LABEL, NUMBER_ENUM };
typedef unsigned schema_number_fn(
    void *arg, enum schema_numbered, const char *name);
void schema_number(struct schema *, schema_number_fn *, void *arg);

/* `2/7d`, `1/24h:call`: N/SPAN[:CHANNEL], SPAN in h d w, the channel one of the
 * schema; text is put in the arena. */
bool cap_parse(const struct schema *, struct str, struct arena *, struct cap *);
/* `21-9`, `21:30-9`: minutes of the day, which differ. */
bool quiet_parse(struct str, int *from, int *to);

/* Look-ups; NULL where there is none.  Names as they are, in lower case. */
const struct kind *schema_kind(const struct schema *, struct str name);
const struct kind *schema_kind_no(const struct schema *, unsigned no);
const struct enum_def *schema_enum(const struct schema *, struct str name);
const struct enum_value *enum_value(const struct enum_def *, struct str name);
const struct pipeline *schema_pipeline(const struct schema *, struct str name);
const struct stage *pipeline_stage(const struct pipeline *, struct str name);
/* A label of the kind: declared, link, store, derived, x.NAME (the family
 * field), score.NAME..., revenue.CUR; old names (`was`) and aliases too. */
const struct field *kind_field(const struct kind *, struct str label);
/* The full name that an alias stands for, else the label itself. */
struct str kind_unalias(const struct kind *, struct str label);
const struct field *kind_field_no(const struct kind *, unsigned no);
/* The ref field of `kind` that points to `target` and counts (`owner`, else
 * the only one); NULL with *many where several and none is the owner. */
const struct field *kind_ref_to(
    const struct kind *, const struct kind *target, bool *many);
/* An activity type (value of enum activity-type). */
const struct enum_value *schema_activity(const struct schema *, struct str);
/* Whether the label is the declared field's old name or an alias: what comes
 * out has another. */
bool kind_is_old_name(const struct kind *, struct str label);
/* Names for a did-you-mean: all labels of a kind (without families). */
size_t kind_labels(const struct kind *, const char **out, size_t max);

/* ISO 3166 alpha-2, upper case. */
bool country_exists(struct str code);
/* Its international dialling prefix without '+', and its trunk prefix ("0",
 * "" where there is none); false: unknown. */
bool country_dial(struct str code, struct str *prefix, struct str *trunk);
const char *const *country_codes(void); /* NULL-terminated */
/* The code that a file of others means: alpha-2, alpha-3, English short name,
 * UK; in any case, without outer blanks.  None: it means no country. */
struct str country_named(struct str);
/* The English short name of a code; none: unknown. */
struct str country_name(struct str code);

#endif
