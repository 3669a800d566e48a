/* SPDX-License-Identifier: MIT */
/*
 * Keys under which records meet (PEOPLE.md 3, Blocks).  Words and letters of a
 * name go into a key without their order, so that swapped ones meet too.
 */
#include "crm/dedupe_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

enum {
	BEGINNING = 3, /* letters of the beginning of a word */
	WORD_MIN = 3,  /* letters of a word with company, postcode, ... */
	CITY_MIN = 4,  /* ... and with a city */
	BUCKET = 16,   /* entries that are sorted by insertion */
	BITS_MAX = 20, /* buckets, as a power of two */
	TRAITS = 4,
};

bool
block_wanted(unsigned by, enum block_family family)
{
	static const unsigned asked[BLOCK_FAMILIES] = { DEDUPE_EMAIL,
		DEDUPE_EMAIL, DEDUPE_PHONE, DEDUPE_EXT, DEDUPE_DOMAIN,
		DEDUPE_NAME, DEDUPE_NAME, DEDUPE_NAME };

	return (by & asked[family]) != 0;
}

static uint64_t
mix(uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ (b + UINT64_C(0x9E3779B97F4A7C15))) *
		     UINT64_C(0xBF58476D1CE4E5B9);

	h = (h ^ (h >> 29)) * UINT64_C(0x94D049BB133111EB);
	return h ^ (h >> 32);
}

static uint64_t
unordered(uint64_t a, uint64_t b)
{
	return a < b ? mix(a, b) : mix(b, a);
}

/* Bytes of the first n characters, or of all. */
static size_t
beginning(struct str s, size_t n)
{
	uint32_t c;
	size_t at = 0;

	while (n-- > 0 && at < s.n)
		at += utf8_decode(str_sub(s, at, s.n), &c);
	return at;
}

static uint64_t
part(const struct bearers *word, size_t letters)
{
	struct str s = word->text;

	return hash_text(str_sub(s, 0, beginning(s, letters)), letters);
}

/* The first n letters of first and last word. */
static uint64_t
ends(const struct dedupe *d, const struct form *f, size_t letters)
{
	return unordered(part(form_word(d, f, 0), letters),
	    part(form_word(d, f, f->nwords - 1U), letters));
}

static bool
has_letters(const struct bearers *word, size_t n)
{
	return beginning(word->text, n - 1) < word->text.n;
}

static void
add(block_entries *out, uint64_t hash, uint32_t at)
{
	struct block_entry e = { hash, at };

	vec_push(out, e);
}

static void
add_facts(const struct dedupe *d, const struct form *f, enum fact which,
    uint64_t with, uint32_t at, block_entries *out)
{
	size_t n;
	const uint64_t *v = form_facts(d, f, which, &n);

	for (size_t i = 0; i < n; i++)
		add(out, with != 0 ? mix(v[i], with) : v[i], at);
}

/* One word after another, with each trait that is there. */
static void
add_words(const struct dedupe *d, const struct form *f, uint32_t at,
    block_entries *out)
{
	const uint64_t trait[] = { f->birthday, f->company, f->postcode };
	uint64_t initials = ends(d, f, 1);

	for (size_t i = 0; i < f->nwords; i++) {
		const struct bearers *w = form_word(d, f, i);

		if (!has_letters(w, WORD_MIN))
			continue;
		for (size_t t = 0; t < TRAITS - 1; t++)
			if (trait[t] != 0)
				add(out, mix(mix(w->hash, t), trait[t]), at);
		if (f->city != 0 && has_letters(w, CITY_MIN))
			add(out, mix(mix(w->hash, initials), f->city), at);
	}
}

void
block_keys(const struct dedupe *d, enum block_family family, uint32_t at,
    block_entries *out)
{
	const struct form *f = &d->forms.v[at];
	const uint64_t trait[TRAITS] = { f->birthday, f->company, f->postcode,
		f->city };

	switch (family) {
	case BLOCK_ADDRESS:
		add_facts(d, f, FACT_ADDRESS, 0, at, out);
		break;
	case BLOCK_LOCAL:
		add_facts(d, f, FACT_LOCAL, 0, at, out);
		break;
	case BLOCK_PHONE:
		add_facts(d, f, FACT_PHONE, 0, at, out);
		break;
	case BLOCK_EXT:
		add_facts(d, f, FACT_EXT, 0, at, out);
		break;
	case BLOCK_HOST:
		if (d->companies || f->nwords > 0)
			add_facts(d, f, FACT_HOST,
			    d->companies ? 0 : ends(d, f, 1), at, out);
		break;
	case BLOCK_NAME:
		if (f->nwords > 0)
			add(out, d->names.v.v[f->name].hash, at);
		break;
	case BLOCK_BEGINNING:
		for (size_t t = 0; f->nwords > 0 && t < TRAITS; t++)
			if (trait[t] != 0)
				add(out,
				    mix(mix(ends(d, f, BEGINNING), t),
					trait[t]),
				    at);
		break;
	case BLOCK_WORD:
		if (f->nwords > 0)
			add_words(d, f, at, out);
		break;
	case BLOCK_FAMILIES:
		break;
	}
}

