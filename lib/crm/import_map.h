/* SPDX-License-Identifier: MIT */
/*
 * Maps: how the rows of a foreign table become records (INTEGRATIONS.md 1,
 * Map file, Presets).  A preset is a map file compiled in; both are read by
 * the same code and shown with `crm-import --show`.
 */
#ifndef CRM_IMPORT_MAP_H
#define CRM_IMPORT_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "crm/import_guess.h"
#include "crm/import_source.h"
#include "crm/write.h"
#include "record/rec.h"
#include "record/schema.h"

/* ---- the map ---- */
struct import_map; /* see import_map_int.h */

/* text: YAML (crm-import(1), Map files).  name: for "NAME:LINE:COL: ...", 65.
 */
int import_map_read(struct import_map **, struct str text, const char *name,
    const struct schema *, struct err *) BASE_MUST;
/* Without a map: header names are fields of the kind. */
int import_map_fields(struct import_map **, const struct schema *,
    const char *kind, struct err *) BASE_MUST;
void import_map_free(struct import_map **);
/* The header cells that it knows (source_opts.known; arg: the map). */
size_t import_map_known(void *map, const struct str *cell, size_t n);
const char *import_map_encoding(const struct import_map *); /* NULL: none */
char import_map_delim(const struct import_map *);           /* 0: none */
/* Of its first table. */
const char *import_map_kind(const struct import_map *);

/* ---- presets ---- */
struct preset {
	const char *name, *purpose; /* purpose: N_() */
	const char *text;           /* the map file */
};
extern const struct preset presets[]; /* ends in { 0 } */
const struct preset *preset_find(const char *name);
/* The preset that this header fits best; NULL: none. */
const struct preset *preset_fit(
    const struct schema *, const struct str *cell, size_t n);

/* ---- applying ---- */
struct import_opts {
	enum date_order dates;     /* --dates */
	enum decimal_sign decimal; /* --decimal */
	const char *currency;      /* --currency */
	const struct zone *zone;   /* --tz, else the configured one */
	bool zone_said;            /* --tz: counts before that of the map */
	const char *consent;       /* --consent TEXT */
	const char *const *keys;   /* --key; n 0: the map's, the preset's */
	size_t nkeys;
	bool keep_unknown, fill, replace;
	const char *name; /* of the file, in what warn says; NULL: none */
	/* Doubts about a row ("FILE:LINE: phone: ...", already placed). */
	void (*warn)(void *arg, const char *text);
	/* By which value a column of days was settled; NULL: not told. */
	void (*note)(void *arg, const char *text);
	void *arg;
};

/*
 * What one row, or group of rows, gives: lines for the batch, in order; the
 * last is the row's own, those before it make what it refers to where that is
 * not there (how.absent).  Labels and values are valid until the next call of
 * import_next.
 */
struct import_line {
	struct rec rec;       /* with its `kind`; line is that of the row */
	struct batch_how how; /* crm/write.h; its keys live as the import */
	/* For batch_add_consent, right behind batch_line. Grants are among
	 * them only with opts.consent, which is their wording. */
	const struct batch_consent *consent;
	size_t nconsents;
};
struct import_item {
	struct import_line *line; /* n 0: nothing in it; skipped */
	size_t n;
	size_t number; /* line of its first row */
	/* The rows it was made of, as they came, for the reject file. */
	struct str *raw;
	size_t *raw_line;
	size_t nraw;
	const char *skipped; /* why nothing came: "skipped, no name", or of a
			      * type the preset does not take; NULL */
};

struct import;
/* Sees all rows once, settles the columns (65: two readings; no table of the
 * map; without a map: a header that is no field).  The map and the source
 * outlive it; it outlives the batch that its keys are given to. */
int import_open(struct import **, const struct import_map *, struct source *,
    const struct import_opts *, struct err *) BASE_MUST;
void import_close(struct import **);
/* The kind that its rows are of: a preset may know several tables. */
const char *import_kind(const struct import *);
/* SOURCE_ROW: an item; SOURCE_BAD: a row (or group) is refused, with
 * item->raw set; END, ERR. */
enum source_state import_next(struct import *, struct arena *,
    struct import_item *, struct err *) BASE_MUST;
/* Lines of the first rows that were skipped for one reason. */
enum { IMPORT_WHERE = 3 };
struct import_where {
	size_t line[IMPORT_WHERE];
	size_t n;
};
/* After the last: unmapped columns that have values, with their count; counts
 * by reason of what was skipped. */
void import_unmapped(const struct import *,
    void (*fn)(void *arg, struct str column, size_t values), void *arg);
void import_skipped(const struct import *,
    void (*fn)(
	void *arg, const char *why, size_t rows, const struct import_where *),
    void *arg);

/* A map for a table that none fits: drafted from header and values, each
 * guess marked by a comment (--map-init). */
int import_map_draft(struct source *, const struct schema *, const char *kind,
    struct buf *out, struct err *) BASE_MUST;

#endif
