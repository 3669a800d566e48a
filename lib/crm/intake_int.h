/* SPDX-License-Identifier: MIT */
/* Between intake.c, intake_row.c and intake_report.c. */
#ifndef CRM_INTAKE_INT_H
#define CRM_INTAKE_INT_H

#include "base/arena.h"
#include "crm/intake.h"

struct intaking {
	const struct intake_opts *o;
	const struct intake_mail *mails;
	size_t n;
	struct spool *bodies;
	struct intake_result *results;
	struct op *op;
	struct arena a; /* of the mail at hand */
	struct err err;
	/* People nobody has, for the notes of the run. */
	size_t unknown, erased;
};

/* ---- intake_row.c: rows of this operation ---- */
const struct kind *intake_kind(const struct intaking *, const char *name);
/* Sets a label, or adds a value to one that holds several; `text` as typed.  A
 * label that the schema lacks is passed over. */
int intake_set(struct intaking *, struct row *, const char *label,
    struct str text, struct err *) BASE_MUST;
int intake_set_id(struct intaking *, struct row *, const char *label,
    const struct id *, struct err *) BASE_MUST;
int intake_set_time(struct intaking *, struct row *, const char *label,
    int64_t ms, struct err *) BASE_MUST;
/* Stored bytes of a label, or none. */
struct str intake_get(const struct row *, const char *label);
bool intake_get_id(const struct row *, const char *label, struct id *);
/* Adds it, or puts it in the place of `before`, and tells. */
int intake_store(struct intaking *, const struct row *before, struct row *,
    struct err *) BASE_MUST;
/* The owner of a value of a field that is unique: 1, 0, -1. */
int intake_unique(struct intaking *, const char *kind, const char *label,
    struct str canon, struct id *, struct err *) BASE_MUST;

/* ---- intake_report.c ---- */
/* What a report does to the message that it is about, once it is logged. */
int intake_report(struct intaking *, const struct intake_mail *,
    const struct row *message, struct err *) BASE_MUST;

#endif
