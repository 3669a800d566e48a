/* SPDX-License-Identifier: MIT */
/*
 * Fields that vCard and iCalendar have no property for travel as X-CRM-LABEL
 * (INTEGRATIONS.md 2, 4).  A property's name has letters, digits and `-`
 * alone: a label with anything else is a parameter,
 * X-CRM-FIELD;NAME=company_id.
 */
#ifndef FORMAT_XCRM_H
#define FORMAT_XCRM_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "format/content.h"
#include "record/schema.h"

/* Appends name and parameter, up to the colon. */
void xcrm_put_name(struct buf *, struct str label);
/* The label that a line `X-CRM-...` stands for: a stored field of the kind or
 * an x.NAME; none where it is neither, or no such line. */
struct str xcrm_label(
    const struct kind *, const struct content_line *, struct arena *);

#endif
