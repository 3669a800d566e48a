/* SPDX-License-Identifier: MIT */
/*
 * Unique values of an operation that has not put them yet: keys in blocks,
 * found by their hash.  Exact: equal hashes are compared.
 */
#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "store/op_int.h"

enum {
	BLOCK = 1 << 20,
	FIRST_SLOTS = 1 << 10,
	HEAD = ID_BYTES + 3, /* owner, owned 1, key length 2 */
};

struct slot_of {
	uint32_t hash; /* its low bits give the place */
	uint32_t at;   /* block and offset / 8, + 1; 0: free */
};
struct pending {
	struct {
		unsigned char **v;
		size_t n, cap;
	} blocks;
	size_t used; /* of the last block */
	struct slot_of *slot;
	size_t slots, n;
};

struct pending *
pending_new(void)
{
	struct pending *p = mem_zero(1, sizeof(*p));

	p->slots = FIRST_SLOTS;
	p->slot = mem_zero(p->slots, sizeof(*p->slot));
	p->used = BLOCK;
	return p;
}

void
pending_free(struct pending **pp)
{
	struct pending *p = *pp;
	size_t i;

	if (p == NULL)
		return;
	for (i = 0; i < p->blocks.n; i++)
		mem_free(p->blocks.v[i]);
	vec_release(&p->blocks);
	mem_free(p->slot);
	mem_free(p);
	*pp = NULL;
}

static unsigned char *
entry_at(const struct pending *p, uint32_t at)
{
	size_t place = (size_t)(at - 1) * 8;

	return p->blocks.v[place / BLOCK] + place % BLOCK;
}

static uint32_t
hash_of(struct str key)
{
	return (uint32_t)(hash_bytes(key.p, key.n, 0) & 0xffffffff);
}

static size_t
find(const struct pending *p, struct str key, uint32_t hash)
{
	size_t i = hash & (p->slots - 1);
	const unsigned char *e;

	for (; p->slot[i].at != 0; i = (i + 1) & (p->slots - 1)) {
		if (p->slot[i].hash != hash)
			continue;
		e = entry_at(p, p->slot[i].at);
		if (num_get_be16(e + ID_BYTES + 1) == key.n &&
		    memcmp(e + HEAD, key.p, key.n) == 0)
			break;
	}
	return i;
}

static void
grow(struct pending *p)
{
	struct slot_of *old = p->slot;
	size_t n = p->slots, i, j;

	p->slots = n * 2;
	p->slot = mem_zero(p->slots, sizeof(*p->slot));
	for (i = 0; i < n; i++) {
		if (old[i].at == 0)
			continue;
		j = old[i].hash & (p->slots - 1);
		while (p->slot[j].at != 0)
			j = (j + 1) & (p->slots - 1);
		p->slot[j] = old[i];
	}
	mem_free(old);
}

static unsigned char *
add(struct pending *p, struct str key, uint32_t hash)
{
	size_t need = (HEAD + key.n + 7) & ~(size_t)7;
	unsigned char *e;
	size_t i, place;

	if (p->n * 3 >= p->slots * 2)
		grow(p);
	if (BLOCK - p->used < need) {
		vec_push(&p->blocks, mem_alloc(BLOCK));
		p->used = 0;
	}
	i = find(p, key, hash);
	place = (p->blocks.n - 1) * (size_t)BLOCK + p->used;
	e = p->blocks.v[p->blocks.n - 1] + p->used;
	p->used += need;
	p->n++;
	p->slot[i].hash = hash;
	p->slot[i].at = (uint32_t)(place / 8 + 1);
	num_put_be16(e + ID_BYTES + 1, (uint16_t)key.n);
	memcpy(e + HEAD, key.p, key.n);
	return e;
}

static unsigned char *
entry_of(struct pending *p, struct str key)
{
	uint32_t hash = hash_of(key);
	size_t i = find(p, key, hash);

	return p->slot[i].at != 0 ? entry_at(p, p->slot[i].at)
				  : add(p, key, hash);
}

void
pending_set(struct pending *p, struct str key, const struct id *owner)
{
	unsigned char *e = entry_of(p, key);

	memcpy(e, owner->b, ID_BYTES);
	e[ID_BYTES] = 1;
}

void
pending_unset(struct pending *p, struct str key)
{
	entry_of(p, key)[ID_BYTES] = 0;
}

int
pending_get(const struct pending *p, struct str key, struct id *id)
{
	size_t i = find(p, key, hash_of(key));
	const unsigned char *e;

	if (p->slot[i].at == 0)
		return -1;
	e = entry_at(p, p->slot[i].at);
	if (e[ID_BYTES] == 0)
		return 0;
	memcpy(id->b, e, ID_BYTES);
	return 1;
}
