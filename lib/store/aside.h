/* SPDX-License-Identifier: MIT */
/*
 * Folders beside a store, NAME.new-XXXXXXXX: what is built in one is nobody's
 * until it is whole and on disk, then it is put in the store's place
 * (STORE.md, Compact, backup, restore).
 *
 * Who works in one holds its flock, so that a sweep of what killed programs
 * left behind takes none that is in use.  Killed at any call, the old store
 * or the new one stands whole at NAME; where the system cannot exchange two
 * names in one step, the old one may stand at NAME.exchange for a moment, and
 * whoever opens NAME next takes it back.
 */
#ifndef STORE_ASIDE_H
#define STORE_ASIDE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

struct aside {
	struct buf dir; /* its name */
	int fd;         /* of the folder, its flock taken; -1: not held */
	int data;       /* of data.mdb, empty at first; -1: closed */
	bool left;      /* aside_place could not remove what stood there */
};
#define ASIDE_INIT                                                             \
	{                                                                      \
		BUF_INIT, -1, -1, false                                        \
	}

/* A name beside path that is not taken yet. */
struct buf aside_name(const char *path);
/*
 * Makes the folder and its two files, with mode and owner of the store at
 * `like` (NULL, or nothing there: 0700, 0600).  73, 77 or 74.
 */
int aside_make(
    struct aside *, const char *path, const char *like, struct err *) BASE_MUST;
/* Flushes data.mdb, the folder and the one above. */
int aside_sync(struct aside *, struct err *) BASE_MUST;
/* Lets go of it, for a store to be opened there; takes hold of it again. */
void aside_leave(struct aside *);
int aside_hold(struct aside *, struct err *) BASE_MUST;
/*
 * Puts the folder at path, whose lock the caller holds if a store stands
 * there, and removes that one.  It is held and on disk.  -1: nothing changed.
 */
int aside_place(struct aside *, const char *path, struct err *) BASE_MUST;
/* Removes what is left of it: safe after each of the above, or none. */
void aside_drop(struct aside *);

/* 73: other files than a store's lie in the folder, and would go with it. */
int aside_alone(const char *path, struct err *) BASE_MUST;
/* Removes the two files and the folder; what is not there need not go. */
void aside_remove(const char *dir);
/* Removes what killed programs left beside path. */
void aside_sweep(const char *path);
/* Flushes the folder that path is named in. */
int aside_sync_parent(const char *path, struct err *) BASE_MUST;
/*
 * Nothing is at path: whether an exchange in two steps was cut short there,
 * or is under way.  1: it is done or taken back, look again; 0: no; -1: not
 * permitted, or under way for longer than wait_ms.
 */
int aside_recover(const char *path, unsigned wait_ms, struct err *) BASE_MUST;
/* Bytes of DIR/data.mdb; 0: none. */
uint64_t aside_size(const char *dir);

#endif
