/* SPDX-License-Identifier: MIT */
/*
 * Merging contacts or companies (PEOPLE.md 3, Merging): clusters of pairs,
 * and one operation that joins each into its survivor.
 *
 *	merge_new, merge_add for each pair, merge_commit
 *
 * Pairs that share a record are a cluster.  Its survivor is the record that
 * is the second of no pair, of several the oldest.  What refers to the others
 * refers to it from then on; they are removed, and their ids lead to it
 * (db_survivor).
 */
#ifndef CRM_MERGE_H
#define CRM_MERGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/id.h"
#include "base/vec.h"
#include "crm/env.h"
#include "store/db.h"

/* Whose value a field of one value gets. */
enum merge_prefer {
	MERGE_FIRST,   /* the survivor's, else the next record's */
	MERGE_NEWEST,  /* the one written last */
	MERGE_FULLEST, /* of the record with most values */
};

enum { MERGE_MAX = 10 };

struct merge_opts {
	enum merge_prefer prefer;
	size_t max; /* records of a cluster; 0: MERGE_MAX */
	/* Those behind the survivor stand by age, not as they were added: so
	 * the order of lines makes no difference. */
	bool by_age;
	bool dry_run;
	/* Told of each record that changes (survivor, links, merged): the
	 * lines of -n; restart before it runs again.  before of one that is
	 * merged names the survivor (change_lines); after is NULL then. */
	void (*restart)(void *arg);
	int (*changed)(void *arg, struct op *, const struct row *before,
	    const struct row *after, struct err *);
	void *arg;
};

struct merge;
int merge_new(struct merge **, const struct merge_opts *);
void merge_free(struct merge **);
/* A survivor and what goes into it, as operands name them; or a pair. */
void merge_add(struct merge *, const struct id *a, const struct id *b);
struct merge_counts {
	size_t survivors, merged;
	size_t moved;   /* records that refer to another one now */
	size_t dropped; /* mails that were queued twice */
};
/*
 * One operation, or none where every pair is one record by now.  65: a cluster
 * of too many, of contacts and companies, or of other kinds; a company that
 * would be above itself; 66: a record was removed meanwhile; 75: a mail of two
 * for one step is being sent.
 */
int merge_commit(struct merge *, struct db *, const struct crm_env *,
    struct merge_counts *, struct err *) BASE_MUST;
/* After merge_commit: the survivors, in the order in which they were added;
 * valid until merge_free. */
const struct id *merge_survivors(const struct merge *, size_t *n);

#endif
