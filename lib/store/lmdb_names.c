/* SPDX-License-Identifier: MIT */
/* The tree of names: handles of the ten trees, and where the map lies. */
#include "store/lmdb_env.h"

#include <string.h>
#include <unistd.h>

/*
 * The map's address: LMDB tells it for fixed maps only.  A page carries its
 * number, and a key of the tree of names lies in one.
 */
static void
find_map(struct store *s, MDB_txn *txn, MDB_dbi names)
{
	MDB_cursor *c = NULL;
	MDB_val k, v;
	MDB_stat st;
	MDB_envinfo info;
	long os_page = sysconf(_SC_PAGESIZE);
	uintptr_t page, base;
	size_t no;

	if (mdb_env_stat(s->env, &st) != 0 ||
	    mdb_env_info(s->env, &info) != 0 || os_page <= 0 ||
	    st.ms_psize == 0 || (size_t)os_page % st.ms_psize != 0)
		return;
	if (mdb_cursor_open(txn, names, &c) != 0)
		return;
	if (mdb_cursor_get(c, &k, &v, MDB_FIRST) == 0) {
		page = (uintptr_t)k.mv_data & ~((uintptr_t)st.ms_psize - 1);
		memcpy(&no,
		    (const char *)k.mv_data - ((uintptr_t)k.mv_data - page),
		    sizeof(no));
		base = page - no * st.ms_psize;
		if (no <= info.me_last_pgno && base % (size_t)os_page == 0) {
			s->base =
			    (char *)k.mv_data - ((uintptr_t)k.mv_data - base);
			fault_map(s->base, s->map_size);
		}
	}
	mdb_cursor_close(c);
}

int
lmdb_open_trees(struct store *s, MDB_txn *txn, bool create, struct err *err)
{
	MDB_dbi names;
	MDB_stat st;
	int rc;

	if ((rc = mdb_dbi_open(txn, NULL, 0, &names)) != 0 ||
	    (rc = mdb_stat(txn, names, &st)) != 0)
		return lmdb_fail(s, rc, "cannot open it", err);
	if (st.ms_entries == 0 && !create)
		return 1;
	for (int t = 0; t < TREES; t++) {
		rc = mdb_dbi_open(txn, tree_names[t],
		    create && st.ms_entries == 0 ? MDB_CREATE : 0, &s->dbi[t]);
		if (rc == MDB_NOTFOUND || rc == MDB_INCOMPATIBLE)
			return err_set(err, STATUS_CONFIG,
			    "%s: no store of ours: it has no tree '%s'",
			    s->path, tree_names[t]);
		if (rc != 0)
			return lmdb_fail(s, rc, "cannot open it", err);
	}
	if (create)
		return 0;
	find_map(s, txn, names);
	if (!lmdb_roots_stand(s, txn, names))
		return lmdb_fail(s, MDB_CORRUPTED, "cannot read it", err);
	return 0;
}
