/* SPDX-License-Identifier: MIT */
#include "record/row.h"

#include <string.h>

#include "record/labels.h"

int
stamp_cmp(const struct stamp *a, const struct stamp *b)
{
	if (a->ms != b->ms)
		return a->ms < b->ms ? -1 : 1;
	if (a->counter != b->counter)
		return a->counter < b->counter ? -1 : 1;
	return (a->node > b->node) - (a->node < b->node);
}

void
row_add(struct row *r, struct arena *a, const struct field *f, unsigned no,
    struct str bytes)
{
	struct slot *v;

	if (r->n == r->cap) {
		r->cap = r->cap == 0 ? 24 : r->cap * 2;
		r->v = arena_more(a, r->v, r->n, r->cap, sizeof(*r->v));
	}
	v = &r->v[r->n++];
	memset(v, 0, sizeof(*v));
	v->f = f;
	v->no = (uint16_t)no;
	v->v = bytes;
}

bool
row_next(const struct row *r, unsigned no, size_t *i, struct str *v)
{
	while (*i < r->n) {
		const struct slot *s = &r->v[(*i)++];

		if (s->no == no && s->v.n > 0) {
			*v = s->v;
			return true;
		}
	}
	return false;
}

bool
row_next_ref(const struct row *r, const char *kind, size_t *i, struct str *id)
{
	while (*i < r->n) {
		const struct slot *s = &r->v[(*i)++];

		if (s->f != NULL && s->f->type == TYPE_REF && s->v.n > 0 &&
		    strcmp(s->f->ref, kind) == 0) {
			*id = s->v;
			return true;
		}
	}
	return false;
}

struct str
row_get(const struct row *r, unsigned no)
{
	struct str v;
	size_t i = 0;

	return row_next(r, no, &i, &v) ? v : STR_NONE;
}

int
row_places(const struct row *r)
{
	struct str code = row_get(r, LABEL_CURRENCY);

	return code.n > 0 ? money_places(code) : -1;
}

size_t
row_slots(const struct row *row, unsigned no, size_t *from)
{
	size_t i, n;

	for (i = 0; i < row->n && row->v[i].no != no; i++)
		;
	*from = i;
	for (n = 0; i + n < row->n && row->v[i + n].no == no; n++)
		;
	return n;
}

void
row_drop(struct row *row, unsigned no)
{
	size_t kept = 0;

	for (size_t i = 0; i < row->n; i++)
		if (row->v[i].no != no)
			row->v[kept++] = row->v[i];
	row->n = kept;
}
