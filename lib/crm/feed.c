/* SPDX-License-Identifier: MIT */
#include "crm/feed.h"

#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "crm/changes.h"
#include "crm/names.h"
#include "crm/ops.h"
#include "crm/undo_int.h"
#include "store/history.h"

enum {
	KEPT_MAX = 64 << 20,   /* bytes of lines of all records */
	WINDOW_MAX = 16 << 20, /* of one */
	WALK_SHORT = 8,        /* steps that are cheaper walked again */
	SEQ_TEXT = 48,
	FEED_SLOT = 7, /* of the reading's records */
};

/* The lines of one entry, packed. */
struct packed {
	uint64_t lsn;
	uint32_t seq;
	uint32_t lines;
	bool erased;
	size_t at;
};
/* Entries of one record from the newest to the next that is wanted. */
struct kept {
	struct packed *v;
	size_t n, cap;
	struct buf bytes;
};

struct feed {
	struct reading *rd;
	VEC(struct kept *) kept;
	struct names by_id; /* count: place in kept + 1 */
	size_t bytes;       /* of all that are kept */
	size_t kept_max, window_max;
	struct kept one; /* lines that are not kept */
	struct arena op_arena, line_arena, score_arena;
	struct change_meta meta; /* of the operation at hand */
	uint64_t lsn;
};

static void
kept_clear(struct kept *k)
{
	vec_clear(k);
	buf_clear(&k->bytes);
}

static void
kept_release(struct kept *k)
{
	vec_release(k);
	buf_release(&k->bytes);
}

static void
forget(struct feed *f)
{
	for (size_t i = 0; i < f->kept.n; i++) {
		kept_release(f->kept.v[i]);
		mem_free(f->kept.v[i]);
	}
	vec_clear(&f->kept);
	names_release(&f->by_id);
	f->bytes = 0;
}

struct feed *
feed_new(struct reading *rd)
{
	struct feed *f = mem_zero(1, sizeof(*f));

	f->rd = rd;
	f->kept_max = KEPT_MAX;
	f->window_max = WINDOW_MAX;
	f->by_id = (struct names)NAMES_INIT;
	buf_init(&f->one.bytes);
	arena_init(&f->op_arena);
	arena_init(&f->line_arena);
	arena_init(&f->score_arena);
	return f;
}

void
feed_use(struct feed *f, struct reading *rd)
{
	forget(f);
	f->rd = rd;
	f->lsn = 0;
}

void
feed_bound(struct feed *f, size_t all, size_t one)
{
	f->kept_max = all;
	f->window_max = one;
}

void
feed_free(struct feed **out)
{
	struct feed *f = *out;

	if (!f)
		return;
	forget(f);
	vec_release(&f->kept);
	kept_release(&f->one);
	arena_release(&f->op_arena);
	arena_release(&f->line_arena);
	arena_release(&f->score_arena);
	mem_free(f);
	*out = NULL;
}

/* ---- lines as bytes ---- */

static void
pack_str(struct buf *out, struct str s)
{
	unsigned char n[10];

	buf_add(out, n, num_put_varint(n, s.n));
	buf_adds(out, s);
}

static struct str
unpack_str(const unsigned char **p, const unsigned char *end)
{
	uint64_t n = 0;
	struct str s;

	*p += num_get_varint(*p, end, &n);
	s = str_n(*p, (size_t)n);
	*p += n;
	return s;
}

static int
pack_line(void *arg, const struct rec *rec, struct err *err)
{
	struct kept *k = arg;
	unsigned char n[10];

	(void)err;
	k->v[k->n - 1].lines++;
	buf_add(&k->bytes, n, num_put_varint(n, rec->n));
	for (size_t i = 0; i < rec->n; i++) {
		pack_str(&k->bytes, rec->v[i].label);
		pack_str(&k->bytes, rec->v[i].value);
	}
	return 0;
}

/* The lines of a step, without what its header says. */
static int
pack_step(struct feed *f, struct kept *k, const struct history_step *step,
    struct err *err)
{
	static const struct change_meta none;

	struct packed e = {
		.lsn = step->lsn,
		.seq = step->seq,
		.erased = step->type == HISTORY_ERASED,
		.at = k->bytes.n,
	};

