/* SPDX-License-Identifier: MIT */
/*
 * Removing records (CLI.md 18, crm-rm; MODEL.md, Links): handles in, one
 * operation, all or none.
 *
 *	removal_new, removal_add for each handle, removal_commit.
 *
 * A record that others point to is refused, unless these go too.  `cascade`
 * takes its timeline records along: of a contact or a company those that name
 * no other contact.  `detach` takes the reference out of what stays.
 *
 * `erase` takes persons out for good (RELIABILITY.md, Privacy): see
 * store/erasure.h for what goes along.
 */
#ifndef CRM_REMOVE_H
#define CRM_REMOVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "crm/env.h"
#include "record/row.h"
#include "store/db.h"
#include "store/erasure.h"

struct removal;

struct removal_opts {
	const struct kind *kind; /* of kind:KIND, or NULL */
	bool cascade, detach, force, keep_going, dry_run;
	bool erase, texts;
	unsigned lock_ms; /* for the ledger of erasures */
	/* The transaction runs (perhaps again): what was told is void. */
	void (*restart)(void *arg);
	/* A handle that is refused: its number in the order of removal_add,
	 * and that of its line. */
	void (*refused)(
	    void *arg, size_t item, size_t number, const struct err *);
	/* Each record that is removed, while all of them stand.  Or NULL. */
	int (*leaving)(
	    void *arg, struct reading *, const struct id *, struct err *);
	/* dry_run: what would change; after NULL: it would be removed.
	 * Or NULL. */
	int (*changed)(void *arg, const struct row *before,
	    const struct row *after, struct err *);
	/* dry_run: what would be erased.  Or NULL. */
	int (*erased)(void *arg, const struct id *, struct err *);
	void *arg;
};

/* Records by kind. */
struct removal_kind {
	const struct kind *kind;
	size_t n;
};
struct removal_kinds {
	struct removal_kind *v;
	size_t n, cap;
};

/* What became of one person. */
struct receipt {
	struct id id;
	struct removal_kinds gone;       /* the person and what went along */
	const struct erasure_kept *kept; /* lost a reference, or had one */
	size_t nkept, prints;
};

struct removal_result {
	struct removal_kinds gone; /* what was named comes first */
	size_t named;              /* records asked for */
	size_t untied;             /* records that lost a reference */
	struct buf names;          /* of the first three that were named */
	int64_t at;
	struct receipt *receipts; /* of an erasure */
	size_t nreceipts;
};

void removal_new(struct removal **, struct db *, const struct crm_env *,
    const struct removal_opts *);
void removal_free(struct removal **);
/* One more record: its handle, and of a line the kind (or none), the rev that
 * was read (or none) and the number (0: an operand). */
void removal_add(struct removal *, struct str handle, struct str kind,
    struct str rev, size_t number);
size_t removal_size(const struct removal *);
/* Judges all without removing any: lines were refused before. */
void removal_only_check(struct removal *);
/* The same up to the commit, telling no one but `refused`: to ask with what
 * it says before it is done. */
int removal_rehearse(
    struct removal *, const struct removal_result **, struct err *) BASE_MUST;
/*
 * One transaction.  0: done (or checked, with dry_run), and the result is
 * that of those that were not refused, valid until removal_free; 1: nothing
 * was removed, because handles were refused; -1: nothing was removed, err.
 */
int removal_commit(
    struct removal *, const struct removal_result **, struct err *) BASE_MUST;

/* "1 contact (Marta Gil) and 4 activities", appended. */
void removal_say(const struct removal_result *, struct buf *);
/* "4 activities and 1 task", from place `from` on. */
void removal_say_kinds(const struct removal_kinds *, size_t from, struct buf *);

#endif
