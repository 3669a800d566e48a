/* SPDX-License-Identifier: MIT */
/*
 * Insides of maps, shared by import_map.c and import_rule.c (the file read),
 * import_match.c (patterns, headers), import_bind.c (a map meets a table),
 * import_cell.c (cells to values) and import_apply.c (rows to lines).
 */
#ifndef CRM_IMPORT_MAP_INT_H
#define CRM_IMPORT_MAP_INT_H

#include "base/decimal.h"
#include "base/vec.h"
#include "crm/import_map.h"
#include "record/value.h"
#include "record/yaml.h"

enum { IMPORT_NONE = 0xffff, IMPORT_LINKS_MAX = 8 };

struct import_strs {
	struct str *v;
	size_t n;
};

/* `when`, `unless`: what another column must say. */
struct import_when {
	struct str column;
	struct import_strs values;
	bool unless;
};

/* `values`: a pattern and what it stands for; to.n 0: nothing. */
struct import_value {
	struct str from, to;
};

enum import_to {
	TO_NOTHING, /* known, and left out */
	TO_FIELD,   /* of the record, or of one that it refers to */
	TO_NAMED,   /* x.NAME, by the label column */
	TO_SKU,     /* parts of a line item */
	TO_QTY,
	TO_PRICE,
	TO_CONSENT, /* an answer about a channel */
};

/* How a cell is read. */
enum import_as {
	AS_TEXT,
	AS_DATE,
	AS_NUMBER,
	AS_MONEY,
	AS_COUNTRY,
	AS_PHONE,
	AS_TAG,
};

/* A record that rows refer to by a link label: `contact.email`. */
struct import_link {
	const struct field *f; /* the link label: contact, company */
	const struct kind *kind;
};

struct import_rule {
	struct str header; /* as written; `*` stands for a number */
	enum import_to to;
	enum import_as as;
	const struct field *f; /* NULL: x.NAME, or no field */
	struct str label;      /* of the field; the channel of a consent */
	size_t link;           /* of the table; IMPORT_NONE: the row's own */
	struct str split, prefix, tag, block, label_column;
	bool has_prefix, has_join, less;
	struct str join;
	size_t cut;
	struct import_strs strip, null, skip_if, skip_unless, first;
	struct import_value *values;
	size_t nvalues;
	struct import_when *when;
	size_t nwhen;
};

struct import_constant {
	const struct field *f;
	struct str label, value;
};

/* How the rows of one table become records of one kind. */
struct import_table {
	const struct kind *kind;
	struct str source, currency, group, refuse;
	const struct zone *zone;
	enum date_order dates;
	enum decimal_sign decimal;
	struct import_strs with, keys, null, clear;
	struct import_constant *constants;
	size_t nconstants;
	struct import_rule *rules;
	size_t nrules;
	struct import_link *links;
	size_t nlinks;
};

struct import_map {
	struct arena arena;
	const struct schema *schema;
	const char *name, *encoding;
	char delim;
	bool fields; /* no file: headers are fields */
	struct import_table *tables;
	size_t ntables;
};

/* ---- import_map.c ---- */
bool import_is_key(const struct field *);
size_t import_map_size(const struct import_map *); /* rules in it */

/* ---- import_rule.c ---- */
struct import_reading {
	const struct schema *schema;
	const char *name;
	struct arena *arena;
	struct import_table *table;
	size_t cap; /* of its rules */
	struct err *err;
};
/* "NAME:LINE:COL: what"; returns -1. */
int import_fault(struct import_reading *, const struct yaml *at,
    const char *fmt, ...) BASE_PRINTF(3, 4);
int import_unknown(struct import_reading *, const struct yaml *key,
    const char *const *keys, size_t n);
bool import_is_null(const struct yaml *);
/* One value or a list of them. */
int import_read_strs(struct import_reading *, const char *key,
    const struct yaml *, struct import_strs *);
int import_read_str(struct import_reading *, const char *key,
    const struct yaml *, struct str *);
/* The rules of one header are put behind those of the table. */
int import_read_rules(
    struct import_reading *, struct str header, const struct yaml *);
struct import_rule *import_rule_new(struct import_reading *, struct str header);
/* What a target names: settles to, f, label, link, as.  0; -1: no such
 * field (fault is not set), near (may be NULL): the nearest, or NULL. */
int import_rule_target(struct import_reading *, struct import_rule *,
    struct str name, const char **near);

/* ---- import_match.c ---- */
/* `*` is any run of bytes, `\*` a star; ASCII case is ignored. */
bool import_like(struct str pattern, struct str s);
bool import_like_any(const struct import_strs *, struct str s);
/* Whether a header cell is the one that the map has; *number is what `*`
 * stands for, else 0. */
