/* SPDX-License-Identifier: MIT */
/*
 * Operations of the change log as people and crm-undo see them: found by id,
 * suffix of an id or local number, and whether each still holds.
 *
 * An undo names the operation that it took back, a redo the undo.  An undo
 * that a redo names is dead; an operation that a live undo names is undone.
 * Whoever names comes later, so one walk from the newest header down settles
 * all it passes; what was seen is kept.
 */
#ifndef CRM_OPS_H
#define CRM_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "base/str.h"
#include "store/db.h"
#include "store/history.h"

enum ops_state {
	OPS_NONE,   /* the log has none of that number */
	OPS_LIVE,   /* it holds */
	OPS_UNDONE, /* a live undo names it */
	OPS_UNDO,   /* an undo that holds */
	OPS_REDONE, /* an undo that a redo took back */
	OPS_REDO,
};

struct ops;
/* The operations that the reading sees now.  The reading outlives it; newer
 * operations are not seen. */
int ops_open(struct reading *, struct ops **, struct err *) BASE_MUST;
void ops_close(struct ops **);
/* Numbers of the oldest and the newest; 0, 0: there are none. */
uint64_t ops_from(const struct ops *);
uint64_t ops_to(const struct ops *);

int ops_state(
    struct ops *, uint64_t lsn, enum ops_state *, struct err *) BASE_MUST;
/* The live undo, or the redo, that names this operation; 0: none. */
int ops_taken_back(struct ops *, uint64_t lsn, const struct id *op,
    uint64_t *by, struct err *) BASE_MUST;
/* Says that one was undone or redone meanwhile: for a rehearsal of several,
 * which writes no header.  Its state was asked for before. */
void ops_settle(struct ops *, uint64_t lsn, enum ops_state);

/* The operation that a word names: its id, 4 or more characters that only one
 * id ends in, or its number.  66: none; 65: several; 2: no such form. */
int ops_find(
    struct ops *, struct str word, uint64_t *lsn, struct err *) BASE_MUST;
/*
 * What crm-undo without a name takes back, of this user: the newest operation
 * that is live and neither undo nor redo; redo: the newest undo that no live
 * operation of theirs followed.  1, 0 there is none, -1.
 */
int ops_newest(struct ops *, uint32_t uid, bool redo, uint64_t *lsn,
    struct err *) BASE_MUST;

/* The user's login name, or the number where there is none. */
struct str ops_user(uint32_t uid, struct arena *);

#endif
