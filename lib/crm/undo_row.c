/* SPDX-License-Identifier: MIT */
/* Taking the edit of one field back in one record. */
#include <stdint.h>

#include "base/vec.h"
#include "crm/undo_int.h"
#include "record/labels.h"

void
row_copy(struct row *to, const struct row *from, struct arena *a)
{
	*to = *from;
	to->v = arena_array(a, from->n, sizeof(*to->v));
	to->cap = from->n;
	for (size_t i = 0; i < from->n; i++) {
		to->v[i] = from->v[i];
		to->v[i].v = arena_str(a, from->v[i].v);
	}
}

const struct slot *
row_slot(const struct row *row, unsigned no)
{
	for (size_t i = 0; row && i < row->n; i++)
		if (row->v[i].no == no && row->v[i].v.n)
			return &row->v[i];
	return NULL;
}

static bool
has(const struct row *row, unsigned no, struct str v)
{
	size_t i = 0;
	struct str have;

	while (row && row_next(row, no, &i, &have))
		if (str_eq(have, v))
			return true;
	return false;
}

static bool
next_of(const struct row *row, unsigned no, size_t *i, struct str *v)
{
	return row && row_next(row, no, i, v);
}

bool
row_same(const struct row *x, const struct row *y, unsigned no)
{
	size_t i = 0, k = 0;
	struct str vx, vy;

	for (;;) {
		bool more = next_of(x, no, &i, &vx);

		if (more != next_of(y, no, &k, &vy))
			return false;
		if (!more)
			return true;
		if (!str_eq(vx, vy))
			return false;
	}
}

static bool
listed(const unsigned *nos, size_t n, unsigned no)
{
	for (size_t i = 0; i < n; i++)
		if (nos[i] == no)
			return true;
	return false;
}

size_t
row_changed(
    const struct row *x, const struct row *y, struct arena *a, unsigned **out)
{
	const struct row *const rows[] = { x, y };
	unsigned *nos =
	    arena_array(a, (x ? x->n : 0) + (y ? y->n : 0), sizeof(*nos));
	size_t n = 0;

	for (size_t r = 0; r < 2; r++)
		for (size_t i = 0; rows[r] && i < rows[r]->n; i++) {
			unsigned no = rows[r]->v[i].no;

			if (no != LABEL_UPDATED && !listed(nos, n, no) &&
			    !row_same(x, y, no))
				nos[n++] = no;
		}
	*out = nos;
	return n;
}

/* x.NAME, and what the schema no longer knows, may have several values. */
static bool
is_list(const struct row *x, const struct row *y, unsigned no)
{
	const struct slot *s = row_slot(x, no);

	if (!s)
		s = row_slot(y, no);
	return s && (!s->f || s->f->multi || s->f->family);
}

/* Whether a value came or went from one state to another. */
static bool
moved(const struct row *from, const struct row *to, unsigned no, struct str v)
{
	return has(from, no, v) != has(to, no, v);
}

bool
undo_meets(const struct row *before, const struct row *after,
    const struct row *was, const struct row *is, unsigned no)
{
	const struct row *const rows[] = { before, after };
	struct str v;

	if (row_same(was, is, no))
		return false;
	if (!is_list(before, after, no))
		return true;
	for (size_t r = 0; r < 2; r++) {
		size_t i = 0;

		while (next_of(rows[r], no, &i, &v))
			if (moved(before, after, no, v) &&
			    moved(was, is, no, v))
				return true;
	}
	return false;
}

bool
undo_stands(const struct row *before, const struct row *after,
    const struct row *now, unsigned no)
{
	struct str v;
	size_t i = 0;

	if (!is_list(before, after, no))
		return row_same(after, now, no);
	while (next_of(after, no, &i, &v))
		if (!has(before, no, v) && !has(now, no, v))
			return false;
	i = 0;
	while (next_of(before, no, &i, &v))
		if (!has(after, no, v) && has(now, no, v))
			return false;
	return true;
}