bool import_header(struct str pattern, struct str cell, unsigned *number);
bool import_is_numbered(struct str pattern);
/* Writes pattern with the number in place of `*`. */
struct str import_numbered(struct arena *, struct str pattern, unsigned number);
/* The first of the tables whose `with` are all there; NULL: none. */
const struct import_table *import_table_of(
    const struct import_map *, const struct str *cell, size_t n);

/* ---- import_bind.c: a map that met a table ---- */
struct import_cond {
	size_t col; /* IMPORT_NONE: no such column, an empty cell */
	const struct import_when *when;
};

struct import_bound {
	const struct import_rule *rule;
	size_t col, label_col;
	unsigned number; /* of a numbered header */
	size_t run;      /* of rules of one numbered header, from its first */
	size_t target;   /* IMPORT_NONE: many values, or none kept */
	size_t block;    /* order of its block from 0; IMPORT_NONE */
	struct import_cond *cond;
	size_t ncond;
};

/* A field of one value: filled once an item. */
struct import_target {
	size_t slot; /* 0: the row's own; i + 1: link i */
	const struct import_rule *rule;
};

struct import_held {
	struct str value;
	size_t row; /* of the item, from 1, that set it; 0: not set */
	struct decimal less;
	bool has_less;
};

struct import_skip {
	struct str why;
	size_t rows;
	struct import_where at; /* the first of them */
};

struct import_keys {
	const char **v;
	size_t n;
};

struct import_part {
	struct str sku, price;
	struct decimal qty;
};

struct import {
	const struct import_map *map;
	const struct import_table *table;
	struct source *source;
	struct import_opts opts;
	struct arena arena; /* lives as long as the import */
	const struct str *column;
	size_t ncolumns;
	struct guess *guess; /* one a column */
	bool *known;         /* columns that some rule takes */
	size_t *unmapped;    /* values of the others */
	struct import_bound *bound;
	size_t nbound;
	struct import_target *targets;
	size_t ntargets;
	size_t nblocks, group_col; /* nblocks: of bound rules with one */
	bool ahead;                /* rows are looked ahead: groups, JSON */
	struct import_keys keys, *link_keys; /* of each link */
	const struct zone *zone;
	const char *currency;
	VEC(struct import_skip) skips;

	/* The item at hand. */
	struct arena *out;
	struct import_held *held; /* of targets */
	struct rec *recs;         /* 0: its own; i + 1: link i */
	VEC(struct import_part) parts;
	VEC(struct batch_consent) consents;
	VEC(const struct import_rule *) emptied; /* of several values */
	struct import_part part;                 /* of the row at hand */
	bool has_qty;
	struct str money_currency; /* that a sign named */
	struct str why;            /* the row is skipped; none */
	size_t block, row;         /* block that won; row of the item */
	size_t number;             /* line of the row at hand */

	/* The row after it, which begins the next item. */
	struct arena rows;
	struct source_row next;
	enum source_state next_state; /* SOURCE_END: none */
	struct err next_err;
};

/* ---- import_cell.c ---- */
struct str import_plain(struct str cell); /* trimmed, without the guard */
/* Whether the rule's conditions hold in this row. */
bool import_holds(const struct import_bound *, const struct source_row *);
/*
 * The values of a cell as the rule gives them, before types are read: split,
 * emptied, stripped, replaced, in the arena or the cell itself.  fn: 0, else
 * it ends with that.
 */
int import_values(const struct import *, const struct import_bound *,
    struct str cell, struct arena *,
    int (*fn)(
	void *arg, const struct import_bound *, struct str value, struct err *),
    void *arg, struct err *);
/* The text of a value that record/value reads. *second: the currency that an
 * amount names. */
enum import_read {
	IMPORT_BAD = -1,
	IMPORT_GOOD = 0,
	IMPORT_ASIDE = 1, /* not of its type: kept under x.LABEL, warned of */
};
enum import_read import_read_value(struct import *, const struct import_bound *,
    struct str value, struct str *out, struct str *second, struct err *);
/* "FILE:LINE: COLUMN: 'value' what" to who is told of doubts. */
void import_warn(struct import *, const struct import_bound *, struct str value,
    const char *what);
/* What a tag or SKU may hold, blanks as `-`. */
struct str import_clean_tag(struct str, struct arena *);
/* The label x.NAME that a header makes. */
struct str import_own_label(struct arena *, struct str header);
struct str import_concat(
    struct arena *, struct str a, struct str b, struct str c);

/* ---- import_take.c, import_line.c ---- */
size_t import_slot(const struct import_rule *); /* of recs */
/* Readies the import for an item; then each row of it; then its lines. */
void import_item_begin(struct import *, struct arena *);
int import_item_row(
    struct import *, const struct source_row *, struct err *) BASE_MUST;
int import_item_end(
    struct import *, struct import_item *, struct err *) BASE_MUST;

#endif
