/* SPDX-License-Identifier: MIT */
/*
 * Fingerprints of addresses (PEOPLE.md 2): HMAC-SHA-256 under the store's key
 * of `s`, NUL and the address: a mail address whole in lower case, a phone as
 * E.164 without its extension.  Who has them but not the key knows nobody.
 */
#ifndef CRM_SUPPRESS_H
#define CRM_SUPPRESS_H

#include "base/err.h"
#include "base/vec.h"
#include "crm/secret.h"
#include "record/row.h"
#include "store/db.h"
#include "store/erased.h"

/* Of an address in its canonical form (FORMAT.md 5). */
void suppress_print(const struct secret *, struct str address, struct print *);
/* What tells one key from another. */
void suppress_mark(const struct secret *, struct print *);
/*
 * The key, before addresses are asked for or suppressed.  suppress_key: 1;
 * 0: none is suppressed, no key is needed.  suppress_key_make makes it with
 * the first that is suppressed.  78: there are some, and their key is gone or
 * another's.
 */
int suppress_key(
    struct reading *, const char *url, struct secret *, struct err *) BASE_MUST;
int suppress_key_make(
    struct op *, const char *url, struct secret *, struct err *) BASE_MUST;
/* Each mail address and phone of a record. */
struct prints {
	struct print *v;
	size_t n, cap;
};
void suppress_row(const struct secret *, const struct row *, struct prints *);

#endif
