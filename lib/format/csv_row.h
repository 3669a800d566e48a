/* SPDX-License-Identifier: MIT */
/*
 * Rows of CSV (RFC 4180) and of TSV with the escapes of the record line: where
 * one ends and how it is cut into cells.  For the reader of our own tables and
 * for foreign ones alike; nothing here owns memory.
 */
#ifndef FORMAT_CSV_ROW_H
#define FORMAT_CSV_ROW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct csv_form {
	char delim;
	bool quotes; /* csv; tsv has escapes instead */
	bool cr;     /* CR alone ends a row too */
};

enum csv_at { AT_CELL, AT_PLAIN, AT_QUOTED, AT_QUOTE };

struct csv_scan {
	size_t at; /* bytes looked at */
	enum csv_at state;
};

#define CSV_SCAN_INIT                                                          \
	{                                                                      \
		0, AT_CELL                                                     \
	}

/* Goes on in text (the same bytes and perhaps more) until the LF or CR that
 * ends the row: true, and `at` is on it. */
bool csv_scan_row(const struct csv_form *, struct csv_scan *, struct str text);
/* Cuts a row into at most max cells; *n is how many there are in all.  Views
 * where a cell stands as it is, else in the arena. */
bool csv_split_row(const struct csv_form *, struct str row, struct arena *,
    struct str *cell, size_t max, size_t *n, struct err *) BASE_MUST;
/* The first n cells of a row as they came: their length. */
size_t csv_cells_length(const struct csv_form *, struct str row, size_t n);
/* How many cells a row has. */
size_t csv_cells_count(const struct csv_form *, struct str row);
/* Appends a cell, in quotes or with escapes. */
void csv_put_cell(const struct csv_form *, struct str, struct buf *);

#endif
