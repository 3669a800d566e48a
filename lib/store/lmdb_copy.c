/* SPDX-License-Identifier: MIT */
/*
 * A copy of the environment without its free pages.  LMDB walks the trees in
 * a snapshot of its own and writes them one after another; a second thread of
 * LMDB's does the writing.
 */
#include "store/lmdb_env.h"

#include "base/mem.h"
#include "store/aside.h"
#include "store/lmdb_scrub.h"

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
		return lmdb_fail(s, rc, "cannot copy it", err);
	return lmdb_scrub(s, fd, err);
}

int
lmdb_hold(
    struct store **out, const char *path, unsigned lock_ms, struct err *err)
{
	struct store *s = NULL;
	struct err none = ERR_INIT;
	struct stat st, now;
	int rc;

	*out = NULL;
	for (;;) {
		s = mem_zero(1, sizeof(*s));
		s->path = mem_dup(path);
		s->lock_ms = lock_ms;
		rc = lmdb_dir_open(s, &none);
		if (rc < 0 && none.status == STATUS_NOINPUT)
			break;
		if (rc < 0)
			*err = none;
		if (rc < 0 || (rc = lmdb_dir_check_owner(s, &st, err)) < 0 ||
		    (rc = aside_alone(path, err)) < 0 ||
		    (rc = lmdb_lock(s, err)) < 0)
			break;
		/* Somebody else may have exchanged it meanwhile. */
		if (lstat(path, &now) == 0 && now.st_dev == st.st_dev &&
		    now.st_ino == st.st_ino) {
			*out = s;
			return 1;
		}
		driver_lmdb.close(&s);
	}
	driver_lmdb.close(&s);
	return rc < 0 && none.status == STATUS_NOINPUT ? 0 : rc;
}
