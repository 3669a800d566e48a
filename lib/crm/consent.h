/* SPDX-License-Identifier: MIT */
/*
 * The ledger of consent and the list of the suppressed (PEOPLE.md 2), as those
 * who write into them from within an operation need it: crm-consent,
 * crm-log --mail, crm-import.
 */
#ifndef CRM_CONSENT_H
#define CRM_CONSENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"
#include "crm/env.h"
#include "crm/secret.h"
#include "record/row.h"
#include "store/db.h"

/* ---- the ledger of one contact ---- */

struct consent_told {
	struct id id;
	struct str purpose, channel, state;
	struct str basis, source, wording; /* or none */
	int64_t at, expires;               /* ms; expires 0: never */
	bool head;                         /* no other entry names it */
	const struct id *after;
	size_t nafter;
};
/* Oldest first, in the arena.  Of an operation it sees what was flushed. */
int consent_ledger(struct reading *, const struct id *contact, struct arena *,
    struct consent_told **, size_t *n, struct err *) BASE_MUST;
/*
 * What the ledger answers to a question about a purpose, its class and a
 * channel: four cells.  by: the entry that says so, of several the newest; of
 * a grant that ran out that one, state "none"; else NULL.
 */
struct consent_answer {
	const char *state; /* granted, denied, withdrawn, none */
	const struct consent_told *by;
};
struct consent_answer consent_asked_of(const struct consent_told *, size_t n,
    struct str purpose, struct str class, struct str channel, int64_t now);

/* ---- writing ---- */

/* An entry to be; empty: not said.  at 0: now. */
struct consent_say {
	struct id contact;
	struct str purpose; /* declared, or none: marketing */
	struct str channel; /* a consent channel, or `any` */
	struct str state;   /* granted, denied, withdrawn */
	struct str basis, source, wording;
	int64_t at, expires; /* ms; 0: not said */
};
/*
 * Appends an entry that names the heads of its cell; *id is the entry's.
 * *written false: an equal one stands but for `at`, *id is that.  65: at in
 * the future, a wrong channel or purpose.
 */
int consent_append(struct op *, const struct crm_env *,
    const struct consent_say *, struct id *id, bool *written,
    struct err *) BASE_MUST;
/* The row of an entry, without its `after`, in the arena.  65: a wrong channel
 * or purpose. */
int consent_row(struct op *, const struct crm_env *, const struct consent_say *,
    struct arena *, struct row *, struct err *) BASE_MUST;
/*
 * The same for a row that somebody else stores: 0: it has its `after` now; 1:
 * an equal one stands, *standing; -1.  What the operation wrote about this
 * contact has to be flushed.
 */
int consent_settle(struct op *, const struct crm_env *, struct row *,
    struct arena *, struct id *standing, struct err *) BASE_MUST;

/* ---- suppression ---- */

/* Why an address is suppressed, kept beside its fingerprint. */
#define SUPPRESS_BOUNCE "bounce"
#define SUPPRESS_HAND "by hand"
/* Canonical form of a mail address or a phone, in the arena; country: of
 * national numbers, none: the schema's.  65: it is neither. */
int consent_address(const struct schema *, struct str country,
    struct str address, struct arena *, struct str *, struct err *) BASE_MUST;
/* Suppresses an address (mail or phone, any accepted form): *added false: it
 * was already.  65: it is neither.  The key: suppress_key_make. */
int consent_suppress(struct op *, const struct secret *, struct str address,
    const char *why, bool *added, struct err *) BASE_MUST;

#endif
