/* SPDX-License-Identifier: MIT */
/*
 * Formats of records: readers and writers, each a table of functions, found
 * by name (FORMAT.md 10, 11).  Later ones (vcard, ical) are one more row in
 * formats[].  Nothing here opens files or prints: bytes come through a
 * function and go to a buf.
 */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"
#include "base/str.h"
#include "record/rec.h"
#include "record/schema.h"

/* ---- reading ---- */

/* Fills p with up to n bytes: > 0 bytes, 0 the end, -1 err set. */
typedef long input_fn(void *arg, char *p, size_t n, struct err *);

struct reader_opts {
	const char *format; /* -i: NULL guesses */
	bool null_records;  /* -z: ltsv, ids and JSON end in NUL */
	bool strict;
	bool filter;      /* a filter keeps bad labels as they are? no:
			   * unknown labels pass, bad syntax is refused */
	size_t max_line;  /* bytes; 0: 1 MiB */
	char delim;       /* csv: 0 is ',' (tsv: TAB) */
	bool ids_allowed; /* a line that is a handle is a record */
	bool edit;        /* `label+:` and `label-:` are known */
	bool clear_empty; /* csv: an empty cell is `label:` */
	const struct schema *schema; /* which fields hold several values */
	const char *kind;            /* kind of a CSV's rows; NULL: contact */
	/* ical: of times that name no zone, and of a TZID that nothing
	 * explains; NULL: the process's for the former, the latter refused. */
	const struct zone *zone;
	/* Told of what is no refusal (a part left out), with its line; NULL:
	 * nobody is. */
	void (*warn)(void *arg, size_t line, const char *what);
	void *warn_arg;
};

enum read_state {
	READ_ERR = -1, /* the stream ends here: I/O, or no record can
			* follow; err set */
	READ_END = 0,
	READ_REC = 1,
	READ_BAD = 2,    /* this record is refused (err set, rec->line
			  * and rec->raw filled); the next may be read */
	READ_HANDLE = 3, /* a line that is a handle: in rec->raw */
};

struct reader;
int reader_open(struct reader **, const struct reader_opts *, input_fn *,
    void *arg, struct err *) BASE_MUST;
void reader_close(struct reader **);
/*
 * The next record.  Labels and values are views valid until the next call,
 * or copies in `a`, which the caller clears when it likes.
 */
enum read_state reader_next(
    struct reader *, struct arena *, struct rec *, struct err *) BASE_MUST;
/* The format in use once the first record was read: "ltsv", "json", ... */
const char *reader_format(const struct reader *);
/* Whether the next record can be had without another call of the input
 * function (for flushing before a read that would block). */
bool reader_ready(const struct reader *);
/*
 * Takes in what input has, where reader_ready is false, without reading a
 * record: 1; 0 where nothing more comes, or more than the longest line is
 * there already; -1, and the next reader_next says it too.
 */
int reader_fill(struct reader *, struct err *) BASE_MUST;
/* A refused record as it came with where and why, in the input's format
 * (FORMAT.md 12): appended to out; the first call writes a CSV header.  Needs
 * line and raw of rec (raw copied, where the next record was read meanwhile);
 * the message without place, as reader_next and rec_check give it. */
void reader_reject(
    struct reader *, const struct rec *, const struct err *, struct buf *out);

/* The form of an operand or line that names a record (FORMAT.md 7). */
bool handle_looks(struct str);
/* The rows of that table; which one a word is in that is known to be a handle.
 * *value is what is looked up: without id:, mailto:, tel:. */
enum handle_form {
	HANDLE_NONE,
	HANDLE_ID,
	HANDLE_EMAIL,
	HANDLE_URL,
	HANDLE_PHONE,
	HANDLE_SYSTEM,
	HANDLE_HOST,
	HANDLE_SUFFIX,
};
enum handle_form handle_form(struct str, struct str *value);

/* ---- writing ---- */

