/* SPDX-License-Identifier: MIT */
/*
 * The LMDB driver's own: the store directory, the environment in it, and the
 * faults of its map.  lmdb.c has the transactions, lmdb_tree.c what is done in
 * them, lmdb_open.c, _dir.c, _check.c and _names.c the way there, fault.c turns
 * signals into an exit.
 */
#ifndef STORE_LMDB_ENV_H
#define STORE_LMDB_ENV_H

#include <lmdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
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

struct tx {
	struct tx_head head;
	struct store *store;
	MDB_txn *txn; /* NULL: given up by a reopened environment */
	enum tx_mode mode;
	bool live;        /* a reader: not dropped */
	bool trees;       /* the store's handles hold in this snapshot */
	bool full;        /* the map was: grow and run again */
	bool halfway;     /* checkpoint: nothing can be run again */
	uint64_t changes; /* cursors find their place again after one */
	struct vet *vet;  /* of lmdb_vet.c, NULL: none yet */
	struct tx *next;  /* of store->readers */
	/* A reader's place in each tree: the next look-up is mostly near the
	 * last one, and needs no way from the root then. */
	MDB_cursor *place[TREES];
};

/* ---- lmdb_tree.c: as struct driver has them ---- */
int lmdb_get(
    struct tx *, enum tree, size_t n, const struct str *k, struct str *v);
int lmdb_put(struct tx *, enum tree, size_t n, const struct kv *,
    unsigned flags, size_t *clash);
int lmdb_del(struct tx *, enum tree, size_t n, const struct str *k);
int lmdb_del_range(struct tx *, enum tree, struct str lo, struct str hi);
int lmdb_range(struct tx *, enum tree, struct str lo, struct str hi,
    unsigned flags, struct cur **);
int lmdb_next(struct cur *, struct kv *, size_t max);
int lmdb_seek(struct cur *, struct str k);
void lmdb_end(struct cur **);
/* Before a transaction is dropped or ended. */
void lmdb_forget_places(struct tx *);
int lmdb_near(struct tx *, enum tree, struct str k, struct kv near[2]);

/* ---- lmdb_vet.c: 0, MDB_CORRUPTED, or another error of LMDB's ---- */
/* The rows on both sides of where k would stand (none at an end, or where it
 * is there), after a look at all pages on the way. */
int lmdb_vet_near(struct tx *, enum tree, struct str k, struct kv near[2]);
/* Whether a reader's row, at that address, stands where it belongs; *leaf:
 * its page, the rows of which do too. */
int lmdb_vet_row(struct tx *, enum tree, struct str k, struct str *leaf);
/* The pages that a put of k will touch; beside: those that a delete may. */
int lmdb_vet_write(struct tx *, enum tree, struct str k, bool beside);
void lmdb_vet_free(struct tx *);

/* ---- lmdb.c ---- */
/* What an LMDB code means, inside a transaction.  Returns -1. */
int lmdb_tx_fail(struct tx *, int rc, const char *doing);
/* As struct driver has it. */
int lmdb_run(struct store *, enum tx_mode, int (*fn)(struct tx *, void *),
    void *arg, struct err *);

/* ---- lmdb_names.c ---- */
/* Handles of the ten trees into dbi[], and the map's address: 0, 1 none there
 * yet, -1. */
int lmdb_open_trees(
    struct store *, MDB_txn *, bool create, struct err *) BASE_MUST;

/* ---- lmdb_stat.c: as struct driver has them ---- */
int lmdb_stat(struct store *, struct store_stat *, struct err *);
void lmdb_will_scan(struct store *);

/* ---- lmdb_pages.c ---- */
int lmdb_verify(
    struct tx *, void (*tell)(void *arg, const char *what), void *arg);

/* Whether each tree is as we make them and its first page its own: of
 * another's nothing that is sought would be found. */
bool lmdb_roots_stand(const struct store *, MDB_txn *, MDB_dbi names);

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
/* What an LMDB code means, as err; doing is "cannot read it" and the like,
 * which the catalogue holds.  Returns -1. */
int lmdb_fail(const struct store *, int rc, const char *doing, struct err *);

/* A CRM_* variable; none for a program that runs with others' rights. */
const char *lmdb_getenv(const char *name);
void lmdb_sleep(long ms);

/* ---- lmdb_dir.c ---- */
/* err 77: "PATH[/NAME]: WHAT: refused".  Returns -1. */
int lmdb_refused(
    const struct store *, const char *name, const char *what, struct err *);
/* Opens, with OPEN_CREATE makes, the directory into store->dir. */
int lmdb_dir_open(struct store *, struct err *) BASE_MUST;
int lmdb_dir_check_owner(
    const struct store *, struct stat *, struct err *) BASE_MUST;
int lmdb_dir_check_fs(const struct store *, struct err *) BASE_MUST;
/* Nothing but ours may stand where a store is made. */
int lmdb_dir_check_empty(const struct store *, struct err *) BASE_MUST;

/* ---- lmdb_copy.c: as struct driver has it ---- */
int lmdb_copy(struct store *, int fd, struct err *);
/* Takes the writers' lock of the store at path without opening it, since it
 * may be damaged: 1; 0: none is there; -1.  Closed as any other. */
int lmdb_hold(struct store **, const char *path, unsigned lock_ms,
    struct err *) BASE_MUST;

/* ---- lmdb_check.c ---- */
/* Judges data.mdb: 1 good, *stat is its; 0 none, or empty yet; -1 with 74
 * damaged, 77 no regular file, 78 not ours.  *tail: the file ends before its
 * last page, which lmdb_tail_check judges. */
int lmdb_data_check(
    const struct store *, struct stat *, bool *tail, struct err *) BASE_MUST;
/* err 74: "PATH/data.mdb: damaged: WHAT", and the cure.  Returns -1. */
int lmdb_damaged(const struct store *, const char *what, struct err *);
/* Where the tree of free pages of the newest commit begins, SIZE_MAX: it is
 * empty.  0, errno, or an error of LMDB's. */
int lmdb_free_root(int fd, size_t page, size_t txnid, size_t *root);
/* The empty data file; the writers' lock is held. */
int lmdb_data_make(const struct store *, mode_t, struct err *) BASE_MUST;
int lmdb_lock_file_check(const struct store *, struct err *) BASE_MUST;

/* ---- lmdb_tail.c ---- */
/* Of an open environment: -1 with 74 where a page beyond the end of its file
 * is in use. */
int lmdb_tail_check(const struct store *, struct err *) BASE_MUST;
/* After a commit: makes the file as long as its pages say. */
void lmdb_tail_fill(const struct store *);

/* ---- fault.c ---- */
/* Handlers, once a process; the path goes into their line. */
void fault_guard(const char *path);
void fault_map(const void *base, size_t size); /* of a data file */
void fault_unmap(const void *base);
void fault_assert(MDB_env *, const char *what); /* mdb_env_set_assert */

/* Around each call into LMDB that touches its pages: a SIGSEGV, SIGFPE or
 * abort in there is damage. */
extern volatile sig_atomic_t fault_inside;
static inline void
fault_enter(void)
{
	fault_inside++;
}
static inline void
fault_leave(void)
{
	fault_inside--;
}

#endif
