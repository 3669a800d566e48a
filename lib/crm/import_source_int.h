/* SPDX-License-Identifier: MIT */
/* What the files of import_source.h share. */
#ifndef CRM_IMPORT_SOURCE_INT_H
#define CRM_IMPORT_SOURCE_INT_H

#include <iconv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "crm/import_source.h"
#include "crm/import_text.h"
#include "crm/spool.h"
#include "format/csv_row.h"

#define NO_PLACE UINT64_MAX /* in the spool */

enum entry_state {
	ENTRY_ROW,
	ENTRY_NO_TEXT, /* a byte that the encoding has not */
	ENTRY_LONG,
	ENTRY_OPEN, /* its quote, or its object, is never closed */
};

/* A row in the spool: this, then its text and, where the encoding is another,
 * its bytes. */
struct entry {
	uint64_t line;
	uint64_t text_n;
	uint64_t raw_n; /* 0: the text itself */
	uint64_t bad;   /* ENTRY_NO_TEXT: the byte, from 1 */
	enum entry_state state;
};

struct source_json; /* import_json.c */

struct source {
	size_t header_line;
	struct source_opts o;
	struct import_text text;
	struct arena own; /* what lives as long as the source */
	bool json;
	VEC(struct str) column;
	struct spool rows;
	struct buf entry; /* a row on its way there */
	size_t nrows;
	uint64_t at; /* of the next row to be read */
	struct str *cell;
	/* Refused rows that can have no cells behind them, by their line: too
	 * long, or never closed. */
	VEC(size_t) alone;
	uint64_t open; /* place of the row that is never closed, or of none */

	/* tables */
	struct csv_form form;
	size_t ncells;     /* of a row; those of an earlier reject too */
	bool mended;       /* it is one: its last two columns are ours */
	struct str header; /* as it came, without these two */
	struct str eol;    /* as text */

	/* rejects */
	bool rejected;
	iconv_t to;

	struct source_json *j;
};

/* Keeps a row. raw as import_text_take gave it. */
int source_keep(struct source *, const struct entry *, struct str text,
    struct str raw, struct err *) BASE_MUST;
/* Fetches until n bytes of text are there, or the end is. */
int source_fetch(struct source *, size_t n, struct err *) BASE_MUST;
/* Looks for what is no text in a row: fills state and bad, and takes it. */
struct str source_take_row(struct source *, size_t n, struct entry *);
/* "byte N: ..."; -1. */
int source_no_text(
    const struct source *, const struct entry *, struct str raw, struct err *);

/* import_table.c */
int table_open(struct source *, struct err *) BASE_MUST;
enum source_state table_cells(struct source *, struct arena *, struct str text,
    struct source_row *, struct err *) BASE_MUST;

/* import_json.c */
int source_json_open(struct source *, struct err *) BASE_MUST;
void source_json_close(struct source *);
enum source_state source_json_cells(struct source *, struct str text,
    struct source_row *, struct err *) BASE_MUST;
/* The next row of the object at hand, if it has one more. */
bool source_json_more(struct source *, struct source_row *);
void source_json_rewind(struct source *);

#endif
