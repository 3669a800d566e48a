/* SPDX-License-Identifier: MIT */
/*
 * What an erasure takes along (RELIABILITY.md, Privacy): with a person go the
 * activities, tasks and cases that name no other person, whatever cannot be
 * without whom it names (messages, consent, points), and what was removed
 * before and named the person.  Everything else that refers to one of them
 * stays and loses the reference; its texts may speak of the person, so they
 * are listed, or cleared.
 *
 *	erasure_begin, erasure_add for each person, erasure_find,
 *	erasure_run, erasure_release: all inside one operation.
 *
 * The lists live until erasure_release.
 */
#ifndef STORE_ERASURE_H
#define STORE_ERASURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "base/vec.h"
#include "record/row.h"
#include "store/db.h"
#include "store/log.h"

struct pending;

struct erasure_gone {
	struct id id;
	const struct kind *kind;
	size_t person; /* by its number in the order of erasure_add */
	bool dead;     /* it was removed before */
};
struct erasure_kept {
	struct id id;
	const struct kind *kind;
	size_t person;
	bool clear;         /* its texts are cleared */
	const char **texts; /* labels of those it has, or had */
	size_t ntexts;
};
struct erasure {
	struct op *op;
	struct pending *set, *kept_set;
	size_t persons;
	VEC(struct erasure_gone) gone; /* persons first, by number */
	VEC(struct erasure_kept) kept; /* after erasure_run */
	struct arena arena;
};

enum erasure_state {
	ERASURE_NONE, /* no such record */
	ERASURE_LIVE,
	ERASURE_DEAD, /* removed; the log may still know it */
	ERASURE_DONE, /* erased before */
};

void erasure_begin(struct erasure *, struct op *);
void erasure_release(struct erasure *);
/*
 * The state of a record, live or not; where the store or the log knows it, it
 * is put into the row as it is or last was (long texts left out of the
 * latter), else row->kind alone says what it was.  -1 err.
 */
int erasure_look(struct op *, const struct id *, struct arena *, struct row *,
    enum erasure_state *, struct err *) BASE_MUST;
/* One more record to be erased, with that person: 1, 0 there is none or it
 * was erased before, -1. */
int erasure_add(
    struct erasure *, const struct id *, size_t person, struct err *) BASE_MUST;
/* A record of which the texts are to be cleared. */
int erasure_clear(
    struct erasure *, const struct id *, size_t person, struct err *) BASE_MUST;
/* Finds all that goes and all that stays. */
int erasure_find(struct erasure *, struct err *) BASE_MUST;
/*
 * Does it.  texts: clears the texts of all that stays.  fn (or NULL) is told
 * of each record that changes.  The op's log and indexes are written; nothing
 * of the lists is needed any more but for a receipt.
 */
int erasure_run(struct erasure *, bool texts,
    int (*fn)(void *arg, const struct row *before, const struct row *after,
	struct err *),
    void *arg, struct err *) BASE_MUST;

/* ---- op_erase.c ---- */
/* Of the log's entries about the record (its newest is the row's) those that
 * `holds` picks (NULL: all) are replaced by their digests. */
int op_cleanse(struct op *, const struct row *,
    bool (*holds)(const void *arg, const struct log_entry *), const void *arg,
    struct err *) BASE_MUST;

#endif
