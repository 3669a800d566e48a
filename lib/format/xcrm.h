/* SPDX-License-Identifier: MIT */
/*
 * Fields that vCard and iCalendar have no property for travel as X-CRM-LABEL
 * (INTEGRATIONS.md 2, 4).  A property's name has letters, digits and `-`
 * alone: a label with anything else is a parameter,
 * X-CRM-FIELD;NAME=company_id.
 */
#ifndef FORMAT_XCRM_H
#define FORMAT_XCRM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "format/content.h"
#include "record/schema.h"

/* Appends name and parameter, up to the colon. */
void xcrm_put_name(struct buf *, struct str label);
bool xcrm_is(struct str name);
/* The label that a line `X-CRM-...` names, in small letters, whatever it is. */
struct str xcrm_named(const struct content_line *, struct arena *);
/* The same where it is a stored field of the kind or an x.NAME; else, and of
 * another line, none. */
struct str xcrm_label(
    const struct kind *, const struct content_line *, struct arena *);

/* ---- a reject file ---- */
/* Appends the two properties that say why an object was refused. */
void xcrm_put_reason(struct buf *, size_t line, struct str why);
/* Whether a property of this name is one of them: read again it is dropped. */
bool xcrm_is_reason(struct str name);

#endif
