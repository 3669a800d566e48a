/* SPDX-License-Identifier: MIT */
/*
 * What the files of the schema share: schema.c (look-ups), schema_build.c
 * (labels of a kind), schema_image.c (compiled form), schema_read.c and
 * schema_rules.c (from YAML), schema_merge.c (laying over), schema_print.c.
 */
#ifndef RECORD_SCHEMA_INT_H
#define RECORD_SCHEMA_INT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "record/schema.h"
#include "record/yaml.h"

enum { SCHEMA_OWN_KINDS = 192, SCHEMA_FIELDS = 250 };

/* A schema under construction; each kind's v holds declared fields alone. */
struct schema *schema_new(void);
/*
 * Completes every kind: store labels, links, families, derived fields,
 * positions and hashes.  values and enum_name of declared fields are set.
 * False: more labels than numbers, or a timeline that is no field.
 */
bool schema_finish(struct schema *);
/* Hashes again, after numbers have changed. */
void schema_rehash(struct schema *);

/* --- reading YAML --- */

/* One fault, until all are sorted by place. */
struct fault_line {
	size_t line, col, order;
	struct str text;
};

struct reading {
	struct schema *s;
	const struct schema *base; /* NULL: the built-in file itself */
	const char *name;
	VEC(struct fault_line) faults;
	struct arena *tmp; /* trees, texts of messages */
};
/* Where line is 0 (a node of base) the fault names the file alone. */
void fault(struct reading *, const struct yaml *at, const char *fmt, ...)
    BASE_PRINTF(3, 4);
/* The first 20 by place, one a line; all of them are counted. */
void faults_list(struct reading *, struct schema_faults *);
/* "unknown key 'x'; did you mean 'y'?" for keys that names lack. */
void fault_unknown_keys(
    struct reading *, const struct yaml *map, const char *const *names);
/* A scalar, list or map, or NULL with a fault saying what was wanted. */
bool want_type(
    struct reading *, const struct yaml *, enum yaml_type, const char *what);
/* Unset: absent, or a plain empty, `~` or `null`. */
bool yaml_is_unset(const struct yaml *);
/* true or false; anything else is a fault. */
bool read_bool(
    struct reading *, const struct yaml *map, const char *key, bool otherwise);
/* Text of a key in the schema's arena, or NULL where it is unset. */
const char *read_text(
    struct reading *, const struct yaml *map, const char *key);
/* [a-z][a-z0-9-]*, at most 64 bytes. */
bool name_valid(struct str);
const char *schema_str(struct reading *, struct str);

/* Whether two texts are the same, or both absent. */
static inline bool
same_text(const char *a, const char *b)
{
	return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

/* Whether a key is a name_valid name; else a fault about a `what`. */
bool read_name(struct reading *, const struct yaml *key, const char *what);
/* One more enum; pointers to others are good no longer. */
struct enum_def *add_enum(struct reading *, const char *name);
/* Its values from a map of names to marks. */
void read_values(struct reading *, struct enum_def *, const struct yaml *map);

void read_enums(struct reading *, const struct yaml *root);
void read_kinds(struct reading *, const struct yaml *root);
void check_kinds(struct reading *, const struct yaml *root);
void read_rules(struct reading *, const struct yaml *root);
void check_rules(struct reading *, const struct yaml *root, schema_query_fn *);
/* The enums that follow from kinds, pipelines and channels. */
void read_derived_enums(struct reading *);

/*
 * Brings a tree into the one spelling that merging needs: a bare type as a
 * map, `values` and stages as maps, days of calendars one by one.
 */
void tree_normalise(struct reading *, struct yaml *root);
/* Lays over onto base (both normal; base is changed) and takes out what
 * `remove` names. */
void tree_merge(struct reading *, struct yaml *base, struct yaml *over);
struct yaml *tree_get(struct yaml *map, const char *key);

#endif
