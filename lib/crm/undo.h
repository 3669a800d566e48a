/* SPDX-License-Identifier: MIT */
/*
 * Undo and redo of whole operations (STORE.md, Change log; CLI.md 8 and 18).
 *
 * Each entry is taken back, the last one first: what was made goes, what was
 * removed comes back, a field gets the value that it had.  A list is judged
 * value by value, so that what others did to it since stays.  An undo is an
 * operation like any other; a redo is the undo of an undo.
 *
 * Where a later operation that holds changed the same, nothing is undone (75)
 * and each such place is told.
 */
#ifndef CRM_UNDO_H
#define CRM_UNDO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "crm/env.h"
#include "record/row.h"
#include "store/db.h"
#include "store/history.h"

enum { UNDO_SHOWN = 20, UNDO_KINDS = 256 };

struct undo {
	/* Set by the caller. */
	const char *const *words; /* names of operations (ops_find) */
	size_t nwords;            /* 0: the newest of `uid` that there is */
	bool redo, partial, force, dry_run;
	uint32_t uid;
	const struct crm_env *env;
	/* Told of each record in a rehearsal, NULL: nobody; both rows may be
	 * NULL: a schema.  `restart`: the transaction begins again. */
	int (*changed)(void *arg, bool redo, const struct row *before,
	    const struct row *after, struct err *);
	/* The same of each saved score that is set back: from s->new to
	 * s->old. */
	int (*scored)(void *arg, bool redo, const struct row *,
	    const struct history_score *s, struct err *);
	void (*restart)(void *arg);
	void *arg;

	/* Filled; strings live until undo_release. */
	uint64_t lsn;              /* of the operation that was made; 0: none */
	struct history_op what;    /* the last one that was taken back */
	bool redone;               /* what was taken back is an undo */
	bool schema;               /* the schema is among it */
	size_t counts[UNDO_KINDS]; /* records by number of their kind */
	/* What is in the way: a line each, the first 20; hard: what --force
	 * does not help against. */
	struct buf clashes;
	size_t nclashes, nhard;
	struct arena arena;
};

#define UNDO_INIT                                                              \
	{                                                                      \
		.clashes = BUF_INIT                                            \
	}

/*
 * One transaction, in which all words are undone in turn (a rehearsal) or the
 * only one is.  0: done; 1: a part was left out (partial); -1: nothing was
 * changed: 66 nothing to undo, 65 or 2 a word that names nothing, 75 clashes
 * (without message: `clashes` says it), 77 what cannot be undone.
 */
int undo_run(struct db *, struct undo *, struct err *) BASE_MUST;
void undo_release(struct undo *);

#endif
