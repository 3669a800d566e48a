/* SPDX-License-Identifier: MIT */
/*
 * A bulk load into a store that is not there yet: built aside without
 * flushes, flushed whole, renamed into place (STORE.md, Write path).
 */
#include <errno.h>

#include "base/io.h"
#include "base/mem.h"
#include "store/aside.h"
#include "store/op_int.h"

enum { LOST_RACE = 1 };

/* Builds the store in dir, whole and on disk. */
static int
build(struct db *db, const char *dir, unsigned flags, const char *summary,
    int (*fn)(struct op *, void *), void *arg, struct err *err)
{
	const struct driver *d = db->driver;
	char *url = db->url;
	unsigned was = db->flags;
	int rc;

	db->flags = (was & ~(unsigned)OPEN_NEW) | OPEN_WRITE | OPEN_CREATE |
		    OPEN_NEW | OPEN_NOSYNC;
	db->url = mem_dup(dir);
	rc = d->open(&db->store, dir, db->flags, db->lock_ms, err);
	if (rc == 0)
		rc = op_run(db, flags, summary, fn, arg, err);
	if (rc == 0 && d->sync != NULL)
		rc = d->sync(db->store, err);
	if (db->store != NULL)
		d->close(&db->store);
	db->store = NULL;
	mem_free(db->url);
	db->url = url;
	db->flags = was;
	return rc;
}

/* What was learned of the store that was built and is no more. */
static void
forget(struct db *db)
{
	static const char none[4];

	db->loaded = false;
	db->head = (struct head){ 0 };
	dict_release(&db->dict);
	db_take_currency(db, none);
}

static int
put_in_place(struct db *db, const char *dir, struct err *err)
{
	if (io_rename_new(dir, db->url) == 0)
		return aside_sync_parent(db->url, err);
	/* Somebody else was first: there is a store to write to now. */
	if (errno == EEXIST || errno == ENOTEMPTY) {
		aside_remove(dir);
		forget(db);
		return LOST_RACE;
	}
	(void)err_sys(err, STATUS_CANTCREAT, errno, "%s", db->url);
	aside_remove(dir);
	return -1;
}

int
bulk_write(struct db *db, unsigned flags, const char *summary,
    int (*fn)(struct op *, void *), void *arg, struct err *err)
{
	struct buf dir;
	int rc;

	if (db->driver != &driver_lmdb)
		return LOST_RACE;
	dir = aside_name(db->url);
	rc = build(db, dir.p, flags, summary, fn, arg, err);
	if (rc != 0 || db->head.lsn == 0)
		aside_remove(dir.p);
	else
		rc = put_in_place(db, dir.p, err);
	buf_release(&dir);
	if (rc == 0 && db->head.lsn != 0)
		rc = db_create(db, err);
	return rc;
}
