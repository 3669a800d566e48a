/* SPDX-License-Identifier: MIT */
/*
 * Records that lines are laid over, until the last line of their group was:
 * what comes back to what is stored is not written at all (INTEGRATIONS.md 1,
 * Upsert).
 */
#include "base/mem.h"
#include "crm/batch.h"
#include "crm/consent.h"
#include "record/labels.h"

/* Lines, and records, of one group after which memory is looked after. */
enum { BREATH = 4096 };

static void
drop_held(struct batch_fold *f)
{
	for (size_t i = 0; i < f->v.n; i++)
		mem_free(f->v.v[i].replaced);
	vec_clear(&f->v);
	vec_clear(&f->lines);
	vec_clear(&f->nodes);
	names_release(&f->keys);
}

void
fold_release(struct batch_fold *f)
{
	drop_held(f);
	vec_release(&f->v);
	vec_release(&f->lines);
	vec_release(&f->nodes);
}

void
fold_begin(struct batch *b, bool many)
{
	drop_held(&b->fold);
	b->fold.many = many;
	b->fold.since = 0;
	arena_clear(&b->arena);
}

/* The place under an id, in its table: where it is noted, + 1. */
static struct name_entry *
id_entry(struct batch_fold *f, const struct id *id)
{
	unsigned char key[ID_BYTES + 1];
	bool fresh;

	key[0] = 'i';
	memcpy(key + 1, id->b, ID_BYTES);
	return names_at(&f->keys, str_n(key, sizeof(key)), &fresh);
}

size_t
fold_new(struct batch *b)
{
	struct batch_held h = { .bare = true };

	vec_push(&b->fold.v, h);
	return b->fold.v.n - 1;
}

size_t
fold_stored(struct batch *b, const struct id *id)
{
	struct batch_fold *f = &b->fold;
	struct name_entry *e;
	size_t at;

	/* Of one line there are but a few. */
	for (at = 0; !f->many && at < f->v.n; at++)
		if (id_cmp(&f->v.v[at].id, id) == 0)
			return at;
	e = f->many ? id_entry(f, id) : NULL;
	if (e && e->count)
		return e->count - 1;
	at = fold_new(b);
	f->v.v[at].id = *id;
	f->v.v[at].counted = HELD_STORED;
	if (e)
		e->count = at + 1;
	return at;
}

struct row *
fold_row(struct batch *b, const struct row *from, size_t more)
{
	struct row *row = arena_alloc(&b->arena, sizeof(*row));

	*row = *from;
	row->cap = from->n + more + 1;
	row->v = arena_array(&b->arena, row->cap, sizeof(*row->v));
	if (from->n)
		memcpy(row->v, from->v, from->n * sizeof(*row->v));
	return row;
}

int
fold_load(struct batch *b, struct op *op, size_t at, struct err *err)
{
	struct batch_held *h = &b->fold.v.v[at];
	struct row *row;
	int rc;

	if (h->row)
		return 1;
	if (h->counted == HELD_NEW)
		return 0;
	row = arena_alloc(&b->arena, sizeof(*row));
	rc = op_get(op, &h->id, &b->arena, row, err);
	if (rc > 0)
		h->row = h->was = row;
	return rc;
}

void
fold_line(struct batch *b, size_t line, size_t at)
{
	struct batch_line_of l = { line, at };

	vec_push(&b->fold.lines, l);
}

/* ---- storing ---- */

/* The record is told as the store has it, with what it took over from those
 * that it refers to. */
static int
tell(struct batch *b, struct op *op, const struct row *before,
    const struct id *id, struct err *err)
{
	struct row after;

	if (!b->opts.changed)
		return 0;
	if (op_get(op, id, &b->arena, &after, err) < 0)
		return -1;
	return b->opts.changed(b->opts.arg, op, before, &after, err);
}

/*
 * An entry of the ledger of consent names those that it comes after; one that
 * stands already is not written (PEOPLE.md 2).  Lines of a dump say all.  1: it
 * stands, its id in *h; 0; -1.
 */
static int
settle_consent(
    struct batch *b, struct op *op, struct batch_held *h, struct err *err)
{
	struct str contact = row_get(h->row, LABEL_CONTACT_ID);
	bool fresh;
	int rc;

	if (h->row->kind->no != KIND_CONSENT || h->own_id ||
	    row_get(h->row, LABEL_AFTER).n)
		return 0;
	(void)names_at(&b->consents, contact, &fresh);
	if (!fresh && op_flush(op, err) < 0)
		return -1;
	rc = consent_settle(op, &b->env, h->row, &b->arena, &h->id, err);
	if (rc > 0)
		b->counts.unchanged++;
	return rc;
}

