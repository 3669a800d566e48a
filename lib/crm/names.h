/* SPDX-License-Identifier: MIT */
/*
 * A table from text to ids, for what a batch looks up again and again (the
 * company of each line) and for what it makes itself.
 */
#ifndef CRM_NAMES_H
#define CRM_NAMES_H

#include <stddef.h>

#include "base/arena.h"
#include "base/id.h"
#include "base/str.h"

struct name_entry {
	struct str key; /* p NULL: a free place */
	struct id id;
	size_t count; /* how many have the name; 1: id is it */
};

struct names {
	struct arena arena;
	struct name_entry *v;
	size_t n, cap;
};

#define NAMES_INIT                                                             \
	{                                                                      \
		ARENA_INIT, NULL, 0, 0                                         \
	}

void names_release(struct names *);
/* The entry of key; made with count 0 where there is none, and then *fresh.
 * Valid until the next call. */
struct name_entry *names_at(struct names *, struct str key, bool *fresh);
const struct name_entry *names_find(const struct names *, struct str key);

#endif
