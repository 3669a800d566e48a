/* SPDX-License-Identifier: MIT */
/*
 * The LMDB driver's own: the store directory, the environment in it, and the
 * faults of its map.  lmdb.c works with trees, lmdb_open.c opens and locks,
 * fault.c turns signals into an exit.
 */
#ifndef STORE_LMDB_ENV_H
#define STORE_LMDB_ENV_H

#include <lmdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "store/driver.h"
#include "store/internal.h"

struct store {
	char *path;
	unsigned flags, lock_ms;
	int dir;      /* its descriptor; -1: a reader's, closed */
	bool locked;  /* the flock of dir is ours */
	bool writing; /* within run(TX_WRITE) */
	MDB_env *env;
	dev_t dev; /* of the data file that env has open */
	ino_t ino;
	size_t map_size, map_limit;
	bool trees; /* dbi[] are open */
	MDB_dbi dbi[TREES];
	void *base;         /* of the map; NULL: not known */
	struct tx *readers; /* of begin_read, live or dropped */
};

/* ---- lmdb_open.c ---- */
/* Opens path; sets everything but the trees.  66 where there is none. */
int lmdb_open_path(struct store *, struct err *) BASE_MUST;
void lmdb_close_env(struct store *);
void lmdb_close_path(struct store *);
/* The same files again, with a map of `size` bytes (0: as large as it gets):
 * the lock and the directory stay.  No transaction may be open. */
int lmdb_reopen_env(struct store *, size_t size, struct err *) BASE_MUST;
/* Takes the writers' flock: 0; 75 after lock_ms. */
int lmdb_lock(struct store *, struct err *) BASE_MUST;
void lmdb_unlock(struct store *);
/* Whether path/data.mdb is no longer the file that is open. */
bool lmdb_replaced(const struct store *);
/* Flushes the directory and the one above: a new store's names. */
int lmdb_sync_names(struct store *, struct err *) BASE_MUST;
/* What an LMDB code means, as err.  Returns -1. */
int lmdb_fail(const struct store *, int rc, const char *doing, struct err *);

/* ---- fault.c ---- */
/* Handlers, once a process; the path goes into their line. */
void fault_guard(const char *path);
void fault_map(const void *base, size_t size);  /* of the data file */
void fault_assert(MDB_env *, const char *what); /* mdb_env_set_assert */

/* Around each call into LMDB: a SIGSEGV or SIGFPE in there is damage. */
extern volatile sig_atomic_t fault_inside;
static inline void
fault_enter(void)
{
	fault_inside = 1;
}
static inline void
fault_leave(void)
{
	fault_inside = 0;
}

#endif
