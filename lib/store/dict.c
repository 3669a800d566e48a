/* SPDX-License-Identifier: MIT */
#include "store/dict.h"

#include <stdio.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/vec.h"
#include "record/labels.h"
#include "store/codec.h"
#include "store/meta.h"

/* In meta an entry is WORD and five digits, so that they come in order. */
static const struct {
	const char *word;
	unsigned first, last;
} lists[DICTS] = {
	[DICT_LABEL] = { "label/", LABEL_OWN_FIRST, 65535 },
	[DICT_KIND] = { "kind/", KIND_OWN_FIRST, 255 },
	[DICT_ENUM] = { "enum/", ENUM_OWN_FIRST, 65535 },
};
enum { DIGITS = 5, KEY_MAX = 16 };

void
dict_init(struct dict *d)
{
	*d = (struct dict){ 0 };
	arena_init(&d->arena);
}

void
dict_release(struct dict *d)
{
	unsigned i;

	for (i = 0; i < DICTS; i++) {
		mem_free(d->list[i].v);
		mem_free(d->list[i].hash);
	}
	arena_release(&d->arena);
	*d = (struct dict){ 0 };
	arena_init(&d->arena);
}

static size_t
list_slot(const struct dict_list *l, struct str name)
{
	size_t mask = l->hash_n - 1;
	size_t at = (size_t)hash_bytes(name.p, name.n, 0) & mask;

	while (l->hash[at] != 0 && !str_eq(l->v[l->hash[at] - 1], name))
		at = (at + 1) & mask;
	return at;
}

static void
list_rehash(struct dict_list *l, size_t slots)
{
	size_t i;

	mem_free(l->hash);
	l->hash = mem_zero(slots, sizeof(*l->hash));
	l->hash_n = slots;
	for (i = 0; i < l->n; i++)
		l->hash[list_slot(l, l->v[i])] = (uint32_t)(i + 1);
}

/* name is in the dictionary's arena. */
static void
list_push(struct dict_list *l, struct str name)
{
	vec_push(l, name);
	if (l->n * 2 > l->hash_n)
		list_rehash(l, l->hash_n == 0 ? 16 : l->hash_n * 2);
	else
		l->hash[list_slot(l, name)] = (uint32_t)l->n;
}

static void
key_of(enum dict_what what, unsigned no, char key[KEY_MAX])
{
	(void)snprintf(key, KEY_MAX, "%s%05u", lists[what].word, no);
}

static int
load_entry(struct dict *d, enum dict_what what, struct kv *kv, struct err *err)
{
	struct dict_list *l = &d->list[what];
	size_t word = strlen(lists[what].word);
	struct str digits;
	struct str name;
	uint64_t no;

	if (!crc_take(T_META, kv->k, kv->v, &name))
		return crc_error(T_META, kv->k, err);
	digits = str_sub(kv->k, word, kv->k.n);
	if (digits.n != DIGITS || !num_u64(digits, &no) ||
	    no != lists[what].first + l->n)
		return err_set(err, STATUS_IO,
		    "the dictionary is damaged: %.*s stands at the place of %u",
		    STR_ARG(kv->k), (unsigned)(lists[what].first + l->n));
	list_push(l, arena_str(&d->arena, name));
	return 0;
}

static int
load_list(struct dict *d, enum dict_what what, const struct driver *drv,
    struct tx *tx, struct err *err)
{
	char lo[KEY_MAX];
	char hi[KEY_MAX];
	struct cur *cur = NULL;
	struct kv kv[16];
	int n;
	int i;
	int rc = -1;

	key_of(what, (unsigned)(lists[what].first + d->list[what].n), lo);
	/* '0' follows '/': behind all of the word's entries. */
	(void)snprintf(hi, sizeof(hi), "%s", lists[what].word);
	hi[strlen(hi) - 1] = '0';
	if (drv->range(tx, T_META, str_of(lo), str_of(hi), 0, &cur) != 0) {
		(void)tx_fail(tx, err);
		goto out;
	}
	while ((n = drv->next(cur, kv, 16)) > 0)
		for (i = 0; i < n; i++)
			if (load_entry(d, what, &kv[i], err) != 0)
				goto out;
	if (n < 0) {
		(void)tx_fail(tx, err);
		goto out;
	}
	rc = 0;
out:
	drv->end(&cur);
	return rc;
}

int
dict_load(
    struct dict *d, const struct driver *drv, struct tx *tx, struct err *err)
{
	unsigned i;

	for (i = 0; i < DICTS; i++)
		if (load_list(d, (enum dict_what)i, drv, tx, err) != 0)
			return -1;
	return 0;
}

unsigned
dict_no(const struct dict *d, enum dict_what what, struct str name)
{
	const struct dict_list *l = &d->list[what];
	uint32_t place;

	if (l->n == 0)
		return 0;
	place = l->hash[list_slot(l, name)];
	return place == 0 ? 0 : lists[what].first + place - 1;
}

struct str
dict_name(const struct dict *d, enum dict_what what, unsigned no)
{
	const struct dict_list *l = &d->list[what];

	if (no < lists[what].first || no - lists[what].first >= l->n)
		return STR_NONE;
	return l->v[no - lists[what].first];
}

unsigned
dict_add(struct dict *d, enum dict_what what, struct str name,
    const struct driver *drv, struct tx *tx, struct err *err)
{
	struct dict_list *l = &d->list[what];
	struct buf scratch = BUF_INIT;
	char key[KEY_MAX];
	unsigned no = lists[what].first + (unsigned)l->n;
	int rc;

	if (no > lists[what].last) {
		(void)err_set(err, STATUS_DATA,
		    "'%.*s': the store has no number left for another name",
		    STR_ARG(name));
		return 0;
	}
	key_of(what, no, key);
	rc = meta_put(drv, tx, key, name, &scratch, err);
	buf_release(&scratch);
	if (rc != 0)
		return 0;
	list_push(l, arena_str(&d->arena, name));
	return no;
}

struct dict_mark
dict_mark(const struct dict *d)
{
	struct dict_mark m;
	unsigned i;

	for (i = 0; i < DICTS; i++)
		m.n[i] = d->list[i].n;
	return m;
}

void
dict_rewind(struct dict *d, struct dict_mark m)
{
	unsigned i;

	for (i = 0; i < DICTS; i++) {
		if (d->list[i].n == m.n[i])
			continue;
		d->list[i].n = m.n[i];
		list_rehash(&d->list[i], d->list[i].hash_n);
	}
}

unsigned
dict_known(void *dict, enum schema_numbered what, const char *name)
{
	static const enum dict_what whats[] = {
		[NUMBER_KIND] = DICT_KIND,
		[NUMBER_LABEL] = DICT_LABEL,
		[NUMBER_ENUM] = DICT_ENUM,
	};

	return dict_no(dict, whats[what], str_of(name));
}
