/* SPDX-License-Identifier: MIT */
/*
 * Insides of a merge: merge.c (pairs to clusters, the transaction),
 * merge_fields.c (what the survivor holds), merge_links.c (what refers to
 * them).
 */
#ifndef CRM_MERGE_INT_H
#define CRM_MERGE_INT_H

#include "base/arena.h"
#include "crm/merge.h"
#include "crm/names.h"
#include "record/row.h"

struct merge_pair {
	struct id a, b;
};

/* A record that is named. */
struct merge_node {
	struct id id;
	const struct kind *kind;
	int64_t created;
	size_t up;      /* union-find */
	size_t cluster; /* of a root: its number + 1 */
	bool with;      /* the second of a pair */
};

/* Its members in order, the survivor first, and their rows; lists are in the
 * arena. */
struct merge_cluster {
	size_t *node; /* numbers of nodes */
	size_t n, cap;
	struct row *row; /* n of them, as they are */
	struct row made; /* the survivor as it will be */
};

struct merge {
	struct merge_opts opts;
	VEC(struct merge_pair) pairs;
	struct db *db;
	const struct crm_env *env;
	struct err err; /* first cause inside the operation */

	/* Of one run of the transaction. */
	struct arena arena;
	VEC(struct merge_node) nodes;
	struct names by_id; /* count: number of the node + 1 */
	VEC(struct merge_cluster) clusters;
	struct names into;  /* what is merged; id: its survivor */
	struct names heads; /* survivors; count: of their cluster + 1 */
	VEC(struct id) refs;
	struct names ref_set;
	VEC(struct id) mails; /* queued ones that go */
	VEC(struct id) survivors;
	struct merge_counts counts;
	struct buf summary;
};

/* "3K7BV Marta Gil", in the arena. */
const char *merge_name(struct merge *, struct op *, const struct id *);
int merge_tell(struct merge *, struct op *, const struct row *before,
    const struct row *after, struct err *) BASE_MUST;

/* A row with slots of its own, of the same values. */
void merge_copy(struct merge *, const struct row *from, struct row *to);
/* Stores what changed, and tells. */
int merge_store(struct merge *, struct op *, const struct row *before,
    struct row *after, struct err *) BASE_MUST;

/* ---- merge_fields.c ---- */
/* Makes the survivor of its rows. */
void merge_fields(struct merge *, struct merge_cluster *);

/* ---- merge_links.c ---- */
/* The row's references to what is merged lead to survivors; of a list each
 * stands once.  Its slots are its own.  True: some did. */
bool merge_map(const struct merge *, struct row *);
/* 65 where a company would be above itself. */
int merge_check_tree(struct merge *, struct op *, struct err *) BASE_MUST;
/* Who refers to what is merged: fills m->refs. */
int merge_find_links(struct merge *, struct op *, struct err *) BASE_MUST;
int merge_move_links(struct merge *, struct op *, struct err *) BASE_MUST;

#endif
