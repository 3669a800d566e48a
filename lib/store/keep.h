/* SPDX-License-Identifier: MIT */
/*
 * Keeping a store: copies, compaction, upgrade (STORE.md, Compact, backup,
 * restore, check, upgrade).
 */
#ifndef STORE_KEEP_H
#define STORE_KEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "store/aside.h"
#include "store/db.h"

struct kept {
	uint64_t before, after; /* bytes of the data file */
	uint64_t trimmed;       /* operations cut from the log */
	bool left; /* compact: the old files could not be removed, so the
		    * next one has to */
	/* Given by the caller of a backup or a restore: the progress of what
	 * lasts, the check; whether to go on.  NULL: nobody asks. */
	progress_fn *progress;
	void *arg;
};
/*
 * Writes the store anew without its free pages and exchanges the directories;
 * readers finish on the old one.  keep_from: operations older than this (ms)
 * leave the log; INT64_MIN: none.  The db goes on with the new files: it is
 * open for writing, and no reading of it is open.
 */
int db_compact(
    struct db *, int64_t keep_from, struct kept *, struct err *) BASE_MUST;

/*
 * Whether other files stand in the store's place by now (compact, restore):
 * who goes on reading for long opens the store anew, since what is written
 * from then on is written there.
 */
bool db_replaced(const struct db *);

/* A compacting copy of a snapshot as one file beside `path`, checked, synced,
 * then put in its place.  Never needs the writers' lock. */
int db_backup(
    struct db *, const char *path, struct kept *, struct err *) BASE_MUST;
/* The same into an unnamed file for who sends it on: *fd, read from its
 * beginning, is the caller's to close. */
int db_backup_fd(struct db *, int *fd, struct kept *, struct err *) BASE_MUST;

/*
 * For a backup in another form, which the caller writes to a->data: as above
 * it takes its name when it is whole.  lsn: the newest operation in it.
 */
int backup_begin(const struct db *, const char *path, struct aside *,
    struct err *) BASE_MUST;
int backup_end(const struct db *, struct aside *, uint64_t lsn,
    const char *path, struct err *) BASE_MUST;

/*
 * Where backups went: NAME.backups beside the store, a line each: time, newest
 * operation, path ("-": a pipe), TABs between.  For an erasure, which says
 * what still holds a person.
 */
struct backup_note {
	int64_t ms;
	uint64_t lsn;
	struct str path; /* absolute, or "-"; in the arena, NUL behind */
};
/* Oldest first; none, or no such file: *n 0. */
int backups_read(const char *url, struct arena *, struct backup_note **,
    size_t *n, struct err *) BASE_MUST;
/* Best effort: a backup that could not be noted is still one. */
void backups_note(const char *url, int64_t ms, uint64_t lsn, const char *path);

/* Up to n bytes into p: how many, 0 at the end, -1 with err. */
typedef long keep_read_fn(void *arg, char *p, size_t n, struct err *);
/*
 * Makes the store at opts->url from the backup that `read` gives, to its end:
 * checked, given a new node, the erased persons of NAME.erased taken out, then
 * exchanged with what stood there, be that damaged or missing.  name is shown
 * in messages.  65: no backup, or damaged; 78: it holds suppressed addresses
 * and NAME.key is missing, or a newer release made it.
 */
int db_restore(const struct db_opts *, keep_read_fn *read, void *arg,
    const char *name, struct kept *, struct err *) BASE_MUST;

/*
 * What upgrade would do or did, a line a step; none: it is up to date.  65: a
 * name of its own is one that this release builds in; 78: a newer store.
 */
int db_upgrade(struct db *, bool dry_run,
    void (*step)(void *arg, const char *text), void *arg,
    struct err *) BASE_MUST;

#endif
