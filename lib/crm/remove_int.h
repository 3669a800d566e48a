/* SPDX-License-Identifier: MIT */
/*
 * Insides of a removal: remove.c (handles, the transaction), remove_plan.c
 * (what goes, what is in the way), erase.c (persons, for good).
 */
#ifndef CRM_REMOVE_INT_H
#define CRM_REMOVE_INT_H

#include "base/arena.h"
#include "crm/names.h"
#include "crm/remove.h"
#include "crm/secret.h"
#include "store/erased.h"

struct removal_item {
	struct str handle, rev;
	const struct kind *kind; /* of its line, or NULL */
	size_t number;
	struct id id;
	bool refused, repeated;
	struct str segment; /* its name, of a segment: queries say it */
};

/* A record that goes; of which item. */
struct victim {
	struct id id;
	const struct kind *kind;
	size_t item;
};

/* A record that refers to a victim. */
struct tie {
	struct id id;
	const struct kind *kind;
	size_t item;
	struct id target;
	bool needs; /* it cannot be without what it refers to */
};

struct removal {
	struct db *db;
	struct crm_env env;
	struct removal_opts opts;
	struct arena words; /* of the items */
	struct arena arena; /* of one run of the transaction */
	VEC(struct removal_item) items;
	struct names set;           /* ids of victims */
	VEC(struct victim) victims; /* what was named first */
	VEC(struct tie) ties;
	size_t refused;
	bool doomed;
	struct err *err; /* of removal_commit */
	struct removal_result result;
	VEC(struct id) mails; /* messages erased: their files go too */
	struct erased *ledger;
	struct secret secret;
	bool have_secret;
};

/* "3K7BV Marta Gil", in the removal's arena. */
const char *removal_name(struct removal *, struct op *, const struct id *);
void removal_refuse(struct removal *, size_t item, struct err *why);
void removal_count(struct removal_kinds *, const struct kind *);

/* ---- remove_plan.c ---- */
/* Finds what goes; refuses items that something stands in the way of. */
int removal_plan(struct removal *, struct op *, struct err *) BASE_MUST;
/* Takes the references out of what stays, removes what goes. */
int removal_do(struct removal *, struct op *, struct err *) BASE_MUST;

/* ---- erase.c ---- */
/* Whether a record may be erased: a contact, not on hold. */
int removal_person(
    struct removal *, struct op *, const struct row *, struct err *) BASE_MUST;
/* Whether the item is somebody who was removed before, and may be erased:
 * the whole id alone names them.  1, 0, -1. */
int removal_removed(struct removal *, struct op *, struct removal_item *,
    struct err *) BASE_MUST;
int removal_erase(struct removal *, struct op *, struct err *) BASE_MUST;
/* After the transaction: 0 committed.  Takes the ledger back where it was
 * not. */
int removal_erase_end(struct removal *, int rc, struct err *) BASE_MUST;

#endif
