/* SPDX-License-Identifier: MIT */
/*
 * A backup put in the place of a store: taken in beside it, looked through,
 * made a store of its own (a new node, nobody in it who was erased since),
 * and exchanged with what stood there.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/io.h"
#include "base/mem.h"
#include "store/erased.h"
#include "store/keep_int.h"
#include "store/lmdb_env.h"
#include "store/seal.h"

enum { PIECE = 256 * 1024 };

struct restoring {
	const struct db_opts *opts;
	const char *name;   /* of the backup */
	keep_read_fn *read; /* its bytes */
	void *arg;
	struct aside a;     /* where it is taken in */
	bool sealed;        /* its bytes are those that were backed up */
	struct db *db;      /* of it */
	struct store *held; /* what stands at the place, its lock taken */
};

/* ---- taking it in ---- */

static int
take_in(struct restoring *r, struct err *err)
{
	char *piece = mem_alloc(PIECE);
	off_t size = 0;
	int rc = -1;
	int sealed;
	long n;

	while ((n = r->read(r->arg, piece, PIECE, err)) > 0)
		if (io_write(r->a.data, piece, (size_t)n) < 0) {
			(void)err_sys(
			    err, STATUS_IO, errno, "%s", r->opts->url);
			goto out;
		}
	if (n < 0)
		goto out;
	sealed = seal_check(r->a.data, r->name, &size, err);
	if (sealed < 0)
		goto out;
	if (size == 0) {
		(void)err_set(err, STATUS_DATA,
		    "%s: empty, no backup of a store", r->name);
		goto out;
	}
	r->sealed = sealed == 1;
	if (ftruncate(r->a.data, size) < 0) {
		(void)err_sys(err, STATUS_IO, errno, "%s", r->opts->url);
		goto out;
	}
	rc = 0;
out:
	mem_free(piece);
	return rc;
}

/* ---- looking through ---- */

/* Of what opening it said: where it is the fault of the file, 65 and its own
 * name.  What the system refused stays as it is. */
static int
blame(const struct restoring *r, const struct err *why, struct err *err)
{
	const char *what = strstr(why->msg, r->a.dir.p);
	size_t n;

	if (what != NULL) {
		what += r->a.dir.n;
		if (strncmp(what, "/data.mdb", 9) == 0)
			what += 9;
		if (strncmp(what, ": ", 2) == 0)
			what += 2;
	} else {
		what = why->msg;
	}
	n = strcspn(what, "\n");
	if (n >= 8 && strncmp(what + n - 8, "no store", 8) == 0)
		return err_set(
		    err, STATUS_DATA, "%s: no backup of a store", r->name);
	if ((why->status != STATUS_IO && why->status != STATUS_CONFIG) ||
	    why->sys > 0) {
		*err = *why;
		return -1;
	}
	/* A newer release reads it: that is no damage. */
	if (why->status == STATUS_CONFIG && what[n] == '\n')
		return err_set(err, STATUS_CONFIG, "%s: %s", r->name, what);
	return err_set(err, STATUS_DATA, "%s: %.*s", r->name, (int)n, what);
}

static int
look_through(struct restoring *r, const struct kept *kept, struct err *err)
{
	struct db_opts o = *r->opts;
	struct err why = ERR_INIT;
	int rc;

	o.url = r->a.dir.p;
	o.flags = OPEN_WRITE | OPEN_NOSYNC;
	aside_leave(&r->a);
	if (db_open(&r->db, &o, &why) < 0)
		return blame(r, &why, err);
	if (!r->db->loaded)
		return err_set(
		    err, STATUS_DATA, "%s: no backup of a store", r->name);
	if (db_writable(r->db, r->name, err) != 0)
		return -1;
	/* What is sealed was read whole before it was. */
	rc = keep_check(r->db, !r->sealed, kept, STATUS_DATA, r->name, &why);
	if (rc == -1 && why.status != STATUS_DATA)
		return blame(r, &why, err);
	if (rc < 0)
		*err = why;
	return rc < 0 ? -1 : 0;
}

/* ---- a store of its own ---- */

static int
node_fn(struct tx *tx, void *arg)
{
	struct db *db = arg;
	struct head h;

	if (head_load(db, tx, &h, tx_err(tx)) <= 0)
		return -1;
	hash_random(&h.node, sizeof(h.node));
	return head_save(db, tx, &h, tx_err(tx));
}

/* Changed in place; where something was erased, copied without its bytes. */
static int
make_own(struct restoring *r, struct err *err)
{
	const struct driver *d = r->db->driver;
	struct aside clean = ASIDE_INIT;
	size_t records = 0;
	int rc = -1;

	if (erased_apply(r->db, r->opts->url, &records, err) < 0) {
		if (err->status == STATUS_CONFIG)
			(void)err_add(err,
			    "\nPut the key there from where it is kept, and "
			    "restore again.");
		goto out;
	}
	if (d->run(r->db->store, TX_WRITE, node_fn, r->db, err) < 0)
		goto out;
	if (records > 0) {
		if (keep_copy(r->db, &clean, r->opts->url, r->opts->url, err) <
			0 ||
		    aside_sync(&clean, err) < 0)
			goto out;
		db_close(&r->db);
		aside_drop(&r->a);
		r->a = clean;
		clean = (struct aside)ASIDE_INIT;
	} else {
		if (d->sync(r->db->store, err) < 0)
			goto out;
		db_close(&r->db);
		if (aside_hold(&r->a, err) < 0)
			goto out;
	}
	rc = 0;
out:
	aside_drop(&clean);
	return rc;
}

/* ---- the course ---- */

static int
restore(struct restoring *r, struct kept *kept, struct err *err)
{
	const char *url = r->opts->url;

	aside_sweep(url);
	if (aside_make(&r->a, url, url, err) < 0 || take_in(r, err) < 0 ||
	    look_through(r, kept, err) < 0)
		return -1;
	/* From here on nobody writes to what stands there: who is erased from
	 * it in between would be back. */
	if (lmdb_hold(&r->held, url, r->opts->lock_ms, err) < 0 ||
	    make_own(r, err) < 0)
		return -1;
	kept->before = aside_size(url);
	kept->after = aside_size(r->a.dir.p);
	return aside_place(&r->a, url, err);
}

int
db_restore(const struct db_opts *opts, keep_read_fn *read, void *arg,
    const char *name, struct kept *kept, struct err *err)
{
	struct restoring r = { .opts = opts,
		.name = name,
		.read = read,
		.arg = arg,
		.a = ASIDE_INIT };
	const struct driver *d = driver_for(opts->url, err);
	int rc;

	kept->before = kept->after = 0;
	if (d == NULL)
		return -1;
	if (d->copy == NULL)
		return err_set(err, STATUS_USAGE,
		    "%s: a store without files of its own", opts->url);
	rc = restore(&r, kept, err);
	db_close(&r.db);
	if (r.held != NULL)
		d->close(&r.held);
	aside_drop(&r.a);
	return rc;
}
