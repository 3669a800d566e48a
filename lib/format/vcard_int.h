/* SPDX-License-Identifier: MIT */
/*
 * What reading and writing vCards share (INTEGRATIONS.md 2).  A card is its
 * properties in order.  Mapping says of each what it gives the record; what
 * it says besides (groups, parameters, components without a field) and what
 * is not ours at all goes to x.vcard, from which the writer takes it back.
 */
#ifndef FORMAT_VCARD_INT_H
#define FORMAT_VCARD_INT_H

#include "format/content.h"
#include "format/internal.h"
#include "format/vcard.h"
#include "record/value.h"

enum {
	VCARD_BYTES_MAX = 10 * 1024 * 1024,
	VCARD_DEPTH_MAX = 2,
	VCARD_LINES_MAX = 10000, /* properties of a card; parameters too */
	VCARD_BLOB_MAX = 64 * 1024,
	VCARD_PARTS_MAX = 7, /* components of ADR, which has most */
	VCARD_2 = 2,         /* besides enum vcard_version: only read, or
			      * written into a file that is 2.1 */
};

/* In the order in which they are written. */
enum vcard_prop {
	PROP_UID,
	PROP_FN,
	PROP_N,
	PROP_ORG,
	PROP_TITLE,
	PROP_EMAIL,
	PROP_TEL,
	PROP_ADR,
	PROP_URL,
	PROP_BDAY,
	PROP_CATEGORIES,
	PROP_NOTE,
	PROP_CRM, /* X-CRM-LABEL: a field that vCard has no property for */
	PROPS,    /* from here on nothing for the record */
	PROP_REV = PROPS,
	PROP_VERSION,
	PROP_OTHER,
};

/* The label under which a card tells an FN that is nobody's name: what
 * is still the same is left out. */
#define VCARD_UNNAMED "x.unnamed"

enum prop_form {
	FORM_PARTS, /* components with labels, once a card */
	FORM_MANY,  /* one value a property, several a card */
	FORM_OWN,
};

struct prop_part {
	unsigned char at; /* component, from 0 */
	const char *label;
};
struct prop_def {
	const char *name;
	enum prop_form form;
	bool split; /* at bare `;` */
	unsigned char parts_min;
	struct prop_part part[5]; /* FORM_MANY: the one label */
};
extern const struct prop_def prop_defs[PROPS];

enum { PREF_NONE = 101 }; /* behind PREF=100 */

struct vcard_line {
	struct content_line l;
	enum vcard_prop prop;
	int pref;         /* 1 to 100, or PREF_NONE */
	struct str value; /* l.value, decoded: still escaped */
	bool decoded;     /* that differs from l.value */
	struct pair *v;   /* what it gives the record; the labels are ours */
	size_t n;         /* 0: nothing, it is kept as it is */
	bool lossy;       /* it says more than v */
	bool made;        /* says nothing: N that was made from FN */
	bool twin;        /* a second one with the same value */
	bool keep;        /* mapped, yet x.vcard needs it as well */
	size_t at;        /* its place in the card */
	bool used;        /* the writer's: it stays, */
	struct str as;    /* ... perhaps as this line */
};

struct vcard {
	int version; /* 2, 3, 4 */
	struct vcard_line *v;
	size_t n, cap;
	struct arena *a;
	const struct schema *schema; /* may be NULL: no value is judged */
	struct str country;          /* for national numbers */
	bool whole;           /* a file that is updated: nothing is left out or
			       * refused */
	size_t max;           /* bytes of a record; 0: no limit */
	size_t bytes, params; /* so far */
	void (*warn)(void *arg, size_t line, const char *what);
	void *warn_arg;
};

/* ---- vcard_text.c ---- */
/* The value without quoted-printable, base64 and charset, lines ended by LF.
 * -1 (65): an unknown charset, or bytes that it lacks. */
int vcard_decode(const struct content_line *, struct arena *, struct str *out,
    bool *decoded, struct err *) BASE_MUST;
/* group.NAME;params of a line, without encoding, charset and preference. */
void vcard_put_head(struct buf *, const struct vcard_line *);
/* A decoded value in one line: structure and other escapes stay. */
void vcard_put_raw(struct buf *, struct str);
/* Appends an unfolded line as that version has it. */
void vcard_put_line(struct buf *, int version, struct str line);
/* The line as x.vcard has it. */
struct str vcard_line_text(const struct vcard_line *, struct arena *);
bool vcard_is_base64(const struct content_line *);

/* ---- vcard_card.c ---- */
/* Takes the properties of one card apart, from behind its BEGIN up to its END;
 * line: number of the first.  err (65) with the line in *bad. */
int vcard_parse(struct vcard *, struct str text, size_t line, size_t *bad,
    struct err *) BASE_MUST;
/* One line of x.vcard; false: it is none. */
bool vcard_add_text(struct vcard *, struct str line);
void vcard_warn(const struct vcard *, size_t line, const char *fmt, ...)
    BASE_PRINTF(3, 4);
/* A cursor over the physical lines of text, which knows cards. */
struct vcard_scan {
	struct str text;
	size_t pos;
	bool whole;  /* nothing follows text */
	size_t seen; /* bytes in which no end of this line is */
};
enum scan_line {
	SCAN_MORE,
	SCAN_BEGIN,
	SCAN_END,
	SCAN_AGENT,  /* 2.1: a card follows that is its value */
	SCAN_NESTED, /* ... begins on the same line */
	SCAN_PLAIN,
};
/* The line at pos (in *line, without its end), which moves behind it;
 * SCAN_MORE: it is not complete. */
enum scan_line vcard_scan(struct vcard_scan *, struct str *line);
/* The version that a physical line tells, or 0. */
int vcard_version_of(struct str line);

/* ---- vcard_map.c ---- */
/* Says of each line what it gives the record: -1 (65) with *bad. */
int vcard_map(struct vcard *, size_t *bad, struct err *) BASE_MUST;
/* Canonical text of a value, or itself where it has none. */
struct str vcard_canon(
    const struct vcard *, struct str label, struct str value);
/* What a card without FN is called: by N, ORG or EMAIL; or none. */
struct str vcard_name(const struct vcard *);
/* Whether two values of a label are the same. */
bool vcard_same(
    const struct vcard *, struct str label, struct str a, struct str b);
/* The value that a mapped line gives for a label; none. */
struct str vcard_given(const struct vcard_line *, const char *label);
/* Mapped lines in the order of their properties and preference, then the
 * others as they came. */
void vcard_sort(struct vcard *);

#endif
