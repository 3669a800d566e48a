/* SPDX-License-Identifier: MIT */
#include "crm/names.h"

#include "base/hash.h"
#include "base/mem.h"

enum { CAP_FIRST = 64 };

void
names_release(struct names *t)
{
	mem_free(t->v);
	arena_release(&t->arena);
	*t = (struct names)NAMES_INIT;
}

static size_t
place(const struct names *t, struct str key)
{
	size_t i = (size_t)hash_bytes(key.p, key.n, 0) & (t->cap - 1);

	while (t->v[i].key.p && !str_eq(t->v[i].key, key))
		i = (i + 1) & (t->cap - 1);
	return i;
}

static void
grow(struct names *t)
{
	struct name_entry *old = t->v;
	size_t cap = t->cap;

	t->cap = cap ? cap * 2 : CAP_FIRST;
	t->v = mem_zero(t->cap, sizeof(*t->v));
	for (size_t i = 0; i < cap; i++)
		if (old[i].key.p)
			t->v[place(t, old[i].key)] = old[i];
	mem_free(old);
}

struct name_entry *
names_at(struct names *t, struct str key, bool *fresh)
{
	struct name_entry *e;

	if (t->n * 2 >= t->cap)
		grow(t);
	e = &t->v[place(t, key)];
	*fresh = e->key.p == NULL;
	if (*fresh) {
		e->key = arena_str(&t->arena, key);
		e->count = 0;
		t->n++;
	}
	return e;
}

const struct name_entry *
names_find(const struct names *t, struct str key)
{
	const struct name_entry *e;

	if (!t->cap)
		return NULL;
	e = &t->v[place(t, key)];
	return e->key.p ? e : NULL;
}
