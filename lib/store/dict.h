/* SPDX-License-Identifier: MIT */
/*
 * The dictionary: numbers of labels, kinds and enum values that no source
 * fixes (x.NAME, users' fields and kinds, members of families).  Append-only:
 * a number is never given twice, whatever becomes of its name.
 */
#ifndef STORE_DICT_H
#define STORE_DICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "record/schema.h"
#include "store/driver.h"

enum dict_what { DICT_LABEL, DICT_KIND, DICT_ENUM, DICTS };

struct dict_list {
	struct str *v; /* by number less the first one */
	size_t n, cap;
	uint32_t *hash; /* place + 1; a power of two of them */
	size_t hash_n;
};
struct dict {
	struct dict_list list[DICTS];
	struct arena arena;
};

void dict_init(struct dict *);
void dict_release(struct dict *);
/* Reads what the store has behind what is known already. */
int dict_load(
    struct dict *, const struct driver *, struct tx *, struct err *) BASE_MUST;
/* The number; 0: none. Enum values are named "ENUM/VALUE". */
unsigned dict_no(const struct dict *, enum dict_what, struct str name);
/* The same for a schema that is being numbered (arg: the dict). */
unsigned dict_known(void *dict, enum schema_numbered, const char *name);
/* The name of a number from the first own one up, or none. */
struct str dict_name(const struct dict *, enum dict_what, unsigned no);
/* A new number for a name that has none, written to meta; 0: no more are
 * left (err 65) or the write failed. */
unsigned dict_add(struct dict *, enum dict_what, struct str name,
    const struct driver *, struct tx *, struct err *);
/* Takes back what was added behind these numbers of entries (an operation
 * that did not commit). */
struct dict_mark {
	size_t n[DICTS];
};
struct dict_mark dict_mark(const struct dict *);
void dict_rewind(struct dict *, struct dict_mark);

#endif
