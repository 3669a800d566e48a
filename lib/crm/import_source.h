/* SPDX-License-Identifier: MIT */
/*
 * A foreign table as rows of named cells: CSV and TSV in any encoding and
 * delimiter, JSON by dotted paths (INTEGRATIONS.md 1).  It is read once,
 * decoded, and kept in a spool, so that its rows can be gone through as often
 * as ambiguous columns want.
 */
#ifndef CRM_IMPORT_SOURCE_H
#define CRM_IMPORT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum {
	SOURCE_CELL_MAX = 1024 * 1024,
	SOURCE_ROW_MAX = 10 * 1024 * 1024,
	SOURCE_PREAMBLE_MAX = 10,
};

typedef long source_read_fn(void *arg, char *p, size_t n, struct err *);

struct source_opts {
	const char *format;   /* csv tsv json; NULL: by content */
	const char *encoding; /* iconv's name; NULL: UTF-8, or by its BOM */
	char delim;           /* 0: that under which the header is known */
	/* How many of these header cells (trimmed, as written) somebody knows:
	 * settles the delimiter and where a preamble ends. */
	size_t (*known)(void *arg, const struct str *cell, size_t n);
	void *arg;
	const char *spool_dir; /* the store's folder, or NULL */
	const char *name;      /* of the file, for messages; "stdin" */
};

struct source;
/* Reads all of it.  65: no such encoding; a header that is missing, too long or
 * no text, with line, byte and the cure. */
int source_open(struct source **, const struct source_opts *, source_read_fn *,
    void *arg, struct err *) BASE_MUST;
void source_close(struct source **);

/* Names of the columns, trimmed, as written (JSON: all paths that occur). An
 * earlier reject's `_line` and `_error` are left out. */
const struct str *source_columns(const struct source *, size_t *n);
/* Where the header stands; 0: it has none (JSON). */
size_t source_header_line(const struct source *);
const char *source_format(const struct source *); /* csv tsv json */
size_t source_rows(const struct source *);        /* bad ones included */

struct source_row {
	size_t line;      /* where it starts in the file, from 1 */
	struct str *cell; /* one a column, UTF-8, as they came */
	size_t n;
	/* Its bytes in the file's own encoding; of JSON its text, and none
	 * where it is `same`: the object went with the row before. */
	struct str raw;
	bool same; /* JSON: goes on the record of the row before
		    * (line_items[] gives a row each) */
};
enum source_state {
	SOURCE_ERR = -1,
	SOURCE_END = 0,
	SOURCE_ROW = 1,
	SOURCE_BAD = 2, /* too few or too many cells, a cell too long, bad
			 * bytes, a quote never closed (all that follows is
			 * its raw): err, line and raw set; goes on */
};
/*
 * Views until the next call, unescaped text in the arena.  err says what is
 * wrong, not where.  Values of a JSON array share a cell, `;` between, `;` and
 * `\` in them with a backslash before (FORMAT.md 11).
 */
void source_rewind(struct source *);
enum source_state source_next(struct source *, struct arena *,
    struct source_row *, struct err *) BASE_MUST;

/* A refused row as it came, with `_line` and `_error`, in the source's header,
 * encoding and delimiter; the first call writes the header.  A row without
 * bytes adds nothing. */
void source_reject(struct source *, struct str raw, size_t line, struct str why,
    struct buf *out);

#endif
