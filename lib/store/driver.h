/* SPDX-License-Identifier: MIT */
/*
 * Drivers: what keeps the bytes (STORE.md, Driver interface).  A driver knows
 * trees and bytes, never records.  Handles are opaque.  Inside a transaction
 * errors go to the struct err that was given to `run`.  What costs a round
 * trip takes many keys at once.
 */
#ifndef STORE_DRIVER_H
#define STORE_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum tree {
	T_META,
	T_CONTACT,
	T_REC,
	T_EV,
	T_LED,
	T_TL,
	T_X,
	T_AGG,
	T_LOG,
	T_BLOB,
	TREES
};

enum tx_mode { TX_READ, TX_WRITE };
enum { CAP_SCAN = 1, CAP_BULK = 2, CAP_RETRY = 4 };
enum { STORE_DRIVER_ABI = 1, STORE_KEY_MAX = 511 };
/* open */
enum {
	OPEN_WRITE = 1,  /* else read-only use */
	OPEN_CREATE = 2, /* make it where it is missing */
	OPEN_NEW = 4,    /* 73 where it exists (crm-db init, bulk) */
	OPEN_NOSYNC = 8, /* a store being built aside (STORE.md 4) */
};
/* put */
enum {
	PUT_NEW = 1,    /* fails with the index of the clash */
	PUT_APPEND = 2, /* a hint: key is above the last of the tree */
};
/* range */
enum { RANGE_REVERSE = 1 }; /* from below hi down to lo */

struct store; /* a driver's own */
struct tx;
struct cur;
struct plan;
struct kv { /* views: valid until the next call on that tx
	     * or cur (LMDB readers: until it ends) */
	struct str k, v;
};
typedef int row_fn(void *, struct kv *); /* 0 go on, else stop */

struct store_stat {
	uint64_t size, free; /* bytes of the file; of them unused */
	uint64_t entries[TREES];
	uint64_t readers;
	unsigned page;
};

struct driver {
	unsigned abi, caps;
	const char *name;
	int (*open)(struct store **, const char *url, unsigned flags,
	    unsigned lock_ms, struct err *);
	void (*close)(struct store **);
	/* Begins, calls fn (again after a conflict or where the file had to
	 * grow), commits where it gave 0, else aborts and gives its value
	 * (-1 err, or positive: an abort without error, a dry run). */
	int (*run)(struct store *, enum tx_mode, int (*fn)(struct tx *, void *),
	    void *, struct err *);
	/* 0, or -1; v[i].p NULL: no such key. */
	int (*get)(struct tx *, enum tree, size_t n, const struct str *k,
	    struct str *v);
	/* 0; 1 with *clash set under PUT_NEW; -1. */
	int (*put)(struct tx *, enum tree, size_t n, const struct kv *,
	    unsigned flags, size_t *clash);
	int (*del)(struct tx *, enum tree, size_t n, const struct str *k);
	int (*del_range)(struct tx *, enum tree, struct str lo, struct str hi);
	/* lo <= k < hi; hi.p NULL: to the end of the tree. */
	int (*range)(struct tx *, enum tree, struct str lo, struct str hi,
	    unsigned flags, struct cur **);
	/* Rows filled, 0 end, -1. */
	int (*next)(struct cur *, struct kv *, size_t max);
	/* Moves a cursor: the next row is the first with key >= k (never below
	 * lo, before hi); with RANGE_REVERSE the first <= k going down. */
	int (*seek)(struct cur *, struct str k);
	void (*end)(struct cur **);
	/* Reader: gives the snapshot up (drop), takes a new one (renew).
	 * Cursors of it are ended before. */
	int (*drop)(struct tx *);
	int (*renew)(struct tx *);
	/* A reader that lives outside run (a session's): begin, then end. */
	int (*begin_read)(struct store *, struct tx **, struct err *);
	void (*end_read)(struct tx **);
	int (*scan)(struct tx *, const struct plan *, row_fn *, void *);
	int (*bulk)(struct tx *, enum tree, row_fn *, void *);
	int (*stat)(struct store *, struct store_stat *, struct err *);
	/* Tells the driver that a whole-tree scan comes (madvise). May be
	 * NULL. */
	void (*will_scan)(struct store *);
	/* Flushes file and directory: what OPEN_NOSYNC left undone. */
	int (*sync)(struct store *, struct err *);
	/* Commits what a store being built aside (OPEN_NOSYNC) has so far and
	 * goes on in the same tx, so that dirty pages stay few.  May be NULL.
	 */
	int (*checkpoint)(struct tx *);
	/* Writes what was committed last, without unused pages, into fd, an
	 * empty file; not flushed.  NULL: it keeps no file. */
	int (*copy)(struct store *, int fd, struct err *);
	/* Looks at every page of the snapshot: tells each fault, 0 or -1.
	 * NULL: it has none. */
	int (*verify)(
	    struct tx *, void (*tell)(void *arg, const char *what), void *arg);
	/* Of a key that get did not find: the rows on both sides of its place,
	 * p NULL where there is none.  -1: damage stands in the way.  Within a
	 * write transaction: of what was committed before.  NULL: what it does
	 * not find is not there. */
	int (*near)(struct tx *, enum tree, struct str k, struct kv near[2]);
	/* Whether another store stands at its place by now.  May be NULL. */
	bool (*replaced)(const struct store *);
};

struct err *tx_err(struct tx *); /* the err given to run */
const char *tree_name(enum tree);

/* Doubts that are no errors (a FUSE file system), given to fn as they come. */
typedef void driver_note_fn(void *arg, const char *text);
void driver_on_note(driver_note_fn *, void *arg);
/* Program name for the one line that a fault handler writes ("crm"). */
void driver_set_prog(const char *prog);

extern const struct driver driver_lmdb, driver_mem;
/* By the form of the URL: a path is LMDB, "mem:" the in-memory one;
 * postgresql:// loads its module (69 where there is none). */
const struct driver *driver_for(const char *url, struct err *);

#endif