enum cell_look { LOOK_PLAIN, LOOK_DIM, LOOK_GREEN, LOOK_YELLOW, LOOK_RED };

/* What crm-export writes besides: formats of other programs, which -o does not
 * know (format/foreign.h). */
struct foreign_opts {
	const char *receivable, *income; /* accounts; NULL: the usual ones */
	bool declare;                    /* their directives too */
	size_t *left_out;                /* counts orders that do not count */
};

struct writer_opts {
	const char *format; /* -o: never NULL; "template=TEXT" too */
	const struct foreign_opts *foreign; /* NULL: formats of -o alone */
	bool null_records;                  /* -0 */
	int vcard;                          /* the version of vcard: 3, or 4 */
	bool no_header, safe, bom, crlf, all_fields, stored, wide;
	char delim; /* 0: the format's */
	bool color;
	bool ordered; /* records come in canonical order, without
		       * empty values: they are not sorted again */
	bool utf8;    /* terminal: LC_CTYPE is UTF-8 */
	bool tty;     /* stdout is a terminal: footer */
	int width;    /* table: columns; 0 unlimited */
	const struct schema *schema;
	const char *kind; /* kind of records without a kind label */
	/* Table: what the footer counts, if not records of a kind. */
	const char *noun;
	/* Types of labels that no kind has, of computed lines; NULL from it:
	 * the schema knows.  May be NULL. */
	const struct field *(*field)(struct str label);
	/* -F: labels in order; n 0: default.  "*" and "-note" as given.  They
	 * and all strings here outlive the writer. */
	const struct str *fields;
	size_t nfields;
	const struct clock *clock; /* table: dates in words */
	/* Table: the shortest suffix that tells an id; NULL: last 4.  Returns
	 * its length, 4 to 26. */
	size_t (*id_suffix)(void *arg, struct str id);
	/* Table words that are translated; NULL: as they are. */
	const char *(*translate)(const char *);
	void *arg;
};

struct writer;
/* 2 for an unknown format (with a suggestion), a bad template, a missing -F
 * (value). */
int writer_open(
    struct writer **, const struct writer_opts *, struct err *) BASE_MUST;
/* Appends the record (canonical order, all labels) to out. */
int writer_put(struct writer *, const struct rec *, struct buf *out,
    struct err *) BASE_MUST;
/* What ends the stream: `]`, a table that was held back, the footer.
 * total: how many there were in all after -l (0: not known). */
int writer_end(
    struct writer *, size_t total, struct buf *out, struct err *) BASE_MUST;
/* Gives out what was held back so far and goes on as it is laid out: before a
 * wait for more. */
void writer_settle(struct writer *, struct buf *out);
void writer_close(struct writer **);
/* Whether the format holds records back until the end (table: the first
 * 1,000; csv with all_fields: all), so that a flush makes no sense yet. */
bool writer_holds(const struct writer *);
/* Whether the writer will look at the label.  Lets who makes the lines leave
 * the rest out (display names cost a look-up): link labels but `company` and
 * labels of another record (company.city) are wanted only where -F, the
 * template or a table's columns name them. */
bool writer_wants(const struct writer *, struct str label);
/* Whether the names of -F and of a template are fields of one of the kinds (0
 * of them: of any): else 2 with the nearest name. */
int writer_check(const struct writer *, const struct str *kinds, size_t nkinds,
    struct err *) BASE_MUST;

/* The same for a list of names as -F has them, and for one name (-s). */
int fields_check(const struct schema *, const struct str *kinds, size_t nkinds,
    const struct str *fields, size_t nfields, struct err *) BASE_MUST;
int field_check(const struct schema *, const struct str *kinds, size_t nkinds,
    struct str name, struct err *) BASE_MUST;

/* Names of output and input formats, NULL-terminated, for completions. */
const char *const *format_outputs(void);
const char *const *format_inputs(void);

#endif
