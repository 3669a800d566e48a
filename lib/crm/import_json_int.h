/* SPDX-License-Identifier: MIT */
/* What the two halves of JSON sources share: where an object is in the stream,
 * and which rows it makes. */
#ifndef CRM_IMPORT_JSON_INT_H
#define CRM_IMPORT_JSON_INT_H

#include "crm/import_source_int.h"
#include "format/json_lex.h"

enum {
	PATHS_MAX = 16384,     /* as columns of a table */
	SLOTS = PATHS_MAX * 4, /* a power of two */
};

struct value {
	uint32_t row, column;
	uint32_t at; /* of all, so that sorting keeps their order */
	bool listed; /* of an array: may share its cell */
	struct str text;
};

enum json_mode { MODE_NONE, MODE_LINES, MODE_PRETTY, MODE_ARRAY };

struct source_json {
	uint32_t *slot; /* columns by their path: number + 1 */
	struct arena arena;
	struct buf path;
	VEC(struct value) value; /* of the object at hand, by row and column */
	size_t at;               /* the first that was not yet given */
	size_t set, nset;        /* values that the cells hold */
	size_t line;
	enum json_mode mode;
	bool ended;  /* the array's bracket was met */
	bool broken; /* the object at hand is no JSON */
};

/* Reads an object into values; its new paths become columns. False with err
 * set; s->j->broken: it is no JSON. */
bool json_row_parse(struct source *, struct str, struct err *);

#endif