/* ---- sorting ---- */

static int
by_hash(const void *a, const void *b)
{
	const struct block_entry *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

static void
sort_bucket(struct block_entry *v, size_t n)
{
	if (n > BUCKET) {
		qsort(v, n, sizeof(*v), by_hash);
		return;
	}
	for (size_t i = 1; i < n; i++) {
		struct block_entry e = v[i];
		size_t j = i;

		for (; j > 0 && by_hash(&v[j - 1], &e) > 0; j--)
			v[j] = v[j - 1];
		v[j] = e;
	}
}

/* Hashes are spread evenly: by their first bits they fall into buckets of few
 * entries, which are sorted by themselves. */
void
block_sort(block_entries *e, block_entries *spare)
{
	unsigned bits = 1, shift;
	size_t *from, n = 0;

	while (bits < BITS_MAX && (e->n >> bits) > BUCKET / 2)
		bits++;
	shift = 64 - bits;
	from = mem_zero(((size_t)1 << bits) + 1, sizeof(*from));
	for (size_t i = 0; i < e->n; i++)
		from[(e->v[i].hash >> shift) + 1]++;
	for (size_t b = 0; b < (size_t)1 << bits; b++)
		from[b + 1] += from[b];
	if (spare->cap < e->n) {
		spare->v = mem_resize(spare->v, e->n, sizeof(*spare->v));
		spare->cap = e->n;
	}
	for (size_t i = 0; i < e->n; i++)
		spare->v[from[e->v[i].hash >> shift]++] = e->v[i];
	/* from[b] is now where bucket b ends. */
	for (size_t b = 0; b < (size_t)1 << bits; b++) {
		sort_bucket(spare->v + n, from[b] - n);
		n = from[b];
	}
	mem_free(from);
	if (e->n > 0)
		memcpy(e->v, spare->v, e->n * sizeof(*e->v));
}

/* ---- parting ---- */

static uint64_t
trait_of(const struct form *f, size_t depth)
{
	return depth == 0 ? f->postcode : depth == 1 ? f->city : f->company;
}

enum { DEPTHS = 3 }; /* postcode, city, company */

struct parting {
	const struct dedupe *d;
	void (*run)(void *arg, const struct block_entry *, size_t n);
	void (*skipped)(void *arg, const struct block_entry *, size_t n);
	void *arg;
};

static void part_at(
    const struct parting *, struct block_entry *, size_t n, size_t depth);

/* Sorts by a trait, which takes the place of the key. */
static void
part_by(const struct parting *p, struct block_entry *v, size_t n, size_t depth)
{
	struct block_entry *w = mem_resize(NULL, n, sizeof(*w));
	size_t to;

	for (size_t i = 0; i < n; i++)
		w[i] = (struct block_entry){
			trait_of(&p->d->forms.v[v[i].at], depth), v[i].at
		};
	qsort(w, n, sizeof(*w), by_hash);
	for (size_t i = 0; i < n; i = to) {
		to = i + 1;
		while (to < n && w[to].hash == w[i].hash)
			to++;
		/* Notes tell the key, not the trait. */
		for (size_t j = i; j < to; j++)
			w[j].hash = v[0].hash;
		part_at(p, w + i, to - i, depth + 1);
	}
	mem_free(w);
}

static void
part_at(const struct parting *p, struct block_entry *v, size_t n, size_t depth)
{
	if (n < 2)
		return;
	if (n <= BLOCK_MAX)
		p->run(p->arg, v, n);
	else if (depth < DEPTHS)
		part_by(p, v, n, depth);
	else
		p->skipped(p->arg, v, n);
}

void
block_part(const struct dedupe *d, struct block_entry *v, size_t n,
    void (*run)(void *arg, const struct block_entry *, size_t n),
    void (*skipped)(void *arg, const struct block_entry *, size_t n), void *arg)
{
	struct parting p = { d, run, skipped, arg };

	part_at(&p, v, n, 0);
}
