/* SPDX-License-Identifier: MIT */
/*
 * Entries of timelines: what crm-log makes of its operands and lines
 * (FORMAT.md section 8, CLI.md section 18).
 */
#ifndef CRM_ENTRY_H
#define CRM_ENTRY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "crm/env.h"
#include "record/rec.h"
#include "store/db.h"

/* What the verb names: an activity type, or a kind with a timeline. */
struct entry_verb {
	const struct kind *kind; /* of the entries; NULL: each line says */
	struct str type;         /* activity type, or none */
};
/* 2 with the nearest where it is no verb. */
int entry_verb(const struct schema *, struct str word, struct entry_verb *,
    struct err *) BASE_MUST;
/* Whether it is one at all. */
bool entry_is_verb(const struct schema *, struct str word);
/* What a line that is an entry itself says of kind and type, beside the verb
 * of the command: refused (65) where the two differ, or where it is of a kind
 * that is not logged. */
int entry_of_line(const struct schema *, const struct entry_verb *said,
    const struct rec *line, struct entry_verb *, struct err *) BASE_MUST;
/* The field where words go: the one marked `text`, else body or note; NULL:
 * the kind has none. */
const struct field *entry_text_field(const struct kind *);

/* The reference label by which an entry names a record of this kind:
 * contact_id, company_id, deal_id, case_id; NULL: it stands on no one's
 * timeline. */
const char *entry_ref(const struct kind *entry, const struct kind *subject);
/* Whether a label of this kind refers to another record. */
bool entry_is_ref(const struct kind *, struct str label);
/* The record that a word names among those (contact, company, deal, case). */
int entry_subject(struct reading *, const struct crm_env *, struct str word,
    bool line, struct id *, const struct kind **, struct err *) BASE_MUST;

/* --next 'WHEN [TITLE]', read once. */
struct entry_next {
	struct str due, title; /* title n 0: from the entry */
};
/* 2 where WHEN is no date. */
int entry_next_parse(const struct schema *, const struct crm_env *,
    struct str word, struct arena *, struct entry_next *,
    struct err *) BASE_MUST;
/*
 * The task that follows an entry, with its references.  owner: whose it is, or
 * none.  The type is the entry's if tasks have it, else todo.
 */
void entry_task(const struct schema *, const struct entry_next *,
    const struct entry_verb *, const struct rec *entry, struct str owner,
    struct arena *, struct rec *task);
/* The owner of the contact that an entry is about, else of the record itself:
 * a view that lasts as long as the reading stands; none: nobody. */
int entry_owner(struct reading *, const struct crm_env *,
    const struct rec *entry, struct str *owner, struct err *) BASE_MUST;

#endif
