/* SPDX-License-Identifier: MIT */
/*
 * Handles: the words that name a record (FORMAT.md sections 6 and 7).
 */
#ifndef CRM_HANDLE_H
#define CRM_HANDLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "crm/env.h"
#include "query/query.h"
#include "store/db.h"

/* Kinds that a program works on, in the order in which they decide; n 0: all
 * (contact, company, the rest). */
struct handle_scope {
	const struct kind *const *kinds;
	size_t n;
	bool narrowed; /* kind:KIND was given: values of unique
			* fields are handles too */
};

/*
 * The one live record that the word names.  66: none ("no contact 'x'; did
 * you mean 'y'?"); 65: several, the first five named; 2: it is no handle.
 * `line`: the word came in a line of input, none is 65.
 */
int handle_find(struct reading *, const struct crm_env *,
    const struct handle_scope *, struct str word, bool line, struct id *,
    struct err *) BASE_MUST;
/* All that it names, up to max; 0 where none. For queries and links. */
int handle_all(struct reading *, const struct handle_scope *, struct str word,
    struct id *out, size_t max, size_t *n, struct err *) BASE_MUST;
/* A note where the word is the id, or the end of it, of a record that was
 * merged into this one. */
void handle_note_merged(struct reading *, const struct crm_env *,
    struct str word, const struct id *);
/* "3K7BV Marta Gil": how a message names a record. */
void handle_name(struct reading *, const struct id *, struct buf *);

/* The callbacks of query_env over a reading (arg: struct query_store *). */
struct query_store {
	struct reading *reading;
	const struct crm_env *env;
};
void query_env_fill(struct query_env *, struct query_store *);

#endif