	vec_push(k, e);
	if (e.erased)
		return 0;
	arena_clear(&f->line_arena);
	return change_lines(reading_db(f->rd), step->before, step->after, &none,
	    &f->line_arena, pack_line, k, err);
}

/* ---- what stands in the header ---- */

/* 1, 0 there is no such operation, -1. */
static int
take_header(struct feed *f, uint64_t lsn, struct err *err)
{
	struct history_op op;
	char *text;
	int rc;

	if (f->lsn == lsn && lsn)
		return 1;
	f->lsn = 0;
	arena_clear(&f->op_arena);
	rc = history_op(f->rd, lsn, &f->op_arena, &op, err);
	if (rc <= 0)
		return rc;
	text = arena_alloc(&f->op_arena, ID_TEXT + DATETIME_TEXT);
	id_format(&op.op, text);
	f->meta = (struct change_meta){
		.op = str_n(text, ID_TEXT),
		.at = str_n(
		    text + ID_TEXT, datetime_format(op.ms, text + ID_TEXT)),
		.by = ops_user(op.uid, &f->op_arena),
		.prog = op.prog,
		.what = op.flags & HISTORY_REDO    ? STR("redo")
			: op.flags & HISTORY_UNDO  ? STR("undo")
			: op.flags & HISTORY_MERGE ? STR("merge")
						   : STR_NONE,
	};
	f->lsn = lsn;
	return 1;
}

static void
number(struct feed *f, uint32_t seq, char out[SEQ_TEXT])
{
	struct str s = arena_printf(&f->line_arena, "%llu.%lu",
	    (unsigned long long)f->lsn, (unsigned long)seq);

	memcpy(out, s.p, s.n);
	f->meta.seq = str_n(out, s.n);
}

static int
emit(struct feed *f, const struct kept *k, const struct packed *e, feed_fn *fn,
    void *arg, struct err *err)
{
	const unsigned char *p = (const unsigned char *)k->bytes.p + e->at;
	const unsigned char *end =
	    (const unsigned char *)k->bytes.p + k->bytes.n;
	char seq[SEQ_TEXT];
	int rc = 0;

	for (uint32_t i = 0; i < e->lines && rc == 0; i++) {
		struct rec packed = REC_INIT, line;
		uint64_t n = 0;

		arena_clear(&f->line_arena);
		number(f, e->seq, seq);
		p += num_get_varint(p, end, &n);
		for (uint64_t pair = 0; pair < n; pair++) {
			struct str label = unpack_str(&p, end);

			rec_add(&packed, &f->line_arena, label,
			    unpack_str(&p, end));
		}
		change_dress(&packed, &f->meta, &f->line_arena, &line);
		rc = fn(arg, f->lsn, e->seq, &line, err);
	}
	return rc;
}

/* ---- walking back ---- */

/* The newer half of a window that is too long: it will be walked again. */
static void
trim(struct kept *k)
{
	size_t from = 0, cut;

	while (from + 1 < k->n && k->v[from].at < k->bytes.n / 2)
		from++;
	cut = k->v[from].at;
	memmove(k->bytes.p, k->bytes.p + cut, k->bytes.n - cut);
	buf_cut(&k->bytes, k->bytes.n - cut);
	for (size_t i = from; i < k->n; i++) {
		k->v[i - from] = k->v[i];
		k->v[i - from].at -= cut;
	}
	k->n -= from;
}

/*
 * Packs the entry (lsn, seq) of a record, or of more than a few steps all that
 * are passed: *steps.  1; 0 the log does not lead there; -1.
 */
static int
walk(struct feed *f, const struct id *id, uint64_t lsn, uint32_t seq, bool all,
    struct kept *k, size_t *steps, struct err *err)
{
	struct history *h = NULL;
	struct history_step step;
	int rc = history_open(f->rd, id, &h, err);

	kept_clear(k);
	*steps = 0;
	while (rc >= 0 && (rc = history_prev(h, &step, err)) > 0) {
		bool here = step.lsn == lsn && step.seq == seq;

		++*steps;
		if ((here || all) && pack_step(f, k, &step, err) < 0) {
			rc = -1;
			break;
		}
		if (here)
			break;
		if (k->bytes.n > f->window_max && lsn)
			trim(k);
	}
	history_close(&h);
	return rc;
}

