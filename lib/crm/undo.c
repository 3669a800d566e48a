/* SPDX-License-Identifier: MIT */
#include "crm/undo.h"

#include <stdio.h>
#include <string.h>

#include "crm/undo_int.h"

enum { SUMMARY_SHOWN = 120 };

static int
undo_entry(struct undoing *u, uint32_t seq, struct err *err)
{
	struct history_entry e;
	int rc;

	arena_clear(&u->a);
	rc = history_entry(u->rd, u->x.lsn, seq, &u->a, &e, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(err, STATUS_IO, "log %llu.%lu: it is gone",
		    (unsigned long long)u->x.lsn, (unsigned long)seq);
	if (e.type == HISTORY_SCHEMA)
		return undo_schema(u, &e, err);
	if (e.type == HISTORY_SCORE)
		return undo_score(u, &e, err);
	if (e.type == HISTORY_ERASED)
		return undo_erased(u, &e, err);
	return undo_record(u, &e, err);
}

/* The number of the operation that an undo or a redo names. */
static int
undone_lsn(
    struct undoing *u, const struct id *id, uint64_t *lsn, struct err *err)
{
	char text[ID_TEXT];

	id_format(id, text);
	return ops_find(u->ops, str_n(text, ID_TEXT), lsn, err);
}

static int
choose_state(struct undoing *u, uint64_t *lsn, struct err *err)
{
	struct history_op op;
	enum ops_state state;
	uint64_t by;

	if (ops_state(u->ops, *lsn, &state, err) < 0 ||
	    history_op(u->rd, *lsn, &u->a, &op, err) < 0 ||
	    ops_taken_back(u->ops, *lsn, &op.op, &by, err) < 0)
		return -1;
	/* A redo made an operation hold again: that one is meant. */
	if (state == OPS_REDO && !u->want->redo) {
		if (undone_lsn(u, &op.undone, lsn, err) < 0 ||
		    history_op(u->rd, *lsn, &u->a, &op, err) < 0 ||
		    undone_lsn(u, &op.undone, lsn, err) < 0 ||
		    history_op(u->rd, *lsn, &u->a, &op, err) < 0 ||
		    ops_state(u->ops, *lsn, &state, err) < 0 ||
		    ops_taken_back(u->ops, *lsn, &op.op, &by, err) < 0)
			return -1;
	}
	u->redo = state == OPS_UNDO || (u->want->redo && state == OPS_UNDONE);
	if (u->redo && state == OPS_UNDONE)
		*lsn = by;
	if (u->redo || (state == OPS_LIVE && !u->want->redo))
		return 0;
	if (state == OPS_UNDONE)
		return err_set(err, STATUS_NOINPUT,
		    "operation %llu is undone already; crm-undo --redo %llu "
		    "does it again",
		    (unsigned long long)*lsn, (unsigned long long)*lsn);
	if (state == OPS_REDONE)
		return err_set(err, STATUS_NOINPUT,
		    "operation %llu is an undo that was redone already",
		    (unsigned long long)*lsn);
	return err_set(err, STATUS_NOINPUT, "operation %llu is not undone",
	    (unsigned long long)*lsn);
}

static int
choose(struct undoing *u, const char *word, struct err *err)
{
	const struct undo *want = u->want;
	uint64_t lsn;
	int rc;

	arena_clear(&u->a);
	if (word) {
		if (ops_find(u->ops, str_of(word), &lsn, err) < 0 ||
		    choose_state(u, &lsn, err) < 0)
			return -1;
	} else {
		rc = ops_newest(u->ops, want->uid, want->redo, &lsn, err);
		if (rc < 0)
			return -1;
		if (rc == 0 && want->redo)
			return err_set(err, STATUS_NOINPUT, "nothing to redo");
		if (rc == 0)
			return err_set(err, STATUS_NOINPUT, "nothing to undo");
		u->redo = want->redo;
	}
	rc = history_op(u->rd, lsn, &u->want->arena, &u->x, err);
	if (rc == 0)
		return err_set(err, STATUS_NOINPUT, "no operation %llu",
		    (unsigned long long)lsn);
	return rc < 0 ? -1 : 0;
}

/* For those that follow in a rehearsal. */
static int
settle(struct undoing *u, struct err *err)
{
	enum ops_state state;
	uint64_t lsn;

	if (!u->redo) {
		ops_settle(u->ops, u->x.lsn, OPS_UNDONE);
	} else {
		ops_settle(u->ops, u->x.lsn, OPS_REDONE);
		/* Asked for first: only what is known can be settled. */
		if (undone_lsn(u, &u->x.undone, &lsn, err) < 0 ||
		    ops_state(u->ops, lsn, &state, err) < 0)
			return -1;
		ops_settle(u->ops, lsn, OPS_LIVE);
	}
	return op_flush(u->op, err);
}

/* Words for the list, and for who asked: of a redo, what is done again; where
 * that left the log, the undo speaks for it. */
static int
describe(struct undoing *u, struct err *err)
{
	struct undo *want = u->want;
	struct history_op *what = &want->what, op;
	struct err why = ERR_INIT;
	uint64_t lsn;

	*what = u->x;
	want->redone = u->redo;
	if (u->redo && undone_lsn(u, &u->x.undone, &lsn, &why) == 0 &&
	    history_op(u->rd, lsn, &want->arena, &op, &why) > 0)
		*what = op;
	if (why.status && why.status != STATUS_NOINPUT) {
		*err = why;
		return -1;
	}
	(void)snprintf(u->summary, sizeof(u->summary), "%s of %llu%s%.*s",
	    u->redo ? "redo" : "undo", (unsigned long long)what->lsn,
	    what->summary.n ? ": " : "",
	    (int)(what->summary.n > SUMMARY_SHOWN ? SUMMARY_SHOWN
						  : what->summary.n),
	    what->summary.n ? what->summary.p : "");
	return 0;
}

static int
undo_one(struct undoing *u, const char *word, struct err *err)
{
	if (choose(u, word, err) < 0)
		return -1;
	op_undoes(u->op, u->redo, &u->x.op);
	if (describe(u, err) < 0)
		return -1;
	for (uint64_t seq = u->x.entries; seq > 0; seq--)
		if (undo_entry(u, (uint32_t)seq, err) < 0)
			return -1;
	/* What failed while a clash was put into words left its error. */
	if (undo_links(u, err) < 0 || err->status)
		return -1;
	if (u->want->nclashes && !u->want->partial) {
		err->status = STATUS_BUSY;
		return -1;
	}
	return 0;
}

/* ---- the transaction ---- */

static void
begin(struct undo *want)
{
	buf_clear(&want->clashes);
	want->nclashes = want->nhard = 0;
	want->lsn = 0;
	want->schema = false;
	memset(want->counts, 0, sizeof(want->counts));
	if (want->restart)
		want->restart(want->arg);
}

static bool
did_something(const struct undo *want)
{
	for (size_t i = 0; i < UNDO_KINDS; i++)
		if (want->counts[i])
			return true;
	return want->schema;
}

/* May run again from the start. */
static int
undo_in(struct op *op, void *arg)
{
	struct undoing *u = arg;
	struct undo *want = u->want;
	int rc = -1;

	begin(want);
	err_clear(u->err);
	vec_clear(&u->links);
	u->op = op;
	u->rd = op_reading(op);
	if (ops_open(u->rd, &u->ops, u->err) < 0)
		goto out;
	rc = want->nwords ? 0 : undo_one(u, NULL, u->err);
	for (size_t i = 0; i < want->nwords && rc == 0; i++) {
		rc = undo_one(u, want->words[i], u->err);
		if (rc == 0 && i + 1 < want->nwords)
			rc = settle(u, u->err);
	}
	if (rc == 0 && did_something(want))
		want->lsn = op_lsn(op);
out:
	ops_close(&u->ops);
	return rc;
}

int
undo_run(struct db *db, struct undo *want, struct err *err)
{
	struct err inner = ERR_INIT;
	struct undoing u = { .db = db, .want = want, .err = &inner };
	int rc;

	rc = db_write(
	    db, want->dry_run ? OP_DRY : 0, u.summary, undo_in, &u, err);
	if (rc < 0 && inner.status)
		*err = inner;
	arena_release(&u.a);
	vec_release(&u.links);
	if (rc < 0)
		return -1;
	return want->nclashes ? STATUS_NO : 0;
}

void
undo_release(struct undo *want)
{
	buf_release(&want->clashes);
	arena_release(&want->arena);
}
