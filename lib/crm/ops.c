/* SPDX-License-Identifier: MIT */
#include "crm/ops.h"

#include <pwd.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "crm/names.h"

enum { SHOWN = 5, SUFFIX_MIN = 4 };

struct ops {
	struct reading *rd;
	uint64_t from, to;
	VEC(unsigned char) state; /* of to, to - 1, ... */
	/* Id of what an undo or a redo took back; count: the number of who
	 * did. */
	struct names links;
	struct arena a;
};

int
ops_open(struct reading *rd, struct ops **out, struct err *err)
{
	struct ops *ops = mem_zero(1, sizeof(*ops));

	*out = ops;
	ops->rd = rd;
	ops->links = (struct names)NAMES_INIT;
	arena_init(&ops->a);
	return history_range(rd, &ops->from, &ops->to, err);
}

void
ops_close(struct ops **out)
{
	struct ops *ops = *out;

	if (!ops)
		return;
	vec_release(&ops->state);
	names_release(&ops->links);
	arena_release(&ops->a);
	mem_free(ops);
	*out = NULL;
}

uint64_t
ops_from(const struct ops *ops)
{
	return ops->from;
}

uint64_t
ops_to(const struct ops *ops)
{
	return ops->to;
}

/* ---- which of them hold ---- */

static uint64_t
named_by(const struct ops *ops, const struct id *op)
{
	const struct name_entry *e = names_find(&ops->links, id_str(op));

	return e ? e->count : 0;
}

static void
link_to(struct ops *ops, const struct id *op, uint64_t by)
{
	bool fresh;

	names_at(&ops->links, id_str(op), &fresh)->count = (size_t)by;
}

/* All above it are settled already. */
static enum ops_state
settle(struct ops *ops, const struct history_op *op)
{
	if (op->flags & HISTORY_REDO) {
		link_to(ops, &op->undone, op->lsn);
		return OPS_REDO;
	}
	if (op->flags & HISTORY_UNDO) {
		if (named_by(ops, &op->op))
			return OPS_REDONE;
		link_to(ops, &op->undone, op->lsn);
		return OPS_UNDO;
	}
	return named_by(ops, &op->op) ? OPS_UNDONE : OPS_LIVE;
}

static int
settle_to(struct ops *ops, uint64_t lsn, struct err *err)
{
	while (ops->to - ops->state.n >= lsn && ops->state.n < ops->to) {
		uint64_t at = ops->to - ops->state.n;
		struct history_op op;
		enum ops_state state = OPS_NONE;
		int rc;

		arena_clear(&ops->a);
		rc = history_op(ops->rd, at, &ops->a, &op, err);
		if (rc < 0)
			return -1;
		if (rc > 0)
			state = settle(ops, &op);
		vec_push(&ops->state, (unsigned char)state);
	}
	return 0;
}

static bool
within(const struct ops *ops, uint64_t lsn)
{
	return ops->to > 0 && lsn >= ops->from && lsn <= ops->to;
}

int
ops_state(struct ops *ops, uint64_t lsn, enum ops_state *state, struct err *err)
{
	*state = OPS_NONE;
	if (!within(ops, lsn))
		return 0;
	if (settle_to(ops, lsn, err) < 0)
		return -1;
	*state = (enum ops_state)ops->state.v[ops->to - lsn];
	return 0;
}

int
ops_taken_back(struct ops *ops, uint64_t lsn, const struct id *op, uint64_t *by,
    struct err *err)
{
	*by = 0;
	if (!within(ops, lsn))
		return 0;
	if (settle_to(ops, lsn, err) < 0)
		return -1;
	*by = named_by(ops, op);
	return 0;
}

void
ops_settle(struct ops *ops, uint64_t lsn, enum ops_state state)
{
	if (within(ops, lsn) && ops->to - lsn < ops->state.n)
		ops->state.v[ops->to - lsn] = (unsigned char)state;
}

/* ---- by name ---- */

static int
unknown(const struct ops *ops, struct str word, struct err *err)
{
	uint64_t n;

	err_set(err, STATUS_NOINPUT, "no operation '%.*s'", STR_ARG(word));
	/* Trimmed. */
	if (num_u64(word, &n) && n > 0 && n < ops->from)
		err_add(err, "; the change log begins at %llu",
		    (unsigned long long)ops->from);
	return -1;
}