static struct kept *
kept_at(const struct feed *f, const struct id *id)
{
	const struct name_entry *e = names_find(&f->by_id, id_str(id));

	return e && e->count && f->kept.v ? f->kept.v[e->count - 1] : NULL;
}

/* Keeps the lines of a record with a long past. */
static int
keep(struct feed *f, const struct id *id, uint64_t lsn, uint32_t seq,
    struct kept **out, struct err *err)
{
	struct kept *k;
	size_t steps;
	bool fresh;
	int rc;

	if (f->bytes > f->kept_max)
		forget(f);
	k = kept_at(f, id);
	if (!k) {
		k = mem_zero(1, sizeof(*k));
		buf_init(&k->bytes);
		vec_push(&f->kept, k);
		names_at(&f->by_id, id_str(id), &fresh)->count = f->kept.n;
	} else {
		f->bytes -= k->bytes.n;
	}
	rc = walk(f, id, lsn, seq, true, k, &steps, err);
	f->bytes += k->bytes.n;
	*out = k;
	return rc;
}

static bool
ends_with(const struct kept *k, uint64_t lsn, uint32_t seq)
{
	return k->n && k->v[k->n - 1].lsn == lsn && k->v[k->n - 1].seq == seq;
}

/* Read forwards, what was given is not asked for again. */
static void
drop_last(struct feed *f, struct kept *k)
{
	size_t at = k->v[k->n - 1].at;

	f->bytes -= k->bytes.n - at;
	buf_cut(&k->bytes, at);
	k->n--;
}

static int
feed_changed(struct feed *f, const struct history_entry *e, feed_fn *fn,
    void *arg, struct err *err)
{
	struct kept *at = kept_at(f, &e->id), *k = &f->one;
	size_t steps = 0;
	int rc = 1;

	if (at && ends_with(at, e->lsn, e->seq)) {
		k = at;
	} else {
		rc = walk(
		    f, &e->id, e->lsn, e->seq, false, &f->one, &steps, err);
		if (rc > 0 && steps > WALK_SHORT)
			rc = keep(f, &e->id, e->lsn, e->seq, &k, err);
	}
	if (rc <= 0 || !ends_with(k, e->lsn, e->seq))
		return rc < 0 ? -1 : 0;
	rc = emit(f, k, &k->v[k->n - 1], fn, arg, err);
	if (k != &f->one)
		drop_last(f, k);
	return rc;
}

/* A line that no walk is needed for. */
static int
feed_plain(struct feed *f, const struct history_entry *e, feed_fn *fn,
    void *arg, struct err *err)
{
	struct rec line;
	char seq[SEQ_TEXT];

	arena_clear(&f->line_arena);
	number(f, e->seq, seq);
	if (e->type == HISTORY_SCHEMA)
		change_schema(&f->meta, &f->line_arena, &line);
	else
		change_erased(&e->id, &f->meta, &f->line_arena, &line);
	return fn(arg, f->lsn, e->seq, &line, err);
}

/* The record as it stands, or before it was removed: for its kind and name. */
static int
look_up(struct feed *f, const struct id *id, struct row *row, bool *known,
    struct err *err)
{
	struct history *h = NULL;
	struct history_step step;
	struct dbrec *rec;
	int rc = dbrec_get(f->rd, id, FEED_SLOT, &rec, err);

	*known = rc > 0;
	if (rc > 0)
		return dbrec_row(rec, &f->score_arena, row, err);
	if (rc < 0 || history_open(f->rd, id, &h, err) < 0)
		return -1;
	rc = history_prev(h, &step, err);
	*known = rc > 0 && step.before;
	if (*known)
		row_copy(row, step.before, &f->score_arena);
	history_close(&h);
	return rc < 0 ? -1 : 0;
}

