/* SPDX-License-Identifier: MIT */
/*
 * vCard 2.1, 3.0, 4.0 (RFC 2426, 6350) as a format of records: the reader and
 * writer stand in formats[] as `vcard`; here is what else needs cards
 * (INTEGRATIONS.md 2).
 */
#ifndef FORMAT_VCARD_H
#define FORMAT_VCARD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "record/rec.h"
#include "record/schema.h"

enum vcard_version { VCARD_AS_IS = 0, VCARD_3 = 3, VCARD_4 = 4 };

/*
 * Appends the card of a contact line.  `was`: the bytes of the file that
 * holds the card now, or none: in it only properties of ours are replaced,
 * every other byte stays, and where nothing of ours differs `out` is `was`
 * byte for byte.  AS_IS: the version of `was`, else 3.0.
 */
int vcard_put(struct buf *out, const struct rec *, const struct schema *,
    enum vcard_version, struct str was, struct err *) BASE_MUST;
/* The UID of the first card in text; none: it has none. */
struct str vcard_uid(struct str text, struct arena *);

#endif
