/* SPDX-License-Identifier: MIT */
/* Operations and entries of the change log by their numbers. */
#include "store/history_int.h"

#include "base/date.h"
#include "store/internal.h"
#include "store/meta.h"

int
history_damaged(uint64_t lsn, uint32_t seq, const char *what, struct err *err)
{
	unsigned char key[LOG_KEY];

	log_key(lsn, seq, key);
	return codec_damaged(T_LOG, str_n(key, LOG_KEY), what, err);
}

int
history_value(struct reading *r, uint64_t lsn, uint32_t seq,
    struct arena *arena, struct str *v, struct err *err)
{
	unsigned char key[LOG_KEY];

	if (r->tx == NULL)
		return 0;
	log_key(lsn, seq, key);
	if (tree_take(
		r->db->driver, r->tx, T_LOG, str_n(key, LOG_KEY), v, err) != 0)
		return -1;
	if (v->p == NULL)
		return 0;
	*v = arena_str(arena, *v);
	return 1;
}

int
history_header(struct reading *r, uint64_t lsn, struct arena *arena,
    struct log_header *h, struct err *err)
{
	struct str v;
	int rc = history_value(r, lsn, 0, arena, &v, err);

	*h = (struct log_header){ 0 };
	if (rc == 1 && !log_header_read(v, h))
		return history_damaged(lsn, 0, "its header is wrong", err);
	return rc;
}

/* ---- the range ---- */

int
history_range(struct reading *r, uint64_t *from, uint64_t *to, struct err *err)
{
	struct head h = { 0 };

	*from = *to = 0;
	/* As this snapshot has it: the log may have been trimmed since. */
	if (r->tx != NULL && head_load(r->db, r->tx, &h, err) < 0)
		return -1;
	if (h.lsn == 0 || h.log_from > h.lsn)
		return 0;
	*from = h.log_from;
	*to = h.lsn;
	return 0;
}

/* What is not there: 0 where it need not be, -1 where the log has a hole. */
static int
no_header(struct reading *r, uint64_t lsn, struct err *err)
{
	uint64_t from, to;

	if (history_range(r, &from, &to, err) != 0)
		return -1;
	if (lsn == 0 || lsn < from || lsn > to)
		return 0;
	return history_damaged(lsn, 0, "it is gone", err);
}

int
history_op(struct reading *r, uint64_t lsn, struct arena *arena,
    struct history_op *out, struct err *err)
{
	struct log_header h;
	int rc = history_header(r, lsn, arena, &h, err);

	*out = (struct history_op){ 0 };
	if (rc < 0)
		return -1;
	if (rc == 0)
		return no_header(r, lsn, err);
	out->lsn = lsn;
	out->op = h.op;
	out->undone = h.undone;
	out->flags = h.flags & (HISTORY_UNDO | HISTORY_REDO | HISTORY_PEER |
				   HISTORY_MERGE);
	out->ms = id_ms(&h.op);
	out->uid = h.uid;
	out->entries = h.entries;
	out->prog = h.prog;
	out->summary = h.summary;
	return 1;
}

/* An entry that is not there: 0 where its operation has fewer. */
static int
no_entry(struct reading *r, uint64_t lsn, uint32_t seq, struct arena *arena,
    struct err *err)
{
	struct log_header h;
	int rc = history_header(r, lsn, arena, &h, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return no_header(r, lsn, err);
	if (seq > h.entries)
		return 0;
	return history_damaged(lsn, seq, "it is gone", err);
}

int
history_entry(struct reading *r, uint64_t lsn, uint32_t seq,
    struct arena *arena, struct history_entry *out, struct err *err)
{
	struct log_entry e;
	struct str v;
	int rc;

	*out = (struct history_entry){ 0 };
	if (seq == 0)
		return 0;
	rc = history_value(r, lsn, seq, arena, &v, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return no_entry(r, lsn, seq, arena, err);
	if (!log_entry_read(v, &e))
		return history_damaged(lsn, seq, "it cannot be read", err);
	out->lsn = lsn;
	out->seq = seq;
	out->type = (enum history_type)e.type;
	out->id = e.id;
	if (e.type == LOG_SCORE)
		out->text = e.rest;
	if (e.type == LOG_SCHEMA && !log_schema_read(&e, &out->text))
		return history_damaged(lsn, seq, "its text is cut", err);
	return 1;
}

/* ---- by time ---- */

static int
time_of(struct reading *r, uint64_t lsn, struct arena *arena, int64_t *ms,
    struct err *err)
{
	struct history_op op;
	int rc;

	arena_clear(arena);
	rc = history_op(r, lsn, arena, &op, err);
	*ms = op.ms;
	/* It lies between two that are there. */
	return rc == 1 ? 0 : -1;
}

int
history_gone(struct reading *r, struct err *err)
{
	char text[DATETIME_TEXT];
	struct arena arena;
	struct head h;
	int64_t ms;
	int rc = head_load(r->db, r->tx, &h, err);

	if (rc < 0)
		return -1;
	/* Where all of it was trimmed, to the newest that was. */
	ms = (int64_t)h.clock.ms;
	arena_init(&arena);
	if (h.log_from <= h.lsn)
		rc = time_of(r, h.log_from, &arena, &ms, err);
	arena_release(&arena);
	if (rc < 0)
		return -1;
	return err_set(err, STATUS_NOINPUT,
	    "the change log goes back to %.*s only",
	    (int)datetime_format(ms, text), text);
}

int
history_at(struct reading *r, int64_t ms, uint64_t *lsn, struct err *err)
{
	uint64_t lo, hi, mid;
	struct head h = { 0 };
	struct arena arena;
	int64_t at;
	int rc = -1;

	*lsn = 0;
	if (r->tx != NULL && head_load(r->db, r->tx, &h, err) < 0)
		return -1;
	if (h.lsn == 0)
		return 0;
	/* No operation is newer than the clock. */
	if (ms >= (int64_t)h.clock.ms) {
		*lsn = h.lsn;
		return 1;
	}
	arena_init(&arena);
	/* lo - 1 is the newest known to be early enough, hi + 1 the oldest
	 * known to be too late. */
	lo = h.log_from;
	hi = h.lsn;
	while (lo <= hi) {
		mid = lo + (hi - lo) / 2;
		if (time_of(r, mid, &arena, &at, err) != 0)
			goto out;
		if (at <= ms)
			lo = mid + 1;
		else
			hi = mid - 1;
	}
	if (lo > h.log_from) {
		*lsn = lo - 1;
		rc = 1;
	} else {
		rc = lo == 1 ? 0 : history_gone(r, err);
	}
out:
	arena_release(&arena);
	return rc;
}
