/* SPDX-License-Identifier: MIT */
/*
 * What the readers and writers of this folder share.  A format is a row of
 * formats[] with a table of functions for each way; everything that formats
 * have in common (the window on the input, labels, -F, canonical order) is
 * here and in reader.c, input.c, fields.c and writer.c.
 */
#ifndef FORMAT_INTERNAL_H
#define FORMAT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "format/format.h"
#include "record/rec.h"
#include "record/schema.h"

struct format_in;
struct format_out;

struct format {
	const char *name;
	const struct format_in *in;   /* NULL: is not read */
	const struct format_out *out; /* NULL: is not written */
};

/* Ends with a row without name. */
extern const struct format formats[];
const struct format *format_find(struct str name);
/* Adds names, NULL behind the last, to a message. */
void format_say(struct err *, const char *const *names);

/* ---- input.c: a window on the bytes that come in ---- */

enum {
	INPUT_FIRST = 64 * 1024, /* bytes of the first blocks */
	INPUT_BLOCK = 1024 * 1024,
	INPUT_LINE_MAX = 1024 * 1024, /* unless --max-line says otherwise */
};

/* Bytes [pos, end) are not yet read.  They move when more are fetched. */
struct input {
	input_fn *fn;
	void *arg;
	char *p;
	size_t cap, pos, end;
	size_t block;    /* bytes to ask for */
	size_t limit;    /* of a line */
	size_t complete; /* behind the last eol of the window, from p */
	size_t line;     /* number of the line at pos, from 1 */
	char eol;
	bool eof;
};

enum line_state {
	LINE_ERR = -1,
	LINE_END = 0,
	LINE_OK = 1,
	LINE_LONG = 2, /* its first `limit` bytes; the rest is skipped */
};

void input_init(struct input *, input_fn *, void *arg, size_t limit, char eol);
void input_release(struct input *);
/* More bytes behind end: 1, 0 at the end of the input, -1. */
int input_fill(struct input *, struct err *) BASE_MUST;
/* The next line without its eol; *ended: there was one.  Moves pos. */
enum line_state input_line(
    struct input *, struct str *, bool *ended, struct err *) BASE_MUST;
/* Fetches until the first line that is not blank is whole in the window (or
 * longer than the limit) without taking it: LINE_END where none follows. */
enum line_state input_peek(
    struct input *, struct str *, struct err *) BASE_MUST;
/* Moves pos on, counting lines. */
void input_skip(struct input *, size_t n);

static inline struct str
input_rest(const struct input *in)
{
	return (struct str){ in->p + in->pos, in->end - in->pos };
}

/* ---- reader.c ---- */

enum { KNOWN_MAX = 128 };

/* Labels that the stream had, with their colon: lines mostly hold the same
 * ones in the same order, so a guess saves reading them. */
struct known {
	char text[LABEL_MAX + 1];
	uint8_t n; /* without the colon */
	uint8_t next;
};

struct reader {
	struct input in;
	struct reader_opts o;
	struct arena own; /* what lives as long as the reader */
	const struct format *format;
	bool begun, ended;
	bool rejected;  /* a reject file was begun */
	struct pair *v; /* the record at hand */
	size_t n, cap;
	struct known *known;
	size_t nknown;
	void *state; /* the format's own */
};

struct format_in {
	int (*open)(struct reader *, struct err *); /* may be NULL */
	enum read_state (*next)(
	    struct reader *, struct arena *, struct rec *, struct err *);
	/* NULL: when a whole line is there. */
	bool (*ready)(const struct reader *);
	void (*reject)(struct reader *, const struct rec *, struct str why,
	    struct buf *out);
	void (*release)(struct reader *); /* may be NULL */
};

extern const struct format_in ltsv_in, id_in, json_in, csv_in, tsv_in, yaml_in,
    vcard_in, ical_in;

/* The format of a stream by its first line; NULL with err set (65) that says
 * what it looks like. */
const struct format *detect_format(
    struct str line, bool ids_allowed, struct err *);

/* READ_BAD with err set. */
enum read_state reader_bad(struct err *, const char *fmt, ...)
    BASE_PRINTF(2, 3);
enum read_state reader_too_long(const struct reader *, struct err *);
/*
 * The next line, and its number in rec: READ_REC. Else what the reader is to
 * answer; rec->raw is the beginning of a line that is too long.
 */
enum read_state reader_line(struct reader *, struct rec *, struct str *line,
    bool *ended, struct err *) BASE_MUST;
/* Whether text is UTF-8 without NUL; err says at which byte not. */
bool reader_text(struct str, struct err *) BASE_MUST;
/*
 * A label as it stands in the input, perhaps with a sign of an edit form:
 * lowered and checked.  False with err set, without saying where.
 */
bool reader_label(const struct reader *, struct arena *, struct str in,
    struct str *label, enum pair_op *, struct err *) BASE_MUST;
