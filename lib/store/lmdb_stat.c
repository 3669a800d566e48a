/* SPDX-License-Identifier: MIT */
/* What LMDB knows of a store's size, and what it is told of a scan. */
#include "store/lmdb_env.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* Pages of LMDB's list of free ones: each value begins with their number. */
static int
free_pages(MDB_txn *txn, uint64_t *pages)
{
	MDB_cursor *c = NULL;
	MDB_val k, v;
	size_t n;
	int rc;

	*pages = 0;
	if ((rc = mdb_cursor_open(txn, 0, &c)) != 0)
		return rc;
	while ((rc = mdb_cursor_get(c, &k, &v, MDB_NEXT)) == 0) {
		if (v.mv_size < sizeof(n))
			continue;
		memcpy(&n, v.mv_data, sizeof(n));
		*pages += n;
	}
	mdb_cursor_close(c);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

/* One line a reader, after a head. */
static int
count_line(const char *line, void *arg)
{
	uint64_t *n = arg;

	*n += line[0] == ' ' || ascii_digit((unsigned char)line[0]);
	return 0;
}

/* What LMDB knows of the file and of each tree. */
static int
stat_read(struct tx *tx, struct store_stat *st, uint64_t *free, uint64_t *used)
{
	struct store *s = tx->store;
	MDB_envinfo info;
	MDB_stat db;
	int rc;

	if ((rc = mdb_env_info(s->env, &info)) != 0 ||
	    (rc = mdb_env_stat(s->env, &db)) != 0 ||
	    (rc = free_pages(tx->txn, free)) != 0)
		return rc;
	*used = (uint64_t)info.me_last_pgno + 1;
	st->page = db.ms_psize;
	for (int t = 0; t < TREES && tx->trees; t++) {
		if ((rc = mdb_stat(tx->txn, s->dbi[t], &db)) != 0)
			return rc;
		st->entries[t] = db.ms_entries;
	}
	return 0;
}

static int
stat_tx(struct tx *tx, void *arg)
{
	struct store_stat *st = arg;
	struct stat file;
	uint64_t free, used;
	int fd = -1;
	int rc;

	fault_enter();
	if ((rc = mdb_env_get_fd(tx->store->env, &fd)) == 0)
		rc = stat_read(tx, st, &free, &used);
	fault_leave();
	if (rc != 0)
		return lmdb_tx_fail(tx, rc, "cannot read it");
	if (fstat(fd, &file) < 0)
		return lmdb_tx_fail(tx, errno, "cannot read it");
	st->size = (uint64_t)file.st_size;
	st->free = free * st->page;
	/* What lies behind the last page was never used. */
	if (st->size > used * st->page)
		st->free += st->size - used * st->page;
	return 0;
}

int
lmdb_stat(struct store *s, struct store_stat *st, struct err *err)
{
	int rc;

	memset(st, 0, sizeof(*st));
	fault_enter();
	rc = mdb_reader_list(s->env, count_line, &st->readers);
	fault_leave();
	if (rc < 0)
		return lmdb_fail(s, rc, "cannot read it", err);
	return lmdb_run(s, TX_READ, stat_tx, st, err);
}

/* A scan wants the read-ahead that MDB_NORDAHEAD took from the map. */
void
lmdb_will_scan(struct store *s)
{
	struct stat st;
	int fd = -1;

	if (s->base == NULL || mdb_env_get_fd(s->env, &fd) != 0 ||
	    fstat(fd, &st) < 0)
		return;
	/* Advice: without it the scan is slower, no more. */
	(void)posix_madvise(s->base, (size_t)st.st_size, POSIX_MADV_NORMAL);
}