/* ---- the new values ---- */

struct slots {
	struct slot *v;
	size_t n, cap;
};

static size_t
place_of(const struct slots *l, struct str v)
{
	size_t i = 0;

	while (i < l->n && !str_eq(l->v[i].v, v))
		i++;
	return i;
}

static void
insert(struct slots *l, size_t at, const struct slot *s)
{
	vec_push(l, *s);
	for (size_t i = l->n - 1; i > at; i--)
		l->v[i] = l->v[i - 1];
	l->v[at] = *s;
}

bool
row_reordered(const struct row *before, const struct row *after, unsigned no)
{
	size_t i = 0, k = 0;
	struct str b, v;

	while (next_of(before, no, &i, &b)) {
		if (!has(after, no, b))
			continue;
		do {
			if (!next_of(after, no, &k, &v))
				return true;
		} while (!has(before, no, v));
		if (!str_eq(b, v))
			return true;
	}
	return false;
}

/* Gives the values that the edit kept their former order again, in the places
 * that they hold now. */
static void
reorder(struct slots *l, const struct row *before, const struct row *after,
    unsigned no)
{
	struct slots kept = VEC_INIT;
	struct str b;
	size_t i = 0, next = 0;

	while (next_of(before, no, &i, &b)) {
		size_t at = place_of(l, b);

		if (at < l->n && has(after, no, b))
			vec_push(&kept, l->v[at]);
	}
	for (i = 0; i < l->n && next < kept.n; i++)
		if (has(before, no, l->v[i].v) && has(after, no, l->v[i].v))
			l->v[i] = kept.v[next++];
	vec_release(&kept);
}

/* What the edit added goes, what it removed comes back behind the value that
 * it followed; what others did since to the list stays. */
static void
merge_list(struct slots *l, const struct row *before, const struct row *after,
    const struct row *now, unsigned no)
{
	size_t at = 0;

	for (size_t i = 0; i < now->n; i++)
		if (now->v[i].no == no && now->v[i].v.n &&
		    (has(before, no, now->v[i].v) ||
			!has(after, no, now->v[i].v)))
			vec_push(l, now->v[i]);
	if (row_reordered(before, after, no))
		reorder(l, before, after, no);
	for (size_t i = 0; before && i < before->n; i++) {
		const struct slot *s = &before->v[i];
		size_t here;

		if (s->no != no || !s->v.n)
			continue;
		here = place_of(l, s->v);
		if (here < l->n) {
			at = here + 1;
		} else if (!has(after, no, s->v)) {
			insert(l, at, s);
			at++;
		}
	}
}

static void
replace(const struct db *db, struct row *row, unsigned no,
    const struct slots *l, struct arena *a)
{
	struct slot *v = arena_array(a, row->n + l->n, sizeof(*v));
	size_t n = 0, i = 0;

	for (; i < row->n; i++)
		if (row->v[i].no != no) {
			if (l->n && db_slot_before(db, &l->v[0], &row->v[i]))
				break;
			v[n++] = row->v[i];
		}
	for (size_t k = 0; k < l->n; k++)
		v[n++] = l->v[k];
	for (; i < row->n; i++)
		if (row->v[i].no != no)
			v[n++] = row->v[i];
	row->v = v;
	row->n = row->cap = n;
}

void
undo_label(const struct db *db, struct row *row, const struct row *before,
    const struct row *after, unsigned no, struct arena *a)
{
	struct slots l = VEC_INIT;

	if (is_list(before, after, no) && !row_same(after, row, no)) {
		merge_list(&l, before, after, row, no);
	} else {
		for (size_t i = 0; before && i < before->n; i++)
			if (before->v[i].no == no && before->v[i].v.n)
				vec_push(&l, before->v[i]);
	}
	replace(db, row, no, &l, a);
	vec_release(&l);
}