static int
store_new(struct batch *b, struct op *op, struct batch_held *h, struct err *err)
{
	int rc = settle_consent(b, op, h, err);
	bool fresh;

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (op_add(op, h->row, err) < 0)
		return -1;
	h->id = h->row->id;
	h->counted = HELD_ADDED;
	if (h->bare)
		b->counts.links++;
	else
		b->counts.added++;
	if (b->opts.dry_run && !h->own_id)
		(void)names_at(&b->fresh, id_str(&h->id), &fresh);
	if (resolve_stored(b, op, h->row, err) < 0)
		return -1;
	return tell(b, op, NULL, &h->id, err);
}

bool
fold_same(const struct row *a, const struct row *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].no != b->v[i].no || !str_eq(a->v[i].v, b->v[i].v))
			return false;
	return true;
}

static int
store_held(
    struct batch *b, struct op *op, struct batch_held *h, struct err *err)
{
	bool changed = false;

	if (h->counted == HELD_NEW)
		return store_new(b, op, h, err);
	if (h->row != h->was && !fold_same(h->row, h->was)) {
		h->row->id = h->id;
		if (op_put(op, h->row, &changed, err) < 0)
			return -1;
	}
	if (!changed) {
		if (h->counted == HELD_STORED && !h->bare) {
			h->counted = HELD_SAME;
			b->counts.unchanged++;
		}
		return 0;
	}
	if (h->counted == HELD_SAME)
		b->counts.unchanged--;
	if (h->counted != HELD_ADDED && h->counted != HELD_CHANGED) {
		h->counted = HELD_CHANGED;
		b->counts.changed++;
	}
	if (resolve_stored(b, op, h->row, err) < 0)
		return -1;
	return tell(b, op, h->was, &h->id, err);
}

/* Each line has now what it met, or is refused with it. */
static int
settle_lines(struct batch *b)
{
	struct batch_fold *f = &b->fold;

	for (size_t i = 0; i < f->lines.n; i++) {
		const struct batch_line_of *l = &f->lines.v[i];
		const struct batch_held *h = &f->v.v[l->at];

		if (!h->why)
			b->ids.v[l->line] = h->id;
		else if (batch_refuse(b, l->line, h->why) < 0)
			return -1;
	}
	vec_clear(&f->lines);
	return 0;
}

int
fold_write(struct batch *b, struct op *op)
{
	struct batch_fold *f = &b->fold;

	for (size_t i = 0; i < f->v.n; i++) {
		struct batch_held *h = &f->v.v[i];
		bool is_new = h->counted == HELD_NEW;
		struct err why = ERR_INIT;

		if (!h->row)
			continue;
		if (store_held(b, op, h, &why) < 0) {
			h->why = arena_alloc(&b->arena, sizeof(*h->why));
			*h->why = why;
		} else if (is_new && f->many) {
			id_entry(f, &h->id)->count = i + 1;
		}
		h->row = h->was = NULL;
	}
	if (settle_lines(b) < 0)
		return -1;
	for (size_t i = 0; i < f->v.n; i++)
		f->v.v[i].why = NULL;
	return 0;
}

/* ---- memory ---- */

static struct row *
move_row(struct batch *b, const struct row *from)
{
	struct row *row = fold_row(b, from, 0);

	for (size_t i = 0; i < row->n; i++)
		row->v[i].v = arena_str(&b->arena, row->v[i].v);
	return row;
}

/* What is still needed moves into a new arena. */
static void
move_rows(struct batch *b)
{
	struct arena old = b->arena;

	arena_init(&b->arena);
	for (size_t i = 0; i < b->fold.v.n; i++) {
		struct batch_held *h = &b->fold.v.v[i];
		bool same = h->row == h->was;

		if (!h->row)
			continue;
		h->row = move_row(b, h->row);
		if (h->was)
			h->was = same ? h->row : move_row(b, h->was);
	}
	arena_release(&old);
}

int
fold_breathe(struct batch *b, struct op *op)
{
	struct batch_fold *f = &b->fold;

	if (++f->since % BREATH != 0)
		return 0;
	if (f->v.n >= BREATH) {
		if (fold_write(b, op) < 0)
			return -1;
		arena_clear(&b->arena);
	} else {
		move_rows(b);
	}
	return 0;
}