static int
feed_scores(struct feed *f, const struct history_entry *e, feed_fn *fn,
    void *arg, struct err *err)
{
	struct history_score s;
	struct row row = { 0 };
	struct arena *a = &f->score_arena;
	struct history_entry kept = *e;
	char seq[SEQ_TEXT];
	size_t pos = 0;
	bool known;
	int rc;

	arena_clear(a);
	kept.text = arena_str(a, e->text); /* fn may renew the reading */
	if (look_up(f, &kept.id, &row, &known, err) < 0)
		return -1;
	while ((rc = history_score_next(f->rd, &kept, &pos, &s, err)) > 0) {
		struct rec line;

		arena_clear(&f->line_arena);
		number(f, kept.seq, seq);
		change_score(&kept.id, known ? &row : NULL, &s, &f->meta,
		    &f->line_arena, &line);
		rc = fn(arg, f->lsn, kept.seq, &line, err);
		if (rc != 0)
			break;
	}
	return rc;
}

int
feed_op(struct feed *f, uint64_t lsn, uint32_t after, feed_fn *fn, void *arg,
    struct err *err)
{
	int rc = take_header(f, lsn, err);

	if (rc <= 0)
		return rc;
	for (uint32_t seq = after + 1;; seq++) {
		struct history_entry e;

		arena_clear(&f->line_arena);
		rc = history_entry(f->rd, lsn, seq, &f->line_arena, &e, err);
		if (rc <= 0)
			return rc;
		rc = e.type == HISTORY_SCORE ? feed_scores(f, &e, fn, arg, err)
		     : e.type == HISTORY_SCHEMA || e.type == HISTORY_ERASED
			 ? feed_plain(f, &e, fn, arg, err)
			 : feed_changed(f, &e, fn, arg, err);
		if (rc != 0)
			return rc;
	}
}

/* Entries about scores of one record, newest first. */
struct scored {
	struct {
		uint64_t lsn;
		uint32_t seq;
	} * v;
	size_t n, cap;
};

static int
take_scored(void *arg, uint64_t lsn, uint32_t seq, struct err *err)
{
	struct scored *l = arg;

	(void)err;
	if (l->n == l->cap) {
		l->cap = vec_room(l->n, l->cap);
		l->v = mem_resize(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n].lsn = lsn;
	l->v[l->n++].seq = seq;
	return 0;
}

/* Those that are older than entry (lsn, seq) of the record; lsn 0: all. */
static int
feed_scored(struct feed *f, struct scored *l, uint64_t lsn, uint32_t seq,
    feed_fn *fn, void *arg, struct err *err)
{
	int rc = 0;

	while (rc == 0 && l->n > 0) {
		uint64_t at = l->v[l->n - 1].lsn;
		uint32_t at_seq = l->v[l->n - 1].seq;
		struct history_entry e;

		if (lsn && (at > lsn || (at == lsn && at_seq > seq)))
			break;
		l->n--;
		rc = take_header(f, at, err);
		if (rc <= 0)
			continue;
		arena_clear(&f->line_arena);
		rc = history_entry(f->rd, at, at_seq, &f->line_arena, &e, err);
		if (rc > 0)
			rc = e.type == HISTORY_SCORE
				 ? feed_scores(f, &e, fn, arg, err)
				 : 0;
	}
	return rc;
}

int
feed_record(struct feed *f, const struct id *id, feed_fn *fn, void *arg,
    struct err *err)
{
	struct scored scored = { .v = NULL };
	struct kept k = { .v = NULL };
	size_t steps, i;
	int rc;

	buf_init(&k.bytes);
	rc = walk(f, id, 0, 0, true, &k, &steps, err);
	if (rc == 0)
		rc = history_scores(f->rd, id, take_scored, &scored, err);
	for (i = k.n; rc == 0 && i > 0; i--) {
		rc = feed_scored(
		    f, &scored, k.v[i - 1].lsn, k.v[i - 1].seq, fn, arg, err);
		if (rc != 0)
			break;
		struct history_entry e = { .lsn = k.v[i - 1].lsn,
			.seq = k.v[i - 1].seq,
			.type = HISTORY_ERASED,
			.id = *id };

		rc = take_header(f, e.lsn, err);
		if (rc <= 0)
			continue;
		rc = k.v[i - 1].erased ? feed_plain(f, &e, fn, arg, err)
				       : emit(f, &k, &k.v[i - 1], fn, arg, err);
	}
	if (rc == 0)
		rc = feed_scored(f, &scored, 0, 0, fn, arg, err);
	kept_release(&k);
	mem_free(scored.v);
	return rc;
}
