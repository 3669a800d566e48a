/* SPDX-License-Identifier: MIT */
/*
 * A copy of the environment without its free pages.  LMDB walks the trees in
 * a snapshot of its own and writes them one after another; a second thread of
 * LMDB's does the writing.
 */
#include "store/lmdb_env.h"

int
lmdb_copy(struct store *s, int fd, struct err *err)
{
	int rc;

	fault_enter();
	rc = mdb_env_copyfd2(s->env, fd, MDB_CP_COMPACT);
	fault_leave();
	/* It counts pages: what no tree and no list of free ones has. */
	if (rc == MDB_INCOMPATIBLE)
		return err_set(err, STATUS_IO,
		    "%s: damaged: pages that belong to no tree\nTry crm-db "
		    "check --full.",
		    s->path);
	if (rc != 0)
		return lmdb_fail(s, rc, "copy it", err);
	return 0;
}
