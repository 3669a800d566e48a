/* SPDX-License-Identifier: MIT */
/* What complete.c and complete_store.c share. */
#ifndef APP_COMPLETE_INT_H
#define APP_COMPLETE_INT_H

#include <stddef.h>

#include "app/complete.h"

/* ---- complete.c ---- */
bool complete_full(void); /* there is no room for more */
bool complete_none(void); /* nothing was answered yet */
/* As complete_add, whatever the word at hand begins with. */
void complete_add_any(struct str answer, const char *gloss);
void complete_words(const char *const *names);
/* The first n bytes of the word stand as they are: only what is behind them is
 * completed. */
void complete_keep(size_t n);

/* ---- complete_store.c ---- */
/* Names of fields, as -F, -s and has: take them. */
void complete_labels(const char *kind);

#endif
