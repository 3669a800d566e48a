/* SPDX-License-Identifier: MIT */
/*
 * Fingerprints of addresses (PEOPLE.md 2): HMAC-SHA-256 under the store's key
 * of `s`, NUL and the address: a mail address whole in lower case, a phone as
 * E.164 without its extension.  Who has them but not the key knows nobody.
 */
#ifndef CRM_SUPPRESS_H
#define CRM_SUPPRESS_H

#include "base/vec.h"
#include "crm/secret.h"
#include "record/row.h"
#include "store/erased.h"

/* Of an address in its canonical form (FORMAT.md 5). */
void suppress_print(const struct secret *, struct str address, struct print *);
/* What tells one key from another. */
void suppress_mark(const struct secret *, struct print *);
/* Each mail address and phone of a record. */
struct prints {
	struct print *v;
	size_t n, cap;
};
void suppress_row(const struct secret *, const struct row *, struct prints *);

#endif
