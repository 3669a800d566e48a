/* SPDX-License-Identifier: MIT */
#include "store/trim.h"

#include "store/log.h"
#include "store/meta.h"

/* The header of an operation that must be there. */
static int
header_at(const struct db *db, struct tx *tx, uint64_t lsn,
    struct log_header *h, struct err *err)
{
	unsigned char key[LOG_KEY];
	struct str v;

	log_key(lsn, 0, key);
	if (tree_take(db->driver, tx, T_LOG, str_n(key, LOG_KEY), &v, err) != 0)
		return -1;
	if (v.p == NULL || !log_header_read(v, h))
		return err_set(err, STATUS_IO,
		    "log %llu.0: damaged: no header of an operation",
		    (unsigned long long)lsn);
	return 0;
}

int
trim_upto(const struct db *db, struct tx *tx, int64_t ms, uint64_t *lsn,
    struct err *err)
{
	struct log_header header;
	struct head h;
	int rc = head_load(db, tx, &h, err);

	*lsn = 0;
	if (rc <= 0)
		return rc;
	for (*lsn = h.log_from; *lsn <= h.lsn; ++*lsn) {
		if (header_at(db, tx, *lsn, &header, err) != 0)
			return -1;
		if (id_ms(&header.op) >= ms)
			break;
	}
	--*lsn;
	return 0;
}

int
trim_log(const struct db *db, struct tx *tx, uint64_t lsn, struct err *err)
{
	unsigned char lo[LOG_KEY], hi[LOG_KEY];
	struct buf scratch = BUF_INIT;
	struct log_header header;
	struct head h;
	int rc = -1;

	if (head_load(db, tx, &h, err) <= 0 ||
	    header_at(db, tx, lsn, &header, err) != 0)
		goto out;
	if (meta_put(db->driver, tx, "chain.base",
		str_n(header.chain, LOG_DIGEST), &scratch, err) != 0)
		goto out;
	log_key(0, 0, lo);
	log_key(lsn + 1, 0, hi);
	if (db->driver->del_range(
		tx, T_LOG, str_n(lo, LOG_KEY), str_n(hi, LOG_KEY)) != 0) {
		(void)tx_fail(tx, err); /* -1 as it is */
		goto out;
	}
	h.log_from = lsn + 1;
	rc = head_save(db, tx, &h, err);
out:
	buf_release(&scratch);
	return rc;
}
