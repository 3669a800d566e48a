/* SPDX-License-Identifier: MIT */
/*
 * NAME.erased, the ledger of erasures beside the store (RELIABILITY.md,
 * Privacy): text, one line an erased person, never one of them taken out
 * again.  A line is on disk before the erasure itself is, so that a crash in
 * between leaves a store that owes an erasure and says so (db_check), never
 * one that forgot it.  A backup that is restored loses these persons again.
 *
 *	id:PERSON _at:TIME _with:ID... _cleared:ID... _print:HEX...
 *
 * with tabs between: the records deleted with the person, those of others
 * whose texts were cleared, and the fingerprints that went to suppression.
 *
 * `url` is that of a store; one that is no folder (mem:) has no ledger, which
 * counts as an empty one.
 */
#ifndef STORE_ERASED_H
#define STORE_ERASED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "store/db.h"

enum { PRINT_BYTES = 32 };
struct print {
	unsigned char b[PRINT_BYTES];
};

/* A line; the arrays are views. */
struct erased_line {
	struct id person;
	int64_t at; /* ms */
	const struct id *with, *cleared;
	const struct print *prints;
	size_t nwith, ncleared, nprints;
};

/* NAME and an ending (".erased", ".key", ".backups") appended to out; false:
 * the store is no folder, nothing stands beside it. */
bool store_beside(const char *url, const char *ending, struct buf *out);

/* ---- writing ---- */
struct erased;
/*
 * Opens the ledger (made 0600 where there is none) for one erasure and holds
 * it until it is closed: 75 where another still does after lock_ms.  A last
 * line that was cut off by a crash is dropped.
 */
int erased_open(struct erased **, const char *url, unsigned lock_ms,
    struct err *) BASE_MUST;
/* Takes back what was written since it was opened: the transaction runs
 * again, or has failed. */
int erased_rewind(struct erased *, struct err *) BASE_MUST;
void erased_add(struct erased *, const struct erased_line *);
/* Writes what was added and syncs file and folder. */
int erased_sync(struct erased *, struct err *) BASE_MUST;
void erased_close(struct erased **);

/* ---- reading ---- */
/* Each line in turn until fn gives non-zero, which is returned; 0 at the end
 * or where there is no ledger; 74: a line that is damaged. */
int erased_each(const char *url,
    int (*fn)(void *arg, const struct erased_line *, struct err *), void *arg,
    struct err *) BASE_MUST;

/*
 * Makes `db` (a backup that is being restored, opened for writing wherever it
 * stands) forget everybody whom the ledger of the store at `url` names, and
 * suppress them, in one operation.  78: the backup holds suppressed addresses
 * and url's NAME.key is missing.  Where *records > 0 afterwards (how many it
 * erased or changed) bytes remain in free pages: compact before it is used.
 */
int erased_apply(
    struct db *, const char *url, size_t *records, struct err *) BASE_MUST;

#endif
