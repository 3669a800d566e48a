/* SPDX-License-Identifier: MIT */
/* A checked line as bytes in the spool, and back. */
#include "crm/batch.h"

#include "base/num.h"

/* Beside a pair_op. */
enum { GUESS = 0x40 };

static void
put_str(struct buf *b, struct str s)
{
	unsigned char n[10];

	buf_add(b, n, num_put_varint(n, s.n));
	buf_adds(b, s);
}

void
batch_pack(
    struct batch *batch, const struct kind *kind, const struct changes *c)
{
	const struct batch_extra *extras = batch->extras.v;
	size_t nextras = batch->extras.n;
	struct buf *b = &batch->bytes;
	unsigned char n[10];

	buf_clear(b);
	buf_add(b, n, num_put_varint(n, batch->how));
	put_str(b, str_of(kind->name));
	put_str(b, c->id);
	put_str(b, c->rev);
	put_str(b, c->created);
	put_str(b, c->updated);
	buf_add(b, n, num_put_varint(n, c->n));
	for (size_t i = 0; i < c->n; i++) {
		const struct change *ch = &c->v[i];

		buf_addc(b, (char)((int)ch->op | (ch->guess ? GUESS : 0)));
		/* Places are stable while a schema is; x.NAME goes by name. */
		buf_add(b, n, num_put_varint(n, ch->f->pos));
		put_str(b, ch->f->family ? ch->label : STR_NONE);
		put_str(b, ch->value);
	}
	buf_add(b, n, num_put_varint(n, nextras));
	for (size_t i = 0; i < nextras; i++) {
		put_str(b, extras[i].label);
		put_str(b, extras[i].value);
	}
}

struct unpack {
	const unsigned char *p, *end;
};

static uint64_t
take_number(struct unpack *u)
{
	uint64_t v = 0;

	u->p += num_get_varint(u->p, u->end, &v);
	return v;
}

static struct str
take_str(struct unpack *u)
{
	size_t n = (size_t)take_number(u);
	struct str s = str_n(u->p, n);

	u->p += n;
	return s;
}

/* The bytes are our own, from memory or our own file: they fit. */
void
batch_unpack(struct batch *b, struct str bytes, struct batch_item *item)
{
	struct unpack u = { (const unsigned char *)bytes.p,
		(const unsigned char *)bytes.p + bytes.n };
	struct changes *c = &item->c;
	size_t how = (size_t)take_number(&u);

	item->how = how ? &b->hows.v[how - 1] : NULL;
	item->keys = item->how ? item->how->keys : b->opts.keys;
	item->nkeys = item->how ? item->how->nkeys : b->opts.nkeys;
	item->kind = schema_kind(b->schema, take_str(&u));
	c->id = take_str(&u);
	c->rev = take_str(&u);
	c->created = take_str(&u);
	c->updated = take_str(&u);
	c->n = c->cap = (size_t)take_number(&u);
	c->v = arena_array(&b->arena, c->n + 1, sizeof(*c->v));
	for (size_t i = 0; i < c->n; i++) {
		struct change *ch = &c->v[i];

		memset(ch, 0, sizeof(*ch));
		ch->guess = (*u.p & GUESS) != 0;
		ch->op = (enum pair_op)(*u.p++ & ~GUESS);
		ch->f = &item->kind->v[take_number(&u)];
		ch->label = take_str(&u);
		if (!ch->label.n)
			ch->label = str_of(ch->f->name);
		ch->value = take_str(&u);
	}
	item->nextras = (size_t)take_number(&u);
	if (!item->nextras)
		return;
	item->extras =
	    arena_array(&b->arena, item->nextras, sizeof(*item->extras));
	for (size_t i = 0; i < item->nextras; i++) {
		item->extras[i].label = take_str(&u);
		item->extras[i].value = take_str(&u);
	}
}

int
batch_item_get(struct batch *b, size_t line, bool keep, struct batch_item *item,
    struct err *err)
{
	const struct batch_line_at *at = &b->lines.v[line];
	struct str bytes;

	memset(item, 0, sizeof(*item));
	item->number = at->number;
	if (spool_get(&b->spool, at->at, at->size, &bytes, err) < 0)
		return -1;
	batch_unpack(b, keep ? arena_str(&b->arena, bytes) : bytes, item);
	return 0;
}
