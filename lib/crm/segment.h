/* SPDX-License-Identifier: MIT */
/*
 * Segments (PEOPLE.md 1): saved queries and frozen sets, kept as records of
 * kind segment.  `@name` in a query means them; their members are lists of
 * ids.  A frozen set keeps its ids, sorted, 16 bytes each, as one long value
 * that no line shows.
 */
#ifndef CRM_SEGMENT_H
#define CRM_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "base/vec.h"
#include "crm/env.h"
#include "query/query.h"
#include "record/row.h"
#include "store/db.h"

enum { SEGMENT_NAME_MAX = 48 };

/* NAME: `[a-z][a-z0-9_.-]*`, or NAME@LABEL; at most 48 bytes. */
bool segment_name_ok(struct str);
bool segment_set_ok(struct str);
/* The name in front of `@`. */
struct str segment_base(struct str);

struct segment {
	struct id id;
	struct str name, query; /* query none: a set that knows none */
	bool frozen;
	int64_t frozen_at; /* ms */
};
/* By its whole name, in the arena: 1, 0, -1. */
int segment_find(struct reading *, struct str name, struct arena *,
    struct segment *, struct err *) BASE_MUST;
/* Names of all of them, in order, in the arena. */
int segment_names(struct reading *, struct arena *, const char *const **,
    size_t *n, struct err *) BASE_MUST;
/* 2: "unknown segment 'god'; did you mean 'gold'?".  Returns -1. */
int segment_unknown(struct reading *, struct str name, struct err *);

/* For struct query_env: arg is a struct query_store *. */
int segment_for_query(void *arg, struct str name, struct str *text,
    struct str *scope, struct id **set, size_t *n, struct arena *,
    struct err *);
const char *const *segment_names_for_query(
    void *arg, size_t *n, struct arena *);

/* An expression, of contacts where it names no kind, parsed and bound; and
 * the query `@name`: 2 where its text does not bind. */
int segment_bind(struct reading *, const struct crm_env *, struct str text,
    struct query **, struct err *) BASE_MUST;
int segment_query(struct reading *, const struct crm_env *, struct str name,
    struct query **, struct err *) BASE_MUST;

/* ---- lists of ids: in order, each once ---- */

struct id_list {
	struct id *v;
	size_t n, cap;
};
void id_list_sort(struct id_list *);
bool id_list_has(const struct id_list *, const struct id *);
/* *a keeps what is in both, what is in it alone, or takes b in. */
void id_list_intersect(struct id_list *a, const struct id_list *b);
void id_list_minus(struct id_list *a, const struct id_list *b);
void id_list_union(struct id_list *a, const struct id_list *b);
size_t id_list_both(const struct id_list *, const struct id_list *);

/* Live members of a bound query, appended in order. */
int segment_answer(struct reading *, const struct query *, struct id_list *,
    struct err *) BASE_MUST;
/* Who is restricted: in no list and no count (PEOPLE.md 1). */
int segment_restricted(struct reading *, const struct crm_env *,
    struct id_list *, struct err *) BASE_MUST;

/* ---- writing: one operation each ---- */

struct segment_write {
	struct db *db;
	const struct crm_env *env;
	bool dry_run;
	/* Told of each record in the transaction, which may run again:
	 * `restart` comes first then.  May be NULL. */
	void (*restart)(void *arg);
	int (*changed)(void *arg, const struct row *before,
	    const struct row *after, struct err *);
	void *arg;
};
enum segment_saved { SEGMENT_NEW, SEGMENT_REPLACED, SEGMENT_SAME };
/* Keeps a query under a name.  2 where it does not bind, or names itself; 65
 * where the name is that of a frozen set. */
int segment_save(const struct segment_write *, struct str name,
    struct str query, struct id *, enum segment_saved *,
    struct err *) BASE_MUST;
/* Keeps the members of a segment as a set of that name; 65: taken. */
int segment_freeze(const struct segment_write *, struct str name,
    struct str set, struct id *, size_t *members, struct err *) BASE_MUST;
/* 65: a saved query that is not going says @name. */
int segment_refuse_named(struct reading *, struct str name,
    const struct str *going, size_t ngoing, struct arena *,
    struct err *) BASE_MUST;
/* Removes segments, and says how many.  2: unknown; 65: another one names it,
 * or a record. */
int segment_remove(const struct segment_write *, const struct str *names,
    size_t n, size_t *removed, struct err *) BASE_MUST;

#endif
