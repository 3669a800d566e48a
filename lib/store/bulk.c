/* SPDX-License-Identifier: MIT */
/*
 * A bulk load into a store that is not there yet: built aside without
 * flushes, flushed whole, renamed into place (STORE.md, Write path).
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/num.h"
#include "store/op_int.h"

enum { LOST_RACE = 1 };

static struct buf
aside_name(const char *path)
{
	struct buf b = BUF_INIT;
	unsigned char r[4];

	hash_random(r, sizeof(r));
	buf_addz(&b, path);
	while (b.n > 1 && b.p[b.n - 1] == '/')
		buf_cut(&b, b.n - 1);
	buf_addf(&b, ".new-%08x", (unsigned)num_get_be32(r));
	return b;
}

/* Removes what was built; what is not there need not go. */
static void
remove_aside(const char *dir)
{
	static const char *const files[] = { "data.mdb", "lock.mdb" };
	struct buf b = BUF_INIT;
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		buf_clear(&b);
		buf_addf(&b, "%s/%s", dir, files[i]);
		(void)unlink(b.p);
	}
	(void)rmdir(dir);
	buf_release(&b);
}

static int
sync_parent(const char *path, struct err *err)
{
	struct str s = str_of(path);
	struct buf b = BUF_INIT;
	int rc = 0;

	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	while (s.n > 0 && s.p[s.n - 1] != '/')
		s.n--;
	while (s.n > 1 && s.p[s.n - 1] == '/')
		s.n--;
	if (s.n == 0)
		s = STR(".");
	buf_adds(&b, s);
	if (io_sync_dir(b.p) != 0)
		rc = err_sys(err, STATUS_IO, errno, "%s", b.p);
	buf_release(&b);
	return rc;
}

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
		return sync_parent(db->url, err);
	/* Somebody else was first: there is a store to write to now. */
	if (errno == EEXIST || errno == ENOTEMPTY) {
		remove_aside(dir);
		forget(db);
		return LOST_RACE;
	}
	(void)err_sys(err, STATUS_CANTCREAT, errno, "%s", db->url);
	remove_aside(dir);
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
		remove_aside(dir.p);
	else
		rc = put_in_place(db, dir.p, err);
	buf_release(&dir);
	if (rc == 0 && db->head.lsn != 0)
		rc = db_create(db, err);
	return rc;
}
