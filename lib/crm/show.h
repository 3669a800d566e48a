/* SPDX-License-Identifier: MIT */
/*
 * The single view of a record: what belongs to it, what refers to it, what
 * happened (CLI.md section 18, crm-show).
 */
#ifndef CRM_SHOW_H
#define CRM_SHOW_H

#include <stdbool.h>
#include <stddef.h>

#include "base/date.h"
#include "base/err.h"
#include "base/id.h"
#include "store/db.h"

enum show_part {
	SHOW_SUBJECT,
	SHOW_COMPANY,
	SHOW_CONTACTS,
	SHOW_REFERS,
	SHOW_REFERRING,
	SHOW_TIMELINE,
};

struct show_opts {
	bool timeline_only;
	bool no_timeline;           /* the parts before it alone */
	const struct period *since; /* NULL: all */
	size_t limit;               /* of the timeline; 0: all */
};

/* Calls fn for each record of the view in order; none comes twice for one
 * subject.  fn returns 0, or -1 with err. */
int show_each(struct reading *, const struct id *subject,
    const struct show_opts *,
    int (*fn)(void *arg, enum show_part, struct dbrec *, struct err *),
    void *arg, struct err *) BASE_MUST;

#endif
