/* SPDX-License-Identifier: MIT */
#include "crm/sort.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "base/vec.h"

enum { SLACK = 1024 };

struct sorter_row {
	struct id id;
	struct scalar *v; /* in the arena, one a key */
	struct str *fold; /* folded keys of text values */
	struct str payload;
	size_t order; /* of arrival: the tie of ties */
};

struct sort {
	struct arena arena;
	struct sort_key keys[SORT_KEYS_MAX];
	size_t nkeys;
	VEC(struct sorter_row) rows;
	size_t next, arrived;
};

/* qsort has no argument to hand the keys over by. */
static const struct sort *sorting;

int
sort_open(struct sort **out, const char *const *keys, size_t n, struct err *err)
{
	struct sort *s = mem_zero(1, sizeof(*s));

	*out = s;
	if (n > SORT_KEYS_MAX)
		return err_set(err, STATUS_USAGE, "--sort: more than 16 keys");
	for (size_t i = 0; i < n; i++) {
		struct sort_key *k = &s->keys[i];
		k->label = str_of(keys[i]);
		if (str_starts(k->label, STR("-"))) {
			k->descending = true;
			k->label = str_sub(k->label, 1, k->label.n);
		}
		s->nkeys++;
	}
	return 0;
}

void
sort_close(struct sort **out)
{
	struct sort *s = *out;

	if (!s)
		return;
	arena_release(&s->arena);
	vec_release(&s->rows);
	mem_free(s);
	*out = NULL;
}

size_t
sort_keys(const struct sort *s, const struct sort_key **keys)
{
	*keys = s->keys;
	return s->nkeys;
}

static int
compare_key(const struct sorter_row *a, const struct sorter_row *b, size_t k,
    bool descending)
{
	const struct scalar *x = &a->v[k], *y = &b->v[k];
	int c;

	if (x->type == TYPE_NONE || y->type == TYPE_NONE)
		return (x->type == TYPE_NONE) - (y->type == TYPE_NONE);
	if (x->type != y->type) {
		c = (int)x->type - (int)y->type;
	} else if (a->fold[k].p && b->fold[k].p) {
		c = str_cmp(a->fold[k], b->fold[k]);
		if (!c)
			c = str_cmp(x->s, y->s);
	} else {
		c = scalar_cmp(x, y);
	}
	return descending ? -c : c;
}

static int
compare_rows(const void *pa, const void *pb)
{
	const struct sorter_row *a = pa, *b = pb;
	int c = 0;

	for (size_t k = 0; k < sorting->nkeys && !c; k++)
		c = compare_key(a, b, k, sorting->keys[k].descending);
	if (!c)
		c = id_cmp(&a->id, &b->id);
	if (!c)
		c = (a->order > b->order) - (a->order < b->order);
	return c;
}

static void
order(struct sort *s)
{
	sorting = s;
	if (s->rows.n)
		qsort(s->rows.v, s->rows.n, sizeof(*s->rows.v), compare_rows);
}

/* Rows beyond the limit go; those that stay move to a new arena. */
static void
compact(struct sort *s, size_t limit)
{
	struct arena fresh = ARENA_INIT;

	order(s);
	if (s->rows.n > limit)
		s->rows.n = limit;
	for (size_t i = 0; i < s->rows.n; i++) {
		struct sorter_row *r = &s->rows.v[i];
		struct scalar *v = arena_array(&fresh, s->nkeys, sizeof(*v));
		struct str *fold = arena_array(&fresh, s->nkeys, sizeof(*fold));

		for (size_t k = 0; k < s->nkeys; k++) {
			v[k] = r->v[k];
			if (v[k].s.p)
				v[k].s = arena_str(&fresh, v[k].s);
			fold[k] = r->fold[k];
			if (fold[k].p)
				fold[k] = arena_str(&fresh, fold[k]);
		}
		r->v = v;
		r->fold = fold;
		r->payload = arena_str(&fresh, r->payload);
	}
	arena_release(&s->arena);
	s->arena = fresh;
}

static bool
is_text(enum type type)
{
	return type == TYPE_TEXT || type == TYPE_TAG || type == TYPE_EMAIL ||
	       type == TYPE_URL || type == TYPE_ENUM || type == TYPE_PHONE ||
	       type == TYPE_LINEITEM;
}

void
sort_scalar(const struct field *f, struct scalar *s)
{
	if (f->type != TYPE_ENUM || !f->values)
		return;
	for (size_t i = 0; i < f->values->n; i++) {
		if (!str_eqz(s->s, f->values->v[i].name))
			continue;
		*s = (struct scalar){ .type = TYPE_INT, .i = (int64_t)i };
		return;
	}
}

void
sort_add(struct sort *s, const struct id *id, const struct scalar *values,
    struct str payload, size_t limit)
{
	struct sorter_row row = { .id = *id, .order = s->arrived++ };

	row.v = arena_array(&s->arena, s->nkeys, sizeof(*row.v));
	row.fold = arena_zero(&s->arena, s->nkeys, sizeof(*row.fold));
	for (size_t k = 0; k < s->nkeys; k++) {
		row.v[k] = values[k];
		if (values[k].type != TYPE_NONE && values[k].s.p)
			row.v[k].s = arena_str(&s->arena, values[k].s);
		if (is_text(values[k].type))
			row.fold[k] = utf8_fold(row.v[k].s, &s->arena);
	}
	row.payload = arena_str(&s->arena, payload);
	vec_push(&s->rows, row);
	if (limit && s->rows.n >= 2 * limit + SLACK)
		compact(s, limit);
}

size_t
sort_run(struct sort *s)
{
	order(s);
	s->next = 0;
	return s->arrived;
}

bool
sort_next(struct sort *s, struct id *id, struct str *payload)
{
	if (s->next == s->rows.n)
		return false;
	*id = s->rows.v[s->next].id;
	*payload = s->rows.v[s->next].payload;
	s->next++;
	return true;
}
