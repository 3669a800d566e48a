/* SPDX-License-Identifier: MIT */
/*
 * The planner: which index drives a query, and the cursor that gives the
 * matching records (QUERY.md 10, STORE.md Planner).  Every record fetched is
 * put to the whole query again.
 */
#ifndef STORE_PLAN_H
#define STORE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "query/query.h"
#include "store/db.h"

struct plan_opts {
	bool force_scan; /* tests: never an index */
	bool ids_only;   /* no record is read where the plan allows */
	size_t limit;    /* 0: none; without sort stops early */
	/* A field of one key in the index order, to walk it and stop at
	 * limit; NULL: id order. */
	const struct field *sort;
	bool descending;
	struct str sort_label; /* of a saved score: which one */
	/* Derived fields of every match will be asked for: a scan then reads
	 * them beside the records. */
	bool derived;
};

struct answer;
/* The query is bound to db_schema.  It outlives the answer. */
int answer_open(struct answer **, struct reading *, const struct query *,
    const struct plan_opts *, struct err *) BASE_MUST;
/*
 * The next match: 1, 0, -1.  *rec is NULL where ids_only.  After a pause and
 * renew of the reading the answer goes on after the last id.  Sorted walks
 * (sort set) give index order; else id order over all trees.
 */
int answer_next(
    struct answer *, struct id *, struct dbrec **, struct err *) BASE_MUST;
/* Before reading_pause and reading_renew: the answer lets go of what it
 * holds; a record that it gave is gone. */
void answer_pause(struct answer *);
void answer_close(struct answer **);
/* Whether the sort of plan_opts is served by the walk (else the caller
 * sorts). */
bool answer_sorted(const struct answer *);
/* The lines of --explain. */
void answer_explain(const struct answer *, struct buf *);

/* Calls fn for each match of a query that is asked once and forgotten; fn < 0
 * ends it. */
typedef int answer_fn(
    void *arg, const struct id *, struct dbrec *, struct err *);
int answer_each(struct reading *, struct str text, const struct query_env *,
    const struct plan_opts *, answer_fn *fn, void *arg, struct err *) BASE_MUST;

#endif