struct found {
	size_t n;
	uint64_t lsn;
	struct buf shown; /* the first of them */
};

static void
take_found(struct found *f, const struct history_op *op)
{
	f->lsn = op->lsn;
	if (f->n++ < SHOWN)
		buf_addf(&f->shown, "%s%llu %.*s", f->n > 1 ? ", " : "",
		    (unsigned long long)op->lsn, STR_ARG(op->prog));
}

/* There is no index of their ids: all headers are read. */
static int
find_suffix(
    struct ops *ops, struct str suffix, struct found *f, struct err *err)
{
	for (uint64_t lsn = ops->to; lsn >= ops->from && lsn > 0; lsn--) {
		struct history_op op;
		char text[ID_TEXT];
		int rc;

		arena_clear(&ops->a);
		rc = history_op(ops->rd, lsn, &ops->a, &op, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			continue;
		id_format(&op.op, text);
		if (str_ends(str_n(text, ID_TEXT), suffix))
			take_found(f, &op);
	}
	return 0;
}

static int
by_suffix(struct ops *ops, struct str word, uint64_t *lsn, struct err *err)
{
	struct found f = { .n = 0, .shown = BUF_INIT };
	char suffix[ID_TEXT];
	struct id id;
	int rc = -1;

	if (id_parse(word, &id))
		id_format(&id, suffix);
	else
		id_suffix_canon(word, suffix);
	if (find_suffix(ops, str_n(suffix, word.n), &f, err) < 0)
		goto out;
	if (f.n == 0)
		unknown(ops, word, err);
	else if (f.n > 1)
		err_set(err, STATUS_DATA,
		    "'%.*s' ends the ids of %zu operations: %s%s; type one "
		    "more character",
		    STR_ARG(word), f.n, f.shown.p, f.n > SHOWN ? ", ..." : "");
	else
		rc = 0;
	*lsn = f.lsn;
out:
	buf_release(&f.shown);
	return rc;
}

int
ops_find(struct ops *ops, struct str word, uint64_t *lsn, struct err *err)
{
	struct id id;
	uint64_t n;

	*lsn = 0;
	/* Digits are the number, unless the log has no such: then an end. */
	if (num_u64(word, &n) && (within(ops, n) || !id_is_suffix(word))) {
		*lsn = n;
		return within(ops, n) ? 0 : unknown(ops, word, err);
	}
	if (!id_parse(word, &id) && !id_is_suffix(word)) {
		err_set(err, STATUS_USAGE,
		    "'%.*s' names no operation; wanted its number, its id or "
		    "the end of it",
		    STR_ARG(word));
		return word.n < SUFFIX_MIN
			   ? err_add(err, ", 4 characters or more")
			   : -1;
	}
	return by_suffix(ops, word, lsn, err);
}

/* ---- the newest ---- */

/* Whether the operation is this user's, made here. */
static int
is_of(struct ops *ops, uint64_t lsn, uint32_t uid, struct err *err)
{
	struct history_op op;
	int rc;

	arena_clear(&ops->a);
	rc = history_op(ops->rd, lsn, &ops->a, &op, err);
	if (rc <= 0)
		return rc;
	return op.uid == uid && !(op.flags & HISTORY_PEER);
}

int
ops_newest(
    struct ops *ops, uint32_t uid, bool redo, uint64_t *lsn, struct err *err)
{
	enum ops_state wanted = redo ? OPS_UNDO : OPS_LIVE, state;

	for (*lsn = ops->to; within(ops, *lsn); --*lsn) {
		int rc;

		if (ops_state(ops, *lsn, &state, err) < 0)
			return -1;
		if (state != wanted && state != OPS_LIVE)
			continue;
		rc = is_of(ops, *lsn, uid, err);
		if (rc < 0)
			return -1;
		if (rc > 0)
			return state == wanted;
	}
	return 0;
}

struct str
ops_user(uint32_t uid, struct arena *a)
{
	const struct passwd *pw = getpwuid((uid_t)uid);

	if (pw && pw->pw_name[0])
		return arena_str(a, str_of(pw->pw_name));
	return arena_printf(a, "%lu", (unsigned long)uid);
}
