/* SPDX-License-Identifier: MIT */
/*
 * Fields that vCard and iCalendar have no property for travel as X-CRM-LABEL
 * (INTEGRATIONS.md 2, 4).  A property's name has letters, digits and `-`
 * alone, so `_` and `.` of a label become `-`: company_id is X-CRM-COMPANY-ID,
 * x.size X-CRM-X-SIZE.  Where that could be another label too, a parameter
 * says which: X-CRM-X-A-B;X-LABEL=x.a_b.
 */
#ifndef FORMAT_XCRM_H
#define FORMAT_XCRM_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "format/content.h"
#include "record/schema.h"

/* Appends name and parameter, up to the colon.  kind may be NULL. */
void xcrm_put_name(struct buf *, const struct kind *, struct str label);
/* The label that a line `X-CRM-...` stands for: a stored field of the kind or
 * an x.NAME; none where it is neither, or no such line. */
struct str xcrm_label(
    const struct kind *, const struct content_line *, struct arena *);

#endif
