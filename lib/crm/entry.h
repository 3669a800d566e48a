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
	const struct kind *kind;	/* of the entries; NULL: each line says */
	struct str type;		/* activity type, or none */
};
/* 2 with the nearest where it is no verb. */
int entry_verb(const struct schema *, struct str word, struct entry_verb *,
    struct err *) BASE_MUST;
/* Whether it is one at all. */
bool entry_is_verb(const struct schema *, struct str word);
/* The field where words go: of the kind, `text`; none: NULL. */
const struct field *entry_text_field(const struct kind *);

/* The reference label by which an entry names a record of this kind:
 * contact_id, company_id, deal_id, case_id; NULL: it stands on no one's
 * timeline. */
const char *entry_ref(const struct kind *entry, const struct kind *subject);
/* The record that a word names among those (contact, company, deal, case). */
int entry_subject(struct reading *, const struct crm_env *, struct str word,
    bool line, struct id *, const struct kind **, struct err *) BASE_MUST;

/*
 * The follow-up of --next 'WHEN [TITLE]': due, title, type and owner, with
 * the references of the entry.  owner: of the contact, or none.
 */
int entry_next(const struct schema *, const struct crm_env *, struct str next,
    const struct entry_verb *, const struct rec *entry, struct str text,
    struct str owner, struct arena *, struct rec *task, struct err *)
    BASE_MUST;

#endif
