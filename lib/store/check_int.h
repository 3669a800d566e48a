/* SPDX-License-Identifier: MIT */
/*
 * db_check in its parts. Records are read once; what they should have in the
 * trees x and tl is sorted and compared with what stands there, both ways.
 */
#ifndef STORE_CHECK_INT_H
#define STORE_CHECK_INT_H

#include "store/op_int.h"

/* Rows of a tree, one at a time. */
struct walk {
	const struct driver *driver;
	struct tx *tx;
	struct cur *cur;
	struct kv kv[64];
	int n, i;
	const bool *stop; /* of the db */
};
int walk_begin(struct walk *, const struct db *, struct tx *, enum tree,
    struct err *) BASE_MUST;
/* 1, 0, -1 */
int walk_next(struct walk *, struct kv *, struct err *) BASE_MUST;
void walk_end(struct walk *);

struct audit {
	struct db *db;
	struct tx *tx;
	bool repair;
	fault_fn *tell;
	progress_fn *progress;
	void *arg;
	uint64_t done, of;
	long faults, mended;
	bool trees;            /* there is a fault in x, tl or agg */
	struct sorter *x, *tl; /* what records should have there */
	struct index_maker maker;
	struct arena arena;
	struct buf scratch, rows;
	struct counts counts;
	uint64_t blob_parts;
	struct { /* keys of damaged records: tree, then id */
		unsigned char (*v)[1 + ID_BYTES];
		size_t n, cap;
	} damaged;
};

/* One fault; mend: repairing mends it. */
void check_fault(struct audit *, enum tree, struct str key, bool mend,
    const char *fmt, ...) BASE_PRINTF(5, 6);
/* Tells how far it is; asked to stop, the next walk_next is an error. */
void check_step(struct audit *);
int check_head(struct audit *, struct err *) BASE_MUST;
int check_records(struct audit *, struct err *) BASE_MUST;
/* An entry of tree x that what is in c->rows (its id) should have. */
int check_want(
    void *arg, const struct index *, struct str key, struct err *) BASE_MUST;
int check_index(struct audit *, struct err *) BASE_MUST;
/* Saved scores: their entries in tree x and in the log. */
int check_scores(struct audit *, struct err *) BASE_MUST;
int check_timeline(struct audit *, struct err *) BASE_MUST;
int check_log(struct audit *, struct err *) BASE_MUST;
/* Rows of suppressed addresses; persons of the ledger who are still there. */
int check_suppressed(struct audit *, struct err *) BASE_MUST;
int check_erased(struct audit *, struct err *) BASE_MUST;

/* Rebuilds x, tl and agg from the records, sets damaged ones aside. */
int repair_trees(struct audit *, struct err *) BASE_MUST;

#endif
