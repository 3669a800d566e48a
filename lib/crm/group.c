/* SPDX-License-Identifier: MIT */
/*
 * Groups of lines that may meet one record: they share a value of a key, or
 * have values that one stored record has.  Rather too large a group than two
 * for one record: values are told apart by their hashes alone.
 */
#include "base/hash.h"
#include "base/mem.h"
#include "crm/batch.h"

enum { SLOTS_FIRST = 1024 };

struct group_slot {
	uint32_t hash; /* its low bits give the place */
	uint32_t line; /* + 1; 0: free */
};

struct grouping {
	struct batch *b;
	struct op *op;
	uint32_t *up; /* of each line: itself, or one before in its group */
	struct group_slot *slot;
	size_t n, cap;
	bool any; /* some group has two lines */
	struct buf key;
};

/* ---- sets of lines ---- */

static uint32_t
root(struct grouping *g, uint32_t i)
{
	while (g->up[i] != i) {
		g->up[i] = g->up[g->up[i]];
		i = g->up[i];
	}
	return i;
}

static void
unite(struct grouping *g, uint32_t a, uint32_t b)
{
	a = root(g, a);
	b = root(g, b);
	if (a == b)
		return;
	g->any = true;
	if (a < b)
		g->up[b] = a;
	else
		g->up[a] = b;
}

static size_t
place(const struct grouping *g, uint32_t hash)
{
	size_t i = hash & (g->cap - 1);

	while (g->slot[i].line && g->slot[i].hash != hash)
		i = (i + 1) & (g->cap - 1);
	return i;
}

static void
grow(struct grouping *g)
{
	struct group_slot *old = g->slot;
	size_t cap = g->cap;

	g->cap = cap ? cap * 2 : SLOTS_FIRST;
	g->slot = mem_zero(g->cap, sizeof(*g->slot));
	for (size_t i = 0; i < cap; i++) {
		size_t k = old[i].hash & (g->cap - 1);

		if (!old[i].line)
			continue;
		while (g->slot[k].line)
			k = (k + 1) & (g->cap - 1);
		g->slot[k] = old[i];
	}
	mem_free(old);
}

/* The line has a value, of this sort and bytes. */
static void
join(struct grouping *g, uint32_t line, char sort, struct str key)
{
	uint32_t hash = (uint32_t)hash_bytes(key.p, key.n, (uint64_t)sort);
	size_t i;

	if (g->n * 3 >= g->cap * 2)
		grow(g);
	i = place(g, hash);
	if (g->slot[i].line) {
		unite(g, line, g->slot[i].line - 1);
		return;
	}
	g->slot[i].hash = hash;
	g->slot[i].line = line + 1;
	g->n++;
}

/* Joins only where a line before did. */
static void
join_known(struct grouping *g, uint32_t line, char sort, struct str key)
{
	uint32_t hash = (uint32_t)hash_bytes(key.p, key.n, (uint64_t)sort);
	size_t i;

	if (!g->cap)
		return;
	i = place(g, hash);
	if (g->slot[i].line)
		unite(g, line, g->slot[i].line - 1);
}

/* ---- the values of a line ---- */

/* Of any unique field, key or not: who has it may have to give it away first.
 */
static int
join_unique(struct grouping *g, uint32_t line, const struct batch_item *item,
    const struct change *ch, struct err *err)
{
	struct id id;
	int rc;

	buf_clear(&g->key);
	if (op_unique_key(g->op, item->kind, ch->f, ch->value, &g->key))
		join(g, line, 'u', buf_str(&g->key));
	rc = op_unique(g->op, item->kind, ch->f, ch->value, &id, err);
	if (rc > 0)
		join(g, line, 'i', id_str(&id));
	return rc < 0 ? -1 : 0;
}

/* What people share groups only where a line has nothing better: each of the
 * records with it may be that line's. */
