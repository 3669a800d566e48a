/* SPDX-License-Identifier: MIT */
/*
 * Insides of the finding of duplicates: dedupe_form.c (what is kept of a
 * record), dedupe_block.c (keys under which records meet), dedupe_score.c (the
 * evidence of a pair), dedupe.c (the run).
 *
 * All records of the kind lie in memory in a compact form: words of names are
 * numbers of a table, everything else is compared by 64-bit hashes; 0 stands
 * for "none".
 */
#ifndef CRM_DEDUPE_INT_H
#define CRM_DEDUPE_INT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "crm/dedupe.h"

enum {
	NAME_WORDS_MAX = 12, /* of one name */
	FACTS_MAX = 64,      /* of one record and sort */
	BLOCK_MAX = 256,     /* records that are compared with each other */
};

/* What a record may have several of; of each sort they stand together. */
enum fact {
	FACT_ADDRESS,
	FACT_LOCAL, /* part of an address, if it says something */
	FACT_HOST,  /* of addresses; of companies domains too */
	FACT_PHONE,
	FACT_EXT,  /* unique: two have one only after a sync */
	FACT_LINK, /* url, handle */
	FACTS,
};

struct form {
	struct id id;
	bool wanted; /* the query finds it */
	bool birthday_full;
	uint8_t nwords;
	uint8_t nfacts[FACTS];
	uint32_t words; /* place of the first in dedupe.name_words */
	uint32_t facts; /* in dedupe.facts */
	uint32_t name;  /* all words, sorted: its place in dedupe.names */
	uint64_t birthday, company, postcode, city, country;
};

/* How many records bear what has this hash: a word, a whole name, a host. */
struct bearers {
	uint64_t hash;
	uint32_t n;
	struct str text; /* of words */
};
struct tally {
	VEC(struct bearers) v;
	uint32_t *place; /* by hash: 1 + number in v; 0 free */
	size_t cap;
};
uint32_t tally_count(
    struct tally *, uint64_t hash, struct str text, struct arena *);
const struct bearers *tally_find(const struct tally *, uint64_t hash);
void tally_release(struct tally *);

struct company_name {
	struct id id;
	uint64_t hash;
};

struct dedupe {
	struct reading *rd;
	const struct dedupe_opts *o;
	bool companies;     /* the kind is company */
	struct arena arena; /* texts of words */
	struct arena work;  /* of the record at hand */
	VEC(struct form) forms;
	VEC(uint32_t) name_words; /* places in words */
	VEC(uint64_t) facts;
	VEC(struct company_name) company_names; /* by id */
	struct tally words, names, hosts;
};

/* ---- dedupe_form.c ---- */
uint64_t hash_text(struct str, uint64_t seed);
/* Folded words of a name without titles or legal form, numbered and counted;
 * how many. */
size_t form_words(struct dedupe *, struct str name, uint32_t *out);
/* Takes a record in. */
int form_take(struct dedupe *, struct dbrec *, struct err *) BASE_MUST;
/* The company by whose name contacts are compared. */
int form_take_company(struct dedupe *, struct dbrec *, struct err *) BASE_MUST;
/* Whether this host gives addresses to anybody. */
bool host_is_free_mail(struct str host);
/* The text of a record that has this hash as a fact, for a note; none. */
struct str form_text(
    struct dedupe *, const struct id *, enum fact, uint64_t hash, struct err *);

static inline const uint64_t *
form_facts(
    const struct dedupe *d, const struct form *f, enum fact which, size_t *n)
{
	const uint64_t *p = d->facts.v + f->facts;

	for (int i = 0; i < (int)which; i++)
		p += f->nfacts[i];
	*n = f->nfacts[which];
	return p;
}

static inline const struct bearers *
form_word(const struct dedupe *d, const struct form *f, size_t i)
{
	return &d->words.v.v[d->name_words.v[f->words + i]];
}

/* ---- dedupe_block.c ---- */
/* The families of keys, gone through one after another. */
enum block_family {
	BLOCK_ADDRESS,
	BLOCK_LOCAL,
	BLOCK_PHONE,
	BLOCK_EXT,
	BLOCK_HOST,
	BLOCK_NAME,
	BLOCK_BEGINNING, /* of first and last word, with a trait */
	BLOCK_WORD,      /* one word, with a trait */
	BLOCK_FAMILIES,
};
struct block_entry {
	uint64_t hash;
	uint32_t at; /* of the form */
};
typedef VEC(struct block_entry) block_entries;
/* Whether the families asked for (DEDUPE_*) include this one. */
bool block_wanted(unsigned by, enum block_family);
/* Appends the keys of one record. */
void block_keys(
    const struct dedupe *, enum block_family, uint32_t at, block_entries *);
/* Brings entries of equal hash together. */
void block_sort(block_entries *, block_entries *spare);
/* Parts what is too large by postcode, city, company: calls pairs for each
 * run of at most BLOCK_MAX, skipped for what is larger still. */
void block_part(const struct dedupe *, struct block_entry *, size_t n,
    void (*run)(void *arg, const struct block_entry *, size_t n),
    void (*skipped)(void *arg, const struct block_entry *, size_t n),
    void *arg);

/* ---- dedupe_score.c ---- */
/* The score of a pair in hundredths, 0 where it cannot reach min; reasons
 * where out is not NULL. */
unsigned dedupe_score(const struct dedupe *, const struct form *a,
    const struct form *b, struct dedupe_pair *out);

#endif
