/* SPDX-License-Identifier: MIT */
/*
 * The ledger of erasures against a store: a backup that is restored forgets
 * whom it names; a store that still holds one of them owes an erasure.
 */
#include <errno.h>
#include <unistd.h>

#include "base/vec.h"
#include "store/check_int.h"
#include "store/erased.h"
#include "store/erasure.h"
#include "store/suppressed.h"

/* ---- restore ---- */

struct applying {
	const char *url;
	struct op *op;
	struct erasure erasure;
	size_t persons, records;
};

static int
apply_line(void *arg, const struct erased_line *line, struct err *err)
{
	struct applying *a = arg;
	size_t i;
	int rc = erasure_add(&a->erasure, &line->person, a->persons, err);

	for (i = 0; rc >= 0 && i < line->nwith; i++)
		rc = erasure_add(&a->erasure, &line->with[i], a->persons, err);
	for (i = 0; rc >= 0 && i < line->ncleared; i++)
		rc = erasure_clear(
		    &a->erasure, &line->cleared[i], a->persons, err);
	for (i = 0; rc >= 0 && i < line->nprints; i++)
		rc = op_suppress(
		    a->op, &line->prints[i], line->at, "erased", err);
	a->persons++;
	return rc < 0 ? -1 : 0;
}

static int
apply(struct op *op, void *arg)
{
	struct applying *a = arg;
	struct err *err = tx_err(op->tx);
	int rc;

	a->op = op;
	a->persons = a->records = 0;
	erasure_begin(&a->erasure, op);
	rc = erased_each(a->url, apply_line, a, err);
	if (rc == 0)
		rc = erasure_find(&a->erasure, err);
	if (rc == 0)
		rc = erasure_run(&a->erasure, false, NULL, NULL, err);
	a->records = a->erasure.gone.n + a->erasure.kept.n;
	erasure_release(&a->erasure);
	return rc;
}

/* Who restores suppressed addresses without their key could neither ask for
 * one nor add one. */
static int
check_key(struct db *db, const char *url, struct err *err)
{
	struct buf path = BUF_INIT;
	struct reading *r = NULL;
	uint64_t n = 0;
	int rc = -1;

	if (db_read(db, &r, err) != 0 || db_suppressed_count(r, &n, err) != 0)
		goto out;
	rc = 0;
	if (n > 0 && store_beside(url, ".key", &path) &&
	    access(path.p, F_OK) != 0)
		rc = err_sys(err, STATUS_CONFIG, errno,
		    "%s: the backup holds %llu suppressed addresses, which "
		    "need their key",
		    path.p, (unsigned long long)n);
out:
	reading_close(&r);
	buf_release(&path);
	return rc;
}

int
erased_apply(struct db *db, const char *url, size_t *records, struct err *err)
{
	struct applying a = { .url = url };
	int rc;

	*records = 0;
	if (check_key(db, url, err) != 0)
		return -1;
	rc = db_write(db, 0, "erased again after a restore", apply, &a, err);
	*records = rc == 0 ? a.records : 0;
	return rc;
}

/* ---- check ---- */

static int
check_gone(struct audit *c, const struct id *id, struct err *err)
{
	struct str value;
	enum tree tree;
	int rc = record_find(c->tx, c->db, id, &tree, &value, err);

	/* The flags are the second byte. */
	if (rc == 1 && value.n > 1 &&
	    ((unsigned char)value.p[1] & ROW_ERASED) == 0)
		check_fault(c, tree, id_str(id), false,
		    "its erasure was begun and not ended: crm-rm --erase "
		    "ends it");
	return rc < 0 ? -1 : 0;
}

static int
check_line(void *arg, const struct erased_line *line, struct err *err)
{
	struct audit *c = arg;

	check_step(c);
	return check_gone(c, &line->person, err);
}

int
check_erased(struct audit *c, struct err *err)
{
	return erased_each(c->db->url, check_line, c, err);
}