static int
join_soft(struct grouping *g, uint32_t line, const struct batch_item *item,
    const struct field *f, struct err *err)
{
	struct id id;
	size_t n;

	g->b->soft = true;
	if (meet_stored(g->b, g->op, item, f, &id, &n, err) < 0)
		return -1;
	if (n > 0)
		join(g, line, 'i', id_str(&id));
	if (strcmp(f->name, "name") == 0)
		join(g, line, 'n', meet_name(g->b, item));
	for (size_t i = 0; i < item->c.n && strcmp(f->name, "phone") == 0; i++)
		if (item->c.v[i].f == f && item->c.v[i].value.n)
			join(g, line, 'p', item->c.v[i].value);
	return 0;
}

static int
join_line(struct grouping *g, uint32_t line, const struct batch_item *item,
    struct err *err)
{
	const struct field *f;
	struct id id;

	for (size_t i = 0; i < item->c.n; i++) {
		const struct change *ch = &item->c.v[i];

		if (ch->f->unique && ch->value.n && ch->op != PAIR_DEL &&
		    join_unique(g, line, item, ch, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < item->nkeys; i++) {
		if (strcmp(item->keys[i], "id") == 0 &&
		    id_parse(item->c.id, &id))
			join(g, line, 'i', id_str(&id));
		f = meet_soft(g->b, item, item->keys[i]);
		if (f && join_soft(g, line, item, f, err) < 0)
			return -1;
	}
	return 0;
}

/* Lines that have what a line has nothing better than. */
static void
join_shared(struct grouping *g, uint32_t line, const struct batch_item *item)
{
	struct str name = meet_name(g->b, item);

	if (name.n)
		join_known(g, line, 'n', name);
	for (size_t i = 0; i < item->c.n; i++)
		if (item->c.v[i].f->type == TYPE_PHONE && item->c.v[i].value.n)
			join_known(g, line, 'p', item->c.v[i].value);
}

/* ---- all lines ---- */

static int
each_line(struct grouping *g, bool shared, struct err *err)
{
	struct batch *b = g->b;

	for (size_t i = 0; i < b->lines.n; i++) {
		struct batch_item item;

		arena_clear(&b->arena);
		if (batch_item_get(b, i, false, &item, err) < 0)
			return -1;
		if (!item.nkeys)
			continue;
		if (shared)
			join_shared(g, (uint32_t)i, &item);
		else if (join_line(g, (uint32_t)i, &item, err) < 0)
			return -1;
	}
	return 0;
}

/* Each line of a group, but the last, leads to the next. */
static void
chain(struct grouping *g)
{
	struct batch *b = g->b;
	uint32_t *last = mem_zero(b->lines.n + 1, sizeof(*last));

	vec_clear(&b->next);
	for (size_t i = 0; i < b->lines.n; i++) {
		uint32_t r = root(g, (uint32_t)i);

		vec_push(&b->next, 0);
		b->lines.v[i].follows = last[r] != 0;
		if (last[r])
			b->next.v[last[r] - 1] = (uint32_t)i + 1;
		last[r] = (uint32_t)i + 1;
	}
	mem_free(last);
}

int
batch_group(struct batch *b, struct op *op, struct err *err)
{
	struct grouping g = { .b = b, .op = op };
	int rc = -1;

	vec_clear(&b->next);
	b->soft = false;
	for (size_t i = 0; i < b->lines.n; i++)
		b->lines.v[i].follows = 0;
	if (!b->keyed || b->opts.mode != BATCH_ADD || b->lines.n < 2)
		return 0;
	if (b->lines.n >= UINT32_MAX)
		return err_set(err, STATUS_DATA, "too many lines at once");
	buf_init(&g.key);
	g.up = mem_zero(b->lines.n, sizeof(*g.up));
	for (size_t i = 0; i < b->lines.n; i++)
		g.up[i] = (uint32_t)i;
	if (each_line(&g, false, err) < 0 ||
	    (b->soft && each_line(&g, true, err) < 0))
		goto out;
	if (g.any)
		chain(&g);
	rc = 0;
out:
	mem_free(g.up);
	mem_free(g.slot);
	buf_release(&g.key);
	return rc;
}
