/* SPDX-License-Identifier: MIT */
/*
 * Live completion: `PROG --crm-complete -- WORD...`; the last word is the one
 * to complete.  Answers are whole words, a tab, a gloss; at most 200; from the
 * store opened read-only.  Whatever is missing, busy or damaged: nothing, and
 * exit 0 (CLI.md section 12).
 */
#ifndef APP_COMPLETE_H
#define APP_COMPLETE_H

#include <stdbool.h>

#include "app/opt.h"
#include "base/buf.h"
#include "base/str.h"

enum { COMPLETE_MAX = 200 };

/* Options and verbs of the table, else what cmd->complete adds. */
void complete_answer(const struct cmd *, int n, char **words, struct buf *out);

/* For cmd->complete: adds an answer if it begins with the word at hand. */
void complete_add(struct str answer, const char *gloss);
/* The word at hand. */
struct str complete_word(void);
/* The kind that the words before name (kind:deal), else contact. */
const char *complete_kind(void);

/* Ready-made: fields with their colon and their values (enum values, tags,
 * bools) as query terms; `presence`: has: and no: too. */
void complete_terms(const char *kind, bool presence);
/* Fields as operands of a writer: label:value. */
void complete_fields(const char *kind);
/* E-mail handles by folded name or address. */
void complete_handles(void);
/* Names of segments; gloss: the query. */
void complete_segments(void);
/* Names of campaigns. */
void complete_campaigns(void);
/* Names of mail templates in the user's folder. */
void complete_templates(void);
/* Names of maps for crm-import there. */
void complete_maps(void);
/* Names of the user's files in a folder below ~/.config, without the ending. */
void own_files(const char *below, struct str ending,
    void (*fn)(void *arg, struct str name), void *arg);
/* Numbers of the newest operations; gloss: what each did. */
void complete_operations(void);
void complete_kinds(bool activities);
/* Channels of the store's policy of consent, or its purposes. */
void complete_policy(bool channels);

/* Whole functions for cmd->complete: handles as operands, and kind: ... */
void complete_subjects(int n, char **words);
/* ... and terms of a query. */
void complete_query(int n, char **words);

#endif
