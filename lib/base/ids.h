/* SPDX-License-Identifier: MIT */
/* Ids in an array of the caller's, in order, and whether one is among them; an
 * id as text that lives on. */
#ifndef BASE_IDS_H
#define BASE_IDS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/id.h"

/* Puts them in order; v may be NULL where n is 0. */
void ids_sort(struct id *v, size_t n);
/* In order and each once; returns how many are left. */
size_t ids_sort_once(struct id *v, size_t n);
/* Whether the id is among some in order. */
bool ids_have(const struct id *v, size_t n, const struct id *);

/* Its 26 characters, in the arena. */
struct str id_text(const struct id *, struct arena *);

#endif
