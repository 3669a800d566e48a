/* SPDX-License-Identifier: MIT */
/*
 * A store written anew without its free pages (STORE.md, Compact): a copy
 * beside it, put in its place while the writers' lock is held.
 */
#include "store/keep.h"

#include <errno.h>
#include <unistd.h>

#include "store/keep_int.h"
#include "store/trim.h"

enum { DONE = 1 }; /* of a transaction that writes nothing */

int
keep_files(const struct db *db, struct err *err)
{
	if (db->driver->copy != NULL)
		return 0;
	return err_set(
	    err, STATUS_USAGE, "%s: a store without files of its own", db->url);
}

int
keep_copy(struct db *db, struct aside *a, const char *path, const char *like,
    struct err *err)
{
	const struct driver *d = db->driver;

	if (aside_make(a, path, like, err) < 0)
		return -1;
	if (d->will_scan != NULL)
		d->will_scan(db->store);
	return d->copy(db->store, a->data, err);
}

int
keep_open(
    struct db **out, struct aside *a, const struct db *like, struct err *err)
{
	struct db_opts o = {
		.url = a->dir.p,
		.flags = OPEN_WRITE | OPEN_NOSYNC,
		.lock_ms = like->lock_ms,
		.clock = like->clock,
		.prog = like->prog,
	};

	aside_leave(a);
	return db_open(out, &o, err);
}

/* ---- checking a copy ---- */

struct checking {
	struct err first; /* the message of the first fault */
	const struct kept *kept;
	bool stopped;
};

static void
on_fault(void *arg, const struct fault *f)
{
	struct checking *c = arg;

	(void)err_set(&c->first, STATUS_IO, "%s%s%.*s: %.*s", f->tree,
	    f->id.n > 0 ? " " : "", STR_ARG(f->id), STR_ARG(f->what));
}

static bool
on_progress(void *arg, uint64_t done, uint64_t of)
{
	struct checking *c = arg;

	if (c->kept->progress != NULL)
		c->stopped = !c->kept->progress(c->kept->arg, done, of);
	return !c->stopped;
}

int
keep_check(struct db *db, bool full, const struct kept *kept, int status,
    const char *what, struct err *err)
{
	struct checking c = { ERR_INIT, kept, false };
	struct err why = ERR_INIT;
	long n = db_check(db, full, false, on_fault, on_progress, &c, &why);

	if (n == 0)
		return 0;
	if (n > 0)
		return err_set(err, status,
		    "%s: damaged: %ld fault%s, the first: %s", what, n,
		    n == 1 ? "" : "s", c.first.msg);
	*err = why;
	return c.stopped ? KEEP_STOPPED : -1;
}

/* ---- compact ---- */

struct compacting {
	struct db *db;
	int64_t keep_from;
	struct kept *kept;
	struct aside next; /* what takes the store's place */
};

static int
trim_fn(struct tx *tx, void *arg)
{
	const struct compacting *c = arg;
	struct err *err = tx_err(tx);
	uint64_t upto;

	if (trim_upto(c->db, tx, c->keep_from, &upto, err) != 0)
		return -1;
	return trim_log(c->db, tx, upto, err);
}

/* The copy with its log cut, and that copied once more: cutting frees pages,
 * and what stood there would lie in them. */
static int
cut_and_copy(struct compacting *c, struct err *err)
{
	struct compacting cut = { .keep_from = c->keep_from };
	struct aside first = c->next;
	int rc = -1;

	c->next = (struct aside)ASIDE_INIT;
	if (keep_open(&cut.db, &first, c->db, err) == 0 &&
	    cut.db->driver->run(cut.db->store, TX_WRITE, trim_fn, &cut, err) ==
		0)
		rc = keep_copy(cut.db, &c->next, c->db->url, c->db->url, err);
	db_close(&cut.db);
	aside_drop(&first);
	return rc;
}

/* Inside a write transaction that changes nothing: no other writer comes. */
static int
compact_fn(struct tx *tx, void *arg)
{
	struct compacting *c = arg;
	struct db *db = c->db;
	struct err *err = tx_err(tx);
	struct head h = { 0 };
	uint64_t upto = 0;

	/* Again after a conflict. */
	aside_drop(&c->next);
	if (aside_alone(db->url, err) != 0)
		return -1;
	aside_sweep(db->url);
	c->kept->before = aside_size(db->url);
	if (db_load(db, tx, true, err) != 0 || head_load(db, tx, &h, err) < 0)
		return -1;
	if (db_writable(db, db->url, err) != 0)
		return -1;
	if (c->keep_from != INT64_MIN && h.log_from > 0 &&
	    trim_upto(db, tx, c->keep_from, &upto, err) != 0)
		return -1;
	c->kept->trimmed =
	    upto >= h.log_from && h.log_from > 0 ? upto - h.log_from + 1 : 0;
	if (keep_copy(db, &c->next, db->url, db->url, err) != 0)
		return -1;
	if (c->kept->trimmed > 0 && cut_and_copy(c, err) != 0)
		return -1;
	if (aside_sync(&c->next, err) != 0)
		return -1;
	c->kept->after = aside_size(c->next.dir.p);
	return aside_place(&c->next, db->url, err) == 0 ? DONE : -1;
}

int
db_compact(struct db *db, int64_t keep_from, struct kept *kept, struct err *err)
{
	struct compacting c = { db, keep_from, NULL, ASIDE_INIT };
	const struct driver *d = db->driver;
	int rc;

	*kept = (struct kept){ 0 };
	c.kept = kept;
	if (db->store == NULL)
		return 0;
	if (keep_files(db, err) != 0)
		return -1;
	rc = d->run(db->store, TX_WRITE, compact_fn, &c, err);
	aside_drop(&c.next);
	kept->left = c.next.left;
	if (rc < 0)
		return -1;
	/* The old files are open still, and are nobody's. */
	d->close(&db->store);
	db->loaded = false;
	return d->open(&db->store, db->url,
	    db->flags & ~(unsigned)(OPEN_NEW | OPEN_CREATE), db->lock_ms, err);
}

bool
db_replaced(const struct db *db)
{
	return db->store != NULL && db->driver->replaced != NULL &&
	       db->driver->replaced(db->store);
}