/* Up to about 40 bytes of text for a message, whole characters. */
struct str reader_clip(struct str);
/* Gives the pairs at hand to rec: Miller's label_N become repeats; --strict
 * is judged.  READ_REC, or READ_BAD with err set. */
enum read_state reader_done(struct reader *, struct rec *, struct err *);
bool reader_grow(struct reader *);

/* Adds a pair; false: more than 256. */
static inline bool
reader_pair(struct reader *r, struct str label, struct str value,
    enum pair_op op, bool quoted)
{
	if (r->n == r->cap && !reader_grow(r))
		return false;
	r->v[r->n++] = (struct pair){ label, value, op, quoted };
	return true;
}
enum read_state reader_too_many(struct err *);
/* The field of a label for rows of kind (none: the reader's own); NULL. */
const struct field *reader_field(
    const struct reader *, struct str kind, struct str label);
/* Appends `"text"` as JSON spells it. */
void json_put_string(struct buf *, struct str);
/* A number as JSON spells it. */
bool json_is_number(struct str);

/* ---- write_csv.c ---- */
/* Whether a spreadsheet takes the value for a formula; f NULL: text. */
bool csv_is_formula(const struct field *f, struct str value);
/* Appends a cell of CSV, quoted where it must be; disarm: `'` in front. */
void csv_put_value(struct buf *, struct str value, char delim, bool disarm);

/* ---- fields.c: which labels are written, and in which order ---- */

struct column {
	struct str name;  /* as -F has it, lower case */
	struct str label; /* the same, aliases resolved for the kind at hand */
	enum { COLUMN_LABEL, COLUMN_REST, COLUMN_DROP } what;
	const struct field *f;
};

struct columns {
	struct column *v;
	size_t n;
	bool given;              /* -F was */
	bool rest;               /* has `*`, or -F was not given */
	const struct kind *kind; /* labels are resolved for it */
};

void columns_init(struct columns *, const struct writer_opts *, struct arena *);
/* Resolves aliases and fields for a kind (NULL: unknown). */
void columns_bind(struct columns *, const struct schema *, const struct kind *);
/* The field of a label, of another record too (company.city); NULL. */
const struct field *field_of(
    const struct schema *, const struct kind *, struct str label);
/* Whether `*` stands for the label: nobody else names it. */
bool columns_rest(const struct columns *, struct str label);
/* Whether the label is asked for by name, or by an alias in any kind. */
bool columns_named(
    const struct columns *, const struct schema *, struct str label);
bool field_stands(const struct schema *, struct str name, struct str label);

/* ---- writer.c ---- */

/* One label with all its values, in output order. */
struct group {
	struct str label;
	const struct field *f; /* NULL: undeclared, or kind unknown */
	enum pair_op op;
	struct str *value;
	size_t n;
};

struct writer {
	struct writer_opts o;
	const struct format *format;
	struct arena own;  /* lives as long as the writer */
	struct arena work; /* cleared at each record */
	struct columns cols;
	struct str kind_name; /* of the record at hand (in own) */
	bool untold;          /* it said no kind, which is bound for it */
	const struct kind *kind;
	size_t count; /* records put */
	/* the record at hand, sorted */
	struct pair *sorted;
	uint32_t *key;
	size_t cap;
	struct group *group;
	size_t ngroups, group_cap;
	struct str *value;
	size_t value_cap;
	void *state; /* the format's own */
};

struct format_out {
	int (*open)(struct writer *, struct err *); /* may be NULL */
	/* The groups of the record are in w->group unless `raw`. */
	int (*put)(
	    struct writer *, const struct rec *, struct buf *, struct err *);
	int (*end)(struct writer *, size_t total, struct buf *, struct err *);
	void (*release)(struct writer *);
	bool (*holds)(const struct writer *);
	void (*settle)(struct writer *, struct buf *); /* may be NULL */
	/* -1: as -F says. */
	int (*wants)(const struct writer *, struct str label);
	/* Each name that it asks for besides -F. */
	void (*names)(const struct writer *,
	    void (*fn)(void *arg, struct str name), void *arg);
	bool raw; /* put looks at the record itself */
};

extern const struct format_out ltsv_out, id_out, json_out, json_array_out,
    csv_out, tsv_out, yaml_out, value_out, table_out, template_out, vcard_out,
    ical_out;

/* The groups of a record by -F and canonical order into w->group. */
void writer_groups(struct writer *, const struct rec *);
/* The first of them with a label; NULL: the record has none. */
const struct group *writer_group(const struct writer *, struct str label);
/* Sets w->kind and binds the columns to it. */
void writer_kind(struct writer *, const struct rec *);
/* Whether lines carry this label without being asked: stored fields, the
 * store's own, and a contact's company. */
bool writer_carries(const struct kind *, const struct field *);

#endif
